//! Records → index: afresh, or an older index with newer records merged in.
//!
//! Records are encoded as they come, so that memory holds bytes and not trees. The same records make the
//! same bytes, in whatever order they come.

use std::io::{self, Write};

use jiff::Timestamp;
use rustc_hash::{FxHashMap, FxHashSet};

use super::super::model::{AdvisoryId, Record};
use super::super::osv::OsvAdvisory;
use super::codec::{self, Reader};
use super::{
    CHECK, HEADER, Header, Index, IndexError, LINE, Line, ReadAt, check, content, directory_check,
    hash, key,
};
use crate::package::Ecosystem;

/// Records of one package, as bytes, sorted by the id of the advisory. Most packages have one, so that a list is the smallest home.
#[derive(Debug, Default)]
struct Records(Vec<(AdvisoryId, Vec<u8>)>);

impl Records {
    fn len(&self) -> usize {
        self.0.len()
    }

    /// Puts a record into the place of one with its id.
    fn insert(&mut self, id: AdvisoryId, bytes: Vec<u8>) {
        match self.0.binary_search_by(|(known, _)| known.cmp(&id)) {
            Ok(at) => self.0[at].1 = bytes,
            Err(at) => self.0.insert(at, (id, bytes)),
        }
    }

    fn remove(&mut self, id: &AdvisoryId) {
        self.0.retain(|(known, _)| known != id);
    }
}

/// A block of an older index that nothing has changed so far, checksum included.
#[derive(Debug)]
struct Kept {
    block: Vec<u8>,
    records: usize,
}

/// When an advisory changed, and the keys of the packages that it names.
#[derive(Debug)]
struct Seen {
    modified: Option<Timestamp>,
    keys: Vec<String>,
}

/// Collects records and writes an index.
#[derive(Debug)]
pub struct Compiler {
    ecosystem: Ecosystem,
    /// The clock: a record that claims to have changed later says nothing about how new the index is.
    now: Timestamp,
    newest: i64,
    unread: u32,
    /// How many bytes were encoded.
    bytes: usize,
    /// The last word on each advisory.
    seen: FxHashMap<AdvisoryId, Seen>,
    packages: FxHashMap<String, Records>,
    /// Packages whose blocks are copied as they are.
    kept: FxHashMap<String, Kept>,
}

impl Compiler {
    /// Starts an empty index.
    pub fn new(ecosystem: Ecosystem, now: Timestamp) -> Self {
        Self {
            ecosystem,
            now,
            newest: 0,
            unread: 0,
            bytes: 0,
            seen: FxHashMap::default(),
            packages: FxHashMap::default(),
            kept: FxHashMap::default(),
        }
    }

    /// Starts with all that an older index holds, but for what the advisories said that have changed since.
    ///
    /// O(bytes); the blocks of packages of which none has changed are not taken apart.
    pub fn with<R: ReadAt>(
        index: &Index<R>,
        changed: &FxHashSet<AdvisoryId>,
        now: Timestamp,
    ) -> Result<Self, IndexError> {
        let mut compiler = Self::new(index.header.ecosystem, now);
        compiler.newest = index.header.newest;
        compiler.unread = index.header.unread;
        for at in 0..index.len() {
            let block = index.block(index.line(at))?;
            let (key, ids) = ids(content(&block))?;
            if ids.iter().any(|id| changed.contains(*id)) {
                let mut records = split(content(&block))?;
                records.0.retain(|(id, _)| !changed.contains(id));
                compiler.packages.insert(key.to_owned(), records);
            } else {
                let key = key.to_owned();
                let records = ids.len();
                compiler.kept.insert(key, Kept { block, records });
            }
        }
        Ok(compiler)
    }

    /// Counts a record that could not be read, so that whoever asks the index knows that one is missing.
    pub const fn miss(&mut self) {
        self.unread = self.unread.saturating_add(1);
    }

    /// Returns when the newest record changed, in seconds since 1970.
    pub const fn newest(&self) -> i64 {
        self.newest
    }

    /// Returns how many records, or entries of records, could not be read.
    pub const fn unread(&self) -> u32 {
        self.unread
    }

    /// Returns how many bytes the records take that were added.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns when an advisory changed that was added, where it says; none for one that was not.
    pub fn added(&self, id: &AdvisoryId) -> Option<Option<Timestamp>> {
        self.seen.get(id).map(|seen| seen.modified)
    }

