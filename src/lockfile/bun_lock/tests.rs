use super::super::model::{Delivery, EntryKind, Lockfile, ProblemSeverity, Scope};
use super::super::testing;
use super::super::{LockfileFormat, SourceFile};
use super::BunLock;
use crate::files::MapFiles;
use crate::lockfile::{Limits, LockfileError};
use crate::package::Source;
use crate::package::source::Registry;

const SRI: &str = "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==";

fn file(text: &str) -> SourceFile {
    testing::file("web/bun.lock", text)
}

/// Writes a lockfile of version 1 from the insides of its two objects.
fn lock(workspaces: &str, packages: &str) -> SourceFile {
    file(&format!(
        "{{\n\"lockfileVersion\": 1,\n\"workspaces\": {{\n{workspaces}\n}},\n\"packages\": {{\n{packages}\n}},\n}}\n"
    ))
}

fn read<'a>(file: &'a SourceFile, files: &MapFiles) -> Lockfile<'a> {
    testing::read(&BunLock, file, files)
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

fn named<'l, 'a>(lockfile: &'l Lockfile<'a>, key: &str) -> &'l super::super::LockedEntry<'a> {
    let mut entries = lockfile.entries.iter();
    entries
        .find(|entry| entry.key.as_str() == key)
        .expect("an entry of that key")
}

#[test]
fn names_mean_the_nearest_package_of_that_name() {
    let file = lock(
        r#""": {"name": "app", "dependencies": {"a": "1", "@s/b": "1",},},"#,
        r#"
        "a": ["a@1.0.0", "", {"dependencies": {"c": "1", "@s/b": "2"}}, ""],
        "@s/b": ["@s/b@1.0.0", "", {"dependencies": {"c": "1"}}, ""],
        "c": ["c@1.0.0", "", {}, ""],
        "a/@s/b": ["@s/b@2.0.0", "", {"dependencies": {"c": "2"}}, ""],
        "a/@s/b/c": ["c@2.0.0", "", {"dependencies": {"@s/b": "*"}}, ""],"#,
    );
    let lockfile = read_alone(&file);
    assert_eq!(
        testing::edges(&lockfile),
        [
            " -> a normal",
            " -> @s/b normal",
            "a -> c normal",
            "a -> a/@s/b normal",
            "@s/b -> c normal",
            "a/@s/b -> a/@s/b/c normal",
            "a/@s/b/c -> a/@s/b normal",
        ]
    );
    assert_eq!(errors(&lockfile), [""; 0]);
    assert_eq!(lockfile.entries[0].name.as_str(), "app");
}

#[test]
fn members_ask_from_their_names_and_hang_on_the_root() {
    let file = lock(
        r#""": {"name": "app", "dependencies": {"@s/m": "workspace:*"}},
        "packages/m": {"name": "@s/m", "version": "1.2.0", "dependencies": {"x": "2"}, "devDependencies": {"y": "1"}},
        "packages/n": {"name": "n", "dependencies": {"@s/m": "workspace:*", "app": "workspace:*"}},"#,
        r#""@s/m": ["@s/m@workspace:packages/m"],
        "n": ["n@workspace:packages/n"],
        "app": ["app@root:", {"bin": "x.js"}],
        "x": ["x@1.0.0", "", {}, ""],
        "y": ["y@1.0.0", "", {}, ""],
        "@s/m/x": ["x@2.0.0", "", {}, ""],"#,
    );
    let lockfile = read_alone(&file);
    assert_eq!(
        testing::edges(&lockfile),
        [
            " -> packages/m normal",
            " -> packages/n normal",
            "packages/m -> @s/m/x normal",
            "packages/m -> y dev",
            "packages/n -> packages/m normal",
        ]
    );
    let member = named(&lockfile, "packages/m");
    assert_eq!(member.kind, EntryKind::Workspace);
    assert_eq!(member.name.as_str(), "@s/m");
    assert_eq!(member.source, Source::Path("packages/m".into()));
    assert_eq!(
        member.version.as_ref().map(crate::package::Version::as_str),
        Some("1.2.0")
    );
    assert_eq!(file.locate(member.span.start).line, 5);
    let manifests: Vec<_> = lockfile
        .manifests
        .iter()
        .map(crate::path::FilePath::as_str)
        .collect();
    assert_eq!(
        manifests,
        [
            "web/package.json",
            "web/packages/m/package.json",
            "web/packages/n/package.json"
        ]
    );
    assert_eq!(errors(&lockfile), [""; 0]);
}

