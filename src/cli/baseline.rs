//! Where the baseline lies in the audited root, and what it says.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::error::{Error, ErrorKind};
use super::options::{CONFIG_NAMES, SettingArguments, invalid};
use super::terminal::Terminal;
use crate::assessment::baseline::BASELINE_NAME;
use crate::assessment::{Baseline, BaselineFile};
use crate::discover::Tree;
use crate::lockfile::{Limits, Problem, ProblemSeverity, SourceFile};
use crate::path::FilePath;

/// The place of a baseline: always in the audited root, so that no project goes by the baseline of another.
pub(super) struct Place {
    path: FilePath,
}

impl Place {
    /// Finds the place: beside the configuration of the tree, and at the top for one that was typed.
    pub(super) fn find(
        settings: &SettingArguments,
        files: &dyn Tree,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let of_tree = SettingArguments::default();
        let config = match settings.config {
            Some(_) => None,
            None => of_tree.file(files, limits)?,
        };
        let folder = config.map_or_else(FilePath::default, |file| file.path().parent());
        let path = folder.join(BASELINE_NAME).unwrap_or_default();
        Ok(Self { path })
    }

    /// Returns its name in messages.
    pub(super) const fn name(&self) -> &FilePath {
        &self.path
    }

    /// Reads the file as the tree's other files are read; none if there is none.
    pub(super) fn file(&self, files: &dyn Tree) -> Result<Option<Arc<SourceFile>>, Error> {
        let text = files.read(&self.path);
        let text = text.map_err(|error| unreadable(self.path.as_str(), &error.to_string()))?;
        Ok(text.map(|text| Arc::new(SourceFile::new(self.path.clone(), text))))
    }

    /// Says which baselines lie where a configuration could, and are not read.
    pub(super) fn say_unread(&self, files: &dyn Tree, terminal: &Terminal) {
        let folders = CONFIG_NAMES.iter().filter_map(|name| FilePath::new(name));
        let places = folders.filter_map(|config| config.parent().join(BASELINE_NAME));
        for path in places.filter(|path| *path != self.path) {
            // A link is there too, and whatever else would not be read.
            if files.has(&path) {
                let what = format!("it is not read; {} is the baseline", self.path.as_str());
                let problem = Problem::new(path, ProblemSeverity::Warning, what);
                let help =
                    "a baseline lies beside the configuration: move its lines, or take it away";
                terminal.say_problem(&problem.help(help), None);
            }
        }
    }
}

fn unreadable(path: &str, why: &str) -> Error {
    Error::new(
        ErrorKind::Config,
        format!("{path} could not be read: {why}"),
    )
    .hint("nothing was scanned; put a regular file in its place, or take it away")
}

/// Returns the day of a run.
pub(super) fn today(settings: &SettingArguments) -> Date {
    TimeZone::UTC.to_datetime(settings.now()).date()
}

/// Reads what the file says; everything that is wrong with it is told.
pub(super) fn read(file: &Arc<SourceFile>, today: Date) -> Result<Baseline, Error> {
    let remedy = "nothing was scanned; mend the file, or let git restore it";
    Baseline::read(file, today).map_err(|errors| invalid(errors, file, remedy))
}

/// Returns the baseline of a tree, whatever was typed; nothing is told about it.
pub(super) fn of_tree(
    settings: &SettingArguments,
    files: &dyn Tree,
) -> Result<Option<Baseline>, Error> {
    let place = Place::find(&SettingArguments::default(), files, &Limits::default())?;
    let file = place.file(files)?;
    file.as_ref()
        .map(|file| read(file, latest(settings)))
        .transpose()
}

/// A clock that is set back looks at the past with what is known today, lines included.
fn latest(settings: &SettingArguments) -> Date {
    let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
    today.max(self::today(settings))
}

/// Returns the baseline that an audit goes by.
pub(super) fn in_force(
    settings: &SettingArguments,
    files: &dyn Tree,
    terminal: &Terminal,
) -> Result<BaselineFile, Error> {
    if settings.no_config {
        return Ok(BaselineFile::Ignored);
    }
    let place = Place::find(settings, files, &Limits::default())?;
    place.say_unread(files, terminal);
    let file = place.file(files)?;
    let latest = latest(settings);
    let baseline = file.as_ref().map(|file| read(file, latest)).transpose()?;
    Ok(baseline.map_or(BaselineFile::Missing, BaselineFile::Read))
}
