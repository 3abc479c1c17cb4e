use super::super::model::{
    DependencyKind, EdgeStatement, EntryKind, Lockfile, ProblemSeverity, Scope,
};
use super::super::testing::{self, edges};
use super::super::{LockfileFormat, SourceFile};
use super::PipfileLock;
use crate::files::MapFiles;
use crate::lockfile::{Limits, LockfileError};
use crate::package::Source;
use crate::package::source::Registry;

const META: &str = r#""_meta":{"hash":{"sha256":"00"},"pipfile-spec":6,"requires":{},"sources":[{"name":"pypi","url":"https://pypi.org/simple","verify_ssl":true},{"name":"own","url":"https://pip.example.com/simple"}]}"#;

fn file(categories: &str) -> SourceFile {
    testing::file(
        "app/Pipfile.lock",
        &format!("{{\n{META},\n{categories}\n}}"),
    )
}

fn read(file: &SourceFile) -> Lockfile<'_> {
    testing::read(&PipfileLock, file, &MapFiles::default())
}

fn messages(lockfile: &Lockfile<'_>, least: ProblemSeverity) -> Vec<String> {
    let problems = lockfile.problems.iter();
    problems
        .filter(|problem| problem.severity <= least)
        .map(|problem| problem.message.as_str().to_owned())
        .collect()
}

#[test]
fn categories_tell_how_far_packages_reach() {
    let file = file(
        r#""default":{"a":{"version":"==1.0","markers":"python_version >= '3'"}},
"develop":{"a":{"version":"==1.0"},"b":{"version":"===2.0"}},
"docs":{"c":{"version":"==3.0"}}"#,
    );
    let lockfile = read(&file);
    assert_eq!(lockfile.edges, EdgeStatement::NotStated);
    assert_eq!(
        edges(&lockfile),
        [
            " -> a 1.0 unattached",
            " -> a 1.0 unattached",
            " -> b 2.0 unattached",
            " -> c 3.0 unattached"
        ]
    );
    let reach: Vec<Scope> = lockfile
        .dependencies
        .iter()
        .map(|edge| edge.reach)
        .collect();
    assert_eq!(
        reach,
        [Scope::Prod, Scope::Dev, Scope::Dev, Scope::Optional]
    );
    let marker = |index: usize| {
        let marker = lockfile.dependencies[index].marker.as_ref();
        marker.map(|marker| marker.as_str().to_owned())
    };
    assert_eq!(marker(0).as_deref(), Some("python_version >= '3'"));
    assert_eq!(marker(3).as_deref(), Some("category == 'docs'"));
    assert_eq!(file.locate(lockfile.entries[3].span.start).line, 4);
}

#[test]
fn the_pipfile_tells_what_is_direct() {
    let file = file(
        r#""default":{"flask":{"version":"==3.0"},"idna":{"version":"==1"}},"develop":{"pytest":{"version":"==8"}}"#,
    );
    let files = MapFiles::new([(
        "app/Pipfile",
        "[packages]\nFlask = '>=2'\n[dev-packages]\npytest = '*'\nwin = {version = '*', sys_platform = \"== 'win32'\"}\n",
    )]);
    let lockfile = testing::read(&PipfileLock, &file, &files);
    assert_eq!(
        edges(&lockfile),
        [
            " -> flask 3.0 normal",
            " -> idna 1 unattached",
            " -> pytest 8 dev"
        ]
    );
    let range = lockfile.dependencies[0].requirement.as_ref();
    assert_eq!(
        range.map(|range| range.as_str().to_owned()).as_deref(),
        Some(">=2")
    );
    assert_eq!(lockfile.manifests[0].as_str(), "app/Pipfile");
    assert_eq!(
        lockfile.problems,
        [],
        "what holds on Windows alone may be left out"
    );
}

#[test]
fn a_pipfile_that_asks_for_more_makes_the_lockfile_stale() {
    let file = file(r#""default":{"a":{"version":"==1"}},"develop":{}"#);
    let files = MapFiles::new([(
        "app/Pipfile",
        "[packages]\na = '*'\nLiteLLM = '*'\nsub = {path = './sub', editable = true}\n[dev-packages]\na = '*'\n",
    )]);
    let lockfile = testing::read(&PipfileLock, &file, &files);
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Error),
        [
            "it asks for `litellm`, which this lockfile does not hold for it",
            "it asks for `a`, which this lockfile does not hold for it"
        ]
    );
}

