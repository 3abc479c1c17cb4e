//! Which findings a baseline keeps, which are worse than it says, and which of its lines nothing needs any more.

use jiff::Timestamp;
use jiff::civil::Date;
use rustc_hash::FxHashMap;

use super::matter::matters;
use super::{Baseline, Entry, Extent, Matter};
use crate::assessment::accepted::Holding;
use crate::assessment::{Finding, Fingerprint, State};
use crate::config::Config;
use crate::graph::DependencyGraph;
use crate::lockfile::Scope;
use crate::signal::View;
use crate::text::Untrusted;

/// What the baseline says of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The day on which the first of its lines entered.
    pub since: Date,
    /// Who answers for these lines, each once.
    pub owners: Vec<Untrusted<'static>>,
    /// Why it is worse than the lines say; empty if they cover all of it.
    pub worse_because: Vec<Untrusted<'static>>,
}

/// The lines of a baseline by the findings that they are about.
struct Lines<'b>(FxHashMap<&'b Fingerprint, Vec<&'b Entry>>);

impl<'b> Lines<'b> {
    fn new(baseline: &'b Baseline) -> Self {
        let mut lines: FxHashMap<_, Vec<&Entry>> = FxHashMap::default();
        for entry in &baseline.entries {
            let of_finding = lines.entry(&entry.matter.fingerprint).or_default();
            of_finding.push(entry);
        }
        Self(lines)
    }

    /// Lists the lines about the finding of a matter, in whatever project.
    fn of(&self, matter: &Matter) -> impl Iterator<Item = &'b Entry> {
        let lines = self.0.get(&matter.fingerprint).into_iter().flatten();
        lines
            .copied()
            .filter(|entry| entry.matter.is_of_finding(matter))
    }
}

/// Says of every finding what the baseline makes of it. What an entry of the configuration accepts needs no line.
pub(in crate::assessment) fn settle(
    baseline: &Baseline,
    view: &View<'_>,
    findings: &mut [Finding],
) {
    let lines = Lines::new(baseline);
    for finding in findings
        .iter_mut()
        .filter(|finding| !finding.rule.is_guarded())
    {
        let open = open(finding, view.graph, view.config, view.now);
        if let Some(standing) = standing(&lines, &open) {
            finding.state = if standing.worse_because.is_empty() {
                State::Kept
            } else {
                State::Worse
            };
            finding.standing = Some(standing);
        }
    }
}

/// Lists what a finding stands for and no entry of the configuration accepts.
pub(super) fn open(
    finding: &Finding,
    graph: &DependencyGraph<'_>,
    config: &Config,
    now: Timestamp,
) -> Vec<Matter> {
    let holding = Holding::new(&config.accepts, now, finding);
    let mut open = matters(finding, graph, &config.rules);
    open.retain(|matter| !holding.covers(&matter.ids));
    open
}

/// Compares what a finding stands for with the lines about it; none if there are none.
fn standing(lines: &Lines<'_>, matters: &[Matter]) -> Option<Standing> {
    let mut known: Vec<&Entry> = Vec::new();
    let mut worse_because = Vec::new();
    for matter in matters {
        let about: Vec<&Entry> = lines.of(matter).collect();
        worse_because.extend(worsening(matter, &about));
        known.extend(about);
    }
    let since = known.iter().map(|entry| entry.since).min()?;
    let mut owners: Vec<Untrusted<'static>> =
        known.iter().map(|entry| entry.owner.clone()).collect();
    owners.sort_unstable();
    owners.dedup();
    worse_because.sort_unstable();
    worse_because.dedup();
    Some(Standing {
        since,
        owners,
        worse_because,
    })
}

/// Says why the lines about a finding do not cover a matter of it; none if one does.
fn worsening(matter: &Matter, about: &[&Entry]) -> Option<Untrusted<'static>> {
    let beside: Vec<&Matter> = about
        .iter()
        .map(|entry| &entry.matter)
        .filter(|known| known.is_beside(matter))
        .collect();
    let mut same = beside.iter().filter(|known| known.is_same(matter));
    if same.clone().any(|known| !matter.exceeds(known)) {
        return None;
    }
    let project = matter.project.untrusted();
    let project = project.as_str();
    let what = matter.ids.first().map_or("it", String::as_str);
    let words = match same.next() {
        None if beside.is_empty() => format!("project {project} is not listed"),
        None => format!("{what} is not listed for project {project}"),
        Some(known) if matter.severity < known.severity => {
            let (was, now) = (known.severity.id(), matter.severity.id());
            format!("{what} was {was} in project {project}, and is {now}")
        }
        Some(known) => {
            let id = |scope: Option<Scope>| scope.map_or("no scope", |scope| scope.id());
            let (was, now) = (id(known.scope), id(matter.scope));
            format!("it was in {was} in project {project}, and is in {now}")
        }
    };
    Some(words.into())
}

