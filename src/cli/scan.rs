//! The stages in order, up to the graph: discover → parse → unify; and on to the assessment.

use camino::Utf8PathBuf;
use rustc_hash::FxHashSet;

use super::cargo::CargoArguments;
use super::error::{Error, ErrorKind};
use super::feeds::{Feeds, Freshness, Place};
use super::options::{InputArguments, SettingArguments, environment};
use super::terminal::Terminal;
use crate::assessment::HistoryFacts;
use crate::assessment::assess::RunFacts;
use crate::assessment::baseline::Extent;
use crate::assessment::{Assessment, BaselineFile, Before, Coverage, Input, assess};
use crate::config::{Config, Occasion, Requirement};
use crate::cores;
use crate::discover::{self, DirectoryFiles, Discovery, FoundLockfile, caches::LocalCaches};
use crate::evidence::{EvidenceSet, Histories, gather, plan};
use crate::graph::{DependencyGraph, LockfileId, unify};
use crate::install::registries::{NamedRegistries, SettingsReader};
use crate::lockfile::{
    self, EntryKind, Limits, Lockfile, Problem, ProblemSeverity, SourceFile, rivals,
};
use crate::package::Ecosystem;
use crate::package::hosts::Hosts;
use crate::path::FilePath;
use crate::signal::{
    ChangedReleases, FileChanges, PrivateNames, SIGNALS, Unlocked, View, evaluate, judges,
};
use crate::text::Untrusted;

/// What was found and read: what a [`Scan`] borrows from.
pub(super) struct Read<'d> {
    discovery: &'d Discovery,
    lockfiles: Vec<Lockfile<'d>>,
    /// One for each lockfile that was found.
    inputs: Vec<Input>,
    /// Manifests whose dependencies a lockfile covers.
    covered: FxHashSet<FilePath>,
}

/// What is known before any rule is asked.
pub(super) struct Scan<'d> {
    /// What the walk found.
    pub(super) discovery: &'d Discovery,
    /// The unified graph.
    pub(super) graph: DependencyGraph<'d>,
    /// One for each lockfile that was found.
    pub(super) inputs: Vec<Input>,
    /// Problems that belong to no lockfile.
    pub(super) problems: Vec<Problem>,
    /// Manifests that no lockfile covers.
    pub(super) unlocked: Vec<Unlocked>,
}

/// What is known of the findings of a run before it begins.
#[derive(Default)]
pub(super) struct Known {
    /// What was there when the gate began.
    pub(super) baseline: BaselineFile,
    /// What was there before the change that is judged.
    pub(super) before: Option<Before>,
    /// What it does to files that are in no graph.
    pub(super) files: FileChanges,
    /// What kind of run it is.
    pub(super) occasion: Occasion,
    /// The releases that it brings; none in an audit.
    pub(super) changed: Option<ChangedReleases>,
    /// What could not be read of it.
    pub(super) gaps: Vec<Untrusted<'static>>,
}

impl From<BaselineFile> for Known {
    fn from(baseline: BaselineFile) -> Self {
        Self {
            baseline,
            ..Self::default()
        }
    }
}

/// Finds the lockfiles and manifests below the PATHs.
pub(super) fn discover(input: &InputArguments) -> Result<Discovery, Error> {
    let current = current_directory()?;
    let discovery =
        discover::discover(&input.paths(), &current, &Limits::default()).map_err(|error| {
            Error::new(ErrorKind::Usage, error.to_string())
                .hint("nothing was scanned; linchpin audit [PATH]...")
        })?;
    tracing::debug!(
        lockfiles = discovery.lockfiles.len(),
        manifests = discovery.manifests.len(),
        "walked the tree"
    );
    Ok(discovery)
}

/// Finds the audited root alone, without looking for anything in it.
pub(super) fn root(input: &InputArguments) -> Result<DirectoryFiles, Error> {
    let current = current_directory()?;
    discover::root(&input.paths(), &current, &Limits::default())
        .map_err(|error| Error::new(ErrorKind::Usage, error.to_string()))
}

/// Reads every lockfile, on all cores, lets cargo label its own if it is asked, and pairs each with its problems.
pub(super) fn read<'d>(
    discovery: &'d Discovery,
    hosts: &Hosts,
    cargo: &CargoArguments,
) -> Read<'d> {
    let limits = Limits::default();
    let results = cores::map(&discovery.lockfiles, |found| {
        let mut parsed = lockfile::parse(found.format, &found.file, &*discovery.files, &limits);
        if let Ok(lockfile) = &mut parsed {
            cargo.label(lockfile, discovery);
            lockfile.settle_sources(hosts);
        }
        parsed
    });
    let mut read = Read {
        discovery,
        lockfiles: Vec::with_capacity(results.len()),
        inputs: Vec::with_capacity(results.len()),
        covered: FxHashSet::default(),
    };
    for (found, result) in discovery.lockfiles.iter().zip(results) {
        read.add(found, result);
    }
    read
}

