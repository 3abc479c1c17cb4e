//! Feeds of advisories: what a server in OSV's export layout holds → the index of an ecosystem.
//!
//! ```text
//! BASE/<ecosystem>/modified_id.csv    what has changed, newest first
//! BASE/<ecosystem>/all.zip            every record
//! BASE/<ecosystem>/<id>.json          one record
//! ```
//!
//! An index that came from the same base is brought up to date by the records that have changed since; any
//! other, or one that too much has changed for, is made anew from the archive. Whatever fails before the new
//! index is whole, the one at hand stays. What the server lists and does not deliver is noted as pending, asked
//! for again, and makes audits incomplete until it comes. Names of packages never leave this machine: what is
//! asked for is the same for everybody.

mod delivered;
mod sinks;

use jiff::Timestamp;
use rustc_hash::FxHashSet;
use thiserror::Error;

use self::delivered::{Delivered, is_older};
use self::sinks::{Archive, List};
use super::{Client, FetchError, Next, Request};
use crate::advisory::changes::{Change, Changes, ChangesError, ChangesReader, Reached};
use crate::advisory::index::compile::Compiler;
use crate::advisory::model::AdvisoryId;
use crate::package::{Ecosystem, RemoteAddress};
use crate::store::compiled::{CompileError, Compiled, Taken};
use crate::store::records::{LARGEST, RecordSource};
use crate::store::{Checked, Download, FeedKind, StoreError, StoreLock, StoredIndex};

/// The most changed records that are fetched one by one; of more the archive is fetched.
pub const MOST_CHANGES: usize = 2_000;

/// The largest archive, in bytes; the largest real one is a tenth of it.
const LARGEST_ARCHIVE: u64 = 4 << 30;

/// The largest list of changes, in bytes.
const LARGEST_LIST: u64 = 1 << 30;

/// The most bytes of changed records that are held at once.
const LARGEST_CHANGES: usize = 512 << 20;

