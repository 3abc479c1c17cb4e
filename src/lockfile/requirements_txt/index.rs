//! Where packages come from: the index of the file, and what is looked at beside it.
//!
//! pip takes the last index that it meets, in the file or in what it includes. Several that differ are not put in
//! order here: the one that is not the public registry is judged, so that no order of lines hides it.

use rustc_hash::FxHashSet;

use crate::lockfile::check;
use crate::lockfile::model::{Problem, ProblemSeverity};
use crate::package::address::host_name;
use crate::package::{Ecosystem, Source};
use crate::path::FilePath;
use crate::text::Untrusted;

/// At most this many places beside the index are told.
const EXTRAS: usize = 20;

/// The indexes of a file and of what it includes.
#[derive(Default)]
pub(super) struct Indexes<'a> {
    /// The last one that is not the public registry.
    other: Option<Untrusted<'a>>,
    public: Option<Untrusted<'a>>,
    differ: bool,
    /// Whether no index is used at all.
    pub(super) has_none: bool,
    extras: FxHashSet<(String, String)>,
}

impl<'a> Indexes<'a> {
    pub(super) fn add(&mut self, address: Untrusted<'a>) {
        if Source::registry(Ecosystem::Pypi, address.clone()).is_public() {
            self.differ |= self.other.is_some();
            self.public = Some(address);
            return;
        }
        let known = self.other.as_ref();
        self.differ |= self.public.is_some() || known.is_some_and(|known| *known != address);
        self.other = Some(address);
    }

    /// Returns the address of the index that packages are judged to come from.
    pub(super) fn judged(&self) -> Option<&Untrusted<'a>> {
        self.other.as_ref().or(self.public.as_ref())
    }

    /// Says that several indexes are given.
    pub(super) fn problem(&self, path: &FilePath) -> Option<Problem> {
        let other = self.other.as_ref().filter(|_| self.differ)?;
        let host = host_name(other.as_str()).unwrap_or_default();
        let message = format!(
            "several indexes are given, of which pip takes the last; packages are judged as those of `{}`",
            check::excerpt(&(*host).into())
        );
        let problem = Problem::new(path.clone(), ProblemSeverity::Warning, message);
        Some(problem.help("leave one --index-url in the file and what it includes"))
    }

    /// Says whether a host is new as a place beside the index.
    pub(super) fn is_new_extra(&mut self, option: &str, host: &str) -> bool {
        self.extras.len() < EXTRAS && self.extras.insert((option.to_owned(), host.to_owned()))
    }
}
