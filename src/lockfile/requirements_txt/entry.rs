//! One requirement → an entry, with what its line says beside it.

use super::reader::{Pin, Place, Reader, Row};
use super::written;
use crate::lockfile::model::{Artifact, Delivery, EntryKind, LockedEntry, ProblemSeverity};
use crate::lockfile::pypi::address;
use crate::lockfile::pypi::project::{self, Tool};
use crate::lockfile::pypi::requirement::{Requirement, Wanted};
use crate::lockfile::span::to_u32;
use crate::package::artifact::pypi_release;
use crate::package::source::Registry;
use crate::package::{Digest, Ecosystem, Integrity, PackageName, Source, Version};
use crate::text::Untrusted;

/// The digests behind a requirement, and how many more cannot be read.
#[derive(Default)]
pub(super) struct Hashes {
    digests: Vec<Digest>,
    unreadable: usize,
}

impl Hashes {
    pub(super) fn add(&mut self, hash: &str) {
        match Digest::from_tagged_hex(hash) {
            Some(digest) => self.digests.push(digest),
            None => self.unreadable += 1,
        }
    }
}

impl<'a> Reader<'_, 'a> {
    pub(super) fn take_named(
        &mut self,
        requirement: &Requirement<'_>,
        hashes: Hashes,
        code: &str,
        place: &Place<'_>,
    ) -> Option<u32> {
        if let Wanted::Url(address) = requirement.wanted {
            let name = Some(requirement.name);
            return self.take_address(name, address, requirement.marker, hashes, code, place);
        }
        let range = match requirement.wanted {
            Wanted::Specifier(range) => range,
            _ => "",
        };
        if range.contains("${") {
            let name = place.quote(requirement.name, "a requirement");
            let message = format!(
                "the version of {name} stands in an environment variable, so it was not read"
            );
            self.report(ProblemSeverity::Error, message, code, place);
            return None;
        }
        let integrity = self.integrity(hashes, code, place);
        let pin = requirement.pin();
        let key = match pin {
            Some(version) => format!("{} {version}", requirement.name),
            None => format!("{}{range}", requirement.name),
        };
        let entry = LockedEntry {
            name: PackageName::new(Ecosystem::Pypi, self.keep(requirement.name)),
            version: pin.map(|version| Version::new(self.keep(version))),
            artifacts: if integrity.is_empty() {
                Vec::new()
            } else {
                vec![Artifact {
                    url: None,
                    integrity,
                }]
            },
            ..self.entry(Source::Registry(Registry::Public), key, code, place)
        };
        let row = Row {
            pin: if pin.is_some() { Pin::Own } else { Pin::Open },
            scope: place.scope,
            range: Some(range)
                .filter(|range| !range.is_empty())
                .map(|range| self.keep(range)),
            marker: requirement.marker.map(|marker| self.keep(marker)),
            is_annotated: false,
        };
        Some(self.push(entry, row))
    }

    pub(super) fn take_address(
        &mut self,
        name: Option<&str>,
        address: &str,
        marker: Option<&str>,
        hashes: Hashes,
        code: &str,
        place: &Place<'_>,
    ) -> Option<u32> {
        let address = self.keep(address);
        let source = address::classify(&address);
        let name = match name {
            Some(name) => Some(self.keep(name)),
            None => self.name_of(address.as_str(), &source).map(Untrusted::from),
        };
        let Some(name) = name else {
            let message = "what this address holds is not known: it names no package".to_owned();
            self.report(ProblemSeverity::Error, message, code, place);
            return None;
        };
        let name = PackageName::new(Ecosystem::Pypi, name);
        let is_archive = matches!(source, Source::Archive(_) | Source::Registry(_));
        let release = pypi_release(address.as_str())
            .filter(|release| is_archive && release.name == name.as_str());
        let version = release.map(|release| Version::new(release.version.into()));
        let mut integrity = self.integrity(hashes, code, place);
        if integrity.is_empty() {
            integrity = address::fragment_digest(address.as_str());
        }
        let key = version.as_ref().map_or_else(
            || name.as_str().to_owned(),
            |version| format!("{} {}", name.as_str(), version.as_str()),
        );
        let entry = LockedEntry {
            name,
            version,
            artifacts: if is_archive {
                vec![Artifact {
                    url: Some(address),
                    integrity,
                }]
            } else {
                Vec::new()
            },
            ..self.entry(source, key, code, place)
        };
        let row = Row {
            pin: Pin::Address,
            scope: place.scope,
            range: None,
            marker: marker.map(|marker| self.keep(marker)),
            is_annotated: false,
        };
        Some(self.push(entry, row))
    }

    /// Names what lies at an address; a folder of the project by its manifest.
    fn name_of(&self, address: &str, source: &Source<'_>) -> Option<String> {
        if let Source::Path(path) = source {
            let folder = self.lockfile.project().join(path.as_str());
            let manifest = folder
                .as_ref()
                .and_then(|folder| folder.join("pyproject.toml"));
            let text = manifest.and_then(|manifest| self.files.read(&manifest).ok().flatten());
            let name = text.and_then(|text| project::read(&text, Tool::Other)?.name);
            let own = || folder.map(|folder| folder.file_name().to_owned());
            return name
                .or_else(|| written::name_of(address, source))
                .or_else(own);
        }
        written::name_of(address, source)
    }

    /// Makes an entry of a source; its name, version and archives are the caller's.
    fn entry(
        &self,
        source: Source<'a>,
        key: String,
        code: &str,
        place: &Place<'_>,
    ) -> LockedEntry<'a> {
        let key = match &place.label {
            Some(label) => format!("{label}: {key}"),
            None => key,
        };
        LockedEntry {
            kind: match source {
                Source::Path(_) => EntryKind::Workspace,
                _ => EntryKind::Package,
            },
            name: PackageName::new(Ecosystem::Pypi, Untrusted::default()),
            version: None,
            source,
            key: key.into(),
            artifacts: Vec::new(),
            deprecated: None,
            delivery: Delivery::Own,
            install_script: None,
            span: place.include.unwrap_or_else(|| self.span(code)),
        }
    }

    fn push(&mut self, entry: LockedEntry<'a>, row: Row<'a>) -> u32 {
        let index = to_u32(self.lockfile.entries.len());
        self.lockfile.entries.push(entry);
        self.rows.push(row);
        index
    }

    /// The digests are those of all files of a release; which is whose is not said.
    fn integrity(&mut self, hashes: Hashes, code: &str, place: &Place<'_>) -> Integrity {
        if hashes.unreadable > 0 {
            let message = "a hash of this requirement cannot be read".to_owned();
            self.report(ProblemSeverity::Warning, message, code, place);
        }
        hashes.digests.into()
    }
}
