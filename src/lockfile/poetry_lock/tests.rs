use super::super::model::{DependencyKind, EntryKind, Lockfile, ProblemSeverity, Scope};
use super::super::testing::{self, edges};
use super::super::{LockfileFormat, SourceFile};
use super::PoetryLock;
use crate::files::MapFiles;
use crate::lockfile::{Limits, LockfileError};
use crate::package::Source;
use crate::package::source::Registry;

/// The end of a lockfile of version 2.1.
const METADATA: &str =
    "\n[metadata]\nlock-version = \"2.1\"\npython-versions = \">=3.9\"\ncontent-hash = \"00\"\n";

fn file(packages: &str) -> SourceFile {
    testing::file("app/poetry.lock", &(packages.to_owned() + METADATA))
}

fn read(file: &SourceFile) -> Lockfile<'_> {
    testing::read(&PoetryLock, file, &MapFiles::default())
}

/// Reads beside a manifest.
fn read_with<'a>(file: &'a SourceFile, manifest: &str) -> Lockfile<'a> {
    let files = MapFiles::new([("app/pyproject.toml", manifest)]);
    testing::read(&PoetryLock, file, &files)
}

/// A `[[package]]` with more lines behind its own.
fn package(name: &str, version: &str, more: &str) -> String {
    format!(
        "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\ndescription = \"\"\noptional = false\npython-versions = \">=3.8\"\n{more}\n"
    )
}

fn messages<'l>(lockfile: &'l Lockfile<'_>) -> Vec<(ProblemSeverity, &'l str)> {
    let problems = lockfile.problems.iter();
    problems
        .map(|problem| (problem.severity, problem.message.as_str()))
        .collect()
}

/// The edges to a package: where from, kind, reach and marker.
fn edges_to(lockfile: &Lockfile<'_>, key: &str) -> Vec<(String, DependencyKind, Scope, String)> {
    let entries = &lockfile.entries;
    let edges = lockfile.dependencies.iter();
    edges
        .filter(|edge| entries[edge.to as usize].key.as_str() == key)
        .map(|edge| {
            let marker = edge.marker.as_ref().map_or("", |marker| marker.as_str());
            let from = entries[edge.from as usize].key.as_str().to_owned();
            (from, edge.kind, edge.reach, marker.to_owned())
        })
        .collect()
}

#[test]
fn names_of_dependencies_are_normalised_and_values_have_three_forms() {
    let text = package(
        "factory-boy",
        "3.3.1",
        "[package.dependencies]\nFaker = \">=0.7.0\"\n\"Typing.Extensions\" = {version = \"*\", markers = \"python_version < '3.11'\"}\nsix = [{version = \">=1\", markers = \"os_name == 'nt'\"}, \"*\"]\n",
    ) + &package("faker", "33.3.0", "")
        + &package("typing-extensions", "4", "")
        + &package("six", "1.17", "");
    let file = file(&text);
    let lockfile = read_with(&file, "[tool.poetry.dependencies]\nFactory_Boy = '^3.3'\n");
    assert_eq!(
        edges(&lockfile),
        [
            " -> factory-boy 3.3.1 normal",
            "factory-boy 3.3.1 -> faker 33.3.0 normal",
            "factory-boy 3.3.1 -> typing-extensions 4 normal",
            "factory-boy 3.3.1 -> six 1.17 normal",
            "factory-boy 3.3.1 -> six 1.17 normal",
        ]
    );
    assert_eq!(lockfile.problems, []);
    let edge = &lockfile.dependencies[0];
    assert_eq!(edge.requirement.as_ref().expect("a range").as_str(), "^3.3");
    assert_eq!(
        edges_to(&lockfile, "typing-extensions 4")[0].3,
        "python_version < '3.11'"
    );
    assert_eq!(file.locate(lockfile.entries[2].span.start).line, 13);
}

