//! The edges of uv.lock: dependencies, extras and groups, with what the project asked for.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};

use super::index_by_name;
use super::wire::{Document, Edge, Package, Requirement};
use crate::lockfile::check;
use crate::lockfile::limits::{LimitExceeded, Limits};
use crate::lockfile::model::{
    DependencyKind, EntryKind, LockedDependency, Lockfile, Problem, ProblemSeverity,
};
use crate::lockfile::pypi::choice::{Choice, Chosen, EDGE_BYTES};
use crate::lockfile::pypi::extras::Extras;
use crate::lockfile::span::{SourceFile, to_u32};
use crate::package::name::normalise;
use crate::text::Untrusted;

/// Resolves every edge and hangs the roots on the lockfile's root.
pub(super) fn connect<'a>(
    lockfile: &mut Lockfile<'a>,
    file: &SourceFile,
    document: &Document<'a>,
    limits: &Limits,
) -> Result<(), LimitExceeded> {
    let by_name = index_by_name(document);
    limits.check_namesakes(by_name.values().map(Vec::len).max().unwrap_or_default())?;
    let mut connector = Connector {
        document,
        by_name,
        requirements: index_requirements(document),
        lockfile,
        file,
        extras: Extras::default(),
        choice: Choice::new(limits),
    };
    connector.connect_roots()?;
    for index in 0..document.package.len() {
        connector.connect_package(index)?;
    }
    let extras = connector.extras;
    extras.widen(&mut lockfile.dependencies);
    Ok(())
}

/// Indexes what first-party packages ask for by package, group and name.
fn index_requirements<'d, 'a>(document: &'d Document<'a>) -> Requirements<'d, 'a> {
    let mut requirements = Requirements::default();
    for (index, package) in document.package.iter().enumerate() {
        let from = to_u32(index + 1);
        for requirement in &package.metadata.requires_dist {
            requirements
                .entry((from, None, normalise(&requirement.name)))
                .or_insert(requirement);
        }
        for (group, list) in &package.metadata.requires_dev {
            for requirement in list {
                requirements
                    .entry((from, Some(&**group), normalise(&requirement.name)))
                    .or_insert(requirement);
            }
        }
    }
    requirements
}

type Requirements<'d, 'a> = FxHashMap<(u32, Option<&'d str>, Cow<'d, str>), &'d Requirement<'a>>;

struct Connector<'d, 'l, 'a> {
    document: &'d Document<'a>,
    by_name: FxHashMap<Cow<'d, str>, Vec<u32>>,
    lockfile: &'l mut Lockfile<'a>,
    file: &'l SourceFile,
    requirements: Requirements<'d, 'a>,
    extras: Extras<'d>,
    /// What bounds the edges, before they are made.
    choice: Choice<'d, 'l>,
}

