//! The text of `linchpin why`: a tree of ways in for each version in each project.

use std::io::{self, Write};

use super::Presentation;
use super::style::Detail;
use super::words::count;
use crate::graph::paths::PathCounter;
use crate::graph::why::WayIn;
use crate::graph::{DependencyGraph, PackageId, ProjectId};
use crate::lockfile::Scope;
use crate::text::Untrusted;

/// How many lines of a tree are shown unless everything is asked for.
const SHOWN: usize = 60;

/// Writes every way in to some packages, a block for each package and project.
pub fn write(
    graph: &DependencyGraph,
    packages: &[PackageId],
    presentation: &Presentation,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut counter = PathCounter::new(graph);
    for package in packages {
        for project in graph.projects_of(*package) {
            let paths = counter.count(*package, project);
            Block {
                graph,
                presentation,
                out: &mut *out,
                lines: 0,
                hidden: 0,
            }
            .write(*package, project, paths)?;
        }
    }
    Ok(())
}

struct Block<'g, 'o> {
    graph: &'g DependencyGraph,
    presentation: &'g Presentation,
    out: &'o mut dyn Write,
    lines: usize,
    hidden: usize,
}

impl Block<'_, '_> {
    fn write(&mut self, package: PackageId, project: ProjectId, paths: u64) -> io::Result<()> {
        let way = self.graph.ways_in(package, project);
        let routes = count(usize::try_from(paths).unwrap_or(usize::MAX), "route");
        let style = self.presentation.style;
        let dot = self.presentation.glyphs.dot;
        let folder = self
            .graph
            .project(project)
            .folder
            .untrusted()
            .terminal()
            .to_string();
        let ecosystem = self.graph.package(package).ecosystem;
        let scope = match self.graph.scope_in(package, project) {
            Some(Scope::Prod) | None => String::new(),
            Some(scope) => format!(" ({} only)", scope.id()),
        };
        let direct = self.direct(&way);
        writeln!(
            self.out,
            "{}  {ecosystem} {dot} {routes} in {folder}{scope}{direct}",
            style.culprit(self.name(package))
        )?;
        self.write_dependents(&way)?;
        if self.hidden > 0 {
            writeln!(self.out, "{} more lines: -v shows them", self.hidden)?;
        }
        self.write_choke_point(package, project)
    }

    /// Writes the tree with a stack of its own, as deep as the lockfile nests.
    fn write_dependents(&mut self, way: &WayIn) -> io::Result<()> {
        let mut open = vec![(way.dependents.iter(), String::new())];
        while let Some((ways, trunk)) = open.last_mut() {
            let Some(next) = ways.next() else {
                open.pop();
                continue;
            };
            let last = usize::from(ways.len() == 0);
            let line = format!("{trunk}{}", self.presentation.glyphs.branch[last]);
            let below = format!("{trunk}{}", self.presentation.glyphs.trunk[last]);
            self.write_way(next, &line)?;
            open.push((next.dependents.iter(), below));
        }
        Ok(())
    }

    fn write_way(&mut self, way: &WayIn, head: &str) -> io::Result<()> {
        self.lines += 1;
        if self.lines > SHOWN && self.presentation.detail < Detail::Full {
            self.hidden += 1;
            return Ok(());
        }
        let asks = way
            .asks
            .iter()
            .map(|range| Untrusted::from(range.as_str()).terminal().to_string())
            .collect::<Vec<_>>();
        let asks = if asks.is_empty() {
            String::new()
        } else {
            format!("  asks {}", asks.join(" and "))
        };
        let direct = self.direct(way);
        let above = if way.is_repeat { "  (above)" } else { "" };
        let style = self.presentation.style;
        writeln!(
            self.out,
            "{}{}{}{direct}{above}",
            style.faint(head),
            self.name(way.package),
            style.faint(asks)
        )
    }

    fn direct(&self, way: &WayIn) -> String {
        let names = way
            .direct_of
            .iter()
            .map(|package| self.presentation.style.own(self.name(*package)).to_string());
        let names: Vec<String> = names.collect();
        if names.is_empty() {
            String::new()
        } else {
            format!("  direct dependency of {}", names.join(", "))
        }
    }

    fn write_choke_point(&mut self, package: PackageId, project: ProjectId) -> io::Result<()> {
        let Some(choke) = self.graph.choke_point(package, project) else {
            let leaving = self.graph.leaving_with(package, project).len();
            let others = leaving.saturating_sub(1);
            return match others {
                0 => writeln!(self.out, "no choke point; nothing else leaves with it"),
                others => writeln!(
                    self.out,
                    "no choke point; {} with it",
                    leave(others, "other package")
                ),
            };
        };
        let leaving = self.graph.leaving_with(choke, project).len();
        let head = self.presentation.style.strong("choke point");
        writeln!(
            self.out,
            "{head}  {}: every route passes it. Without it {}, this one included.",
            self.name(choke),
            leave(leaving, "package")
        )
    }

    fn name(&self, id: PackageId) -> String {
        let package = self.graph.package(id);
        let name = package.name.untrusted().terminal().to_string();
        match &package.version {
            Some(version) => format!("{name} {}", version.untrusted().terminal()),
            None if name.is_empty() => ".".to_owned(),
            None => name,
        }
    }
}

fn leave(number: usize, noun: &str) -> String {
    format!(
        "{} {}",
        count(number, noun),
        if number == 1 { "leaves" } else { "leave" }
    )
}
