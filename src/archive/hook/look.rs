//! One hook: its command, the files that it runs, and those that these import, looked at one after the other.

use std::collections::{BTreeSet, VecDeque};

use super::command::{self, Part};
use super::files::{self, Bundled, Files};
use super::gyp::{self, Gyp};
use super::script::Script;
use super::{Harmless, HookReport, HookVerdict, Sight, SightKind, imports, path, plain, sights};
use crate::text::Untrusted;

/// The most files that are looked at for one hook.
const MOST_FILES: usize = 10;

/// The most bytes that are looked at for one hook; scripts of installation are short.
const MOST_BYTES: usize = 4 << 20;

/// The longest excerpt, in characters.
const LONGEST_EXCERPT: usize = 120;

/// How much of a long line an excerpt shows in front of the place, in characters.
const BEFORE: usize = 30;

/// Looks at a hook.
pub(super) fn report(hook: &str, command: &str, files: &Files<'_>) -> HookReport {
    let mut look = Look::of(files);
    let place = Place {
        file: None,
        source: command,
    };
    for part in command::parts_of_hook(command) {
        look.part(part, place, 0);
    }
    while let Some((file, runner)) = look.queue.pop_front() {
        look.file(&file, runner);
    }
    HookReport {
        hook: hook.to_owned(),
        command: Untrusted::from(command.to_owned()),
        verdict: look.verdict(),
        target: look.target.map(Untrusted::from),
        sights: look.sights,
    }
}

/// What runs a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Runner {
    /// Node, which has its own rules of finding files.
    Node,
    /// A shell.
    Shell,
    /// The program in its first line.
    Itself,
}

/// Text that is looked at.
#[derive(Clone, Copy)]
struct Place<'s> {
    /// Its path; none for the command itself.
    file: Option<&'s str>,
    source: &'s str,
}

struct Look<'f> {
    files: &'f Files<'f>,
    sights: Vec<Sight>,
    /// Whether something in it was not understood.
    is_unclear: bool,
    is_build: bool,
    target: Option<String>,
    queue: VecDeque<(String, Runner)>,
    /// How many bytes may still be looked at.
    left: usize,
    queued: BTreeSet<String>,
}

impl<'f> Look<'f> {
    fn of(files: &'f Files<'f>) -> Self {
        Self {
            files,
            sights: Vec::new(),
            is_unclear: false,
            is_build: false,
            target: None,
            queue: VecDeque::new(),
            left: MOST_BYTES,
            queued: BTreeSet::new(),
        }
    }

    fn verdict(&self) -> HookVerdict {
        if !self.sights.is_empty() {
            HookVerdict::Suspicious
        } else if self.is_unclear {
            HookVerdict::Unclear
        } else if self.is_build {
            HookVerdict::Harmless(Harmless::Build)
        } else {
            HookVerdict::Harmless(Harmless::Message)
        }
    }

    /// Looks at a part of a command that stands at a place, `at` bytes from its start. Commands run in the package's folder.
    fn part(&mut self, part: Part, place: Place<'_>, at: usize) {
        match part {
            Part::Nothing => {}
            Part::Build => self.build(),
            Part::Gyp => {
                self.build();
                self.gyp();
            }
            Part::Prebuilt => {
                self.build();
                self.is_unclear |= self.files.names_binary_host();
            }
            Part::Code(code) => self.code(&code),
            Part::Script(path) => self.follow(self.files.resolve("", &path), Runner::Node),
            Part::File(path) => self.follow(files::exact("", &path), Runner::Itself),
            Part::Shell(path) => self.follow(files::exact("", &path), Runner::Shell),
            Part::Network => self.see(SightKind::Network, place, at),
            Part::Fetched => self.see(SightKind::DynamicCode, place, at),
            Part::Encoded => self.see(SightKind::Encoded, place, at),
            Part::Unknown => self.is_unclear = true,
        }
    }

    fn build(&mut self) {
        self.is_build = true;
        self.is_unclear |= self.files.bundled() == Bundled::Packages;
    }

    fn gyp(&mut self) {
        for file in self.files.gyp() {
            let Some(source) = self.files.text(file) else {
                self.is_unclear = true;
                continue;
            };
            let place = Place {
                file: Some(file),
                source,
            };
            match gyp::read(source) {
                Gyp::Plain => {}
                Gyp::Runs(at) => self.see(SightKind::Process, place, at),
                Gyp::Unclear => self.is_unclear = true,
            }
        }
    }

