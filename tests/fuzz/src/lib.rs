//! What every fuzz target does with its bytes, and `tests/it/lockfile/mutations.rs` with damaged files.

use linchpin::files::MapFiles;
use linchpin::graph::unify;
use linchpin::lockfile::{self, LOCKFILE_FORMATS, Limits, LockfileFormat, SourceFile};
use linchpin::path::FilePath;

/// Reads bytes of a file in the format of an id, unifies the graph and asks for the paths to every package.
///
/// The format's own `parse` comes first, because the panics of a parser are caught on the way that audits take.
pub fn read(name: &str, format: &str, bytes: &[u8]) {
    let format = find(format);
    let name = FilePath::new(name).expect("a file name is a path");
    // Bytes that are no text are refused before a parser sees them.
    let file = SourceFile::new(name, String::from_utf8_lossy(bytes).into_owned());
    let (files, limits) = (MapFiles::default(), Limits::default());
    if format.parse(&file, &files, &limits).is_err() {
        return;
    }
    let Ok(lockfile) = lockfile::parse(format, &file, &files, &limits) else {
        return;
    };
    let lockfiles = [lockfile];
    let graph = unify(&lockfiles);
    for (id, _) in graph.packages() {
        for project in graph.projects_of(id) {
            graph.shortest_path(id, project);
        }
    }
}

fn find(id: &str) -> &'static dyn LockfileFormat {
    let mut formats = LOCKFILE_FORMATS.iter();
    let format = formats.find(|format| format.id().0 == id);
    *format.expect("a format of the program")
}
