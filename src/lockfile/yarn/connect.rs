//! From what packages ask for to edges between the records.
//!
//! The project's own packages ask by their manifests, since no form of the lockfile tells what is for development
//! only; a member without a manifest that can be read asks by its record. Peers make no edges: Yarn gives a
//! package the one that whoever asks for it has, so that it is reached from there already.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::catalogs::Catalogs;
use super::overrides::Overrides;
use super::project::Own;
use super::report::{AllUnmet, Candidates, Unmet, repeated};
use super::resolver::{Answer, Asker, Resolver};
use super::{Record, Records, TOLD};
use crate::lockfile::limits::{LimitExceeded, Limits};
use crate::lockfile::model::{
    DependencyKind, EntryKind, LockedDependency, LockedEntry, Lockfile, Problem, ProblemSeverity,
};
use crate::lockfile::npm::declared::{self, Need, Tables};
use crate::lockfile::span::{SourceFile, to_u32};
use crate::package::{Ecosystem, PackageName, Source, Version};
use crate::path::FilePath;
use crate::text::Untrusted;

/// What a form of the lockfile says of the project's own packages.
pub(in crate::lockfile) enum Form {
    /// They are records.
    Listed(Listed),
    /// They are not there.
    Absent,
}

/// The records of the project's own packages.
#[derive(Debug, Default)]
pub(in crate::lockfile) struct Listed {
    /// The entries by folder; a folder outside of what is audited has none.
    pub(in crate::lockfile) folders: FxHashMap<FilePath, u32>,
    /// The entries in the order of the file.
    pub(in crate::lockfile) entries: Vec<u32>,
}

impl Listed {
    fn holds(&self, entry: u32) -> bool {
        self.entries.binary_search(&entry).is_ok()
    }
}

/// What is known of the project besides its records.
pub(in crate::lockfile) struct Asking<'m> {
    /// The manifests that could be read.
    pub(in crate::lockfile) own: &'m [Own<'m>],
    /// What the lockfile says of the project's own packages.
    pub(in crate::lockfile) form: Form,
    /// The ranges of Yarn's settings.
    pub(in crate::lockfile) catalogs: &'m Catalogs<'m>,
    /// The command that writes the lockfile anew.
    pub(in crate::lockfile) relock: &'static str,
}

/// Draws every edge, and makes entries for the project's own packages where the lockfile has none.
pub(in crate::lockfile) fn connect<'a>(
    lockfile: &mut Lockfile<'a>,
    file: &'a SourceFile,
    records: &Records<'a>,
    asking: &Asking<'_>,
    limits: &Limits,
) -> Result<(), LimitExceeded> {
    let root = asking
        .own
        .iter()
        .find(|own| own.folder == lockfile.project());
    let overrides = root.map_or_else(Overrides::default, |own| {
        Overrides::of(&own.manifest, records.ranges)
    });
    let mut twice = Vec::new();
    let resolver = Resolver::new(records, overrides, |record, descriptor| {
        if twice.len() < TOLD {
            twice.push((record.entry, descriptor));
        }
    });
    for (entry, descriptor) in twice {
        let span = lockfile.entries[entry as usize].span;
        let (name, range) = (descriptor.name.as_str(), descriptor.range.as_str());
        let problem = repeated(file, span, &format!("{name}@{range}"));
        lockfile.problems.push(problem);
    }
    let mut connector = Connector {
        lockfile,
        file,
        resolver,
        asking,
        folders: FxHashMap::default(),
        members: Vec::new(),
        unmet: AllUnmet::default(),
    };
    connector.connect_own(records);
    for record in records.iter() {
        connector.connect_record(record);
        limits.check_dependencies(connector.lockfile.dependencies.len())?;
    }
    if root.is_none() && !connector.has_root_record() {
        connector.connect_unrequired();
    }
    let problems = connector.unmet.problems(file, asking.relock);
    lockfile.problems.extend(problems);
    Ok(())
}

/// Who says that something is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// A manifest of the project, which may be newer than the lockfile.
    Manifest,
    /// A record of the lockfile, which may have been written before ranges were replaced.
    Record,
}

/// Something that is asked for.
struct Wanted<'w> {
    name: &'w str,
    range: &'w str,
    kind: DependencyKind,
    origin: Origin,
}

