//! Formats of findings. All are views of the same assessment; `json` is the contract.

mod github;
mod github_output;
mod gitlab;
mod json;
mod junit;
mod markdown;
mod sarif;
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
    FindingsFormat {
        id: "sarif",
        summary: "SARIF 2.1.0, for code scanning services",
        media_type: "application/sarif+json",
        write: sarif::write,
    },
    FindingsFormat {
        id: "markdown",
        summary: "a comment on a pull request, or the summary of a job",
        media_type: "text/markdown; charset=utf-8",
        write: markdown::write,
    },
    FindingsFormat {
        id: "github",
        summary: "annotations of GitHub Actions, ten at most",
        media_type: "text/plain; charset=utf-8",
        write: github::write,
    },
    FindingsFormat {
        id: "github-output",
        summary: "outputs of a step of GitHub Actions: enums and numbers",
        media_type: "text/plain; charset=utf-8",
        write: github_output::write,
    },
    FindingsFormat {
        id: "gitlab",
        summary: "Code Quality of GitLab, for merge requests",
        media_type: "application/json",
        write: gitlab::write,
    },
    FindingsFormat {
        id: "junit",
        summary: "JUnit XML, for the test pages of CI services",
        media_type: "application/xml",
        write: junit::write,
    },
];
