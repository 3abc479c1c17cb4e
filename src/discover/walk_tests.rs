use super::*;
use crate::discover::fixture::{Tree, path};
use crate::discover::skipped::Skipped;

fn walk_in(tree: &Tree, folder: &str, limits: &Limits) -> Found {
    let files = DirectoryFiles::new(tree.root(), *limits);
    let mut found = Found::default();
    walk(&files, limits, &path(folder), &mut found);
    found
}

fn walk_all(tree: &Tree) -> Found {
    walk_in(tree, "", &Limits::default())
}

fn candidates(found: &Found) -> Vec<&str> {
    found.candidates.keys().map(FilePath::as_str).collect()
}

fn skipped(found: &Found) -> Vec<(&str, SkippedBecause)> {
    let skipped = found.skipped.iter();
    skipped
        .map(|Skipped { path, reason }| (path.as_str(), *reason))
        .collect()
}

#[test]
fn lockfiles_and_manifests_are_found_in_hidden_folders_too() {
    let tree = Tree::new(&[
        (".github/tool/package-lock.json", ""),
        (".github/tool/package.json", ""),
        ("Cargo.toml", ""),
        ("Package-Lock.json", ""),
        ("app/CARGO.LOCK", ""),
        ("app/README.md", ""),
        ("pyproject.toml", ""),
    ]);
    let found = walk_all(&tree);
    assert_eq!(
        candidates(&found),
        [
            ".github/tool/package-lock.json",
            "Package-Lock.json",
            "app/CARGO.LOCK"
        ]
    );
    let manifests: Vec<_> = found.manifests.keys().map(FilePath::as_str).collect();
    assert_eq!(
        manifests,
        [".github/tool/package.json", "Cargo.toml", "pyproject.toml"]
    );
    assert!(found.problems.is_empty());
}

#[test]
fn the_copy_that_npm_keeps_for_itself_is_no_candidate() {
    let tree = Tree::new(&[("x/.package-lock.json", "")]);
    assert_eq!(candidates(&walk_all(&tree)), Vec::<&str>::new());
}

#[test]
fn git_folders_and_nested_repositories() {
    let tree = Tree::new(&[
        (".git/Cargo.lock", ""),
        ("nested/.git/HEAD", ""),
        ("nested/Cargo.lock", ""),
    ]);
    let found = walk_all(&tree);
    assert_eq!(candidates(&found), ["nested/Cargo.lock"]);
    assert_eq!(skipped(&found), []);
}

#[test]
fn installed_and_built_folders_are_counted_and_not_entered() {
    let tree = Tree::new(&[
        ("Cargo.toml", ""),
        ("target/package/a/Cargo.lock", ""),
        ("tool/target/CACHEDIR.TAG", ""),
        ("tool/target/Cargo.lock", ""),
        ("web/node_modules/a/package-lock.json", ""),
        ("venv/pyvenv.cfg", ""),
        ("venv/lib/requirements.txt", ""),
        ("maps/target/uv.lock", ""),
    ]);
    let found = walk_all(&tree);
    assert_eq!(candidates(&found), ["maps/target/uv.lock"]);
    let expected = [
        ("target", SkippedBecause::BuildOutput),
        ("tool/target", SkippedBecause::BuildOutput),
        ("venv", SkippedBecause::VirtualEnvironment),
        ("web/node_modules", SkippedBecause::NodeModules),
    ];
    assert_eq!(skipped(&found), expected);
}

#[test]
fn gitignore_is_honoured_and_counted() {
    let tree = Tree::new(&[
        (".gitignore", "/build/\nuv.lock\nvendor/*\n!vendor/kept/\n"),
        ("build/Cargo.lock", ""),
        ("a/uv.lock", ""),
        ("a/yarn.lock", ""),
        ("b/.gitignore", "!uv.lock\nCargo.lock\n"),
        ("b/uv.lock", ""),
        ("b/Cargo.lock", ""),
        ("vendor/kept/Cargo.lock", ""),
        ("vendor/gone/Cargo.lock", ""),
    ]);
    let found = walk_all(&tree);
    assert_eq!(
        candidates(&found),
        ["a/yarn.lock", "b/uv.lock", "vendor/kept/Cargo.lock"]
    );
    let ignored: Vec<_> = skipped(&found).into_iter().map(|(path, _)| path).collect();
    assert_eq!(
        ignored,
        ["a/uv.lock", "b/Cargo.lock", "build", "vendor/gone"]
    );
}

