//! Which findings a baseline keeps, which are worse than it says, and which of its lines nothing needs any more.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rustc_hash::FxHashMap;

use super::index::Index;
use super::matter::{matters, unite};
use super::{Baseline, Entry, Extent, Matter, Subject};
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

/// What a complete run says of the lines themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Review {
    /// Lines that nothing needs any more.
    pub unneeded: Vec<Entry>,
    /// Lines that allow more than was found.
    pub loose: Vec<Loose>,
}

/// A line that allows more than was found: nobody would see what it shelters next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loose {
    /// The line.
    pub line: Entry,
    /// As much of it as is needed.
    pub tight: Entry,
}

/// Something that says what is known of a matter.
pub(in crate::assessment) trait Line {
    /// Returns the matter.
    fn matter(&self) -> &Matter;
}

impl Line for Entry {
    fn matter(&self) -> &Matter {
        &self.matter
    }
}

impl Line for Matter {
    fn matter(&self) -> &Matter {
        self
    }
}

/// Lines by what they are about, in whatever project.
pub(in crate::assessment) struct Lines<'b, L>(
    FxHashMap<(&'b Fingerprint, &'b Subject), Vec<&'b L>>,
);

/// What lines say of a finding.
pub(in crate::assessment) struct Judged<'b, L> {
    /// The lines about it; one can stand here for several of its matters.
    about: Vec<&'b L>,
    /// Why it is worse than they say; empty if they cover all of it.
    pub(in crate::assessment) worse_because: Vec<Untrusted<'static>>,
}

impl<'b, L: Line> Lines<'b, L> {
    /// Sorts lines by what they are about.
    pub(in crate::assessment) fn new(all: impl IntoIterator<Item = &'b L>) -> Self {
        let mut lines: FxHashMap<_, Vec<&L>> = FxHashMap::default();
        for line in all {
            let key = (&line.matter().fingerprint, &line.matter().subject);
            lines.entry(key).or_default().push(line);
        }
        Self(lines)
    }

    /// Lists the lines about the finding of a matter, in whatever project.
    fn of(&self, matter: &Matter) -> Vec<&'b L> {
        let key = (&matter.fingerprint, &matter.subject);
        let lines = self.0.get(&key).into_iter().flatten().copied();
        lines
            .filter(|line| line.matter().is_of_finding(matter))
            .collect()
    }

    /// Compares what a finding stands for with the lines about it; none if there are none.
    pub(in crate::assessment) fn judge(&self, matters: &[Matter]) -> Option<Judged<'b, L>> {
        // Sets, because every matter of a package meets all lines about it.
        let (mut worse_because, mut unlisted) = (BTreeSet::new(), BTreeSet::new());
        let mut all = Vec::new();
        for matter in matters {
            let about = self.of(matter);
            if about.is_empty() {
                unlisted.insert(&matter.subject);
            } else {
                let known = about.iter().map(|line| line.matter());
                worse_because.extend(worsening(matter, known));
            }
            all.extend(about);
        }
        let mut worse_because: Vec<Untrusted<'static>> = worse_because.into_iter().collect();
        worse_because.extend(words(&unlisted));
        (!all.is_empty()).then_some(Judged {
            about: all,
            worse_because,
        })
    }
}

/// Says of every finding what the baseline makes of it. What an entry of the configuration accepts needs no line.
pub(in crate::assessment) fn settle(
    baseline: &Baseline,
    view: &View<'_>,
    findings: &mut [Finding],
) {
    let lines = Lines::new(&baseline.entries);
    let is_open =
        |finding: &&mut Finding| !finding.rule.is_guarded() && finding.state != State::Kept;
    for finding in findings.iter_mut().filter(is_open) {
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
    let holding = Holding::new(&config.accepts, now, finding, graph);
    let mut open = matters(finding, graph, &config.rules);
    open.retain(|matter| !holding.covers(&matter.project, &matter.ids));
    open
}

/// Compares what a finding stands for with the lines about it; none if there are none.
fn standing(lines: &Lines<'_, Entry>, matters: &[Matter]) -> Option<Standing> {
    let Judged {
        about,
        worse_because,
    } = lines.judge(matters)?;
    let owners: BTreeSet<_> = about.iter().map(|entry| &entry.owner).collect();
    Some(Standing {
        since: about.iter().map(|entry| entry.since).min()?,
        owners: owners.into_iter().cloned().collect(),
        worse_because,
    })
}

/// How many of the new subjects are named.
const NAMED: usize = 3;

/// Says what no line is about, though lines are about the rest of its finding.
fn words(unlisted: &BTreeSet<&Subject>) -> impl Iterator<Item = Untrusted<'static>> {
    let told = unlisted.iter().take(NAMED).map(|subject| match subject {
        Subject::Package(purl) => format!("{purl} is new"),
        Subject::File(path) => format!("{} is new", path.untrusted().as_str()),
    });
    let told: Vec<Untrusted<'static>> = told.map(Untrusted::from).collect();
    let more = match unlisted.len().saturating_sub(NAMED) {
        0 => None,
        1 => Some("1 more is new".into()),
        more => Some(format!("{more} more are new").into()),
    };
    told.into_iter().chain(more)
}

