//! One finding: title, annotated line, then what a reader asks next, one `=` line each.

use std::io::{self, Write};

use crate::assessment::{Finding, Gating, Occurrence};
use crate::graph::NodeId;
use crate::report::outline::{advice, evidence, ids, standing, terms};
use crate::report::style::Detail;
use crate::report::words::{count, name, thousands, wrap};
use crate::report::{Presentation, Report, excerpt, locate};
use crate::text::Untrusted;

/// How many further places are told.
const PLACES: usize = 3;

/// How many matters are told by their ids; a package may have dozens.
const IDS_TOLD: usize = 3;

/// Writes a finding.
pub(super) fn write(
    out: &mut dyn Write,
    report: &Report<'_>,
    presentation: &Presentation,
    finding: &Finding,
) -> io::Result<()> {
    let mut block = Block {
        out,
        report,
        presentation,
        finding,
        gutter: 4,
    };
    block.write_title()?;
    block.write_excerpt()?;
    block.write_path()?;
    block.line("why", &finding.message)?;
    block.write_evidence()?;
    block.write_reach()?;
    block.write_gate()?;
    block.write_acceptance()?;
    block.write_standing()?;
    block.write_elsewhere()?;
    block.write_fix()?;
    block.write_ids()
}

struct Block<'r, 'o> {
    out: &'o mut dyn Write,
    report: &'r Report<'r>,
    presentation: &'r Presentation,
    finding: &'r Finding,
    gutter: usize,
}

