//! What `linchpin/report/1` says of `[[accept]]` entries.

use serde::Serialize;

use crate::assessment::{Acceptance, UnusedAccept, Validity};
use crate::config::Target;
use crate::path::FilePath;
use crate::signal::RuleId;
use crate::text::Untrusted;

#[derive(Serialize)]
pub(super) struct AcceptanceRecord<'r> {
    reason: &'r Untrusted<'static>,
    owner: &'r Untrusted<'static>,
    expires: String,
    expired: bool,
}

#[derive(Serialize)]
pub(super) struct UnusedRecord<'r> {
    rule: RuleId,
    package: Option<&'r str>,
    file: Option<&'r FilePath>,
    project: Option<&'r FilePath>,
    via: Option<&'r str>,
    ids: &'r [String],
    reason: &'r str,
    owner: &'r str,
    expires: String,
    because: &'r Untrusted<'static>,
    path: &'r FilePath,
    line: u32,
    column: u32,
}

impl<'r> AcceptanceRecord<'r> {
    pub(super) fn new(acceptance: &'r Acceptance) -> Self {
        Self {
            reason: &acceptance.reason,
            owner: &acceptance.owner,
            expires: acceptance.expires.to_string(),
            expired: acceptance.validity == Validity::Expired,
        }
    }
}

impl<'r> UnusedRecord<'r> {
    pub(super) fn new(unused: &'r UnusedAccept) -> Self {
        let entry = &unused.entry;
        let (package, file) = match &entry.target {
            Target::Package(package) => (Some(package.as_str()), None),
            Target::File(path) => (None, Some(path)),
        };
        Self {
            rule: entry.rule.id,
            package,
            file,
            project: entry.bound.project.as_ref(),
            via: entry.bound.via.as_ref().map(crate::config::Via::as_str),
            ids: &entry.ids,
            reason: &entry.reason,
            owner: &entry.owner,
            expires: entry.expires.to_string(),
            because: &unused.because,
            path: &entry.path,
            line: entry.location.line,
            column: entry.location.column,
        }
    }
}