#[test]
fn a_pipfile_that_asks_for_another_release_makes_the_lockfile_stale() {
    let file = file(
        r#""default":{"a":{"version":"==1"},"b":{"version":"==1"},"c":{"git":"https://h/c","ref":"0"},"d":{"version":"==1"}},"develop":{"a":{"version":"==2"}}"#,
    );
    let files = MapFiles::new([(
        "app/Pipfile",
        "[packages]\na = '>=2'\nb = {version = '~=1.0'}\nc = '>=9'\nd = {version = '>=2', markers = \"python_version < '3'\"}\n[dev-packages]\na = '>=2'\n",
    )]);
    let lockfile = testing::read(&PipfileLock, &file, &files);
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Warning),
        ["it asks for another range of `a` than the lockfile was made for"]
    );
}

#[test]
fn without_a_pipfile_a_note_says_what_is_not_known() {
    let file = file(r#""default":{}"#);
    let lockfile = read(&file);
    assert_eq!(lockfile.problems.len(), 1);
    assert_eq!(lockfile.problems[0].severity, ProblemSeverity::Note);
}

#[test]
fn every_kind_of_source_is_told_apart() {
    let file = file(
        r#""default":{
"pinned":{"version":"==1","index":"own"},
"plain":{"version":"==1"},
"lost":{"version":"==1","index":"gone"},
"repo":{"git":"git+https://h.example/r.git","ref":"0123456789012345678901234567890123456789","editable":true},
"old":{"hg":"https://h.example/r","ref":"tip"},
"wheel":{"file":"https://h.example/wheel-1-py3-none-any.whl","hashes":["sha256:0000000000000000000000000000000000000000000000000000000000000000"]},
"folder":{"path":".","editable":true}}"#,
    );
    let lockfile = read(&file);
    let source = |index: usize| &lockfile.entries[index].source;
    assert_eq!(
        *source(1),
        Source::Registry(Registry::Other("https://pip.example.com/simple".into()))
    );
    assert!(source(2).is_public());
    assert_eq!(*source(3), Source::Registry(Registry::Other("gone".into())));
    assert!(
        matches!(source(4), Source::Git { url, commit: Some(_) } if url.as_str() == "https://h.example/r.git")
    );
    assert!(
        matches!(source(5), Source::Git { url, .. } if url.as_str() == "hg+https://h.example/r")
    );
    assert_eq!(
        *source(6),
        Source::Archive("https://h.example/wheel-1-py3-none-any.whl".into())
    );
    assert!(!lockfile.entries[6].artifacts[0].integrity.is_empty());
    assert_eq!(lockfile.entries[7].kind, EntryKind::Workspace);
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Warning),
        ["`lost` comes from the index `gone`, which `_meta` does not list"]
    );
}

#[test]
fn the_digests_of_all_files_are_one_pin_and_a_bad_one_is_said() {
    let (one, other) = ("a".repeat(64), "b".repeat(64));
    let file = file(&format!(
        r#""default":{{"a":{{"version":"==1","hashes":["sha256:{one}","sha256:{other}"]}},"b":{{"version":"==1","hashes":["sha256:zz"]}}}}"#
    ));
    let lockfile = read(&file);
    let artifacts = &lockfile.entries[1].artifacts;
    assert_eq!(
        (artifacts.len(), artifacts[0].integrity.digests().len()),
        (1, 2)
    );
    assert!(lockfile.entries[2].artifacts[0].integrity.is_empty());
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Warning),
        ["a hash of `b` cannot be read"]
    );
}

#[test]
fn a_bad_record_costs_only_itself() {
    let file = file(
        r#""default":{"a":null,"b":[1,{"x":2}],"c":{"version":3,"hashes":"x","index":{}},"d":{"version":"==1"}},"develop":"none""#,
    );
    let lockfile = read(&file);
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Error),
        [
            "`a` is no record of a package",
            "`b` is no record of a package",
            "`c` has no version",
            "`develop` is no list of packages"
        ]
    );
    let names: Vec<&str> = lockfile.entries[1..]
        .iter()
        .map(|entry| entry.name.as_str())
        .collect();
    assert_eq!(names, ["c", "d"]);
    assert_eq!(lockfile.problems[0].location.expect("a place").line, 3);
}

