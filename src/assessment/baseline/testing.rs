//! Entries of baselines for tests.

use jiff::civil::Date;

use super::{Entry, Matter, Subject};
use crate::assessment::Fingerprint;
use crate::lockfile::Scope;
use crate::path::FilePath;
use crate::severity::Severity;
use crate::signal;

/// The day of the runs in tests.
pub(crate) const TODAY: Date = Date::constant(2026, 11, 1);

/// A matter of a vulnerable package: high, shipped.
pub(crate) fn matter(purl: &str, project: &str, ids: &[&str]) -> Matter {
    Matter {
        rule: signal::rule("known-vulnerability").expect("a rule"),
        subject: Subject::Package(purl.to_owned()),
        project: FilePath::new(project).expect("a folder"),
        severity: Severity::High,
        scope: Some(Scope::Prod),
        ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        fingerprint: Fingerprint::of(&[purl.to_owned()]),
    }
}

/// A line about a vulnerable package: high, shipped.
pub(crate) fn entry(purl: &str, project: &str, ids: &[&str]) -> Entry {
    Entry {
        matter: matter(purl, project, ids),
        since: "2026-10-01".parse().expect("a day"),
        owner: "@web".into(),
        location: None,
    }
}

/// A line about a file.
pub(crate) fn of_file(path: &str) -> Entry {
    let mut entry = entry("pkg:npm/left", "", &[]);
    entry.matter.rule = signal::rule("foreign-host").expect("a rule");
    entry.matter.subject = Subject::File(FilePath::new(path).expect("a path"));
    entry.matter.scope = None;
    entry
}
