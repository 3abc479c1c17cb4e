//! Findings → [`Assessment`]: placed in the graph, ordered, counted, judged. Pure.

pub mod accepted;
pub mod assess;
pub mod baseline;
pub mod change;
pub mod coverage;
pub mod finding;
pub mod fix;
pub mod histories;
mod placer;
pub mod policy;
pub mod updates;
pub mod verdict;

pub use crate::severity::Severity;
pub use accepted::{Acceptance, UnusedAccept, Validity};
pub use assess::{Assessment, Input, RunFacts, assess};
pub use baseline::{Baseline, BaselineFile, Standing};
pub use change::{Before, Change, Gone};
pub use coverage::{CheckCoverage, Coverage};
pub use finding::{AdvisoryMention, Draft, Finding, Fingerprint, Occurrence, Place, State};
pub use fix::{Fix, FixAction};
pub use histories::HistoryFacts;
pub use policy::Gating;
pub use updates::Updates;
pub use verdict::{Verdict, verdict};
