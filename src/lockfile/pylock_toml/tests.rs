use super::super::model::{
    DependencyKind, EdgeStatement, EntryKind, Lockfile, ProblemSeverity, Scope,
};
use super::super::testing::{self, edges};
use super::super::{LockfileFormat, SourceFile};
use super::PylockToml;
use crate::files::MapFiles;
use crate::lockfile::{Limits, LockfileError, format_of_path};
use crate::package::Source;
use crate::package::source::Registry;
use crate::path::FilePath;

const HEAD: &str =
    "lock-version = \"1.0\"\ncreated-by = \"test\"\ndefault-groups = [\"default\"]\n";

fn file(packages: &str) -> SourceFile {
    testing::file("app/pylock.toml", &format!("{HEAD}{packages}"))
}

fn read(file: &SourceFile) -> Lockfile<'_> {
    testing::read(&PylockToml, file, &MapFiles::default())
}

/// A record with one wheel and further lines.
fn package(name: &str, version: &str, more: &str) -> String {
    let digest = "0".repeat(64);
    format!(
        "[[packages]]\nname = \"{name}\"\nversion = \"{version}\"\n{more}\nwheels = [{{ name = \"{name}-{version}-py3-none-any.whl\", hashes = {{ sha256 = \"{digest}\" }} }}]\n"
    )
}

fn messages(lockfile: &Lockfile<'_>, least: ProblemSeverity) -> Vec<String> {
    let problems = lockfile.problems.iter();
    problems
        .filter(|problem| problem.severity <= least)
        .map(|problem| problem.message.as_str().to_owned())
        .collect()
}

fn error(text: &str) -> LockfileError {
    let file = testing::file("pylock.toml", text);
    PylockToml
        .parse(&file, &MapFiles::default(), &Limits::default())
        .expect_err("no lockfile")
}

#[test]
fn a_name_has_one_part_between_the_dots() {
    let format = |path: &str| {
        let path = FilePath::new(path).expect("a path");
        format_of_path(&path).map(|format| format.id().0)
    };
    for path in ["pylock.toml", "a/pylock.dev.toml", "PyLock.Toml"] {
        assert_eq!(format(path), Some("pylock-toml"), "{path}");
    }
    for path in ["pylock.a.b.toml", "pylock..toml", "mypylock.toml"] {
        assert_eq!(format(path), None, "{path}");
    }
}

#[test]
fn without_dependencies_edges_are_not_stated_and_markers_tell_the_reach() {
    let file = file(
        &[
            package("a", "1", "dependencies = []"),
            package(
                "b",
                "1",
                "marker = \"'dev' in dependency_groups and os_name == 'nt'\"",
            ),
            package("c", "1", "marker = \"'x' in extras\""),
            package("d", "1", "marker = \"'default' in dependency_groups\""),
        ]
        .concat(),
    );
    let lockfile = read(&file);
    assert_eq!(lockfile.edges, EdgeStatement::NotStated);
    let reach: Vec<_> = lockfile
        .dependencies
        .iter()
        .map(|edge| (edge.kind, edge.reach))
        .collect();
    let unattached = |scope| (DependencyKind::Unattached, scope);
    assert_eq!(
        reach,
        [Scope::Prod, Scope::Dev, Scope::Optional, Scope::Prod].map(unattached)
    );
    let marker = lockfile.dependencies[1].marker.as_ref().expect("a marker");
    assert_eq!(
        marker.as_str(),
        "'dev' in dependency_groups and os_name == 'nt'"
    );
    assert_eq!(file.locate(lockfile.entries[1].span.start).line, 5);
    assert_eq!(lockfile.problems, []);
}

#[test]
fn dependencies_are_resolved_by_all_that_they_state() {
    let file = file(&[
        package("app", "1", "dependencies = [{ name = \"Lib_X\", version = \"2.0\" }, { name = \"two\", index = \"https://i.example/simple/\" }, { name = \"any\" }]"),
        package("lib-x", "1", "marker = \"os_name == 'nt'\""),
        package("lib-x", "2", "marker = \"os_name != 'nt'\""),
        package("two", "1", "index = \"https://i.example/simple\"\nmarker = \"a\""),
        package("two", "1", "index = \"https://pypi.org/simple\"\nmarker = \"b\""),
        package("any", "1", "marker = \"a\""),
        package("any", "2", "marker = \"b\""),
    ].concat());
    let lockfile = read(&file);
    assert_eq!(lockfile.edges, EdgeStatement::Stated);
    assert_eq!(
        edges(&lockfile),
        [
            "app 1 -> lib-x 2 normal",
            "app 1 -> two 1 normal",
            "app 1 -> any 1 normal",
            "app 1 -> any 2 normal",
            " -> app 1 normal",
            " -> lib-x 1 normal",
            " -> two 1 normal"
        ]
    );
    assert_eq!(lockfile.dependencies[1].to, 4);
    assert_eq!(
        lockfile.problems.len(),
        1,
        "where the roots come from is noted"
    );
    assert_eq!(lockfile.problems[0].severity, ProblemSeverity::Note);
}

