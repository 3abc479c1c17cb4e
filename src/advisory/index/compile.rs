//! Records → index: afresh, or an older index with newer records merged in.
//!
//! Records are encoded as they come, so that memory holds bytes and not trees. The same records make the
//! same bytes, in whatever order they come.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use rustc_hash::{FxHashMap, FxHashSet};

use super::super::model::AdvisoryId;
use super::super::osv::OsvAdvisory;
use super::codec::{self, Reader};
use super::{CHECK, HEADER, Header, Index, IndexError, Line, ReadAt, check, hash, key};
use crate::package::Ecosystem;

/// Records of packages, as bytes, by the key of the package and the id of the advisory.
type Encoded = FxHashMap<String, BTreeMap<AdvisoryId, Vec<u8>>>;

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
    /// The last word on each advisory.
    seen: FxHashMap<AdvisoryId, Seen>,
    packages: Encoded,
}

impl Compiler {
    /// Starts an empty index.
    pub fn new(ecosystem: Ecosystem, now: Timestamp) -> Self {
        Self {
            ecosystem,
            now,
            newest: 0,
            seen: FxHashMap::default(),
            packages: FxHashMap::default(),
        }
    }

    /// Starts with all that an older index holds.
    pub fn with<R: ReadAt>(index: &Index<R>, now: Timestamp) -> Result<Self, IndexError> {
        let mut compiler = Self::new(index.header.ecosystem, now);
        compiler.newest = index.header.newest;
        for at in 0..index.len() {
            let block = index.block(index.line(at))?;
            let mut reader = Reader::new(&block);
            let key = reader.text()?;
            let records = compiler.packages.entry(key).or_default();
            for _ in 0..reader.count()? {
                let bytes = reader.bytes()?;
                records.insert(codec::decode_id(bytes)?, bytes.to_vec());
            }
        }
        Ok(compiler)
    }

    /// Adds an advisory. Of two with one id the one that changed last counts, of equals the later.
    pub fn add(&mut self, advisory: &OsvAdvisory) {
        if let Some(earlier) = self.seen.remove(&advisory.id) {
            if earlier.modified > advisory.modified {
                self.seen.insert(advisory.id.clone(), earlier);
                return;
            }
            self.forget(&advisory.id, &earlier.keys);
        }
        if let Some(modified) = advisory.modified.filter(|modified| *modified <= self.now) {
            self.newest = self.newest.max(modified.as_second());
        }
        let mut keys = Vec::with_capacity(advisory.packages.len());
        for (name, record) in &advisory.packages {
            let key = key(self.ecosystem, name);
            let records = self.packages.entry(key.clone()).or_default();
            records.insert(record.id.clone(), codec::encode(record));
            keys.push(key);
        }
        let modified = advisory.modified;
        self.seen
            .insert(advisory.id.clone(), Seen { modified, keys });
    }

    fn forget(&mut self, id: &AdvisoryId, keys: &[String]) {
        for key in keys {
            if let Some(records) = self.packages.get_mut(key) {
                records.remove(id);
            }
        }
    }

    /// Takes out all that advisories said, so that what has changed in them may be added. O(records).
    pub fn remove(&mut self, ids: &FxHashSet<AdvisoryId>) {
        for records in self.packages.values_mut() {
            records.retain(|id, _| !ids.contains(id));
        }
    }

    /// Counts the advisories that say something of a package of the ecosystem.
    pub fn records(&self) -> usize {
        self.packages.values().map(BTreeMap::len).sum()
    }

    /// Writes the index. O(records log records).
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        // A package whose every record was taken out is none.
        let packages = self
            .packages
            .iter()
            .filter(|(_, records)| !records.is_empty());
        let mut packages: Vec<([u8; CHECK], &String)> =
            packages.map(|(key, _)| (hash(key), key)).collect();
        packages.sort_unstable();
        let packages_count = packages.len();
        let mut directory = Vec::new();
        let mut offset = HEADER as u64;
        let mut blocks = Vec::new();
        for (hash, key) in packages {
            let block = self.block(key);
            let length = u32::try_from(block.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
            Line {
                hash,
                offset,
                length,
            }
            .encode(&mut directory);
            offset += u64::from(length);
            blocks.extend(block);
        }
        let count = |count: usize| u32::try_from(count).map_err(|_| io::ErrorKind::FileTooLarge);
        let header = Header {
            ecosystem: self.ecosystem,
            records: count(self.records())?,
            packages: count(packages_count)?,
            newest: self.newest,
            directory_at: offset,
            directory_check: check(&directory),
        };
        out.write_all(&header.encode())?;
        out.write_all(&blocks)?;
        out.write_all(&directory)
    }

    fn block(&self, key: &str) -> Vec<u8> {
        let records = &self.packages[key];
        let mut block = Vec::new();
        codec::put_text(&mut block, key);
        codec::put_count(&mut block, records.len());
        for record in records.values() {
            codec::put_bytes(&mut block, record);
        }
        block.extend(check(&block));
        block
    }
}