impl<'d, 'a> Connector<'d, '_, 'a> {
    fn connect_roots(&mut self) -> Result<(), LimitExceeded> {
        let manifest = &self.document.manifest;
        let members = manifest.members.iter();
        let members: FxHashSet<Cow<'_, str>> = members.map(|name| normalise(name)).collect();
        let is_member = |package: &Package<'_>| match package.source.own_folder() {
            None => false,
            Some(_) if !members.is_empty() => members.contains(&normalise(package.name.get_ref())),
            Some(folder) => folder == ".",
        };
        let packages = self.document.package.iter().enumerate();
        let roots: Vec<u32> = packages
            .filter(|(_, package)| is_member(package))
            .map(|(index, _)| to_u32(index + 1))
            .collect();
        self.lockfile.dependencies.extend(
            roots
                .iter()
                .map(|root| LockedDependency::new(0, *root, DependencyKind::Normal)),
        );
        self.connect_requirements(&manifest.requirements, DependencyKind::Normal, None)?;
        for (group, requirements) in &manifest.dependency_groups {
            self.connect_requirements(requirements, DependencyKind::Dev, Some(group))?;
        }
        Ok(())
    }

    /// What a script, or a project without a package, asks for itself.
    fn connect_requirements(
        &mut self,
        requirements: &'d [Requirement<'a>],
        kind: DependencyKind,
        group: Option<&Cow<'a, str>>,
    ) -> Result<(), LimitExceeded> {
        for requirement in requirements {
            let named = self.by_name.get(&*normalise(&requirement.name));
            let targets: Chosen = named.into_iter().flatten().copied().collect();
            let range = requirement.specifier.as_deref();
            let marker_text = requirement.marker.as_deref();
            self.charge_edges(
                targets.len(),
                [range, marker_text],
                group.map(|group| &**group),
            )?;
            if targets.is_empty() {
                self.report_unresolved(0, &requirement.name);
            }
            for to in targets {
                let mut edge = LockedDependency::new(0, to, kind);
                edge.requirement = requirement.specifier.clone().map(Untrusted::from);
                edge.marker = marker(
                    requirement.marker.as_ref(),
                    group.map(|group| ("group", group)),
                );
                self.note_extras(to, &requirement.extras);
                self.lockfile.dependencies.push(edge);
            }
        }
        Ok(())
    }

    /// Counts edges before they are made, and the memory that the copies of their texts will take.
    fn charge_edges(
        &mut self,
        edges: usize,
        texts: [Option<&str>; 2],
        part: Option<&str>,
    ) -> Result<(), LimitExceeded> {
        // The texts of one dependency are borrowed for its first edge; the name of its part is always copied.
        let texts = texts.into_iter().flatten().filter(|_| edges > 1);
        let bytes: usize = texts.chain(part).map(str::len).sum();
        self.choice
            .charge(edges.saturating_mul(1 + bytes / EDGE_BYTES))
    }

    fn connect_package(&mut self, index: usize) -> Result<(), LimitExceeded> {
        let package = &self.document.package[index];
        let from = to_u32(index + 1);
        for edge in &package.dependencies {
            self.connect_edge(from, edge, DependencyKind::Normal, None)?;
        }
        for (extra, edges) in &package.optional_dependencies {
            for edge in edges {
                self.connect_edge(from, edge, DependencyKind::Optional, Some(("extra", extra)))?;
            }
        }
        for (group, edges) in &package.dev_dependencies {
            for edge in edges {
                self.connect_edge(from, edge, DependencyKind::Dev, Some(("group", group)))?;
            }
        }
        Ok(())
    }

    fn connect_edge(
        &mut self,
        from: u32,
        edge: &'d Edge<'a>,
        kind: DependencyKind,
        part: Option<(&str, &'d Cow<'a, str>)>,
    ) -> Result<(), LimitExceeded> {
        let targets = self.resolve(edge)?;
        if targets.is_empty() {
            self.report_unresolved(from, &edge.name);
        }
        let name = part.map(|(_, name)| &**name);
        let requirement = self.requirement(from, edge, kind, name);
        let range = requirement.as_ref().map(Untrusted::as_str);
        self.charge_edges(targets.len(), [range, edge.marker.as_deref()], name)?;
        for to in targets {
            let mut dependency = LockedDependency::new(from, to, kind);
            dependency.requirement.clone_from(&requirement);
            dependency.marker = marker(edge.marker.as_ref(), part);
            self.note_extras(to, &edge.extra);
            if let (DependencyKind::Optional, Some((_, extra))) = (kind, part) {
                let edge = self.lockfile.dependencies.len();
                self.extras.offer(from, Cow::Borrowed(extra), edge);
            }
            self.lockfile.dependencies.push(dependency);
        }
        Ok(())
    }

    /// Finds the packages that an edge means: the name's only one, else those of the stated version and source.
    fn resolve(&mut self, edge: &Edge<'a>) -> Result<Chosen, LimitExceeded> {
        let Some(named) = self.by_name.get(&*normalise(&edge.name)) else {
            return Ok(Chosen::new());
        };
        if named.len() > 1 {
            self.choice.charge(named.len())?;
        }
        let is_meant = |index: &u32| {
            let package = &self.document.package[*index as usize - 1];
            let version = edge.version.is_none() || edge.version == package.version;
            version
                && edge
                    .source
                    .as_ref()
                    .is_none_or(|source| *source == package.source)
        };
        Ok(named.iter().copied().filter(is_meant).collect())
    }

    /// Looks up what a first-party package asked for; others do not say.
    fn requirement(
        &self,
        from: u32,
        edge: &'d Edge<'a>,
        kind: DependencyKind,
        part: Option<&'d str>,
    ) -> Option<Untrusted<'a>> {
        let group = part.filter(|_| kind == DependencyKind::Dev);
        let asked = self
            .requirements
            .get(&(from, group, normalise(&edge.name)))?;
        asked.specifier.clone().map(Untrusted::from)
    }

    /// Notes what the edge that is pushed next asks for.
    fn note_extras(&mut self, to: u32, extras: &'d [Cow<'a, str>]) {
        let edge = self.lockfile.dependencies.len();
        for extra in extras {
            self.extras.ask(edge, to, Cow::Borrowed(extra));
        }
    }

    fn report_unresolved(&mut self, from: u32, name: &str) {
        let asking = &self.lockfile.entries[from as usize];
        let severity = if asking.kind == EntryKind::Package {
            ProblemSeverity::Warning
        } else {
            ProblemSeverity::Error
        };
        let message = format!(
            "`{}` depends on `{}`, which this lockfile does not hold",
            check::excerpt(asking.name.untrusted()),
            check::excerpt(&name.into())
        );
        let location = self.file.locate(asking.span.start);
        let problem = Problem::new(self.lockfile.path.clone(), severity, message).at(location);
        self.lockfile
            .problems
            .push(problem.help("write the lockfile anew: uv lock"));
    }
}

