use super::*;
use crate::files::MapFiles;
use crate::graph::unify;
use crate::lockfile::{self, Limits, Lockfile, SourceFile};
use crate::path::FilePath;

/// A tree of lockfiles: a path and a text each.
type Tree<'t> = [(&'t str, String)];

fn files(tree: &Tree<'_>) -> Vec<SourceFile> {
    let file = |(path, text): &(&str, String)| {
        let path = FilePath::new(path).expect("a path inside the root");
        SourceFile::new(path, text.clone())
    };
    tree.iter().map(file).collect()
}

fn lockfiles(files: &[SourceFile]) -> Vec<Lockfile<'_>> {
    let read = |file| {
        let format = lockfile::detect(file).expect("a lockfile");
        lockfile::parse(format, file, &MapFiles::default(), &Limits::default())
            .expect("a readable lockfile")
    };
    files.iter().map(read).collect()
}

/// Compares two trees, and tells each difference in a line.
fn told(before: &Tree<'_>, after: &Tree<'_>) -> Vec<String> {
    let (before, after) = (files(before), files(after));
    let (before, after) = (lockfiles(&before), lockfiles(&after));
    let (before, after) = (unify(&before), unify(&after));
    let shown = |graph: &DependencyGraph<'_>, ids: &[PackageId]| {
        let purls = ids.iter().map(|id| short(graph, *id));
        purls.collect::<Vec<_>>().join("+")
    };
    let folder = |graph: &DependencyGraph<'_>, id: Option<ProjectId>| {
        let folder = id.map(|id| graph.project(id).folder.untrusted().as_str().to_owned());
        folder.unwrap_or_default()
    };
    let mut lines = Vec::new();
    for project in compare(&before, &after).projects {
        let (old, new) = (
            folder(&before, project.before),
            folder(&after, project.after),
        );
        let place = if old == new {
            new
        } else {
            format!("{old}→{new}")
        };
        for change in &project.packages {
            let (old, new) = (shown(&before, &change.before), shown(&after, &change.after));
            lines.push(format!("{place}: {:?} {old}→{new}", change.kind()));
        }
        for altered in &project.altered {
            let new = short(&after, altered.after);
            lines.push(format!("{place}: {:?} {new}", altered.what));
        }
        for (from, to) in &project.links {
            let (from, to) = (short(&after, *from), short(&after, *to));
            lines.push(format!("{place}: {from} asks for {to}"));
        }
    }
    lines
}

fn short(graph: &DependencyGraph<'_>, id: PackageId) -> String {
    let package = graph.package(id);
    let version = package.version.as_ref().map_or("", Version::as_str);
    format!("{}@{version}", package.name.as_str())
}