impl<'r> Block<'r, '_> {
    fn write_title(&mut self) -> io::Result<()> {
        let style = self.presentation.style;
        let head = style.severity(
            self.finding.severity,
            format!("{}[{}]", self.finding.severity.id(), self.finding.rule.id.0),
        );
        writeln!(
            self.out,
            "{head}: {}",
            style.strong(self.finding.title.terminal())
        )
    }

    fn write_excerpt(&mut self) -> io::Result<()> {
        let Some(place) = self
            .first()
            .and_then(|occurrence| occurrence.places.first())
        else {
            return Ok(());
        };
        let file = place
            .lockfile
            .and_then(|id| self.report.files.get(id.0 as usize));
        if let (Some(file), Some(span)) = (file, place.span) {
            self.gutter = excerpt::gutter(file.locate(span.start));
            excerpt::write(self.out, file, span, &self.finding.label, self.presentation)
        } else {
            let corner = self
                .presentation
                .style
                .faint(self.presentation.glyphs.corner);
            let path = place.file.untrusted();
            writeln!(self.out, "{:4}{corner} {}", "", path.terminal())
        }
    }

    fn write_path(&mut self) -> io::Result<()> {
        let Some(occurrence) = self
            .first()
            .filter(|occurrence| !occurrence.path.is_empty())
        else {
            return Ok(());
        };
        let path = self.path(&occurrence.path);
        self.raw("path", &path)?;
        let more = occurrence.paths.unwrap_or(0).saturating_sub(1);
        if more == 0 {
            return Ok(());
        }
        let routes = count(usize::try_from(more).unwrap_or(usize::MAX), "more route");
        let through = match occurrence.choke_point {
            Some(choke) => format!(", all through {}", name(self.report.graph.package(choke))),
            None => String::new(),
        };
        let purl = self
            .finding
            .purl
            .as_ref()
            .map_or(String::new(), |purl| format!("  (linchpin why {purl})"));
        self.raw("also", &format!("{routes}{through}{purl}"))
    }

    /// `web ─▶ axios 1.14.1`: the project's own name first, the culprit last.
    fn path(&self, path: &[NodeId]) -> String {
        let style = self.presentation.style;
        let arrow = format!(" {} ", style.faint(self.presentation.glyphs.arrow));
        let last = path.len().saturating_sub(1);
        let steps = path.iter().enumerate().map(|(index, node)| {
            let graph = self.report.graph;
            let name = name(graph.package(graph.entry(*node).package));
            match index {
                0 if graph.is_start(*node) => style.own(name).to_string(),
                index if index == last => style.culprit(name).to_string(),
                _ => name,
            }
        });
        steps.collect::<Vec<_>>().join(&arrow)
    }

    /// What it is concluded from: how often incidents and harmless releases show each fact; decibans for those who ask.
    fn write_evidence(&mut self) -> io::Result<()> {
        let is_verbose = self.presentation.detail == Detail::Full;
        for mention in &self.finding.evidence {
            if let Some(words) = evidence(mention, is_verbose.then_some(mention.decibans)) {
                self.line("fact", &words.into())?;
            }
        }
        match self.finding.score.filter(|_| is_verbose) {
            Some(score) => self.raw("score", &format!("{score:.1} dB")),
            None => Ok(()),
        }
    }

    fn write_reach(&mut self) -> io::Result<()> {
        let Some(occurrence) = self.first() else {
            return Ok(());
        };
        let dot = format!(" {} ", self.presentation.glyphs.dot);
        let mut facts = Vec::new();
        if let Some(radius) = occurrence.blast_radius {
            facts.push(format!(
                "{} of {}",
                radius.projects,
                count(self.report.graph.projects().len(), "project")
            ));
        }
        facts.extend(occurrence.scope.map(|scope| scope.id().to_owned()));
        if let (Some(depth), Some(_)) = (occurrence.depth, self.finding.package) {
            facts.push(if depth <= 1 {
                "direct".to_owned()
            } else {
                format!("{} deep", thousands(depth as usize))
            });
        }
        if let Some(radius) = occurrence.blast_radius.filter(|radius| radius.packages > 0) {
            let rest = if radius.packages == 1 {
                "rests"
            } else {
                "rest"
            };
            facts.push(format!(
                "{} {rest} on it",
                count(radius.packages as usize, "package")
            ));
        }
        if facts.is_empty() {
            Ok(())
        } else {
            self.raw("reach", &facts.join(&dot))
        }
    }

    /// A finding that would fail the run and does not says why.
    fn write_gate(&mut self) -> io::Result<()> {
        let would_gate = self
            .finding
            .severity
            .reaches(self.report.assessment.fail_on);
        match self.finding.gating {
            Gating::SparedDevelopment if would_gate => self.raw(
                "gate",
                "not counted: only development needs it, and [inputs] dev = \"report\"",
            ),
            Gating::SparedDevelopment | Gating::Counted => Ok(()),
        }
    }

    /// An acceptance that has ended is told, so that nobody has to find out again what was thought.
    fn write_acceptance(&mut self) -> io::Result<()> {
        let Some(was) = &self.finding.acceptance else {
            return Ok(());
        };
        let (day, owner, reason) = (was.expires, was.owner.as_str(), was.reason.as_str());
        let words = format!("accepted by {owner} until {day}: {reason}");
        self.line("was", &words.into())
    }

    /// What the baseline says: since when a finding is kept, or why it is worse. And why it is worse than before the change.
    fn write_standing(&mut self) -> io::Result<()> {
        match &self.finding.standing {
            Some(said) => self.line("known", &standing(said)),
            None => Ok(()),
        }?;
        let worse: Vec<&str> = self
            .finding
            .worse_because
            .iter()
            .map(Untrusted::as_str)
            .collect();
        if worse.is_empty() {
            return Ok(());
        }
        self.line("worse", &worse.join("; ").into())
    }

    /// Other places of the same finding: a count, and the first few.
    fn write_elsewhere(&mut self) -> io::Result<()> {
        let places: Vec<String> = self
            .finding
            .occurrences
            .iter()
            .flat_map(|occurrence| self.places(occurrence))
            .skip(1)
            .collect();
        if places.is_empty() {
            return Ok(());
        }
        let shown = places
            .iter()
            .take(PLACES)
            .cloned()
            .collect::<Vec<_>>()
            .join(", ");
        let more = if places.len() > PLACES {
            format!(" and {} more", thousands(places.len() - PLACES))
        } else {
            String::new()
        };
        self.raw("at", &format!("{shown}{more}"))
    }

    fn places<'a>(&'a self, occurrence: &'a Occurrence) -> impl Iterator<Item = String> + 'a {
        occurrence.places.iter().map(|place| {
            let path = place.file.untrusted().terminal().to_string();
            match locate(self.report.files, place) {
                Some(location) => format!("{path}:{}", location.line),
                None => path,
            }
        })
    }

    fn write_fix(&mut self) -> io::Result<()> {
        let Some(fix) = &self.finding.fix else {
            return Ok(());
        };
        match fix.command_line() {
            None => self.painted("fix", &advice(fix)),
            Some(command) => {
                let command = self.presentation.style.fix(command).to_string();
                self.raw("fix", &command)?;
                self.painted("", &terms(fix))
            }
        }
    }

    fn write_ids(&mut self) -> io::Result<()> {
        let told = match self.presentation.detail {
            Detail::Full => usize::MAX,
            Detail::Normal | Detail::Quiet => IDS_TOLD,
        };
        match ids(self.finding, told) {
            Some(ids) => self.raw("ids", &ids.terminal().to_string()),
            None => Ok(()),
        }
    }

    fn first(&self) -> Option<&'r Occurrence> {
        self.finding.occurrences.first()
    }

    /// Writes text from outside, wrapped.
    fn line(&mut self, head: &str, text: &Untrusted<'_>) -> io::Result<()> {
        self.wrapped(head, text, ToOwned::to_owned)
    }

    fn painted(&mut self, head: &str, text: &Untrusted<'_>) -> io::Result<()> {
        let style = self.presentation.style;
        self.wrapped(head, text, |line| style.fix(line).to_string())
    }

    fn wrapped(
        &mut self,
        head: &str,
        text: &Untrusted<'_>,
        paint: impl Fn(&str) -> String,
    ) -> io::Result<()> {
        if text.as_str().is_empty() {
            return Ok(());
        }
        let width = self.presentation.width.saturating_sub(self.gutter + 9);
        for (index, line) in wrap(&text.terminal().to_string(), width).iter().enumerate() {
            self.raw(if index == 0 { head } else { "" }, &paint(line))?;
        }
        Ok(())
    }

    /// Writes text that is escaped already and must not be broken.
    fn raw(&mut self, head: &str, text: &str) -> io::Result<()> {
        let equals = self.presentation.style.faint("=");
        let gutter = self.gutter;
        writeln!(self.out, "{:gutter$}{equals} {head:<6} {text}", "")
    }
}
