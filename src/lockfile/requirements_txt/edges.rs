//! Edges by `# via` comments. They count as stated if every pin has one; else nobody knows who asks for what.

use rustc_hash::FxHashMap;

use super::reader::{Asker, Pin, Reader};
use crate::lockfile::check;
use crate::lockfile::limits::LimitExceeded;
use crate::lockfile::model::{
    DependencyKind, EdgeStatement, LockedDependency, Problem, ProblemSeverity, Scope,
};
use crate::lockfile::span::to_u32;
use crate::package::name::normalise;
use crate::text::Untrusted;

/// Connects the entries with each other, or hangs them all on the root.
pub(super) fn connect(reader: &mut Reader<'_, '_>) -> Result<(), LimitExceeded> {
    let mut pins = reader
        .rows
        .iter()
        .filter(|row| row.pin == Pin::Own)
        .peekable();
    let is_stated = pins.peek().is_some() && pins.all(|row| row.is_annotated);
    if is_stated {
        return connect_stated(reader);
    }
    reader.lockfile.edges = EdgeStatement::NotStated;
    for index in 1..reader.lockfile.entries.len() {
        hang(reader, index, DependencyKind::Unattached);
    }
    Ok(())
}

/// Draws an edge from each entry that asks, and from the root where the project does, or nobody is named.
fn connect_stated(reader: &mut Reader<'_, '_>) -> Result<(), LimitExceeded> {
    let by_name = index_by_name(reader);
    let most = by_name.values().map(Vec::len).max().unwrap_or_default();
    reader.limits.check_namesakes(most)?;
    let mut is_reached = vec![false; reader.lockfile.entries.len()];
    let mut is_direct = is_reached.clone();
    let mut strangers = Vec::new();
    for (entry, asker) in std::mem::take(&mut reader.askers) {
        let Asker::Package(name) = asker else {
            is_reached[entry as usize] = true;
            if !std::mem::replace(&mut is_direct[entry as usize], true) {
                hang(
                    reader,
                    entry as usize,
                    kind_of(reader.rows[entry as usize - 1].scope),
                );
            }
            continue;
        };
        let Some(askers) = by_name.get(&*normalise(name.as_str())) else {
            strangers.push((entry, name));
            continue;
        };
        for from in askers.iter().filter(|from| **from != entry) {
            let edge = LockedDependency::new(*from, entry, DependencyKind::Normal);
            let edge = describe(reader, edge);
            reader.lockfile.dependencies.push(edge);
            is_reached[entry as usize] = true;
        }
        reader
            .limits
            .check_dependencies(reader.lockfile.dependencies.len())?;
    }
    report_strangers(reader, &strangers);
    for index in (1..is_reached.len()).filter(|index| !is_reached[*index]) {
        let row = &reader.rows[index - 1];
        let kind = if row.is_annotated {
            DependencyKind::Unattached
        } else {
            kind_of(row.scope)
        };
        hang(reader, index, kind);
    }
    Ok(())
}

fn index_by_name(reader: &Reader<'_, '_>) -> FxHashMap<String, Vec<u32>> {
    let mut by_name: FxHashMap<String, Vec<u32>> = FxHashMap::default();
    for (index, entry) in reader.lockfile.entries.iter().enumerate().skip(1) {
        let named = by_name.entry(entry.name.as_str().to_owned()).or_default();
        named.push(to_u32(index));
    }
    by_name
}

const fn kind_of(scope: Scope) -> DependencyKind {
    match scope {
        Scope::Dev => DependencyKind::Dev,
        _ => DependencyKind::Normal,
    }
}

/// Hangs an entry on the root.
fn hang(reader: &mut Reader<'_, '_>, index: usize, kind: DependencyKind) {
    let mut edge = LockedDependency::new(0, to_u32(index), kind);
    edge.reach = reader.rows[index - 1].scope;
    let edge = describe(reader, edge);
    reader.lockfile.dependencies.push(edge);
}

/// Adds what the line of the entry says: a marker, and the range where there is no pin.
fn describe<'a>(reader: &Reader<'_, 'a>, mut edge: LockedDependency<'a>) -> LockedDependency<'a> {
    let row = &reader.rows[edge.to as usize - 1];
    edge.marker.clone_from(&row.marker);
    if edge.from == 0 {
        edge.requirement.clone_from(&row.range);
    }
    edge
}

/// pip-compile leaves packages out that it holds to be unsafe; what they ask for is there all the same.
fn report_strangers(reader: &mut Reader<'_, '_>, strangers: &[(u32, Untrusted<'_>)]) {
    let Some((entry, name)) = strangers.first() else {
        return;
    };
    let asked = &reader.lockfile.entries[*entry as usize];
    let more = match strangers.len() {
        1 => String::new(),
        several => format!(", and {} more like it", several - 1),
    };
    let message = format!(
        "`{}` is there for `{}`, which this file does not pin{more}",
        check::excerpt(asked.name.untrusted()),
        check::excerpt(name)
    );
    let location = reader.file.locate(asked.span.start);
    let problem = Problem::new(
        reader.file.path().clone(),
        ProblemSeverity::Warning,
        message,
    );
    let problem = problem.at(location).help(
        "write the file anew, with all packages: pip-compile --allow-unsafe, or uv pip compile",
    );
    reader.lockfile.problems.push(problem);
}
