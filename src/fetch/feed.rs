//! Feeds of advisories: what a server in OSV's export layout holds → the index of an ecosystem.
//!
//! ```text
//! BASE/<ecosystem>/modified_id.csv    what has changed, newest first
//! BASE/<ecosystem>/all.zip            every record
//! BASE/<ecosystem>/<id>.json          one record
//! ```
//!
//! An index that came from the same base is brought up to date by the records that have changed since; any
//! other, or one that too much has changed for, is made anew from the archive. Whatever fails, the index at
//! hand stays. Names of packages never leave this machine: what is asked for is the same for everybody.

use std::io;

use jiff::Timestamp;
use rustc_hash::FxHashSet;
use thiserror::Error;

use super::{Client, FetchError, Held, Next, Request, Sink, Start};
use crate::advisory::changes::{Change, Changes, ChangesError, ChangesReader, Reached};
use crate::advisory::index::IndexError;
use crate::advisory::index::compile::Compiler;
use crate::advisory::model::AdvisoryId;
use crate::package::{Ecosystem, RemoteAddress};
use crate::store::compiled::{CompileError, Compiled, Taken};
use crate::store::records::{LARGEST, RecordSource};
use crate::store::{Checked, Download, StoreError, StoreLock, StoredIndex};

/// The most changed records that are fetched one by one; of more the archive is fetched.
pub const MOST_CHANGES: usize = 2_000;

/// The largest archive, in bytes; the largest real one is a tenth of it.
const LARGEST_ARCHIVE: u64 = 4 << 30;

/// The largest list of changes, in bytes.
const LARGEST_LIST: u64 = 1 << 30;

/// The most bytes of changed records that are held at once.
const LARGEST_CHANGES: usize = 512 << 20;

/// By how many seconds a record may look older than its line in the list without being an old one.
const TOLERANCE: i64 = 60;

/// Who watches a download.
pub trait Watch {
    /// A download begins, or begins anew; of how many bytes, where the server says so.
    fn begin(&mut self, what: &str, total: Option<u64>, at: u64);

    /// Bytes have come.
    fn advance(&mut self, bytes: u64);

    /// It has ended, one way or the other.
    fn end(&mut self);
}

/// How much is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What has changed, where that can be told.
    Changes,
    /// Everything.
    Whole,
}

/// What became of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Updated {
    /// It holds all that the feed has.
    Unchanged,
    /// This many records had changed.
    Changed(usize, Taken),
    /// It was made anew.
    Whole(Taken),
}

/// Why an index was not brought up to date.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// Something could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The list of changes is of no use.
    #[error(transparent)]
    Changes(#[from] ChangesError),
    /// The records cannot be read, or would lose what is known.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index at hand is damaged.
    #[error("the index at hand: {0}")]
    Index(#[from] IndexError),
    /// The changed records are larger than what anybody publishes.
    #[error("the records that have changed are larger than {LARGEST_CHANGES} bytes")]
    TooLarge,
}

/// A feed, and where its indexes are kept.
pub struct Feed<'f> {
    /// The client.
    pub client: &'f Client,
    /// Where it lies.
    pub base: &'f RemoteAddress,
    /// The right to write.
    pub lock: &'f StoreLock,
    /// The clock.
    pub now: Timestamp,
}

