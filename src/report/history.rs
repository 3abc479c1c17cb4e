//! `linchpin history`: a package's releases, as text and as JSON (`linchpin/history/1`).

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use super::words::{count, wrap};
use super::{Presentation, json};
use crate::package::Ecosystem;
use crate::registry::history::{
    Account, Contradiction, Pipeline, ProjectStanding, Publisher, Revision, Signature,
};
use crate::registry::timeline::{ReleaseChange, TimelineEntry, accounts, minute, origin, timeline};
use crate::registry::{Release, ReleaseHistory, Trust};
use crate::text::Untrusted;

/// The id of the schema.
const SCHEMA: &str = "linchpin/history/1";

/// How wide a line of changes may be.
const WIDTH: usize = 100;

/// What a report of a history shows.
pub struct HistoryReport<'r> {
    /// The history.
    pub history: &'r ReleaseHistory,
    /// When it was observed.
    pub observed: Timestamp,
    /// The clock of the run.
    pub as_of: Timestamp,
    /// Whether that was in this run, in words.
    pub source: &'static str,
    /// Who could publish, since which observation.
    pub owners: Vec<(Timestamp, &'r [Account])>,
    /// What the registry said and no longer does.
    pub contradictions: &'r [Contradiction],
    /// How many of the latest releases are shown; all if none is said.
    pub last: Option<usize>,
    /// The only release that is meant, if one is.
    pub version: Option<&'r str>,
}

impl<'r> HistoryReport<'r> {
    /// Lists the releases to show, the oldest first.
    fn entries(&self) -> Vec<TimelineEntry<'r>> {
        let mut entries = timeline(self.history);
        if let Some(version) = self.version {
            let meant = self.history.release(version);
            entries.retain(|entry| meant.is_some_and(|meant| std::ptr::eq(meant, entry.release)));
        }
        let hidden = self
            .last
            .map_or(0, |last| entries.len().saturating_sub(last));
        entries.split_off(hidden)
    }

    /// Writes the timeline for people, the oldest release first.
    pub fn write_text(&self, presentation: &Presentation, out: &mut dyn Write) -> io::Result<()> {
        let style = presentation.style;
        let history = self.history;
        let name = Untrusted::from(history.name.clone());
        let since = history.first_published().map_or_else(String::new, |first| {
            format!(" since {}", first.strftime("%Y-%m-%d"))
        });
        writeln!(
            out,
            "{}  {}, {}{since}, {} {}",
            style.strong(name.terminal()),
            history.ecosystem.registry_name(),
            count(history.releases.len(), "release"),
            self.source,
            minute(Some(self.observed)),
        )?;
        for line in self.remarks() {
            writeln!(out, "  {}", Untrusted::from(line).terminal())?;
        }
        let entries = self.entries();
        let hidden = history.releases.len() - entries.len();
        if hidden > 0 && self.version.is_none() {
            writeln!(out, "  {} before these: --all", count(hidden, "release"))?;
        }
        writeln!(out)?;
        let widths = Widths::of(&entries);
        for entry in &entries {
            widths.write(entry, presentation, out)?;
        }
        Ok(())
    }

    /// Says what is to be known beside the releases.
    fn remarks(&self) -> Vec<String> {
        let history = self.history;
        let standing = match &history.standing {
            ProjectStanding::Active => None,
            ProjectStanding::Archived => Some("archived: nobody works on it any more".to_owned()),
            ProjectStanding::Deprecated => Some("deprecated by its owners".to_owned()),
            ProjectStanding::Quarantined(reason) => {
                let reason = reason
                    .as_ref()
                    .map_or_else(String::new, |reason| format!(": {reason}"));
                Some(format!("QUARANTINED by the registry{reason}"))
            }
            ProjectStanding::SecurityHolding => {
                Some("REPLACED by the registry, as it does with malware".to_owned())
            }
            ProjectStanding::Unpublished => Some("UNPUBLISHED by its owners".to_owned()),
        };
        let owners = history.owners.as_ref().map(|owners| {
            let names: Vec<&str> = owners.iter().map(|owner| owner.name.as_str()).collect();
            format!("may publish: {}", names.join(", "))
        });
        let pulled = history.pulled_back.iter().map(|pulled| {
            format!(
                "removed: {}, published {}",
                pulled.version,
                minute(pulled.published)
            )
        });
        let observed = self.owners.windows(2).filter_map(|pair| {
            let what = accounts(pair[0].1, pair[1].1)?;
            Some(format!("seen on {}: {what}", minute(Some(pair[1].0))))
        });
        let contradictions = self.contradictions.iter().map(|one| one.words.clone());
        standing
            .into_iter()
            .chain(owners)
            .chain(observed)
            .chain(pulled)
            .chain(contradictions)
            .collect()
    }

    /// Writes everything that is known, for programs.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let entries = self.entries();
        let document = Document {
            schema: SCHEMA,
            ecosystem: self.history.ecosystem,
            name: &self.history.name,
            as_of: self.as_of.to_string(),
            observed: self.observed.to_string(),
            standing: standing_id(&self.history.standing),
            owners: self.history.owners.as_deref().map(records),
            owners_observed: self
                .owners
                .iter()
                .map(|(since, owners)| OwnersRecord {
                    since: since.to_string(),
                    owners: records(owners),
                })
                .collect(),
            removed: self
                .history
                .pulled_back
                .iter()
                .map(|pulled| RemovedRecord {
                    version: &pulled.version,
                    published: pulled.published.map(|time| time.to_string()),
                })
                .collect(),
            contradictions: self
                .contradictions
                .iter()
                .map(|one| one.words.as_str())
                .collect(),
            releases: entries.iter().map(ReleaseRecord::new).collect(),
        };
        json::write(&document, out)
    }
}

