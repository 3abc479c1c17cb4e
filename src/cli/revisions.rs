//! The two sides of a change: what was typed → what is compared, and whose settings judge it.
//!
//! Packages are compared with the last commit that both sides share, so that what the target branch has gained since is
//! no part of the change. Settings, accepts and baseline are those of the target branch as it stands.

use std::sync::Arc;

use camino::Utf8PathBuf;
use clap::Args;

use super::error::{Error, ErrorKind};
use super::options::InputArguments;
use super::scan;
use crate::assessment::change::Revisions;
use crate::cores;
use crate::discover::revision::{
    Compared, ObjectId, Range, Repository, RevisionError, WorkTreeError,
};
use crate::discover::{Discovery, Tree};
use crate::lockfile::Limits;
use crate::path::FilePath;
use crate::text::Untrusted;

/// What is said when nothing could be.
const NOT_COMPARED: &str = "nothing was compared, and nothing is reported as clean";

/// What is compared.
#[derive(Debug, Args)]
#[command(next_help_heading = "Inputs")]
pub(super) struct SideArguments {
    /// The git revision to compare with, and the one to judge [default: the default branch of origin, and the files at hand]
    #[arg(value_name = "BASE[..HEAD]", conflicts_with_all = ["before", "after"])]
    revisions: Option<String>,
    /// Judge what is staged for the next commit; BASE is HEAD unless named
    #[arg(long, conflicts_with_all = ["before", "after"])]
    staged: bool,
    /// Without git: the folder or lockfile before the change; its settings judge both
    #[arg(long, value_name = "PATH", requires = "after")]
    before: Option<Utf8PathBuf>,
    /// Without git: the folder or lockfile after the change
    #[arg(long, value_name = "PATH", requires = "before")]
    after: Option<Utf8PathBuf>,
}

/// The two sides of a change.
pub(super) struct Sides {
    /// What was there.
    pub(super) before: Discovery,
    /// What is judged.
    pub(super) after: Discovery,
    /// Where the settings, the accepts and the baseline are from.
    pub(super) policy: Arc<dyn Tree>,
    /// What `before` is called.
    pub(super) label: Untrusted<'static>,
    /// The commits; none for folders.
    pub(super) revisions: Option<Revisions>,
    /// How the sides lie to each other.
    pub(super) kinship: Kinship,
    /// Files that have another name after the change, as far as lockfiles are missing there.
    pub(super) renames: Vec<(FilePath, FilePath)>,
}

/// How two sides lie to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kinship {
    /// Each is a tree of its own, so that one path names the same file on both.
    TwoTrees,
    /// They are files, or folders of other names: only what they list is compared.
    Apart,
    /// They are two folders of one tree, whose settings the change may have written.
    OneTree,
}

impl SideArguments {
    /// Finds and reads both sides.
    pub(super) fn open(&self) -> Result<Sides, Error> {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => folders(before, after),
            _ => self.open_revisions(),
        }
    }

    fn open_revisions(&self) -> Result<Sides, Error> {
        let range = self.revisions.as_deref().map(Range::parse);
        let head = range.as_ref().and_then(|range| range.head.as_deref());
        let head = match (head, self.staged) {
            (Some(_), true) => {
                let what = "--staged judges the index, so that there is no HEAD to name";
                return Err(usage(what, "linchpin diff --staged [BASE]"));
            }
            (Some(head), false) => Head::Commit(head),
            (None, true) => Head::Index,
            (None, false) => Head::WorkTree,
        };
        let base = range.as_ref().map(|range| range.base.as_str());
        if base == Some("") {
            return Err(usage(
                "there is no BASE before the dots",
                "linchpin diff BASE..HEAD",
            ));
        }
        let repository = Repository::find(&scan::current_directory()?)?;
        let base = match (base, head) {
            (Some(base), _) => base.to_owned(),
            (None, Head::Index) => "HEAD".to_owned(),
            (None, _) => repository.default_base()?,
        };
        Commits::find(&repository, &base, head)?.open(&repository, head)
    }
}

/// What is judged.
#[derive(Clone, Copy)]
enum Head<'h> {
    /// A commit, by its name.
    Commit(&'h str),
    /// What is staged.
    Index,
    /// The files at hand.
    WorkTree,
}

