//! Where the answers of a feed go: its list of changes into the reader, its archive into a file.

use std::io;

use super::Watch;
use crate::advisory::changes::ChangesReader;
use crate::fetch::{Held, Next, Sink, Start};
use crate::store::Download;

/// Takes a list of changes.
pub(super) struct List(pub(super) ChangesReader);

impl Sink for List {
    fn start(&mut self, _start: &Start) -> io::Result<()> {
        self.0.restart();
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> io::Result<Next> {
        let is_done = self.0.push(bytes);
        Ok(if is_done { Next::Enough } else { Next::More })
    }
}

/// Takes an archive.
pub(super) struct Archive<'w> {
    pub(super) download: Download,
    pub(super) watch: &'w mut dyn Watch,
    pub(super) what: &'static str,
}

impl Sink for Archive<'_> {
    fn held(&self) -> Option<Held> {
        let (bytes, tag) = self.download.held()?;
        Some(Held {
            bytes,
            validator: tag.to_owned(),
        })
    }

    fn start(&mut self, start: &Start) -> io::Result<()> {
        self.watch.begin(self.what, start.total, start.at);
        self.download.start(start.at, start.validator.as_deref())
    }

    fn take(&mut self, bytes: &[u8]) -> io::Result<Next> {
        self.watch.advance(bytes.len() as u64);
        self.download.write(bytes)?;
        Ok(Next::More)
    }
}
