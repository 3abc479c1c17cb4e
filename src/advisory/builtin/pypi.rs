//! Known compromises on `PyPI`, sorted by package name (PEP 503 form).
//!
//! Versions and ids come from public advisories (OSV, GitHub, `RustSec`) or, where `ids` is empty, from
//! the project's or the registry's own notice.

use super::{Affected, Compromise, bad};

pub(super) const PYPI: &[Compromise] = &[
    Compromise {
        package: "durabletask",
        affected: Affected::Releases(&[
            bad("1.4.1", "1.4.0"),
            bad("1.4.2", "1.4.0"),
            bad("1.4.3", "1.4.0"),
        ]),
        known_since: "2026-05-19",
        ids: &["PYSEC-2026-207", "MAL-2026-4174"],
        sentence: "Importing it ran a downloaded program that stole cloud and Kubernetes credentials and could wipe the machine.",
    },
    Compromise {
        package: "dydx-v4-client",
        affected: Affected::Releases(&[bad("1.1.5.post1", "1.1.5")]),
        known_since: "2026-01-28",
        ids: &["PYSEC-2026-1"],
        sentence: "Heavily obfuscated code in it fetched and ran further programs from a look-alike domain.",
    },
    Compromise {
        package: "guardrails-ai",
        affected: Affected::Releases(&[bad("0.10.1", "0.10.0")]),
        known_since: "2026-05-12",
        ids: &["GHSA-xmpw-2vmm-p4p6", "CVE-2026-45758", "MAL-2026-3607"],
        sentence: "Carried the worm of the TanStack attack, which steals credentials and spreads to packages its victim can publish.",
    },
    Compromise {
        package: "lightning",
        affected: Affected::Releases(&[bad("2.6.2", "2.6.1"), bad("2.6.3", "2.6.1")]),
        known_since: "2026-04-30",
        ids: &["MAL-2026-3201", "GHSA-w37p-236h-pfx3", "CVE-2026-44484"],
        sentence: "Importing it downloaded a JavaScript runtime to run a hidden credential stealer, which also tried to spread.",
    },
    Compromise {
        package: "litellm",
        affected: Affected::Releases(&[bad("1.82.7", "1.82.6"), bad("1.82.8", "1.82.6")]),
        known_since: "2026-03-24",
        ids: &["PYSEC-2026-2", "MAL-2026-2144"],
        sentence: "Collected SSH keys, cloud tokens and wallets and sent them away; 1.82.8 did so at every start of Python.",
    },
    Compromise {
        package: "mistralai",
        affected: Affected::Releases(&[bad("2.4.6", "2.4.5")]),
        known_since: "2026-05-12",
        ids: &["MAL-2026-3608"],
        sentence: "Carried the worm of the TanStack attack, which steals credentials and spreads to packages its victim can publish.",
    },
    Compromise {
        package: "num2words",
        affected: Affected::Releases(&[bad("0.5.15", "0.5.14"), bad("0.5.16", "0.5.14")]),
        known_since: "2025-07-28",
        ids: &["PYSEC-2025-72", "MAL-2025-6794"],
        sentence: "Uploaded with malicious code by someone who had phished a maintainer's account.",
    },
    Compromise {
        package: "telnyx",
        affected: Affected::Releases(&[bad("4.87.1", "4.87.0"), bad("4.87.2", "4.87.0")]),
        known_since: "2026-03-27",
        ids: &["PYSEC-2026-3", "MAL-2026-2254"],
        sentence: "Importing it was to fetch a credential stealer hidden in a sound file; in 4.87.1 a typo kept that from running.",
    },
    Compromise {
        package: "ultralytics",
        affected: Affected::Releases(&[
            bad("8.3.41", "8.3.40"),
            bad("8.3.42", "8.3.40"),
            bad("8.3.45", "8.3.40"),
            bad("8.3.46", "8.3.40"),
        ]),
        known_since: "2024-12-05",
        ids: &["PYSEC-2024-154"],
        sentence: "Code that was only in the published files downloaded and ran a cryptocurrency miner.",
    },
];