    /// Queues a file; what is nowhere or one too many stays unclear.
    fn follow(&mut self, file: Option<String>, runner: Runner) {
        let Some(file) = file else {
            self.is_unclear = true;
            return;
        };
        if self.queued.contains(&file) {
            return;
        }
        if self.queued.len() == MOST_FILES {
            self.is_unclear = true;
            return;
        }
        self.queued.insert(file.clone());
        self.queue.push_back((file, runner));
    }

    fn file(&mut self, file: &str, runner: Runner) {
        if path::ending(file) == Some("json") && runner == Runner::Node {
            // Data, which Node parses and does not run.
            return;
        }
        let source = self.files.text(file).filter(|text| text.len() <= self.left);
        let Some(source) = source else {
            self.is_unclear = true;
            return;
        };
        self.left -= source.len();
        self.target.get_or_insert_with(|| file.to_owned());
        let place = Place {
            file: Some(file),
            source,
        };
        match language(file, source, runner) {
            Some(Language::Shell) => self.shell(place),
            Some(Language::JavaScript) => self.script(place),
            None => self.is_unclear = true,
        }
    }

    /// Looks at the lines of a shell script; a construct over several lines is unknown and so stays unclear.
    fn shell(&mut self, place: Place<'_>) {
        let mut at = 0;
        for line in place.source.split_inclusive('\n') {
            for part in command::parts(line) {
                self.part(part, place, at);
            }
            at += line.len();
        }
    }

    fn code(&mut self, code: &str) {
        self.script(Place {
            file: None,
            source: code,
        });
    }

    fn script(&mut self, place: Place<'_>) {
        let script = Script::read(place.source);
        for seen in sights::of(place.source, &script) {
            self.see(seen.kind, place, seen.at);
        }
        self.is_unclear |= !plain::is_plain(&script, self.files.bundled());
        let folder = place.file.map_or("", path::folder);
        for import in imports::of(&script) {
            if let Some(relative) = import.relative() {
                self.follow(self.files.resolve(folder, relative), Runner::Node);
            }
        }
    }

    /// Notes a sight, once for each file.
    fn see(&mut self, kind: SightKind, place: Place<'_>, at: usize) {
        let file = place.file.map(|file| Untrusted::from(file.to_owned()));
        let is_known = |sight: &Sight| sight.kind == kind && sight.file == file;
        if self.sights.iter().any(is_known) {
            return;
        }
        let (line, excerpt) = excerpt(place.source, at);
        self.sights.push(Sight {
            kind,
            file,
            line,
            excerpt,
        });
    }
}

enum Language {
    JavaScript,
    Shell,
}

/// Tells what a file is written in; none for all but two languages.
fn language(file: &str, source: &str, runner: Runner) -> Option<Language> {
    let ending = path::ending(file);
    let is_script = matches!(ending, Some("js" | "cjs" | "mjs"));
    let first = source.lines().next().unwrap_or_default();
    let program = first.strip_prefix("#!").map(str::trim_end);
    match (runner, program) {
        (Runner::Shell, _) => Some(Language::Shell),
        (Runner::Node, _) => (is_script || ending.is_none()).then_some(Language::JavaScript),
        (Runner::Itself, Some("/usr/bin/env node" | "/usr/bin/node")) => Some(Language::JavaScript),
        (Runner::Itself, Some(program)) => {
            let name = program.rsplit(['/', ' ']).next().unwrap_or_default();
            matches!(name, "sh" | "bash" | "dash" | "zsh").then_some(Language::Shell)
        }
        (Runner::Itself, None) => match ending {
            Some("sh") => Some(Language::Shell),
            _ => is_script.then_some(Language::JavaScript),
        },
    }
}

/// Returns the line of a place, counted from 1, and its text around the place.
fn excerpt(source: &str, at: usize) -> (u32, Untrusted<'static>) {
    let before = source.get(..at).unwrap_or_default();
    let line = u32::try_from(memchr::memchr_iter(b'\n', before.as_bytes()).count())
        .unwrap_or(u32::MAX - 1)
        + 1;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let text = source[start..].lines().next().unwrap_or_default();
    let column = source[start..before.len()].chars().count();
    let skipped = if column + BEFORE < LONGEST_EXCERPT {
        0
    } else {
        column - BEFORE
    };
    let shown: String = text
        .trim_end()
        .chars()
        .skip(skipped)
        .take(LONGEST_EXCERPT)
        .collect();
    (line, Untrusted::from(shown.trim().to_owned()))
}
