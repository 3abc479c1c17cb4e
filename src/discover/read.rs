//! Candidates → lockfiles in memory, or the problem that stands in the way. One at a time, so in parallel.

use sha2::{Digest as _, Sha256};

use super::FoundLockfile;
use super::Tree;
use super::found::{Origin, as_word, failure};
use crate::files::{FilesError, decode};
use crate::lockfile::unread::{self, UnreadFormat, names_read};
use crate::lockfile::{LockfileFormat, Problem, SourceFile, detect, format_of_path, manifest};
use crate::package::{Algorithm, Digest};
use crate::path::FilePath;

/// How a file in git's large file storage begins when its bytes were not fetched.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// What became of a candidate.
pub(super) enum Outcome {
    /// It is a lockfile.
    Lockfile(FoundLockfile),
    /// It bears packages, or may, but was not read.
    Problem(Problem),
    /// It bears nothing, or is gone.
    Nothing,
}

/// Reads a candidate.
pub(super) fn read(path: &FilePath, origin: Origin, files: &dyn Tree) -> Outcome {
    let by_name = format_of_path(path);
    let unread = unread::of_path(path);
    match unread {
        Some(unread) if by_name.is_none() && origin != Origin::Named => {
            look_at_unread(path, origin, unread, files)
        }
        _ => match files.bytes(path) {
            Ok(Some(bytes)) => take_up(path, bytes, by_name, unread),
            Ok(None) => absent(path, origin),
            Err(error) => Outcome::Problem(unopened(path, &error, by_name)),
        },
    }
}

fn take_up(
    path: &FilePath,
    bytes: Vec<u8>,
    by_name: Option<&'static dyn LockfileFormat>,
    unread: Option<&UnreadFormat>,
) -> Outcome {
    if bytes.starts_with(LFS_POINTER) {
        return Outcome::Problem(lfs_pointer(path));
    }
    let sha256 =
        Digest::new(Algorithm::Sha256, &Sha256::digest(&bytes)).expect("SHA-256 yields 32 bytes");
    let file = match decode(bytes) {
        Ok(text) => SourceFile::new(path.clone(), text),
        Err(error) => {
            let problem = unread.map_or_else(
                || unopened(path, &error, by_name),
                |format| not_read(path, format),
            );
            return Outcome::Problem(problem);
        }
    };
    let bears_nothing = |format: &dyn LockfileFormat| !format.bears_packages(file.text());
    match (detect(&file), unread) {
        (Some(format), _) if bears_nothing(format) => Outcome::Nothing,
        (Some(format), _) => Outcome::Lockfile(FoundLockfile {
            file,
            format,
            sha256,
        }),
        (None, Some(unread)) => Outcome::Problem(not_read(path, unread)),
        (None, None) => Outcome::Problem(unknown(path)),
    }
}

/// Looks no further into a format that is not read than is needed to know that the file is there.
fn look_at_unread(
    path: &FilePath,
    origin: Origin,
    unread: &UnreadFormat,
    files: &dyn Tree,
) -> Outcome {
    if files.has(path) {
        Outcome::Problem(not_read(path, unread))
    } else {
        absent(path, origin)
    }
}

/// A file that went away since it was listed is as one that was never there; git's files ought to be there.
fn absent(path: &FilePath, origin: Origin) -> Outcome {
    let word = as_word(path);
    let (message, help) = match origin {
        Origin::Walked | Origin::Named => return Outcome::Nothing,
        Origin::Tracked => (
            "tracked by git but not in the work tree",
            match word {
                Some(path) => format!(
                    "bring it back: git checkout -- {path}; or stop tracking it: git rm {path}"
                ),
                None => {
                    "bring it back with git checkout, or stop tracking it with git rm".to_owned()
                }
            },
        ),
        Origin::LeftOut => (
            "tracked by git but not in the work tree, because a sparse checkout leaves it out",
            match as_word(&path.parent()) {
                Some(folder) => format!("bring it back: git sparse-checkout add {folder}"),
                None => "bring it back: git sparse-checkout disable".to_owned(),
            },
        ),
    };
    Outcome::Problem(failure(path.clone(), message, help))
}

fn lfs_pointer(path: &FilePath) -> Problem {
    let message = "a pointer to git's large file storage stands in place of the file";
    failure(path.clone(), message, "fetch the file: git lfs pull")
}

fn not_read(path: &FilePath, unread: &UnreadFormat) -> Problem {
    let message = format!("not read: this version of linchpin reads {}", names_read());
    failure(path.clone(), message, unread.help)
}

fn unopened(
    path: &FilePath,
    error: &FilesError,
    format: Option<&'static dyn LockfileFormat>,
) -> Problem {
    let anew = format.map_or_else(String::new, |format| {
        format!(", or write it anew: {}", format.relock())
    });
    let help = match error {
        FilesError::NotRegular => {
            "put the file itself in its place, or name the file that it stands for as PATH"
                .to_owned()
        }
        FilesError::TooLarge { .. } => format!("take the file away{anew}"),
        FilesError::Utf16 | FilesError::NotUtf8 { .. } => format!("save it as UTF-8{anew}"),
        FilesError::System(_) => "let the user that runs linchpin read the file".to_owned(),
    };
    failure(path.clone(), format!("not read: {error}"), help)
}

