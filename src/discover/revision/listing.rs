//! What git lists of a commit or of its index → entries, sorted by path. Pure.
//!
//! Formats: `git ls-tree -r -z` (mode, type, object, tab, path) and `git ls-files --stage -t -z` (tag, mode, object,
//! stage, tab, path), each ended by a zero byte. O(n log n).

use super::{ObjectId, RevisionError};
use crate::discover::files::is_part;
use crate::discover::git::{Checkout, IndexKind};
use crate::path::FilePath;
use crate::text::Untrusted;

/// A path that git knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its path inside the root.
    pub(super) path: FilePath,
    /// What it is.
    pub(super) kind: IndexKind,
    /// What it holds.
    pub(super) object: ObjectId,
    /// Whether it belongs in the work tree.
    pub(super) checkout: Checkout,
    /// Which repository holds the object, by its place in a list.
    pub(super) repository: usize,
}

/// Everything that git lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Listing {
    /// The entries, sorted by path.
    pub(super) entries: Vec<Entry>,
    /// Paths that cannot be written as a [`FilePath`].
    pub(super) unnamed: Vec<Untrusted<'static>>,
}

/// Reads the listing of a commit.
pub(super) fn of_tree(output: &[u8]) -> Result<Listing, RevisionError> {
    read(output, "ls-tree", |words| match words {
        [mode, _type, object] => Some(Record {
            mode,
            object,
            checkout: Checkout::Full,
            stage: "0",
        }),
        _ => None,
    })
}

/// Reads the listing of the index.
pub(super) fn of_index(output: &[u8]) -> Result<Listing, RevisionError> {
    read(output, "ls-files", |words| match words {
        [tag, mode, object, stage] => Some(Record {
            mode,
            object,
            stage,
            checkout: if tag.eq_ignore_ascii_case("s") {
                Checkout::Skipped
            } else {
                Checkout::Full
            },
        }),
        _ => None,
    })
}

/// Reads a list of names; those that cannot be written as a [`FilePath`] are left out.
pub(super) fn of_names(output: &[u8]) -> Vec<FilePath> {
    output
        .split(|byte| *byte == 0)
        .filter_map(file_path)
        .collect()
}

/// Reads renames: a score, the old path, the new path.
pub(super) fn of_renames(output: &[u8]) -> Vec<(FilePath, FilePath)> {
    let fields: Vec<&[u8]> = output.split(|byte| *byte == 0).collect();
    let renames = fields.chunks_exact(3);
    let renames = renames.filter_map(|rename| Some((file_path(rename[1])?, file_path(rename[2])?)));
    renames.collect()
}

struct Record<'t> {
    mode: &'t str,
    object: &'t str,
    checkout: Checkout,
    stage: &'t str,
}

