//! Findings → [`Assessment`]: placed in the graph, ordered, counted, judged. Pure.

pub mod assess;
pub mod coverage;
pub mod finding;
pub mod fix;
mod placer;
pub mod verdict;

pub use crate::severity::Severity;
pub use assess::{Assessment, Input, RunFacts, assess};
pub use coverage::{CheckCoverage, Coverage};
pub use finding::{AdvisoryMention, Draft, Finding, Fingerprint, Occurrence, Place, State};
pub use fix::{Fix, FixAction};
pub use verdict::{Verdict, verdict};
