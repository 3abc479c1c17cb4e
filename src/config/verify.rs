//! `[verify]`: what is compared with local copies.

use super::reader::{Reader, Section};

/// `[verify]`: what is compared with local copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verify {
    /// Whether the caches of cargo and npm on this machine are hashed.
    pub caches: bool,
}

impl Default for Verify {
    fn default() -> Self {
        Self { caches: true }
    }
}

impl Verify {
    /// Reads the table, if the document has it.
    pub(super) fn read(document: &Section<'_>, reader: &mut Reader) -> Self {
        let section = reader.known_section(document, "verify", "[verify]", &["caches"]);
        let mut verify = Self::default();
        if let Some(value) = section.as_ref().and_then(|section| section.get("caches")) {
            verify.caches = reader.switch(value).unwrap_or(verify.caches);
        }
        verify
    }
}
