use super::super::model::{EntryKind, Lockfile, ProblemSeverity, Scope};
use super::super::testing::{self, edges};
use super::super::{LockfileFormat, SourceFile};
use super::PdmLock;
use crate::files::MapFiles;
use crate::graph::unify;
use crate::lockfile::{Limits, LockfileError};
use crate::package::Source;

/// The beginning of a lockfile of version 4.5 for some groups.
fn head(groups: &str) -> String {
    format!(
        "[metadata]\ngroups = [{groups}]\nstrategy = [\"inherit_metadata\"]\nlock_version = \"4.5.0\"\ncontent_hash = \"sha256:00\"\n[[metadata.targets]]\nrequires_python = \">=3.9\"\n\n"
    )
}

fn file(packages: &str) -> SourceFile {
    let text = head("\"default\", \"dev\", \"fast\"") + packages;
    testing::file("app/pdm.lock", &text)
}

fn read(file: &SourceFile) -> Lockfile<'_> {
    testing::read(&PdmLock, file, &MapFiles::default())
}

/// Reads beside a manifest.
fn read_with<'a>(file: &'a SourceFile, manifest: &str) -> Lockfile<'a> {
    let files = MapFiles::new([("app/pyproject.toml", manifest)]);
    testing::read(&PdmLock, file, &files)
}

/// A `[[package]]` with more lines behind its own.
fn package(name: &str, version: &str, more: &str) -> String {
    format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{more}\n")
}

fn messages<'l>(lockfile: &'l Lockfile<'_>) -> Vec<(ProblemSeverity, &'l str)> {
    let problems = lockfile.problems.iter();
    problems
        .map(|problem| (problem.severity, problem.message.as_str()))
        .collect()
}

#[test]
fn requirements_are_found_by_normalised_names() {
    let text = package(
        "a",
        "1",
        "dependencies = [\n    \"Mark.Up_Safe>=1,<2; python_version < \\\"3.11\\\"\",\n    \"c\",\n]\n",
    ) + &package("mark-up-safe", "1.5", "")
        + &package("c", "1", "");
    let file = file(&text);
    let lockfile = read_with(&file, "[project]\nname = 'Own'\ndependencies = ['A==1']\n");
    assert_eq!(
        edges(&lockfile),
        [
            " -> a 1 normal",
            "a 1 -> mark-up-safe 1.5 normal",
            "a 1 -> c 1 normal"
        ]
    );
    let edge = &lockfile.dependencies[1];
    assert_eq!(
        edge.requirement.as_ref().expect("a range").as_str(),
        ">=1,<2"
    );
    assert_eq!(
        edge.marker.as_ref().expect("a marker").as_str(),
        "python_version < \"3.11\""
    );
    assert_eq!(lockfile.problems, []);
    assert_eq!(lockfile.entries[0].name.as_str(), "own");
    assert_eq!(file.locate(lockfile.entries[1].span.start).line, 10);
}

/// `coverage` and `coverage[toml]`, asked for by `pytest-cov`.
fn coverage() -> SourceFile {
    let text = package("coverage", "7.4.1", "groups = [\"dev\"]\n")
        + &package(
            "coverage",
            "7.4.1",
            "extras = [\"toml\"]\ngroups = [\"dev\"]\ndependencies = [\"coverage==7.4.1\", \"tomli; python_version < '3.11'\"]\n",
        )
        + &package(
            "pytest-cov",
            "4",
            "groups = [\"dev\"]\ndependencies = [\"coverage[toml]>=5\"]\n",
        )
        + &package("tomli", "2", "groups = [\"dev\"]\n");
    file(&text)
}