/// Lists the lines whose matter a complete run looked for and did not find, whatever became of what it found.
pub(in crate::assessment) fn unneeded<'f>(
    baseline: &Baseline,
    view: &View<'_>,
    extent: &Extent,
    findings: impl Iterator<Item = &'f Finding>,
) -> Vec<Entry> {
    let mut found: FxHashMap<Fingerprint, Vec<Matter>> = FxHashMap::default();
    for finding in findings {
        let of_finding = found.entry(finding.fingerprint.clone()).or_default();
        of_finding.extend(matters(finding, view.graph, &view.config.rules));
    }
    let is_found = |entry: &Entry| {
        let mut matters = found.get(&entry.matter.fingerprint).into_iter().flatten();
        matters.any(|matter| matter.is_same(&entry.matter))
    };
    let missing = baseline.entries.iter().filter(|entry| !is_found(entry));
    let missing: Vec<&Entry> = missing.collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let sight = extent.sight(view);
    let gone = missing
        .into_iter()
        .filter(|entry| sight.holds(&entry.matter));
    gone.cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::baseline::testing::{entry, matter};
    use crate::severity::Severity;

    const LEFT: &str = "pkg:npm/left";

    /// Why a finding is worse than the lines say; none if there are no lines about it.
    fn worse(entries: Vec<Entry>, matters: &[Matter]) -> Option<Vec<String>> {
        let baseline = Baseline {
            entries,
            ..Baseline::default()
        };
        let standing = standing(&Lines::new(&baseline), matters)?;
        let words = standing.worse_because.into_iter();
        Some(words.map(|why| why.as_str().to_owned()).collect())
    }

    #[test]
    fn any_shared_id_covers_a_matter_and_every_matter_has_to_be_covered() {
        let lines = || vec![entry(LEFT, "", &["CVE-1", "GHSA-1"])];
        let same = matter(LEFT, "", &["GHSA-1", "PYSEC-1"]);
        assert_eq!(worse(lines(), std::slice::from_ref(&same)), Some(vec![]));
        let both = [same, matter(LEFT, "", &["GHSA-2"])];
        assert_eq!(
            worse(lines(), &both),
            Some(vec!["GHSA-2 is not listed for project .".to_owned()])
        );
    }

    #[test]
    fn a_project_that_is_not_listed_makes_it_worse() {
        let lines = vec![entry(LEFT, "web", &["A"])];
        let matters = [matter(LEFT, "web", &["A"]), matter(LEFT, "api", &["A"])];
        assert_eq!(
            worse(lines, &matters),
            Some(vec!["project api is not listed".to_owned()])
        );
    }

    #[test]
    fn higher_severity_and_wider_scope_make_it_worse_and_their_opposites_do_not() {
        let at = |severity, scope| {
            let mut matter = matter(LEFT, "", &["A"]);
            (matter.severity, matter.scope) = (severity, scope);
            matter
        };
        let mut known = entry(LEFT, "", &["A"]);
        known.matter = at(Severity::Medium, Some(Scope::Optional));
        let why = |severity, scope| {
            worse(vec![known.clone()], &[at(severity, scope)]).expect("a line about it")
        };
        for (severity, scope) in [
            (Severity::Medium, Some(Scope::Optional)),
            (Severity::Low, Some(Scope::Dev)),
            (Severity::Medium, None),
        ] {
            assert_eq!(why(severity, scope), [""; 0]);
        }
        assert_eq!(
            why(Severity::High, Some(Scope::Optional)),
            ["A was medium in project ., and is high"]
        );
        assert_eq!(
            why(Severity::Medium, Some(Scope::Prod)),
            ["it was in optional in project ., and is in prod"]
        );
    }

    /// People read the names, so a line with another name covers nothing, whatever its fingerprint.
    #[test]
    fn a_line_covers_only_what_its_words_say() {
        let mut forged = entry(LEFT, "", &["A"]);
        forged.matter.fingerprint = matter("pkg:npm/axios", "", &[]).fingerprint;
        assert_eq!(
            worse(vec![forged], &[matter("pkg:npm/axios", "", &["A"])]),
            None
        );
        assert_eq!(worse(vec![], &[matter(LEFT, "", &["A"])]), None);
    }

    #[test]
    fn a_matter_without_ids_is_no_other_with_some() {
        let lines = || vec![entry(LEFT, "", &[])];
        assert_eq!(worse(lines(), &[matter(LEFT, "", &[])]), Some(vec![]));
        assert_eq!(
            worse(lines(), &[matter(LEFT, "", &["A"])]),
            Some(vec!["A is not listed for project .".to_owned()])
        );
    }

    #[test]
    fn the_first_day_and_every_owner_are_told_once() {
        let mut second = entry(LEFT, "", &["B"]);
        second.since = "2026-09-01".parse().expect("a day");
        second.owner = "@api".into();
        let baseline = Baseline {
            entries: vec![entry(LEFT, "", &["A"]), second, entry(LEFT, "", &["C"])],
            ..Baseline::default()
        };
        let matters = ["A", "B", "C"].map(|id| matter(LEFT, "", &[id]));
        let standing = standing(&Lines::new(&baseline), &matters).expect("lines about it");
        assert_eq!(standing.since.to_string(), "2026-09-01");
        assert_eq!(standing.owners, ["@api".into(), "@web".into()]);
    }
}