/// A package that asks for `numpy` with a range and a marker, and three versions of it.
fn several_versions(range: &str, marker: &str) -> SourceFile {
    let versions = [
        ("1.0.0", "python_version < \\\"3.10\\\""),
        (
            "1.5.0",
            "python_version >= \\\"3.10\\\" and sys_platform == \\\"linux\\\"",
        ),
        ("2.0.0", "python_version >= \\\"3.10\\\""),
    ];
    let asking = format!(
        "[package.dependencies]\nnumpy = {{version = \"{range}\", markers = \"{marker}\"}}\n"
    );
    let mut text = package("a", "1", &asking);
    for (version, marker) in versions {
        text += &package("numpy", version, &format!("markers = \"{marker}\"\n"));
    }
    file(&text)
}

#[test]
fn of_several_versions_those_count_that_are_admitted_and_can_be_met() {
    for (range, marker, expected) in [
        (">=1", "", &["1.0.0", "1.5.0", "2.0.0"][..]),
        ("^1", "", &["1.0.0", "1.5.0"]),
        ("^1.2 || ^2", "", &["1.5.0", "2.0.0"]),
        ("~1.5", "", &["1.5.0"]),
        ("1.*", "python_version < '3.9'", &["1.0.0"]),
        (">=1", "sys_platform == 'win32'", &["1.0.0", "2.0.0"]),
        (
            ">=1",
            "python_version >= '3.11' and sys_platform == 'darwin'",
            &["2.0.0"],
        ),
        (
            "unreadable",
            "os_name == 'nt'",
            &["1.0.0", "1.5.0", "2.0.0"],
        ),
        ("^2", "python_version < '3.9'", &["2.0.0"]),
    ] {
        let file = several_versions(range, marker);
        let lockfile = read_with(&file, "[project]\ndependencies = ['a']\n");
        let expected: Vec<String> = expected
            .iter()
            .map(|version| format!("a 1 -> numpy {version} normal"))
            .collect();
        assert_eq!(edges(&lockfile)[1..], expected, "{range} ; {marker}");
        assert_eq!(lockfile.problems, [], "{range} ; {marker}");
    }
}

#[test]
fn a_version_that_is_not_locked_is_said() {
    let file = several_versions("^3", "");
    let lockfile = read_with(&file, "[project]\ndependencies = ['a', 'numpy']\n");
    assert_eq!(
        messages(&lockfile),
        [(
            ProblemSeverity::Warning,
            "`a` depends on `numpy`, which this lockfile does not hold"
        )]
    );
}

#[test]
fn markers_of_one_group_are_enough() {
    let text = package(
        "a",
        "1",
        "[package.dependencies]\nb = {version = \"*\", markers = \"sys_platform == 'win32'\"}\n",
    ) + &package(
        "b",
        "1",
        "markers = {main = \"sys_platform == 'linux'\", dev = \"os_name == 'nt'\"}\n",
    ) + &package(
        "b",
        "2",
        "markers = {main = \"sys_platform == 'linux'\", dev = \"sys_platform == 'darwin'\"}\n",
    );
    let file = file(&text);
    let lockfile = read_with(&file, "[project]\ndependencies = ['a', 'b']\n");
    assert!(edges(&lockfile).contains(&"a 1 -> b 1 normal".to_owned()));
    assert!(!edges(&lockfile).contains(&"a 1 -> b 2 normal".to_owned()));
}

#[test]
fn versions_of_python_that_a_candidate_is_not_for_rule_it_out() {
    let text = package(
        "a",
        "1",
        "[package.dependencies]\nb = {version = \"*\", markers = \"python_version < '3.9'\"}\n",
    ) + &package("b", "1", "")
        + &package("b", "2", "").replace(">=3.8", ">=3.9,<4");
    let file = file(&text);
    let lockfile = read_with(&file, "[project]\ndependencies = ['a', 'b']\n");
    assert_eq!(edges_to(&lockfile, "b 2").len(), 1, "from the root");
    assert_eq!(edges_to(&lockfile, "b 1").len(), 2);
}