#[test]
fn a_package_with_extras_is_two_entries_that_come_together() {
    let file = coverage();
    let lockfile = read_with(&file, "[dependency-groups]\ndev = ['pytest-cov']\n");
    assert_eq!(
        edges(&lockfile),
        [
            " -> pytest-cov 4 dev",
            "coverage[toml] 7.4.1 -> tomli 2 optional",
            "pytest-cov 4 -> coverage 7.4.1 normal",
            "pytest-cov 4 -> coverage[toml] 7.4.1 normal",
        ]
    );
    let edge = &lockfile.dependencies[1];
    assert_eq!(
        edge.reach,
        Scope::Prod,
        "it is there only if it is asked for"
    );
    assert_eq!(
        edge.marker.as_ref().expect("a marker").as_str(),
        "extra == 'toml' and (python_version < '3.11')"
    );
    assert_eq!(lockfile.recorded(), 4);
    assert_eq!(lockfile.problems, []);
    let lockfiles = [lockfile];
    let graph = unify(&lockfiles);
    assert_eq!(graph.problems(), []);
    assert_eq!(graph.packages().count(), 4, "with the root");
    let scopes = graph.nodes().skip(1).map(|node| graph.scope(node));
    assert!(scopes.into_iter().all(|scope| scope == Scope::Dev));
}

#[test]
fn an_extra_asks_for_other_extras_of_its_own_package() {
    let text = package("a", "1", "")
        + &package(
            "a",
            "1",
            "extras = [\"All\"]\ndependencies = [\"a==1\", \"a[x,Y]==1\"]\n",
        )
        + &package(
            "a",
            "1",
            "extras = [\"y\", \"x\"]\ndependencies = [\"a==1\", \"b\"]\n",
        )
        + &package("b", "1", "");
    let file = file(&text);
    let lockfile = read_with(&file, "[project]\ndependencies = ['a[all]']\n");
    assert_eq!(
        edges(&lockfile),
        [
            " -> a 1 normal",
            " -> a[all] 1 normal",
            "a[all] 1 -> a 1 optional",
            "a[all] 1 -> a[x,y] 1 optional",
            "a[x,y] 1 -> b 1 optional"
        ]
    );
}

#[test]
fn extras_without_an_entry_of_their_own_mean_the_package() {
    let text = package("a", "1", "dependencies = [\"b[x]\"]\n") + &package("b", "1", "");
    let file = file(&text);
    let lockfile = read_with(&file, "[project]\ndependencies = ['a']\n");
    assert_eq!(edges(&lockfile)[1..], ["a 1 -> b 1 normal"]);
    assert_eq!(lockfile.problems, []);
}

#[test]
fn of_several_versions_those_count_that_are_admitted_and_can_be_met() {
    for (requirement, expected) in [
        ("numpy", &["1.0.0", "1.5.0", "2.0.0"][..]),
        ("numpy<2", &["1.0.0", "1.5.0"]),
        ("numpy>=1.2; python_version < '3.10'", &["1.5.0"]),
        ("numpy; python_version >= '3.11'", &["2.0.0"]),
        (
            "numpy; sys_platform == 'win32' and python_version < '3.10'",
            &["1.0.0"],
        ),
        ("numpy>=9", &["1.0.0", "1.5.0", "2.0.0"]),
    ] {
        let asking = format!("dependencies = [\"{requirement}\"]\n");
        let text = package("a", "1", &asking)
            + &package("numpy", "1.0.0", "marker = \"python_version < '3.10'\"\n")
            + &package(
                "numpy",
                "1.5.0",
                "marker = \"python_version < '3.10' and sys_platform == 'linux'\"\n",
            )
            + &package("numpy", "2.0.0", "requires_python = \">=3.10\"\n");
        let file = file(&text);
        let lockfile = read_with(&file, "[project]\ndependencies = ['a']\n");
        let expected: Vec<String> = expected
            .iter()
            .map(|version| format!("a 1 -> numpy {version} normal"))
            .collect();
        assert_eq!(edges(&lockfile)[1..], expected, "{requirement}");
    }
}

