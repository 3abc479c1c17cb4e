//! Values as bytes, for the files that only this program reads: counts as variable-length integers (LEB128), texts behind their length.

use jiff::Timestamp;

/// Bytes that no encoder wrote.
#[derive(Debug)]
pub(crate) struct Unreadable;

/// Writes a list behind its length.
pub(crate) fn put_list<T>(bytes: &mut Vec<u8>, items: &[T], put: impl Fn(&mut Vec<u8>, &T)) {
    put_count(bytes, items.len());
    for item in items {
        put(bytes, item);
    }
}

/// Writes a text behind its length.
pub(crate) fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_bytes(bytes, text.as_bytes());
}

/// Writes bytes behind their length.
pub(crate) fn put_bytes(bytes: &mut Vec<u8>, content: &[u8]) {
    put_count(bytes, content.len());
    bytes.extend_from_slice(content);
}

/// Writes a count, seven bits a byte, the lowest first.
pub(crate) fn put_count(bytes: &mut Vec<u8>, count: usize) {
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
pub(crate) const fn count_size(count: usize) -> usize {
    let bits = usize::BITS - (count | 1).leading_zeros();
    bits.div_ceil(7) as usize
}

/// Returns how many bytes a content takes with its length before it.
pub(crate) const fn size(content: usize) -> usize {
    count_size(content) + content
}

/// Writes seconds since 1970; the least number stands for no time.
pub(crate) fn put_time(bytes: &mut Vec<u8>, time: Option<Timestamp>) {
    let seconds = time.map_or(i64::MIN, Timestamp::as_second);
    bytes.extend(seconds.to_le_bytes());
}

/// Bytes that are left to be read.
pub(crate) struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    /// Begins at the first byte.
    pub(crate) const fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Takes so many bytes.
    pub(crate) fn take(&mut self, length: usize) -> Result<&'b [u8], Unreadable> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Unreadable)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Reads one byte.
    pub(crate) fn byte(&mut self) -> Result<u8, Unreadable> {
        Ok(self.take(1)?[0])
    }

    /// Reads a count; none is longer than what is left could fill.
    pub(crate) fn count(&mut self) -> Result<usize, Unreadable> {
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
    pub(crate) fn bytes(&mut self) -> Result<&'b [u8], Unreadable> {
        let length = self.count()?;
        self.take(length)
    }

    /// Reads a text.
    pub(crate) fn text(&mut self) -> Result<String, Unreadable> {
        self.borrowed_text().map(str::to_owned)
    }

    /// Reads a text where it stands.
    pub(crate) fn borrowed_text(&mut self) -> Result<&'b str, Unreadable> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Unreadable)
    }

    /// Reads a time.
    pub(crate) fn time(&mut self) -> Result<Option<Timestamp>, Unreadable> {
        let seconds = i64::from_le_bytes(self.take(8)?.try_into().map_err(|_| Unreadable)?);
        if seconds == i64::MIN {
            return Ok(None);
        }
        Timestamp::from_second(seconds)
            .map(Some)
            .map_err(|_| Unreadable)
    }

    /// Reads a list behind its length.
    pub(crate) fn list<T>(
        &mut self,
        read: impl Fn(&mut Self) -> Result<T, Unreadable>,
    ) -> Result<Vec<T>, Unreadable> {
        let count = self.count()?;
        (0..count).map(|_| read(self)).collect()
    }

    /// Says that nothing may be left.
    pub(crate) fn end(&self) -> Result<(), Unreadable> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Unreadable)
        }
    }
}
