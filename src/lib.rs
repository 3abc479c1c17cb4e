//! Linchpin audits what a project rests on.
//!
//! It reads the lockfiles of Cargo, npm and `PyPI` projects into one graph, asks rules about every package, and
//! reports the risky paths: which package is dangerous, how it came in, and the one change that takes it out.
//!
//! # The flow
//!
//! Bytes flow one way; no stage reaches back:
//!
//! ```text
//! lockfile bytes → Lockfile → DependencyGraph → EvidencePlan → EvidenceSet → Findings → Assessment → reports
//!                  pure       pure              pure           the only I/O  pure       pure         pure
//! ```
//!
//! Follow one rule, `foreign-host`, through it: a pull request has changed one `resolved` line of a
//! package-lock.json to a host of the attacker's.
//!
//! 1. **Files.** [`discover::discover`] walks the tree below the PATHs and reads package-lock.json into a
//!    [`lockfile::SourceFile`]. Only here, in [`fn@evidence::gather`] (through capabilities), in [`fetch`] and
//!    [`store`], which bring and keep advisories and histories, and in [`cli`] is the world touched;
//!    only there, and only for `--cargo-metadata` and for git revisions, is a program run.
//! 2. **Entries.** [`lockfile::parse`] has the format turn the bytes into a [`lockfile::Lockfile`]: one
//!    [`lockfile::LockedEntry`] for each location, whose [`lockfile::Artifact`] keeps the `resolved` URL and
//!    whose [`lockfile::Span`] keeps the place. The text of the URL is [`text::Untrusted`] from here on: no
//!    report can print it unescaped.
//! 3. **Graph.** [`graph::unify`] makes a node of each entry and groups the nodes that are the same package.
//!    The package's [`package::Source`] is its registry; the URL stays with the entry.
//! 4. **Evidence.** [`fn@evidence::plan`] asks every rule what it needs beyond the lockfiles. `foreign-host`
//!    needs nothing; `hash-mismatch` asks for local archives, `known-vulnerability` for advisories,
//!    `suspicious-release` for what a [`registry`] tells of earlier releases, and [`fn@evidence::gather`] looks for them.
//! 5. **Findings.** [`signal::evaluate`] asks every rule about every package, lockfile and the run.
//!    `foreign-host` looks at each lockfile: [`package::hosts::Hosts`] tells the public registry's hosts, and
//!    those that the project vouches for, from all others, and one [`assessment::Draft`] is made for each
//!    strange host, with a count, however many entries name it. The rule also says which packages it could not
//!    judge, and why: [`assessment::Coverage`].
//! 6. **Assessment.** [`fn@assessment::assess`] places the draft in the graph (paths, choke point, blast
//!    radius), gives it its [`assessment::Fingerprint`], orders it among the others and concludes with a
//!    [`assessment::Verdict`].
//! 7. **Report.** A format of [`report::findings::FINDINGS_FORMATS`] writes it: the line of the lockfile with a
//!    caret beneath it, the fix, the coverage, the exit code.
//!
//! # Adding to it
//!
//! A lockfile format is one file and a line in [`lockfile::LOCKFILE_FORMATS`]; a rule one file and a line in
//! [`signal::SIGNALS`]; a registry one file and a line in [`registry::REGISTRIES`]; a report one file and a line in
//! [`report::findings::FINDINGS_FORMATS`] or [`report::graph::GRAPH_FORMATS`]. Help texts, `explain`, the README's tables and the schemas follow from the
//! slices.

pub mod advisory;
pub mod archive;
pub mod assessment;
pub mod cli;
pub mod clients;
mod codec;
pub mod config;
mod cores;
pub mod discover;
pub mod evidence;
pub mod fetch;
pub mod files;
pub mod graph;
pub mod guard;
pub mod install;
pub mod lockfile;
pub mod package;
pub mod path;
pub mod registry;
pub mod report;
pub mod severity;
pub mod signal;
pub mod store;
mod suggest;
pub mod text;
