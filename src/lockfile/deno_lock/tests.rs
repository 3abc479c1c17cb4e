use super::super::model::{EntryKind, LockedEntry, Lockfile, ProblemSeverity, Scope, Unjudged};
use super::super::testing;
use super::super::{LockfileFormat, SourceFile};
use super::DenoLock;
use crate::files::MapFiles;
use crate::lockfile::{Limits, LockfileError};
use crate::package::source::Registry;
use crate::package::{Source, Version};

const SRI: &str = "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==";

fn file(text: &str) -> SourceFile {
    testing::file("web/deno.lock", text)
}

fn read<'a>(file: &'a SourceFile, files: &MapFiles) -> Lockfile<'a> {
    testing::read(&DenoLock, file, files)
}

fn read_alone(file: &SourceFile) -> Lockfile<'_> {
    read(file, &MapFiles::default())
}

fn messages(lockfile: &Lockfile<'_>, severity: ProblemSeverity) -> Vec<String> {
    let problems = lockfile.problems.iter();
    problems
        .filter(|problem| problem.severity == severity)
        .map(|problem| problem.message.as_str().to_owned())
        .collect()
}

fn errors(lockfile: &Lockfile<'_>) -> Vec<String> {
    messages(lockfile, ProblemSeverity::Error)
}

fn named<'l, 'a>(lockfile: &'l Lockfile<'a>, key: &str) -> &'l LockedEntry<'a> {
    let mut entries = lockfile.entries.iter();
    entries
        .find(|entry| entry.key.as_str() == key)
        .expect("an entry of that key")
}

fn version<'l>(entry: &'l LockedEntry<'_>) -> Option<&'l str> {
    entry.version.as_ref().map(Version::as_str)
}

#[test]
fn every_version_of_the_format_says_the_same() {
    let record = |dependencies: &str| {
        format!(
            r#"{{"a@1.0.0_p@2.0.0": {{"integrity": "{SRI}", "dependencies": {dependencies}}}, "p@2.0.0": {{"integrity": "{SRI}"}}}}"#
        )
    };
    let object = record(r#"{"p": "p@2.0.0"}"#);
    let list = record(r#"["p"]"#);
    for text in [
        format!(
            r#"{{"version": "2", "remote": {{}}, "npm": {{"specifiers": {{"a@1": "a@1.0.0_p@2.0.0"}}, "packages": {object}}}}}"#
        ),
        format!(
            r#"{{"version": "3", "packages": {{"specifiers": {{"npm:a@1": "npm:a@1.0.0_p@2.0.0"}}, "npm": {object}}}, "remote": {{}}}}"#
        ),
        format!(
            r#"{{"version": "4", "specifiers": {{"npm:a@1": "1.0.0_p@2.0.0"}}, "npm": {list}}}"#
        ),
        format!(
            r#"{{"version": "5", "specifiers": {{"npm:a@1": "1.0.0_p@2.0.0"}}, "npm": {list}}}"#
        ),
    ] {
        let file = file(&text);
        let lockfile = read_alone(&file);
        let mut edges = testing::edges(&lockfile);
        edges.sort();
        assert_eq!(
            edges,
            [
                " -> a@1.0.0_p@2.0.0 normal",
                "a@1.0.0_p@2.0.0 -> p@2.0.0 normal"
            ],
            "{text}"
        );
        let asked = lockfile.dependencies.iter().find(|edge| edge.from == 0);
        let range = asked.and_then(|edge| edge.requirement.as_ref());
        assert_eq!(
            range.and_then(crate::text::Untrusted::as_borrowed),
            Some("1"),
            "{text}"
        );
        let entry = &lockfile.entries[1];
        assert_eq!(entry.name.as_str(), "a", "{text}");
        assert_eq!(version(entry), Some("1.0.0"), "{text}");
        assert!(!entry.artifacts[0].integrity.is_empty(), "{text}");
        assert_eq!(entry.source, Source::Registry(Registry::Public));
        assert!(
            lockfile.problems.is_empty(),
            "{text}: {:?}",
            lockfile.problems
        );
    }
}

#[test]
fn one_package_with_other_peers_is_there_twice() {
    let file = file(
        r#"{"version": "5", "specifiers": {"npm:@s/a@1": "1.0.0_p@1.0.0", "npm:b@*": "2.0.0"}, "npm": {
        "@s/a@1.0.0_p@1.0.0": {"dependencies": ["p@1.0.0"]},
        "@s/a@1.0.0_p@2.0.0__@s+q@3.0.0": {"dependencies": ["p@2.0.0"]},
        "b@2.0.0": {"dependencies": ["@s/a@1.0.0_p@2.0.0__@s+q@3.0.0"]},
        "p@1.0.0": {}, "p@2.0.0": {}}}"#,
    );
    let lockfile = read_alone(&file);
    assert_eq!(
        testing::edges(&lockfile),
        [
            "@s/a@1.0.0_p@1.0.0 -> p@1.0.0 normal",
            "@s/a@1.0.0_p@2.0.0__@s+q@3.0.0 -> p@2.0.0 normal",
            "b@2.0.0 -> @s/a@1.0.0_p@2.0.0__@s+q@3.0.0 normal",
            " -> @s/a@1.0.0_p@1.0.0 normal",
            " -> b@2.0.0 normal",
        ]
    );
    for entry in &lockfile.entries[1..3] {
        assert_eq!(
            (entry.name.as_str(), version(entry)),
            ("@s/a", Some("1.0.0"))
        );
    }
    assert_eq!(file.locate(lockfile.entries[2].span.start).line, 3);
}