#[test]
fn version_0_lists_what_members_ask_for_in_their_tuples() {
    let file = file(
        r#"{"lockfileVersion": 0, "workspaces": {"": {"name": "app"}}, "packages": {
        "m": ["m@workspace:packages/m", {"dependencies": {"x": "1"}, "devDependencies": {"y": "1"}}],
        "x": ["x@1.0.0", "", {}, ""], "y": ["y@1.0.0", "", {}, ""]}}"#,
    );
    let lockfile = read_alone(&file);
    assert_eq!(
        testing::edges(&lockfile),
        ["m -> x normal", "m -> y dev"],
        "a member that nobody asks for is hung on the root later, with a word"
    );
    assert_eq!(errors(&lockfile), [""; 0]);
}

#[test]
fn a_member_that_is_not_listed_is_an_error() {
    let file = lock(r#""": {}"#, r#""m": ["m@workspace:packages/m"]"#);
    assert_eq!(
        errors(&read_alone(&file)),
        [
            "`m` is a member of the workspace that `workspaces` does not list; what it depends on is unknown"
        ]
    );
}

#[test]
fn kinds_come_from_the_tables_and_optional_ones_may_be_missing() {
    let file = lock(
        r#""": {"dependencies": {"a": "1"}, "devDependencies": {"d": "1"}, "optionalDependencies": {"o": "1", "gone": "1"}, "peerDependencies": {"p": "1", "q": "1", "r": "1"}, "optionalPeers": ["q"]},"#,
        r#""a": ["a@1.0.0", "", {"optionalDependencies": {"o": "1"}, "peerDependencies": {"p": "1", "none": "*"}, "optionalPeers": ["none"]}, ""],
        "d": ["d@1.0.0", "", {}, ""], "o": ["o@1.0.0", "", {"os": "linux"}, ""], "p": ["p@1.0.0", "", {}, ""]"#,
    );
    let lockfile = read_alone(&file);
    let mut edges = testing::edges(&lockfile);
    edges.sort();
    assert_eq!(
        edges,
        [
            " -> a normal",
            " -> d dev",
            " -> o optional",
            " -> p peer",
            "a -> o optional",
            "a -> p peer"
        ]
    );
    assert_eq!(errors(&lockfile), [""; 0]);
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Note),
        ["peer dependencies that nothing provides: 1"]
    );
    let dev = lockfile.dependencies.iter().find(|edge| edge.to == 2);
    assert_eq!(dev.map(|edge| edge.reach), Some(Scope::Dev));
}

#[test]
fn an_alias_is_the_package_that_it_stands_for() {
    let file = lock(
        r#""": {"dependencies": {"x": "npm:@s/real@1"}},"#,
        r#""x": ["@s/real@1.0.0", "", {}, ""]"#,
    );
    let lockfile = read_alone(&file);
    assert_eq!(testing::edges(&lockfile), [" -> x normal"]);
    assert_eq!(lockfile.entries[1].name.as_str(), "@s/real");
    let asked = lockfile.dependencies[0].requirement.as_ref();
    assert_eq!(
        asked.and_then(crate::text::Untrusted::as_borrowed),
        Some("npm:@s/real@1"),
        "a borrow of the file"
    );
}

