//! The terminal: whether it shows colour, how wide it is, and the one place that writes to it.

use std::env;
use std::io::{self, IsTerminal, Write};

use super::error::Error;
use crate::lockfile::{Problem, ProblemSeverity, SourceFile};
use crate::report::style::Detail;
use crate::report::{Glyphs, Presentation, Style, excerpt};
use crate::text::Untrusted;

/// The widest report, in columns.
const WIDEST: u16 = 100;

/// When colour is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum ColorChoice {
    /// Always.
    Always,
    /// Never.
    Never,
    /// If the place shows it and no environment variable objects.
    #[default]
    Auto,
}

/// Standard error, as a place for people.
pub(super) struct Terminal {
    presentation: Presentation,
}

impl Terminal {
    /// Takes standard error, before any option is known.
    pub(super) fn of_errors() -> Self {
        Self::new(ColorChoice::Auto, Detail::Normal)
    }

    /// Takes standard error.
    pub(super) fn new(color: ColorChoice, detail: Detail) -> Self {
        Self {
            presentation: presentation(color, detail, io::stderr().is_terminal()),
        }
    }

    /// Says what ended the run.
    pub(super) fn say_error(&self, error: &Error) {
        let _ = self.write_error(error);
    }

    /// Says what did not work and does not end the run, and what to do about it.
    pub(super) fn say_warning(&self, what: &Untrusted<'_>, remedy: &str) {
        if self.presentation.detail > Detail::Quiet {
            let mut out = io::stderr().lock();
            let word = self.presentation.style.warning("warning:");
            let _ = writeln!(out, "{word} {}", what.terminal());
            let _ = self.write_help(&mut out, &Untrusted::from(remedy.to_owned()));
        }
    }

    /// Says what was wrong with an input, with the line if the file may be repeated; notes only where everything is told.
    pub(super) fn say_problem(&self, problem: &Problem, file: Option<&SourceFile>) {
        let is_told = match self.presentation.detail {
            Detail::Quiet => problem.severity == ProblemSeverity::Error,
            Detail::Normal => problem.severity <= ProblemSeverity::Warning,
            Detail::Full => true,
        };
        if is_told {
            let _ = self.write_problem(problem, file);
        }
    }

    fn write_error(&self, error: &Error) -> io::Result<()> {
        let mut out = io::stderr().lock();
        writeln!(out, "{} {error}", self.presentation.style.error("error:"))?;
        if let Some(excerpt) = &error.excerpt {
            let (file, span, label) = (&excerpt.file, excerpt.span, &excerpt.label);
            excerpt::write(&mut out, file, span, label, &self.presentation)?;
        }
        let mut hints = error.hints.iter();
        hints.try_for_each(|hint| self.write_help(&mut out, hint))?;
        error
            .others
            .iter()
            .try_for_each(|other| self.write_error(other))
    }

    /// Writes a problem at once: standard error passes on every escaped character by itself.
    fn write_problem(&self, problem: &Problem, file: Option<&SourceFile>) -> io::Result<()> {
        let mut out = Vec::new();
        self.write_problem_to(&mut out, problem, file)?;
        io::stderr().lock().write_all(&out)
    }

    fn write_problem_to(
        &self,
        out: &mut dyn Write,
        problem: &Problem,
        file: Option<&SourceFile>,
    ) -> io::Result<()> {
        let style = self.presentation.style;
        match problem.severity {
            ProblemSeverity::Error => write!(out, "{} ", style.error("error:"))?,
            ProblemSeverity::Warning => write!(out, "{} ", style.warning("warning:"))?,
            ProblemSeverity::Note => write!(out, "{} ", style.strong("note:"))?,
        }
        let path = problem.path.untrusted();
        writeln!(out, "{}: {}", path.terminal(), problem.message.terminal())?;
        match (problem.location, file) {
            (Some(location), Some(file)) => {
                let word = file.word_at(location);
                excerpt::write(out, file, word, &Untrusted::default(), &self.presentation)?;
            }
            (Some(location), None) => {
                let (line, column) = (location.line, location.column);
                let corner = self
                    .presentation
                    .style
                    .faint(self.presentation.glyphs.corner);
                writeln!(out, "    {corner} {}:{line}:{column}", path.terminal())?;
            }
            (None, _) => {}
        }
        problem
            .help
            .iter()
            .try_for_each(|help| self.write_help(out, help))
    }

    fn write_help(&self, out: &mut dyn Write, help: &Untrusted<'_>) -> io::Result<()> {
        writeln!(
            out,
            "    {} help   {}",
            self.presentation.style.faint("="),
            self.presentation.style.fix(help.terminal())
        )
    }
}

/// Says whether standard error shows colour.
pub(super) fn errors_show_color(color: ColorChoice) -> bool {
    shows_color(color, io::stderr().is_terminal())
}

/// Tells what standard output shows.
pub(super) fn of_output(color: ColorChoice, detail: Detail) -> Presentation {
    presentation(color, detail, io::stdout().is_terminal())
}

fn presentation(color: ColorChoice, detail: Detail, is_terminal: bool) -> Presentation {
    let size = if is_terminal {
        terminal_size::terminal_size()
    } else {
        None
    };
    Presentation {
        width: size
            .map_or(WIDEST, |(width, _)| width.0.clamp(40, WIDEST))
            .into(),
        height: size.map(|(_, height)| height.0.into()),
        style: if shows_color(color, is_terminal) {
            Style::Ansi
        } else {
            Style::Plain
        },
        glyphs: if is_utf8() {
            &Glyphs::UNICODE
        } else {
            &Glyphs::ASCII
        },
        detail,
    }
}

/// `--color`, then `NO_COLOR`, `CLICOLOR_FORCE` or `FORCE_COLOR`, `CLICOLOR=0`, then the place itself.
pub(super) fn shows_color(color: ColorChoice, is_terminal: bool) -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_forced = |name| is_set(name) && env::var_os(name).is_some_and(|value| value != "0");
    match color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if is_set("NO_COLOR") => false,
        ColorChoice::Auto if is_forced("CLICOLOR_FORCE") || is_forced("FORCE_COLOR") => true,
        ColorChoice::Auto if env::var_os("CLICOLOR").is_some_and(|value| value == "0") => false,
        ColorChoice::Auto => is_terminal && env::var_os("TERM").is_none_or(|term| term != "dumb"),
    }
}

/// The locale's character set; none stated means UTF-8, as on every current system.
fn is_utf8() -> bool {
    let stated = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(|name| env::var(name).ok())
        .find(|value| !value.is_empty());
    stated.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8") || locale == "c" || locale == "posix"
    })
}

/// Writes to standard output.
pub(super) fn write_output(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}
