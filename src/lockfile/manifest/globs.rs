//! Workspace globs (`crates/*`, `packages/**`), expanded through [`Files`].

use globset::{GlobBuilder, GlobMatcher};

use crate::files::{Files, FilesError, ListedKind};
use crate::path::FilePath;

/// Folders that no workspace has its members in.
const NEVER_MEMBERS: [&str; 3] = ["node_modules", "target", ".git"];

/// Compiles a glob whose `*` stays within a path part; none if it is malformed.
pub(crate) fn compile(pattern: &str) -> Option<GlobMatcher> {
    let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
    Some(
        GlobBuilder::new(pattern)
            .literal_separator(true)
            .build()
            .ok()?
            .compile_matcher(),
    )
}

/// Lists the folders below `base` that a glob means, sorted; a pattern without wildcards is a folder itself.
pub(crate) fn expand(
    base: &FilePath,
    pattern: &str,
    files: &dyn Files,
    limit: usize,
) -> Result<Vec<FilePath>, FilesError> {
    let first_wild = pattern.find(['*', '?', '[', '{']).unwrap_or(pattern.len());
    if first_wild == pattern.len() {
        return Ok(base.join(pattern).into_iter().collect());
    }
    let fixed = pattern[..first_wild]
        .rsplit_once('/')
        .map_or("", |(fixed, _)| fixed);
    let (Some(start), Some(matcher)) = (base.join(fixed), compile(pattern)) else {
        return Ok(Vec::new());
    };
    let depth = if pattern.contains("**") {
        usize::MAX
    } else {
        pattern.trim_end_matches('/').split('/').count()
    };
    let mut found = Vec::new();
    let mut open = vec![start];
    while let Some(folder) = open.pop() {
        for listed in files.list(&folder)? {
            let is_candidate = listed.kind == ListedKind::Folder
                && !NEVER_MEMBERS.contains(&listed.path.file_name());
            if !is_candidate || found.len() + open.len() > limit {
                continue;
            }
            let relative = relative(base, &listed.path);
            if matcher.is_match(relative) {
                found.push(listed.path.clone());
            }
            if relative.split('/').count() < depth {
                open.push(listed.path);
            }
        }
    }
    found.sort_unstable();
    Ok(found)
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
    use super::*;
    use crate::files::MapFiles;

    fn expand_all(pattern: &str) -> Vec<String> {
        let files = MapFiles::new([
            ("ws/crates/a/Cargo.toml", ""),
            ("ws/crates/b/Cargo.toml", ""),
            ("ws/crates/b/nested/Cargo.toml", ""),
            ("ws/node_modules/x/Cargo.toml", ""),
            ("ws/tool/Cargo.toml", ""),
        ]);
        let base = FilePath::new("ws").expect("a path inside the root");
        expand(&base, pattern, &files, 100)
            .expect("a list")
            .iter()
            .map(|path| path.as_str().to_owned())
            .collect()
    }

    #[test]
    fn globs_stay_within_a_part_unless_doubled() {
        assert_eq!(expand_all("crates/*"), ["ws/crates/a", "ws/crates/b"]);
        assert_eq!(
            expand_all("crates/**"),
            ["ws/crates/a", "ws/crates/b", "ws/crates/b/nested"]
        );
        assert_eq!(expand_all("./tool"), ["ws/tool"]);
        assert_eq!(expand_all("../*"), Vec::<String>::new());
        assert_eq!(expand_all("*"), ["ws/crates", "ws/tool"]);
    }
}