/// Says why the lines about a finding do not cover a matter of it; none if one does.
fn worsening<'m>(
    matter: &Matter,
    about: impl Iterator<Item = &'m Matter>,
) -> Option<Untrusted<'static>> {
    let beside: Vec<&Matter> = about.filter(|known| known.is_beside(matter)).collect();
    let mut same = beside.iter().filter(|known| known.is_same(matter));
    if same.clone().any(|known| !matter.exceeds(known)) {
        return None;
    }
    let project = matter.project.untrusted();
    let project = project.as_str();
    let what = matter.ids.first().map_or("it", String::as_str);
    let words = match same.next() {
        None if beside.is_empty() => format!("project {project} is new"),
        None => format!("{what} is new in project {project}"),
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
/// And those that allow more than it found.
pub(in crate::assessment) fn review<'f>(
    baseline: &Baseline,
    view: &View<'_>,
    extent: &Extent,
    findings: impl Iterator<Item = &'f Finding>,
) -> Review {
    let found = findings.flat_map(|finding| matters(finding, view.graph, &view.config.rules));
    let found = unite(found);
    let found = Index::new(&found);
    let (mut unneeded, mut loose) = (Vec::new(), Vec::new());
    // What a clock in the past does not know yet is not gone.
    let today = TimeZone::UTC.to_datetime(view.now).date();
    let known = baseline.entries.iter().filter(|entry| entry.since <= today);
    for entry in known {
        match tightened(entry, &found) {
            None => unneeded.push(entry.clone()),
            Some(tight) if tight != *entry => loose.push(Loose {
                line: entry.clone(),
                tight,
            }),
            Some(_) => {}
        }
    }
    if unneeded.is_empty() && loose.is_empty() {
        return Review::default();
    }
    let sight = extent.sight(view);
    unneeded.retain(|entry| sight.holds(&entry.matter));
    loose.retain(|loose| sight.holds(&loose.line.matter));
    Review { unneeded, loose }
}

/// Takes back what a line allows and nothing needs: ids that are gone, a severity or scope that is better by now.
/// None if nothing of it was found.
fn tightened(entry: &Entry, found: &Index<'_>) -> Option<Entry> {
    let today: Vec<&Matter> = found.same(&entry.matter).collect();
    let severity = today.iter().map(|matter| matter.severity).min()?;
    let ids: BTreeSet<&String> = today.iter().flat_map(|matter| &matter.ids).collect();
    let mut entry = entry.clone();
    let known = &mut entry.matter;
    known.ids.retain(|id| ids.contains(id));
    known.severity = known.severity.max(severity);
    let scope = today.iter().filter_map(|matter| matter.scope).min();
    known.scope = known
        .scope
        .zip(scope)
        .map(|(known, today)| known.max(today));
    Some(entry)
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
        let standing = standing(&Lines::new(&baseline.entries), matters)?;
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
            Some(vec!["GHSA-2 is new in project .".to_owned()])
        );
    }

    #[test]
    fn a_project_that_is_not_listed_makes_it_worse() {
        let lines = vec![entry(LEFT, "web", &["A"])];
        let matters = [matter(LEFT, "web", &["A"]), matter(LEFT, "api", &["A"])];
        assert_eq!(
            worse(lines, &matters),
            Some(vec!["project api is new".to_owned()])
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
            Some(vec!["A is new in project .".to_owned()])
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
        let standing = standing(&Lines::new(&baseline.entries), &matters).expect("lines about it");
        assert_eq!(standing.since.to_string(), "2026-09-01");
        assert_eq!(standing.owners, ["@api".into(), "@web".into()]);
    }

    fn tight(entry: &Entry, found: &[Matter]) -> Option<Matter> {
        let tight = tightened(entry, &Index::new(found))?;
        Some(tight.matter)
    }

    #[test]
    fn a_line_gives_back_what_nothing_needs() {
        let mut known = entry(LEFT, "", &["A", "B", "GONE"]);
        known.matter.severity = Severity::Critical;
        let mut today = matter(LEFT, "", &["B", "C"]);
        today.scope = Some(Scope::Dev);
        let both = [matter(LEFT, "", &["A"]), today];
        let mut wanted = matter(LEFT, "", &["A", "B"]);
        assert_eq!(tight(&known, &both), Some(wanted.clone()));
        let mut milder = matter(LEFT, "", &["A"]);
        (milder.severity, milder.scope) = (Severity::Low, Some(Scope::Dev));
        wanted = milder.clone();
        assert_eq!(tight(&known, &[milder]), Some(wanted));
        let mut worse = matter(LEFT, "", &["A"]);
        worse.severity = Severity::Critical;
        let known = entry(LEFT, "", &["A"]);
        assert_eq!(tight(&known, &[worse]), Some(known.matter.clone()));
        assert_eq!(tight(&known, &[matter(LEFT, "web", &["A"])]), None);
    }

    #[test]
    fn entries_that_are_not_listed_are_named_as_long_as_they_are_few() {
        let of_file = |purl: &str| {
            let mut matter = matter(purl, "", &[]);
            matter.fingerprint = Fingerprint::of(&["file".to_owned()]);
            matter
        };
        let mut line = entry(LEFT, "", &[]);
        line.matter = of_file(LEFT);
        let why = |purls: &[&str]| {
            let matters: Vec<Matter> = purls.iter().map(|purl| of_file(purl)).collect();
            worse(vec![line.clone()], &matters)
        };
        assert_eq!(why(&[LEFT]), Some(vec![]));
        assert_eq!(
            why(&[LEFT, "pkg:npm/c@1"]),
            Some(vec!["pkg:npm/c@1 is new".to_owned()])
        );
        let words = why(&[LEFT, "pkg:npm/c", "pkg:npm/d", "pkg:npm/b", "pkg:npm/a"]);
        assert_eq!(
            words.expect("a line about it")[2..],
            ["pkg:npm/c is new", "1 more is new"]
        );
        assert_eq!(why(&["pkg:npm/c"]), None);
    }
}
