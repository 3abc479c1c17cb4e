//! What a person and a program see of the real binary.

mod accept;
mod audit;
mod baseline;
mod cargo_metadata;
mod completions;
mod config;
mod cyclonedx;
mod demo;
mod determinism;
mod diff;
mod explain;
mod first_use;
mod formats;
mod gitlab;
mod graph;
mod history;
mod hostile;
mod junit;
mod man;
mod markdown;
mod output;
mod sarif;
mod vex;
mod why;
