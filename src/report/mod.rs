//! Assessment or graph → bytes: one file per format, each one line in a slice. Pure but for the writer.

pub mod excerpt;
pub mod findings;
pub mod graph;
pub mod history;
mod json;
mod outline;
pub mod style;
pub mod why;
pub mod words;

use std::cell::OnceCell;
use std::io::{self, Write};

use jiff::Timestamp;

pub use style::{Glyphs, Presentation, Style};

use crate::assessment::{Assessment, Input, Place};
use crate::discover::Skipped;
use crate::graph::{DependencyGraph, NodeId, PackageId};
use crate::lockfile::{EntryKind, Location, Problem, SourceFile};
use crate::package::Purl;
use crate::signal::Unlocked;

/// What a report of findings may look at.
pub struct Report<'r> {
    /// The assessment.
    pub assessment: &'r Assessment,
    /// The graph that it speaks of.
    pub graph: &'r DependencyGraph<'r>,
    /// The lockfiles, in the order of the graph.
    pub files: &'r [&'r SourceFile],
    /// What the walk passed over.
    pub skipped: &'r [Skipped],
    /// What a reader must know about how the run came about, in words.
    pub notes: &'r [String],
}

/// A format of findings. To add one, write its file and add it to [`findings::FINDINGS_FORMATS`].
pub struct FindingsFormat {
    /// The id on the command line.
    pub id: &'static str,
    /// What it is for, in a few words.
    pub summary: &'static str,
    /// The media type of its bytes.
    pub media_type: &'static str,
    /// Writes a report.
    pub write: fn(&Report<'_>, &Presentation, &mut dyn Write) -> io::Result<()>,
}

/// A format of the graph. To add one, write its file and add it to [`graph::GRAPH_FORMATS`].
pub struct GraphFormat {
    /// The id on the command line.
    pub id: &'static str,
    /// What it is for, in a few words.
    pub summary: &'static str,
    /// The media type of its bytes.
    pub media_type: &'static str,
    /// Whether it can hold findings beside the graph.
    pub findings: FindingsRoom,
    /// Writes the graph.
    pub write: fn(&GraphReport<'_>, &mut dyn Write) -> io::Result<()>,
}

/// Whether a format of the graph can hold findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingsRoom {
    /// It knows packages and dependencies only.
    None,
    /// It has a place for what is known of them.
    Vulnerabilities,
}

/// What a report of the graph may look at.
pub struct GraphReport<'r> {
    /// The graph.
    pub graph: &'r DependencyGraph<'r>,
    /// The lockfiles, in the order of the graph.
    pub files: &'r [&'r SourceFile],
    /// One for each lockfile that was found.
    pub inputs: &'r [Input],
    /// What was wrong with the inputs, and what belongs to none of them.
    pub problems: &'r [Problem],
    /// Manifests that no lockfile covers.
    pub unlocked: &'r [Unlocked],
    /// What the walk passed over.
    pub skipped: &'r [Skipped],
    /// The clock of the run.
    pub as_of: Timestamp,
    /// The audit of the same graph, if one was asked for.
    pub assessment: Option<&'r Assessment>,
}

/// The package URLs of a graph, each written once, when it is first asked for.
pub(crate) struct Purls<'g> {
    graph: &'g DependencyGraph<'g>,
    written: Vec<OnceCell<Purl>>,
}

impl<'g> Purls<'g> {
    /// Writes none yet.
    pub(crate) fn new(graph: &'g DependencyGraph<'g>) -> Self {
        Self {
            graph,
            written: vec![OnceCell::new(); graph.packages().len()],
        }
    }

    /// Returns the URL of a package.
    pub(crate) fn of(&self, id: PackageId) -> &Purl {
        self.written[id.0 as usize].get_or_init(|| self.graph.purl(id))
    }

    /// Returns the URL of an entry's package.
    pub(crate) fn of_entry(&self, node: NodeId) -> &Purl {
        self.of(self.graph.entry(node).package)
    }
}

/// Finds the line and column of a place; none for a file as a whole.
pub(crate) fn locate(files: &[&SourceFile], place: &Place) -> Option<Location> {
    let file = files.get(place.lockfile?.0 as usize)?;
    Some(file.locate(place.span?.start))
}

/// Finds the line and column of an entry.
pub(crate) fn locate_entry(
    graph: &DependencyGraph<'_>,
    files: &[&SourceFile],
    node: NodeId,
) -> Option<Location> {
    let entry = graph.entry(node);
    if entry.kind == EntryKind::Root {
        return None;
    }
    files
        .get(entry.lockfile.0 as usize)
        .map(|file| file.locate(entry.record.span.start))
}