const GOOD: &str = "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==";
const OTHER: &str = "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";
const WEAK: &str = "sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// A record of package-lock.json: where it lies, its version, and more fields behind a comma.
fn at(location: &str, version: &str, more: &str) -> String {
    format!(r#""node_modules/{location}":{{"version":"{version}"{more}}}"#)
}

fn pinned(location: &str, integrity: &str) -> String {
    at(location, "1.0.0", &format!(r#","integrity":"{integrity}""#))
}

fn lock(records: &[String]) -> String {
    let root = r#""":{"dependencies":{}}"#.to_owned();
    let records = [&[root], records].concat().join(",");
    format!(r#"{{"lockfileVersion":3,"packages":{{{records}}}}}"#)
}

fn one(records: &[String]) -> Vec<(&'static str, String)> {
    vec![("package-lock.json", lock(records))]
}

#[test]
fn releases_come_go_and_take_the_place_of_others() {
    let before = one(&[
        at("a", "1.0.0", ""),
        at("b", "1.0.0", ""),
        at("c", "1.0.0", ""),
    ]);
    let after = one(&[
        at("a", "2.0.0", ""),
        at("c", "1.0.0", ""),
        at("d", "1.0.0", ""),
    ]);
    assert_eq!(
        told(&before, &after),
        [
            ".: Changed a@1.0.0→a@2.0.0",
            ".: Removed b@1.0.0→",
            ".: Added →d@1.0.0",
        ]
    );
    assert_eq!(told(&after, &after), Vec::<String>::new());
}

#[test]
fn a_second_release_of_a_name_is_added_and_hoisting_is_nothing() {
    let before = one(&[at("a", "1.0.0", ""), at("b", "1.0.0", "")]);
    let second = one(&[
        at("a", "1.0.0", ""),
        at("b", "1.0.0", ""),
        at("b/node_modules/a", "2.0.0", ""),
    ]);
    let hoisted = one(&[
        at("a", "2.0.0", ""),
        at("b", "1.0.0", ""),
        at("b/node_modules/a", "1.0.0", ""),
    ]);
    assert_eq!(told(&before, &second), [".: Added →a@2.0.0"]);
    assert_eq!(told(&second, &hoisted), Vec::<String>::new());
}

#[test]
fn what_comes_to_one_project_from_another_is_moved() {
    let both = |web: &[String], api: &[String]| {
        [
            ("api/package-lock.json", lock(api)),
            ("web/package-lock.json", lock(web)),
        ]
    };
    let (a, b) = (at("a", "1.0.0", ""), at("b", "1.0.0", ""));
    let before = both(&[a.clone(), b.clone()], &[]);
    let after = both(std::slice::from_ref(&b), std::slice::from_ref(&a));
    assert_eq!(
        told(&before, &after),
        ["api: Moved →a@1.0.0", "web: Removed a@1.0.0→"]
    );
    let copied = both(&[a.clone(), b], &[a]);
    assert_eq!(told(&before, &copied), ["api: Added →a@1.0.0"]);
}

#[test]
fn a_folder_with_another_name_is_the_same_project_if_it_holds_the_same() {
    let records = |last: &str| {
        lock(&[
            at("a", "1.0.0", ""),
            at("b", "1.0.0", ""),
            at("c", last, ""),
        ])
    };
    let before = [("old/package-lock.json", records("1.0.0"))];
    let after = [
        ("new/package-lock.json", records("2.0.0")),
        ("other/package-lock.json", lock(&[at("z", "1.0.0", "")])),
    ];
    assert_eq!(
        told(&before, &after),
        ["old→new: Changed c@1.0.0→c@2.0.0", "→other: Added →z@1.0.0"]
    );
    let unlike = [
        ("new/package-lock.json", lock(&[at("a", "1.0.0", "")])),
        ("other/package-lock.json", lock(&[at("z", "1.0.0", "")])),
    ];
    assert_eq!(
        told(&before, &unlike),
        [
            "→new: Moved →a@1.0.0",
            "old→: Removed a@1.0.0→",
            "old→: Removed b@1.0.0→",
            "old→: Removed c@1.0.0→",
            "→other: Added →z@1.0.0",
        ]
    );
}

#[test]
fn another_source_at_the_same_version_is_an_alteration() {
    let resolved = |host: &str| {
        let more = format!(r#","resolved":"https://{host}/a/-/a-1.0.0.tgz""#);
        one(&[at("a", "1.0.0", &more)])
    };
    assert_eq!(
        told(&resolved("registry.npmjs.org"), &resolved("evil.example")),
        [".: Changed a@1.0.0→a@1.0.0", ".: Source a@1.0.0"]
    );
}

#[test]
fn digests_that_are_replaced_dropped_or_weakened_are_alterations() {
    let change = |before: &str, after: &str| {
        let tree = |integrity: &str| match integrity {
            "" => one(&[at("a", "1.0.0", "")]),
            integrity => one(&[pinned("a", integrity)]),
        };
        told(&tree(before), &tree(after))
    };
    let nothing = Vec::<String>::new();
    assert_eq!(change(GOOD, OTHER), [".: Pin(Replaced) a@1.0.0"]);
    assert_eq!(change(GOOD, ""), [".: Pin(Dropped) a@1.0.0"]);
    assert_eq!(change(GOOD, WEAK), [".: Pin(Weakened) a@1.0.0"]);
    assert_eq!(change(GOOD, &format!("{GOOD} {WEAK}")), nothing);
    assert_eq!(
        change(WEAK, GOOD),
        nothing,
        "a sound digest for a broken one"
    );
    assert_eq!(change("", GOOD), nothing);
    assert_eq!(change(GOOD, GOOD), nothing);
}

#[test]
fn a_sound_digest_that_was_not_there_may_stand_for_other_bytes() {
    let evil = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let before = one(&[pinned("a", GOOD)]);
    for after in [evil.to_owned(), format!("{GOOD} {OTHER}")] {
        let after = one(&[pinned("a", &after)]);
        assert_eq!(told(&before, &after), [".: Pin(Replaced) a@1.0.0"]);
    }
}

#[test]
fn one_entry_that_loses_its_digest_is_enough() {
    let two = |one: &str, other: &str| {
        let record = |location: &str, integrity: &str| match integrity {
            "" => at(location, "1.0.0", ""),
            integrity => pinned(location, integrity),
        };
        let (a, nested) = (record("a", one), record("b/node_modules/a", other));
        vec![(
            "package-lock.json",
            lock(&[a, at("b", "1.0.0", ""), nested]),
        )]
    };
    let change = |after: &Tree<'_>| told(&two(GOOD, GOOD), after);
    assert_eq!(change(&two(GOOD, "")), [".: Pin(Dropped) a@1.0.0"]);
    assert_eq!(change(&two(GOOD, WEAK)), [".: Pin(Weakened) a@1.0.0"]);
    assert_eq!(change(&two(GOOD, OTHER)), [".: Pin(Replaced) a@1.0.0"]);
    assert_eq!(
        told(&two("", GOOD), &two("", OTHER)),
        [".: Pin(Replaced) a@1.0.0"]
    );
    // A copy that had none, as npm leaves them, has lost none; but one more of them has.
    for (before, after) in [
        (two(GOOD, ""), two("", GOOD)),
        (two(GOOD, WEAK), two(GOOD, WEAK)),
    ] {
        assert_eq!(told(&before, &after), Vec::<String>::new());
    }
    assert_eq!(
        told(&two(GOOD, ""), &two("", "")),
        [".: Pin(Dropped) a@1.0.0"]
    );
}

#[test]
fn a_bundled_copy_beside_a_pinned_one_is_nothing_and_in_its_place_a_loss() {
    let holder = || at("h", "1.0.0", "");
    let nested = |more: &str| at("h/node_modules/a", "1.0.0", more);
    let (pin, bundled) = (format!(r#","integrity":"{GOOD}""#), r#","inBundle":true"#);
    let before = one(&[holder(), pinned("a", GOOD)]);
    let beside = one(&[holder(), pinned("a", GOOD), nested(bundled)]);
    assert_eq!(told(&before, &beside), Vec::<String>::new());
    let (own, claimed) = (
        one(&[holder(), nested(&pin)]),
        one(&[holder(), nested(bundled)]),
    );
    assert_eq!(told(&own, &claimed), [".: Pin(Dropped) a@1.0.0"]);
}

#[test]
fn what_moves_is_compared_as_well() {
    let both = |web: &str, api: &str| {
        let lock = |integrity: &str| match integrity {
            "" => lock(&[at("b", "1.0.0", "")]),
            integrity => lock(&[at("b", "1.0.0", ""), pinned("a", integrity)]),
        };
        [
            ("api/package-lock.json", lock(api)),
            ("web/package-lock.json", lock(web)),
        ]
    };
    assert_eq!(
        told(&both(GOOD, ""), &both("", OTHER)),
        [
            "api: Moved →a@1.0.0",
            "api: Pin(Replaced) a@1.0.0",
            "web: Removed a@1.0.0→"
        ]
    );
}

#[test]
fn another_spelling_of_a_version_is_the_same_release() {
    let lock = |version: &str, digit: char| {
        let hash: String = std::iter::repeat_n(digit, 64).collect();
        [(
            "requirements.txt",
            format!("a=={version} --hash=sha256:{hash}\n"),
        )]
    };
    assert_eq!(
        told(&lock("1.0", '1'), &lock("1.0.0", '2')),
        [".: Changed a@1.0→a@1.0.0", ".: Pin(Replaced) a@1.0.0"]
    );
}

#[test]
fn a_commit_of_the_same_repository_is_a_change_and_another_repository_an_alteration() {
    let lock = |url: &str| one(&[at("a", "1.0.0", &format!(r#","resolved":"{url}""#))]);
    let commit = |digit: char| -> String { std::iter::repeat_n(digit, 40).collect() };
    let before = lock(&format!("git+ssh://git@github.com/o/a.git#{}", commit('1')));
    let same = lock(&format!("git+https://github.com/o/a.git#{}", commit('2')));
    let other = lock(&format!(
        "git+https://github.com/evil/a.git#{}",
        commit('1')
    ));
    let changed = ".: Changed a@1.0.0→a@1.0.0".to_owned();
    assert_eq!(told(&before, &same), std::slice::from_ref(&changed));
    let source = ".: Source a@1.0.0".to_owned();
    assert_eq!(told(&before, &other), [changed, source]);
}

#[test]
fn a_registry_that_a_lockfile_does_not_name_is_no_other() {
    let corporate = r#","resolved":"https://npm.corp.example/a/-/a-1.0.0.tgz""#;
    let public = r#","resolved":"https://registry.npmjs.org/a/-/a-1.0.0.tgz""#;
    let lock = |more: &str| one(&[at("a", "1.0.0", more)]);
    let changed = ".: Changed a@1.0.0→a@1.0.0".to_owned();
    assert_eq!(
        told(&lock(corporate), &lock("")),
        std::slice::from_ref(&changed)
    );
    assert_eq!(
        told(&lock(""), &lock(corporate)),
        std::slice::from_ref(&changed)
    );
    let source = ".: Source a@1.0.0".to_owned();
    assert_eq!(told(&lock(public), &lock(corporate)), [changed, source]);
}

/// A uv.lock with one package, whose files are wheels: the name and the first digit of the digest of each.
fn uv(wheels: &[(&str, char)]) -> Vec<(&'static str, String)> {
    let wheels = wheels.iter().map(|(file, digit)| {
        let hash: String = std::iter::repeat_n(*digit, 64).collect();
        format!("{{ url = \"https://files.pythonhosted.org/{file}\", hash = \"sha256:{hash}\" }},")
    });
    let wheels: String = wheels.collect();
    let text = format!(
        "version = 1\nrequires-python = \">=3\"\n[[package]]\nname = \"a\"\nversion = \"1\"\nsource = {{ registry = \"https://pypi.org/simple\" }}\nwheels = [{wheels}]\n"
    );
    vec![("uv.lock", text)]
}

#[test]
fn files_are_told_by_their_names_and_further_ones_are_nothing() {
    let before = uv(&[("a-1-linux.whl", '1'), ("a-1-mac.whl", '2')]);
    let further = uv(&[
        ("a-1-linux.whl", '1'),
        ("a-1-mac.whl", '2'),
        ("a-1-win.whl", '3'),
    ]);
    let fewer = uv(&[("a-1-linux.whl", '1')]);
    let replaced = uv(&[("a-1-linux.whl", '1'), ("a-1-mac.whl", '9')]);
    assert_eq!(told(&before, &further), Vec::<String>::new());
    assert_eq!(told(&before, &fewer), Vec::<String>::new());
    assert_eq!(told(&before, &replaced), [".: Pin(Replaced) a@1"]);
}

#[test]
fn a_dependency_between_packages_that_stayed_is_a_link() {
    let asks = r#","dependencies":{"b":"1"}"#;
    let (plain, b) = (at("a", "1.0.0", ""), at("b", "1.0.0", ""));
    let before = one(&[plain, b.clone()]);
    let after = one(&[at("a", "1.0.0", asks), b.clone()]);
    assert_eq!(told(&before, &after), [".: a@1.0.0 asks for b@1.0.0"]);
    let bumped = one(&[at("a", "2.0.0", asks), b]);
    assert_eq!(told(&before, &bumped), [".: Changed a@1.0.0→a@2.0.0"]);
}

#[test]
fn a_project_that_comes_or_goes_brings_or_takes_everything() {
    let tree = one(&[at("a", "1.0.0", "")]);
    assert_eq!(told(&[], &tree), ["→.: Added →a@1.0.0"]);
    assert_eq!(told(&tree, &[]), [".→: Removed a@1.0.0→"]);
}
