//! Workspace globs (`crates/*`, `packages/**`), expanded through [`Files`].
//!
//! Patterns are written by strangers: one that cannot be compiled is an answer, never a panic, and the tree is
//! walked once however many there are.

use std::collections::BTreeSet;

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use rustc_hash::FxHashSet;

use crate::files::{Files, FilesError, ListedKind};
use crate::path::FilePath;

/// Folders that no workspace has its members in.
const NEVER_MEMBERS: [&str; 3] = ["node_modules", "target", ".git"];

/// The longest pattern, in bytes.
const LONGEST: usize = 1024;

/// What makes a pattern more than the name of a folder.
const WILD: [char; 4] = ['*', '?', '[', '{'];

/// How many patterns with wildcards are expanded at once.
const MOST: usize = 256;

/// Compiles a glob whose `*` stays within a path part; none if it is malformed or longer than 1,024 bytes.
pub(crate) fn compile(pattern: &str) -> Option<GlobSet> {
    if pattern.len() > LONGEST {
        return None;
    }
    // A set of one, because `Glob::compile_matcher` panics on what the regex engine refuses.
    let mut set = GlobSetBuilder::new();
    set.add(glob(pattern)?);
    set.build().ok()
}

fn glob(pattern: &str) -> Option<Glob> {
    let mut builder = GlobBuilder::new(trim(pattern));
    builder.literal_separator(true).build().ok()
}

/// Many patterns, against which a path is held at once.
pub(crate) struct Patterns {
    /// Those without wildcards, which are as many as there are.
    folders: FxHashSet<String>,
    globs: GlobSet,
}

impl Patterns {
    /// Says whether any of them means a path.
    pub(crate) fn is_match(&self, path: &str) -> bool {
        self.folders.contains(trim(path)) || self.globs.is_match(path)
    }
}

/// Compiles patterns, and returns beside them those that were left out: the malformed, those longer than 1,024
/// bytes, and those with wildcards beyond the 256th.
pub(crate) fn compile_all<'p>(
    patterns: impl IntoIterator<Item = &'p str>,
) -> (Patterns, Vec<&'p str>) {
    let mut folders = FxHashSet::default();
    let mut globs = GlobSetBuilder::new();
    let mut compiled = Vec::new();
    let mut bad = Vec::new();
    for pattern in patterns {
        if !pattern.contains(WILD) {
            folders.insert(trim(pattern).to_owned());
        } else if compiled.len() < MOST && compile(pattern).is_some() {
            globs.add(glob(pattern).expect("it was compiled alone"));
            compiled.push(pattern);
        } else {
            bad.push(pattern);
        }
    }
    let globs = globs.build().unwrap_or_else(|_| {
        // Together they are more than the regex engine takes.
        bad.append(&mut compiled);
        GlobSet::empty()
    });
    (Patterns { folders, globs }, bad)
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
    Glob(Wild),
    /// Nothing.
    Bad,
}

/// A pattern with wildcards.
struct Wild {
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
        let Some(first_wild) = pattern.find(WILD) else {
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
        Self::Glob(Wild {
            start,
            depth,
            matcher,
        })
    }
}

impl Wild {
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
    globs: &[Wild],
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
    fn patterns_compiled_together_mean_what_they_mean_alone() {
        let mut patterns = vec!["a/*".to_owned(), "./b/".to_owned(), "c[".to_owned()];
        patterns.extend((0..MOST).map(|number| format!("x{number}*")));
        patterns.extend((0..1_000).map(|number| format!("plain-{number}")));
        let (compiled, bad) = compile_all(patterns.iter().map(String::as_str));
        for path in ["a/x", "b", "x7y", "plain-999"] {
            assert!(compiled.is_match(path), "{path}");
        }
        for path in ["a/x/y", "c", "plain"] {
            assert!(!compiled.is_match(path), "{path}");
        }
        assert_eq!(bad, ["c[", "x255*"]);
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
