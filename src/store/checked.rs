//! When a feed was last asked, and how far it had been read: a small file beside each index.
//!
//! It speaks of one index, which it names; beside any other it says nothing. So a writer that is stopped
//! between the two files loses the note and never its meaning, and an imported index is as old as its records.

use std::fs;
use std::io;

use camino::Utf8PathBuf;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Store, StoreError, StoreLock, StoredIndex, access, failed, file_name};
use crate::advisory::changes::{Change, Reached};
use crate::advisory::model::AdvisoryId;
use crate::package::Ecosystem;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// What is known of a feed beside its index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The address of the feed.
    pub base: String,
    /// What the feed is.
    pub kind: FeedKind,
    /// When it last said what it has.
    pub at: Timestamp,
    /// How far its list of changes has been read; none where it has no such list.
    pub reached: Option<Reached>,
    /// Records that it lists and that could not be had in the form that it lists.
    pub pending: Vec<Change>,
}

/// What a feed is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FeedKind {
    /// A server, which says itself what it has.
    Server,
    /// A folder that somebody fills.
    Folder,
}

/// The file's form.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    index: String,
    base: String,
    kind: FeedKind,
    checked: String,
    reached: Option<String>,
    reached_ids: Vec<String>,
    ahead: Vec<(String, String)>,
    pending: Vec<(String, String)>,
}

impl Store {
    fn checked_path(&self, ecosystem: Ecosystem) -> Utf8PathBuf {
        self.folder
            .join(format!("{}.checked", file_name(ecosystem)))
    }

    /// Returns what is noted about an index; none if there is no note, or one about another index.
    pub fn checked(&self, ecosystem: Ecosystem, stored: &StoredIndex) -> Option<Checked> {
        let path = self.checked_path(ecosystem);
        let file = access::open(&path).ok()?;
        access::check_file(&path, &file).ok()?;
        let size = file.metadata().ok()?.len();
        let wire: Wire = (size <= LARGEST)
            .then(|| serde_json::from_reader(io::BufReader::new(file)).ok())
            .flatten()?;
        if wire.index != stored.index.header().identity() {
            tracing::debug!(%path, "the note is about another index");
            return None;
        }
        wire.read()
    }
}

impl Wire {
    fn of(index: String, checked: &Checked) -> Self {
        let reached = checked.reached.as_ref();
        let ids = reached.map_or(&[][..], |reached| &reached.ids);
        let ahead = reached.map_or(&[][..], |reached| &reached.ahead);
        let texts = |changes: &[Change]| {
            let texts = changes.iter();
            let texts = texts.map(|change| (change.time.to_string(), change.id.to_string()));
            texts.collect()
        };
        Self {
            index,
            base: checked.base.clone(),
            kind: checked.kind,
            checked: checked.at.to_string(),
            reached: reached.map(|reached| reached.time.to_string()),
            reached_ids: ids.iter().map(ToString::to_string).collect(),
            ahead: texts(ahead),
            pending: texts(&checked.pending),
        }
    }

    /// Reads the fields; none if one of them is not what it should be.
    fn read(self) -> Option<Checked> {
        let ids = self.reached_ids.iter().map(|id| AdvisoryId::new(id));
        let change = |(time, id): &(String, String)| {
            Some(Change {
                time: time.parse().ok()?,
                id: AdvisoryId::new(id)?,
            })
        };
        let changes = |texts: &[(String, String)]| texts.iter().map(change).collect::<Option<_>>();
        let reached = match self.reached {
            Some(time) => Some(Reached {
                time: time.parse().ok()?,
                ids: ids.collect::<Option<_>>()?,
                ahead: changes(&self.ahead)?,
            }),
            None => None,
        };
        Some(Checked {
            base: self.base,
            kind: self.kind,
            at: self.checked.parse().ok()?,
            reached,
            pending: changes(&self.pending)?,
        })
    }
}

impl StoreLock {
    /// Notes what is known of a feed whose index is at hand.
    pub fn note_checked(&self, ecosystem: Ecosystem, checked: &Checked) -> Result<(), StoreError> {
        let Some(stored) = self.store.open(ecosystem)? else {
            return Ok(());
        };
        let wire = Wire::of(stored.index.header().identity(), checked);
        let path = self.store.checked_path(ecosystem);
        let text = serde_json::to_vec(&wire).map_err(|error| failed(&path, error.into()))?;
        self.replace_file(&path, |out| out.write_all(&text))
    }

    /// Forgets what was noted, because an index comes from elsewhere.
    pub fn forget_checked(&self, ecosystem: Ecosystem) -> Result<(), StoreError> {
        let path = self.store.checked_path(ecosystem);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&path, error)),
            _ => Ok(()),
        }
    }
}
