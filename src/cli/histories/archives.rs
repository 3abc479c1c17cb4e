//! What archives of young releases show: their file list, and what their install scripts do. Nothing of them is run.

use std::collections::BTreeSet;
use std::ops::Range;

use url::Url;

use super::{Connection, Sources};
use crate::archive::ArchiveError;
use crate::archive::hook::{HookReport, is_looked_at, look};
use crate::archive::tarball::{Tarball, TarballLimits, read_tarball};
use crate::archive::wheel::{Directory, TAIL_BYTES, read_directory, start_up_files};
use crate::evidence::{ArchivedHooks, Evidence, ReleaseArchives, SkipReason, StartUpFiles};
use crate::fetch::inquiry::Body;
use crate::fetch::{FetchError, Request};
use crate::package::endpoints::PYPI_FILES_HOST;
use crate::registry::history::{ArchiveKinds, Hook};
use crate::registry::{self, ArchivePlace, ArchivedScripts, Release, ReleaseHistory, Service};

/// The largest archive that is read.
const LARGEST_ARCHIVE: u64 = 20 << 20;

/// How many wheels of a release are read; few have more.
const WHEELS: usize = 24;

/// Of how many bundled packages the scripts are looked at; those of others are told, and stay unclear.
const BUNDLED: usize = 8;

/// How often a wheel is read before its directory is there: its place is known in two steps at the most.
const STEPS: usize = 3;

impl ReleaseArchives for Sources {
    /// Looks at the install scripts of a release: those that the registry tells of, and those that its archive holds besides.
    ///
    /// The registry takes another manifest than that of the archive, so that a script may stand in one of them only.
    fn hooks(&self, history: &ReleaseHistory, release: &Release) -> Evidence<ArchivedHooks> {
        if self.connection == Connection::Offline {
            return Evidence::NotGathered(SkipReason::UnreadArchive);
        }
        let registry = registry::of(history.ecosystem);
        let Some(place) = registry.archives(history, &release.version).pop() else {
            return Evidence::Absent;
        };
        let body = match self.read_archive(history, &place, None) {
            Ok(body) => body,
            Err(error) => return Evidence::NotGathered(unread(&error)),
        };
        if registry::is_archive_of(release, &body.bytes) == Some(false) {
            tracing::debug!(
                version = release.version,
                "an archive is not the one that is listed"
            );
            return Evidence::NotGathered(SkipReason::StrangeArchive);
        }
        let tarball = read_tarball(&body.bytes, &is_looked_at, &TarballLimits::default());
        let tarball = match tarball {
            Ok(tarball) => tarball,
            Err(error) => return Evidence::NotGathered(strange(&error)),
        };
        let Some(archived) = registry::archived_hooks(&tarball) else {
            return Evidence::NotGathered(SkipReason::StrangeArchive);
        };
        Evidence::Known(look_at_all(release, archived, &tarball))
    }

    /// Finds the files of a release that Python runs whenever it starts, and keeps what was found.
    ///
    /// A release may get another wheel any day, so that what is kept counts only where nobody says which ones it has.
    fn start_up_files(
        &self,
        history: &ReleaseHistory,
        release: &Release,
    ) -> Evidence<StartUpFiles> {
        if let Some(files) = &release.install.start_up_files
            && release.archives.is_empty()
        {
            return Evidence::Known(StartUpFiles {
                files: files.clone(),
                unread: None,
            });
        }
        if self.connection == Connection::Offline {
            return Evidence::NotGathered(SkipReason::UnreadArchive);
        }
        let places = registry::of(history.ecosystem).archives(history, &release.version);
        if places.is_empty() {
            return match release.install.archives {
                ArchiveKinds::Wheels => Evidence::NotGathered(SkipReason::UnreadArchive),
                // A source archive has no place for such files.
                ArchiveKinds::SourceOnly | ArchiveKinds::Unknown => Evidence::Absent,
            };
        }
        // pip picks one of them by the machine, so that each counts.
        let mut files = BTreeSet::new();
        for place in places.iter().take(WHEELS) {
            match self.read_start_up_files(history, release, place) {
                Ok(found) => files.extend(found),
                Err(reason) => return Evidence::NotGathered(reason),
            }
        }
        let files: Vec<String> = files.into_iter().collect();
        let unread = (places.len() > WHEELS).then_some(SkipReason::LargeArchive);
        if unread.is_none() {
            self.keep_start_up_files(history, release, &files);
        }
        Evidence::Known(StartUpFiles { files, unread })
    }
}