#[test]
fn what_stands_twice_is_an_error() {
    let file = file(
        r#""default":{"a_b":{"version":"==1"},"A-B":{"version":"==2"}},"default":{"a-b":{"version":"==1"}}"#,
    );
    assert_eq!(
        messages(&read(&file), ProblemSeverity::Error),
        [
            "`a-b` stands twice in one place",
            "`default` stands twice in one place"
        ]
    );
}

#[test]
fn problems_of_one_kind_are_capped() {
    let records: Vec<String> = (0..50).map(|index| format!("\"p{index}\":1")).collect();
    let file = file(&format!("\"default\":{{{}}}", records.join(",")));
    let errors = messages(&read(&file), ProblemSeverity::Error);
    assert_eq!(errors.len(), 21);
    assert_eq!(errors[20], "30 more records are none of a package");
}

#[test]
fn a_record_of_the_registry_without_a_version_is_an_error_and_one_with_a_range_is_none() {
    let file = file(
        r#""default":{"a":{"version":"  "},"b":{},"c":{"version":"*","markers":"os_name == 'nt'"},"d":{"version":"*"}}"#,
    );
    let lockfile = crate::lockfile::parse(
        &PipfileLock,
        &file,
        &MapFiles::default(),
        &Limits::default(),
    );
    let lockfile = lockfile.expect("a readable lockfile");
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Error),
        [
            "`a` has no version",
            "`b` has no version",
            "`d` has no version"
        ]
    );
}

#[test]
fn other_json_is_refused_and_a_missing_head_is_said() {
    for text in [
        "{}",
        r#"{"lockfileVersion":3,"packages":{}}"#,
        r#"{"_meta":1}"#,
    ] {
        let file = testing::file("Pipfile.lock", text);
        let read = PipfileLock.parse(&file, &MapFiles::default(), &Limits::default());
        assert!(
            matches!(read, Err(LockfileError::Unreadable { .. })),
            "{text}"
        );
    }
    for text in ["null", "[]", "\"x\"", "{\"_meta\":{}", "bogus"] {
        let file = testing::file("Pipfile.lock", text);
        let read = PipfileLock.parse(&file, &MapFiles::default(), &Limits::default());
        assert!(matches!(read, Err(LockfileError::Syntax { .. })), "{text}");
    }
    let headless = testing::file("Pipfile.lock", r#"{"default":{"a":{"version":"==1"}}}"#);
    let lockfile = read(&headless);
    assert_eq!(lockfile.problems[0].severity, ProblemSeverity::Warning);
    assert!(lockfile.entries[1].source.is_public());
    assert_eq!(lockfile.dependencies[0].kind, DependencyKind::Unattached);
}

#[test]
fn its_look_is_that_of_pipenv() {
    assert!(PipfileLock.recognises(&format!("{{{META}}}")));
    assert!(!PipfileLock.recognises("{\"lockfileVersion\":3}"));
}

#[test]
fn the_first_index_of_a_name_counts_and_another_address_is_an_error() {
    let text = r#"{"_meta":{"sources":[{"name":"own","url":"https://a.example/simple"},{"name":"own","url":"https://b.example/simple"},{"name":"own","url":"https://a.example/simple"}]},"default":{"p":{"version":"==1","index":"own"}}}"#;
    let file = testing::file("app/Pipfile.lock", text);
    let lockfile = read(&file);
    assert_eq!(
        lockfile.entries[1].source,
        Source::Registry(Registry::Other("https://a.example/simple".into()))
    );
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Error),
        ["the index `own` stands in `_meta` with two addresses"]
    );
}

#[test]
fn every_kind_of_problem_is_capped() {
    let categories: Vec<String> = (0..50).map(|index| format!("\"c{index}\":[],")).collect();
    let categories = categories.concat();
    let records: Vec<String> = (0..50)
        .map(|index| format!(r#""p{index}":{{"version":"==1","index":"gone","hashes":["x"]}}"#))
        .collect();
    let file = file(&format!(
        "{categories}\"default\":{{{}}}",
        records.join(",")
    ));
    let told = messages(&read(&file), ProblemSeverity::Warning);
    assert_eq!(told.len(), 3 * 21);
    for more in [
        "30 more categories are no list of packages",
        "30 more packages come from an index that `_meta` does not list",
        "30 more hashes cannot be read",
    ] {
        assert!(told.iter().any(|message| message == more), "{more}");
    }
}
