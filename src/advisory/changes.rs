//! What has changed in a feed: `modified_id.csv` of OSV's export → the ids that are to be read again. Pure.
//!
//! The list has a line `TIME,ID` for each record, the record that changed last at the top, so that a reader who
//! was here before stops where it has been. Times that are still to come stand at the top too; they are read,
//! and never taken for a place that was reached.

use std::str;

use jiff::Timestamp;
use thiserror::Error;

use super::model::AdvisoryId;

/// The longest line that is read, in bytes.
const LONGEST_LINE: usize = 512;

/// How far a feed has been read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// When the newest record changed that was read, times to come aside.
    pub time: Timestamp,
    /// The records that changed at that very time.
    pub ids: Vec<AdvisoryId>,
    /// What was read of records whose time is still to come.
    pub ahead: Vec<Change>,
}

/// A record, and when it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub time: Timestamp,
    /// Its id.
    pub id: AdvisoryId,
}

/// What a list says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// What is to be read again, newest first.
    pub records: Vec<Change>,
    /// How far the feed has been read when that is done.
    pub reached: Reached,
}

/// Why a list is of no use.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChangesError {
    /// A line is no line of such a list.
    #[error("line {0} of modified_id.csv is not a time and an id")]
    Line(usize),
    /// It is not in order, so that nobody knows where to stop.
    #[error("modified_id.csv is not sorted by time, newest first (line {0})")]
    Order(usize),
    /// It holds nothing that has happened.
    #[error("modified_id.csv lists no record")]
    Empty,
    /// It ends before the place that was reached.
    #[error("modified_id.csv ends before the place that was read up to")]
    NotReached,
    /// It is older than what was read already.
    #[error("modified_id.csv knows nothing newer than {0}, which is older than the copy at hand")]
    Older(Timestamp),
}

/// Reads a list as it comes.
#[derive(Debug)]
pub struct ChangesReader {
    now: Timestamp,
    /// Where to stop; none to read everything.
    since: Option<Reached>,
    most: usize,
    rest: Vec<u8>,
    line: usize,
    last: Option<Timestamp>,
    records: Vec<Change>,
    ahead: Vec<Change>,
    reached: Option<Reached>,
    /// A record that stood at the place when it was reached, and stands there still.
    met: Option<AdvisoryId>,
    end: Option<Result<(), ChangesError>>,
}

impl ChangesReader {
    /// Starts a list that is read down to a place, or to the line after the `most`th change.
    pub fn since(since: Reached, most: usize, now: Timestamp) -> Self {
        Self::new(Some(since), most, now)
    }

    /// Starts a list that is read as a whole.
    pub fn whole(now: Timestamp) -> Self {
        Self::new(None, usize::MAX, now)
    }

    fn new(since: Option<Reached>, most: usize, now: Timestamp) -> Self {
        Self {
            now,
            since,
            most,
            rest: Vec::new(),
            line: 0,
            last: None,
            records: Vec::new(),
            ahead: Vec::new(),
            reached: None,
            met: None,
            end: None,
        }
    }

    /// Forgets what was read, to begin anew.
    pub fn restart(&mut self) {
        *self = Self::new(self.since.take(), self.most, self.now);
    }

    /// Takes the next bytes; says whether the end of what matters has been reached.
    pub fn push(&mut self, bytes: &[u8]) -> bool {
        let mut bytes = bytes;
        while let (None, Some(end)) = (&self.end, memchr::memchr(b'\n', bytes)) {
            let mut line = std::mem::take(&mut self.rest);
            line.extend_from_slice(&bytes[..end]);
            bytes = &bytes[end + 1..];
            self.take_line(&line);
        }
        if self.end.is_none() {
            self.rest.extend_from_slice(bytes);
            if self.rest.len() > LONGEST_LINE {
                self.end = Some(Err(ChangesError::Line(self.line + 1)));
            }
        }
        self.end.is_some()
    }

    /// Ends the list.
    pub fn finish(mut self) -> Result<Changes, ChangesError> {
        if self.end.is_none() && !self.rest.is_empty() {
            let line = std::mem::take(&mut self.rest);
            self.take_line(&line);
        }
        match (self.end, self.reached, self.since) {
            (Some(Err(error)), _, _) => Err(error),
            (None, _, Some(_)) if self.met.is_none() => Err(ChangesError::NotReached),
            (_, None, _) => Err(ChangesError::Empty),
            (_, Some(reached), _) => Ok(Changes {
                records: self.records,
                reached: Reached {
                    ahead: self.ahead,
                    ..reached
                },
            }),
        }
    }

    fn take_line(&mut self, line: &[u8]) {
        self.line += 1;
        if line.trim_ascii().is_empty() {
            return;
        }
        let Some(change) = change(line) else {
            self.end = Some(Err(ChangesError::Line(self.line)));
            return;
        };
        if self.last.is_some_and(|last| last < change.time) {
            self.end = Some(Err(ChangesError::Order(self.line)));
            return;
        }
        self.last = Some(change.time);
        if change.time <= self.now {
            self.note_reached(&change);
        } else {
            self.ahead.push(change.clone());
        }
        match &self.since {
            Some(since) if change.time < since.time => self.end = Some(self.stop(change.time)),
            Some(since) if since.ahead.contains(&change) => {}
            Some(since) if change.time == since.time && since.ids.contains(&change.id) => {
                self.met = Some(change.id);
            }
            _ if self.records.len() == self.most => self.end = Some(Err(ChangesError::NotReached)),
            _ => self.records.push(change),
        }
    }

