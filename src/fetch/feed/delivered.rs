//! Single records that were asked for: those that are what the list says, and the others with the reason.

use jiff::Timestamp;

use crate::advisory::changes::Change;
use crate::advisory::osv::{self, OsvAdvisory};
use crate::package::Ecosystem;

/// What came of single records that were asked for.
#[derive(Default)]
pub(super) struct Delivered {
    /// Those that are what the list says.
    pub(super) records: Vec<OsvAdvisory>,
    /// Those that do not exist.
    pub(super) absent: Vec<Change>,
    /// Those that cannot be read or are older than the list says, and why.
    pub(super) unread: Vec<(Change, String)>,
}

impl Delivered {
    /// Judges one answer; none if there is nothing at its address.
    pub(super) fn add(&mut self, ecosystem: Ecosystem, change: &Change, bytes: Option<&[u8]>) {
        let Some(bytes) = bytes else {
            self.absent.push(change.clone());
            return;
        };
        let id = &change.id;
        let why = match osv::read(bytes, ecosystem) {
            Err(error) => format!("{id}: {error}"),
            Ok(other) if other.id != *id => format!("{id}: it is the record of {}", other.id),
            Ok(advisory) => match advisory.modified {
                Some(modified) if !is_older(modified, change.time) => {
                    self.records.push(advisory);
                    return;
                }
                Some(modified) => {
                    format!("{id}: it is that of {modified}, and the list names a newer one")
                }
                None => format!("{id}: it does not say when it changed"),
            },
        };
        self.unread.push((change.clone(), why));
    }
}

/// Says whether a record is older than the list says, to the second.
pub(super) fn is_older(modified: Timestamp, listed: Timestamp) -> bool {
    modified.as_second() < listed.as_second()
}