/// The most records that an archive may lack, or hold in an older form.
const MOST_LACKING: usize = 20_000;

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
    /// The same, but everything where the index lacks what could not be read.
    Mend,
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
    /// The archive is not what the list says.
    #[error(
        "the archive lacks {0} of the listed records, or holds older ones: it is an old archive"
    )]
    Lacking(usize),
    /// Another feed of the same server could not be reached.
    #[error("its server cannot be reached")]
    OutOfReach,
    /// The same failure stopped another feed before.
    #[error("it was not tried")]
    NotTried,
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
        if extent != Extent::Whole
            && let Some(known) = self.known(ecosystem, extent)
            && let Some(updated) = self.update_changes(ecosystem, known)?
        {
            return Ok(updated);
        }
        self.update_whole(ecosystem, watch)
    }

    /// Returns the index at hand and how far it has come, if it came from here and lacks nothing that only the archive can mend.
    fn known(&self, ecosystem: Ecosystem, extent: Extent) -> Option<Known> {
        let store = self.lock.store();
        let stored = store.open(ecosystem).ok()??;
        let checked = store.checked(ecosystem, &stored)?;
        let since = checked.reached?;
        // A place that is still to come was reached by a clock that was wrong.
        let is_whole = extent != Extent::Mend || stored.index.header().unread == 0;
        let is_sound = checked.base == self.base.as_str() && since.time <= self.now && is_whole;
        let pending = checked.pending;
        is_sound.then_some(Known {
            stored,
            since,
            pending,
        })
    }

    /// Fetches what has changed; none if that cannot be told, is too much, or is not there.
    fn update_changes(
        &self,
        ecosystem: Ecosystem,
        known: Known,
    ) -> Result<Option<Updated>, UpdateError> {
        let reader = ChangesReader::since(known.since, MOST_CHANGES, self.now);
        let changes = match self.list(ecosystem, reader) {
            Ok(changes) => changes,
            Err(UpdateError::Changes(error @ ChangesError::Older(_))) => return Err(error.into()),
            Err(UpdateError::Changes(_) | UpdateError::Fetch(FetchError::NotFound { .. })) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let mut wanted = changes.records;
        let is_new = |pending: &Change| wanted.iter().all(|change| change.id != pending.id);
        let again: Vec<Change> = known.pending.into_iter().filter(is_new).collect();
        wanted.extend(again);
        let delivered = self.records(ecosystem, &wanted)?;
        if !delivered.absent.is_empty() {
            return Ok(None);
        }
        let Some(updated) = self.merge(ecosystem, &known.stored, delivered, changes.reached)?
        else {
            return Ok(None);
        };
        Ok(Some(updated))
    }

    /// Puts changed records into a copy of an index, and that into its place; none if the index at hand is damaged.
    fn merge(
        &self,
        ecosystem: Ecosystem,
        stored: &StoredIndex,
        delivered: Delivered,
        reached: Reached,
    ) -> Result<Option<Updated>, UpdateError> {
        let unread = delivered.unread.iter();
        let pending: Vec<Change> = unread.map(|(change, _)| change.clone()).collect();
        let why = delivered.unread.into_iter().next().map(|(_, why)| why);
        if delivered.records.is_empty() {
            let header = stored.index.header();
            let taken = Taken {
                records: header.records as usize,
                unread: header.unread,
                first_unread: why,
                pending: pending.len(),
            };
            self.note(ecosystem, Some(reached), pending);
            return Ok(Some(match taken.pending {
                0 => Updated::Unchanged,
                _ => Updated::Changed(0, taken),
            }));
        }
        let changed = delivered.records.iter();
        let changed: FxHashSet<AdvisoryId> = changed.map(|advisory| advisory.id.clone()).collect();
        let Ok(compiler) = Compiler::with(&stored.index, &changed, self.now) else {
            return Ok(None);
        };
        let mut compiled = Compiled {
            compiler,
            first_unread: why,
        };
        for advisory in &delivered.records {
            compiled.take(advisory.id.as_str(), advisory);
        }
        let taken = compiled.replace(self.lock, ecosystem, self.now)?;
        let taken = Taken {
            pending: pending.len(),
            ..taken
        };
        self.note(ecosystem, Some(reached), pending);
        Ok(Some(Updated::Changed(changed.len(), taken)))
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
            // Without a list that can be read the archive is all there is.
            Err(UpdateError::Changes(_) | UpdateError::Fetch(FetchError::NotFound { .. })) => None,
            Err(error) => return Err(error),
        };
        let mut download = self.archive(ecosystem, watch)?;
        let mut compiled = compile(ecosystem, &mut download, self.now)?;
        let pending = match &changes {
            Some(changes) => self.complete(ecosystem, changes, &mut compiled)?,
            None => Vec::new(),
        };
        let taken = compiled.replace(self.lock, ecosystem, self.now)?;
        let taken = Taken {
            pending: pending.len(),
            ..taken
        };
        self.note(ecosystem, changes.map(|changes| changes.reached), pending);
        if let Err(error) = download.remove() {
            tracing::warn!(%error, "a download that was used could not be taken away");
        }
        Ok(Updated::Whole(taken))
    }

    /// Adds what the list names and the archive lacks, or holds in an older form; returns what could not be had.
    fn complete(
        &self,
        ecosystem: Ecosystem,
        changes: &Changes,
        compiled: &mut Compiled,
    ) -> Result<Vec<Change>, UpdateError> {
        let compiler = &compiled.compiler;
        let archived_until = compiler.newest();
        let lacking = changes.records.iter().filter(|change| {
            let modified = compiler.added(&change.id).flatten();
            modified.is_none_or(|modified| is_older(modified, change.time))
        });
        let lacking: Vec<Change> = lacking.cloned().collect();
        if lacking.len() > MOST_LACKING {
            return Err(UpdateError::Lacking(lacking.len()));
        }
        let (asked, left) = lacking.split_at(lacking.len().min(MOST_CHANGES));
        let delivered = self.records(ecosystem, asked)?;
        for advisory in &delivered.records {
            compiled.take(advisory.id.as_str(), advisory);
        }
        // An archive that is newer than a record and lacks it says that the record is gone.
        let is_gone = |change: &Change| {
            change.time.as_second() <= archived_until
                && compiled.compiler.added(&change.id).is_none()
        };
        let absent = delivered
            .absent
            .into_iter()
            .filter(|change| !is_gone(change));
        let mut pending: Vec<Change> = absent.collect();
        pending.extend_from_slice(left);
        if let Some((_, why)) = delivered.unread.first() {
            compiled.note_unread(why);
        } else if let Some(change) = pending.first() {
            compiled.note_unread(&format!("{}: it is listed, and not delivered", change.id));
        }
        pending.extend(delivered.unread.into_iter().map(|(change, _)| change));
        Ok(pending)
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

    /// Fetches single records.
    fn records(&self, ecosystem: Ecosystem, changes: &[Change]) -> Result<Delivered, UpdateError> {
        let file = |change: &Change| format!("{}.json", change.id);
        let requests = changes
            .iter()
            .map(|change| self.request(ecosystem, &file(change), LARGEST));
        let mut answers = Vec::with_capacity(changes.len());
        let (mut failed, mut size) = (None, 0);
        self.client.read_many(requests.collect(), &mut |at, got| {
            match got {
                Ok(bytes) => {
                    size += bytes.len();
                    answers.push((at, Some(bytes)));
                }
                Err(FetchError::NotFound { .. }) => answers.push((at, None)),
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
        answers.sort_by_key(|(at, _)| *at);
        let mut delivered = Delivered::default();
        for (at, bytes) in answers {
            delivered.add(ecosystem, &changes[at], bytes.as_deref());
        }
        Ok(delivered)
    }

    fn request(&self, ecosystem: Ecosystem, file: &str, largest: u64) -> Request {
        let address = self.base.below(&[ecosystem.registry_name(), file]);
        Request::new(address, largest)
    }

    /// Notes how far the feed was read. Without the note the index is one that somebody brought, so that a failure loses nothing but time.
    fn note(&self, ecosystem: Ecosystem, reached: Option<Reached>, pending: Vec<Change>) {
        let checked = Checked {
            base: self.base.as_str().to_owned(),
            kind: FeedKind::Server,
            at: self.now,
            reached,
            pending,
        };
        if let Err(error) = self.lock.note_checked(ecosystem, &checked) {
            tracing::warn!(%error, "when the feed was asked could not be noted");
        }
    }
}

/// An index at hand, how far it has come, and what it is still to get.
struct Known {
    stored: StoredIndex,
    since: Reached,
    pending: Vec<Change>,
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