#[test]
fn groups_and_extras_come_from_the_manifest() {
    let text = package("a", "1", "") + &package("b", "1", "") + &package("c", "1", "");
    let file = file(&text);
    let manifest = "[project]\nname = 'own'\ndependencies = ['a']\n[project.optional-dependencies]\nFast = ['b', 'own[x]']\nleft-out = ['gone']\n[tool.pdm.dev-dependencies]\ndev = ['c', '-e file:///${PROJECT_ROOT}/sub#egg=a']\n";
    let lockfile = read_with(&file, manifest);
    assert_eq!(
        edges(&lockfile),
        [
            " -> a 1 normal",
            " -> b 1 optional",
            " -> c 1 dev",
            " -> a 1 dev"
        ]
    );
    let marker = lockfile.dependencies[1].marker.as_ref().expect("a marker");
    assert_eq!(marker.as_str(), "extra == 'fast'");
    assert_eq!(
        messages(&lockfile),
        [(
            ProblemSeverity::Note,
            "this lockfile was made without the groups `left-out` of its manifest: what they bring is not judged"
        )]
    );
}

#[test]
fn a_manifest_that_asks_for_more_makes_the_lockfile_stale() {
    let text = package("a", "1", "") + &package("b", "1", "");
    let file = file(&text);
    let manifest = "[project]\ndependencies = ['a>=2', 'b>=2', 'LiteLLM==1.82.8', 'old; python_version < \"3.8\"']\n[tool.pdm.resolution.overrides]\nB = '1'\n";
    let lockfile = read_with(&file, manifest);
    assert_eq!(
        messages(&lockfile),
        [
            (
                ProblemSeverity::Error,
                "it asks for `litellm`, which this lockfile does not hold for it"
            ),
            (
                ProblemSeverity::Warning,
                "it asks for another range of `a` than the lockfile was made for"
            ),
        ]
    );
    assert_eq!(
        lockfile.problems[0]
            .help
            .as_ref()
            .expect("a remedy")
            .as_str(),
        "the lockfile is behind its manifest: pdm lock"
    );
}

#[test]
fn without_a_manifest_the_groups_tell_what_is_for_production() {
    let text = package("a", "1", "groups = [\"default\"]\n")
        + &package("b", "1", "groups = [\"dev\"]\ndependencies = [\"c\"]\n")
        + &package("c", "1", "groups = [\"default\", \"dev\"]\n")
        + &package("d", "1", "groups = [\"fast\"]\n")
        + &package("e", "1", "sections = [\"dev\"]\n");
    let file = file(&text);
    let lockfile = read(&file);
    assert_eq!(
        edges(&lockfile),
        [
            "b 1 -> c 1 normal",
            " -> a 1 normal",
            " -> c 1 normal",
            " -> d 1 optional",
            " -> b 1 dev",
            " -> e 1 dev"
        ]
    );
    assert_eq!(lockfile.problems[0].severity, ProblemSeverity::Note);
    assert!(
        messages(&lockfile)[0]
            .1
            .starts_with("a pdm.lock does not say")
    );
}

#[test]
fn every_kind_of_source_is_told_apart() {
    let text = package(
        "git",
        "1",
        "git = \"https://example.org/git.git\"\nref = \"main\"\nrevision = \"0123\"\n",
    ) + &package("hg", "1", "hg = \"https://example.org/hg\"\n")
        + &package("url", "1", "url = \"https://example.org/url-1.whl\"\n")
        + &package("file", "1", "path = \"./wheels/file-1.tar.gz\"\n")
        + &package("folder", "1", "path = \"./sub\"\neditable = true\n")
        + &package("root", "1", "url = \"file:///${PROJECT_ROOT}/other\"\n")
        + &package(
            "served",
            "1",
            "url = \"https://files.pythonhosted.org/packages/served-1.whl\"\n",
        );
    let file = file(&text);
    let lockfile = read(&file);
    let source = |index: usize| &lockfile.entries[index].source;
    assert!(
        matches!(source(1), Source::Git { url, commit: Some(commit) } if url.as_str() == "https://example.org/git.git" && commit.as_str() == "0123")
    );
    assert!(matches!(source(2), Source::Git { commit: None, .. }));
    assert!(matches!(source(3), Source::Archive(_)) && matches!(source(4), Source::Archive(_)));
    assert!(matches!(source(5), Source::Path(folder) if folder.as_str() == "./sub"));
    assert!(matches!(source(6), Source::Path(folder) if folder.as_str() == "other"));
    assert!(source(7).is_public());
    assert_eq!(lockfile.entries[5].kind, EntryKind::Workspace);
    assert_eq!(lockfile.entries[3].artifacts.len(), 1);
    let manifests: Vec<&str> = lockfile
        .manifests
        .iter()
        .map(crate::path::FilePath::as_str)
        .collect();
    assert_eq!(
        manifests,
        [
            "app/pyproject.toml",
            "app/sub/pyproject.toml",
            "app/other/pyproject.toml"
        ]
    );
}

