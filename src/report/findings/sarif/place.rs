//! Places in files: SARIF 2.1.0 §3.4 (artifact locations), §3.28 to §3.30 (locations, physical locations, regions).

use std::fmt::Write;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::Message;
use crate::lockfile;
use crate::path::FilePath;
use crate::report::outline::Spot;

/// The name of the folder that every path is relative to; code scanning services know it as the checkout.
pub(super) const ROOT: &str = "%SRCROOT%";

/// Everything but the unreserved characters of RFC 3986 §2.3. A colon, too, or the first part might read as a scheme.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A location (§3.28).
#[derive(Serialize)]
#[expect(
    clippy::struct_field_names,
    reason = "the names are those of the format"
)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

/// A physical location (§3.29).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

/// An artifact location (§3.4).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    uri_base_id: &'static str,
}

/// A region (§3.30); columns count characters, and the last one lies behind the range.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<u32>,
}

impl Location {
    /// Points at a file as a whole.
    pub(super) fn of_file(path: &FilePath) -> Self {
        Self {
            id: None,
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation {
                    uri: uri(path),
                    uri_base_id: ROOT,
                },
                region: None,
            },
            message: None,
        }
    }

    /// Points at a line and column; at the first line if nothing better is known, because results need a region.
    pub(super) fn of_line(path: &FilePath, place: Option<lockfile::Location>) -> Self {
        Self::of_file(path).in_region(Region {
            start_line: place.map_or(1, |place| place.line),
            start_column: place.map(|place| place.column),
            end_line: None,
            end_column: None,
        })
    }

    /// Points at a place of a finding.
    pub(super) fn of_spot(spot: &Spot<'_>) -> Self {
        match spot.range {
            None => Self::of_line(spot.file, None),
            Some([start, end]) => Self::of_file(spot.file).in_region(Region {
                start_line: start.line,
                start_column: Some(start.column),
                end_line: Some(end.line),
                end_column: Some(end.column),
            }),
        }
    }

    fn in_region(mut self, region: Region) -> Self {
        self.physical_location.region = Some(region);
        self
    }

    /// Numbers a further place, and says what it is.
    pub(super) fn numbered(mut self, id: usize, message: Message) -> Self {
        self.id = Some(id);
        self.saying(message)
    }

    /// Says what stands there.
    pub(super) fn saying(mut self, message: Message) -> Self {
        self.message = Some(message);
        self
    }
}

/// Writes a path as a relative reference (RFC 3986 §4.2).
fn uri(path: &FilePath) -> String {
    let mut uri = String::new();
    for part in path.parts() {
        let slash = if uri.is_empty() { "" } else { "/" };
        let _ = write!(uri, "{slash}{}", utf8_percent_encode(part, ENCODED));
    }
    if uri.is_empty() { "./".to_owned() } else { uri }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_references_whatever_they_hold() {
        for (path, written) in [
            ("web/package-lock.json", "web/package-lock.json"),
            ("a b/%2e/c#d?e", "a%20b/%252e/c%23d%3Fe"),
            ("mailto:x/y", "mailto%3Ax/y"),
            ("ä/\u{202e}\"", "%C3%A4/%E2%80%AE%22"),
            (".", "./"),
        ] {
            let path = FilePath::new(path).expect("a path inside the root");
            assert_eq!(uri(&path), written);
        }
    }
}