#[test]
fn an_alias_is_the_package_that_it_stands_for() {
    let file = file(
        r#"{"version": "4", "specifiers": {"npm:a@1": "1.0.0"}, "npm": {
        "a@1.0.0": {"dependencies": ["x@npm:@s/real@2.0.0_a@1.0.0"]}, "@s/real@2.0.0_a@1.0.0": {}}}"#,
    );
    let lockfile = read_alone(&file);
    assert_eq!(
        testing::edges(&lockfile),
        [
            "a@1.0.0 -> @s/real@2.0.0_a@1.0.0 normal",
            " -> a@1.0.0 normal"
        ]
    );
}

#[test]
fn optional_dependencies_and_peers_may_be_missing_and_keep_their_kind() {
    let file = file(
        r#"{"version": "5", "specifiers": {"npm:a@1": "1.0.0"}, "npm": {
        "a@1.0.0": {"dependencies": ["b", "p"], "optionalDependencies": ["o", "gone"], "optionalPeers": ["p"]},
        "b@1.0.0": {}, "o@1.0.0": {"os": ["linux"]}, "p@1.0.0": {}}}"#,
    );
    let lockfile = read_alone(&file);
    assert_eq!(
        testing::edges(&lockfile)[..3],
        [
            "a@1.0.0 -> b@1.0.0 normal",
            "a@1.0.0 -> o@1.0.0 optional",
            "a@1.0.0 -> p@1.0.0 peer"
        ]
    );
    assert!(lockfile.problems.is_empty(), "{:?}", lockfile.problems);
}

#[test]
fn a_name_of_several_means_the_last_and_is_told() {
    let file = file(
        r#"{"version": "5", "specifiers": {"npm:a@1": "1.0.0"}, "npm": {
        "a@1.0.0": {"dependencies": ["b"]}, "b@2.0.0": {}, "b@1.0.0": {}}}"#,
    );
    let lockfile = read_alone(&file);
    assert_eq!(testing::edges(&lockfile)[0], "a@1.0.0 -> b@2.0.0 normal");
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Warning),
        ["`a@1.0.0` asks for `b`, of which this lockfile holds several; deno takes the last"]
    );
}

#[test]
fn jsr_and_remote_modules_are_counted_and_what_they_bring_hangs_on_the_root() {
    let file = file(
        r#"{"version": "5",
        "specifiers": {"jsr:@s/x@1": "1.0.0", "npm:own@1": "1.0.0", "npm:code@1": "1.0.0", "npm:theirs@^2": "2.0.0", "npm:both@1": "1.0.0", "npm:own@^1.0.0": "1.0.0"},
        "jsr": {"@s/x@1.0.0": {"integrity": "00", "dependencies": ["npm:theirs", "npm:both@1", "npm:own@^1.0.0", "jsr:@s/y"]}, "@s/y@1.0.0": {"integrity": "00"}},
        "npm": {"own@1.0.0": {}, "code@1.0.0": {}, "theirs@2.0.0": {}, "both@1.0.0": {}},
        "redirects": {"https://a.example/x": "https://a.example/x@1"},
        "remote": {"https://a.example/x@1": "00", "https://a.example/y@1": "00", "https://a.example/z@1": "00"},
        "workspace": {"dependencies": ["jsr:@s/x@1", "npm:own@1", "npm:both@1"]}}"#,
    );
    let lockfile = read_alone(&file);
    assert_eq!(
        lockfile.unjudged,
        [
            Unjudged {
                what: "packages of JSR",
                count: 2
            },
            Unjudged {
                what: "remote modules",
                count: 3
            }
        ]
    );
    let mut edges = testing::edges(&lockfile);
    edges.sort();
    assert_eq!(
        edges,
        [
            " -> both@1.0.0 normal",
            " -> code@1.0.0 normal",
            " -> own@1.0.0 normal",
            " -> theirs@2.0.0 unattached"
        ]
    );
    let theirs = lockfile
        .dependencies
        .iter()
        .find(|edge| edge.marker.is_some());
    let theirs = theirs.expect("an edge with a marker");
    assert_eq!(
        theirs
            .marker
            .as_ref()
            .map(|text| text.as_str().to_owned())
            .as_deref(),
        Some("jsr:@s/x@1.0.0")
    );
    assert_eq!(theirs.reach, Scope::Prod);
    assert!(lockfile.problems.is_empty(), "{:?}", lockfile.problems);
}

