use std::fmt::Write;

use super::super::model::{
    DependencyKind, EdgeStatement, EntryKind, Lockfile, ProblemSeverity, Scope,
};
use super::super::testing::{self, edges};
use super::super::{LockfileFormat, SourceFile};
use super::{RequirementsTxt, scope_of};
use crate::files::MapFiles;
use crate::lockfile::{Limits, LockfileError, format_of_path};
use crate::package::Source;
use crate::package::source::Registry;

fn file(text: &str) -> SourceFile {
    testing::file("app/requirements.txt", text)
}

fn read(file: &SourceFile) -> Lockfile<'_> {
    testing::read(&RequirementsTxt, file, &MapFiles::default())
}

/// Reads a file beside others, with the checks that hold for every format.
fn read_beside<'a>(file: &'a SourceFile, others: &[(&str, &str)]) -> Lockfile<'a> {
    let files = MapFiles::new(others.iter().copied());
    crate::lockfile::parse(&RequirementsTxt, file, &files, &Limits::default())
        .expect("a readable file")
}

fn messages(lockfile: &Lockfile<'_>, least: ProblemSeverity) -> Vec<String> {
    let problems = lockfile.problems.iter();
    problems
        .filter(|problem| problem.severity <= least)
        .map(|problem| problem.message.as_str().to_owned())
        .collect()
}

/// Names and versions, in order.
fn entries(lockfile: &Lockfile<'_>) -> Vec<(String, Option<String>)> {
    let entries = lockfile.entries[1..].iter();
    entries
        .map(|entry| {
            let version = entry.version.as_ref();
            let version = version.map(|version| version.as_str().to_owned());
            (entry.name.as_str().to_owned(), version)
        })
        .collect()
}

fn entry(name: &str, version: Option<&str>) -> (String, Option<String>) {
    (name.to_owned(), version.map(str::to_owned))
}

#[test]
fn pins_are_versions_and_ranges_are_not() {
    let text = "Flask_Login == 3.0 # web\nb[x, y]===1.0+l\nc>=2,<3\nd~=1.0\ne==1.*\nf\ng==1 ; os_name == 'nt'\ng==2 ; os_name != 'nt'\n";
    let file = file(text);
    let lockfile = read_beside(&file, &[]);
    assert_eq!(
        entries(&lockfile),
        [
            entry("flask-login", Some("3.0")),
            entry("b", Some("1.0+l")),
            entry("c", None),
            entry("d", None),
            entry("e", None),
            entry("f", None),
            entry("g", Some("1")),
            entry("g", Some("2")),
        ]
    );
    assert_eq!(lockfile.problems, [], "a range is a finding, not a problem");
    assert_eq!(lockfile.edges, EdgeStatement::NotStated);
    let edge = &lockfile.dependencies[2];
    assert_eq!(
        (edge.kind, edge.reach),
        (DependencyKind::Unattached, Scope::Prod)
    );
    assert_eq!(
        edge.requirement
            .as_ref()
            .map(|range| range.as_str().to_owned())
            .as_deref(),
        Some(">=2,<3")
    );
    let marker = lockfile.dependencies[6].marker.as_ref().expect("a marker");
    assert_eq!(marker.as_str(), "os_name == 'nt'");
    assert_eq!(file.locate(lockfile.entries[3].span.start).line, 3);
}

