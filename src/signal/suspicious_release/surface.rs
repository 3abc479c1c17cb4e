//! Group surface: code that runs where nothing ran before, when a package is installed or whenever Python starts.

use super::Level;
use super::judged::Judged;
use crate::archive::hook::{Harmless, HookVerdict, look, verdict};
use crate::archive::tarball::Tarball;
use crate::package::Ecosystem;
use crate::package::version::{Anatomy, Stage, VersionOrder, admits};
use crate::registry::history::{
    BuildCode, DependencyRole, Hook, NEW, Release, ReleaseDependency, ReleaseHistory,
};

/// How many releases a package must have for a first hook to be one that it did without for long.
const ESTABLISHED: usize = 8;

/// How many versions a young dependency has at the most.
const FEW: usize = 2;

/// How many letters of a command are shown.
const LONGEST_COMMAND: usize = 200;

/// The levels that are about the package's own install scripts.
pub(super) const ABOUT_HOOKS: [&str; 2] = ["exec-first", "exec-first-thin"];

pub(super) const LEVELS: &[Level] = &[
    Level {
        id: "exec-first",
        holds: first_hook,
    },
    Level {
        id: "exec-dependency",
        holds: dependency_that_runs,
    },
    Level {
        id: "pth-first",
        holds: first_start_up_file,
    },
    Level {
        id: "exec-first-thin",
        holds: first_hook_of_a_young_line,
    },
    Level {
        id: "young-foreign-dependency",
        holds: young_dependency_of_a_stranger,
    },
];

/// Lists the hooks of a release that do more than print a line, as far as their commands show.
fn hooks(release: &Release) -> impl Iterator<Item = &Hook> {
    release
        .install
        .hooks
        .iter()
        .filter(|hook| !is_message(hook))
}

/// Returns a command as far as anybody reads it.
fn shown(command: &str) -> String {
    let mut letters = command.chars();
    let start: String = letters.by_ref().take(LONGEST_COMMAND).collect();
    match letters.next() {
        Some(_) => format!("{start}…"),
        None => start,
    }
}

/// Says whether a hook prints a message and does nothing else, as its command alone shows.
fn is_message(hook: &Hook) -> bool {
    let command = [(hook.event.id(), hook.command.as_str())];
    let reports = look(&command, &Tarball::default());
    verdict(&reports) == HookVerdict::Harmless(Harmless::Message)
}

/// How much there is to compare a first hook with.
enum Footing {
    Established,
    Thin,
}

/// Finds a hook where no earlier release had one.
fn new_hook(judged: &Judged<'_>) -> Option<(Footing, String)> {
    let hook = hooks(judged.own.release).next()?;
    let mut earlier: Vec<_> = judged.earlier().collect();
    let is_newborn = earlier.is_empty();
    if is_newborn {
        // A package may be staged without a hook, and get it within hours.
        let own = judged.own.published;
        earlier = judged
            .others
            .iter()
            .filter(|other| other.published < own)
            .collect();
    }
    let is_first = earlier
        .iter()
        .all(|other| hooks(other.release).next().is_none());
    if !is_first || earlier.is_empty() {
        return None;
    }
    let is_line_known = judged.earlier_of_line().next().is_some();
    let footing = if is_line_known && earlier.len() >= ESTABLISHED {
        Footing::Established
    } else {
        Footing::Thin
    };
    let detail = format!(
        "its {} script `{}` runs when it is installed; none of the {} releases before it is known to have had one",
        hook.event.id(),
        shown(&hook.command),
        earlier.len(),
    );
    Some((footing, detail))
}

fn first_hook(judged: &Judged<'_>) -> Option<String> {
    match new_hook(judged)? {
        (Footing::Established, detail) => Some(detail),
        (Footing::Thin, _) => None,
    }
}

fn first_hook_of_a_young_line(judged: &Judged<'_>) -> Option<String> {
    match new_hook(judged)? {
        (Footing::Thin, detail) => Some(format!(
            "{detail}, on a new line or with few to compare with"
        )),
        (Footing::Established, _) => None,
    }
}

/// Finds a new dependency that runs code when it is installed, or that no registry holds.
fn dependency_that_runs(judged: &Judged<'_>) -> Option<String> {
    let added = judged.new_dependencies();
    added.into_iter().find_map(|added| {
        if judged.history.ecosystem == Ecosystem::Npm && is_from_elsewhere(&added.requirement) {
            let was_there = judged.earlier().any(|other| {
                let mut had = other.release.dependencies.iter();
                had.any(|dependency| dependency.name == added.name)
            });
            return (!was_there).then(|| {
                format!(
                    "its new dependency {} comes from {}, not from the registry",
                    added.name, added.requirement
                )
            });
        }
        let dependency = judged.neighbours.history(&added.name)?;
        // How often harmless releases bring peers with such code was not counted, but those that are new are few.
        if added.role == DependencyRole::Peer && !is_young(judged, &dependency) {
            return None;
        }
        let candidates = candidates(judged, added, &dependency);
        let mut candidates = candidates.into_iter();
        candidates.find_map(|candidate| runs_code(judged, candidate, &dependency))
    })
}

