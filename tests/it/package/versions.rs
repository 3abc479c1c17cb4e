//! The version order against lists of comparisons that other auditors agree on.

use std::cmp::Ordering;

use linchpin::package::Ecosystem;
use linchpin::package::version::compare;

use crate::support::shared;

/// Lists the comparisons of a file (`A < B` a line) that do not hold both ways.
fn broken(ecosystem: Ecosystem, list: &str) -> Vec<&str> {
    let cases = list.lines().filter(|line| is_case(line));
    cases.filter(|case| !holds(ecosystem, case)).collect()
}

fn is_case(line: &str) -> bool {
    !line.is_empty() && !line.starts_with("# ") && !line.starts_with("// ")
}

fn holds(ecosystem: Ecosystem, case: &str) -> bool {
    let [one, sign, other] = case.split(' ').collect::<Vec<_>>()[..] else {
        panic!("a comparison: {case}");
    };
    let expected = ordering(sign);
    compare(ecosystem, one, other) == Some(expected)
        && compare(ecosystem, other, one) == Some(expected.reverse())
}

fn ordering(sign: &str) -> Ordering {
    match sign {
        "<" => Ordering::Less,
        "=" => Ordering::Equal,
        ">" => Ordering::Greater,
        _ => panic!("a sign of comparison: {sign}"),
    }
}

fn assert_holds(ecosystem: Ecosystem, file: &str) {
    let Some(folder) = shared::folder("conformance-versions") else {
        return;
    };
    let list = std::fs::read_to_string(folder.join(file)).expect("a list of comparisons");
    assert!(list.lines().any(is_case), "{file} has comparisons");
    assert_eq!(broken(ecosystem, &list), Vec::<&str>::new(), "{file}");
}

#[test]
fn crates_io_orders_versions_by_semver() {
    assert_holds(Ecosystem::Cargo, "semver-versions.txt");
}

#[test]
fn npm_orders_versions_by_semver() {
    assert_holds(Ecosystem::Npm, "semver-versions.txt");
}

#[test]
fn pypi_orders_versions_by_pep_440() {
    assert_holds(Ecosystem::Pypi, "pypi-versions.txt");
}

#[test]
fn pypi_orders_versions_that_were_published() {
    assert_holds(Ecosystem::Pypi, "pypi-versions-generated.txt");
}