#[test]
fn every_archive_of_pip_is_one_and_a_folder_is_on_no_host() {
    let file = file(
        &(package("a", "1", "path = \"./x.tar\"\n")
            + &package("b", "1", "path = \"https://h.example/b\"\n")),
    );
    let lockfile = read(&file);
    assert_eq!(
        lockfile.entries[1].source,
        Source::Archive("./x.tar".into())
    );
    assert!(matches!(lockfile.entries[2].source, Source::Archive(_)));
    assert_eq!(lockfile.entries[2].kind, EntryKind::Package);
    let told = messages(&lockfile);
    let error = (
        ProblemSeverity::Error,
        "`b` is said to be a folder, but lies on a host",
    );
    assert!(told.contains(&error), "{told:?}");
}

#[test]
fn files_have_names_or_addresses_and_stood_in_the_metadata_once() {
    let hash = "a".repeat(64);
    let address = "https://files.pythonhosted.org/packages/b_c-1.tar.gz";
    let text = format!(
        "[[package]]\nname = \"a\"\nversion = \"1\"\nfiles = [{{file = \"a-1.tar.gz\", hash = \"sha256:{hash}\"}}, {{file = \"a-1.whl\", hash = \"zz\"}}]\n[[package]]\nname = \"b-c\"\nversion = \"1\"\n[metadata]\nlock_version = \"4.2\"\n[metadata.files]\n\"B_c 1\" = [{{url = \"{address}\", hash = \"sha256:{hash}\"}}]\n"
    );
    let file = testing::file("pdm.lock", &text);
    let lockfile = read(&file);
    let artifacts = &lockfile.entries[2].artifacts;
    assert_eq!(
        artifacts[0].url.as_ref().expect("an address").as_str(),
        address
    );
    assert_eq!(artifacts[0].integrity.digests()[0].hex(), hash);
    assert_eq!(lockfile.entries[1].artifacts.len(), 2);
    assert!(
        messages(&lockfile).contains(&(ProblemSeverity::Warning, "a hash of `a` cannot be read"))
    );
}

#[test]
fn the_oldest_versions_have_tables_of_dependencies() {
    let text = "[[package]]\nname = \"a\"\nversion = \"1\"\nsections = [\"default\"]\n[package.dependencies]\nB = \"<2\"\nc = {version = \">1\", marker = \"os_name == 'nt'\"}\nd = 5\n[[package]]\nname = \"b\"\nversion = \"1\"\n[[package]]\nname = \"c\"\nversion = \"2\"\n[metadata]\nlock_version = \"2\"\n";
    let file = testing::file("pdm.lock", text);
    let lockfile = read(&file);
    assert_eq!(
        edges(&lockfile)[..2],
        ["a 1 -> b 1 normal", "a 1 -> c 2 normal"]
    );
    let edge = &lockfile.dependencies[1];
    assert_eq!(
        edge.marker.as_ref().expect("a marker").as_str(),
        "os_name == 'nt'"
    );
    assert!(messages(&lockfile).contains(&(
        ProblemSeverity::Error,
        "the dependency `d` of `a` cannot be read"
    )));
}

