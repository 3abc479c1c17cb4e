//! The edges of pylock.toml: those that the file states, and what the project asks for by its pyproject.toml.
//!
//! The file does not say from which manifest it was made. One beside it counts as covered if the project is a
//! record of the file, or if the file holds everything that the manifest asks for in every environment.

use rustc_hash::{FxHashMap, FxHashSet};
use toml::de::DeTable;

use super::record::{self, Record};
use super::{Reader, TOLD, check};
use crate::files::Files;
use crate::lockfile::limits::{LimitExceeded, Limits};
use crate::lockfile::model::{
    DependencyKind, EdgeStatement, LockedDependency, Problem, ProblemSeverity, Scope,
};
use crate::lockfile::pypi::choice::{Choice, EDGE_BYTES};
use crate::lockfile::pypi::project::{self, Asked, Part, Project, Tool};
use crate::package::Ecosystem;
use crate::package::name::normalise;
use crate::text::Untrusted;

/// Entries by their normalised name, as places in the list of records.
type ByName = FxHashMap<String, Vec<usize>>;

/// Resolves what records depend on, and hangs the rest on the root.
pub(super) fn connect(
    reader: &mut Reader<'_, '_>,
    files: &dyn Files,
    limits: &Limits,
) -> Result<(), LimitExceeded> {
    let by_name = index_by_name(reader);
    limits.check_namesakes(by_name.values().map(Vec::len).max().unwrap_or_default())?;
    let is_stated = |(_, record): &(u32, Record<'_, '_>)| record.dependencies().next().is_some();
    if !reader.records.iter().any(is_stated) {
        reader.lockfile.edges = EdgeStatement::NotStated;
    }
    let mut reached: FxHashSet<u32> = FxHashSet::default();
    let mut choice = Choice::new(limits);
    let project = covered_project(reader, files, &by_name);
    if let Some(project) = &project {
        connect_asked(reader, project, &by_name, &mut reached, &mut choice)?;
    }
    connect_stated(reader, &by_name, &mut reached, limits, &mut choice)?;
    let knows_roots = project.is_some() || reader.has_project;
    connect_rest(reader, &reached, knows_roots);
    Ok(())
}

fn index_by_name(reader: &Reader<'_, '_>) -> ByName {
    let mut by_name =
        ByName::with_capacity_and_hasher(reader.records.len(), rustc_hash::FxBuildHasher);
    for (place, (index, _)) in reader.records.iter().enumerate() {
        let name = reader.lockfile.entries[*index as usize].name.as_str();
        by_name.entry(name.to_owned()).or_default().push(place);
    }
    by_name
}

/// Reads the manifest beside the lockfile, if it is the one that the lockfile is for.
fn covered_project(
    reader: &mut Reader<'_, '_>,
    files: &dyn Files,
    by_name: &ByName,
) -> Option<Project> {
    let path = reader.lockfile.project().join("pyproject.toml")?;
    // One that cannot be read is told where manifests are looked for.
    let text = files.read(&path).ok().flatten()?;
    let project = project::read(&text, tool(reader))?;
    let missing: Vec<&Asked> = project
        .asked
        .iter()
        .filter(|asked| is_locked_everywhere(reader, asked) && !by_name.contains_key(&asked.name))
        .collect();
    if !missing.is_empty() && !reader.has_project {
        return None;
    }
    let messages = missing.iter().take(TOLD).map(|asked| {
        format!(
            "it asks for `{}`, which this lockfile does not hold for it",
            asked.name
        )
    });
    let problems: Vec<Problem> = messages
        .map(|message| {
            Problem::new(path.clone(), ProblemSeverity::Error, message).help(
                "the lockfile is behind its manifest; write it anew with the tool that wrote it",
            )
        })
        .collect();
    reader.lockfile.problems.extend(problems);
    reader.lockfile.manifests.push(path);
    if let (Some(name), false) = (&project.name, reader.has_project) {
        let name = Untrusted::from(name.clone());
        reader.lockfile.entries[0].name = crate::package::PackageName::new(Ecosystem::Pypi, name);
    }
    Some(project)
}

/// Tells by `created-by` whose tables of the manifest the lockfile was made from.
fn tool(reader: &Reader<'_, '_>) -> Tool {
    let writer = record::text(reader.document, "created-by").unwrap_or_default();
    match writer.as_str() {
        "pdm" => Tool::Pdm,
        "uv" => Tool::Uv,
        writer if writer.starts_with("poetry") => Tool::Poetry,
        _ => Tool::Other,
    }
}

/// Says whether a complete lockfile holds what is asked for: always, or for an extra or group that it lists.
fn is_locked_everywhere(reader: &Reader<'_, '_>, asked: &Asked) -> bool {
    let lists = |key: &str, name: &String| {
        record::texts(reader.document, key).any(|listed| normalise(listed) == **name)
    };
    let is_locked = match &asked.part {
        Part::Main => true,
        Part::Extra(name) => lists("extras", name),
        Part::Group(name) => lists("dependency-groups", name),
    };
    is_locked && asked.marker.is_none()
}