    /// Ends at a line that is older than the place that was read up to.
    fn stop(&self, time: Timestamp) -> Result<(), ChangesError> {
        // The place itself must have been passed, or the list has lost what stood there.
        let since = self.since.as_ref().map(|since| since.time);
        let newest = self.reached.as_ref().map(|reached| reached.time);
        if newest < since {
            return Err(ChangesError::Older(time));
        }
        Ok(())
    }

    fn note_reached(&mut self, change: &Change) {
        let reached = self.reached.get_or_insert_with(|| Reached {
            time: change.time,
            ids: Vec::new(),
            ahead: Vec::new(),
        });
        if reached.time == change.time {
            reached.ids.push(change.id.clone());
        }
    }
}

fn change(line: &[u8]) -> Option<Change> {
    let line = str::from_utf8(line).ok()?.trim_end_matches('\r');
    let (time, id) = line.split_once(',')?;
    Some(Change {
        time: time.parse().ok()?,
        id: AdvisoryId::new(id)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "2026-10-03T00:00:00Z,C\n2026-10-02T00:00:00Z,B\n2026-10-02T00:00:00Z,A\n2026-10-01T00:00:00Z,Z\n";

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn now() -> Timestamp {
        at("2026-11-01T00:00:00Z")
    }

    fn reached(time: &str, ids: &[&str]) -> Reached {
        let id = |id: &&str| AdvisoryId::new(id).expect("an id");
        Reached {
            time: at(time),
            ids: ids.iter().map(id).collect(),
            ahead: Vec::new(),
        }
    }

    fn read(mut reader: ChangesReader, text: &str) -> Result<(Vec<String>, Reached), ChangesError> {
        // Whatever the pieces are, the answer is the same.
        for piece in text.as_bytes().chunks(7) {
            if reader.push(piece) {
                break;
            }
        }
        let changes = reader.finish()?;
        let ids = changes.records.iter().map(|change| change.id.to_string());
        Ok((ids.collect(), changes.reached))
    }

    fn since(place: Reached, text: &str) -> Result<(Vec<String>, Reached), ChangesError> {
        read(ChangesReader::since(place, 2, now()), text)
    }

    #[test]
    fn a_list_is_read_down_to_the_place_that_was_reached() {
        let (ids, to) = since(reached("2026-10-02T00:00:00Z", &["B", "A"]), LIST).expect("a list");
        assert_eq!(ids, ["C"]);
        assert_eq!(to, reached("2026-10-03T00:00:00Z", &["C"]));
    }

    #[test]
    fn a_record_of_the_same_moment_that_was_not_there_is_read() {
        let (ids, _) = since(reached("2026-10-02T00:00:00Z", &["A"]), LIST).expect("a list");
        assert_eq!(ids, ["C", "B"]);
    }

    #[test]
    fn nothing_new_is_nothing_to_read() {
        let place = reached("2026-10-03T00:00:00Z", &["C"]);
        assert_eq!(since(place.clone(), LIST), Ok((Vec::new(), place)));
    }

    #[test]
    fn a_time_to_come_is_read_and_not_taken_for_a_place() {
        let list = format!("2126-01-01T00:00:00Z,F\n\n{LIST}\r\n");
        let (ids, to) = since(reached("2026-10-03T00:00:00Z", &["C"]), &list).expect("a list");
        assert_eq!(ids, ["F"]);
        assert_eq!(to.time, at("2026-10-03T00:00:00Z"));
        // It is read once, until it changes.
        assert_eq!(since(to.clone(), &list), Ok((Vec::new(), to.clone())));
        let changed = list.replace("2126-01-01", "2126-01-02");
        assert_eq!(since(to, &changed).expect("a list").0, ["F"]);
    }

    #[test]
    fn a_list_that_ends_too_early_or_goes_too_far_down_is_of_no_use() {
        let old = || reached("2026-01-01T00:00:00Z", &[]);
        assert_eq!(since(old(), LIST), Err(ChangesError::NotReached));
        let short = LIST.lines().next().expect("a line");
        assert_eq!(since(old(), short), Err(ChangesError::NotReached));
        assert_eq!(since(old(), ""), Err(ChangesError::NotReached));
        let met = reached("2026-10-03T00:00:00Z", &["C"]);
        assert_eq!(since(met.clone(), short), Ok((Vec::new(), met)));
        assert_eq!(
            read(ChangesReader::whole(now()), ""),
            Err(ChangesError::Empty)
        );
    }

    #[test]
    fn a_list_older_than_what_was_read_says_so() {
        let newer = reached("2026-10-09T00:00:00Z", &["X"]);
        let time = at("2026-10-03T00:00:00Z");
        assert_eq!(since(newer, LIST), Err(ChangesError::Older(time)));
    }

    #[test]
    fn what_is_no_such_list_is_an_error_with_its_line() {
        let place = || reached("2026-10-02T00:00:00Z", &[]);
        for (text, expected) in [
            ("<html>\n", ChangesError::Line(1)),
            (
                "2026-10-03T00:00:00Z,C\n2026-10-04T00:00:00Z,D\n",
                ChangesError::Order(2),
            ),
            ("2026-10-03T00:00:00Z,../../etc\n", ChangesError::Line(1)),
            ("soon,A\n", ChangesError::Line(1)),
            (&"a".repeat(10_000), ChangesError::Line(1)),
        ] {
            assert_eq!(since(place(), text), Err(expected), "{text:.40}");
        }
    }

    #[test]
    fn the_whole_list_is_read_with_its_times() {
        let (ids, to) = read(ChangesReader::whole(now()), LIST).expect("a list");
        assert_eq!(ids, ["C", "B", "A", "Z"]);
        assert_eq!(to, reached("2026-10-03T00:00:00Z", &["C"]));
    }
}
