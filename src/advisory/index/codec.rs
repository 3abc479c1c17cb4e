//! Records as bytes.

use super::super::model::{AdvisoryId, AdvisoryKind, Record};
use super::super::range::{AffectedRange, Event, RangeOrder};
pub(super) use crate::codec::{
    Reader, Unreadable, count_size, put_bytes, put_count, put_text, size,
};
use crate::codec::{put_list, put_time};

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

/// Reads a record.
pub(super) fn decode(bytes: &[u8]) -> Result<Record, Unreadable> {
    let mut reader = Reader::new(bytes);
    let record = Record {
        id: id(&mut reader)?,
        kind: AdvisoryKind::ALL
            .get(usize::from(reader.byte()?))
            .copied()
            .ok_or(Unreadable)?,
        published: reader.time()?,
        withdrawn: reader.time()?,
        summary: reader.text()?,
        vector: Some(reader.text()?).filter(|vector| !vector.is_empty()),
        aliases: reader.list(id)?,
        ranges: reader.list(range)?,
        versions: reader.list(Reader::text)?,
    };
    reader.end()?;
    Ok(record)
}

/// Reads only the id of a record.
pub(super) fn decode_id(bytes: &[u8]) -> Result<AdvisoryId, Unreadable> {
    id(&mut Reader::new(bytes))
}

fn id(reader: &mut Reader<'_>) -> Result<AdvisoryId, Unreadable> {
    AdvisoryId::new(&reader.text()?).ok_or(Unreadable)
}

fn range(reader: &mut Reader<'_>) -> Result<AffectedRange, Unreadable> {
    let order = match reader.byte()? {
        0 => RangeOrder::Versions,
        1 => RangeOrder::Commits,
        2 => RangeOrder::Unreadable,
        _ => return Err(Unreadable),
    };
    let events = reader.list(event)?;
    Ok(AffectedRange { order, events })
}

fn event(reader: &mut Reader<'_>) -> Result<Event, Unreadable> {
    let kind = reader.byte()?;
    let version = reader.text()?;
    match kind {
        0 => Ok(Event::Introduced(version)),
        1 => Ok(Event::Fixed(version)),
        2 => Ok(Event::LastAffected(version)),
        3 => Ok(Event::Limit(version)),
        _ => Err(Unreadable),
    }
}