impl<'d> Read<'d> {
    fn add(&mut self, found: &FoundLockfile, result: Result<Lockfile<'d>, Problem>) {
        let mut input = Input {
            path: found.file.path().clone(),
            lockfile: None,
            sha256: Some(found.sha256.clone()),
            problems: Vec::new(),
        };
        match result {
            Ok(mut lockfile) => {
                input.lockfile = Some(LockfileId(
                    u32::try_from(self.lockfiles.len()).unwrap_or(u32::MAX),
                ));
                input.problems = std::mem::take(&mut lockfile.problems);
                self.covered.extend(lockfile.manifests.iter().cloned());
                self.lockfiles.push(lockfile);
            }
            Err(problem) => input.problems.push(problem),
        }
        self.inputs.push(input);
    }

    /// Returns the lockfiles that could not be read.
    fn failed(&self) -> Vec<(FilePath, Ecosystem)> {
        let found = self.discovery.lockfiles.iter().zip(&self.inputs);
        let failed = found.filter(|(_, input)| input.lockfile.is_none());
        failed
            .map(|(found, input)| (input.path.clone(), found.format.ecosystem()))
            .collect()
    }

    /// Unifies what could be read.
    pub(super) fn unify(&self) -> Scan<'_> {
        let graph = unify(&self.lockfiles);
        tracing::debug!(
            nodes = graph.node_count(),
            packages = graph.packages().len(),
            "unified the graph"
        );
        let mut inputs = self.inputs.clone();
        for problem in graph.problems() {
            if let Some(input) = inputs.iter_mut().find(|input| input.path == problem.path) {
                input.problems.push(problem.clone());
            }
        }
        let uncovered = self.discovery.uncovered(&self.covered, &self.failed());
        let unlocked = uncovered.unlocked.iter().map(|found| Unlocked {
            path: found.path.clone(),
            manifest: found.manifest,
        });
        let problems = empty_paths(self.discovery)
            .chain(uncovered.problems)
            .chain(rivals::report(&self.lockfiles, &*self.discovery.files))
            .chain(self.discovery.problems.iter().cloned());
        Scan {
            discovery: self.discovery,
            graph,
            inputs,
            problems: problems.collect(),
            unlocked: unlocked.collect(),
        }
    }
}

/// Returns the folder in which linchpin was called.
pub(super) fn current_directory() -> Result<Utf8PathBuf, Error> {
    let failed = |why: String| {
        Error::new(
            ErrorKind::Usage,
            format!("the current directory cannot be used: {why}"),
        )
    };
    let current = std::env::current_dir().map_err(|error| failed(error.to_string()))?;
    Utf8PathBuf::from_path_buf(current).map_err(|_path| failed("its path is not UTF-8".to_owned()))
}

fn empty_paths(discovery: &Discovery) -> impl Iterator<Item = Problem> {
    let nothing_at_all = discovery.lockfiles.is_empty()
        && discovery.manifests.is_empty()
        && discovery.problems.is_empty();
    let empty = discovery
        .empty_paths
        .iter()
        .filter(move |_| !nothing_at_all);
    empty.map(|path| {
        Problem::new(
            path.clone(),
            ProblemSeverity::Error,
            "holds no lockfile and no manifest",
        )
        .help("each PATH must yield something; leave it out if nothing is expected there")
    })
}

