//! What keeps the gate a gate: its settings, its baseline, and the files that run it. Pure.
//!
//! A change is judged by the settings before it, so that it cannot disarm its own judge; but once it is in, the next
//! change is judged by what it left. So whatever it loosens is told.

mod settings;
mod workflow;

pub use settings::{loosened, loosened_baseline};
pub(crate) use workflow::{is_workflow, runs_linchpin};