impl Feed<'_> {
    /// Brings the index of an ecosystem up to date.
    pub fn update(
        &self,
        ecosystem: Ecosystem,
        extent: Extent,
        watch: &mut dyn Watch,
    ) -> Result<Updated, UpdateError> {
        if let Some((stored, reached)) = self.known(ecosystem, extent)
            && let Some(updated) = self.update_changes(ecosystem, &stored, reached)?
        {
            return Ok(updated);
        }
        self.update_whole(ecosystem, watch)
    }

    /// Returns the index at hand and how far it has come, if it came from here.
    fn known(&self, ecosystem: Ecosystem, extent: Extent) -> Option<(StoredIndex, Reached)> {
        if extent == Extent::Whole {
            return None;
        }
        let store = self.lock.store();
        let stored = store.open(ecosystem).ok()??;
        let checked = store.checked(ecosystem, &stored)?;
        let is_from_here = checked.base == self.base.as_str();
        Some((stored, checked.reached.filter(|_| is_from_here)?))
    }

    /// Fetches what has changed; none if that cannot be told, or is too much.
    fn update_changes(
        &self,
        ecosystem: Ecosystem,
        stored: &StoredIndex,
        since: Reached,
    ) -> Result<Option<Updated>, UpdateError> {
        let reader = ChangesReader::since(since, MOST_CHANGES, self.now);
        let changes = match self.list(ecosystem, reader) {
            Ok(changes) => changes,
            Err(UpdateError::Changes(error @ ChangesError::Older(_))) => return Err(error.into()),
            Err(UpdateError::Changes(_) | UpdateError::Fetch(FetchError::NotFound { .. })) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let records = self.records(ecosystem, &changes.records)?;
        if records.is_empty() {
            self.note(ecosystem, Some(changes.reached))?;
            return Ok(Some(Updated::Unchanged));
        }
        let count = records.len();
        let taken = self.merge(ecosystem, stored, &records)?;
        self.note(ecosystem, Some(changes.reached))?;
        Ok(Some(Updated::Changed(count, taken)))
    }

    /// Puts changed records into a copy of an index, and that into its place.
    fn merge(
        &self,
        ecosystem: Ecosystem,
        stored: &StoredIndex,
        records: &[(AdvisoryId, Vec<u8>)],
    ) -> Result<Taken, UpdateError> {
        let changed: FxHashSet<AdvisoryId> = records.iter().map(|(id, _)| id.clone()).collect();
        let mut compiled = Compiled {
            compiler: Compiler::with(&stored.index, &changed, self.now)?,
            first_unread: None,
        };
        for (id, bytes) in records {
            compiled.add_named(ecosystem, id, bytes);
        }
        Ok(compiled.replace(self.lock, ecosystem, self.now)?)
    }

    /// Makes an index anew from the archive, and from single records that the archive lacks.
    fn update_whole(
        &self,
        ecosystem: Ecosystem,
        watch: &mut dyn Watch,
    ) -> Result<Updated, UpdateError> {
        // The list comes first: what changes while the archive is on its way is then found by the next run.
        let changes = match self.list(ecosystem, ChangesReader::whole(self.now)) {
            Ok(changes) => Some(changes),
            Err(UpdateError::Fetch(FetchError::NotFound { .. })) => None,
            Err(error) => return Err(error),
        };
        let mut download = self.archive(ecosystem, watch)?;
        let mut compiled = compile(ecosystem, &mut download, self.now)?;
        if let Some(changes) = &changes {
            self.complete(ecosystem, changes, &mut compiled)?;
        }
        let taken = compiled.replace(self.lock, ecosystem, self.now)?;
        self.note(ecosystem, changes.map(|changes| changes.reached))?;
        download.remove().map_err(FetchError::Keep)?;
        Ok(Updated::Whole(taken))
    }

    /// Adds what the list names and the archive lacks, or holds in an older form.
    fn complete(
        &self,
        ecosystem: Ecosystem,
        changes: &Changes,
        compiled: &mut Compiled,
    ) -> Result<(), UpdateError> {
        let compiler = &compiled.compiler;
        let is_lacking = |change: &&Change| match compiler.added(&change.id) {
            None => true,
            Some(modified) => modified
                .is_some_and(|modified| modified.as_second() + TOLERANCE < change.time.as_second()),
        };
        let lacking = changes.records.iter().filter(is_lacking).cloned();
        let lacking: Vec<Change> = lacking.take(MOST_CHANGES).collect();
        for (id, bytes) in self.records(ecosystem, &lacking)? {
            compiled.add_named(ecosystem, &id, &bytes);
        }
        let is_missing = |change: &&Change| compiled.compiler.added(&change.id).is_none();
        let missing = changes.records.iter().filter(is_missing);
        let asked: FxHashSet<&AdvisoryId> = lacking.iter().map(|change| &change.id).collect();
        // What was asked for and does not exist is gone; what nobody asked for is missing.
        let missing = missing.filter(|change| !asked.contains(&change.id)).count();
        (0..missing).for_each(|_| compiled.compiler.miss());
        if missing > 0 {
            let what = format!("{missing} records are listed, and the archive lacks them");
            compiled.first_unread.get_or_insert(what);
        }
        Ok(())
    }

    fn list(&self, ecosystem: Ecosystem, reader: ChangesReader) -> Result<Changes, UpdateError> {
        let mut sink = List(reader);
        let request = self.request(ecosystem, "modified_id.csv", LARGEST_LIST);
        self.client.read(&request, &mut sink)?;
        Ok(sink.0.finish()?)
    }

    fn archive(
        &self,
        ecosystem: Ecosystem,
        watch: &mut dyn Watch,
    ) -> Result<Download, UpdateError> {
        let mut sink = Archive {
            download: self.lock.download(ecosystem)?,
            watch,
            what: ecosystem.registry_name(),
        };
        let request = self.request(ecosystem, "all.zip", LARGEST_ARCHIVE);
        let read = self.client.read(&request, &mut sink);
        sink.watch.end();
        sink.download.finish().map_err(FetchError::Keep)?;
        read?;
        Ok(sink.download)
    }

    /// Fetches single records; those that do not exist are left out.
    fn records(
        &self,
        ecosystem: Ecosystem,
        changes: &[Change],
    ) -> Result<Vec<(AdvisoryId, Vec<u8>)>, UpdateError> {
        let file = |change: &Change| format!("{}.json", change.id);
        let requests = changes
            .iter()
            .map(|change| self.request(ecosystem, &file(change), LARGEST));
        let mut records = Vec::with_capacity(changes.len());
        let (mut failed, mut size) = (None, 0);
        self.client.read_many(requests.collect(), &mut |at, got| {
            match got {
                Ok(bytes) => {
                    size += bytes.len();
                    records.push((at, bytes));
                }
                Err(FetchError::NotFound { .. }) => {}
                Err(error) => failed = Some(UpdateError::Fetch(error)),
            }
            if size > LARGEST_CHANGES {
                failed = Some(UpdateError::TooLarge);
            }
            if failed.is_some() {
                Next::Enough
            } else {
                Next::More
            }
        });
        if let Some(error) = failed {
            return Err(error);
        }
        records.sort_by_key(|(at, _)| *at);
        let named = |(at, bytes): (usize, Vec<u8>)| (changes[at].id.clone(), bytes);
        Ok(records.into_iter().map(named).collect())
    }

    fn request(&self, ecosystem: Ecosystem, file: &str, largest: u64) -> Request {
        Request {
            address: self.base.below(&[ecosystem.registry_name(), file]),
            largest,
        }
    }

    fn note(&self, ecosystem: Ecosystem, reached: Option<Reached>) -> Result<(), StoreError> {
        let checked = Checked {
            base: self.base.as_str().to_owned(),
            at: self.now,
            reached,
        };
        self.lock.note_checked(ecosystem, &checked)
    }
}