#[test]
fn sources_are_told_from_the_first_element() {
    let file = lock(
        r#""": {}"#,
        &format!(
            r#""public": ["public@1.0.0", "", {{}}, "{SRI}"],
        "base": ["base@1.0.0", "https://npm.example.org/", {{}}, "{SRI}"],
        "served": ["@s/served@1.0.0", "https://npm.example.org/api/@s/served/-/served-1.0.0.tgz", {{}}, "{SRI}"],
        "git": ["git@git+ssh://git@example.org/o/r.git#0123456789abcdef0123456789abcdef01234567", {{}}, "tag", "{SRI}"],
        "hub": ["hub@github:o/r#bca26e4", {{}}, "o-r-bca26e4"],
        "old": ["old@github:o/r#bca26e4", "", {{}}, "{SRI}"],
        "web": ["web@https://example.org/web.tgz", {{}}, "{SRI}"],
        "npm": ["npm@https://registry.npmjs.org/npm/-/npm-9.0.0.tgz", {{}}],
        "file": ["file@./file-1.0.0.tgz", {{}}],
        "folder": ["folder@file:deps/folder", {{"devDependencies": {{"public": "1"}}}}],
        "link": ["link@link:../link", {{}}]"#
        ),
    );
    let lockfile = read_alone(&file);
    let source = |key: &str| named(&lockfile, key).source.clone();
    assert_eq!(source("public"), Source::Registry(Registry::Public));
    let other = |base: &'static str| Source::Registry(Registry::Other(base.into()));
    assert_eq!(source("base"), other("https://npm.example.org/"));
    assert_eq!(source("served"), other("https://npm.example.org/api/"));
    assert_eq!(
        source("git"),
        Source::Git {
            url: "git+ssh://git@example.org/o/r.git".into(),
            commit: Some("0123456789abcdef0123456789abcdef01234567".into()),
        }
    );
    for key in ["hub", "old"] {
        let short = Source::Git {
            url: "github:o/r".into(),
            commit: Some("bca26e4".into()),
        };
        assert_eq!(source(key), short, "{key}");
    }
    assert_eq!(
        source("web"),
        Source::Archive("https://example.org/web.tgz".into())
    );
    assert_eq!(source("npm"), Source::Registry(Registry::Public));
    assert_eq!(source("file"), Source::Archive("./file-1.0.0.tgz".into()));
    assert_eq!(source("folder"), Source::Path("deps/folder".into()));
    assert_eq!(source("link"), Source::Path("../link".into()));
    for own in ["folder", "link"] {
        assert_eq!(named(&lockfile, own).kind, EntryKind::Workspace, "{own}");
    }
    let version = named(&lockfile, "npm").version.clone();
    assert_eq!(
        version
            .map(|version| version.as_str().to_owned())
            .as_deref(),
        Some("9.0.0")
    );
    for pinned in ["public", "served", "git", "old", "web"] {
        let artifact = &named(&lockfile, pinned).artifacts[0];
        assert!(!artifact.integrity.is_empty(), "{pinned}");
    }
    assert!(named(&lockfile, "hub").artifacts[0].integrity.is_empty());
    assert!(lockfile.problems.is_empty(), "{:?}", lockfile.problems);
}

#[test]
fn bundled_packages_come_inside_another() {
    let file = lock(
        r#""": {"dependencies": {"a": "1"}}"#,
        r#""a": ["a@1.0.0", "", {"dependencies": {"b": "1"}}, ""],
        "a/b": ["b@1.0.0", "", {"bundled": true}, ""]"#,
    );
    let lockfile = read_alone(&file);
    assert_eq!(named(&lockfile, "a/b").delivery, Delivery::Bundled);
    assert_eq!(named(&lockfile, "a").delivery, Delivery::Own);
}

#[test]
fn what_has_an_address_or_lies_in_no_package_is_not_bundled() {
    let file = lock(
        r#""": {"dependencies": {"a": "1"}}, "m": {"name": "m"}"#,
        r#""a": ["a@1.0.0", "", {"bundled": true}, ""],
        "a/b": ["b@1.0.0", "https://h.example/b.tgz", {"bundled": true}, ""],
        "a/c": ["c@https://h.example/c.tgz", {"bundled": true}, ""],
        "m/d": ["d@1.0.0", "", {"bundled": true}, ""]"#,
    );
    let lockfile = read_alone(&file);
    for key in ["a", "a/b", "a/c", "m/d"] {
        assert_eq!(named(&lockfile, key).delivery, Delivery::Own, "{key}");
    }
}