#[test]
fn hashes_of_all_files_are_one_pin_and_lines_may_be_continued() {
    let (one, other) = ("a".repeat(64), "b".repeat(64));
    let file = file(&format!(
        "a==1 \\\n    --hash=sha256:{one} \\\n    --hash sha256:{other}\nqwerty \\\n  == 0.1\nlitellm==1.8\\\n2.8\nbad==1 --hash=sha256:zz\n"
    ));
    let lockfile = read(&file);
    assert_eq!(
        entries(&lockfile),
        [
            entry("a", Some("1")),
            entry("qwerty", Some("0.1")),
            entry("litellm", Some("1.82.8")),
            entry("bad", Some("1")),
        ]
    );
    let artifacts = &lockfile.entries[1].artifacts;
    assert_eq!(
        (artifacts.len(), artifacts[0].integrity.digests().len()),
        (1, 2)
    );
    assert!(lockfile.entries[4].artifacts.is_empty());
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Warning),
        ["a hash of this requirement cannot be read"]
    );
    assert_eq!(lockfile.problems[0].location.expect("a place").line, 8);
    let span = lockfile.entries[1].span;
    assert_eq!(&file.text()[span.start as usize..span.end as usize], "a==1");
}

#[test]
fn addresses_are_repositories_archives_and_folders() {
    let hash = "0".repeat(64);
    let text = format!(
        "git+https://h.example/o/kombu.git@main\n-e git+ssh://git@h.example/r.git@0123456789012345678901234567890123456789#egg=own[x]\nhttps://h.example/wx_Python-3.0.3.dev1820+49a-cp34-none-win_amd64.whl#sha256={hash}\nurllib3 @ https://h.example/1.26.8.zip\n./d/numpy-1.9.2-cp34-none-win32.whl\n-e ./lib[dev]\nlitellm @ https://files.pythonhosted.org/packages/aa/litellm-1.82.8-py3-none-any.whl\n-e .\nhttps://h.example/1.0.zip\n"
    );
    let file = file(&text);
    let lockfile = read_beside(
        &file,
        &[("app/lib/pyproject.toml", "[project]\nname = 'My.Lib'\n")],
    );
    assert_eq!(
        entries(&lockfile),
        [
            entry("kombu", None),
            entry("own", None),
            entry("wx-python", Some("3.0.3.dev1820+49a")),
            entry("urllib3", None),
            entry("numpy", Some("1.9.2")),
            entry("my-lib", None),
            entry("litellm", Some("1.82.8")),
            entry("app", None),
        ]
    );
    let source = |index: usize| &lockfile.entries[index].source;
    assert!(
        matches!(source(1), Source::Git { commit: Some(commit), .. } if commit.as_str() == "main")
    );
    assert!(
        matches!(source(2), Source::Git { url, .. } if url.as_str() == "ssh://git@h.example/r.git")
    );
    assert!(matches!(source(3), Source::Archive(_)));
    assert!(!lockfile.entries[3].artifacts[0].integrity.is_empty());
    assert_eq!(lockfile.entries[6].kind, EntryKind::Workspace);
    assert!(
        source(7).is_public(),
        "what the public registry serves is its package"
    );
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Error),
        ["what this address holds is not known: it names no package"]
    );
}

#[test]
fn included_files_are_read_in_place_of_their_line() {
    let file = file("\n-r base.txt\n--requirement=../shared.txt\n");
    let files = [
        ("app/base.txt", "flask==3.0 # web\n-rsub/more.txt\n"),
        ("app/sub/more.txt", "-r ../base.txt\nidna==1\n"),
        ("shared.txt", "attrs>=1\n"),
    ];
    let lockfile = read_beside(&file, &files);
    let keys: Vec<&str> = lockfile.entries[1..]
        .iter()
        .map(|entry| entry.key.as_str())
        .collect();
    assert_eq!(
        keys,
        [
            "base.txt: flask 3.0",
            "../shared.txt: attrs>=1",
            "sub/more.txt: idna 1"
        ]
    );
    let lines = lockfile.entries[1..]
        .iter()
        .map(|entry| file.locate(entry.span.start).line);
    assert_eq!(lines.collect::<Vec<_>>(), [2, 3, 2]);
    assert_eq!(lockfile.problems, []);
}

