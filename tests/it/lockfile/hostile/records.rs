//! Records that stand twice, lie where they must not, or are of another type than they should be.

use super::*;

#[test]
fn one_location_twice_is_refused() {
    let twice = npm_lock(&[
        ("axios", npm_record("axios", "1.14.0")),
        ("axios", npm_record("axios", "1.13.0")),
    ]);
    let problem = is_refused("two locations", "package-lock.json", twice);
    assert!(problem.message.contains("twice"), "{problem:?}");
    assert!(problem.line.is_some(), "{problem:?}");
}

/// Readers differ in which of two fields they take, so neither may hide the other.
#[test]
fn a_field_twice_is_refused() {
    let honest = clean_npm_lock();
    for (what, text) in [
        (
            "lockfileVersion",
            honest.replace(
                "\"lockfileVersion\":3",
                "\"lockfileVersion\":3,\"lockfileVersion\":3",
            ),
        ),
        (
            "packages",
            honest.replace("\"packages\":{", "\"packages\":{},\"packages\":{"),
        ),
        (
            "version",
            honest.replace(
                "\"version\":\"1.0.0\",\"resolved\"",
                "\"version\":\"9.9.9\",\"version\":\"1.0.0\",\"resolved\"",
            ),
        ),
    ] {
        assert_ne!(text, honest, "{what}");
        is_refused(what, "package-lock.json", text);
    }
    let cargo = clean_cargo_lock();
    for (what, text) in [
        (
            "version",
            cargo.replace("version = 4\n", "version = 4\nversion = 4\n"),
        ),
        (
            "checksum",
            cargo.replace("checksum = ", "checksum = \"0\"\nchecksum = "),
        ),
        (
            "name",
            cargo.replace("name = \"left\"\n", "name = \"left\"\nname = \"left\"\n"),
        ),
    ] {
        assert_ne!(text, cargo, "{what}");
        let problem = is_refused(what, "Cargo.lock", text);
        assert!(problem.line.is_some(), "{what}: {problem:?}");
    }
    let uv = clean_uv_lock();
    for (what, text) in [
        (
            "version",
            uv.replace("version = 1\n", "version = 1\nversion = 1\n"),
        ),
        (
            "name",
            uv.replace("name = \"left\"\n", "name = \"left\"\nname = \"left\"\n"),
        ),
    ] {
        assert_ne!(text, uv, "{what}");
        let problem = is_refused(what, "uv.lock", text);
        assert!(problem.line.is_some(), "{what}: {problem:?}");
    }
}

/// Version 1 names a package twice in one `dependencies`.
#[test]
fn a_package_twice_in_version_1_is_refused() {
    let (one, other) = (npm_record("left", "1.0.0"), npm_record("left", "2.0.0"));
    let text = format!(
        r#"{{"name":"app","lockfileVersion":1,"dependencies":{{"left":{one},"left":{other}}}}}"#
    );
    let problem = is_refused("two packages", "package-lock.json", text);
    assert!(problem.message.contains("twice"), "{problem:?}");
}