/// Compiles a downloaded archive; one that cannot be read is taken away, so that the next run does not go on with it.
fn compile(
    ecosystem: Ecosystem,
    download: &mut Download,
    now: Timestamp,
) -> Result<Compiled, UpdateError> {
    let source = RecordSource {
        ecosystem,
        path: download.path().to_owned(),
    };
    Compiled::of(ecosystem, &[&source], now).map_err(|error| {
        if let Err(error) = download.start(0, None) {
            tracing::warn!(%error, "a download that is of no use could not be emptied");
        }
        error.into()
    })
}

/// Takes a list of changes.
struct List(ChangesReader);

impl Sink for List {
    fn start(&mut self, _start: &Start) -> io::Result<()> {
        self.0.restart();
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> io::Result<Next> {
        let is_done = self.0.push(bytes);
        Ok(if is_done { Next::Enough } else { Next::More })
    }
}

/// Takes an archive.
struct Archive<'w> {
    download: Download,
    watch: &'w mut dyn Watch,
    what: &'static str,
}

impl Sink for Archive<'_> {
    fn held(&self) -> Option<Held> {
        let (bytes, tag) = self.download.held()?;
        Some(Held {
            bytes,
            validator: tag.to_owned(),
        })
    }

    fn start(&mut self, start: &Start) -> io::Result<()> {
        self.watch.begin(self.what, start.total, start.at);
        self.download.start(start.at, start.validator.as_deref())
    }

    fn take(&mut self, bytes: &[u8]) -> io::Result<Next> {
        self.watch.advance(bytes.len() as u64);
        self.download.write(bytes)?;
        Ok(Next::More)
    }
}