impl<'d> Scan<'d> {
    /// Returns the lockfiles that were read, in the order of the graph.
    pub(super) fn files(&self) -> Vec<&'d SourceFile> {
        let read = self
            .discovery
            .lockfiles
            .iter()
            .zip(&self.inputs)
            .filter(|(_, input)| input.lockfile.is_some());
        read.map(|(found, _)| &found.file).collect()
    }

    /// Returns every problem, those of inputs first.
    pub(super) fn all_problems(&self) -> impl Iterator<Item = &Problem> {
        self.inputs
            .iter()
            .flat_map(|input| &input.problems)
            .chain(&self.problems)
    }

    /// Says every problem on standard error.
    pub(super) fn say_problems(&self, terminal: &Terminal) {
        for problem in self.all_problems() {
            let file = self
                .discovery
                .lockfiles
                .iter()
                .filter(|found| lockfile::is_recognised(found.format, &found.file))
                .map(|found| &found.file)
                .find(|file| *file.path() == problem.path);
            terminal.say_problem(problem, file);
        }
    }

    /// Finds the names that are the project's own, as its lockfiles and the settings beside them show.
    pub(super) fn private_names(&self, config: &Config) -> PrivateNames<'_> {
        PrivateNames::of(&self.graph, config, &self.named_registries(config))
    }

    /// Reads for each lockfile what settings beside it say of registries.
    pub(super) fn named_registries(&self, config: &Config) -> Vec<NamedRegistries> {
        let mut settings = SettingsReader::new(&*self.discovery.files, &config.hosts);
        let lockfiles = self.graph.lockfiles().iter();
        lockfiles
            .map(|lockfile| settings.of(&lockfile.path, lockfile.format))
            .collect()
    }

    /// Plans, gathers, evaluates and judges, with the advisories at hand.
    pub(super) fn assess(
        &self,
        settings: &SettingArguments,
        config: &Config,
        place: Option<&Place>,
        histories: &mut dyn Histories,
        mut known: Known,
    ) -> Assessment {
        let nothing = EvidenceSet::default();
        let before = known.before.as_ref();
        let altered = before.map_or_else(Vec::new, |before| before.altered().to_vec());
        let files = std::mem::take(&mut known.files);
        let changed = known.changed.take();
        let occasion = known.occasion;
        let private = self.private_names(config);
        let mut view = View {
            graph: &self.graph,
            evidence: &nothing,
            unlocked: &self.unlocked,
            private: &private,
            altered: &altered,
            files: &files,
            changed: changed.as_ref(),
            config,
            now: settings.now(),
        };
        let feeds = Feeds::open(&self.graph, place, &Freshness::of(settings, config), config);
        let plan = plan(&view, SIGNALS);
        let caches = LocalCaches::of_user(&environment);
        let gathered = gather(&plan, &caches, &feeds.indexes, histories, view.now);
        tracing::debug!(
            archives = plan.archives.len(),
            releases = plan.advisories.len(),
            histories = plan.histories.len(),
            "gathered what the rules asked for"
        );
        view.evidence = &gathered;
        let found = evaluate(&view, SIGNALS);
        tracing::debug!(findings = found.0.len(), "asked every rule");
        let coverage = Coverage::new(&view, SIGNALS);
        let mut facts = self.facts(feeds, &gathered, known);
        facts.histories = HistoryFacts::of(&plan, &gathered, |id| judges(id, &view));
        if config.gate.requires(Requirement::History, occasion) {
            facts.incomplete_because.extend(facts.histories.gaps());
        }
        let assessment = assess(&view, found, coverage, facts);
        tracing::debug!("placed and ordered the findings");
        assessment
    }

    fn facts(&self, feeds: Feeds, gathered: &EvidenceSet, known: Known) -> RunFacts {
        // One that asks for nothing needs no lockfile.
        let manifests = self.discovery.manifests.iter();
        let manifests = manifests
            .filter(|found| found.asks_for_packages != Some(false))
            .count();
        let mut incomplete_because = feeds.incomplete_because;
        incomplete_because.extend(known.gaps);
        if gathered.lacks_advisories_of_a_feed() {
            incomplete_because.push(Untrusted::borrowed(
                "an advisory feed is damaged: linchpin db update, or import it anew (linchpin db import PATH)",
            ));
        }
        if manifests > 0 && self.inputs.is_empty() {
            incomplete_because.push(Untrusted::borrowed(
                "there are manifests but no lockfile: no package was checked",
            ));
        }
        if self.pins_nothing() {
            incomplete_because.push(Untrusted::borrowed(
                "no requirement is pinned to a version: no package was checked",
            ));
        }
        RunFacts {
            inputs: self.inputs.clone(),
            problems: self.problems.clone(),
            feeds: feeds.lines,
            incomplete_because,
            manifests,
            baseline: known.baseline,
            extent: self.extent(),
            before: known.before,
            histories: HistoryFacts::default(),
        }
    }

    /// Says whether there are packages, and each of them is a range: then there is no lockfile, whatever the names.
    fn pins_nothing(&self) -> bool {
        let packages = self.graph.packages().map(|(_, package)| package);
        let mut others = packages
            .filter(|package| package.kind == EntryKind::Package)
            .peekable();
        others.peek().is_some()
            && others.all(|package| package.version.is_none() && package.source.is_registry())
    }

    /// A lockfile that was named is a part of its project, not all of it, so only folders count as searched.
    fn extent(&self) -> Extent {
        let discovery = self.discovery;
        let lockfiles = discovery.lockfiles.iter().map(|found| found.file.path());
        let manifests = discovery.manifests.iter().map(|found| &found.path);
        let files: FxHashSet<&FilePath> = lockfiles.chain(manifests).collect();
        let searched = discovery.paths.iter().filter(|path| !files.contains(path));
        let skipped = discovery.skipped.iter();
        let unread = skipped.clone().filter(|skipped| skipped.bears_packages());
        let unlocked = self.unlocked.iter();
        let unlocked = unlocked.map(|found| (found.path.parent(), found.manifest.ecosystem));
        Extent {
            searched: searched.cloned().collect(),
            passed_over: skipped.map(|skipped| skipped.path.clone()).collect(),
            unread_in: unread.map(|skipped| skipped.path.parent()).collect(),
            unlocked_in: unlocked.collect(),
        }
    }
}
