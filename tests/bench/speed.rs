//! How fast linchpin is, beside the bars of its design: `cargo bench`, or `cargo bench -- <group>...` for some.
//!
//! Figures, never a verdict: no bench fails, and a bar that is missed says so. Absolute times hold for the
//! machine that prints them; each ratio is between two pieces of work measured in turn in one run, so that
//! whatever else the machine does weighs on both. The lockfiles are generated ([`generate`]); the largest
//! real ones join in where `LINCHPIN_SHARED` names the folder of the shared test data.
//!
//! | group | work |
//! |---|---|
//! | `process` | start-up on an empty folder, `audit` of a real Cargo.lock, its peak memory |
//! | `cargo-audit` | the same audit by cargo-audit: times, memory, findings |
//! | `reading` | the largest lockfile of each format against the bare parse of its syntax |
//! | `memory` | the peak of reading such a lockfile beside its size |
//! | `graph` | 100,000 entries and 400,000 edges: unify, paths, choke points, blast radii |
//! | `change` | `diff` of two lockfiles of 20,000 packages beside `audit` of one of them |
//! | `histories` | the release histories of 1,500 packages, fetched and stored |
//! | `tree` | 100 lockfiles in one tree, on one core and on all |

mod advisories;
mod cargo_audit;
mod change;
mod footprint;
mod generate;
mod graph;
mod histories;
mod measure;
mod memory;
mod process;
mod reading;
mod shared;
mod tree;

use std::env;
use std::error::Error;

use measure::say;

/// What goes wrong in a bench is the machine's business: it is said, and the next group runs.
type Outcome = Result<(), Box<dyn Error>>;

/// A name to ask for, and what it runs.
type Group = (&'static str, fn() -> Outcome);

/// Every group, cheap ones first.
const GROUPS: [Group; 9] = [
    ("process", process::run),
    ("cargo-audit", cargo_audit::run),
    ("reading", reading::run),
    ("memory", footprint::run),
    ("graph", graph::run),
    ("advisories", advisories::run),
    ("change", change::run),
    ("histories", histories::run),
    ("tree", tree::run),
];

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    // `cargo test --benches` runs the same program without it, and without optimising.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return say("skipped: figures are only those of cargo bench");
    }
    if let Some(lockfile) = footprint::asked(&arguments) {
        return footprint::read(lockfile);
    }
    let asked: Vec<&String> = arguments
        .iter()
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    for (name, run) in GROUPS {
        if !asked.is_empty() && !asked.iter().any(|asked| *asked == name) {
            continue;
        }
        say(&format!("{name}:"));
        if let Err(error) = run() {
            say(&format!("  skipped the rest of {name}: {error}"));
        }
    }
}
