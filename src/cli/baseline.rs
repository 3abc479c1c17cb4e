//! Where the baseline lies, beside the configuration, and what it says.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::error::{Error, ErrorKind};
use super::options::{SettingArguments, invalid, typed_file};
use crate::assessment::baseline::BASELINE_NAME;
use crate::assessment::{Baseline, BaselineFile};
use crate::discover::DirectoryFiles;
use crate::lockfile::{Limits, SourceFile};
use crate::path::FilePath;

/// The place of a baseline.
pub(super) enum Place {
    /// Below the audited root; read as the tree's other files are.
    InTree(FilePath),
    /// Beside a configuration file that was typed, which may lie anywhere.
    Typed(Utf8PathBuf),
}

impl Place {
    /// Finds the place: beside the configuration that is in force, or would be if one were read.
    pub(super) fn find(
        settings: &SettingArguments,
        files: &DirectoryFiles,
        limits: &Limits,
    ) -> Result<Self, Error> {
        if let Some(typed) = &settings.config {
            return Ok(Self::Typed(typed.with_file_name(BASELINE_NAME)));
        }
        let of_tree = SettingArguments::default();
        let config = of_tree.file(files, limits)?;
        let folder = config.map_or_else(FilePath::default, |file| file.path().parent());
        let path = folder.join(BASELINE_NAME);
        Ok(Self::InTree(path.unwrap_or_default()))
    }

    /// Returns where it lies on disk.
    pub(super) fn on_disk(&self, files: &DirectoryFiles) -> Utf8PathBuf {
        match self {
            Self::InTree(path) => files.root().join(path.as_str()),
            Self::Typed(path) => path.clone(),
        }
    }

    /// Returns its name in messages.
    pub(super) fn name(&self) -> FilePath {
        match self {
            Self::InTree(path) => path.clone(),
            Self::Typed(_) => FilePath::new(BASELINE_NAME).unwrap_or_default(),
        }
    }

    /// Reads the file; none if there is none.
    pub(super) fn file(
        &self,
        files: &DirectoryFiles,
        limits: &Limits,
    ) -> Result<Option<Arc<SourceFile>>, Error> {
        let file = match self {
            Self::InTree(path) => {
                let text = files.read_file(path);
                let text = text.map_err(|error| unreadable(path.as_str(), &error.to_string()))?;
                text.map(|text| SourceFile::new(path.clone(), text))
            }
            Self::Typed(path) if !is_there(path) => None,
            Self::Typed(path) => Some(typed_file(path, limits)?),
        };
        Ok(file.map(Arc::new))
    }
}

/// A link that leads nowhere is there, and cannot be read.
fn is_there(path: &Utf8Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn unreadable(path: &str, why: &str) -> Error {
    Error::new(
        ErrorKind::Config,
        format!("{path} could not be read: {why}"),
    )
    .hint("nothing was scanned; put a regular file in its place, or take it away")
}

/// Reads what the file says; everything that is wrong with it is told.
pub(super) fn read(file: &Arc<SourceFile>) -> Result<Baseline, Error> {
    let remedy = "nothing was scanned; mend the file, or let git restore it";
    Baseline::read(file).map_err(|errors| invalid(errors, file, remedy))
}

/// Returns the baseline that an audit goes by.
pub(super) fn in_force(
    settings: &SettingArguments,
    files: &DirectoryFiles,
    limits: &Limits,
) -> Result<BaselineFile, Error> {
    if settings.no_config {
        return Ok(BaselineFile::Ignored);
    }
    let file = Place::find(settings, files, limits)?.file(files, limits)?;
    let baseline = file.as_ref().map(read).transpose()?;
    Ok(baseline.map_or(BaselineFile::Missing, BaselineFile::Read))
}