/// The columns of the text.
struct Widths {
    version: usize,
    who: usize,
}

impl Widths {
    fn of(entries: &[TimelineEntry<'_>]) -> Self {
        let width = |text: String| Untrusted::from(text).terminal().to_string().chars().count();
        let versions = entries
            .iter()
            .map(|entry| width(entry.release.version.clone()));
        let publishers = entries.iter().map(|entry| width(origin(entry.release).0));
        Self {
            version: versions.max().unwrap_or(0).min(24),
            who: publishers.max().unwrap_or(0).min(40),
        }
    }

    fn write(
        &self,
        entry: &TimelineEntry<'_>,
        presentation: &Presentation,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let style = presentation.style;
        let release = entry.release;
        let (who, trust) = origin(release);
        let (version, who) = (
            Untrusted::from(release.version.clone()),
            Untrusted::from(who),
        );
        let (version, who) = (version.terminal().to_string(), who.terminal().to_string());
        let (first, second) = (self.version, self.who);
        let time = minute(release.published);
        writeln!(
            out,
            "{}  {}  {who:second$}  {trust}{}",
            style.faint(time),
            style.strong(format!("{version:first$}")),
            marks(release),
        )?;
        for change in &entry.changes {
            let what = Untrusted::from(change.what.clone()).terminal().to_string();
            for (place, line) in wrap(&what, WIDTH).into_iter().enumerate() {
                let head = if place == 0 { "+" } else { " " };
                writeln!(out, "{:18}{head} {line}", "")?;
            }
        }
        Ok(())
    }
}

/// Marks a release by what its owners say of it by now.
fn marks(release: &Release) -> String {
    let yanked = release.standing.yanked.is_some().then_some("  yanked");
    let deprecated = release
        .standing
        .deprecated
        .is_some()
        .then_some("  deprecated");
    yanked.into_iter().chain(deprecated).collect()
}

const fn standing_id(standing: &ProjectStanding) -> &'static str {
    match standing {
        ProjectStanding::Active => "active",
        ProjectStanding::Archived => "archived",
        ProjectStanding::Deprecated => "deprecated",
        ProjectStanding::Quarantined(_) => "quarantined",
        ProjectStanding::SecurityHolding => "security-holding",
        ProjectStanding::Unpublished => "unpublished",
    }
}