#[test]
fn a_package_that_is_said_to_be_the_project_is_an_error() {
    for tuple in [
        format!(r#"["app@root:1.0.0", "", {{}}, "{SRI}"]"#),
        r#"["app@root:", "https://h.example/", {}]"#.to_owned(),
        r#"["other@root:", {}]"#.to_owned(),
        format!(r#"["@root:", "", {{}}, "{SRI}"]"#),
    ] {
        let file = lock(r#""": {"name": "app"}"#, &format!(r#""a": {tuple}"#));
        assert_eq!(
            errors(&read_alone(&file)),
            [
                "`a` is said to be the project itself, but its record is that of a package; it was not read"
            ],
            "{tuple}"
        );
    }
}

#[test]
fn an_object_must_stand_where_packages_belong() {
    for text in [
        r#"{"lockfileVersion": 1, "workspaces": {"": {}}, "packages": true}"#,
        r#"{"lockfileVersion": 1, "workspaces": true, "packages": {}}"#,
    ] {
        let file = file(text);
        let read = BunLock.parse(&file, &MapFiles::default(), &Limits::default());
        assert!(matches!(read, Err(LockfileError::Syntax { .. })), "{text}");
    }
}

#[test]
fn catalogs_say_what_is_asked_for() {
    let file = file(
        r#"{"lockfileVersion": 1, "workspaces": {"": {"dependencies": {"a": "catalog:", "b": "catalog:old", "c": "catalog:"}}},
        "catalog": {"a": "^1"}, "catalogs": {"old": {"b": "^0"}},
        "overrides": {"a": "1.0.0"}, "patchedDependencies": {"a@1.0.0": "a.patch"}, "trustedDependencies": ["a"],
        "packages": {"a": ["a@1.0.0", "", {}, ""], "b": ["b@1.0.0", "", {}, ""], "c": ["c@1.0.0", "", {}, ""]}}"#,
    );
    let lockfile = read_alone(&file);
    let asked = lockfile.dependencies.iter().map(|edge| {
        let text = edge.requirement.as_ref().expect("a range");
        text.as_str().to_owned()
    });
    assert_eq!(asked.collect::<Vec<_>>(), ["^1", "^0", "catalog:"]);
    assert!(lockfile.problems.is_empty());
}

#[test]
fn bad_tuples_are_told_with_their_lines_and_the_rest_is_kept() {
    let file = lock(
        r#""": {"dependencies": {"good": "1"}}"#,
        r#""number": [123, "", {}, ""],
"object": [{}, "", {}, ""],
"empty": [],
"text": "text@1.0.0",
"nothing": null,
"nameless": ["1.0.0", "", {}, ""],
"odd": ["odd@1.0.0", "", {"dependencies": ["a"]}, ""],
"much": ["much@1.0.0", "", {}, "", {}, 7],
"bare": ["bare@1.0.0"],
"hash": ["hash@1.0.0", "", {}, "sha512-none"],
"good": ["good@1.0.0", "", {}, ""]"#,
    );
    let lockfile = read_alone(&file);
    let lines: Vec<_> = lockfile
        .problems
        .iter()
        .map(|problem| (problem.severity, problem.location.map(|place| place.line)))
        .collect();
    let error = |line| (ProblemSeverity::Error, Some(line));
    let warning = |line| (ProblemSeverity::Warning, Some(line));
    assert_eq!(
        lines,
        [
            error(7),
            error(8),
            error(9),
            error(10),
            error(11),
            error(12),
            error(13),
            warning(14),
            warning(15),
            warning(16)
        ]
    );
    assert_eq!(lockfile.recorded(), 5, "odd, much, bare, hash, good");
    assert_eq!(testing::edges(&lockfile), [" -> good normal"]);
}

#[test]
fn a_hundred_bad_tuples_are_not_a_hundred_messages() {
    let tuples: Vec<String> = (0..100).map(|index| format!("\"p{index}\": [1]")).collect();
    let file = lock(r#""": {}"#, &tuples.join(",\n"));
    let errors = errors(&read_alone(&file));
    assert_eq!(errors.len(), 21);
    assert_eq!(errors[20], "more records of this kind: 80");
}

#[test]
fn what_stands_twice_is_an_error() {
    let file = lock(
        r#""": {}, "m": {"name": "m"}, "m": {"name": "n"}"#,
        r#""a": ["a@1.0.0", "", {}, ""],
        "a": ["a@2.0.0", "", {}, ""],
        "n": ["n@1.0.0", "", {}, ""]"#,
    );
    let lockfile = read_alone(&file);
    assert_eq!(
        errors(&lockfile),
        [
            "`m` stands twice in this lockfile",
            "`a` stands twice in this lockfile",
            "`n` stands twice in this lockfile",
        ]
    );
    assert_eq!(lockfile.recorded(), 5, "all of them are judged");
    let twice = file.text().replace(
        "\"lockfileVersion\": 1,",
        "\"packages\": {}, \"lockfileVersion\": 1,",
    );
    let twice = testing::file("bun.lock", &twice);
    let error = BunLock.parse(&twice, &MapFiles::default(), &Limits::default());
    assert!(matches!(error, Err(LockfileError::Syntax { .. })));
}

#[test]
fn what_the_project_misses_is_an_error_and_what_a_package_misses_a_warning() {
    let file = lock(
        r#""": {"name": "app", "dependencies": {"gone": "1"}}, "m": {"name": "m", "devDependencies": {"lost": "1"}}"#,
        r#""a": ["a@1.0.0", "", {"dependencies": {"nowhere": "1"}}, ""]"#,
    );
    let lockfile = read_alone(&file);
    assert_eq!(
        errors(&lockfile),
        [
            "`app` depends on `gone`, which this lockfile does not hold",
            "`m` depends on `lost`, which this lockfile does not hold"
        ]
    );
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Warning),
        ["`a` depends on `nowhere`, which this lockfile does not hold"]
    );
}

#[test]
fn manifests_that_moved_on_are_told() {
    let file = lock(
        r#""": {"name": "app", "dependencies": {"a": "1"}}, "packages/m": {"name": "m", "dependencies": {"a": "1"}}"#,
        r#""a": ["a@1.0.0", "", {}, ""]"#,
    );
    let files = MapFiles::new([
        (
            "web/package.json",
            r#"{"name":"app","workspaces":["packages/*"],"dependencies":{"a":"2"},"devDependencies":{"fresh":"1"}}"#,
        ),
        (
            "web/packages/m/package.json",
            r#"{"name":"m","dependencies":{"a":"1","late":"1"}}"#,
        ),
        (
            "web/packages/new/package.json",
            r#"{"name":"new","dependencies":{"a":"1"}}"#,
        ),
        ("web/packages/bare/package.json", r#"{"name":"bare"}"#),
    ]);
    let lockfile = read(&file, &files);
    let told: Vec<(&str, &str)> = lockfile
        .problems
        .iter()
        .map(|problem| (problem.path.as_str(), problem.message.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (
                "web/package.json",
                "it asks for `fresh`, which this lockfile does not hold for it"
            ),
            (
                "web/package.json",
                "it asks for another range of `a` than the lockfile was made for"
            ),
            (
                "web/packages/new/package.json",
                "this member of the workspace is not in the lockfile"
            ),
            (
                "web/packages/m/package.json",
                "it asks for `late`, which this lockfile does not hold for it"
            ),
        ]
    );
}

#[test]
fn version_0_names_the_folder_of_a_member_that_is_asked_for() {
    let later = lock(
        r#""": {"name": "app", "dependencies": {"m": "packages/m", "n": "packages/m"}},
        "packages/m": {"name": "m"}, "packages/n": {"name": "n"},"#,
        r#""m": ["m@workspace:packages/m", {}], "n": ["n@workspace:packages/n", {}]"#,
    );
    let old = later
        .text()
        .replace("\"lockfileVersion\": 1", "\"lockfileVersion\": 0");
    let files = MapFiles::new([(
        "web/package.json",
        r#"{"dependencies":{"m":"workspace:*","n":"workspace:*"}}"#,
    )]);
    let messages = |file: &SourceFile| -> Vec<String> {
        let problems = read(file, &files).problems;
        let messages = problems.iter().map(|problem| problem.message.as_str());
        messages.map(str::to_owned).collect()
    };
    let other = |name: &str| {
        format!("it asks for another range of `{name}` than the lockfile was made for")
    };
    assert_eq!(messages(&file(&old)), [other("n")]);
    assert_eq!(messages(&later), [other("m"), other("n")]);
}

#[test]
fn manifests_that_agree_are_silent() {
    let file = lock(
        r#""": {"name": "app", "dependencies": {"a": "1"}, "peerDependencies": {"a": "2"}}"#,
        r#""a": ["a@1.0.0", "", {}, ""]"#,
    );
    let files = MapFiles::new([(
        "web/package.json",
        r#"{"dependencies":{"a":"1"},"peerDependencies":{"a":"2"}}"#,
    )]);
    assert!(read(&file, &files).problems.is_empty());
}

#[test]
fn comments_and_trailing_commas_move_no_line() {
    let file = file(
        "// by hand\n{\n  \"lockfileVersion\": 1, /* two\nlines */\n  \"workspaces\": {\"\": {\"dependencies\": {\"a\": \"1\",},},},\n  \"packages\": {\n    \"a\": [\"a@1.0.0\", \"\", {}, \"\",],\n    \"\\u0062\": [\"b@1.0.0\", \"\", {}, \"\"],\n  },\n}\n",
    );
    let lockfile = read_alone(&file);
    let entry = named(&lockfile, "a");
    let place = file.locate(entry.span.start);
    assert_eq!((place.line, place.column), (7, 5));
    assert_eq!(entry.key.as_borrowed(), Some("a"));
    assert_eq!(named(&lockfile, "b").name.as_str(), "b");
}

#[test]
fn files_that_are_no_lockfile_of_bun_are_refused() {
    for text in [
        "null",
        "[]",
        "{",
        "{\"lockfileVersion\": \"broken\"}",
        "{\"lockfileVersion\": 1, \"packages\": 7}",
    ] {
        let file = file(text);
        let error = BunLock.parse(&file, &MapFiles::default(), &Limits::default());
        let Err(LockfileError::Syntax { location, .. }) = error else {
            panic!("{text}: {error:?}");
        };
        assert!(location.is_some(), "{text}");
    }
}

#[test]
fn a_file_that_says_nothing_is_not_read_as_empty() {
    assert_eq!(
        errors(&read_alone(&file("{}"))),
        ["the file has no `lockfileVersion`, so bun will not read it"]
    );
    assert_eq!(
        errors(&read_alone(&file(
            r#"{"lockfileVersion": 1, "packages": {}}"#
        ))),
        ["the file has no `workspaces`, so what the project asks for is not known"]
    );
    let empty = file(r#"{"lockfileVersion": 1, "workspaces": {"": {}}}"#);
    assert!(read_alone(&empty).problems.is_empty());
}

#[test]
fn versions_from_the_future_are_read_with_a_warning() {
    for (version, warnings) in [(0, 0), (3, 0), (4, 1)] {
        let text = format!(
            r#"{{"lockfileVersion": {version}, "workspaces": {{"": {{"dependencies": {{"a": "1"}}}}}}, "packages": {{"a": ["a@1.0.0", "", {{}}, ""]}}}}"#
        );
        let file = file(&text);
        let lockfile = read_alone(&file);
        assert_eq!(
            messages(&lockfile, ProblemSeverity::Warning).len(),
            warnings,
            "{version}"
        );
        assert_eq!(testing::edges(&lockfile), [" -> a normal"], "{version}");
    }
}

#[test]
fn deep_paths_and_deep_values_are_refused() {
    let file = lock(
        r#""": {}"#,
        &format!("\"{}\": [\"a@1.0.0\"]", "a/".repeat(10_000)),
    );
    let error = BunLock.parse(&file, &MapFiles::default(), &Limits::default());
    assert!(matches!(error, Err(LockfileError::Limit(_))));
    let deep = lock(r#""": {}"#, &format!("\"a\": {}", "[".repeat(100_000)));
    let error = BunLock.parse(&deep, &MapFiles::default(), &Limits::default());
    assert!(matches!(error, Err(LockfileError::Syntax { .. })));
}

#[test]
fn its_own_files_are_recognised_and_those_of_npm_are_not() {
    assert!(BunLock.recognises(lock(r#""": {}"#, "").text()));
    let npm = r#"{"lockfileVersion": 3, "packages": {"": {"workspaces": {"packages": ["a"]}}}}"#;
    assert!(!BunLock.recognises(npm));
}
