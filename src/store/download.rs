//! A download that goes on where an earlier one was stopped: a file beside the index, and its entity tag.

use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use camino::{Utf8Path, Utf8PathBuf};

use super::{StoreError, StoreLock, access, failed, file_name};
use crate::package::Ecosystem;

/// The longest entity tag that is kept, in bytes.
const LONGEST_TAG: usize = 512;

/// A file that is being fetched. It stays when it is dropped, so that the next run goes on with it.
#[derive(Debug)]
pub struct Download {
    path: Utf8PathBuf,
    tag_path: Utf8PathBuf,
    out: BufWriter<File>,
    written: u64,
    tag: Option<String>,
}

impl StoreLock {
    /// Opens the download of an ecosystem's archive, with what is there already.
    pub fn download(&self, ecosystem: Ecosystem) -> Result<Download, StoreError> {
        let path = self
            .store
            .folder
            .join(format!(".{}.part", file_name(ecosystem)));
        Download::open(&path)
    }
}

impl Download {
    fn open(path: &Utf8Path) -> Result<Self, StoreError> {
        let tag_path = path.with_extension("tag");
        let file = access::create_or_open(path).map_err(|error| failed(path, error));
        let mut file = file?;
        access::check_file(path, &file)?;
        let tag = fs::read_to_string(&tag_path)
            .ok()
            .filter(|tag| tag.len() <= LONGEST_TAG);
        let written = file.seek(SeekFrom::End(0));
        let written = written.map_err(|error| failed(path, error))?;
        Ok(Self {
            path: path.to_owned(),
            tag_path,
            out: BufWriter::new(file),
            written,
            tag,
        })
    }

    /// Returns where it lies.
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// Returns how many bytes are there, and the tag of the whole that they are a part of; none if nothing can be gone on with.
    pub fn held(&self) -> Option<(u64, &str)> {
        let tag = self.tag.as_deref()?;
        (self.written > 0).then_some((self.written, tag))
    }

    /// Begins at a place: what stands behind it is dropped. The tag is written before the first byte that it vouches for.
    pub fn start(&mut self, at: u64, tag: Option<&str>) -> io::Result<()> {
        self.out.flush()?;
        let file = self.out.get_mut();
        file.set_len(at)?;
        file.seek(SeekFrom::Start(at))?;
        self.written = at;
        self.tag = tag
            .filter(|tag| tag.len() <= LONGEST_TAG)
            .map(str::to_owned);
        match &self.tag {
            Some(tag) => {
                remove(&self.tag_path)?;
                access::create_new(&self.tag_path)?.write_all(tag.as_bytes())
            }
            None => remove(&self.tag_path),
        }
    }

    /// Adds bytes.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Makes what was written readable under [`Download::path`].
    pub fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Takes the file away: it was used, or is of no use.
    pub fn remove(self) -> io::Result<()> {
        remove(&self.tag_path)?;
        remove(&self.path)
    }
}

fn remove(path: &Utf8Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