#[test]
fn other_types_than_expected_are_refused_or_passed_over_without_a_panic() {
    for value in ["null", "true", "0", "-1.5e300", "[]", "[1]", "{}", "\"x\""] {
        for (what, text) in [
            (
                "lockfileVersion",
                format!("{{\"lockfileVersion\":{value},\"packages\":{{}}}}"),
            ),
            (
                "packages",
                format!("{{\"lockfileVersion\":3,\"packages\":{value}}}"),
            ),
            (
                "dependencies",
                format!("{{\"lockfileVersion\":1,\"dependencies\":{value}}}"),
            ),
            (
                "a record",
                format!("{{\"lockfileVersion\":3,\"packages\":{{\"node_modules/a\":{value}}}}}"),
            ),
            (
                "the root",
                format!("{{\"lockfileVersion\":3,\"packages\":{{\"\":{value}}}}}"),
            ),
            (
                "a record of version 1",
                format!("{{\"lockfileVersion\":1,\"dependencies\":{{\"a\":{value}}}}}"),
            ),
            (
                "fields",
                format!(
                    "{{\"name\":{value},\"version\":{value},\"lockfileVersion\":3,\"packages\":{{\"node_modules/a\":{{\"name\":{value},\"version\":{value},\"resolved\":{value},\"integrity\":{value},\"link\":{value},\"dev\":{value},\"optional\":{value},\"inBundle\":{value},\"deprecated\":{value},\"dependencies\":{value},\"peerDependencies\":{value},\"peerDependenciesMeta\":{value},\"workspaces\":{value}}}}}}}"
                ),
            ),
        ] {
            let (_, report) = beside_a_bad_one("package-lock.json", text);
            is_tame(&format!("{what}: {value}"), &report);
            assert_eq!(report.code(), 1, "{what}: {value}");
        }
    }
    for value in ["true", "0", "1.5", "[]", "[1]", "{}", "\"x\"", "2026-11-01"] {
        for field in [
            "version", "package", "metadata", "manifest", "root", "patch",
        ] {
            for name in ["Cargo.lock", "uv.lock", "poetry.lock", "pdm.lock"] {
                let what = format!("{name} {field} = {value}");
                let (_, report) = beside_a_bad_one(name, format!("{field} = {value}\n"));
                is_tame(&what, &report);
                assert_eq!(report.code(), 1, "{what}");
            }
        }
        for field in [
            "name",
            "version",
            "source",
            "checksum",
            "dependencies",
            "replace",
            "wheels",
            "sdist",
            "metadata",
            "files",
            "extras",
            "groups",
            "markers",
            "git",
            "path",
        ] {
            for name in ["Cargo.lock", "uv.lock", "poetry.lock", "pdm.lock"] {
                let what = format!("{name} {field} = {value}");
                // The first keys are for uv, the table is for Poetry and PDM.
                let mut record = String::from(
                    "version = 1\n[metadata]\nlock-version = \"2.1\"\nlock_version = \"4.5\"\n[[package]]\n",
                );
                for (other, given) in [
                    ("name", "\"a\""),
                    ("version", "\"1.0.0\""),
                    (
                        "source",
                        "\"registry+https://github.com/rust-lang/crates.io-index\"",
                    ),
                ] {
                    if other != field {
                        let _ = writeln!(record, "{other} = {given}");
                    }
                }
                let _ = writeln!(record, "{field} = {value}");
                let (_, report) = beside_a_bad_one(name, record);
                is_tame(&what, &report);
                assert_eq!(report.code(), 1, "{what}");
            }
        }
    }
}

/// An entry that is no object is no package that was checked.
#[test]
fn a_record_that_is_no_object_is_refused() {
    for value in ["0", "true", "\"x\""] {
        let text = format!("{{\"lockfileVersion\":3,\"packages\":{{\"node_modules/a\":{value}}}}}");
        is_refused(value, "package-lock.json", text);
    }
}

/// A list is no record, whatever stands in it in whichever order.
#[test]
fn a_record_that_is_a_list_is_refused() {
    for value in ["[1]", r#"["left","1.0.0"]"#] {
        let text = format!("{{\"lockfileVersion\":3,\"packages\":{{\"node_modules/a\":{value}}}}}");
        let problem = is_refused_with_any_finding(value, &text);
        assert_eq!(problem.severity, "error");
    }
}

fn is_refused_with_any_finding(what: &str, text: &str) -> Problem {
    let (_, report) = beside_a_bad_one("package-lock.json", text);
    is_tame(what, &report);
    let found = problems(&report, "hostile/package-lock.json");
    let mut errors = found
        .into_iter()
        .filter(|problem| problem.severity == "error");
    errors
        .next()
        .unwrap_or_else(|| panic!("{what} is a problem: {}", start(&report.output.stdout)))
}

/// npm writes no such location for an installed package; where it would be installed is outside of `node_modules`.
#[test]
fn a_location_that_climbs_out_is_refused() {
    for location in ["../../etc/passwd", "left/../../../x", "..", "."] {
        let text = npm_lock(&[(location, npm_record("left", "1.0.0"))]);
        is_refused_with_any_finding(location, &text);
    }
}
