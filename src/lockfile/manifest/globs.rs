//! Workspace globs (`crates/*`, `packages/**`), expanded through [`Files`].
//!
//! Patterns are written by strangers: one that cannot be compiled is an answer, never a panic, and the tree is
//! walked once however many there are.

use std::collections::BTreeSet;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::files::{Files, FilesError, ListedKind};
use crate::path::FilePath;

/// Folders that no workspace has its members in.
const NEVER_MEMBERS: [&str; 3] = ["node_modules", "target", ".git"];

/// The longest pattern, in bytes.
const LONGEST: usize = 1024;

/// How many patterns with wildcards are expanded at once.
const MOST: usize = 256;

/// Compiles a glob whose `*` stays within a path part; none if it is malformed or longer than 1,024 bytes.
pub(crate) fn compile(pattern: &str) -> Option<GlobSet> {
    if pattern.len() > LONGEST {
        return None;
    }
    let glob = GlobBuilder::new(trim(pattern))
        .literal_separator(true)
        .build()
        .ok()?;
    // A set of one, because `Glob::compile_matcher` panics on what the regex engine refuses.
    let mut set = GlobSetBuilder::new();
    set.add(glob);
    set.build().ok()
}

/// Lists the folders below `base` that any of some globs means, sorted; a pattern without wildcards is a folder itself.
///
/// Returns beside them the patterns that were not expanded: the malformed, those longer than 1,024 bytes, and
/// those with wildcards beyond the 256th. Patterns that lead outside the root mean nothing. Once about `limit`
/// folders are found or waiting, no more are looked at. Every folder is listed at most once.
pub(crate) fn expand_all<P: AsRef<str>>(
    base: &FilePath,
    patterns: &[P],
    files: &dyn Files,
    limit: usize,
) -> Result<(Vec<FilePath>, Vec<String>), FilesError> {
    let mut found = BTreeSet::new();
    let mut globs = Vec::new();
    let mut bad = Vec::new();
    for pattern in patterns.iter().map(AsRef::as_ref) {
        match Pattern::new(base, pattern) {
            Pattern::Folder(folder) => found.extend(folder),
            Pattern::Glob(glob) if globs.len() < MOST => globs.push(glob),
            Pattern::Glob(_) | Pattern::Bad => bad.push(pattern.to_owned()),
        }
    }
    walk(base, &globs, files, limit, &mut found)?;
    Ok((found.into_iter().collect(), bad))
}

/// What a pattern means.
enum Pattern {
    /// One folder; none if it lies outside the root.
    Folder(Option<FilePath>),
    /// Folders that have to be looked for.
    Glob(Glob),
    /// Nothing.
    Bad,
}

/// A pattern with wildcards.
struct Glob {
    /// The folder that its part without wildcards names.
    start: FilePath,
    /// How many parts below the base it means at most.
    depth: usize,
    matcher: GlobSet,
}

impl Pattern {
    fn new(base: &FilePath, pattern: &str) -> Self {
        if pattern.len() > LONGEST {
            return Self::Bad;
        }
        let Some(first_wild) = pattern.find(['*', '?', '[', '{']) else {
            return Self::Folder(base.join(pattern));
        };
        let Some(matcher) = compile(pattern) else {
            return Self::Bad;
        };
        let fixed = pattern[..first_wild]
            .rsplit_once('/')
            .map_or("", |(fixed, _)| fixed);
        let Some(start) = base.join(fixed) else {
            return Self::Folder(None);
        };
        let depth = if pattern.contains("**") {
            usize::MAX
        } else {
            trim(pattern).split('/').count()
        };
        Self::Glob(Glob {
            start,
            depth,
            matcher,
        })
    }
}

impl Glob {
    /// Says whether the walk of this pattern alone would come to a folder that its walk may look into.
    fn reaches(&self, folder: &FilePath) -> bool {
        folder.is_within(&self.start)
            && !relative(&self.start, folder)
                .split('/')
                .any(|part| NEVER_MEMBERS.contains(&part))
    }
}

/// Walks the folders that any of the patterns may mean.
fn walk(
    base: &FilePath,
    globs: &[Glob],
    files: &dyn Files,
    limit: usize,
    found: &mut BTreeSet<FilePath>,
) -> Result<(), FilesError> {
    let starts: BTreeSet<&FilePath> = globs.iter().map(|glob| &glob.start).collect();
    let mut open: Vec<FilePath> = starts.into_iter().cloned().collect();
    let mut seen: BTreeSet<FilePath> = open.iter().cloned().collect();
    while let Some(folder) = open.pop() {
        for listed in files.list(&folder)? {
            if listed.kind != ListedKind::Folder || found.len() + open.len() > limit {
                continue;
            }
            let relative = relative(base, &listed.path);
            let depth = relative.split('/').count();
            let mut reaching = globs
                .iter()
                .filter(|glob| depth <= glob.depth && glob.reaches(&listed.path));
            if reaching.clone().any(|glob| glob.matcher.is_match(relative)) {
                found.insert(listed.path.clone());
            }
            if reaching.any(|glob| depth < glob.depth) && seen.insert(listed.path.clone()) {
                open.push(listed.path);
            }
        }
    }
    Ok(())
}

