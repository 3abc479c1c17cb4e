//! The text of `linchpin why`: a tree of ways in for each version in each project.

use std::io::{self, Write};

use super::Presentation;
use super::style::{Detail, Glyphs};
use super::words::{count, name, thousands, without_secrets};
use crate::graph::paths::PathCounter;
use crate::graph::why::WayIn;
use crate::graph::{DependencyGraph, PackageId, ProjectId};
use crate::lockfile::Scope;
use crate::text::Untrusted;

/// How many lines of a tree are shown unless everything is asked for.
const SHOWN: usize = 60;

/// How many levels of a tree are drawn. A deeper line says its depth instead, so that a line stays short
/// however deep the lockfile nests.
const DRAWN: usize = 40;

/// Writes every way in to some packages, a block for each package and project.
pub fn write(
    graph: &DependencyGraph<'_>,
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
            }
            .write(*package, project, paths)?;
        }
    }
    Ok(())
}

struct Block<'g, 'o> {
    graph: &'g DependencyGraph<'g>,
    presentation: &'g Presentation,
    out: &'o mut dyn Write,
}

impl Block<'_, '_> {
    fn write(&mut self, package: PackageId, project: ProjectId, paths: u64) -> io::Result<()> {
        let ways = self.graph.ways_in(package, project);
        let Some((way, dependents)) = ways.split_first() else {
            return Ok(());
        };
        let is_known = |node| self.graph.is_way_known(node);
        let routes = if self.graph.entries_in(package, project).any(is_known) {
            count(usize::try_from(paths).unwrap_or(usize::MAX), "route")
        } else {
            "routes not told".to_owned()
        };
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
        let direct = self.direct(way);
        writeln!(
            self.out,
            "{}  {ecosystem} {dot} {routes} in {folder}{scope}{direct}",
            style.culprit(name(self.graph.package(package)))
        )?;
        self.write_dependents(dependents)?;
        self.write_choke_point(package, project)
    }

    /// Draws the tree as far as it is shown, and counts the rest.
    fn write_dependents(&mut self, ways: &[WayIn]) -> io::Result<()> {
        let shown = if self.presentation.detail == Detail::Full {
            ways.len()
        } else {
            ways.len().min(SHOWN)
        };
        let mut branches = Branches { ended: [0; DRAWN] };
        for way in &ways[..shown] {
            let head = branches.head(way, self.presentation.glyphs);
            self.write_way(way, &head)?;
        }
        match ways.len() - shown {
            0 => Ok(()),
            hidden => {
                let more = count(hidden, "more line");
                writeln!(self.out, "{more}: -v shows all")
            }
        }
    }

    fn write_way(&mut self, way: &WayIn, head: &str) -> io::Result<()> {
        let asks = way
            .asks
            .iter()
            .map(|range| {
                without_secrets(&Untrusted::from(range.as_str()))
                    .terminal()
                    .to_string()
            })
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
            name(self.graph.package(way.package)),
            style.faint(asks)
        )
    }

    fn direct(&self, way: &WayIn) -> String {
        let style = self.presentation.style;
        let names = way
            .direct_of
            .iter()
            .map(|package| style.own(name(self.graph.package(*package))).to_string());
        let names: Vec<String> = names.collect();
        if names.is_empty() {
            String::new()
        } else {
            format!("  direct dependency of {}", names.join(", "))
        }
    }

    fn write_choke_point(&mut self, package: PackageId, project: ProjectId) -> io::Result<()> {
        let mut entries = self.graph.entries_in(package, project);
        if !entries.any(|node| self.graph.is_way_known(node)) {
            return writeln!(
                self.out,
                "who asks for it is not known: its lockfile lists packages only"
            );
        }
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
            name(self.graph.package(choke)),
            leave(leaving, "package")
        )
    }
}

/// What is drawn before a line: for each level above it, whether the branch there goes on.
struct Branches {
    /// By level from one on: which of the two glyphs continues it.
    ended: [usize; DRAWN],
}