/// `httpx` with parts of extras, one of which asks for an extra itself.
fn extras() -> SourceFile {
    let text = package(
        "httpx",
        "1",
        "[package.dependencies]\nanyio = \"*\"\nh2 = {version = \">=3\", optional = true, markers = \"extra == \\\"http2\\\"\"}\nPySocks = {version = \"*\", extras = [\"Fast_Mode\"], optional = true}\nrich = {version = \"*\", optional = true}\n[package.extras]\nall = [\"httpx[Socks]\"]\nhttp2 = [\"h2 (>=3,<5)\"]\nSocks = [\"pysocks (==1.*)\"]\n",
    ) + &package(
        "anyio",
        "1",
        "[package.dependencies]\nanyio = {version = \"*\", extras = [\"trio\"], optional = true, markers = \"extra == 'test'\"}\n[package.extras]\ntest = [\"anyio[trio]\"]\n",
    ) + &package("h2", "3", "")
        + &package(
            "pysocks",
            "1",
            "[package.dependencies]\nspeed = {version = \"*\", optional = true}\n[package.extras]\nfast-mode = [\"speed\"]\n",
        )
        + &package("rich", "1", "")
        + &package("speed", "1", "");
    file(&text)
}

#[test]
fn optional_dependencies_are_the_parts_of_extras() {
    let file = extras();
    let lockfile = read_with(
        &file,
        "[tool.poetry.dependencies]\nhttpx = {version = '1', extras = ['all']}\n[tool.poetry.group.dev.dependencies]\nrich = '*'\n",
    );
    let edge = |key: &str| edges_to(&lockfile, key).remove(0);
    let from = "httpx 1".to_owned();
    assert_eq!(
        edge("h2 3"),
        (
            from.clone(),
            DependencyKind::Optional,
            Scope::Optional,
            "extra == \"http2\"".to_owned()
        ),
        "nobody asks for `http2`"
    );
    assert_eq!(
        edge("pysocks 1"),
        (
            from,
            DependencyKind::Optional,
            Scope::Prod,
            "extra == 'socks'".to_owned()
        ),
        "`all` brings `socks`"
    );
    assert_eq!(
        edge("speed 1").2,
        Scope::Prod,
        "`socks` asks for `fast-mode`"
    );
    let rich = edges_to(&lockfile, "rich 1");
    assert_eq!(
        (rich[0].1, &*rich[0].3),
        (DependencyKind::Dev, "group == 'dev'")
    );
    assert_eq!((rich[1].1, &*rich[1].3), (DependencyKind::Optional, ""));
    assert!(!edges(&lockfile).contains(&"anyio 1 -> anyio 1 optional".to_owned()));
    assert_eq!(lockfile.problems, []);
}

#[test]
fn an_optional_dependency_that_is_not_locked_is_nothing_to_say() {
    let file = file(&package(
        "a",
        "1",
        "[package.dependencies]\ngone = {version = \"*\", optional = true}\nold = {version = \"*\", markers = \"python_version < '3.8'\"}\n",
    ));
    let lockfile = read_with(&file, "[project]\ndependencies = ['a']\n");
    assert_eq!(lockfile.problems, []);
}

#[test]
fn the_root_is_in_the_manifest() {
    let text = package("a", "1", "") + &package("b", "1", "") + &package("c", "1", "");
    let file = file(&text);
    let manifest = "[project]\nname = 'My_App'\ndependencies = ['A>=1']\n[project.optional-dependencies]\nfast = ['b', 'my-app[x]']\n[tool.poetry.group.test.dependencies]\nc = '^1'\n";
    let lockfile = read_with(&file, manifest);
    assert_eq!(
        edges(&lockfile),
        [" -> a 1 normal", " -> b 1 optional", " -> c 1 dev"]
    );
    assert_eq!(edges_to(&lockfile, "b 1")[0].3, "extra == 'fast'");
    assert_eq!(lockfile.entries[0].name.as_str(), "my-app");
    assert_eq!(lockfile.manifests[0].as_str(), "app/pyproject.toml");
    assert_eq!(lockfile.problems, []);
}