/// Joins an environment marker and the extra or group that an edge belongs to, in PEP 508's words.
fn marker<'a>(
    marker: Option<&Cow<'a, str>>,
    part: Option<(&str, &Cow<'a, str>)>,
) -> Option<Untrusted<'a>> {
    let part = part.map(|(kind, name)| format!("{kind} == '{name}'"));
    match (marker.map(|marker| decode_conflicts(marker)), part) {
        (None, None) => None,
        (Some(marker), None) => Some(marker.into()),
        (None, Some(part)) => Some(part.into()),
        (Some(marker), Some(part)) => Some(format!("{part} and ({marker})").into()),
    }
}

/// Writes uv's made-up extras of conflicting parts as what they mean: `extra-3-app-cpu` is the extra `cpu` of `app`.
fn decode_conflicts<'a>(marker: &Cow<'a, str>) -> Cow<'a, str> {
    if !marker.contains("'extra-") && !marker.contains("'group-") {
        return marker.clone();
    }
    let mut decoded = String::with_capacity(marker.len());
    let mut rest: &str = marker;
    while let Some((before, quoted)) = rest.split_once('\'') {
        let Some((text, after)) = quoted.split_once('\'') else {
            break;
        };
        decoded.push_str(before);
        decoded.push('\'');
        match conflict_name(text) {
            Some((package, name)) => decoded.extend([package, "[", name, "]"]),
            None => decoded.push_str(text),
        }
        decoded.push('\'');
        rest = after;
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

/// Splits `extra-<length>-<package>-<extra>`; the length is that of the package's name.
fn conflict_name(text: &str) -> Option<(&str, &str)> {
    let encoded = text
        .strip_prefix("extra-")
        .or_else(|| text.strip_prefix("group-"))?;
    let (length, names) = encoded.split_once('-')?;
    let (package, rest) = names.split_at_checked(length.parse().ok()?)?;
    Some((package, rest.strip_prefix('-')?))
}