/// Drops what a pattern may begin and end with without meaning anything else.
fn trim(pattern: &str) -> &str {
    pattern.trim_start_matches("./").trim_end_matches('/')
}

/// Returns `path` as seen from `base`, which holds it.
pub(crate) fn relative<'p>(base: &FilePath, path: &'p FilePath) -> &'p str {
    path.as_str()
        .strip_prefix(base.as_str())
        .unwrap_or(path.as_str())
        .trim_start_matches('/')
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::files::{Listed, MapFiles};

    fn tree() -> MapFiles {
        MapFiles::new([
            ("ws/crates/a/Cargo.toml", ""),
            ("ws/crates/b/Cargo.toml", ""),
            ("ws/crates/b/nested/Cargo.toml", ""),
            ("ws/node_modules/x/Cargo.toml", ""),
            ("ws/node_modules/x/deep/y/Cargo.toml", ""),
            ("ws/tool/Cargo.toml", ""),
        ])
    }

    fn base() -> FilePath {
        FilePath::new("ws").expect("a path inside the root")
    }

    fn texts(paths: &[FilePath]) -> Vec<String> {
        paths.iter().map(|path| path.as_str().to_owned()).collect()
    }

    fn expanded(pattern: &str) -> Vec<String> {
        texts(
            &expand_all(&base(), &[pattern], &tree(), 100)
                .expect("a list")
                .0,
        )
    }

    /// Files that count how often each folder is listed.
    struct Counting(MapFiles, Mutex<Vec<FilePath>>);

    impl Files for Counting {
        fn read(&self, path: &FilePath) -> Result<Option<String>, FilesError> {
            self.0.read(path)
        }

        fn list(&self, folder: &FilePath) -> Result<Vec<Listed>, FilesError> {
            self.1.lock().expect("no panic").push(folder.clone());
            self.0.list(folder)
        }
    }

    #[test]
    fn globs_stay_within_a_part_unless_doubled() {
        assert_eq!(expanded("crates/*"), ["ws/crates/a", "ws/crates/b"]);
        assert_eq!(
            expanded("crates/**"),
            ["ws/crates/a", "ws/crates/b", "ws/crates/b/nested"]
        );
        assert_eq!(expanded("./tool"), ["ws/tool"]);
        assert_eq!(expanded("../*"), Vec::<String>::new());
        assert_eq!(expanded("*"), ["ws/crates", "ws/tool"]);
    }

    #[test]
    fn patterns_that_cannot_be_compiled_are_an_answer() {
        let nested = format!("{}a{}", "{".repeat(300), "}".repeat(300));
        let long = "?".repeat(300_000);
        for pattern in [long.as_str(), "a[", "{a", &nested] {
            let short: String = pattern.chars().take(20).collect();
            assert!(compile(pattern).is_none(), "{short}");
            let (folders, bad) =
                expand_all(&base(), &[pattern, "tool"], &tree(), 100).expect("a list");
            assert_eq!(texts(&folders), ["ws/tool"], "{short}");
            assert_eq!(bad, [pattern], "{short}");
        }
        assert!(compile(&"?".repeat(LONGEST)).is_some());
    }

    #[test]
    fn all_patterns_mean_together_what_each_means_alone() {
        let patterns = ["**", "crates/*", "node_modules/x/*", "tool", "../../up/*"];
        let (together, bad) = expand_all(&base(), &patterns, &tree(), 100).expect("a list");
        let alone: BTreeSet<String> = patterns.into_iter().flat_map(expanded).collect();
        assert_eq!(texts(&together), alone.into_iter().collect::<Vec<String>>());
        assert_eq!(bad, Vec::<String>::new());
    }

    #[test]
    fn the_tree_is_walked_once_for_all_patterns() {
        let files = Counting(tree(), Mutex::default());
        let patterns: Vec<String> = (0..200)
            .map(|number| format!("**/{{a,b{number}}}"))
            .collect();
        let (folders, _) = expand_all(&base(), &patterns, &files, 100).expect("a list");
        assert_eq!(texts(&folders), ["ws/crates/a"]);
        let mut listed = files.1.into_inner().expect("no panic");
        let lists = listed.len();
        listed.sort_unstable();
        listed.dedup();
        assert_eq!(listed.len(), lists);
    }

    #[test]
    fn wildcards_beyond_the_most_are_bad_and_plain_folders_are_not() {
        let mut patterns: Vec<String> = (0..300).map(|number| format!("x{number}*")).collect();
        patterns.extend((0..300).map(|number| format!("plain-{number}")));
        let (folders, bad) = expand_all(&base(), &patterns, &tree(), 100).expect("a list");
        assert_eq!(folders.len(), 300);
        assert_eq!(bad, patterns[MOST..300]);
    }
}