#[test]
fn includes_that_cannot_be_read_are_errors_and_no_address_is_fetched() {
    let file =
        file("-r gone.txt\n-r ../../out.txt\n-r https://h.example/r.txt\n-c gone.txt\n-r\na==1\n");
    let lockfile = read_beside(&file, &[]);
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Error),
        [
            "`../../out.txt`, which it includes, was not read: it lies outside the audited root",
            "`https://h.example/r.txt`, which it includes, was not read: linchpin fetches no address",
            "``, which it includes, was not read: it lies outside the audited root",
            "`app/gone.txt`, which it includes, was not read: there is no such file",
            "`app/gone.txt`, which it includes, was not read: there is no such file"
        ]
    );
    assert_eq!(entries(&lockfile), [entry("a", Some("1"))]);
}

/// Forty levels of two files that both include both of the next level: a million million ways to the last.
#[test]
fn a_thousand_ways_to_one_file_read_it_once() {
    let mut files = Vec::new();
    for level in 0..40 {
        for side in ["a", "b"] {
            let next = level + 1;
            let text = format!("-r a{next}.txt\n-r b{next}.txt\np{side}{level}==1\n");
            files.push((format!("app/{side}{level}.txt"), text));
        }
    }
    files.push(("app/a40.txt".to_owned(), "last==1\n-r a0.txt\n".to_owned()));
    files.push(("app/b40.txt".to_owned(), String::new()));
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let file = file("-r a0.txt\n-r b0.txt\n");
    let lockfile = read_beside(&file, &files);
    assert_eq!((lockfile.recorded(), lockfile.problems.len()), (81, 0));
}

#[test]
fn constraints_install_nothing_and_pin_what_is_open() {
    let file = file("-c c.txt\nA>=1\nb==2\nc\nd\n");
    let files = [
        (
            "app/c.txt",
            "a==1.2 --hash=sha256:00\nb==9\nc==1\nc==2\nd==3 ; os_name == 'nt'\nunused==1\n-r r.txt\ne @ https://h.example/e-1.whl\n",
        ),
        ("app/r.txt", "real==1\n"),
    ];
    let lockfile = read_beside(&file, &files);
    assert_eq!(
        entries(&lockfile),
        [
            entry("a", Some("1.2")),
            entry("b", Some("2")),
            entry("c", None),
            entry("d", None),
            entry("real", Some("1")),
        ]
    );
    assert!(lockfile.entries[1].artifacts.is_empty());
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Warning),
        ["a constraint by an address is not applied"]
    );
}

#[test]
fn an_index_is_where_packages_come_from() {
    let own = file("a==1\n--index-url https://u:p@pip.example/simple\n");
    assert_eq!(
        read(&own).entries[1].source,
        Source::Registry(Registry::Other("https://u:p@pip.example/simple".into()))
    );
    let public =
        file("-i https://pypi.org/simple\n--extra-index-url https://pip.example/simple\na==1\n");
    let lockfile = read(&public);
    assert!(lockfile.entries[1].source.is_public());
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Warning),
        [
            "packages may come from `pip.example` as well (--extra-index-url): from where each of them comes is not pinned"
        ]
    );
}

#[test]
fn places_beside_the_index_are_told_once_and_by_their_host_alone() {
    let file = file(
        "-f https://u:secret@a.example/x?t=secret\n--find-links https://a.example/y\n--find-links ./wheels\na==1\n",
    );
    assert_eq!(
        messages(&read(&file), ProblemSeverity::Warning),
        [
            "packages may come from `a.example` as well (--find-links): from where each of them comes is not pinned",
            "packages may come from a folder as well (--find-links): from where each of them comes is not pinned"
        ]
    );
}