#[test]
fn a_manifest_that_asks_for_more_makes_the_lockfile_stale() {
    let file = file(&(package("a", "1.5", "") + &package("b", "1", "")));
    let manifest = "[tool.poetry.dependencies]\npython = '^3.9'\na = '^2'\nb = '^1'\nLiteLLM = '1.82.8'\nold = {version = '1', python = '<3.8'}\nodd = {version = '1', markers = 'platform_machine == \"x\"'}\n";
    let lockfile = read_with(&file, manifest);
    assert_eq!(
        messages(&lockfile),
        [
            (
                ProblemSeverity::Error,
                "it asks for `litellm`, which this lockfile does not hold for it"
            ),
            (
                ProblemSeverity::Error,
                "it asks for `odd`, which this lockfile does not hold for it"
            ),
            (
                ProblemSeverity::Warning,
                "it asks for another range of `a` than the lockfile was made for"
            ),
        ]
    );
    let problem = &lockfile.problems[0];
    assert_eq!(problem.path.as_str(), "app/pyproject.toml");
    assert_eq!(
        problem.help.as_ref().expect("a remedy").as_str(),
        "the lockfile is behind its manifest: poetry lock"
    );
    assert_eq!(edges(&lockfile), [" -> a 1.5 normal", " -> b 1 normal"]);
}

#[test]
fn without_a_manifest_the_file_tells_what_is_for_production() {
    let text = package(
        "app-part",
        "1",
        "groups = [\"main\"]\n[package.dependencies]\nshared = \"*\"\n",
    ) + &package(
        "pytest",
        "1",
        "groups = [\"dev\"]\n[package.dependencies]\npluggy = \"*\"\ntool = \"*\"\n",
    ) + &package("pluggy", "1", "groups = [\"dev\"]\n")
        + &package("shared", "1", "groups = [\"dev\", \"main\"]\n")
        + &package("tool", "1", "groups = [\"dev\", \"main\"]\n")
        + &package("redis", "1", "groups = [\"main\"]\n")
            .replace("optional = false", "optional = true");
    let file = file(&text);
    let lockfile = read(&file);
    let roots: Vec<String> = edges(&lockfile)
        .into_iter()
        .filter(|edge| edge.starts_with(' '))
        .collect();
    assert_eq!(
        roots,
        [
            " -> app-part 1 normal",
            " -> tool 1 normal",
            " -> redis 1 optional",
            " -> pytest 1 dev"
        ]
    );
    let [problem] = &lockfile.problems[..] else {
        panic!("{:?}", lockfile.problems);
    };
    assert_eq!(problem.severity, ProblemSeverity::Note);
    assert!(
        problem
            .message
            .as_str()
            .starts_with("a poetry.lock does not say")
    );
    assert_eq!(lockfile.entries[0].name.as_str(), "app");
}

#[test]
fn version_1_tells_it_by_category() {
    let text = (package("a", "1", "") + &package("b", "1", ""))
        .replacen("optional", "category = \"main\"\noptional", 1)
        .replace("\"\"\noptional", "\"\"\ncategory = \"dev\"\noptional");
    let metadata = "[metadata]\nlock-version = \"1.1\"\n[metadata.files]\na = []\nb = []\n";
    let file = testing::file("poetry.lock", &(text + metadata));
    assert_eq!(edges(&read(&file)), [" -> a 1 normal", " -> b 1 dev"]);
}