    /// Adds an advisory. Of two with one id the one that changed last counts, of equals the later.
    pub fn add(&mut self, advisory: &OsvAdvisory) {
        (0..advisory.unread).for_each(|_| self.miss());
        if let Some(earlier) = self.seen.remove(&advisory.id) {
            if earlier.modified > advisory.modified {
                self.seen.insert(advisory.id.clone(), earlier);
                return;
            }
            self.forget(&advisory.id, &earlier.keys);
        }
        // What says nothing of the ecosystem says nothing about how new its index is.
        let is_ours = !advisory.packages.is_empty();
        let past = advisory.modified.filter(|modified| *modified <= self.now);
        if let Some(modified) = past.filter(|_| is_ours) {
            self.newest = self.newest.max(modified.as_second());
        }
        let mut keys = Vec::with_capacity(advisory.packages.len());
        for (name, record) in &advisory.packages {
            let key = key(self.ecosystem, name);
            let bytes = self.encode(record);
            self.bytes += bytes.len();
            self.records_of(&key).insert(record.id.clone(), bytes);
            keys.push(key);
        }
        let modified = advisory.modified;
        self.seen
            .insert(advisory.id.clone(), Seen { modified, keys });
    }

    /// Writes a record; one that is at hand was published, whatever day it claims.
    fn encode(&self, record: &Record) -> Vec<u8> {
        if record
            .published
            .is_none_or(|published| published <= self.now)
        {
            return codec::encode(record);
        }
        codec::encode(&Record {
            published: None,
            ..record.clone()
        })
    }

    fn forget(&mut self, id: &AdvisoryId, keys: &[String]) {
        for key in keys {
            if let Some(records) = self.packages.get_mut(key) {
                records.remove(id);
            }
        }
    }

    /// Returns the records of a package, taking a kept block apart.
    fn records_of(&mut self, key: &str) -> &mut Records {
        let kept = self.kept.remove(key);
        let records = self.packages.entry(key.to_owned()).or_default();
        // Its parts were found when it was kept.
        if let Some(kept) = kept.and_then(|kept| split(content(&kept.block)).ok()) {
            for (id, bytes) in kept.0 {
                records.insert(id, bytes);
            }
        }
        records
    }

    /// Counts the advisories that say something of a package of the ecosystem.
    pub fn records(&self) -> usize {
        let kept: usize = self.kept.values().map(|kept| kept.records).sum();
        self.packages.values().map(Records::len).sum::<usize>() + kept
    }

    /// Writes the index. O(records log records); blocks pass one at a time, so that memory does not hold all of them.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        // A package whose every record was taken out is none.
        let packages = self.packages.iter();
        let packages = packages.filter(|(_, records)| records.len() > 0);
        let keys = packages.map(|(key, _)| key).chain(self.kept.keys());
        let mut packages: Vec<([u8; CHECK], &String)> = keys.map(|key| (hash(key), key)).collect();
        packages.sort_unstable();
        let mut directory = Vec::with_capacity(packages.len() * LINE);
        let mut offset = HEADER as u64;
        for (hash, key) in &packages {
            let length = u32::try_from(self.size(key)).map_err(|_| io::ErrorKind::FileTooLarge)?;
            let hash = *hash;
            Line {
                hash,
                offset,
                length,
            }
            .encode(&mut directory);
            offset += u64::from(length);
        }
        let count = |count: usize| u32::try_from(count).map_err(|_| io::ErrorKind::FileTooLarge);
        let header = Header {
            ecosystem: self.ecosystem,
            records: count(self.records())?,
            packages: count(packages.len())?,
            newest: self.newest,
            unread: self.unread,
            directory_at: offset,
            directory_check: directory_check(&directory),
        };
        out.write_all(&header.encode())?;
        for (_, key) in packages {
            match self.kept.get(key) {
                Some(kept) => out.write_all(&kept.block)?,
                None => out.write_all(&self.block(key))?,
            }
        }
        out.write_all(&directory)
    }

    /// Computes the length of a package's block without making it.
    fn size(&self, key: &str) -> usize {
        if let Some(kept) = self.kept.get(key) {
            return kept.block.len();
        }
        let records = &self.packages[key];
        let of_records = records
            .0
            .iter()
            .map(|(_, record)| codec::size(record.len()));
        let head = codec::size(key.len()) + codec::count_size(records.len());
        head + of_records.sum::<usize>() + CHECK
    }

    fn block(&self, key: &str) -> Vec<u8> {
        let records = &self.packages[key];
        let mut block = Vec::with_capacity(self.size(key));
        codec::put_text(&mut block, key);
        codec::put_count(&mut block, records.len());
        for (_, record) in &records.0 {
            codec::put_bytes(&mut block, record);
        }
        block.extend(check(&block));
        block
    }
}

/// Lists the key of a block and the ids in it.
fn ids(content: &[u8]) -> Result<(&str, Vec<&str>), IndexError> {
    let mut reader = Reader::new(content);
    let key = reader.borrowed_text()?;
    let mut ids = Vec::new();
    for _ in 0..reader.count()? {
        ids.push(Reader::new(reader.bytes()?).borrowed_text()?);
    }
    reader.end()?;
    Ok((key, ids))
}

/// Takes a block apart into its records.
fn split(content: &[u8]) -> Result<Records, IndexError> {
    let mut reader = Reader::new(content);
    reader.bytes()?;
    let mut records = Records::default();
    for _ in 0..reader.count()? {
        let bytes = reader.bytes()?;
        records.insert(codec::decode_id(bytes)?, bytes.to_vec());
    }
    Ok(records)
}
