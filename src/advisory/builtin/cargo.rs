//! Known compromises on crates.io, sorted by package name.
//!
//! Versions and ids come from public advisories (OSV, GitHub, `RustSec`) or, where `ids` is empty, from
//! the project's or the registry's own notice.

use super::{Affected, Compromise, bad};

pub(super) const CARGO: &[Compromise] = &[
    Compromise {
        package: "append-only-vec",
        affected: Affected::Releases(&[bad("0.1.9", "0.1.8")]),
        known_since: "2026-08-20",
        ids: &["RUSTSEC-2026-0262", "MAL-2026-14333"],
        sentence: "It depended on proc-macro1, whose build script downloaded and ran a program during compilation.",
    },
    Compromise {
        package: "arrayref",
        affected: Affected::Releases(&[bad("0.3.10", "0.3.9")]),
        known_since: "2026-08-20",
        ids: &["RUSTSEC-2026-0260", "MAL-2026-14336"],
        sentence: "It depended on proc-macro1, whose build script downloaded and ran a program during compilation.",
    },
    Compromise {
        package: "async_println",
        affected: Affected::Every,
        known_since: "2025-09-24",
        ids: &[],
        sentence: "Searched a project's files for cryptocurrency keys and sent them to a remote server.",
    },
    Compromise {
        package: "faster_log",
        affected: Affected::Every,
        known_since: "2025-09-24",
        ids: &[],
        sentence: "Posed as fast_log and sent the cryptocurrency keys it found in a project's files to a remote server.",
    },
    Compromise {
        package: "finch-rust",
        affected: Affected::Every,
        known_since: "2025-12-05",
        ids: &["RUSTSEC-2025-0148", "GHSA-f8h5-x737-x4xr"],
        sentence: "Pulled in sha-rust, which tried to steal credentials from local files.",
    },
    Compromise {
        package: "internment",
        affected: Affected::Releases(&[bad("0.8.7", "0.8.6")]),
        known_since: "2026-08-20",
        ids: &["RUSTSEC-2026-0266", "MAL-2026-14337"],
        sentence: "It depended on proc-macro1, whose build script downloaded and ran a program during compilation.",
    },
    Compromise {
        package: "polymarket-clients-sdk",
        affected: Affected::Every,
        known_since: "2026-02-06",
        ids: &["RUSTSEC-2026-0010", "GHSA-382q-fpqh-29f7"],
        sentence: "Posed as polymarket-client-sdk and tried to steal credentials from local files.",
    },
    Compromise {
        package: "proc-macro1",
        affected: Affected::Every,
        known_since: "2026-08-20",
        ids: &["RUSTSEC-2026-0265", "MAL-2026-14338"],
        sentence: "Posed as proc-macro2; its build script downloaded a program from a remote server and ran it.",
    },
    Compromise {
        package: "rustdecimal",
        affected: Affected::Every,
        known_since: "2022-05-10",
        ids: &["RUSTSEC-2022-0042", "MAL-2022-1", "GHSA-7pwq-f4pq-78gm"],
        sentence: "Posed as rust_decimal; in GitLab build environments it downloaded and ran a program.",
    },
    Compromise {
        package: "sha-rust",
        affected: Affected::Every,
        known_since: "2025-12-05",
        ids: &["RUSTSEC-2025-0146", "GHSA-3mmg-7c2q-8938"],
        sentence: "Tried to steal credentials from local files.",
    },
    Compromise {
        package: "tracings",
        affected: Affected::Every,
        known_since: "2026-02-26",
        ids: &["RUSTSEC-2026-0027"],
        sentence: "Posed as tracing and tried to steal Polymarket credentials.",
    },
];