/// A workspace with a member, a package.json in both, and what they ask for.
const WORKSPACE: &str = r#"{"version": "5",
    "specifiers": {"npm:a@1": "1.0.0", "npm:d@^1": "1.0.0", "npm:o@1": "1.0.0", "npm:real@1": "1.0.0"},
    "npm": {"a@1.0.0": {}, "d@1.0.0": {}, "o@1.0.0": {}, "real@1.0.0": {}},
    "workspace": {"dependencies": ["npm:a@1"], "packageJson": {"dependencies": ["npm:d@^1", "npm:o@1"]},
    "members": {"packages/m": {"dependencies": ["npm:d@^1"], "packageJson": {"dependencies": ["npm:real@1"]}}}}}"#;

#[test]
fn members_hang_on_the_root_and_manifests_say_what_is_for_development() {
    let file = file(WORKSPACE);
    let files = MapFiles::new([
        (
            "web/package.json",
            r#"{"name":"site","devDependencies":{"d":"^1"},"optionalDependencies":{"o":"1"}}"#,
        ),
        (
            "web/packages/m/package.json",
            r#"{"name":"@s/m","devDependencies":{"x":"npm:real@1"}}"#,
        ),
    ]);
    let lockfile = read(&file, &files);
    assert_eq!(
        testing::edges(&lockfile),
        [
            " -> a@1.0.0 normal",
            " -> d@1.0.0 dev",
            " -> o@1.0.0 optional",
            " -> packages/m normal",
            "packages/m -> d@1.0.0 normal",
            "packages/m -> real@1.0.0 dev",
        ]
    );
    let member = named(&lockfile, "packages/m");
    assert_eq!(member.kind, EntryKind::Workspace);
    assert_eq!(member.name.as_str(), "@s/m");
    assert_eq!(lockfile.entries[0].name.as_str(), "site");
    assert_eq!(errors(&lockfile), [""; 0]);
    let manifests: Vec<_> = lockfile
        .manifests
        .iter()
        .map(crate::path::FilePath::as_str)
        .collect();
    assert_eq!(
        manifests,
        ["web/package.json", "web/packages/m/package.json"]
    );
}

#[test]
fn without_manifests_members_are_named_by_their_folders() {
    let file = file(WORKSPACE);
    let lockfile = read_alone(&file);
    assert_eq!(named(&lockfile, "packages/m").name.as_str(), "m");
    assert_eq!(testing::edges(&lockfile)[1], " -> d@1.0.0 normal");
}

#[test]
fn manifests_that_moved_on_are_told() {
    let file = file(WORKSPACE);
    let files = MapFiles::new([
        (
            "web/package.json",
            r#"{"name":"site","dependencies":{"fresh":"1","m":"*","git":"o/r","local":"file:x","o":"2"}}"#,
        ),
        (
            "web/packages/m/package.json",
            r#"{"name":"m","devDependencies":{"late":"npm:later@1"}}"#,
        ),
    ]);
    let lockfile = read(&file, &files);
    assert_eq!(
        errors(&lockfile),
        [
            "it asks for `fresh`, which this lockfile does not hold",
            "it asks for `later`, which this lockfile does not hold"
        ]
    );
}

#[test]
fn linked_packages_are_the_projects_own() {
    let file = file(
        r#"{"version": "5", "specifiers": {"npm:a@1": "1.0.0_b@1.0.0"}, "npm": {"a@1.0.0_b@1.0.0": {"dependencies": ["b"]}, "b@1.0.0": {}},
        "workspace": {"links": {"npm:a@1.0.0": {"dependencies": ["npm:b@1"]}}}}"#,
    );
    let lockfile = read_alone(&file);
    assert_eq!(lockfile.entries[1].kind, EntryKind::Workspace);
    assert!(matches!(lockfile.entries[1].source, Source::Path(_)));
    assert_eq!(lockfile.entries[2].kind, EntryKind::Package);
}

