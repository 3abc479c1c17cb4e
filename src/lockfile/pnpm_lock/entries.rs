//! Packages and snapshots → entries.

use rustc_hash::FxHashMap;

use super::key::{self, Dialect, Parts, Slot};
use super::source::{self, part, stated, text};
use super::told::Told;
use super::wire::{Mapping, Package, Resolution, Texts};
use super::workspace::Workspace;
use super::{Part, RELOCK, WRITE_ANEW, check};
use crate::lockfile::json::Expected;
use crate::lockfile::model::{
    Artifact, Delivery, EntryKind, InstallScript, LockedEntry, Lockfile, Problem, ProblemSeverity,
    Unjudged,
};
use crate::lockfile::span::{SourceFile, Span, to_u32};
use crate::package::{Ecosystem, Integrity, PackageName, Source, Version};
use crate::text::Untrusted;

/// The language runtimes that pnpm installs; they come from no registry.
const RUNTIMES: [&str; 3] = ["bun", "deno", "node"];

/// How many patched packages a note names.
const NAMED: usize = 5;

/// A lockfile on its way, with what was odd about the file so far.
pub(super) struct Reader<'w, 'a> {
    pub(super) lockfile: Lockfile<'a>,
    pub(super) file: &'a SourceFile,
    workspace: &'w Workspace,
    odd: Told,
    undescribed: Told,
    hashes: Told,
    runtimes: usize,
    bundling: usize,
}

/// The packages of one document.
pub(super) struct Nodes<'d, 'a> {
    pub(super) all: Vec<Node<'d, 'a>>,
    by_key: FxHashMap<&'d str, Held>,
}

/// What stands behind a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// An entry, by its index.
    Entry(u32),
    /// What is counted only, or was told to be odd.
    Apart,
}

/// A package with one set of peers: its entry, and what it depends on.
pub(super) struct Node<'d, 'a> {
    pub(super) entry: Option<u32>,
    pub(super) package: Option<&'d Package<'a>>,
    pub(super) dependencies: Option<&'d Texts<'a>>,
    pub(super) optional: Option<&'d Texts<'a>>,
}

impl Nodes<'_, '_> {
    /// Finds what a dependency's value means; none if the document does not hold it.
    pub(super) fn find(
        &self,
        name: &str,
        value: &str,
        dialect: Dialect,
        buffer: &mut String,
    ) -> Option<Held> {
        key::find(name, value, dialect, buffer, |key| {
            self.by_key.get(key).copied()
        })
    }
}

impl<'w, 'a> Reader<'w, 'a> {
    /// Starts with a lockfile that holds its root.
    pub(super) const fn new(
        lockfile: Lockfile<'a>,
        file: &'a SourceFile,
        workspace: &'w Workspace,
    ) -> Self {
        Self {
            lockfile,
            file,
            workspace,
            odd: Told::new(ProblemSeverity::Error, "records that cannot be read"),
            undescribed: Told::new(
                ProblemSeverity::Warning,
                "snapshots that `packages` does not describe",
            ),
            hashes: Told::new(
                ProblemSeverity::Warning,
                "integrities that hold no digest that can be read",
            ),
            runtimes: 0,
            bundling: 0,
        }
    }

