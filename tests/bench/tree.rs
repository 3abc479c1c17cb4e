//! Many lockfiles in one tree: the whole process on one core and on all.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use crate::Outcome;
use crate::generate::{self, Generator};
use crate::measure::{Bar, measure_beside, say, tell};
use crate::process::Home;

/// Lockfiles in the tree.
const LOCKFILES: usize = 100;

/// Packages of each, so that the tree holds 85,000.
const PACKAGES: usize = 850;

/// The bar of the whole process.
const MILLISECONDS: f64 = 1_000.0;

const RUNS: usize = 15;

/// Runs the group.
pub(crate) fn run() -> Outcome {
    let home = Home::new()?;
    let tree = plant(&home)?;
    let cores = thread::available_parallelism()?;
    say(&format!(
        "  {LOCKFILES} lockfiles of {PACKAGES} packages, {cores} cores"
    ));
    let on = |cores: usize, tree: &Path| {
        let mut command = home.audit(tree);
        command.env("RAYON_NUM_THREADS", cores.to_string());
        command.status()
    };
    let (all, one) = measure_beside(RUNS, || on(cores.get(), &tree), || on(1, &tree));
    tell("audit on all cores", all, Bar::Milliseconds(MILLISECONDS));
    tell("audit on one core", one, Bar::Nothing);
    tell("  all cores beside one", all, Bar::Beside(one));
    Ok(())
}

/// The projects of the tree, in turn.
const KINDS: [Generator; 3] = [generate::cargo, generate::npm, generate::uv];

/// Writes the projects: Cargo.lock, package-lock.json and uv.lock in turn, each beside its manifest.
fn plant(home: &Home) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let tree = home.folder("tree")?;
    for (index, generate) in KINDS.iter().cycle().take(LOCKFILES).enumerate() {
        let project = generate(PACKAGES, 1 + index as u64 % 10)?;
        let folder = home.folder(&format!("tree/project-{index:03}"))?;
        fs::write(folder.join(project.lockfile_name), &project.lockfile)?;
        fs::write(folder.join(project.manifest_name), &project.manifest)?;
    }
    Ok(tree)
}