#[test]
fn a_link_does_not_make_a_folder_of_an_archive() {
    for archive in [
        format!(r#""integrity": "{SRI}""#),
        r#""tarball": "https://h.example/a.tgz""#.to_owned(),
    ] {
        let file = file(&format!(
            r#"{{"version": "5", "specifiers": {{"npm:a@1": "1.0.0"}}, "npm": {{"a@1.0.0": {{{archive}}}}},
            "workspace": {{"links": {{"npm:a@1.0.0": {{}}}}}}}}"#
        ));
        let lockfile = read_alone(&file);
        assert_eq!(lockfile.entries[1].kind, EntryKind::Package, "{archive}");
        assert_eq!(
            errors(&lockfile),
            [
                "`a@1.0.0` is said to be a folder of the project, but its record is that of an archive; it was taken for one"
            ]
        );
    }
}

#[test]
fn an_object_must_stand_where_packages_belong() {
    for text in [
        r#"{"version": "5", "specifiers": true, "npm": {}}"#,
        r#"{"version": "5", "specifiers": {}, "npm": true}"#,
    ] {
        let file = file(text);
        let read = DenoLock.parse(&file, &MapFiles::default(), &Limits::default());
        assert!(matches!(read, Err(LockfileError::Syntax { .. })), "{text}");
    }
}

#[test]
fn other_registries_and_notices_are_kept() {
    let file = file(
        r#"{"version": "5", "specifiers": {"npm:a@1": "1.0.0", "npm:b@1": "1.0.0"}, "npm": {
        "a@1.0.0": {"tarball": "https://npm.example.org/a/-/a-1.0.0.tgz", "deprecated": true}, "b@1.0.0": {"integrity": "sha512-none"}}}"#,
    );
    let lockfile = read_alone(&file);
    let entry = &lockfile.entries[1];
    assert_eq!(
        entry.source,
        Source::Registry(Registry::Other("https://npm.example.org/".into()))
    );
    assert!(entry.artifacts[0].url.is_some() && entry.deprecated.is_some());
    assert!(lockfile.entries[2].deprecated.is_none());
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Warning),
        ["the integrity of `b@1.0.0` holds no digest that can be read; it counts as missing"]
    );
}

#[test]
fn what_is_missing_is_an_error_where_the_project_asks() {
    let file = file(
        r#"{"version": "5", "specifiers": {"npm:a@1": "1.0.0", "npm:lost@1": "1.0.0"}, "npm": {"a@1.0.0": {"dependencies": ["gone"]}},
        "workspace": {"dependencies": ["npm:a@1", "npm:never@1", "jsr:@s/own@1"]}}"#,
    );
    let lockfile = read_alone(&file);
    assert_eq!(
        errors(&lockfile),
        ["`web` depends on `npm:lost@1`, which this lockfile does not hold"]
    );
    assert_eq!(messages(&lockfile, ProblemSeverity::Note).len(), 1);
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Warning),
        ["`a` depends on `gone`, which this lockfile does not hold"]
    );
}

#[test]
fn bad_records_are_told_with_their_lines_and_the_rest_is_kept() {
    let file = file(
        "{\"version\": \"5\", \"specifiers\": {\"npm:a@1\": \"1.0.0\"}, \"npm\": {\n\"a@1.0.0\": {\"dependencies\": [\"b\", 7]},\n\"b@1.0.0\": {},\n\"b@1.0.0\": {},\n\"nameless\": {},\n\"text@1.0.0\": \"x\",\n\"odd@1.0.0\": {\"dependencies\": true}}}",
    );
    let lockfile = read_alone(&file);
    let places: Vec<_> = lockfile
        .problems
        .iter()
        .filter(|problem| problem.severity == ProblemSeverity::Error)
        .filter_map(|problem| problem.location)
        .map(|place| place.line)
        .collect();
    assert_eq!(places, [4, 5, 6, 2, 7]);
    assert_eq!(lockfile.recorded(), 4);
}

