use super::super::model::{EntryKind, Lockfile, ProblemSeverity};
use super::super::testing::{self, edges};
use super::super::{LockfileFormat, SourceFile, detect};
use super::YarnZpm;
use crate::files::MapFiles;
use crate::lockfile::{Limits, LockfileError};

const ENTRIES: &str = r#"
    "left@npm:^1, left@npm:1.0.0": {
      "checksum": "00ff",
      "resolution": {
        "resolution": "left@npm:1.0.0",
        "version": "1.0.0",
        "dependencies": { "right": "^2", "extra": "^1" },
        "peerDependencies": { "react": "*" },
        "optionalDependencies": ["extra"]
      }
    },
    "right@npm:^2": { "resolution": { "resolution": "right@npm:2.0.0", "version": "2.0.0" } },
    "extra@npm:^1": { "resolution": { "resolution": "extra@npm:1.0.0", "version": "1.0.0" } },
    "alias@npm:real@^1": { "resolution": { "resolution": "alias@npm:real@1.2.3", "version": "1.2.3" } }
"#;

fn file(entries: &str) -> SourceFile {
    let text = format!(
        "{{\n  \"__metadata\": {{ \"version\": 9 }},\n  \"workspaces\": {{ \"app\": \"00\" }},\n  \"entries\": {{{entries}}}\n}}\n"
    );
    testing::file("web/yarn.lock", &text)
}

fn read<'a>(file: &'a SourceFile, files: &[(&str, &str)]) -> Lockfile<'a> {
    testing::read(&YarnZpm, file, &MapFiles::new(files.iter().copied()))
}

#[test]
fn records_are_in_the_file_and_the_project_in_its_manifests() {
    let file = file(ENTRIES);
    let files = [
        (
            "web/package.json",
            r#"{"name":"app","workspaces":["packages/*"],"dependencies":{"left":"^1"},"devDependencies":{"alias":"npm:real@^1"}}"#,
        ),
        (
            "web/packages/b/package.json",
            r#"{"name":"b","dependencies":{"left":"1.0.0","app":"workspace:*"}}"#,
        ),
    ];
    let lockfile = read(&file, &files);
    assert_eq!(
        edges(&lockfile),
        [
            " -> packages/b normal",
            " -> left@npm:1.0.0 normal",
            " -> alias@npm:real@1.2.3 dev",
            "packages/b -> left@npm:1.0.0 normal",
            "left@npm:1.0.0 -> right@npm:2.0.0 normal",
            "left@npm:1.0.0 -> extra@npm:1.0.0 optional",
        ]
    );
    assert_eq!(lockfile.problems, []);
    assert_eq!(lockfile.entries[4].name.as_str(), "real");
    assert_eq!(file.locate(lockfile.entries[1].span.start).line, 5);
    assert!(!lockfile.entries[1].artifacts[0].integrity.is_empty());
    assert_eq!(lockfile.entries[5].kind, EntryKind::Workspace);
}

#[test]
fn a_range_that_no_record_answers_is_an_error() {
    let file = file(ENTRIES);
    let manifest = r#"{"name":"app","dependencies":{"right":"^3","nowhere":"1"}}"#;
    let lockfile = read(&file, &[("web/package.json", manifest)]);
    let errors = lockfile
        .problems
        .iter()
        .filter(|problem| problem.severity == ProblemSeverity::Error);
    let errors: Vec<_> = errors.map(|problem| problem.message.as_str()).collect();
    assert_eq!(
        errors,
        [
            "`app` depends on `right@^3`, which this lockfile does not hold; the only package of that name was taken",
            "`app` depends on `nowhere@1`, which this lockfile does not hold",
        ]
    );
}

#[test]
fn other_json_is_refused_and_other_versions_are_read_with_a_warning() {
    let other = testing::file("yarn.lock", "{\"__metadata\":{\"version\":9}}");
    assert!(matches!(
        YarnZpm.parse(&other, &MapFiles::default(), &Limits::default()),
        Err(LockfileError::Unreadable { .. })
    ));
    for text in ["{", "[]", "null", "{\"entries\":{\"a@npm:1\":[1]}}"] {
        let file = testing::file("yarn.lock", text);
        assert!(
            YarnZpm
                .parse(&file, &MapFiles::default(), &Limits::default())
                .is_err(),
            "{text}"
        );
    }
    let later = testing::file(
        "yarn.lock",
        "{\"__metadata\":{\"version\":10},\"entries\":{}}",
    );
    assert_eq!(
        read(&later, &[]).problems[0].severity,
        ProblemSeverity::Warning
    );
}

#[test]
fn a_record_without_a_resolution_is_an_error_and_a_repeated_key_too() {
    let record = r#"{ "resolution": { "resolution": "a@npm:1.0.0", "version": "1.0.0" } }"#;
    let file = file(&format!(
        "\"b@npm:1\": {{}}, \"a@npm:1\": {record}, \"a@npm:1\": {record}"
    ));
    let lockfile = read(&file, &[("web/package.json", "{}")]);
    let messages: Vec<_> = lockfile
        .problems
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    assert_eq!(
        messages,
        [
            "the record `b@npm:1` does not say which package it is; it was left out",
            "`a@npm:1.0.0` stands twice in this lockfile",
            "`a@1` stands twice in this lockfile",
        ]
    );
}

#[test]
fn the_form_is_told_by_the_content() {
    let id = |text: &str| {
        let file = testing::file("a/yarn.lock", text);
        detect(&file).map(|format| format.id().0)
    };
    assert_eq!(id("{ \"__metadata\": {} }"), Some("yarn-zpm"));
    assert_eq!(
        id("# comment\n\n__metadata:\n  version: 8\n"),
        Some("yarn-berry")
    );
    assert_eq!(id("# yarn lockfile v1\n"), Some("yarn-v1"));
    assert_eq!(id("a@1:\n  version \"1\"\n"), Some("yarn-v1"));
}