#[test]
fn hashes_by_name_go_to_the_versions_that_the_files_name() {
    let [one, two, other] = ["1", "2", "3"].map(|digit| digit.repeat(64));
    let text = package("n-p", "1.0", "") + &package("n-p", "2.0", "") + &package("old", "1", "");
    let metadata = format!(
        "[metadata]\nlock-version = \"1.0\"\n[metadata.files]\nN_p = [\n    {{file = \"n_p-1.0-py3-none-any.whl\", hash = \"sha256:{one}\"}},\n    {{file = \"n_p-2.0.tar.gz\", hash = \"sha256:{two}\"}},\n    {{file = \"odd\", hash = \"sha256:{other}\"}},\n]\n[metadata.hashes]\nold = [\"{one}\", \"zz\"]\n"
    );
    let file = testing::file("poetry.lock", &(text + &metadata));
    let lockfile = read(&file);
    let digits = |index: usize| -> Vec<String> {
        let artifacts = lockfile.entries[index].artifacts.iter();
        artifacts
            .map(|artifact| artifact.integrity.digests()[0].hex())
            .collect()
    };
    assert_eq!(digits(1), [one.clone(), other.clone()]);
    assert_eq!(digits(2), [two, other]);
    assert_eq!(digits(3), [one]);
    assert!(
        messages(&lockfile).contains(&(ProblemSeverity::Warning, "a hash of `old` cannot be read"))
    );
}

#[test]
fn every_file_keeps_its_own_hash_and_a_bad_one_is_said() {
    let hash = "a".repeat(64);
    let files = format!(
        "files = [\n    {{file = \"x-1.tar.gz\", hash = \"sha256:{hash}\"}},\n    {{file = \"x-1-py3-none-any.whl\", hash = \"sha256:zz\"}},\n]\n"
    );
    let file = file(&package("x", "1", &files));
    let lockfile = read_with(&file, "[project]\ndependencies = ['x']\n");
    let artifacts = &lockfile.entries[1].artifacts;
    assert_eq!(artifacts[0].integrity.digests()[0].hex(), hash);
    assert_eq!(
        artifacts[0].url.as_ref().expect("a name").as_str(),
        "x-1.tar.gz"
    );
    assert!(artifacts[1].integrity.is_empty());
    assert_eq!(
        messages(&lockfile),
        [(ProblemSeverity::Warning, "a hash of `x` cannot be read")]
    );
}

#[test]
fn every_kind_of_source_is_told_apart() {
    let source = |kind: &str, url: &str| {
        format!(
            "[package.source]\ntype = \"{kind}\"\nurl = \"{url}\"\nreference = \"main\"\nresolved_reference = \"0123456789012345678901234567890123456789\"\n"
        )
    };
    let text = package(
        "index",
        "1",
        &source("legacy", "https://own.example/simple"),
    ) + &package("pypi", "1", &source("legacy", "https://pypi.org/simple"))
        + &package("git", "1", &source("git", "https://example.org/git.git"))
        + &package("url", "1", &source("url", "https://example.org/url-1.whl"))
        + &package("file", "1", &source("file", "wheels/file-1.whl"))
        + &package(
            "folder",
            "1",
            &("develop = true\n".to_owned() + &source("directory", "../folder")),
        )
        + &package("odd", "1", &source("oci", "https://example.org"));
    let file = file(&text);
    let lockfile = read(&file);
    let source = |index: usize| &lockfile.entries[index].source;
    assert!(
        matches!(source(1), Source::Registry(Registry::Other(url)) if url.as_str() == "https://own.example/simple")
    );
    assert!(source(2).is_public());
    assert!(
        matches!(source(3), Source::Git { url, commit: Some(commit) } if url.as_str() == "https://example.org/git.git" && commit.as_str().starts_with("0123"))
    );
    assert!(matches!(source(4), Source::Archive(_)) && matches!(source(5), Source::Archive(_)));
    assert!(matches!(source(6), Source::Path(folder) if folder.as_str() == "../folder"));
    assert_eq!(lockfile.entries[6].kind, EntryKind::Workspace);
    assert_eq!(lockfile.entries[5].artifacts.len(), 1, "the archive itself");
    assert_eq!(lockfile.manifests[1].as_str(), "folder/pyproject.toml");
    assert_eq!(
        messages(&lockfile)[0],
        (
            ProblemSeverity::Error,
            "the kind of source of `odd` cannot be read"
        )
    );
}