#[test]
fn a_configuration_that_asks_for_more_makes_the_lockfile_stale() {
    let file = file(
        r#"{"version": "5", "specifiers": {"npm:a@1": "1.0.0"}, "npm": {"a@1.0.0": {}},
            "workspace": {"dependencies": ["npm:a@1"], "members": {"api": {"dependencies": ["npm:a@1"]}}}}"#,
    );
    let files = MapFiles::new([
        (
            "web/deno.json",
            r#"{"workspace": ["./api", "./packages/*"], "imports": {"a": "npm:a@^1.0", "b/": "npm:/b@2/", "p": "jsr:@std/path@1"}}"#,
        ),
        (
            "web/api/deno.jsonc",
            "{// of its own\n\"scopes\": {\"x\": {\"c\": \"npm:@s/c\"}},}",
        ),
        (
            "web/packages/new/deno.json",
            r#"{"imports": {"d": "npm:d@1"}}"#,
        ),
        (
            "web/packages/new/package.json",
            r#"{"dependencies": {"f": "1"}}"#,
        ),
        ("web/packages/bad/deno.json", "{"),
        ("web/other/deno.json", r#"{"imports": {"e": "npm:e@1"}}"#),
    ]);
    let lockfile = read(&file, &files);
    let told: Vec<(&str, String)> = lockfile
        .problems
        .iter()
        .map(|problem| (problem.path.as_str(), problem.message.as_str().to_owned()))
        .collect();
    let missing = |name: &str| format!("it asks for `{name}`, which this lockfile does not hold");
    assert_eq!(told.len(), 5, "{told:?}");
    assert_eq!(told[0].0, "web/packages/bad/deno.json");
    assert_eq!(
        told[1..],
        [
            ("web/api/deno.jsonc", missing("@s/c")),
            ("web/deno.json", missing("b")),
            ("web/packages/new/deno.json", missing("d")),
            ("web/packages/new/package.json", missing("f")),
        ]
    );
}

/// Deno writes all imports into the workspace, and resolves those that code uses.
#[test]
fn an_import_that_no_code_uses_is_noted_and_no_error() {
    let file = file(
        r#"{"version": "5", "specifiers": {"npm:a@1": "1.0.0"}, "npm": {"a@1.0.0": {}}, "workspace": {"dependencies": ["npm:a@1", "npm:b@2"]}}"#,
    );
    let files = MapFiles::new([(
        "web/deno.json",
        r#"{"imports": {"a": "npm:a@1", "b": "npm:b@2"}}"#,
    )]);
    let lockfile = read(&file, &files);
    assert_eq!(errors(&lockfile), Vec::<String>::new());
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Note),
        [
            "imports that this lockfile does not hold, because no code used them when it was written: 1"
        ]
    );
}

#[test]
fn a_workspace_of_unknown_form_is_an_error() {
    let file = file(r#"{"version": "5", "specifiers": {}, "workspace": {"dependencies": []}}"#);
    let files = MapFiles::new([("web/deno.json", r#"{"workspace": ["./new", 1]}"#)]);
    assert_eq!(
        errors(&read(&file, &files)),
        ["its `workspace` is no list of folders, so its members are not known"]
    );
}

#[test]
fn files_that_are_no_lockfile_of_deno_are_refused() {
    for text in [
        "{}",
        "{\"version\": \"1\"}",
        "{\"version\": 5}",
        "{\"https://a.example/x.ts\": \"00\"}",
    ] {
        let file = file(text);
        let error = DenoLock.parse(&file, &MapFiles::default(), &Limits::default());
        assert!(
            matches!(error, Err(LockfileError::Unreadable { .. })),
            "{text}"
        );
    }
    for text in [
        "null",
        "[]",
        "{\"version\": \"5\"",
        "{\"version\": \"5\", \"npm\": 7}",
    ] {
        let file = file(text);
        let error = DenoLock.parse(&file, &MapFiles::default(), &Limits::default());
        let Err(LockfileError::Syntax { location, .. }) = error else {
            panic!("{text}: {error:?}");
        };
        assert!(location.is_some(), "{text}");
    }
}

#[test]
fn versions_from_the_future_are_read_with_a_warning() {
    let file =
        file(r#"{"version": "6", "specifiers": {"npm:a@1": "1.0.0"}, "npm": {"a@1.0.0": {}}}"#);
    let lockfile = read_alone(&file);
    assert_eq!(messages(&lockfile, ProblemSeverity::Warning).len(), 1);
    assert_eq!(testing::edges(&lockfile), [" -> a@1.0.0 normal"]);
}

#[test]
fn a_hostile_number_of_ambiguous_names_stays_small() {
    let packages: Vec<String> = (0..2_000)
        .map(|index| format!("\"b@{index}.0.0\": {{}}"))
        .collect();
    let asked = vec!["\"b\""; 2_000].join(",");
    let text = format!(
        r#"{{"version": "5", "specifiers": {{"npm:a@1": "1.0.0"}}, "npm": {{"a@1.0.0": {{"dependencies": [{asked}]}}, {}}}}}"#,
        packages.join(",")
    );
    let file = file(&text);
    let lockfile = read_alone(&file);
    assert_eq!(
        lockfile.dependencies.len(),
        2_001,
        "one edge for each request"
    );
    assert_eq!(lockfile.problems.len(), 21);
}
