//! The stages in order, up to the graph: discover → parse → unify; and on to the assessment.

use camino::Utf8PathBuf;
use rustc_hash::FxHashSet;

use super::error::{Error, ErrorKind};
use super::options::{InputArguments, SettingArguments, environment};
use super::terminal::Terminal;
use crate::advisory::builtin;
use crate::assessment::assess::{Feed, FeedState, RunFacts};
use crate::assessment::{Assessment, Coverage, Input, assess};
use crate::config::{Config, Requirement};
use crate::cores;
use crate::discover::{self, DirectoryFiles, Discovery, FoundLockfile, caches::LocalCaches};
use crate::evidence::{EvidenceSet, gather, plan};
use crate::graph::{DependencyGraph, LockfileId, Package, unify};
use crate::lockfile::{self, Limits, Lockfile, Problem, ProblemSeverity, SourceFile};
use crate::package::hosts::Hosts;
use crate::package::source::{Host, Registry};
use crate::package::{Ecosystem, Source};
use crate::path::FilePath;
use crate::signal::{SIGNALS, Unlocked, View, evaluate};
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

/// Reads every lockfile, on all cores, and pairs it with its problems.
pub(super) fn read<'d>(discovery: &'d Discovery, hosts: &Hosts) -> Read<'d> {
    let limits = Limits::default();
    let results = cores::map(&discovery.lockfiles, |found| {
        let mut parsed = lockfile::parse(found.format, &found.file, &discovery.files, &limits);
        if let Ok(lockfile) = &mut parsed {
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

fn current_directory() -> Result<Utf8PathBuf, Error> {
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

    /// Plans, gathers, evaluates and judges.
    pub(super) fn assess(&self, settings: &SettingArguments, config: &Config) -> Assessment {
        let nothing = EvidenceSet::default();
        let mut view = View {
            graph: &self.graph,
            evidence: &nothing,
            unlocked: &self.unlocked,
            config,
            now: settings.now(),
        };
        let plan = plan(&view, SIGNALS);
        let gathered = gather(&plan, &LocalCaches::of_user(&environment));
        tracing::debug!(asked = plan.archives.len(), "looked for local archives");
        view.evidence = &gathered;
        let found = evaluate(&view, SIGNALS);
        tracing::debug!(findings = found.0.len(), "asked every rule");
        let coverage = Coverage::new(&view, SIGNALS);
        let assessment = assess(&view, found, coverage, self.facts(config));
        tracing::debug!("placed and ordered the findings");
        assessment
    }

    fn facts(&self, config: &Config) -> RunFacts {
        let manifests = self.discovery.manifests.len();
        RunFacts {
            inputs: self.inputs.clone(),
            problems: self.problems.clone(),
            feeds: feeds(&self.graph, &config.hosts),
            incomplete_because: incomplete_because(&self.graph, &self.inputs, manifests, config),
            manifests,
        }
    }
}

/// The built-in list is always asked; feeds are not there yet.
fn feeds(graph: &DependencyGraph<'_>, hosts: &Hosts) -> Vec<Feed> {
    let ecosystems = public_ecosystems(graph, hosts);
    let builtin = Ecosystem::ALL.into_iter().map(|ecosystem| Feed {
        feed: "built-in",
        ecosystem,
        records: builtin::count(ecosystem),
        known_until: builtin::known_until(ecosystem),
        state: FeedState::Fresh,
    });
    let missing = ecosystems.into_iter().map(|ecosystem| Feed {
        feed: "osv",
        ecosystem,
        records: 0,
        known_until: None,
        state: FeedState::Missing,
    });
    builtin.chain(missing).collect()
}

/// Lists the ecosystems of which there are packages that public advisories are about.
fn public_ecosystems(graph: &DependencyGraph<'_>, hosts: &Hosts) -> Vec<Ecosystem> {
    let is_public = |package: &Package| match &package.source {
        Source::Registry(Registry::Public) => true,
        Source::Registry(Registry::Other(url)) => {
            hosts.of(package.ecosystem, url.as_str()) != Some(Host::Private)
        }
        Source::Git { .. } | Source::Path(_) | Source::Archive(_) => false,
    };
    let is_used = |ecosystem: &Ecosystem| {
        let mut packages = graph.packages();
        packages.any(|(_, package)| package.ecosystem == *ecosystem && is_public(package))
    };
    Ecosystem::ALL.into_iter().filter(is_used).collect()
}

fn incomplete_because(
    graph: &DependencyGraph<'_>,
    inputs: &[Input],
    manifests: usize,
    config: &Config,
) -> Vec<Untrusted<'static>> {
    let mut reasons: Vec<Untrusted<'static>> = Vec::new();
    let public = public_ecosystems(graph, &config.hosts);
    if config.gate.require.contains(&Requirement::Advisories) && !public.is_empty() {
        let names: Vec<&str> = public.into_iter().map(Ecosystem::registry_name).collect();
        reasons.push(
            format!(
                "no advisory feed for {}: only the built-in list was checked (`require = []` under [gate] accepts that)",
                names.join(", ")
            )
            .into(),
        );
    }
    if manifests > 0 && inputs.is_empty() {
        reasons.push(Untrusted::borrowed(
            "there are manifests but no lockfile: no package was checked",
        ));
    }
    reasons
}
