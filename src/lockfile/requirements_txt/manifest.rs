//! The manifest that the file was compiled from, as the command at its top says.

use rustc_hash::FxHashSet;

use super::line::Lines;
use super::reader::Reader;
use crate::lockfile::model::{Problem, ProblemSeverity};
use crate::lockfile::pypi::project::{self, Part, Tool};
use crate::path::FilePath;

/// At most this many names are told one by one.
const TOLD: usize = 20;

/// Counts the manifests that the command names as covered, and tells what they ask for by now.
pub(super) fn cover(reader: &mut Reader<'_, '_>) {
    for path in compiled_from(reader) {
        report_missing(reader, &path);
        reader.lockfile.manifests.push(path);
    }
}

/// Finds the pyproject.toml in the command that wrote the file: `uv pip compile pyproject.toml -o FILE`.
fn compiled_from(reader: &Reader<'_, '_>) -> Vec<FilePath> {
    let lines = Lines::new(reader.file.text()).take_while(|line| line.code.is_empty());
    let mut commands = lines
        .filter_map(|line| line.comment)
        .filter(|comment| comment.contains("uv pip compile ") || comment.contains("pip-compile "));
    let Some(command) = commands.next() else {
        return Vec::new();
    };
    let words: Vec<&str> = command.split_whitespace().collect();
    let Some(folder) = folder_of_command(&words, reader.file.path()) else {
        return Vec::new();
    };
    let manifests = words.iter().filter(|word| {
        **word == "pyproject.toml" || word.ends_with("/pyproject.toml") && !word.starts_with('-')
    });
    manifests.filter_map(|word| folder.join(word)).collect()
}

/// Finds where the command ran: from there, its output is the file.
fn folder_of_command(words: &[&str], file: &FilePath) -> Option<FilePath> {
    let glued = words
        .iter()
        .find_map(|word| word.strip_prefix("--output-file="));
    let mut pairs = words.windows(2);
    let next = pairs
        .find(|pair| matches!(pair[0], "-o" | "--output-file"))
        .map(|pair| pair[1]);
    let Some(output) = glued.or(next).and_then(FilePath::new) else {
        return Some(file.parent());
    };
    let folder = file.as_str().strip_suffix(output.as_str())?;
    let is_whole = folder.is_empty() || folder.ends_with('/');
    is_whole.then(|| FilePath::new(folder)).flatten()
}

/// What the project asks for in every environment has to be there.
fn report_missing(reader: &mut Reader<'_, '_>, path: &FilePath) {
    // One that cannot be read is told where manifests are looked for.
    let Ok(Some(text)) = reader.files.read(path) else {
        return;
    };
    let Some(project) = project::read(&text, Tool::Other) else {
        return;
    };
    let entries = reader.lockfile.entries.iter().skip(1);
    let held: FxHashSet<&str> = entries.map(|entry| entry.name.as_str()).collect();
    let asked = project
        .asked
        .iter()
        .filter(|asked| asked.part == Part::Main && asked.marker.is_none());
    let missing = asked.filter(|asked| !held.contains(asked.name.as_str()));
    let problems: Vec<Problem> = missing
        .take(TOLD)
        .map(|asked| {
            let message = format!(
                "it asks for `{}`, which {} does not hold for it",
                asked.name,
                reader.file.path().as_str()
            );
            Problem::new(path.clone(), ProblemSeverity::Error, message)
                .help("the lockfile is behind its manifest; run the command at its top again")
        })
        .collect();
    reader.lockfile.problems.extend(problems);
}