/// Draws what the manifest asks for; every edge is counted before it is made, with the copies of its texts.
fn connect_asked(
    reader: &mut Reader<'_, '_>,
    project: &Project,
    by_name: &ByName,
    reached: &mut FxHashSet<u32>,
    choice: &mut Choice<'_, '_>,
) -> Result<(), LimitExceeded> {
    for asked in &project.asked {
        let range = asked.range.as_ref().map_or(0, String::len);
        for place in by_name.get(&asked.name).into_iter().flatten() {
            let (index, record) = reader.records[*place];
            if index == 0 {
                continue;
            }
            let marker = record.text("marker");
            let text = range + marker.as_ref().map_or(0, |marker| marker.as_str().len());
            choice.charge(1 + text / EDGE_BYTES)?;
            let (kind, part) = match &asked.part {
                Part::Main => (DependencyKind::Normal, None),
                Part::Extra(name) => (DependencyKind::Optional, Some(format!("extra == '{name}'"))),
                Part::Group(name) => (DependencyKind::Dev, Some(format!("group == '{name}'"))),
            };
            let mut edge = LockedDependency::new(0, index, kind);
            edge.requirement = asked.range.clone().map(Untrusted::from);
            edge.marker = marker.or_else(|| part.map(Untrusted::from));
            reader.lockfile.dependencies.push(edge);
            reached.insert(index);
        }
    }
    Ok(())
}

/// Draws what the records state, to every record that they may mean.
fn connect_stated(
    reader: &mut Reader<'_, '_>,
    by_name: &ByName,
    reached: &mut FxHashSet<u32>,
    limits: &Limits,
    choice: &mut Choice<'_, '_>,
) -> Result<(), LimitExceeded> {
    let mut unresolved = 0;
    for place in 0..reader.records.len() {
        let (from, record) = reader.records[place];
        for dependency in record.dependencies() {
            let table = dependency.get_ref().as_table();
            let targets = match table {
                Some(table) => resolve(reader, by_name, table, choice)?,
                None => Vec::new(),
            };
            if targets.is_empty() {
                unresolved += 1;
                if unresolved <= TOLD {
                    report_unresolved(reader, from, &record, table);
                }
            }
            for to in targets {
                if from == 0 && reached.contains(&to) {
                    continue;
                }
                let kind = DependencyKind::Normal;
                reader
                    .lockfile
                    .dependencies
                    .push(LockedDependency::new(from, to, kind));
                reached.insert(to);
            }
            limits.check_dependencies(reader.lockfile.dependencies.len())?;
        }
    }
    if unresolved > TOLD {
        let message = format!(
            "{} more dependencies are on packages that this lockfile does not hold",
            unresolved - TOLD
        );
        reader.report(ProblemSeverity::Warning, message, super::Span::default());
    }
    Ok(())
}

/// Finds the entries that a dependency means: those of its name, and of the version and source that it states.
fn resolve(
    reader: &Reader<'_, '_>,
    by_name: &ByName,
    dependency: &DeTable<'_>,
    choice: &mut Choice<'_, '_>,
) -> Result<Vec<u32>, LimitExceeded> {
    let name = record::text(dependency, "name").unwrap_or_default();
    let version = record::text(dependency, "version");
    let named = by_name.get(&*normalise(name.as_str()));
    choice.charge(named.map_or(0, Vec::len))?;
    let records = named
        .into_iter()
        .flatten()
        .map(|place| &reader.records[*place]);
    let is_meant = |(index, record): &&(u32, Record<'_, '_>)| {
        let own = reader.lockfile.entries[*index as usize].version.as_ref();
        let is_version = version.as_ref().is_none_or(|version| {
            own.is_some_and(|own| own.is_same_release(Ecosystem::Pypi, version.as_str()))
        });
        is_version && record.agrees(dependency)
    };
    Ok(records.filter(is_meant).map(|(index, _)| *index).collect())
}

fn report_unresolved(
    reader: &mut Reader<'_, '_>,
    from: u32,
    record: &Record<'_, '_>,
    dependency: Option<&DeTable<'_>>,
) {
    let name = dependency.and_then(|dependency| record::text(dependency, "name"));
    let message = format!(
        "`{}` depends on `{}`, which this lockfile does not hold",
        super::shown(record),
        check::excerpt(&name.unwrap_or_default())
    );
    let severity = match from {
        0 => ProblemSeverity::Error,
        _ => ProblemSeverity::Warning,
    };
    reader.report(severity, message, record.span);
}

/// Hangs on the root what nothing reaches yet, as far as its groups and extras go.
fn connect_rest(reader: &mut Reader<'_, '_>, reached: &FxHashSet<u32>, knows_roots: bool) {
    let is_stated = reader.lockfile.edges == EdgeStatement::Stated;
    let mut heads = 0;
    for (index, record) in &reader.records {
        if *index == 0 || reached.contains(index) {
            continue;
        }
        let scope = reader.scope(record);
        let kind = match scope {
            _ if knows_roots || !is_stated => DependencyKind::Unattached,
            Scope::Dev => DependencyKind::Dev,
            Scope::Optional => DependencyKind::Optional,
            Scope::Prod | Scope::Build => DependencyKind::Normal,
        };
        let mut edge = LockedDependency::new(0, *index, kind);
        edge.reach = scope;
        edge.marker = record.text("marker");
        reader.lockfile.dependencies.push(edge);
        heads += 1;
    }
    if is_stated && !knows_roots && heads > 0 {
        let message = "what the project asks for itself is not known; taken for it is what no other package asks for";
        let path = reader.lockfile.path.clone();
        let problem = Problem::new(path, ProblemSeverity::Note, message);
        reader.lockfile.problems.push(problem);
    }
}