#[test]
fn a_dependency_from_a_repository_means_the_namesake_from_one() {
    let git = "[package.source]\ntype = \"git\"\nurl = \"https://example.org/b\"\nresolved_reference = \"01\"\n";
    let text = package(
        "a",
        "1",
        "[package.dependencies]\nb = [{git = \"https://example.org/b\", markers = \"sys_platform == 'linux'\"}, {version = \"^1\", markers = \"sys_platform == 'darwin'\"}]\n",
    ) + &package("b", "1", "markers = \"sys_platform != 'linux'\"\n")
        + &package("b", "1", git);
    let file = file(&text);
    let lockfile = read_with(&file, "[project]\ndependencies = ['a']\n");
    let targets: Vec<u32> = lockfile.dependencies[1..]
        .iter()
        .map(|edge| edge.to)
        .collect();
    assert_eq!(
        targets,
        [3, 2, 3],
        "a git entry may have a version that is admitted"
    );
    assert_eq!(lockfile.problems, []);
}

#[test]
fn a_folder_whose_manifest_asks_for_more_makes_the_lockfile_stale() {
    let text = package(
        "own",
        "1",
        "[package.dependencies]\nA_b = \"*\"\n[package.source]\ntype = \"directory\"\nurl = \"own\"\n",
    ) + &package("a-b", "1", "");
    let file = file(&text);
    let files = MapFiles::new([
        (
            "app/pyproject.toml",
            "[tool.poetry.dependencies]\nown = {path = 'own'}\n",
        ),
        (
            "app/own/pyproject.toml",
            "[project]\nname = 'own'\ndependencies = ['a.b', 'new', 'maybe ; os_name == \"nt\"']\n",
        ),
    ]);
    let lockfile = testing::read(&PoetryLock, &file, &files);
    assert_eq!(
        messages(&lockfile),
        [(
            ProblemSeverity::Error,
            "it asks for `new`, which this lockfile does not hold for it"
        )]
    );
    assert_eq!(lockfile.problems[0].path.as_str(), "app/own/pyproject.toml");
}

#[test]
fn a_dependency_that_is_not_there_is_said_with_its_line() {
    let file = file(&package("a", "1", "[package.dependencies]\ngone = \"*\"\n"));
    let lockfile = read_with(&file, "[project]\ndependencies = ['a']\n");
    assert_eq!(
        messages(&lockfile),
        [(
            ProblemSeverity::Warning,
            "`a` depends on `gone`, which this lockfile does not hold"
        )]
    );
    assert_eq!(lockfile.problems[0].location.expect("a line").line, 2);
}

#[test]
fn many_problems_of_one_kind_are_counted() {
    let gone = (0..100).map(|index| format!("gone-{index} = \"*\"\n"));
    let asking = "[package.dependencies]\n".to_owned() + &gone.collect::<String>();
    let file = file(&package("a", "1", &asking));
    let lockfile = read_with(&file, "[project]\ndependencies = ['a']\n");
    assert_eq!(lockfile.problems.len(), 21);
    assert_eq!(
        messages(&lockfile)[20].1,
        "80 more dependencies are not held by this lockfile"
    );
}

#[test]
fn an_entry_twice_is_an_error_unless_it_is_from_elsewhere() {
    let legacy = "[package.source]\ntype = \"legacy\"\nurl = \"https://own.example\"\n";
    let text = package("a", "1", "") + &package("a", "1", legacy) + &package("A", "1", "");
    let file = file(&text);
    let lockfile = read_with(&file, "[project]\ndependencies = ['a']\n");
    assert_eq!(
        messages(&lockfile),
        [(ProblemSeverity::Error, "`A 1` stands twice")]
    );
    assert_eq!(lockfile.recorded(), 3);
}

