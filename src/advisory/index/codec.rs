//! Records as bytes: counts as variable-length integers (LEB128), texts behind their length.

use jiff::Timestamp;

use super::super::model::{AdvisoryId, AdvisoryKind, Record};
use super::super::range::{AffectedRange, Event, RangeOrder};

/// Bytes that no encoder wrote.
#[derive(Debug)]
pub(super) struct Unreadable;

/// Writes a record.
pub(super) fn encode(record: &Record) -> Vec<u8> {
    let mut bytes = Vec::new();
    put_text(&mut bytes, record.id.as_str());
    bytes.push(record.kind as u8);
    put_time(&mut bytes, record.published);
    put_time(&mut bytes, record.withdrawn);
    put_text(&mut bytes, &record.summary);
    put_text(&mut bytes, record.vector.as_deref().unwrap_or_default());
    put_list(&mut bytes, &record.aliases, |bytes, alias| {
        put_text(bytes, alias.as_str());
    });
    put_list(&mut bytes, &record.ranges, put_range);
    put_list(&mut bytes, &record.versions, |bytes, version| {
        put_text(bytes, version);
    });
    bytes
}

fn put_range(bytes: &mut Vec<u8>, range: &AffectedRange) {
    bytes.push(range.order as u8);
    put_list(bytes, &range.events, |bytes, event| {
        bytes.push(match event {
            Event::Introduced(_) => 0,
            Event::Fixed(_) => 1,
            Event::LastAffected(_) => 2,
            Event::Limit(_) => 3,
        });
        put_text(bytes, event.version());
    });
}

fn put_list<T>(bytes: &mut Vec<u8>, items: &[T], put: impl Fn(&mut Vec<u8>, &T)) {
    put_count(bytes, items.len());
    for item in items {
        put(bytes, item);
    }
}

/// Writes a text behind its length.
pub(super) fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_bytes(bytes, text.as_bytes());
}

/// Writes bytes behind their length.
pub(super) fn put_bytes(bytes: &mut Vec<u8>, content: &[u8]) {
    put_count(bytes, content.len());
    bytes.extend_from_slice(content);
}

/// Writes a count, seven bits a byte, the lowest first.
pub(super) fn put_count(bytes: &mut Vec<u8>, count: usize) {
    let [low, ..] = count.to_le_bytes();
    let rest = count >> 7;
    if rest == 0 {
        bytes.push(low);
    } else {
        bytes.push(low | 0x80);
        put_count(bytes, rest);
    }
}

/// Returns how many bytes a count takes.
pub(super) const fn count_size(count: usize) -> usize {
    let bits = usize::BITS - (count | 1).leading_zeros();
    bits.div_ceil(7) as usize
}

/// Returns how many bytes a content takes with its length before it.
pub(super) const fn size(content: usize) -> usize {
    count_size(content) + content
}

/// Writes seconds since 1970; the least number stands for no time.
fn put_time(bytes: &mut Vec<u8>, time: Option<Timestamp>) {
    let seconds = time.map_or(i64::MIN, Timestamp::as_second);
    bytes.extend(seconds.to_le_bytes());
}

/// Reads a record.
pub(super) fn decode(bytes: &[u8]) -> Result<Record, Unreadable> {
    let mut reader = Reader::new(bytes);
    let record = Record {
        id: reader.id()?,
        kind: AdvisoryKind::ALL
            .get(usize::from(reader.byte()?))
            .copied()
            .ok_or(Unreadable)?,
        published: reader.time()?,
        withdrawn: reader.time()?,
        summary: reader.text()?,
        vector: Some(reader.text()?).filter(|vector| !vector.is_empty()),
        aliases: reader.list(Reader::id)?,
        ranges: reader.list(Reader::range)?,
        versions: reader.list(Reader::text)?,
    };
    reader.end()?;
    Ok(record)
}

/// Reads only the id of a record.
pub(super) fn decode_id(bytes: &[u8]) -> Result<AdvisoryId, Unreadable> {
    Reader::new(bytes).id()
}

/// Bytes that are left to be read.
pub(super) struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    /// Begins at the first byte.
    pub(super) const fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    fn take(&mut self, length: usize) -> Result<&'b [u8], Unreadable> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Unreadable)?;
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Unreadable> {
        Ok(self.take(1)?[0])
    }

    /// Reads a count; none is longer than what is left could fill.
    pub(super) fn count(&mut self) -> Result<usize, Unreadable> {
        let mut count = 0;
        for shift in (0..28).step_by(7) {
            let byte = self.byte()?;
            count |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return if count <= self.rest.len() {
                    Ok(count)
                } else {
                    Err(Unreadable)
                };
            }
        }
        Err(Unreadable)
    }

    /// Reads bytes behind their length.
    pub(super) fn bytes(&mut self) -> Result<&'b [u8], Unreadable> {
        let length = self.count()?;
        self.take(length)
    }

    /// Reads a text.
    pub(super) fn text(&mut self) -> Result<String, Unreadable> {
        self.borrowed_text().map(str::to_owned)
    }

    /// Reads a text where it stands.
    pub(super) fn borrowed_text(&mut self) -> Result<&'b str, Unreadable> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Unreadable)
    }

    fn id(&mut self) -> Result<AdvisoryId, Unreadable> {
        AdvisoryId::new(&self.text()?).ok_or(Unreadable)
    }

    fn time(&mut self) -> Result<Option<Timestamp>, Unreadable> {
        let seconds = i64::from_le_bytes(super::array(self.take(8)?, 0));
        if seconds == i64::MIN {
            return Ok(None);
        }
        Timestamp::from_second(seconds)
            .map(Some)
            .map_err(|_| Unreadable)
    }

    fn list<T>(
        &mut self,
        read: impl Fn(&mut Self) -> Result<T, Unreadable>,
    ) -> Result<Vec<T>, Unreadable> {
        let count = self.count()?;
        (0..count).map(|_| read(self)).collect()
    }

    fn range(&mut self) -> Result<AffectedRange, Unreadable> {
        let order = match self.byte()? {
            0 => RangeOrder::Versions,
            1 => RangeOrder::Commits,
            2 => RangeOrder::Unreadable,
            _ => return Err(Unreadable),
        };
        let events = self.list(Self::event)?;
        Ok(AffectedRange { order, events })
    }

    fn event(&mut self) -> Result<Event, Unreadable> {
        let kind = self.byte()?;
        let version = self.text()?;
        match kind {
            0 => Ok(Event::Introduced(version)),
            1 => Ok(Event::Fixed(version)),
            2 => Ok(Event::LastAffected(version)),
            3 => Ok(Event::Limit(version)),
            _ => Err(Unreadable),
        }
    }

    /// Says that nothing may be left.
    pub(super) fn end(&self) -> Result<(), Unreadable> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Unreadable)
        }
    }
}
