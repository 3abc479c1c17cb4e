use proptest::prelude::*;

use super::*;

const ECOSYSTEMS: [Ecosystem; 3] = [Ecosystem::Cargo, Ecosystem::Npm, Ecosystem::Pypi];

#[test]
fn releases_are_compared_as_their_registry_does() {
    assert!(is_same_release(Ecosystem::Pypi, "1.0", "1.0.0"));
    assert!(is_same_release(Ecosystem::Pypi, "1.0RC1", "1.0.0rc1"));
    assert!(!is_same_release(Ecosystem::Pypi, "1.0", "1.0+cu128"));
    assert!(is_same_release(
        Ecosystem::Cargo,
        "0.10.2+wasi-snapshot-preview1",
        "0.10.2"
    ));
    assert!(is_same_release(Ecosystem::Npm, "=v1.0.0", "1.0.0"));
    assert!(!is_same_release(Ecosystem::Npm, "1.0", "1.0.0"));
}

#[test]
fn requirements_are_read_in_the_tools_own_grammar() {
    assert_eq!(admits(Ecosystem::Cargo, "1.2", "1.9.0"), Some(true));
    assert_eq!(admits(Ecosystem::Npm, "1.2", "1.9.0"), Some(false));
    assert_eq!(
        admits(Ecosystem::Npm, "^1.14.0 || >=3", "1.14.0"),
        Some(true)
    );
    assert_eq!(
        admits(Ecosystem::Pypi, ">=1.75,<1.82.7", "1.82.6"),
        Some(true)
    );
    assert_eq!(admits(Ecosystem::Pypi, "latest", "1.0"), None);
}

#[test]
fn versions_compare_by_their_ecosystem() {
    for ecosystem in [Ecosystem::Cargo, Ecosystem::Npm] {
        assert_eq!(
            compare(ecosystem, "1.4.0-rc.2", "v1.4"),
            Some(Ordering::Less)
        );
        assert_eq!(
            compare(ecosystem, "1.4.0-post1", "1.4.0"),
            Some(Ordering::Less)
        );
        assert_eq!(compare(ecosystem, "latest", "1.4.0"), None);
    }
    assert_eq!(
        compare(Ecosystem::Npm, "= v1.4.0", "1.4.0"),
        Some(Ordering::Equal)
    );
    assert_eq!(
        compare(Ecosystem::Pypi, "1.4.0-post1", "1.4.0"),
        Some(Ordering::Greater)
    );
    assert_eq!(
        compare(Ecosystem::Pypi, "latest", "1.4.0"),
        Some(Ordering::Less)
    );
}

#[test]
fn starts_of_ranges_are_read_everywhere() {
    for ecosystem in ECOSYSTEMS {
        assert_eq!(compare(ecosystem, "0", "0.0.0"), Some(Ordering::Equal));
        assert_eq!(compare(ecosystem, "0", "1.2"), Some(Ordering::Less));
        assert!(VersionOrder::parse(ecosystem, "0.0.0-0").is_some());
    }
}

#[test]
fn parsing_takes_long_hostile_texts() {
    for piece in [
        "1.", "0", "9", "-", ".", "+", "v", "1.0-", "1+a.", "a1", "1!", "\u{130}", " ", "\0",
    ] {
        let text = format!("1{}", piece.repeat(10_000 / piece.len()));
        for ecosystem in ECOSYSTEMS {
            let found = compare(ecosystem, &text, &text);
            assert!(
                found.is_none_or(Ordering::is_eq),
                "{piece:?} in {ecosystem:?}"
            );
        }
    }
}

/// Makes versions from few pieces, so that many are equal or close.
fn version() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "v?(0!|1!)?(0|1|01|99999999999999999999)(\\.[01]){0,4}([-.]?(a|b|B|rc|dev|post|-|x)(\\.?[01]){0,2}){0,2}(\\+[01a](\\.[01a])?)?",
        1 => "\\PC{0,12}",
    ]
}

/// Says whether a comparison of each pair follows from the others.
fn is_lawful(one: &VersionOrder<'_>, two: &VersionOrder<'_>, three: &VersionOrder<'_>) -> bool {
    let mut sorted = [one, two, three];
    sorted.sort();
    one.cmp(two) == two.cmp(one).reverse()
        && one.cmp(one).is_eq()
        && (one == two) == one.cmp(two).is_eq()
        && sorted[0] <= sorted[2]
        && (sorted[0] < sorted[2] || (sorted[0] == sorted[1] && sorted[1] == sorted[2]))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn versions_are_in_a_total_order(one in version(), two in version(), three in version()) {
        for ecosystem in ECOSYSTEMS {
            let parsed = [&one, &two, &three].map(|text| VersionOrder::parse(ecosystem, text));
            if let [Some(first), Some(second), Some(third)] = &parsed {
                prop_assert!(is_lawful(first, second, third), "{ecosystem:?}: {one} {two} {three}");
            }
        }
    }

    #[test]
    fn well_formed_versions_have_a_place(text in version()) {
        for ecosystem in ECOSYSTEMS {
            let version = Version::new(Untrusted::from(text.as_str()));
            prop_assert!(!version.is_well_formed(ecosystem) || VersionOrder::parse(ecosystem, &text).is_some());
        }
    }

    #[test]
    fn order_agrees_with_the_semver_crate(
        one in "[0-2]\\.[0-2]\\.[0-2](-[0-9aB-]{1,2}(\\.[0-9aB-]{1,2})?)?",
        other in "[0-2]\\.[0-2]\\.[0-2](-[0-9aB-]{1,2}(\\.[0-9aB-]{1,2})?)?",
    ) {
        if let (Ok(first), Ok(second)) = (semver::Version::parse(&one), semver::Version::parse(&other)) {
            prop_assert_eq!(compare(Ecosystem::Cargo, &one, &other), Some(first.cmp_precedence(&second)));
        }
    }

    #[test]
    fn no_text_breaks_parsing(text in any::<String>(), other in "[-0-9a-z.+! ]{0,200}") {
        for ecosystem in ECOSYSTEMS {
            let _ = compare(ecosystem, &text, &other);
        }
    }
}