struct Connector<'c, 'r, 'm, 'a> {
    lockfile: &'c mut Lockfile<'a>,
    file: &'a SourceFile,
    resolver: Resolver<'r, 'm, 'a>,
    asking: &'c Asking<'m>,
    /// The entries of folders that no record stands for.
    folders: FxHashMap<FilePath, u32>,
    /// The entries of the workspace's members, in order.
    members: Vec<u32>,
    unmet: AllUnmet,
}

impl<'a> Connector<'_, '_, '_, 'a> {
    fn connect_own(&mut self, records: &Records<'a>) {
        let entries: Vec<Option<u32>> = match &self.asking.form {
            Form::Listed(listed) => self.entries_of_listed(listed),
            Form::Absent => self.add_members(),
        };
        let mut has_manifest = vec![false; self.lockfile.entries.len()];
        for (own, entry) in self.asking.own.iter().zip(entries) {
            let Some(entry) = entry else {
                continue;
            };
            has_manifest[entry as usize] = true;
            self.connect_manifest(own, entry);
        }
        if let Form::Listed(listed) = &self.asking.form {
            let without = records.iter().filter(|record| {
                listed.holds(record.entry) && !has_manifest[record.entry as usize]
            });
            let without: Vec<_> = without.collect();
            let count = without
                .iter()
                .filter(|record| !record.asks.is_empty())
                .count();
            for record in without {
                self.connect_asks(record);
            }
            self.note_unread_manifests(count);
        }
    }

    /// Finds the records of the packages that have a manifest, and leads from the root to all members.
    fn entries_of_listed(&mut self, listed: &Listed) -> Vec<Option<u32>> {
        for entry in listed.entries.iter().filter(|entry| **entry != 0) {
            self.add_member(*entry);
        }
        let mut entries = Vec::with_capacity(self.asking.own.len());
        for own in self.asking.own {
            let entry = listed.folders.get(&own.folder).copied();
            match entry {
                Some(entry) => self.adopt(entry, own),
                // Without a record the root is an entry still.
                None if own.folder == self.lockfile.project() => {
                    self.adopt(0, own);
                    entries.push(Some(0));
                    continue;
                }
                None => self.report_unlisted(own),
            }
            entries.push(entry);
        }
        entries
    }

    /// Makes an entry for every member, and leads from the root to it.
    fn add_members(&mut self) -> Vec<Option<u32>> {
        let project = self.lockfile.project();
        let mut entries = Vec::with_capacity(self.asking.own.len());
        for own in self.asking.own {
            if own.folder == project {
                self.adopt(0, own);
                let name = self.lockfile.entries[0].name.as_str().to_owned();
                self.resolver.add_member(name, 0);
                entries.push(Some(0));
                continue;
            }
            let name = own.manifest.name.text().map(Untrusted::as_str);
            let name = name.unwrap_or_else(|| own.folder.file_name()).to_owned();
            let entry = self.add_folder(&own.folder, &project.relative_to(&own.folder), &name);
            self.adopt(entry, own);
            self.resolver.add_member(name, entry);
            self.add_member(entry);
            entries.push(Some(entry));
        }
        entries
    }

    /// Leads from the root to a member, which beats what the root's manifest asks of it.
    fn add_member(&mut self, entry: u32) {
        self.push(LockedDependency::new(0, entry, DependencyKind::Normal));
        self.members.push(entry);
    }

    /// Takes name and version of a package of the project, of which the lockfile says `0.0.0-use.local`.
    fn adopt(&mut self, entry: u32, own: &Own<'_>) {
        let entry = &mut self.lockfile.entries[entry as usize];
        if let Some(name) = own.manifest.name.text() {
            entry.name = PackageName::new(Ecosystem::Npm, name.clone().into_owned());
        }
        if let Some(version) = own.manifest.version.text() {
            entry.version = Some(Version::new(version.clone().into_owned()));
        }
    }

    /// Makes an entry for a folder that no record stands for.
    fn add_folder(&mut self, folder: &FilePath, relative: &str, name: &str) -> u32 {
        let entry = self.make_folder(relative, name);
        self.folders.insert(folder.clone(), entry);
        entry
    }

    fn make_folder(&mut self, relative: &str, name: &str) -> u32 {
        let entry = to_u32(self.lockfile.entries.len());
        self.lockfile.entries.push(LockedEntry {
            kind: EntryKind::Workspace,
            source: Source::Path(relative.to_owned().into()),
            key: relative.to_owned().into(),
            ..LockedEntry::root(Ecosystem::Npm, name.to_owned().into())
        });
        entry
    }

    /// Draws the edges of a package of the project as its manifest asks.
    fn connect_manifest(&mut self, own: &Own<'_>, entry: u32) {
        let locator = self.locator(own, entry);
        let asker = Asker::new(&locator);
        for dependency in declared::of_own(Tables::of(&own.manifest)) {
            if dependency.kind == DependencyKind::Peer {
                continue;
            }
            let range = dependency.range.as_ref().map_or("", Untrusted::as_str);
            if matches!(self.asking.form, Form::Absent)
                && let Some(path) = folder_of(range)
            {
                let to = self.linked(own, dependency.name.as_str(), path);
                self.push(LockedDependency::new(entry, to, dependency.kind));
                continue;
            }
            let kind = match dependency.need {
                Need::MayBeMissing => DependencyKind::Optional,
                Need::Required => dependency.kind,
            };
            let range = self.as_written(own, range);
            let wanted = Wanted {
                name: dependency.name.as_str(),
                range: &range,
                kind,
                origin: Origin::Manifest,
            };
            if let Some(to) = self.resolve(entry, &asker, &wanted) {
                let mut edge = LockedDependency::new(entry, to, kind);
                edge.requirement = dependency.range.clone().map(Untrusted::into_owned);
                self.push(edge);
            }
        }
    }

    /// Writes a path that a member asks for as Yarn 1 does in the lockfile: from the project's folder.
    fn as_written<'m>(&self, own: &Own<'_>, range: &'m str) -> Cow<'m, str> {
        let project = self.lockfile.project();
        let path = range.strip_prefix("file:");
        let is_of_member = matches!(self.asking.form, Form::Absent) && own.folder != project;
        match path
            .filter(|_| is_of_member)
            .and_then(|path| own.folder.join(path))
        {
            Some(target) => Cow::Owned(format!("file:{}", project.relative_to(&target))),
            None => Cow::Borrowed(range),
        }
    }

    /// Returns a package of the project as a lockfile of Yarn 2 and later calls it.
    fn locator(&self, own: &Own<'_>, entry: u32) -> String {
        let record = &self.lockfile.entries[entry as usize];
        if matches!(self.asking.form, Form::Listed(_)) && !record.key.as_str().is_empty() {
            return record.key.as_str().to_owned();
        }
        let folder = self.lockfile.project().relative_to(&own.folder);
        let folder = if folder.is_empty() { "." } else { &folder };
        format!("{}@workspace:{folder}", record.name.as_str())
    }

    /// Returns the entry of a folder that is linked to, and makes one if there is none yet.
    fn linked(&mut self, own: &Own<'_>, name: &str, path: &str) -> u32 {
        let Some(folder) = own.folder.join(path) else {
            return self.make_folder(path, name);
        };
        if folder == self.lockfile.project() {
            return 0;
        }
        let known = self.folders.get(&folder).copied();
        known.unwrap_or_else(|| self.add_folder(&folder, path, name))
    }

    fn connect_record(&mut self, record: Record<'_, 'a>) {
        if let Form::Listed(listed) = &self.asking.form
            && listed.holds(record.entry)
        {
            return;
        }
        self.connect_asks(record);
        for base in self.resolver.bases(record) {
            self.push(LockedDependency::new(
                record.entry,
                base,
                DependencyKind::Normal,
            ));
        }
    }

    fn connect_asks(&mut self, record: Record<'_, 'a>) {
        let locator = self.lockfile.entries[record.entry as usize].key.clone();
        let asker = Asker::new(locator.as_str());
        for ask in record.asks {
            let wanted = Wanted {
                name: ask.descriptor.name.as_str(),
                range: ask.descriptor.range.as_str(),
                kind: ask.kind,
                origin: Origin::Record,
            };
            if let Some(to) = self.resolve(record.entry, &asker, &wanted) {
                let mut edge = LockedDependency::new(record.entry, to, ask.kind);
                edge.requirement = Some(ask.descriptor.range.clone());
                self.push(edge);
            }
        }
    }

    /// Finds the entry that is wanted; what is not found is told.
    fn resolve(&mut self, from: u32, asker: &Asker<'_>, wanted: &Wanted<'_>) -> Option<u32> {
        let asking = &self.lockfile.entries[from as usize];
        let range = self.asking.catalogs.range(wanted.name, wanted.range);
        let is_unknown = range.starts_with("catalog:");
        let answer = self
            .resolver
            .answer(asking.name.as_str(), asker, wanted.name, range);
        match answer {
            Answer::Held(entry) => Some(entry),
            Answer::Lone(entry) => {
                if wanted.origin == Origin::Manifest && !is_unknown {
                    self.tell_unmet(from, wanted, Candidates::Taken);
                }
                Some(entry)
            }
            Answer::Several => {
                self.tell_unmet(from, wanted, Candidates::Several);
                None
            }
            Answer::None => {
                self.tell_unmet(from, wanted, Candidates::None);
                None
            }
        }
    }

    fn tell_unmet(&mut self, from: u32, wanted: &Wanted<'_>, candidates: Candidates) {
        if wanted.kind == DependencyKind::Optional && candidates == Candidates::None {
            return;
        }
        let asking = &self.lockfile.entries[from as usize];
        let severity = match asking.kind {
            EntryKind::Package => ProblemSeverity::Warning,
            EntryKind::Root | EntryKind::Workspace => ProblemSeverity::Error,
        };
        if self.unmet.admits(severity) {
            self.unmet.push(Unmet {
                asking: asking.name.as_str().to_owned(),
                asked: format!("{}@{}", wanted.name, wanted.range),
                span: asking.span,
                severity,
                candidates,
            });
        }
    }

    /// Adds an edge, unless it leads to the project itself, where every path begins.
    fn push(&mut self, edge: LockedDependency<'a>) {
        let is_known = edge.from == 0 && self.members.binary_search(&edge.to).is_ok();
        if edge.to != 0 && !is_known {
            self.lockfile.dependencies.push(edge);
        }
    }

    fn has_root_record(&self) -> bool {
        match &self.asking.form {
            Form::Listed(listed) => listed.holds(0),
            Form::Absent => false,
        }
    }

    /// Nothing says what the project itself depends on: everything that nothing else asks for.
    fn connect_unrequired(&mut self) {
        let mut required = vec![false; self.lockfile.entries.len()];
        for edge in &self.lockfile.dependencies {
            required[edge.to as usize] = true;
        }
        let entries = required.iter().enumerate().skip(1);
        let direct = entries.filter(|(_, is_required)| !**is_required);
        for (entry, _) in direct {
            self.push(LockedDependency::new(
                0,
                to_u32(entry),
                DependencyKind::Normal,
            ));
        }
        let message = "the lockfile does not say what the project itself depends on, and there is no package.json that does: packages that nothing asks for count as direct";
        self.note(message.to_owned());
    }

    fn note_unread_manifests(&mut self, count: usize) {
        if count > 0 {
            let message = format!(
                "no package.json was read for {count} packages of the project, so what they need only for development is not told from the rest"
            );
            self.note(message);
        }
    }

    fn note(&mut self, message: String) {
        let path = self.file.path().clone();
        let problem = Problem::new(path, ProblemSeverity::Note, message);
        self.lockfile.problems.push(problem);
    }

    /// A member that the lockfile does not know asks for packages that were not checked.
    fn report_unlisted(&mut self, own: &Own<'_>) {
        let message = format!(
            "`{}` is a member of the workspace that this lockfile does not hold",
            crate::lockfile::check::excerpt(&own.folder.untrusted())
        );
        let path = self.file.path().clone();
        let problem = Problem::new(path, ProblemSeverity::Error, message);
        let help = format!(
            "the lockfile is behind its manifest: {}",
            self.asking.relock
        );
        self.lockfile.problems.push(problem.help(help));
    }
}

/// Returns the folder that a range links to, for which no lockfile of such a form has a record.
fn folder_of(range: &str) -> Option<&str> {
    range
        .strip_prefix("link:")
        .or_else(|| range.strip_prefix("portal:"))
}