impl Sources {
    /// Reads the directory at the end of a wheel, and no more; all of it where nobody says how large it is.
    fn read_start_up_files(
        &self,
        history: &ReleaseHistory,
        release: &Release,
        place: &ArchivePlace,
    ) -> Result<Vec<String>, SkipReason> {
        let mut archives = release.archives.iter();
        let wheel = archives
            .find(|archive| matches!(place, ArchivePlace::At(_, url) if *url == archive.url));
        let total = wheel.and_then(|wheel| wheel.size);
        let mut part = total.map(|total| total.saturating_sub(TAIL_BYTES)..total);
        for _ in 0..STEPS {
            let body = self.read_archive(history, place, part.as_ref());
            let body = body.map_err(|error| unread(&error))?;
            let start = body.start.whole.map_or(0, |_| body.start.at);
            let total = start.checked_add(body.bytes.len() as u64);
            let total = total.ok_or(SkipReason::StrangeArchive)?;
            let read = read_directory(total, start, &body.bytes);
            match read.map_err(|error| strange(&error))? {
                Directory::Names(names) => {
                    let found = start_up_files(names.iter().map(String::as_str));
                    return Ok(found.into_iter().map(str::to_owned).collect());
                }
                Directory::Read(wanted) => part = Some(wanted),
            }
        }
        Err(SkipReason::StrangeArchive)
    }

    /// Reads bytes of an archive, from wherever a registry of this run may serve them.
    fn read_archive(
        &self,
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

/// Looks at the install scripts that the registry tells of, then at those that the archive holds besides.
fn look_at_all(release: &Release, archived: ArchivedScripts, tarball: &Tarball) -> ArchivedHooks {
    let mut hooks = release.install.hooks.clone();
    let own = archived.own.into_iter();
    hooks.extend(own.filter(|hook| !release.install.hooks.contains(hook)));
    let mut reports = look(&named(&hooks), tarball);
    for (place, bundled) in archived.bundled.iter().enumerate() {
        let of_package: Vec<Hook> = bundled.hooks_of_package().collect();
        if place < BUNDLED {
            reports.extend(bundled.look(tarball));
        } else {
            let unread = named(&of_package).into_iter();
            reports.extend(unread.map(|(hook, command)| HookReport::unread(hook, command)));
        }
        hooks.extend(of_package);
    }
    ArchivedHooks { hooks, reports }
}

/// Pairs each script with the name of its event.
fn named(hooks: &[Hook]) -> Vec<(&str, &str)> {
    let named = hooks.iter();
    named
        .map(|hook| (hook.event.id(), hook.command.as_str()))
        .collect()
}

/// Says why an archive was not read; time and bytes that are used up leave more unread than this one.
fn unread(error: &FetchError) -> SkipReason {
    tracing::debug!(%error, "an archive was not read");
    match error {
        FetchError::TooSlow { .. } | FetchError::OverBudget { .. } => SkipReason::OverBudget,
        FetchError::TooLarge { .. } => SkipReason::LargeArchive,
        _ => SkipReason::UnreadArchive,
    }
}

/// Says why an archive shows nothing: no honest one is beyond what is unpacked of it.
fn strange(error: &ArchiveError) -> SkipReason {
    tracing::debug!(%error, "an archive was not understood");
    SkipReason::StrangeArchive
}