impl Branches {
    /// Draws what stands before a line. Lines must come in preorder.
    fn head(&mut self, way: &WayIn, glyphs: &Glyphs) -> String {
        let last = usize::from(way.is_last);
        let drawn = way.depth.clamp(1, DRAWN);
        let trunk: String = self.ended[..drawn - 1]
            .iter()
            .map(|ended| glyphs.trunk[*ended])
            .collect();
        let depth = if way.depth > DRAWN {
            format!("{} deep: ", thousands(way.depth))
        } else {
            self.ended[drawn - 1] = last;
            String::new()
        };
        format!("{trunk}{}{depth}", glyphs.branch[last])
    }
}

fn leave(number: usize, noun: &str) -> String {
    format!(
        "{} {}",
        count(number, noun),
        if number == 1 { "leaves" } else { "leave" }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::unify;
    use crate::lockfile::{
        DependencyKind, EntryKind, FormatId, LockedDependency, LockedEntry, Lockfile,
    };
    use crate::package::{Ecosystem, PackageName};
    use crate::path::FilePath;

    /// How deep the tests nest; far more than the stack of a thread would hold.
    const DEEP: u32 = 20_000;

    /// The root depends on package 0, this on package 1, and so on.
    fn chain(length: u32) -> [Lockfile<'static>; 1] {
        let root = || LockedEntry::root(Ecosystem::Npm, "app".into());
        let package = |number: u32| LockedEntry {
            kind: EntryKind::Package,
            name: PackageName::new(Ecosystem::Npm, format!("p{number}").into()),
            key: format!("p{number}").into(),
            ..root()
        };
        [Lockfile {
            path: FilePath::new("package-lock.json").expect("a path inside the root"),
            format: FormatId("npm-lock"),
            ecosystem: Ecosystem::Npm,
            entries: std::iter::once(root())
                .chain((0..length).map(package))
                .collect(),
            dependencies: (0..length)
                .map(|from| LockedDependency::new(from, from + 1, DependencyKind::Normal))
                .collect(),
            manifests: Vec::new(),
            problems: Vec::new(),
            edges: crate::lockfile::EdgeStatement::Stated,
            unjudged: Vec::new(),
        }]
    }

    fn written(lockfiles: &[Lockfile<'_>], wanted: &str, detail: Detail) -> String {
        let graph = unify(lockfiles);
        let (package, _) = graph
            .packages()
            .find(|(_, package)| package.name.as_str() == wanted)
            .expect("a package of that name");
        let presentation = Presentation {
            detail,
            ..Presentation::PLAIN
        };
        let mut out = Vec::new();
        write(&graph, &[package], &presentation, &mut out).expect("writing to memory");
        String::from_utf8(out).expect("text")
    }

    fn on_a_small_stack(test: fn()) {
        std::thread::Builder::new()
            .stack_size(512 * 1024)
            .spawn(test)
            .expect("a thread")
            .join()
            .expect("no panic");
    }

    #[test]
    fn a_deep_chain_is_told_in_few_bytes_and_without_recursion() {
        on_a_small_stack(|| {
            let text = written(&chain(DEEP), "p19999", Detail::Normal);
            assert!(text.len() < 16_000, "{} bytes", text.len());
            assert!(
                text.contains("\n19,939 more lines: -v shows all\n"),
                "{text}"
            );
            assert!(text.contains("└─ p19998\n   └─ p19997\n"), "{text}");
            assert!(text.contains("└─ 41 deep: p19958\n"), "{text}");
        });
    }

    #[test]
    fn everything_about_a_deep_chain_is_as_long_as_its_lines_are_many() {
        on_a_small_stack(|| {
            let text = written(&chain(DEEP), "p19999", Detail::Full);
            assert_eq!(text.lines().count(), 2 + 19_999);
            assert!(text.lines().all(|line| line.len() < 4 * DRAWN + 80));
            assert!(text.contains("└─ 19,999 deep: p0  direct dependency of app\n"));
        });
    }
}