    /// Makes an entry of every snapshot, and of every package that has none.
    pub(super) fn add_packages<'d>(&mut self, part: &'d Part<'a>) -> Nodes<'d, 'a> {
        let packages = &part.document.packages;
        let snapshots = &part.document.snapshots;
        let count = packages.len().max(snapshots.len());
        let mut nodes = Nodes {
            all: Vec::with_capacity(count),
            by_key: FxHashMap::with_capacity_and_hasher(count, rustc_hash::FxBuildHasher),
        };
        self.lockfile.entries.reserve(count);
        self.lockfile.dependencies.reserve(count * 3);
        let described = self.add_snapshots(part, &mut nodes);
        for (position, (key, package)) in packages.iter().enumerate() {
            if !described.get(position).is_some_and(|described| *described) {
                let package = self.read(key, package);
                let node = Node {
                    entry: None,
                    package,
                    dependencies: package.map(|package| &package.dependencies),
                    optional: package.map(|package| &package.optional_dependencies),
                };
                self.add(key, node, part.dialect, &mut nodes);
            }
        }
        nodes
    }

    /// Returns which packages a snapshot was made of.
    fn add_snapshots<'d>(&mut self, part: &'d Part<'a>, nodes: &mut Nodes<'d, 'a>) -> Vec<bool> {
        let packages = &part.document.packages;
        let snapshots = &part.document.snapshots;
        if snapshots.len() == 0 {
            return Vec::new();
        }
        let positions = packages.iter().enumerate();
        let positions: FxHashMap<&str, usize> = positions
            .map(|(position, (key, _))| (key.as_str(), position))
            .collect();
        let mut described = vec![false; packages.len()];
        let packages = packages.get().map_or(&[][..], |packages| &packages.0);
        for (key, snapshot) in snapshots.iter() {
            let position = positions.get(key.as_str());
            let position = position.or_else(|| positions.get(key::cut_peers(key.as_str())));
            let package = position.and_then(|position| {
                let (key, package) = &packages[*position];
                let is_new = !std::mem::replace(&mut described[*position], true);
                if is_new {
                    self.read(key, package)
                } else {
                    package.get()
                }
            });
            if position.is_none() {
                self.tell_undescribed(key);
            }
            if snapshot.get().is_some_and(|snapshot| {
                snapshot.dependencies.is_odd() || snapshot.optional_dependencies.is_odd()
            }) || snapshot.is_odd()
            {
                self.tell_odd(key, "has a form that no pnpm writes");
            }
            let node = Node {
                entry: None,
                package,
                dependencies: snapshot.get().map(|snapshot| &snapshot.dependencies),
                optional: snapshot
                    .get()
                    .map(|snapshot| &snapshot.optional_dependencies),
            };
            self.add(key, node, part.dialect, nodes);
        }
        described
    }

    /// Returns a package's record, and tells if it is none.
    fn read<'d>(
        &mut self,
        key: &Untrusted<'a>,
        package: &'d Mapping<Package<'a>>,
    ) -> Option<&'d Package<'a>> {
        if package.is_odd() || package.get().is_some_and(Package::is_odd) {
            self.tell_odd(key, "has a form that no pnpm writes");
        }
        let package = package.get()?;
        self.bundling += usize::from(package.bundled_dependencies.is_some());
        Some(package)
    }

    fn add<'d>(
        &mut self,
        key: &'d Untrusted<'a>,
        mut node: Node<'d, 'a>,
        dialect: Dialect,
        nodes: &mut Nodes<'d, 'a>,
    ) {
        if nodes.by_key.contains_key(key.as_str()) {
            return self.tell_odd(key, "stands twice; readers differ in which one they take");
        }
        node.entry = self.add_entry(key, node.package, dialect);
        let held = node.entry.map_or(Held::Apart, Held::Entry);
        nodes.by_key.insert(key.as_str(), held);
        nodes.all.push(node);
    }

    fn add_entry(
        &mut self,
        key: &Untrusted<'a>,
        package: Option<&Package<'a>>,
        dialect: Dialect,
    ) -> Option<u32> {
        let parts = key::split(key.as_str(), dialect);
        let slot = key::slot(parts.slot);
        let resolution = package.and_then(|package| package.resolution.get());
        if slot == Slot::Runtime && is_runtime(parts, resolution) {
            self.runtimes += 1;
            return None;
        }
        if resolution.is_some_and(Resolution::is_odd) {
            self.tell_odd(
                key,
                "does not say in a way that is known where it comes from",
            );
        }
        let own = package.and_then(|package| text(&package.name));
        let named = parts.name.map(|name| part(key, name));
        let version = package.and_then(|package| text(&package.version));
        let in_key = match slot {
            Slot::Version => Some(part(key, parts.slot)),
            Slot::Named(_, version) => Some(part(key, version)),
            _ => None,
        };
        if in_key.is_some() && (differ(own, named.as_ref()) || differ(version, in_key.as_ref())) {
            self.tell_odd(
                key,
                "is the key of another name or version than its record states",
            );
        }
        let Some(name) = own.cloned().or(named) else {
            self.tell_odd(key, "names no package");
            return None;
        };
        let name = PackageName::new(Ecosystem::Npm, name);
        let source = source::of(key, parts, package, &name, self.workspace);
        let span = self.span(key);
        let is_own = matches!(source, Source::Path(_));
        let artifacts = if is_own {
            Vec::new()
        } else {
            let url = source::address(key, parts, resolution, &source);
            let integrity = self.integrity(resolution, &name, span);
            vec![Artifact { url, integrity }]
        };
        self.lockfile.entries.push(LockedEntry {
            kind: if is_own {
                EntryKind::Workspace
            } else {
                EntryKind::Package
            },
            name,
            version: version.cloned().or(in_key).map(Version::new),
            source,
            key: key.clone(),
            artifacts,
            deprecated: package.and_then(|package| text(&package.deprecated).cloned()),
            delivery: Delivery::Own,
            install_script: package
                .and_then(|package| package.requires_build.0.then_some(InstallScript::Stated)),
            span,
        });
        Some(to_u32(self.lockfile.entries.len() - 1))
    }

    fn integrity(
        &mut self,
        resolution: Option<&Resolution<'a>>,
        name: &PackageName<'a>,
        span: Span,
    ) -> Integrity {
        let stated = resolution.and_then(|resolution| stated(&resolution.integrity));
        let (integrity, unreadable) =
            stated.map_or_else(Default::default, |text| Integrity::from_sri(text.as_str()));
        if unreadable > 0 && integrity.is_empty() {
            let file = self.file;
            self.hashes.push(|severity| {
                let name = check::excerpt(name.untrusted());
                let message = format!("the integrity of `{name}` holds no digest that can be read");
                Problem::new(file.path().clone(), severity, message)
                    .at(file.locate(span.start))
                    .help(format!(
                        "it counts as missing; write the lockfile anew: {RELOCK}"
                    ))
            });
        }
        integrity
    }

    /// Returns where a key stands; an empty span for one that YAML had to unfold.
    pub(super) fn span(&self, key: &Untrusted<'a>) -> Span {
        let borrowed = key.as_borrowed();
        borrowed
            .and_then(|key| self.file.span_of(key))
            .unwrap_or_default()
    }

    /// Reports a record that cannot be read as its tool would write it.
    pub(super) fn tell_odd(&mut self, key: &Untrusted<'a>, what: &str) {
        let (file, span) = (self.file, self.span(key));
        self.odd.push(|severity| {
            let message = format!("`{}` {what}", check::excerpt(key));
            Problem::new(file.path().clone(), severity, message)
                .at(file.locate(span.start))
                .help(WRITE_ANEW)
        });
    }

    fn tell_undescribed(&mut self, key: &Untrusted<'a>) {
        let (file, span) = (self.file, self.span(key));
        self.undescribed.push(|severity| {
            let message = format!(
                "`packages` does not describe `{}`, so that where it comes from is told by its key alone",
                check::excerpt(key)
            );
            Problem::new(file.path().clone(), severity, message)
                .at(file.locate(span.start))
                .help(WRITE_ANEW)
        });
    }

    /// Says what the file tells of packages without saying which bytes they are.
    pub(super) fn report(&mut self, parts: &[Part<'a>]) {
        if self.runtimes > 0 {
            self.lockfile.unjudged.push(Unjudged {
                what: "language runtimes",
                count: self.runtimes,
            });
        }
        if self.bundling > 0 {
            let message = format!(
                "packages whose archives bundle others, which this lockfile does not name: {}",
                self.bundling
            );
            self.note(message);
        }
        let patched = parts
            .iter()
            .flat_map(|part| part.document.patched_dependencies.iter());
        let patched: Vec<String> = patched
            .map(|(name, _)| format!("`{}`", check::excerpt(name)))
            .collect();
        if !patched.is_empty() {
            let more = match patched.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let named = patched[..patched.len().min(NAMED)].join(", ");
            self.note(format!(
                "the project patches {named}{more}; they are judged as they were published"
            ));
        }
    }

    fn note(&mut self, message: String) {
        let path = self.file.path().clone();
        let problem = Problem::new(path, ProblemSeverity::Note, message);
        self.lockfile.problems.push(problem);
    }

    /// Hands over the lockfile with every problem.
    pub(super) fn finish(self) -> Lockfile<'a> {
        let mut lockfile = self.lockfile;
        for told in [self.odd, self.undescribed, self.hashes] {
            told.finish(self.file.path(), &mut lockfile.problems);
        }
        lockfile
    }
}

/// Says whether a record is that of a language runtime, which no package is that states an archive of its own.
fn is_runtime(parts: Parts<'_>, resolution: Option<&Resolution<'_>>) -> bool {
    let has_archive =
        resolution.is_some_and(|resolution| !matches!(resolution.tarball, Expected::Absent));
    !has_archive && parts.name.is_some_and(|name| RUNTIMES.contains(&name))
}

/// Says whether two texts are there and not the same.
fn differ(one: Option<&Untrusted<'_>>, other: Option<&Untrusted<'_>>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one != other)
}
