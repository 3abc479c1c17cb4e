//! requirements.txt of pip: pins, ranges, addresses, and files that include each other.
//!
//! It is a lockfile as far as it pins. A range is an entry without a version: no check looks it up, and
//! `unpinned-source` says how many there are. `line` joins and strips lines, `option` reads options, `written`
//! tells what a requirement is; `reader` walks the file and what it includes, `entry` makes entries of lines.
//! Edges stand in comments alone (`via`, `edges`), and the manifest in the command that wrote the file
//! (`manifest`). `index` keeps what is said about where packages come from, `encoding` how a file says it is written.

mod edges;
mod encoding;
mod entry;
mod index;
mod line;
mod manifest;
mod option;
mod reader;
mod via;
mod written;

use super::limits::Limits;
use super::model::{FormatId, Lockfile, LockfileError, Scope};
use super::span::SourceFile;
use super::{FileNamePattern, LockfileFormat};
use crate::files::Files;
use crate::package::Ecosystem;
use line::Lines;
use option::{Options, Said};
use reader::Reader;
use written::Written;

/// How many pins make a file of any name look like a list of them.
const PINS: usize = 3;

pub(super) struct RequirementsTxt;

impl LockfileFormat for RequirementsTxt {
    fn id(&self) -> FormatId {
        FormatId("requirements-txt")
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Pypi
    }

    fn summary(&self) -> &'static str {
        "requirements files of pip, with what they include; ranges are told as not pinned"
    }

    fn file_names(&self) -> &'static [FileNamePattern] {
        &[
            FileNamePattern::Within("requirements", ".txt"),
            FileNamePattern::InFolder("requirements", ".txt"),
            // Of rye, which writes what pip reads.
            FileNamePattern::Exact("requirements.lock"),
            FileNamePattern::Exact("requirements-dev.lock"),
        ]
    }

    fn manifest(&self) -> Option<&'static str> {
        None
    }

    fn tool(&self) -> &'static str {
        "pip"
    }

    fn relock(&self) -> &'static str {
        "uv pip compile requirements.in -o requirements.txt"
    }

    /// Says whether there is nothing but pins: any text could be one, so nothing odd may stand among them.
    fn recognises(&self, head: &str) -> bool {
        let whole = head.rfind('\n').map_or(head, |end| &head[..end]);
        let mut pins = 0;
        for line in Lines::new(whole).filter(|line| !line.code.is_empty()) {
            let (text, mut options) = split(line.code);
            let is_plain = options.all(|said| !matches!(said, Said::Unknown(_)));
            match Written::parse(&text) {
                Some(Written::Named(requirement)) if requirement.pin().is_some() => pins += 1,
                None if text.is_empty() => {}
                _ => return false,
            }
            if !is_plain {
                return false;
            }
        }
        pins >= PINS
    }

    fn bears_packages(&self, text: &str) -> bool {
        let text = text.trim_start_matches('\u{feff}');
        Lines::new(text).any(|line| !line.code.is_empty())
    }

    fn admits_ranges(&self) -> bool {
        true
    }

    fn parse<'a>(
        &self,
        file: &'a SourceFile,
        files: &dyn Files,
        limits: &Limits,
    ) -> Result<Lockfile<'a>, LockfileError> {
        let mut reader = Reader::new(file, files, limits);
        reader.read_all()?;
        reader.settle();
        manifest::cover(&mut reader);
        edges::connect(&mut reader)?;
        Ok(reader.finish())
    }
}

/// Parts a logical line into a requirement, its line breaks joined, and options.
fn split(code: &str) -> (std::borrow::Cow<'_, str>, Options<'_>) {
    let (text, options) = option::split(code);
    (line::join(text), Options::new(options))
}

/// Tells by a file's name what it is for: a word for development makes it that.
fn scope_of(name: &str) -> Scope {
    const WORDS: [&str; 12] = [
        "dev",
        "devel",
        "develop",
        "development",
        "test",
        "tests",
        "testing",
        "doc",
        "docs",
        "lint",
        "linting",
        "linters",
    ];
    let mut words = name.split(|character: char| !character.is_ascii_alphanumeric());
    let is_for_development =
        words.any(|word| WORDS.iter().any(|known| known.eq_ignore_ascii_case(word)));
    if is_for_development {
        Scope::Dev
    } else {
        Scope::Prod
    }
}

#[cfg(test)]
mod tests;