/// pip reads includes in place, so that the last line of the top file wins; no order of lines hides an index.
#[test]
fn of_several_indexes_the_one_that_is_not_public_is_judged() {
    let (public, other) = ("https://pypi.org/simple", "https://evil.example/simple");
    for (own, included) in [(other, public), (public, other)] {
        let file = file(&format!("-r sub.txt\n-i {own}\na==1\n"));
        let text = format!("-i {included}\nb==1\n");
        let lockfile = read_beside(&file, &[("app/sub.txt", &text)]);
        for entry in &lockfile.entries[1..] {
            assert_eq!(
                entry.source,
                Source::Registry(Registry::Other(other.into()))
            );
        }
        assert_eq!(
            messages(&lockfile, ProblemSeverity::Warning),
            [
                "several indexes are given, of which pip takes the last; packages are judged as those of `evil.example`"
            ]
        );
    }
    let same = file("-i https://pypi.org/simple\n-i https://pypi.org/simple/\na==1\n");
    assert_eq!(read(&same).problems, [], "both are the public registry");
}

/// An include can name any file of the repository.
#[test]
fn the_text_of_an_included_file_is_never_repeated() {
    let file = file("-r keys\n-r .git/config\n-r .env\na==1\n");
    let text = "TOKEN=secret-1\n--secret-2=x\n-r https://secret-3/\n-r secret-6\nsecret==${secret}\n# coding: secret-4\n";
    let files = [
        ("app/keys", text),
        ("app/.git/config", "url = secret-5\n"),
        ("app/.env", "SECRET==5\n"),
    ];
    let lockfile = read_beside(&file, &files);
    let told = messages(&lockfile, ProblemSeverity::Note);
    assert_eq!(
        told,
        [
            "`.git/config`, which it includes, was not read: git keeps no requirements in its own folder",
            "`.env`, which it includes, was not read: hidden files keep settings and secrets, and no requirements",
            "this line is no requirement that pip reads",
            "this line is no option of pip",
            "a file, which it includes, was not read: linchpin fetches no address",
            "the version of a requirement stands in an environment variable, so it was not read",
            "a file, which it includes, was not read: there is no such file",
        ]
    );
    let place = &lockfile.problems[2];
    assert_eq!(place.path.as_str(), "app/keys");
    assert_eq!(place.location.expect("a place").line, 1);
}

#[test]
fn a_declared_encoding_is_an_error_since_pip_obeys_it() {
    let file = file("# -*- coding: utf-7 -*-\na==1\n-r sub.txt\n");
    let lockfile = read_beside(&file, &[("app/sub.txt", "# coding: utf-16\n")]);
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Error),
        [
            "its first lines have pip read it as `utf-7`, not as UTF-8, so that pip may see other packages in it",
            "its first lines have pip read it as another encoding, not as UTF-8, so that pip may see other packages in it"
        ]
    );
    assert_eq!(entries(&lockfile), [entry("a", Some("1"))]);
}

#[test]
fn constraints_that_are_not_applied_are_counted() {
    let file = file("-c c.txt\na\nb\n");
    let files = [("app/c.txt", "a==1 ; os_name == 'nt'\nb==1\nb==2\n")];
    assert_eq!(
        messages(&read_beside(&file, &files), ProblemSeverity::Note),
        [
            "2 constraints were not applied: they hold in some environments only, or two of them differ"
        ]
    );
}

#[test]
fn an_address_with_more_behind_it_is_no_requirement() {
    let file = file("ctx @ https://evil.example/ctx-0.2.6.whl junk\nb==0!2\n");
    let lockfile = read_beside(&file, &[]);
    assert_eq!(entries(&lockfile), [entry("b", Some("2"))]);
    assert_eq!(messages(&lockfile, ProblemSeverity::Error).len(), 1);
}

