//! What archives of young releases show: their file list, and what their install scripts do. Nothing of them is run.

use std::ops::Range;

use url::Url;

use super::{Connection, Sources};
use crate::archive::hook::{HookReport, inspect};
use crate::archive::tarball::TarballLimits;
use crate::archive::wheel::{Directory, TAIL_BYTES, read_directory, start_up_files};
use crate::evidence::{Evidence, SkipReason};
use crate::fetch::inquiry::Body;
use crate::fetch::{FetchError, Request};
use crate::package::endpoints::PYPI_FILES_HOST;
use crate::registry::history::ArchiveKinds;
use crate::registry::{self, ArchivePlace, Release, ReleaseHistory, Service};

/// The largest archive that is read.
const LARGEST_ARCHIVE: u64 = 20 << 20;

/// How often a wheel is read before its directory is there: its place is known in two steps at the most.
const STEPS: usize = 3;

impl Sources {
    /// Looks at what the install scripts of a release do.
    pub(super) fn look_at_hooks(
        &mut self,
        history: &ReleaseHistory,
        release: &Release,
    ) -> Evidence<Vec<HookReport>> {
        if self.connection == Connection::Offline {
            return Evidence::NotGathered(SkipReason::NotStored);
        }
        let reports = self.read_hooks(history, release);
        reports.map_or(
            Evidence::NotGathered(SkipReason::UnreadArchive),
            Evidence::Known,
        )
    }

    fn read_hooks(
        &mut self,
        history: &ReleaseHistory,
        release: &Release,
    ) -> Option<Vec<HookReport>> {
        let place = registry::of(history.ecosystem).archive(history, &release.version)?;
        let body = told(self.read_archive(history, &place, None))?;
        let hooks = release.install.hooks.iter();
        let hooks = hooks.map(|hook| (hook.event.id(), hook.command.as_str()));
        let hooks: Vec<(&str, &str)> = hooks.collect();
        told(inspect(&hooks, &body.bytes, &TarballLimits::default()))
    }

    /// Finds the files of a release that Python runs whenever it starts, and keeps what was found.
    pub(super) fn look_for_start_up_files(
        &mut self,
        history: &ReleaseHistory,
        release: &Release,
    ) -> Evidence<Vec<String>> {
        if let Some(known) = &release.install.start_up_files {
            return Evidence::Known(known.clone());
        }
        if self.connection == Connection::Offline {
            return Evidence::NotGathered(SkipReason::UnreadArchive);
        }
        let registry = registry::of(history.ecosystem);
        let Some(place) = registry.archive(history, &release.version) else {
            return match release.install.archives {
                ArchiveKinds::Wheels => Evidence::NotGathered(SkipReason::UnreadArchive),
                // A source archive has no place for such files.
                ArchiveKinds::SourceOnly | ArchiveKinds::Unknown => Evidence::Absent,
            };
        };
        match self.read_start_up_files(history, release, &place) {
            Some(files) => {
                self.keep_start_up_files(history, release, &files);
                Evidence::Known(files)
            }
            None => Evidence::NotGathered(SkipReason::UnreadArchive),
        }
    }

    /// Reads the directory at the end of a wheel, and no more; all of it where nobody says how large it is.
    fn read_start_up_files(
        &mut self,
        history: &ReleaseHistory,
        release: &Release,
        place: &ArchivePlace,
    ) -> Option<Vec<String>> {
        let mut archives = release.archives.iter();
        let wheel = archives
            .find(|archive| matches!(place, ArchivePlace::At(_, url) if *url == archive.url));
        let total = wheel.and_then(|wheel| wheel.size);
        let mut part = total.map(|total| total.saturating_sub(TAIL_BYTES)..total);
        for _ in 0..STEPS {
            let body = told(self.read_archive(history, place, part.as_ref()))?;
            let start = body.start.whole.map_or(0, |_| body.start.at);
            let total = start + body.bytes.len() as u64;
            match told(read_directory(total, start, &body.bytes))? {
                Directory::Names(names) => {
                    let found = start_up_files(names.iter().map(String::as_str));
                    return Some(found.into_iter().map(str::to_owned).collect());
                }
                Directory::Read(wanted) => part = Some(wanted),
            }
        }
        None
    }

    /// Reads bytes of an archive, from wherever a registry of this run may serve them.
    fn read_archive(
        &mut self,
        history: &ReleaseHistory,
        place: &ArchivePlace,
        part: Option<&Range<u64>>,
    ) -> Result<Body, FetchError> {
        let addresses = self.archive_addresses(history, place);
        let services = self.services.clone();
        let client = self.client()?;
        let mut failed = FetchError::NotBuilt;
        for address in addresses {
            let mut manner = services.manner(&address);
            manner.part = part.cloned();
            let request = Request {
                address,
                largest: part.map_or(LARGEST_ARCHIVE, |part| part.end - part.start),
                manner,
            };
            match client.body(&request) {
                Ok(body) => return Ok(body),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    /// Returns where an archive may be read: never at a host that nobody configured.
    fn archive_addresses(&self, history: &ReleaseHistory, place: &ArchivePlace) -> Vec<Url> {
        match place {
            ArchivePlace::Below(service, path) => vec![self.below(*service, path)],
            ArchivePlace::At(service, text) => {
                let question = registry::of(history.ecosystem).first_question(&history.name);
                let page = self.services.address_of(&question);
                // What is relative is so to the page that it stands on.
                let address = page.join(text);
                address.map_or_else(
                    |_| Vec::new(),
                    |address| self.trusted_addresses(*service, &page, address),
                )
            }
        }
    }

    /// Mirrors of `PyPI` serve files below their own address, at `packages/` or `files/`, and often leave the public
    /// addresses in their answers.
    fn trusted_addresses(&self, service: Service, page: &Url, address: Url) -> Vec<Url> {
        let host = address.host_str().unwrap_or_default();
        let is_same = address.origin() == page.origin();
        let is_files = host == PYPI_FILES_HOST && address.scheme() == "https";
        let is_public = self.services.address(service).as_str() == service.public_address();
        let mut trusted = self.trusted.iter();
        let is_trusted =
            trusted.any(|trusted| trusted.as_str() == host) && address.scheme() == "https";
        if is_same || (is_files && is_public) || is_trusted {
            return vec![address];
        }
        let path = address
            .path()
            .strip_prefix("/packages/")
            .filter(|_| is_files);
        let at = |folder: &str| {
            let path = path?.split('/').map(str::to_owned);
            let path: Vec<String> = [folder.to_owned()].into_iter().chain(path).collect();
            Some(self.below(service, &path))
        };
        ["packages", "files"].into_iter().filter_map(at).collect()
    }

    fn below(&self, service: Service, path: &[String]) -> Url {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        self.services.address(service).below(&path)
    }
}

/// Notes in the log why an archive shows nothing.
fn told<T, E: std::fmt::Display>(read: Result<T, E>) -> Option<T> {
    read.inspect_err(|error| tracing::debug!(%error, "an archive was not read"))
        .ok()
}
