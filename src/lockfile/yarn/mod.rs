//! What the three forms of yarn.lock share: descriptors, the project's own packages, and the way from the one to
//! the other. Pure.
//!
//! Yarn asks for a package by a descriptor, a name and a range, and every form of the lockfile says which
//! descriptors each of its records answers. A form turns its file into [`Records`]; `resolver` answers
//! descriptors, and `connect` draws the edges, from the manifests of the project for its own packages and from
//! the records for all others.

mod catalogs;
mod connect;
mod locator;
mod modern;
mod overrides;
mod project;
mod report;
mod resolver;

pub(super) use catalogs::Settings;
pub(super) use connect::{Asking, Form, connect};
pub(super) use locator::is_git_address;
pub(super) use modern::{Modern, Packages, RELOCK, Stated};
pub(super) use project::Project;
pub(super) use report::TOLD;

use super::model::DependencyKind;
use crate::text::Untrusted;

/// A name and a range; the range in the form in which ranges are compared.
#[derive(Debug)]
pub(super) struct Descriptor<'a> {
    pub(super) name: Untrusted<'a>,
    pub(super) range: Untrusted<'a>,
}

/// What a record asks for.
#[derive(Debug)]
pub(super) struct Ask<'a> {
    pub(super) descriptor: Descriptor<'a>,
    pub(super) kind: DependencyKind,
}

/// Where the descriptors and the asks of a record end in the lists of [`Records`], and the entry that it became.
#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    descriptors: usize,
    asks: usize,
    entry: u32,
}

/// The records of a lockfile, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Records<'a> {
    ranges: Ranges,
    descriptors: Vec<Descriptor<'a>>,
    asks: Vec<Ask<'a>>,
    ends: Vec<Ends>,
}

/// One record of [`Records`].
#[derive(Clone, Copy)]
pub(super) struct Record<'r, 'a> {
    /// The entry of the lockfile that it became.
    pub(super) entry: u32,
    /// The descriptors that it answers.
    pub(super) descriptors: &'r [Descriptor<'a>],
    /// What it asks for.
    pub(super) asks: &'r [Ask<'a>],
}

impl<'a> Records<'a> {
    /// Starts a list with room for so many records.
    pub(super) fn new(ranges: Ranges, records: usize) -> Self {
        Self {
            ranges,
            descriptors: Vec::with_capacity(records + records / 2),
            asks: Vec::with_capacity(records * 3),
            ends: Vec::with_capacity(records),
        }
    }

    /// Adds a descriptor to the record that is being written.
    pub(super) fn answer(&mut self, descriptor: Descriptor<'a>) {
        self.descriptors.push(descriptor);
    }

    /// Adds what the record that is being written asks for.
    pub(super) fn ask(&mut self, ask: Ask<'a>) {
        self.asks.push(ask);
    }

    /// Returns the descriptors of the record that is being written.
    pub(super) fn open_descriptors(&self) -> &[Descriptor<'a>] {
        let start = self.ends.last().map_or(0, |ends| ends.descriptors);
        &self.descriptors[start..]
    }

    /// Ends a record, which became an entry.
    pub(super) fn close(&mut self, entry: u32) {
        self.ends.push(Ends {
            descriptors: self.descriptors.len(),
            asks: self.asks.len(),
            entry,
        });
    }

    /// Drops the record that is being written.
    pub(super) fn abandon(&mut self) {
        let last = self.ends.last().copied().unwrap_or_default();
        self.descriptors.truncate(last.descriptors);
        self.asks.truncate(last.asks);
    }

    /// Returns how many records there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns the records.
    fn iter(&self) -> impl Iterator<Item = Record<'_, 'a>> {
        let starts = std::iter::once(Ends::default()).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| Record {
            entry: end.entry,
            descriptors: &self.descriptors[start.descriptors..end.descriptors],
            asks: &self.asks[start.asks..end.asks],
        })
    }
}

/// How ranges of the registry are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Ranges {
    /// As they are asked for: Yarn 1.
    #[default]
    Verbatim,
    /// With `npm:` in front, or without, which is the same: every later Yarn.
    Prefixed,
}

impl Ranges {
    /// Brings a range into the form in which ranges are compared.
    pub(super) fn plain(self, range: &str) -> &str {
        match self {
            Self::Verbatim => range,
            Self::Prefixed => range.strip_prefix("npm:").unwrap_or(range),
        }
    }
}