#[test]
fn what_cannot_be_read_is_said_with_its_line_and_costs_only_itself() {
    let file = file(
        "a==1\nb==${VERSION}\n{% if x %}\nc=={{ version }}\n>=1.0.0\nd==1 e\n--frob=1\n--hash=sha256:00\nf=1\ng @ git+https://${TOKEN}@h.example/g.git@0123456789012345678901234567890123456789\n",
    );
    let lockfile = read_beside(&file, &[]);
    assert_eq!(
        entries(&lockfile),
        [entry("a", Some("1")), entry("g", None)]
    );
    let told: Vec<(ProblemSeverity, u32)> = lockfile
        .problems
        .iter()
        .map(|problem| (problem.severity, problem.location.expect("a place").line))
        .collect();
    let (error, warning) = (ProblemSeverity::Error, ProblemSeverity::Warning);
    assert_eq!(
        told,
        [
            (error, 2),
            (warning, 3),
            (error, 4),
            (error, 5),
            (error, 6),
            (warning, 7),
            (warning, 8),
            (error, 9)
        ]
    );
}

#[test]
fn problems_are_capped() {
    let file = file(&"=bad\n".repeat(1_000));
    let lockfile = read(&file);
    assert_eq!(lockfile.problems.len(), 21);
    assert_eq!(
        lockfile.problems[20].message.as_str(),
        "980 more lines are not as pip reads them"
    );
}

#[test]
fn odd_names_and_versions_are_still_errors() {
    let file = file("a==1.2#x\nok\n");
    assert_eq!(
        messages(&read_beside(&file, &[]), ProblemSeverity::Error),
        ["`a` has the version `1.2#x`, which is none of PyPI"]
    );
}

const COMPILED: &str = "# This file was autogenerated by uv via the following command:\n#    uv pip compile pyproject.toml -o requirements.txt\nflask==3.0\n    # via app (pyproject.toml)\nidna==1\n    # via\n    #   -c constraints.txt\n    #   Flask\n    #   requests\nrequests==2\n    # via -r requirements.in\n";

#[test]
fn comments_of_pip_compile_and_uv_are_edges() {
    let file = file(COMPILED);
    let lockfile = read(&file);
    assert_eq!(lockfile.edges, EdgeStatement::Stated);
    assert_eq!(
        edges(&lockfile),
        [
            " -> flask 3.0 normal",
            "flask 3.0 -> idna 1 normal",
            "requests 2 -> idna 1 normal",
            " -> requests 2 normal"
        ]
    );
    assert_eq!(lockfile.problems, []);
}

#[test]
fn one_pin_without_a_comment_and_no_edge_counts_as_stated() {
    let file = file("a==1  # via b\nb==1\n");
    let lockfile = read(&file);
    assert_eq!(lockfile.edges, EdgeStatement::NotStated);
    assert_eq!(
        edges(&lockfile),
        [" -> a 1 unattached", " -> b 1 unattached"]
    );
}

#[test]
fn who_is_not_there_asks_from_the_root() {
    let file = file("a==1  # via setuptools\nb==1  # via a\nc>=1\n");
    let lockfile = read(&file);
    assert_eq!(
        edges(&lockfile),
        ["a 1 -> b 1 normal", " -> a 1 unattached", " -> c>=1 normal"]
    );
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Warning),
        ["`a` is there for `setuptools`, which this file does not pin"]
    );
}

#[test]
fn the_command_at_the_top_names_the_manifest() {
    let file = file(COMPILED);
    let manifest =
        "[project]\nname = 'app'\ndependencies = ['Flask', 'litellm', 'win ; os_name == \"nt\"']\n";
    let lockfile = read_beside(&file, &[("app/pyproject.toml", manifest)]);
    assert_eq!(lockfile.manifests[0].as_str(), "app/pyproject.toml");
    assert_eq!(
        messages(&lockfile, ProblemSeverity::Error),
        ["it asks for `litellm`, which app/requirements.txt does not hold for it"]
    );
}

#[test]
fn a_command_that_ran_above_names_a_manifest_there() {
    let text = COMPILED.replace("-o requirements.txt", "--output-file=app/requirements.txt");
    assert_eq!(read(&file(&text)).manifests[0].as_str(), "pyproject.toml");
    let elsewhere = COMPILED.replace("-o requirements.txt", "-o other/place.txt");
    assert_eq!(read(&file(&elsewhere)).manifests, []);
    assert_eq!(
        read(&file("# for people: pyproject.toml\na==1\n")).manifests,
        []
    );
}

