//! The shared test data, which is not part of the project: `LINCHPIN_SHARED` names its folder.

use std::path::PathBuf;

/// Returns a folder of the shared data; without the data the test is skipped with a visible line.
pub(crate) fn folder(name: &str) -> Option<PathBuf> {
    let Some(shared) = std::env::var_os("LINCHPIN_SHARED") else {
        say_skipped("LINCHPIN_SHARED does not name the shared test data");
        return None;
    };
    let folder = PathBuf::from(shared).join(name);
    assert!(
        folder.is_dir(),
        "{} is the shared test data",
        folder.display()
    );
    Some(folder)
}

/// Says on standard error that a test did not run, past the capture of the test harness.
#[expect(clippy::print_stderr, reason = "a test that is skipped must be seen")]
pub(crate) fn say_skipped(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    eprintln!("skipped {test}: {why}");
}
