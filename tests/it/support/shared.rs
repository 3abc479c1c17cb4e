//! The shared test data, which is not part of the project: `LINCHPIN_SHARED` names its folder.

use std::io::Write;
use std::path::PathBuf;

use linchpin::files::MapFiles;
use linchpin::lockfile::Lockfile;

use super::{path, read, source};

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
pub(crate) fn say_skipped(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    // The macros are captured by the test harness, the handle is not.
    let line = format!("skipped {test}: {why}\n");
    std::io::stderr()
        .write_all(line.as_bytes())
        .expect("standard error can be written");
}

/// Manifests that lie beside files of the corpus.
const MANIFESTS: [&str; 3] = ["package.json", "Pipfile", "pyproject.toml"];

/// Reads a corpus file beside the manifests that lie there.
pub(crate) fn with_corpus_file<T>(file: &str, then: impl FnOnce(Lockfile<'_>) -> T) -> T {
    let corpus = folder("corpus").expect("the corpus");
    let text = std::fs::read_to_string(corpus.join(file)).expect("a lockfile");
    let folder = path(file).parent();
    let manifests = MANIFESTS.iter().filter_map(|name| {
        let manifest = folder.join(name)?;
        let text = std::fs::read_to_string(corpus.join(manifest.as_str())).ok()?;
        Some((manifest, text))
    });
    let manifests: Vec<_> = manifests.collect();
    let texts = manifests
        .iter()
        .map(|(manifest, text)| (manifest.as_str(), text.as_str()));
    let files = MapFiles::new(texts);
    let source = source(file, &text);
    then(read(&source, &files).expect("a readable lockfile"))
}