/// Tells of a file that the user named; never with a word of what stands in it.
fn unknown(path: &FilePath) -> Problem {
    if let Some(manifest) = manifest::of_name(path.file_name()) {
        let lock = manifest.lock.join(" ");
        let help = format!("name its folder as PATH; lock it with: {lock}");
        return failure(path.clone(), "a manifest, not a lockfile", help);
    }
    let help = format!("it reads {}, under any name", names_read());
    failure(path.clone(), "not a lockfile that linchpin reads", help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::DirectoryFiles;
    use crate::discover::fixture::{CARGO_LOCK, PACKAGE_LOCK, Tree, path};
    use crate::lockfile::Limits;

    fn read_as(origin: Origin, name: &str, contents: &[u8]) -> Outcome {
        let tree = Tree::new(&[]);
        tree.write(name, contents);
        read(
            &path(name),
            origin,
            &DirectoryFiles::new(tree.root(), Limits::default()),
        )
    }

    fn problem(outcome: Outcome) -> (String, String) {
        let Outcome::Problem(problem) = outcome else {
            panic!("no problem")
        };
        let help = problem.help.expect("a remedy");
        (
            problem.message.as_str().to_owned(),
            help.as_str().to_owned(),
        )
    }

    fn format(outcome: &Outcome) -> Option<&'static str> {
        match outcome {
            Outcome::Lockfile(found) => Some(found.format.id().0),
            _ => None,
        }
    }

    fn gone(origin: Origin) -> Outcome {
        let tree = Tree::new(&[]);
        read(
            &path("a/Cargo.lock"),
            origin,
            &DirectoryFiles::new(tree.root(), Limits::default()),
        )
    }

    #[test]
    fn lockfiles_are_read_by_name_in_any_case() {
        let read = read_as(Origin::Walked, "Package-Lock.json", b"{}");
        assert_eq!(format(&read), Some("npm-lock"));
    }

    #[test]
    fn a_named_file_is_read_by_its_contents() {
        let read = read_as(Origin::Named, "backup.txt", PACKAGE_LOCK.as_bytes());
        assert_eq!(format(&read), Some("npm-lock"));
        let uv = b"version = 1\nrequires-python = \">=3.12\"\n\n[[package]]\nname = \"a\"\n";
        assert_eq!(
            format(&read_as(Origin::Named, "tool.lock", uv)),
            Some("uv-lock")
        );
        assert_eq!(
            format(&read_as(Origin::Walked, "tool.py.lock", uv)),
            Some("uv-lock")
        );
    }

    #[test]
    fn a_named_file_of_no_format_is_a_problem_without_an_excerpt() {
        let (message, help) = problem(read_as(Origin::Named, "notes.txt", b"password=hunter2"));
        assert_eq!(message, "not a lockfile that linchpin reads");
        assert!(help.contains("Cargo.lock") && !help.contains("hunter2"));
        let (message, help) = problem(read_as(Origin::Named, "Cargo.toml", b"[package]"));
        assert!(message.contains("a manifest") && help.contains("cargo generate-lockfile"));
    }

    #[test]
    fn the_digest_is_that_of_the_bytes() {
        let text = format!("\u{feff}{CARGO_LOCK}");
        let Outcome::Lockfile(found) = read_as(Origin::Walked, "Cargo.lock", text.as_bytes())
        else {
            panic!("no lockfile");
        };
        assert_eq!(found.sha256.bytes(), &*Sha256::digest(text.as_bytes()));
        assert_eq!(found.file.text(), CARGO_LOCK);
    }

    #[test]
    fn what_cannot_be_decoded_names_a_remedy() {
        let (message, help) = problem(read_as(Origin::Walked, "Cargo.lock", b"\xff\xfea\0"));
        assert!(
            message.contains("UTF-16") && help.contains("UTF-8"),
            "{message} {help}"
        );
        let (message, _) = problem(read_as(Origin::Named, "bun.lockb", b"\x00\xff\xfe"));
        assert!(message.starts_with("not read: this version of linchpin reads Cargo.lock"));
    }

    #[test]
    fn large_files_are_a_problem() {
        let tree = Tree::new(&[("Cargo.lock", CARGO_LOCK)]);
        let limits = Limits {
            file_bytes: 8,
            ..Limits::default()
        };
        let read = read(
            &path("Cargo.lock"),
            Origin::Walked,
            &DirectoryFiles::new(tree.root(), limits),
        );
        assert!(problem(read).0.contains("larger than 8 bytes"));
    }

    #[test]
    fn a_pointer_of_git_lfs_is_told() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
        let (message, help) = problem(read_as(Origin::Tracked, "Cargo.lock", pointer));
        assert!(message.contains("large file storage") && help.contains("git lfs pull"));
    }

    #[test]
    fn a_file_that_is_gone_matters_only_if_git_tracks_it() {
        assert!(matches!(gone(Origin::Walked), Outcome::Nothing));
        let (message, help) = problem(gone(Origin::Tracked));
        assert_eq!(message, "tracked by git but not in the work tree");
        assert!(help.contains("git checkout -- a/Cargo.lock"), "{help}");
        let (message, help) = problem(gone(Origin::LeftOut));
        assert!(
            message.contains("sparse") && help.contains("git sparse-checkout add a"),
            "{help}"
        );
    }

    #[test]
    fn requirements_without_a_line_bear_nothing() {
        let read = |contents| read_as(Origin::Walked, "requirements.txt", contents);
        assert!(matches!(read(b"# none\n"), Outcome::Nothing));
        assert_eq!(format(&read(b"flask==3\n")), Some("requirements-txt"));
        assert!(problem(read(b"\xff\xfef\0")).0.contains("UTF-16"));
    }
}