#[derive(Serialize)]
struct Document<'r> {
    schema: &'static str,
    ecosystem: Ecosystem,
    name: &'r str,
    as_of: String,
    observed: String,
    standing: &'static str,
    owners: Option<Vec<AccountRecord<'r>>>,
    owners_observed: Vec<OwnersRecord<'r>>,
    removed: Vec<RemovedRecord<'r>>,
    contradictions: Vec<&'r str>,
    releases: Vec<ReleaseRecord<'r>>,
}

#[derive(Serialize)]
struct AccountRecord<'r> {
    name: &'r str,
    id: Option<u64>,
    email: Option<&'r str>,
}

#[derive(Serialize)]
struct OwnersRecord<'r> {
    since: String,
    owners: Vec<AccountRecord<'r>>,
}

#[derive(Serialize)]
struct RemovedRecord<'r> {
    version: &'r str,
    published: Option<String>,
}

#[derive(Serialize)]
struct PipelineRecord<'r> {
    provider: &'r str,
    repository: Option<&'r str>,
    workflow: Option<&'r str>,
}

#[derive(Serialize)]
struct ReleaseRecord<'r> {
    version: &'r str,
    published: Option<String>,
    publisher: Option<AccountRecord<'r>>,
    pipeline: Option<PipelineRecord<'r>>,
    maintainers: Option<Vec<AccountRecord<'r>>>,
    trust: Option<&'static str>,
    signed: Option<bool>,
    revision: Option<&'r str>,
    install: Vec<HookRecord<'r>>,
    start_up_files: Option<&'r [String]>,
    dependencies: Vec<DependencyRecord<'r>>,
    size: Option<u64>,
    yanked: Option<&'r str>,
    deprecated: Option<&'r str>,
    changes: &'r [ReleaseChange],
}

#[derive(Serialize)]
struct HookRecord<'r> {
    event: &'static str,
    command: &'r str,
}

#[derive(Serialize)]
struct DependencyRecord<'r> {
    name: &'r str,
    requirement: &'r str,
}

fn record(account: &Account) -> AccountRecord<'_> {
    AccountRecord {
        name: &account.name,
        id: account.id,
        email: account.email.as_deref(),
    }
}

fn records(accounts: &[Account]) -> Vec<AccountRecord<'_>> {
    accounts.iter().map(record).collect()
}

fn pipeline(pipeline: &Pipeline) -> PipelineRecord<'_> {
    PipelineRecord {
        provider: &pipeline.provider,
        repository: pipeline.repository.as_deref(),
        workflow: pipeline.workflow.as_deref(),
    }
}

const fn trust_id(trust: Trust) -> &'static str {
    match trust {
        Trust::Nothing => "none",
        Trust::Provenance => "provenance",
        Trust::TrustedPublishing => "trusted-publishing",
        Trust::StagedApproval => "staged-approval",
    }
}

impl<'r> ReleaseRecord<'r> {
    fn new(entry: &'r TimelineEntry<'r>) -> Self {
        let release: &'r Release = entry.release;
        let publisher: Option<&'r Publisher> = release.publisher.as_ref();
        let hooks = release.install.hooks.iter().map(|hook| HookRecord {
            event: hook.event.id(),
            command: &hook.command,
        });
        let dependencies = release
            .dependencies
            .iter()
            .map(|dependency| DependencyRecord {
                name: &dependency.name,
                requirement: &dependency.requirement,
            });
        Self {
            version: &release.version,
            published: release.published.map(|time| time.to_string()),
            publisher: publisher.map(|publisher| record(&publisher.account)),
            pipeline: publisher
                .and_then(|publisher| publisher.pipeline.as_ref())
                .map(pipeline),
            maintainers: release.maintainers.as_deref().map(records),
            trust: release.trust.map(trust_id),
            signed: release
                .signature
                .map(|signature| signature == Signature::Present),
            revision: release
                .revision
                .as_ref()
                .and_then(|revision| match revision {
                    Revision::Named(commit) => Some(commit.as_str()),
                    Revision::Missing => None,
                }),
            install: hooks.collect(),
            start_up_files: release.install.start_up_files.as_deref(),
            dependencies: dependencies.collect(),
            size: release.size,
            yanked: release.standing.yanked.as_deref(),
            deprecated: release.standing.deprecated.as_deref(),
            changes: &entry.changes,
        }
    }
}