/// What the names stand for.
struct Commits {
    base: String,
    /// The target branch as it stands.
    tip: ObjectId,
    /// The last commit that both share.
    shared: ObjectId,
    /// The commit that is judged, or on which the judged files rest.
    head: ObjectId,
}

impl Commits {
    fn find(repository: &Repository, base: &str, head: Head<'_>) -> Result<Self, RevisionError> {
        let tip = repository.resolve(base)?;
        let head = repository.resolve(match head {
            Head::Commit(name) => name,
            Head::Index | Head::WorkTree => "HEAD",
        })?;
        let shared = repository.merge_base(&tip, &head)?;
        let base = base.strip_prefix("refs/remotes/").unwrap_or(base);
        Ok(Self {
            base: base.to_owned(),
            tip,
            shared,
            head,
        })
    }

    fn open(&self, repository: &Repository, head: Head<'_>) -> Result<Sides, Error> {
        let limits = Limits::default();
        let commit = |commit| repository.commit(commit, &limits);
        let (before, after) = cores::both(
            || Ok::<_, Error>(commit(&self.shared)?.discover()),
            || match head {
                Head::Commit(_) => Ok(commit(&self.head)?.discover()),
                Head::Index => Ok(repository.index(&limits)?.discover()),
                Head::WorkTree => Ok::<_, Error>(repository.discover_work_tree(&limits)?),
            },
        );
        let (before, after) = (before?, after?);
        let policy = if self.tip == self.shared {
            Arc::clone(&before.files)
        } else {
            repository.files_of(&self.tip, &limits)?
        };
        let mut lockfiles = before.lockfiles.iter();
        let renames = if lockfiles.all(|found| after.files.has(found.file.path())) {
            Vec::new()
        } else {
            let compared = match head {
                Head::Commit(_) => Compared::Commit(&self.head),
                Head::Index | Head::WorkTree => Compared::Index,
            };
            repository.renames(&self.shared, &compared)?
        };
        let is_commit = matches!(head, Head::Commit(_));
        Ok(Sides {
            before,
            after,
            policy,
            label: self.label().into(),
            revisions: Some(Revisions {
                base: self.base.clone().into(),
                policy: self.tip.as_str().to_owned().into(),
                before: self.shared.as_str().to_owned().into(),
                after: is_commit.then(|| self.head.as_str().to_owned().into()),
            }),
            kinship: Kinship::TwoTrees,
            renames,
        })
    }

    /// `origin/main (3f2c1ab)`, or `origin/main (merge base 3f2c1ab)`.
    fn label(&self) -> String {
        let shared = self.shared.short();
        let base = ObjectId::new(&self.base).map_or(self.base.as_str(), |_| self.tip.short());
        if self.tip != self.shared {
            format!("{base} (merge base {shared})")
        } else if base == shared {
            shared.to_owned()
        } else {
            format!("{base} ({shared})")
        }
    }
}

fn folders(before: &Utf8PathBuf, after: &Utf8PathBuf) -> Result<Sides, Error> {
    let discover = |path: &Utf8PathBuf| {
        scan::discover(&InputArguments {
            paths: vec![path.clone()],
            offline: true,
        })
    };
    let label = Untrusted::from(before.as_str().to_owned());
    let (before, after) = (discover(before)?, discover(after)?);
    let kinship = if before.root == after.root {
        Kinship::OneTree
    } else if before.paths == after.paths {
        Kinship::TwoTrees
    } else {
        Kinship::Apart
    };
    Ok(Sides {
        policy: Arc::clone(&before.files),
        before,
        after,
        label,
        revisions: None,
        kinship,
        renames: Vec::new(),
    })
}

fn usage(what: &'static str, form: &str) -> Error {
    Error::new(ErrorKind::Usage, what).hint(format!("nothing was scanned; write: {form}"))
}

/// What git could not tell was not compared.
impl From<RevisionError> for Error {
    fn from(error: RevisionError) -> Self {
        Self::new(ErrorKind::Incomplete, error.to_string())
            .hint(error.help())
            .hint(NOT_COMPARED)
    }
}

impl From<WorkTreeError> for Error {
    fn from(error: WorkTreeError) -> Self {
        match error {
            WorkTreeError::Revision(error) => error.into(),
            WorkTreeError::Discover(error) => {
                Self::new(ErrorKind::Incomplete, error.to_string()).hint(NOT_COMPARED)
            }
        }
    }
}