#[test]
fn names_of_files_tell_the_scope() {
    for (name, scope) in [
        ("requirements.txt", Scope::Prod),
        ("requirements-dev.txt", Scope::Dev),
        ("dev-requirements.txt", Scope::Dev),
        ("test.txt", Scope::Dev),
        ("requirements_Docs.txt", Scope::Dev),
        ("latest.txt", Scope::Prod),
        ("requirements-device.txt", Scope::Prod),
    ] {
        assert_eq!(scope_of(name), scope, "{name}");
    }
}

/// pip installs what is included with the file that includes it.
#[test]
fn an_included_file_is_for_what_the_including_one_is_for() {
    let files = [
        ("app/dev.txt", "pytest==8\n-r base.txt\n"),
        ("app/base.txt", "flask==3\n"),
    ];
    for (name, scope) in [
        ("app/requirements.txt", Scope::Prod),
        ("app/requirements-test.txt", Scope::Dev),
    ] {
        let file = testing::file(name, "-r dev.txt\n");
        let lockfile = read_beside(&file, &files);
        let edges = lockfile.dependencies.iter();
        let reach: Vec<Scope> = edges.map(|edge| edge.reach).collect();
        assert_eq!(reach, [scope, scope], "{name}");
    }
}

/// Python breaks lines where an editor shows none.
#[test]
fn a_pin_behind_an_odd_line_break_is_not_hidden() {
    let file = file("a==1\n# note\u{2028}litellm==1.82.8\n");
    assert_eq!(entries(&read(&file))[1], entry("litellm", Some("1.82.8")));
}

#[test]
fn names_with_requirements_in_them_and_those_of_rye_are_read() {
    for name in [
        "requirements.txt",
        "my-requirements-dev.txt",
        "requirements/base.txt",
        "requirements.lock",
        "requirements-dev.lock",
    ] {
        let path = crate::path::FilePath::new(name).expect("a path");
        let format = format_of_path(&path).expect("a format");
        assert_eq!(format.id(), RequirementsTxt.id(), "{name}");
    }
}

#[test]
fn only_lines_bear_packages() {
    assert!(!RequirementsTxt.bears_packages("\u{feff}\n  # nothing yet\n\n"));
    assert!(RequirementsTxt.bears_packages("# web\r\n-r base.txt\r\n"));
}

#[test]
fn only_a_list_of_pins_looks_like_one() {
    assert!(RequirementsTxt.recognises(
        "# x\n-i https://pypi.org/simple\na==1 \\\n  --hash=sha256:00\nb==2\nc==3\nd>="
    ));
    for text in [
        "a==1\nb==2\n",
        "a==1\nb==2\nc==3\npassword=hunter2\n",
        "a==1\nb==2\nc==3\nd>=1\n",
        "a==1\nb==2\nc==3\nhello\n",
        "version = 1\n[[package]]\n",
        "{}",
        "",
    ] {
        assert!(!RequirementsTxt.recognises(text), "{text}");
    }
}

#[test]
fn hostile_files_end_quickly() {
    let limits = Limits {
        entries: 1_000,
        dependencies: 10_000,
        namesakes: 100,
        ..Limits::default()
    };
    let is_limited = |text: &str| {
        let file = file(text);
        let read = RequirementsTxt.parse(&file, &MapFiles::default(), &limits);
        matches!(read, Err(LockfileError::Limit(_)))
    };
    assert!(is_limited(&"a\n".repeat(2_000)), "too many entries");
    assert!(
        is_limited(&"a==1 # via a\n".repeat(200)),
        "too many namesakes"
    );
    let mut ways = String::new();
    for index in 0..90 {
        let _ = writeln!(ways, "x=={index} # via {}", "x,".repeat(200) + "x");
    }
    assert!(is_limited(&ways), "too many edges");
}