#[test]
fn the_project_itself_is_the_root() {
    let file = file(&[
        "[[packages]]\nname = \"My_App\"\nversion = \"0.1\"\ndirectory = { path = \".\", editable = true }\ndependencies = [{ name = \"a\" }, { name = \"gone\" }]\n".to_owned(),
        package("a", "1", ""),
    ].concat());
    let lockfile = read(&file);
    assert_eq!(
        (lockfile.recorded(), lockfile.entries[0].name.as_str()),
        (1, "my-app")
    );
    assert_eq!(edges(&lockfile), [" -> a 1 normal"]);
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Error),
        ["`My_App` depends on `gone`, which this lockfile does not hold"]
    );
}

#[test]
fn the_manifest_tells_what_is_direct() {
    let file = file(
        &[
            package("a", "1", ""),
            package("b", "1", ""),
            package("c", "1", ""),
            package("d", "1", ""),
        ]
        .concat(),
    );
    let manifest = "[project]\nname = 'app'\ndependencies = ['A>=1', 'win ; os_name == \"nt\"']\n[project.optional-dependencies]\nx = ['b']\n[dependency-groups]\ndev = ['c']\n";
    let files = MapFiles::new([("app/pyproject.toml", manifest)]);
    let lockfile = testing::read(&PylockToml, &file, &files);
    assert_eq!(
        edges(&lockfile),
        [
            " -> a 1 normal",
            " -> b 1 optional",
            " -> c 1 dev",
            " -> d 1 unattached"
        ]
    );
    assert_eq!(lockfile.manifests[0].as_str(), "app/pyproject.toml");
    assert_eq!(lockfile.problems, []);
}

#[test]
fn a_manifest_that_asks_for_other_things_is_not_covered() {
    let manifest = "[project]\nname = 'app'\ndependencies = ['a', 'litellm']\n";
    let files = MapFiles::new([("app/pyproject.toml", manifest)]);
    let alone = file(&package("a", "1", ""));
    let lockfile = testing::read(&PylockToml, &alone, &files);
    assert_eq!(lockfile.manifests, []);
    assert_eq!(edges(&lockfile), [" -> a 1 unattached"]);
    let own = "[[packages]]\nname = \"app\"\ndirectory = { path = \".\" }\n";
    let with_project = file(&(own.to_owned() + &package("a", "1", "")));
    let lockfile = testing::read(&PylockToml, &with_project, &files);
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Error),
        ["it asks for `litellm`, which this lockfile does not hold for it"]
    );
}

#[test]
fn every_kind_of_source_is_told_apart() {
    let file = file(
        "[[packages]]\nname = \"git\"\nvcs = { type = \"git\", url = \"https://h.example/r\", commit-id = \"0123456789012345678901234567890123456789\" }\n\
         [[packages]]\nname = \"hg\"\nvcs = { type = \"hg\", url = \"https://h.example/r\", commit-id = \"01\" }\n\
         [[packages]]\nname = \"archive\"\nversion = \"1\"\narchive = { url = \"https://h.example/archive-1.zip\", hashes = { sha256 = \"0000000000000000000000000000000000000000000000000000000000000000\" } }\n\
         [[packages]]\nname = \"member\"\ndirectory = { path = \"../member\" }\n\
         [[packages]]\nname = \"other\"\nversion = \"1\"\nindex = \"https://pip.example/simple\"\nsdist = { name = \"other-1.tar.gz\", hashes = {} }\n",
    );
    let lockfile = read(&file);
    let source = |index: usize| &lockfile.entries[index].source;
    assert!(matches!(
        source(1),
        Source::Git {
            commit: Some(_),
            ..
        }
    ));
    assert!(
        matches!(source(2), Source::Git { url, .. } if url.as_str() == "hg+https://h.example/r")
    );
    assert_eq!(
        *source(3),
        Source::Archive("https://h.example/archive-1.zip".into())
    );
    assert!(!lockfile.entries[3].artifacts[0].integrity.is_empty());
    assert_eq!(
        (lockfile.entries[4].kind, source(4)),
        (EntryKind::Workspace, &Source::Path("../member".into()))
    );
    assert_eq!(
        *source(5),
        Source::Registry(Registry::Other("https://pip.example/simple".into()))
    );
    assert_eq!(lockfile.problems, []);
}

#[test]
fn a_source_that_says_two_things_is_an_error_and_is_never_the_projects_own() {
    let file = file(&package(
        "litellm",
        "1.82.8",
        "directory = { path = \".\" }",
    ));
    let lockfile = read(&file);
    assert_eq!(lockfile.entries[1].kind, EntryKind::Package);
    assert!(lockfile.entries[1].source.is_public());
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Error),
        ["`litellm` states more than one source"]
    );
}