fn read<'t>(
    output: &'t [u8],
    command: &'static str,
    record: impl Fn(&[&'t str]) -> Option<Record<'t>>,
) -> Result<Listing, RevisionError> {
    let unreadable = || RevisionError::Unreadable(command);
    let mut listing = Listing::default();
    for line in output
        .split(|byte| *byte == 0)
        .filter(|line| !line.is_empty())
    {
        let tab = line
            .iter()
            .position(|byte| *byte == b'\t')
            .ok_or_else(unreadable)?;
        let words = std::str::from_utf8(&line[..tab]).map_err(|_not_text| unreadable())?;
        let words: Vec<&str> = words.split(' ').filter(|word| !word.is_empty()).collect();
        let record = record(&words).ok_or_else(unreadable)?;
        listing
            .add(&record, &line[tab + 1..])
            .ok_or_else(unreadable)??;
    }
    listing.settle()?;
    Ok(listing)
}

impl Listing {
    /// Takes up a record; none if it makes no sense.
    fn add(&mut self, record: &Record<'_>, path: &[u8]) -> Option<Result<(), RevisionError>> {
        let kind = match record.mode.get(..3)? {
            "100" => IndexKind::File,
            "120" => IndexKind::Link,
            "160" => IndexKind::Submodule,
            _ => return None,
        };
        let object = ObjectId::new(record.object)?;
        let Some(path) = file_path(path) else {
            let name = String::from_utf8_lossy(path).into_owned();
            self.unnamed.push(name.into());
            return Some(Ok(()));
        };
        if record.stage != "0" {
            return Some(Err(RevisionError::Unmerged(path)));
        }
        self.entries.push(Entry {
            path,
            kind,
            object,
            checkout: record.checkout,
            repository: 0,
        });
        Some(Ok(()))
    }

    /// Sorts, and refuses what is listed twice, which no tool of git's writes.
    pub(super) fn settle(&mut self) -> Result<(), RevisionError> {
        self.entries
            .sort_by(|left, right| left.path.cmp(&right.path));
        let twice = self
            .entries
            .windows(2)
            .find(|pair| pair[0].path == pair[1].path);
        twice.map_or(Ok(()), |pair| {
            Err(RevisionError::Twice(pair[0].path.clone()))
        })
    }

    /// Finds a path. O(log n).
    pub(super) fn find(&self, path: &FilePath) -> Option<&Entry> {
        let place = self.entries.binary_search_by(|entry| entry.path.cmp(path));
        place.ok().map(|place| &self.entries[place])
    }

    /// Lists everything below a folder, at any depth, the folder's own path left out. O(log n + what it yields).
    pub(super) fn below<'l>(&'l self, folder: &'l FilePath) -> impl Iterator<Item = &'l Entry> {
        let prefix = if folder.is_root() {
            String::new()
        } else {
            format!("{}/", folder.as_str())
        };
        let start = self
            .entries
            .partition_point(|entry| entry.path.as_str() < prefix.as_str());
        let entries = self.entries[start..].iter();
        entries.take_while(move |entry| entry.path.as_str().starts_with(&prefix))
    }
}

/// Makes a path of what git wrote; none if it would not name the same file.
fn file_path(path: &[u8]) -> Option<FilePath> {
    let text = std::str::from_utf8(path).ok()?;
    if !text.split('/').all(is_part) {
        return None;
    }
    FilePath::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::fixture::path;

    const ONE: &str = "1111111111111111111111111111111111111111";

    fn paths(listing: &Listing) -> Vec<&str> {
        let entries = listing.entries.iter();
        entries.map(|entry| entry.path.as_str()).collect()
    }

    #[test]
    fn a_tree_lists_files_links_and_submodules() {
        let text = format!(
            "100644 blob {ONE}\ta b/Cargo.lock\x00120000 blob {ONE}\tlink\x00160000 commit {ONE}\tsub\x00100755 blob {ONE}\tä\x00"
        );
        let listing = of_tree(text.as_bytes()).expect("a listing");
        assert_eq!(paths(&listing), ["a b/Cargo.lock", "link", "sub", "ä"]);
        let kinds: Vec<_> = listing.entries.iter().map(|entry| entry.kind).collect();
        let (file, link) = (IndexKind::File, IndexKind::Link);
        assert_eq!(kinds, [file, link, IndexKind::Submodule, file]);
    }

    #[test]
    fn an_index_tells_what_the_work_tree_leaves_out() {
        let text = format!("H 100644 {ONE} 0\ta\0S 100644 {ONE} 0\tb\0");
        let listing = of_index(text.as_bytes()).expect("a listing");
        let checkouts: Vec<_> = listing.entries.iter().map(|entry| entry.checkout).collect();
        assert_eq!(checkouts, [Checkout::Full, Checkout::Skipped]);
    }

    #[test]
    fn renames_are_pairs_of_paths() {
        let renames = of_renames(b"R100\0a/x\0b/y\0R051\0c\0../d\0");
        assert_eq!(renames, [(path("a/x"), path("b/y"))]);
        assert_eq!(of_names(b"a\0b c\0../d\0"), [path("a"), path("b c")]);
    }

    #[test]
    fn a_merge_that_is_not_finished_is_refused() {
        let text = format!("M 100644 {ONE} 1\ta\0M 100644 {ONE} 2\ta\0");
        let error = of_index(text.as_bytes()).expect_err("a conflict");
        assert!(matches!(error, RevisionError::Unmerged(_)), "{error}");
    }

    #[test]
    fn a_path_that_is_listed_twice_is_refused() {
        let text = format!("100644 blob {ONE}\ta\x00100644 blob {ONE}\ta\0");
        let error = of_tree(text.as_bytes()).expect_err("two of one name");
        assert!(matches!(error, RevisionError::Twice(_)), "{error}");
    }

    #[test]
    fn paths_that_leave_the_tree_are_no_paths() {
        for hostile in [
            "../Cargo.lock",
            "/etc/Cargo.lock",
            "a//Cargo.lock",
            r"a\Cargo.lock",
            "a/./b",
        ] {
            let text = format!("100644 blob {ONE}\t{hostile}\0");
            let listing = of_tree(text.as_bytes()).expect("a listing");
            assert!(listing.entries.is_empty(), "{hostile}");
            assert_eq!(listing.unnamed.len(), 1, "{hostile}");
        }
    }

    #[test]
    fn what_git_does_not_write_is_an_error() {
        for bad in [
            "100644 blob\ta\0",
            "no tab\0",
            "100644 blob xyz\ta\0",
            "040000 tree 11\ta\0",
        ] {
            assert!(of_tree(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_lies_below_a_folder_is_found_among_names_that_begin_alike() {
        let names = ["a", "a-b/x", "a.lock", "a/b/x", "a/c", "ab/x"];
        let records = names.map(|name| format!("100644 blob {ONE}\t{name}\0"));
        let text = records.concat();
        let mut listing = of_tree(text.as_bytes()).expect("a listing");
        listing.settle().expect("each once");
        let below = |folder: &str| {
            let folder = path(folder);
            let entries = listing.below(&folder);
            entries
                .map(|entry| entry.path.as_str().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(below("a"), ["a/b/x", "a/c"]);
        assert_eq!(below("").len(), names.len());
        assert_eq!(below("zz").len(), 0);
        assert!(listing.find(&path("a.lock")).is_some() && listing.find(&path("a/b")).is_none());
    }
}