#[test]
fn a_named_folder_is_entered_under_the_rules_above_it() {
    let tree = Tree::new(&[
        (".gitignore", "build/\nuv.lock\n"),
        ("build/Cargo.lock", ""),
        ("build/uv.lock", ""),
        ("node_modules/a/Cargo.lock", ""),
    ]);
    let found = walk_in(&tree, "build", &Limits::default());
    assert_eq!(candidates(&found), ["build/Cargo.lock"]);
    let found = walk_in(&tree, "node_modules/a", &Limits::default());
    assert_eq!(candidates(&found), ["node_modules/a/Cargo.lock"]);
}

#[test]
fn configuration_in_the_tree_is_no_candidate() {
    let tree = Tree::new(&[(".npmrc", ""), (".cargo/config.toml", ""), ("pip.conf", "")]);
    let found = walk_all(&tree);
    assert!(found.candidates.is_empty() && found.manifests.is_empty());
}

#[test]
fn what_lies_too_deep_is_a_problem() {
    let tree = Tree::new(&[
        ("a/Cargo.lock", ""),
        ("a/b/Cargo.lock", ""),
        ("a/b/c/Cargo.lock", ""),
    ]);
    let found = walk_in(
        &tree,
        "",
        &Limits {
            depth: 2,
            ..Limits::default()
        },
    );
    assert_eq!(candidates(&found), ["a/Cargo.lock", "a/b/Cargo.lock"]);
    assert_eq!(skipped(&found), [("a/b/c", SkippedBecause::TooDeep)]);
    assert_eq!(found.problems[0].path, path("a/b/c"));
}

#[cfg(unix)]
#[test]
fn links_are_never_followed() {
    let outside = Tree::new(&[("Cargo.lock", ""), ("folder/Cargo.lock", "")]);
    let tree = Tree::new(&[(".gitignore", "ignored/*\n")]);
    tree.link(&outside.place("Cargo.lock"), "Cargo.lock");
    tree.link(&outside.place("folder"), "folder");
    tree.link(&tree.place(""), "again");
    tree.link(&outside.place("Cargo.lock"), "ignored/Cargo.lock");
    let mut found = walk_all(&tree);
    found.settle_links();
    assert_eq!(candidates(&found), Vec::<&str>::new());
    let expected = [
        ("again", SkippedBecause::Link),
        ("folder", SkippedBecause::Link),
        ("ignored/Cargo.lock", SkippedBecause::Ignored),
    ];
    assert_eq!(skipped(&found), expected);
    assert_eq!(found.problems.len(), 1);
    assert_eq!(found.problems[0].path, path("Cargo.lock"));
    assert_eq!(
        found.problems[0].message.as_str(),
        "is a link, so it was not opened"
    );
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_listed_is_a_problem() {
    use std::os::unix::fs::PermissionsExt;
    let tree = Tree::new(&[("closed/Cargo.lock", ""), ("open/Cargo.lock", "")]);
    let closed = tree.place("closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("own folder");
    let is_privileged = fs::read_dir(&closed).is_ok();
    let found = walk_all(&tree);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).expect("own folder");
    if is_privileged {
        return crate::discover::fixture::skip("user whom permissions bind");
    }
    assert_eq!(candidates(&found), ["open/Cargo.lock"]);
    assert_eq!(found.problems[0].path, path("closed"));
    assert!(
        found.problems[0]
            .message
            .as_str()
            .starts_with("could not be listed")
    );
}

#[cfg(target_os = "linux")]
#[test]
fn lockfiles_below_names_that_are_no_text_are_a_problem_of_the_folder_above() {
    use std::os::unix::ffi::OsStrExt;
    let tree = Tree::new(&[("a/x", ""), ("b/x", ""), (r"c\d/Cargo.lock", "")]);
    let place = |folder: &str, name: &[u8]| tree.place(folder).join(OsStr::from_bytes(name));
    fs::create_dir_all(place("a", b"n\xff/deep")).expect("a folder");
    fs::write(place("a", b"n\xff/deep/uv.lock"), "").expect("a file");
    fs::create_dir_all(place("b", b"n\xff")).expect("a folder");
    fs::write(place("b", b"requirements-\xff.txt"), "").expect("a file");
    let found = walk_all(&tree);
    let problems: Vec<_> = found
        .problems
        .iter()
        .map(|problem| problem.path.clone())
        .collect();
    assert_eq!(problems, [path("a"), path("b"), path("")]);
    assert!(
        found.problems[1]
            .message
            .as_str()
            .contains("requirements-\u{fffd}.txt")
    );
}

#[test]
fn a_folder_that_is_gone_holds_nothing() {
    let tree = Tree::new(&[]);
    let found = walk_in(&tree, "gone", &Limits::default());
    assert!(found.problems.is_empty() && found.candidates.is_empty());
}
