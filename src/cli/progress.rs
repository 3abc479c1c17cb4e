//! What a person sees of a download, on standard error: a bar, a line, or nothing.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::fetch::feed::Watch;
use crate::report::style::Detail;
use crate::report::words::megabytes;
use crate::text::Untrusted;

/// How long a download lasts before a bar is worth its place.
const PATIENCE: Duration = Duration::from_millis(500);

/// How downloads are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum ProgressChoice {
    /// A bar on a terminal, a line elsewhere
    #[default]
    Auto,
    /// A line for each download
    Plain,
    /// Not at all
    None,
}

/// Tells how downloads go on.
pub(super) struct Progress {
    choice: ProgressChoice,
    bar: Option<Bar>,
    /// The download that a line was written about.
    told: Option<String>,
}

/// A bar, hidden until the download has lasted for a while.
struct Bar {
    bar: ProgressBar,
    since: Instant,
}

impl Progress {
    /// Decides how to tell; `--quiet` tells nothing, and CI services show no bars.
    pub(super) fn new(choice: ProgressChoice, detail: Detail) -> Self {
        let shows_bars = io::stderr().is_terminal() && env::var_os("CI").is_none();
        let choice = match (choice, detail) {
            (_, Detail::Quiet) => ProgressChoice::None,
            (ProgressChoice::Auto, _) if !shows_bars => ProgressChoice::Plain,
            (choice, _) => choice,
        };
        Self {
            choice,
            bar: None,
            told: None,
        }
    }
}

impl Progress {
    /// Says why nothing seems to happen.
    pub(super) fn tell(&self, what: &str) {
        if self.choice != ProgressChoice::None {
            let what = Untrusted::from(what.to_owned());
            let _ = writeln!(io::stderr().lock(), "{}", what.terminal());
        }
    }
}

impl Watch for Progress {
    fn begin(&mut self, what: &str, total: Option<u64>, at: u64) {
        match self.choice {
            ProgressChoice::None => {}
            // A download that is tried again is told once.
            ProgressChoice::Plain if self.told.as_deref() == Some(what) => {}
            ProgressChoice::Plain => {
                self.told = Some(what.to_owned());
                let size =
                    total.map_or_else(String::new, |total| format!(", {}", megabytes(total)));
                let rest = if at > 0 {
                    format!(", going on at {}", megabytes(at))
                } else {
                    String::new()
                };
                let line = format!("fetching the advisories of {what}{size}{rest}\n");
                let _ = io::stderr().lock().write_all(line.as_bytes());
            }
            ProgressChoice::Auto => {
                let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
                bar.set_style(style(total));
                bar.set_message(what.to_owned());
                bar.set_position(at);
                let since = Instant::now();
                self.bar = Some(Bar { bar, since });
            }
        }
    }

    fn advance(&mut self, bytes: u64) {
        let Some(Bar { bar, since }) = &self.bar else {
            return;
        };
        bar.inc(bytes);
        if bar.is_hidden() && since.elapsed() >= PATIENCE {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    fn end(&mut self) {
        if let Some(Bar { bar, .. }) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

fn style(total: Option<u64>) -> ProgressStyle {
    let template = match total {
        Some(_) => {
            "fetching the advisories of {msg} [{bar:30}] {bytes} of {total_bytes}, {eta} left"
        }
        None => "fetching the advisories of {msg}: {bytes}",
    };
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}