#[test]
fn odd_records_and_fields_cost_no_more_than_themselves() {
    let text = "[[package]]\nversion = \"1\"\n[[package]]\nname = 5\n".to_owned()
        + &package(
            "a",
            "1",
            "files = \"x\"\n[package.dependencies]\nb = 5\nc = \"*\"\n",
        )
        + &package("b", "1", "dependencies = []\n")
        + &package("c", "1", "");
    let file = file(&text);
    let lockfile = read_with(&file, "[project]\ndependencies = ['a']\n");
    let errors: Vec<(&str, u32)> = lockfile
        .problems
        .iter()
        .map(|problem| {
            assert_eq!(problem.severity, ProblemSeverity::Error);
            (
                problem.message.as_str(),
                problem.location.expect("a line").line,
            )
        })
        .collect();
    assert_eq!(
        errors,
        [
            ("a package without a name cannot be read", 1),
            ("a package without a name cannot be read", 3),
            ("the `files` of `a` cannot be read", 6),
            ("the `dependencies` of `b` cannot be read", 17),
            ("the dependency `b` of `a` cannot be read", 6),
        ]
    );
    assert_eq!(edges(&lockfile), [" -> a 1 normal", "a 1 -> c 1 normal"]);
}

#[test]
fn what_is_no_poetry_lock_is_refused() {
    for text in [
        "[tool]\nx = 1\n",
        "[[package]]\nname = \"a\"\n",
        "package = 5\n[metadata]\nlock-version = \"2.1\"\n",
        "[metadata]\nlock-version = \"2.1\"\n",
        "metadata = 5\n",
    ] {
        let file = testing::file("poetry.lock", text);
        let read = PoetryLock.parse(&file, &MapFiles::default(), &Limits::default());
        assert!(
            matches!(read, Err(LockfileError::Unreadable { .. })),
            "{text}"
        );
    }
    let cut = testing::file("poetry.lock", "[[package]]\nname = \"a");
    let read = PoetryLock.parse(&cut, &MapFiles::default(), &Limits::default());
    assert!(matches!(
        read,
        Err(LockfileError::Syntax {
            location: Some(_),
            ..
        })
    ));
}

#[test]
fn an_empty_project_and_every_known_version_are_read_without_a_word() {
    for version in ["\"1.0\"", "\"1.1\"", "\"2.0\"", "\"2.1\"", "2.1"] {
        let text = format!("package = []\n[metadata]\nlock-version = {version}\n");
        let file = testing::file("poetry.lock", &text);
        assert_eq!(read(&file).problems, [], "{version}");
    }
    for version in ["\"2.2\"", "\"3.0\"", "\"x\"", "[]"] {
        let text = format!("package = []\n[metadata]\nlock-version = {version}\n");
        let file = testing::file("poetry.lock", &text);
        assert_eq!(
            messages(&read(&file))[0].0,
            ProblemSeverity::Warning,
            "{version}"
        );
    }
}

#[test]
fn ambiguity_without_end_is_refused_quickly() {
    let mut text = String::new();
    for index in 0..900 {
        text += &package("b", &format!("1.{index}"), "");
    }
    let mut asking = "[package.dependencies]\nb = [\n".to_owned();
    for _ in 0..1_000 {
        asking += "{version = \"*\", markers = \"os_name == 'nt'\"},\n";
    }
    let file = file(&(text + &package("a", "1", &(asking + "]\n"))));
    let limits = Limits {
        dependencies: 100_000,
        ..Limits::default()
    };
    let read = PoetryLock.parse(&file, &MapFiles::default(), &limits);
    assert!(matches!(read, Err(LockfileError::Limit(_))));
}

#[test]
fn too_many_namesakes_are_refused() {
    let mut text = String::new();
    for index in 0..1_001 {
        text += &package("b", &format!("1.{index}"), "");
    }
    let file = file(&text);
    let read = PoetryLock.parse(&file, &MapFiles::default(), &Limits::default());
    assert!(matches!(read, Err(LockfileError::Limit(_))));
}