fn runs_code(judged: &Judged<'_>, picked: &Release, dependency: &ReleaseHistory) -> Option<String> {
    let name = &dependency.name;
    let version = &picked.version;
    match judged.history.ecosystem {
        Ecosystem::Npm => {
            let hook = hooks(picked).next()?;
            Some(format!(
                "its new dependency {name} {version} runs `{}` when it is installed ({})",
                shown(&hook.command),
                hook.event.id(),
            ))
        }
        Ecosystem::Cargo => {
            let is_young = is_young(judged, dependency);
            (is_young && picked.install.build == BuildCode::Shown).then(|| {
                format!("its new dependency {name} {version} first appeared within the week before, and has code that runs when it is built")
            })
        }
        Ecosystem::Pypi => None,
    }
}

fn is_young(judged: &Judged<'_>, dependency: &ReleaseHistory) -> bool {
    let first = dependency.first_published();
    first.is_some_and(|first| judged.own.published.duration_since(first) < NEW)
}

/// Says whether a requirement of npm names a place instead of versions (npm docs, "Git URLs as Dependencies").
fn is_from_elsewhere(requirement: &str) -> bool {
    let requirement = requirement.trim();
    let scheme = requirement.get(..4);
    let is_alias = scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("npm:"));
    let is_place = requirement.contains("://")
        || ["git@", "github:", "gitlab:", "bitbucket:", "gist:"]
            .iter()
            .any(|start| requirement.starts_with(start));
    let is_local = ["file:", "link:", "workspace:", ".", "/", "~/"]
        .iter()
        .any(|start| requirement.starts_with(start));
    let is_shorthand = requirement.contains('/') && !requirement.contains(' ');
    !is_alias && !is_local && (is_place || is_shorthand)
}

/// Lists the releases that may be installed for a dependency: the one that is locked, the highest that is admitted, and each that is young.
///
/// A tag may point at any of them, so that a requirement that names no versions admits all.
fn candidates<'d>(
    judged: &Judged<'_>,
    added: &ReleaseDependency,
    dependency: &'d ReleaseHistory,
) -> Vec<&'d Release> {
    let ecosystem = dependency.ecosystem;
    let is_admitted = |release: &&Release| {
        admits(ecosystem, &added.requirement, &release.version).unwrap_or(true)
    };
    let admitted = dependency.releases.iter().filter(is_admitted);
    let rank = |release: &&'d Release| {
        let anatomy = Anatomy::of(ecosystem, &release.version);
        let is_stable = anatomy.is_some_and(|anatomy| anatomy.stage == Stage::Stable);
        (is_stable, VersionOrder::parse(ecosystem, &release.version))
    };
    let highest = admitted
        .clone()
        .max_by(|one, other| rank(one).cmp(&rank(other)));
    let young = admitted.filter(|release| release.is_new(judged.now));
    let locked = judged.neighbours.locked(&added.name).into_iter();
    let locked = locked.filter_map(|version| dependency.release(&version));
    locked.chain(highest).chain(young).collect()
}

/// Finds a file that runs whenever Python starts, where no earlier release had one.
fn first_start_up_file(judged: &Judged<'_>) -> Option<String> {
    let own = judged.own.release.install.start_up_files.as_ref()?;
    let file = own.first()?;
    let mut before = judged.earlier();
    let had = before.any(|other| {
        let files = other.release.install.start_up_files.as_ref();
        files.is_some_and(|files| !files.is_empty())
    });
    // Nothing is known of releases whose archives were not read: only the last one is asked for.
    let last = judged
        .predecessor()
        .or_else(|| judged.earlier().next_back())?;
    let last = last.release.install.start_up_files.as_ref()?;
    (!had && last.is_empty())
        .then(|| format!("its wheel holds {file}, which runs whenever Python starts; the release before had no such file"))
}

/// Finds a dependency new to a patch, of which nobody has heard and whose publisher is a stranger to the package.
fn young_dependency_of_a_stranger(judged: &Judged<'_>) -> Option<String> {
    let before = judged.predecessor()?;
    if !judged.own.anatomy.is_patch_after(&before.anatomy) {
        return None;
    }
    let added = judged.new_dependencies();
    added.into_iter().find_map(|added| {
        let dependency = judged.neighbours.history(&added.name)?;
        let is_small = dependency.releases.len() <= FEW;
        (is_small && is_young(judged, &dependency) && is_of_a_stranger(judged, &dependency)).then(|| {
            format!(
                "a patch release brings {}, which first appeared within the week before and is published by nobody who published this package",
                added.name,
            )
        })
    })
}

/// Says whether everybody who published the dependency is known, and none of them had to do with the package.
fn is_of_a_stranger(judged: &Judged<'_>, dependency: &ReleaseHistory) -> bool {
    let publishers: Option<Vec<_>> = dependency
        .releases
        .iter()
        .map(|release| Some(&release.publisher.as_ref()?.account))
        .collect();
    let Some(publishers) = publishers else {
        return false;
    };
    let knows = |account| {
        judged.earlier().any(|other| {
            let publisher = other.release.publisher.as_ref();
            let maintainers = other
                .release
                .maintainers
                .iter()
                .flat_map(|list| list.iter());
            let mut all = publisher
                .map(|publisher| &publisher.account)
                .into_iter()
                .chain(maintainers);
            all.any(|known| known.is_same(account))
        })
    };
    !publishers.is_empty() && !publishers.into_iter().any(knows)
}