/// pipenv gives all files of a release the address of one.
#[test]
fn files_of_one_address_are_one_that_any_of_their_hashes_pins() {
    let wheel = |digit: &str| {
        let digest = digit.repeat(64);
        format!(
            "{{ name = \"a-1-py3-none-any.whl\", url = \"https://pypi.org/simple/a/a-1-py3-none-any.whl\", hashes = {{ sha256 = \"{digest}\", blake2b = \"00\" }} }}"
        )
    };
    let file = file(&format!(
        "[[packages]]\nname = \"a\"\nversion = \"1\"\nwheels = [{}, {}, {}]\n",
        wheel("a"),
        wheel("b"),
        wheel("c")
    ));
    let lockfile = read(&file);
    let artifacts = &lockfile.entries[1].artifacts;
    assert_eq!(
        (artifacts.len(), artifacts[0].integrity.digests().len()),
        (1, 3)
    );
    assert_eq!(lockfile.problems, []);
}

#[test]
fn a_bad_record_costs_only_itself() {
    let file = file(
        "packages = [1, { version = \"1\" }, { name = 3 }, { name = \"a\", version = 1, wheels = \"x\", marker = [], dependencies = 7 }, { name = \"b\", version = \"1\", wheels = [{ hashes = { sha256 = \"zz\" } }] }]\n",
    );
    let lockfile = read(&file);
    let names: Vec<&str> = lockfile.entries[1..]
        .iter()
        .map(|entry| entry.name.as_str())
        .collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Warning),
        [
            "this record has no name, so it was not read",
            "this record has no name, so it was not read",
            "this record has no name, so it was not read",
            "a hash of `b` cannot be read"
        ]
    );
}

#[test]
fn a_name_twice_for_the_same_environments_is_an_error() {
    let both =
        package("a", "1", "") + &package("A", "2", "") + &package("a", "3", "marker = \"m\"");
    let file = file(&both);
    assert_eq!(
        messages(&read(&file), ProblemSeverity::Error),
        ["`A` stands there twice for the same environments"]
    );
}

#[test]
fn versions_of_the_format_are_told_apart() {
    let minor = testing::file("pylock.toml", "lock-version = \"1.7\"\npackages = []\n");
    assert_eq!(read(&minor).problems[0].severity, ProblemSeverity::Warning);
    for text in [
        "lock-version = \"2.0\"\npackages = []\n",
        "lock-version = 1\npackages = []\n",
        "[[packages]]\nname = \"a\"\n",
        "lock-version = \"1.0\"\n",
        "lock-version = \"1.0\"\npackages = \"none\"\n",
        "version = 1\n[[package]]\nname = \"a\"\n",
    ] {
        assert!(
            matches!(error(text), LockfileError::Unreadable { .. }),
            "{text}"
        );
    }
    assert!(matches!(error("["), LockfileError::Syntax { .. }));
}

#[test]
fn ten_thousand_by_ten_thousand_edges_end_in_an_error() {
    let asked = "{ name = \"x\" },".repeat(900);
    let asking: String = (0..900)
        .map(|index| {
            package(
                &format!("p{index}"),
                "1",
                &format!("dependencies = [{asked}]"),
            )
        })
        .collect();
    let targets: String = (0..900)
        .map(|index| package("x", &index.to_string(), "marker = \"m\""))
        .collect();
    let file = file(&(asking + &targets));
    let limits = Limits {
        dependencies: 100_000,
        ..Limits::default()
    };
    let read = PylockToml.parse(&file, &MapFiles::default(), &limits);
    assert!(matches!(read, Err(LockfileError::Limit(_))));
}

#[test]
fn a_manifest_that_asks_by_the_thousand_for_namesakes_ends_in_an_error() {
    let targets: String = (0..100)
        .map(|index| package("x", &index.to_string(), "marker = \"m\""))
        .collect();
    let file = file(&targets);
    let manifest = format!("[project]\ndependencies = [{}]\n", "'x',".repeat(1_000));
    let files = MapFiles::new([("app/pyproject.toml", &*manifest)]);
    let limits = Limits {
        dependencies: 10_000,
        ..Limits::default()
    };
    let read = PylockToml.parse(&file, &files, &limits);
    assert!(matches!(read, Err(LockfileError::Limit(_))));
}

#[test]
fn tables_of_a_tool_count_if_it_wrote_the_lockfile() {
    let manifest =
        "[project]\nname = 'app'\ndependencies = ['a']\n[tool.poetry.dependencies]\nb = '1'\n";
    let files = MapFiles::new([("app/pyproject.toml", manifest)]);
    let own = "[[packages]]\nname = \"app\"\ndirectory = { path = \".\" }\n";
    let file = file(&(package("a", "1", "") + own));
    let lockfile = testing::read(&PylockToml, &file, &files);
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Error),
        Vec::<String>::new()
    );
    let text = file.text().replace("\"test\"", "\"poetry-plugin-export\"");
    let file = testing::file("app/pylock.toml", &text);
    let lockfile = testing::read(&PylockToml, &file, &files);
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Error),
        ["it asks for `b`, which this lockfile does not hold for it"]
    );
}
