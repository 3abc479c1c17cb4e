//! Whether a newer index may take the place of the one at hand.
//!
//! Nobody takes back one record of a hundred in a day, and no feed grows older: whoever offers such an index
//! serves an old one, a part of one, or another one altogether. Numbers are compared, not the records themselves.

use jiff::Timestamp;
use thiserror::Error;

use super::Store;
use crate::package::Ecosystem;

/// The part of its records that a newer index may lack, in percent.
const LOSS: u64 = 1;

/// Why an index was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Loss {
    /// It claims to know what is still to come, so that a clock is wrong.
    #[error("it knows what changed on {0}, which is still to come")]
    Future(Timestamp),
    /// It knows nothing as new as what is at hand.
    #[error(
        "what is offered of {name} knows nothing newer than {newest}, the index at hand knows {at_hand}; if that is right, remove {path} first"
    )]
    Older {
        /// Of which registry.
        name: &'static str,
        /// What it knows.
        newest: Timestamp,
        /// What is known.
        at_hand: Timestamp,
        /// The file at hand.
        path: String,
    },
    /// It lacks too much of what is at hand.
    #[error(
        "the number of records of {name} would fall from {at_hand} to {records}; if that is right, remove {path} first"
    )]
    Fewer {
        /// Of which registry.
        name: &'static str,
        /// How many records it has.
        records: usize,
        /// How many are at hand.
        at_hand: u32,
        /// The file at hand.
        path: String,
    },
}

impl Store {
    /// Refuses an index that is older than the one at hand, or lacks much of what that knows.
    ///
    /// `newest` is in seconds since 1970.
    pub fn check_loss(
        &self,
        ecosystem: Ecosystem,
        records: usize,
        newest: i64,
        now: Timestamp,
    ) -> Result<(), Loss> {
        let time = |seconds| Timestamp::from_second(seconds).unwrap_or_default();
        if newest > now.as_second() {
            return Err(Loss::Future(time(newest)));
        }
        // One that cannot be read is no reason to keep it.
        let Ok(Some(old)) = self.open(ecosystem) else {
            return Ok(());
        };
        let header = old.index.header();
        let (name, path) = (ecosystem.registry_name(), old.path.to_string());
        if newest < header.newest {
            return Err(Loss::Older {
                name,
                newest: time(newest),
                at_hand: time(header.newest),
                path,
            });
        }
        let at_hand = header.records;
        if (records as u64) * 100 < u64::from(at_hand) * (100 - LOSS) {
            return Err(Loss::Fewer {
                name,
                records,
                at_hand,
                path,
            });
        }
        Ok(())
    }
}
