//! Records from files, compiled into an index that may take the place of the one at hand.

use camino::Utf8Path;
use jiff::Timestamp;
use thiserror::Error;

use super::records::{self, RecordSource, RecordsError};
use super::{Loss, StoreError, StoreLock};
use crate::advisory::index::compile::Compiler;
use crate::advisory::osv::{self, OsvAdvisory};
use crate::package::Ecosystem;

/// The largest index that is made, in bytes; the largest real one is a tenth of it.
const LARGEST: usize = 512 << 20;

/// An index in the making, and what could not be read for it.
#[derive(Debug)]
pub struct Compiled {
    /// The records.
    pub compiler: Compiler,
    /// The first record that could not be read, and why.
    pub first_unread: Option<String>,
}

/// What an index holds that took the place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// How many records.
    pub records: usize,
    /// How many could not be read.
    pub unread: u32,
    /// The first that could not be read, and why.
    pub first_unread: Option<String>,
    /// How many records its server lists and did not deliver.
    pub pending: usize,
}

/// Why an index was not replaced.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CompileError {
    /// The records cannot be read.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// They are more than anybody publishes.
    #[error("the records of {0} take more than {LARGEST} bytes")]
    TooLarge(&'static str),
    /// There is none.
    #[error("no record of {0} can be read in {1}")]
    Nothing(&'static str, String),
    /// It would lose what is known.
    #[error(transparent)]
    Loss(#[from] Loss),
    /// It cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Compiled {
    /// Reads all records of some sources of one ecosystem.
    pub fn of(
        ecosystem: Ecosystem,
        sources: &[&RecordSource],
        now: Timestamp,
    ) -> Result<Self, CompileError> {
        let mut compiled = Self {
            compiler: Compiler::new(ecosystem, now),
            first_unread: None,
        };
        for source in sources {
            records::for_each(source, &mut |name, bytes| {
                compiled.add(ecosystem, name, bytes);
            })?;
        }
        if compiled.compiler.bytes() > LARGEST {
            return Err(CompileError::TooLarge(ecosystem.registry_name()));
        }
        if compiled.compiler.records() == 0 {
            let paths = sources.iter().map(|source| source.path.as_path());
            let paths = paths.map(Utf8Path::as_str).collect::<Vec<_>>().join(", ");
            return Err(CompileError::Nothing(ecosystem.registry_name(), paths));
        }
        Ok(compiled)
    }

    /// Adds a record, or counts it as one that could not be read.
    pub fn add(&mut self, ecosystem: Ecosystem, name: &str, bytes: &[u8]) {
        if self.compiler.bytes() > LARGEST {
            // What comes after is not even read; the index will not be made.
            return;
        }
        match osv::read(bytes, ecosystem) {
            Ok(advisory) => self.take(name, &advisory),
            Err(error) => self.miss(&format!("{name}: {error}")),
        }
    }

    /// Adds a record that was read.
    pub fn take(&mut self, name: &str, advisory: &OsvAdvisory) {
        self.compiler.add(advisory);
        if advisory.unread > 0 {
            self.note_unread(&format!("{name}: an entry names no package"));
        }
    }

    fn miss(&mut self, why: &str) {
        self.compiler.miss();
        self.note_unread(why);
    }

    /// Keeps the first reason for which a record could not be read.
    pub fn note_unread(&mut self, why: &str) {
        self.first_unread.get_or_insert_with(|| why.to_owned());
    }

    /// Puts the index in the place of the one at hand, unless that would lose what is known.
    pub fn replace(
        self,
        lock: &StoreLock,
        ecosystem: Ecosystem,
        now: Timestamp,
    ) -> Result<Taken, CompileError> {
        let compiler = &self.compiler;
        let (records, newest) = (compiler.records(), compiler.newest());
        lock.store().check_loss(ecosystem, records, newest, now)?;
        lock.replace(ecosystem, |out| compiler.write(out))?;
        Ok(Taken {
            records,
            unread: compiler.unread(),
            first_unread: self.first_unread,
            pending: 0,
        })
    }
}
