//! Formats of findings. All are views of the same assessment; `json` is the contract.

mod json;
mod text;

use super::FindingsFormat;

/// Every format of findings; the first is the default.
pub static FINDINGS_FORMATS: &[FindingsFormat] = &[
    FindingsFormat {
        id: "text",
        summary: "for people",
        media_type: "text/plain; charset=utf-8",
        write: text::write,
    },
    FindingsFormat {
        id: "json",
        summary: "linchpin/report/1, the contract for programs",
        media_type: "application/json",
        write: json::write,
    },
];
