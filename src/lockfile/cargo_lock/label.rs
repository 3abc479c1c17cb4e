//! What Cargo.lock leaves out: which packages are members, and what each dependency of theirs is for.
//!
//! Read from the root manifest and every member's (`manifest::cargo_toml`). Without them every package
//! without a source is a root, every edge is normal, and a note says so. A member that asks for what the
//! lockfile does not hold makes it stale, and that is an error: nobody knows what will be built.

use super::super::limits::Limits;
use super::super::manifest::cargo_toml::{CargoWorkspace, Declaration, Member};
use super::super::model::{
    DependencyKind, EntryKind, LockedDependency, LockedEntry, Lockfile, Problem, ProblemSeverity,
};
use super::super::span::{SourceFile, to_u32};
use rustc_hash::FxHashSet;

use crate::files::Files;
use crate::package::{Ecosystem, PackageName, Source, version};
use crate::text::Untrusted;

/// Labels the dependencies of members, hangs the members on the root and names the root.
pub(super) fn label(
    lockfile: &mut Lockfile<'_>,
    file: &SourceFile,
    files: &dyn Files,
    limits: &Limits,
) {
    let mut workspace = CargoWorkspace::read(&file.path().parent(), files, limits);
    lockfile.problems.append(&mut workspace.problems);
    lockfile.manifests.append(&mut workspace.manifests);
    name_root(lockfile, workspace.root_name());
    let roots: Vec<u32> = (1..lockfile.entries.len())
        .filter(|index| is_root(&lockfile.entries[*index], &workspace))
        .map(to_u32)
        .collect();
    if workspace.members.is_empty() {
        let message = "no Cargo.toml beside this lockfile: every package without a source counts as a member, every dependency as normal";
        lockfile.problems.push(Problem::new(
            file.path().clone(),
            ProblemSeverity::Note,
            message,
        ));
    }
    for member in &workspace.members {
        label_member(lockfile, member);
    }
    lockfile.dependencies.extend(
        roots
            .into_iter()
            .map(|root| LockedDependency::new(0, root, DependencyKind::Normal)),
    );
}

fn name_root(lockfile: &mut Lockfile<'_>, name: Option<String>) {
    let name = name.unwrap_or_else(|| lockfile.project().file_name().to_owned());
    lockfile.entries[0].name = PackageName::new(Ecosystem::Cargo, name.into());
}

/// A member, or any first-party package where no manifest tells members from path dependencies.
fn is_root(entry: &LockedEntry<'_>, workspace: &CargoWorkspace) -> bool {
    entry.kind == EntryKind::Workspace
        && (!workspace.has_members()
            || workspace
                .members
                .iter()
                .any(|member| member.is_listed && is_of(entry, member)))
}

fn is_of(entry: &LockedEntry<'_>, member: &Member) -> bool {
    entry.name.as_str() == member.name
        && member.version.as_deref().is_none_or(|version| {
            entry
                .version
                .as_ref()
                .is_some_and(|own| own.as_str() == version)
        })
}

fn label_member(lockfile: &mut Lockfile<'_>, member: &Member) {
    let Some(index) = lockfile
        .entries
        .iter()
        .position(|entry| entry.kind == EntryKind::Workspace && is_of(entry, member))
    else {
        return report_stale(lockfile, member, "this lockfile does not hold it");
    };
    let folder = lockfile.project().relative_to(&member.folder);
    lockfile.entries[index].source = Source::Path(folder.into());
    let Lockfile {
        entries,
        dependencies,
        ..
    } = lockfile;
    for dependency in dependencies
        .iter_mut()
        .filter(|dependency| dependency.from as usize == index)
    {
        label_dependency(dependency, &entries[dependency.to as usize], member);
    }
    report_missing(lockfile, index, member);
}

/// Reports what a member asks for and has no edge to. Cargo locks every kind of dependency of members, on
/// every platform; of other packages in folders only what is used.
fn report_missing(lockfile: &mut Lockfile<'_>, index: usize, member: &Member) {
    let edges = lockfile
        .dependencies
        .iter()
        .filter(|dependency| dependency.from as usize == index);
    let held: FxHashSet<&str> = edges
        .map(|edge| lockfile.entries[edge.to as usize].name.as_str())
        .collect();
    let elsewhere = member
        .declarations
        .iter()
        .filter(|declaration| declaration.is_from_elsewhere());
    let mut missing: Vec<String> = elsewhere
        .filter(|declaration| member.is_listed && !held.contains(&*declaration.package))
        .map(|declaration| {
            format!(
                "it asks for `{}`, which this lockfile does not hold",
                declaration.package
            )
        })
        .collect();
    missing.sort();
    missing.dedup();
    for message in missing {
        report_stale(lockfile, member, &message);
    }
}

fn report_stale(lockfile: &mut Lockfile<'_>, member: &Member, message: &str) {
    if member.is_listed {
        let manifest = member.folder.join("Cargo.toml").unwrap_or_default();
        let problem = Problem::new(manifest, ProblemSeverity::Error, message.to_owned());
        lockfile
            .problems
            .push(problem.help("the lockfile is behind its manifest: cargo update --workspace"));
    }
}

/// Takes the widest of the declarations that can mean this package.
fn label_dependency(
    dependency: &mut LockedDependency<'_>,
    target: &LockedEntry<'_>,
    member: &Member,
) {
    let named = || {
        member
            .declarations
            .iter()
            .filter(|declaration| declaration.package == target.name.as_str())
    };
    let admitted = || named().filter(|declaration| is_admitted(declaration, target));
    let declaration = admitted()
        .min_by_key(|declaration| declaration.kind)
        .or_else(|| named().min_by_key(|declaration| declaration.kind));
    if let Some(declaration) = declaration {
        dependency.kind = declaration.kind;
        dependency.reach = declaration.kind.scope();
        dependency.requirement = declaration.requirement.clone().map(Untrusted::from);
        dependency.marker = declaration.target.clone().map(Untrusted::from);
    }
}

fn is_admitted(declaration: &Declaration, target: &LockedEntry<'_>) -> bool {
    match (&declaration.requirement, &target.version) {
        (Some(requirement), Some(own)) => {
            version::admits(Ecosystem::Cargo, requirement, own.as_str()).unwrap_or(true)
        }
        _ => true,
    }
}