#[test]
fn a_dependency_that_is_not_there_is_said_unless_no_python_asks_for_it() {
    let text = package(
        "a",
        "1",
        "dependencies = [\"gone\", \"old; python_version < '3.8'\", \"~odd\"]\n",
    );
    let file = file(&text);
    let lockfile = read_with(&file, "[project]\ndependencies = ['a']\n");
    assert_eq!(
        messages(&lockfile),
        [
            (
                ProblemSeverity::Warning,
                "`a` depends on `gone`, which this lockfile does not hold"
            ),
            (
                ProblemSeverity::Error,
                "the dependency `~odd` of `a` cannot be read"
            ),
        ]
    );
    assert_eq!(lockfile.problems[0].location.expect("a line").line, 10);
}

#[test]
fn an_entry_twice_is_an_error_unless_it_is_for_other_extras() {
    let text = package("a", "1", "")
        + &package("a", "1", "extras = [\"x\"]\n")
        + &package("a", "1", "extras = [\"X\"]\n")
        + &package("A", "1", "");
    let file = file(&text);
    let lockfile = read_with(&file, "[project]\ndependencies = ['a[x]']\n");
    assert_eq!(
        messages(&lockfile),
        [
            (ProblemSeverity::Error, "`a[x] 1` stands twice"),
            (ProblemSeverity::Error, "`A 1` stands twice")
        ]
    );
}

#[test]
fn odd_records_and_fields_cost_no_more_than_themselves() {
    let text = "[[package]]\nversion = \"1\"\n".to_owned()
        + &package("a", "1", "files = 5\ndependencies = [5, \"b\"]\n")
        + &package("b", "1", "");
    let file = file(&text);
    let lockfile = read_with(&file, "[project]\ndependencies = ['a']\n");
    assert_eq!(
        messages(&lockfile),
        [
            (
                ProblemSeverity::Error,
                "a package without a name cannot be read"
            ),
            (ProblemSeverity::Error, "the `files` of `a` cannot be read"),
            (
                ProblemSeverity::Error,
                "the dependency `` of `a` cannot be read"
            ),
        ]
    );
    assert_eq!(edges(&lockfile), [" -> a 1 normal", "a 1 -> b 1 normal"]);
}

#[test]
fn what_is_no_pdm_lock_is_refused() {
    for text in [
        "[tool]\nx = 1\n",
        "[[package]]\nname = \"a\"\n",
        "package = 5\n[metadata]\nlock_version = \"4.5\"\n",
        "[[packages]]\nname = \"a\"\n[metadata]\nlock_version = \"4.5\"\n",
        "[metadata]\nlock-version = \"2.1\"\n",
    ] {
        let file = testing::file("pdm.lock", text);
        let read = PdmLock.parse(&file, &MapFiles::default(), &Limits::default());
        assert!(
            matches!(read, Err(LockfileError::Unreadable { .. })),
            "{text}"
        );
    }
}

#[test]
fn an_empty_project_and_every_known_version_are_read_without_a_word() {
    for version in ["2", "3.1", "4.0", "4.3", "4.4.1", "4.5.1"] {
        let text = format!("[metadata]\nlock_version = \"{version}\"\n");
        let file = testing::file("pdm.lock", &text);
        assert_eq!(read(&file).problems, [], "{version}");
    }
    for version in ["4.6.0", "5.0", "x"] {
        let text = format!("[metadata]\nlock_version = \"{version}\"\n");
        let file = testing::file("pdm.lock", &text);
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
    let asking = format!("dependencies = [{}]\n", "\"b\",".repeat(1_000));
    let file = file(&(text + &package("a", "1", &asking)));
    let limits = Limits {
        dependencies: 100_000,
        ..Limits::default()
    };
    let read = PdmLock.parse(&file, &MapFiles::default(), &limits);
    assert!(matches!(read, Err(LockfileError::Limit(_))));
}
