use super::*;
use crate::config::tests::{messages, valid};
use crate::package::source::{Registry, Source};
use crate::package::{PackageName, Version};

/// An entry that is valid on 2026-11-01, with one line replaced or, by an empty one, left out.
fn entry(key: &str, line: &str) -> String {
    let lines = [
        ("rule", "rule = \"deprecated\""),
        ("package", "package = \"pkg:npm/left@1.0.0\""),
        ("ids", ""),
        ("reason", "reason = \"soon replaced\""),
        ("owner", "owner = \"@web\""),
        ("expires", "expires = 2026-12-01"),
    ];
    let lines = lines.map(|(name, usual)| if name == key { line } else { usual });
    format!("[[accept]]\n{}\n", lines.join("\n"))
}

#[test]
fn an_entry_says_what_why_who_and_until_when() {
    let accepts = valid(&entry("ids", "ids = [\"GHSA-1\"]")).accepts;
    let [accept] = &accepts[..] else {
        panic!("one entry: {accepts:?}");
    };
    assert_eq!(accept.rule.id.0, "deprecated");
    assert_eq!(accept.subject(), "pkg:npm/left@1.0.0");
    assert_eq!(
        (&accept.reason[..], &accept.owner[..]),
        ("soon replaced", "@web")
    );
    assert_eq!(accept.ids, ["GHSA-1"]);
    assert_eq!(accept.expires.to_string(), "2026-12-01");
    assert_eq!(accept.location.line, 1);
    let file = valid(&entry("package", "file = \"web/package-lock.json\"")).accepts;
    assert_eq!(file[0].subject(), "web/package-lock.json");
}

#[test]
fn an_entry_may_hold_in_one_project_or_on_one_route() {
    let bound = |line: &str| {
        let accepts = valid(&entry("ids", line)).accepts;
        accepts[0].bound.clone()
    };
    assert_eq!(bound(""), Bound::default());
    let both = bound("project = \"services/rag\"\nvia = \"@scope/kit\"");
    assert_eq!(both.project, FilePath::new("services/rag"));
    assert_eq!(both.via.as_ref().map(Via::as_str), Some("@scope/kit"));
    assert_eq!(bound("project = \".\"").project, Some(FilePath::default()));
    let via = bound("via = \"pkg:npm/kit@1.0.0\"").via.expect("a route");
    let purl = |version: &str| {
        let name = PackageName::new(Ecosystem::Npm, "kit".into());
        let version = Version::new(version.into());
        Purl::new(
            Ecosystem::Npm,
            &name,
            Some(&version),
            &Source::Registry(Registry::Public),
        )
    };
    assert!(via.means(Ecosystem::Npm, "kit", || purl("1.0.0")));
    assert!(!via.means(Ecosystem::Npm, "kit", || purl("2.0.0")));
    let by_name = bound("via = \"Kit_A\"").via.expect("a route");
    assert!(by_name.means(Ecosystem::Pypi, "kit-a", || purl("1.0.0")));
    assert!(!by_name.means(Ecosystem::Npm, "kit-a", || purl("1.0.0")));
}

#[test]
fn bounds_that_mean_nothing_are_errors() {
    let errors = messages(&entry("ids", "project = \"../x\"\nvia = \"pkg:gem/x\""));
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(
        errors[0].contains("`../x`: no folder below the root"),
        "{errors:?}"
    );
    let file = entry("package", "file = \"package-lock.json\"\nvia = \"left\"");
    assert!(messages(&file)[0].contains("`file` and `via` exclude each other"));
}

#[test]
fn what_is_missing_or_empty_is_an_error() {
    for key in ["rule", "package", "reason", "owner", "expires"] {
        let errors = messages(&entry(key, ""));
        assert_eq!(errors, [format!("1:1 [[accept]] without `{key}` | ")]);
    }
    for key in ["reason", "owner"] {
        let errors = messages(&entry(key, &format!("{key} = \"  \"")));
        assert!(
            errors[0].contains(&format!("`{key}` is empty")),
            "{errors:?}"
        );
    }
}

#[test]
fn every_error_of_an_entry_is_told() {
    let text = "[[accept]]\nrule = \"deprecatd\"\npackage = \"left\"\nreson = \"x\"\nexpires = \"2026-12-01\"\n";
    let errors = messages(text);
    assert_eq!(
        errors,
        [
            "1:1 [[accept]] without `reason` | ",
            "1:1 [[accept]] without `owner` | ",
            "2:8 `deprecatd` is no rule | did you mean `deprecated`?",
            &errors[3],
            "4:1 unknown key `reson` in [[accept]] | did you mean `reason`?",
            "5:11 expected a day such as 2027-01-15, without quotes and time, found a text | ",
        ]
    );
    assert!(
        errors[3].starts_with("3:11 `left` is no package URL: "),
        "{errors:?}"
    );
}

#[test]
fn nothing_is_accepted_for_more_than_180_days() {
    valid(&entry("expires", "expires = 2027-04-30"));
    assert_eq!(
        messages(&entry("expires", "expires = 2027-05-01")),
        ["7:11 2027-05-01 is more than 180 days away | 2027-04-30 at the latest"]
    );
    let expired = valid(&entry("expires", "expires = 2020-01-01")).accepts;
    assert_eq!(expired.len(), 1, "an entry that has ended is no error");
    let time = messages(&entry("expires", "expires = 2026-12-01T00:00:00Z"));
    assert!(time[0].contains("expected a day"), "{time:?}");
}

#[test]
fn an_entry_holds_through_its_last_day() {
    let accept = &valid(&entry("", "")).accepts[0];
    let at = |time: &str| accept.is_expired(time.parse().expect("a time"));
    assert!(!at("2026-12-01T23:59:59Z"));
    assert!(at("2026-12-02T00:00:00Z"));
}

#[test]
fn a_known_attack_is_accepted_for_7_days_and_by_its_id() {
    let of = |expires: &str, ids: &str| {
        format!(
            "[[accept]]\nrule = \"malicious-package\"\npackage = \"pkg:npm/axios@1.14.1\"\nreason = \"a\"\nowner = \"b\"\nexpires = {expires}\n{ids}\n"
        )
    };
    valid(&of("2026-11-08", "ids = [\"GHSA-1\"]"));
    assert_eq!(
        messages(&of("2026-11-09", "ids = [\"GHSA-1\"]")),
        ["6:11 2026-11-09 is more than 7 days away | 2026-11-08 at the latest"]
    );
    for ids in ["", "ids = []"] {
        let errors = messages(&of("2026-11-08", ids));
        assert_eq!(errors, ["1:1 [[accept]] without `ids` | "]);
    }
}

#[test]
fn an_accepted_release_does_not_shelter_the_next() {
    let text = entry("package", "package = \"pkg:npm/left\"").replace("deprecated", "weak-hash");
    assert!(messages(&text)[0].contains("names no version"));
    valid(&entry("package", "package = \"pkg:npm/left\""));
}

#[test]
fn a_target_is_one_package_or_one_file() {
    for (line, message) in [
        (
            "package = \"pkg:npm/a@1\"\nfile = \"a\"",
            "exclude each other",
        ),
        ("file = \"../a\"", "no path below the root"),
        (
            "package = \"pkg:gem/a@1\"",
            "the ecosystem `gem` is not audited",
        ),
    ] {
        let errors = messages(&entry("package", line));
        assert!(errors[0].contains(message), "{errors:?}");
    }
    assert!(messages("accept = 1\n")[0].contains("expected a list"));
    assert!(messages("accept = [1]\n")[0].contains("expected a table"));
}
