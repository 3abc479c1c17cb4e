//! Known compromises that are built into the program, so that it says something true with no network and no set-up.
//!
//! One table per ecosystem, sorted by name, written by us from public facts. A record names exact releases
//! or, where the package itself is malicious, all of them.

mod cargo;
mod npm;
mod pypi;

use crate::package::Ecosystem;

/// One incident of one package.
#[derive(Debug)]
pub struct Compromise {
    /// Name as the registry normalises it.
    pub package: &'static str,
    /// Which releases.
    pub affected: Affected,
    /// Day on which it became publicly known, `YYYY-MM-DD`.
    pub known_since: &'static str,
    /// Public advisory ids, the most authoritative first; none for some old incidents.
    pub ids: &'static [&'static str],
    /// What the release did, in one sentence.
    pub sentence: &'static str,
}

/// Which releases of a package a record names.
#[derive(Debug)]
pub enum Affected {
    /// The package itself is malicious.
    Every,
    /// Just these releases of an otherwise honest package.
    Releases(&'static [BadRelease]),
}

/// A malicious release.
#[derive(Debug)]
pub struct BadRelease {
    /// The version.
    pub version: &'static str,
    /// The last honest release before it on the same line.
    pub last_good: Option<&'static str>,
}

const fn bad(version: &'static str, last_good: &'static str) -> BadRelease {
    BadRelease {
        version,
        last_good: Some(last_good),
    }
}

const fn bad_without_predecessor(version: &'static str) -> BadRelease {
    BadRelease {
        version,
        last_good: None,
    }
}

/// Returns the records of an ecosystem, sorted by package.
pub const fn records(ecosystem: Ecosystem) -> &'static [Compromise] {
    match ecosystem {
        Ecosystem::Cargo => cargo::CARGO,
        Ecosystem::Npm => npm::NPM,
        Ecosystem::Pypi => pypi::PYPI,
    }
}

/// Counts the malicious releases of an ecosystem that the tables name; a malicious package counts once.
pub fn count(ecosystem: Ecosystem) -> usize {
    let releases = |record: &Compromise| match record.affected {
        Affected::Every => 1,
        Affected::Releases(releases) => releases.len(),
    };
    records(ecosystem).iter().map(releases).sum()
}

/// Returns the newest day on which a record of an ecosystem became known.
pub fn known_until(ecosystem: Ecosystem) -> Option<&'static str> {
    records(ecosystem)
        .iter()
        .map(|record| record.known_since)
        .max()
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;
    use crate::package::PackageName;
    use crate::package::version::admits;

    fn all() -> impl Iterator<Item = (Ecosystem, &'static Compromise)> {
        Ecosystem::ALL.into_iter().flat_map(|ecosystem| {
            records(ecosystem)
                .iter()
                .map(move |record| (ecosystem, record))
        })
    }

    fn releases(record: &Compromise) -> &'static [BadRelease] {
        match record.affected {
            Affected::Every => &[],
            Affected::Releases(releases) => releases,
        }
    }

    #[test]
    fn tables_are_sorted_for_lookup() {
        for ecosystem in Ecosystem::ALL {
            assert!(
                records(ecosystem).is_sorted_by_key(|record| record.package),
                "{ecosystem}"
            );
        }
    }

    #[test]
    fn about_a_hundred_releases_are_known() {
        let counts = Ecosystem::ALL.map(count);
        assert!(
            counts.iter().sum::<usize>() >= 80 && counts.iter().all(|count| *count > 5),
            "{counts:?}"
        );
    }

    #[test]
    fn names_days_and_sentences_are_well_formed() {
        for (ecosystem, record) in all() {
            let name = PackageName::new(ecosystem, record.package.into());
            assert_eq!(
                (name.as_str(), name.check(ecosystem)),
                (record.package, Ok(()))
            );
            assert!(
                record.known_since.parse::<Date>().is_ok(),
                "{}",
                record.package
            );
            assert!(
                record.sentence.ends_with('.') && record.sentence.len() <= 140,
                "{}",
                record.package
            );
        }
    }

    #[test]
    fn ids_are_of_known_databases() {
        const DATABASES: [&str; 5] = ["MAL-", "GHSA-", "CVE-", "RUSTSEC-", "PYSEC-"];
        for (_, record) in all() {
            for id in record.ids {
                assert!(
                    DATABASES.iter().any(|database| id.starts_with(database)),
                    "{id}"
                );
            }
        }
    }

    #[test]
    fn the_last_good_release_is_never_a_bad_one() {
        for (ecosystem, record) in all() {
            let bad: Vec<&str> = all()
                .filter(|(other, same)| *other == ecosystem && same.package == record.package)
                .flat_map(|(_, same)| releases(same).iter().map(|release| release.version))
                .collect();
            for good in releases(record)
                .iter()
                .filter_map(|release| release.last_good)
            {
                assert!(!bad.contains(&good), "{} {good}", record.package);
                assert!(
                    admits(
                        ecosystem,
                        if ecosystem == Ecosystem::Npm {
                            "*"
                        } else {
                            ">=0"
                        },
                        good
                    )
                    .is_some(),
                    "{good}"
                );
            }
        }
    }
}
