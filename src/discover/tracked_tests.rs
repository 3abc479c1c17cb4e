use super::*;
use crate::discover::fixture::{IndexBytes, Tree, mode, path};
use crate::lockfile::Limits;

fn add_in(tree: &Tree, asked: &[&str]) -> Found {
    let asked: Vec<FilePath> = asked.iter().map(|asked| path(asked)).collect();
    let files = DirectoryFiles::new(tree.root(), Limits::default());
    let work_tree = WorkTree::at(&tree.root())
        .expect("no error")
        .expect("a work tree");
    let mut found = Found::default();
    add(&work_tree, &asked, &files, &mut found);
    found
}

fn candidates(found: &Found) -> Vec<(&str, Origin)> {
    found
        .candidates
        .iter()
        .map(|(path, origin)| (path.as_str(), *origin))
        .collect()
}

fn first_problem(found: &Found) -> (&str, &str, &str) {
    let problem = &found.problems[0];
    let help = problem.help.as_ref().expect("a remedy");
    (
        problem.path.as_str(),
        problem.message.as_str(),
        help.as_str(),
    )
}

#[test]
fn tracked_lockfiles_below_the_paths_are_candidates() {
    let tree = Tree::new(&[]);
    tree.track(&[
        "Cargo.lock",
        "a/package.json",
        "vendor/app/Cargo.lock",
        "web/yarn.lock",
    ]);
    let all = add_in(&tree, &[""]);
    let expected = ["Cargo.lock", "vendor/app/Cargo.lock", "web/yarn.lock"]
        .map(|path| (path, Origin::Tracked));
    assert_eq!(candidates(&all), expected);
    assert_eq!(candidates(&add_in(&tree, &["vendor", "x"])), [expected[1]]);
}

#[test]
fn a_sparse_checkout_is_told_from_a_lost_file() {
    let tree = Tree::new(&[]);
    tree.track_entries(&[("a/uv.lock", mode(IndexKind::File), Checkout::Skipped)]);
    assert_eq!(
        candidates(&add_in(&tree, &[""])),
        [("a/uv.lock", Origin::LeftOut)]
    );
}

#[test]
fn tracked_links_are_never_opened() {
    let tree = Tree::new(&[("Cargo.lock", "../other/Cargo.lock")]);
    tree.track_entries(&[("Cargo.lock", mode(IndexKind::Link), Checkout::Full)]);
    let mut found = add_in(&tree, &[""]);
    found.candidate(path("Cargo.lock"), Origin::Walked);
    found.settle_links();
    assert_eq!(candidates(&found), []);
    assert_eq!(first_problem(&found).0, "Cargo.lock");
}

#[test]
fn a_submodule_that_is_not_checked_out_is_a_problem() {
    let tree = Tree::new(&[]);
    tree.folder("libs/empty");
    let submodule = mode(IndexKind::Submodule);
    let entries = [
        ("a b", submodule, Checkout::Full),
        ("libs/empty", submodule, Checkout::Full),
    ];
    tree.track_entries(&entries);
    let found = add_in(&tree, &[""]);
    assert!(
        found.problems[0]
            .help
            .as_ref()
            .is_some_and(|help| help.as_str().ends_with("--recursive"))
    );
    let found = add_in(&tree, &["libs"]);
    let (place, message, help) = first_problem(&found);
    assert_eq!((found.problems.len(), place), (1, "libs/empty"));
    assert!(message.contains("not checked out"));
    assert!(help.ends_with("git submodule update --init libs/empty"));
    assert_eq!(found.skipped.len(), 1);
}

#[test]
fn the_index_of_a_submodule_counts() {
    let tree = Tree::new(&[
        ("libs/sub/.git", "gitdir: ../../.git/modules/sub\n"),
        (".git/modules/sub/HEAD", "ref: x"),
        (
            ".git/modules/sub/config",
            "[core]\n\tworktree = ../../../libs/sub\n",
        ),
    ]);
    tree.track_entries(&[("libs/sub", mode(IndexKind::Submodule), Checkout::Full)]);
    let index =
        IndexBytes::new(2).entries(&[("vendor/Cargo.lock", mode(IndexKind::File), Checkout::Full)]);
    tree.write(".git/modules/sub/index", index.finish());
    let expected = [("libs/sub/vendor/Cargo.lock", Origin::Tracked)];
    assert_eq!(candidates(&add_in(&tree, &[""])), expected);
    assert_eq!(candidates(&add_in(&tree, &["libs/sub/vendor"])), expected);
    assert_eq!(candidates(&add_in(&tree, &["libs/other"])), []);
}

#[cfg(unix)]
#[test]
fn a_submodule_behind_a_link_is_not_entered() {
    let outside = Tree::new(&[("Cargo.lock", "")]);
    let tree = Tree::new(&[]);
    tree.link(&outside.place(""), "sub");
    tree.track_entries(&[("sub", mode(IndexKind::Submodule), Checkout::Full)]);
    assert!(
        first_problem(&add_in(&tree, &[""]))
            .1
            .contains("no folder that can be listed")
    );
}

#[test]
fn a_damaged_index_is_a_problem() {
    let tree = Tree::new(&[]);
    tree.track(&["Cargo.lock"]);
    tree.write(
        ".git/index",
        "DIRC\0\0\0\u{2}\0\0\0\u{9}tooshorttooshorttooshort",
    );
    let found = add_in(&tree, &[""]);
    let (place, message, help) = first_problem(&found);
    assert_eq!(place, ".git");
    assert!(
        message.contains("damaged") && help.contains("git status"),
        "{message}"
    );
    assert_eq!(found.problems[0].severity, ProblemSeverity::Error);
}

#[test]
fn an_export_without_its_repository_is_a_warning() {
    let tree = Tree::new(&[(".git", "gitdir: /nowhere/at/all\n")]);
    let found = add_in(&tree, &[""]);
    assert_eq!(found.problems[0].severity, ProblemSeverity::Warning);
}

#[test]
fn tracked_lockfiles_below_names_that_are_no_text_are_a_problem() {
    let tree = Tree::new(&[]);
    tree.track(&[r"a/b\c/Cargo.lock"]);
    let found = add_in(&tree, &["a"]);
    let (place, message, _) = first_problem(&found);
    assert_eq!(place, "a");
    assert!(message.contains(r"b\c"), "{message}");
    assert!(add_in(&tree, &["x"]).problems.is_empty());
}
