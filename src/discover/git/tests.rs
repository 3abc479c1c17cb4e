use super::*;
use crate::discover::fixture::{IndexBytes, Tree};

fn everything(_: &str) -> bool {
    true
}

fn paths(work_tree: &WorkTree) -> Vec<String> {
    let index = work_tree.index(&everything).expect("an index");
    index
        .entries
        .iter()
        .map(|entry| entry.path.as_str().to_owned())
        .collect()
}

fn find(folder: &Utf8Path) -> WorkTree {
    WorkTree::find(folder)
        .expect("no error")
        .expect("a work tree")
}

#[test]
fn the_work_tree_of_a_folder_is_found_above_it() {
    let tree = Tree::new(&[("a/b/c.txt", "")]);
    tree.track(&["a/b/c.txt"]);
    let found = find(&tree.text_place("a/b"));
    assert_eq!(found.root, tree.root());
    assert_eq!(paths(&found), ["a/b/c.txt"]);
}

#[test]
fn an_empty_git_folder_makes_no_work_tree() {
    let tree = Tree::new(&[("a/x", "")]);
    tree.track(&["a/x"]);
    tree.folder("a/.git");
    assert_eq!(find(&tree.text_place("a")).root, tree.root());
}

#[test]
fn a_linked_work_tree_has_its_own_index_and_the_common_configuration() {
    let tree = Tree::new(&[
        ("main/.git/HEAD", "ref: x"),
        (
            "main/.git/config",
            "[core]\n\tbare = false\n[extensions]\n\tobjectFormat = sha256\n",
        ),
        ("main/.git/worktrees/w/commondir", "../..\n"),
        ("w/.git", "gitdir: ../main/.git/worktrees/w\n"),
    ]);
    let index = IndexBytes::new(2)
        .sha256()
        .entries(&[("Cargo.lock", 0o100_644, Checkout::Full)]);
    tree.write("main/.git/worktrees/w/index", index.finish());
    assert_eq!(paths(&find(&tree.text_place("w"))), ["Cargo.lock"]);
}

#[test]
fn a_repository_without_an_index_tracks_nothing() {
    let tree = Tree::new(&[(".git/HEAD", "ref: x")]);
    assert_eq!(paths(&find(&tree.root())), Vec::<String>::new());
}

#[test]
fn a_git_file_that_names_nothing_is_an_error() {
    let tree = Tree::new(&[("a/.git", "nonsense"), ("b/.git", "gitdir: ../gone\n")]);
    let error = WorkTree::find(&tree.text_place("a")).expect_err("no folder is named");
    assert!(matches!(error.kind, GitErrorKind::Pointer));
    let error = find(&tree.text_place("b"))
        .index(&everything)
        .expect_err("no such folder");
    assert!(error.to_string().contains("not there"), "{error}");
}

#[test]
fn an_unknown_object_format_is_an_error() {
    let tree = Tree::new(&[(".git/config", "[extensions]\nobjectformat=sha9\n")]);
    tree.track(&[]);
    let error = find(&tree.root())
        .index(&everything)
        .expect_err("sha9 is unknown");
    assert!(error.to_string().contains("sha9"), "{error}");
}

#[test]
fn the_object_format_is_read_from_any_spelling_that_git_takes() {
    for config in [
        "[extensions]\n\tobjectFormat = sha256",
        "[Extensions] objectformat=\"sha256\" ; why",
        "[extensions]\nobjectformat = sha1\n[core]\nx = y\n[extensions]\nobjectformat = sha256 # z",
    ] {
        assert_eq!(
            configured_object_format(config).as_deref(),
            Some("sha256"),
            "{config}"
        );
    }
    assert_eq!(
        configured_object_format("[other]\nobjectformat = sha256"),
        None
    );
    assert_eq!(
        configured_object_format("[extensions \"x\"]\nobjectformat = sha256"),
        None
    );
}

#[test]
fn real_repositories_are_read_as_git_writes_them() {
    for (format, version) in [
        ("sha1", "2"),
        ("sha1", "4"),
        ("sha256", "2"),
        ("sha256", "4"),
    ] {
        let tree = Tree::new(&[
            ("a/Cargo.lock", ""),
            ("a/Cargo.toml", ""),
            ("web/yarn.lock", ""),
        ]);
        if !tree.git(&["init", "-q", &format!("--object-format={format}")]) {
            return;
        }
        tree.git(&["add", "-A"]);
        tree.git(&["update-index", "--index-version", version]);
        let zero = "1".repeat(if format == "sha1" { 40 } else { 64 });
        tree.git(&[
            "update-index",
            "--add",
            "--cacheinfo",
            &format!("160000,{zero},libs/sub"),
        ]);
        tree.git(&["update-index", "--skip-worktree", "web/yarn.lock"]);
        let index = find(&tree.root())
            .index(&|path| path.contains(".lock"))
            .expect("an index");
        let entries: Vec<_> = index
            .entries
            .iter()
            .map(|entry| (entry.path.as_str(), entry.kind, entry.checkout))
            .collect();
        let expected = [
            ("a/Cargo.lock", IndexKind::File, Checkout::Full),
            ("libs/sub", IndexKind::Submodule, Checkout::Full),
            ("web/yarn.lock", IndexKind::File, Checkout::Skipped),
        ];
        assert_eq!(entries, expected, "{format} {version}");
    }
}

#[test]
fn a_split_or_sparse_index_of_git_is_an_error() {
    let tree = Tree::new(&[("a/x", "1"), ("b/x", "1"), ("c/x", "1")]);
    if !tree.git(&["init", "-q"]) {
        return;
    }
    tree.git(&["add", "-A"]);
    tree.git(&["commit", "-q", "-m", "m"]);
    tree.git(&["update-index", "--split-index"]);
    tree.write("b/x", "2");
    tree.git(&["add", "-A"]);
    let error = find(&tree.root())
        .index(&everything)
        .expect_err("a split index");
    assert!(
        matches!(error.kind, GitErrorKind::Index(IndexError::Split)),
        "{error}"
    );
    tree.git(&["update-index", "--no-split-index"]);
    tree.git(&["commit", "-q", "-m", "n"]);
    tree.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "a"]);
    let error = find(&tree.root())
        .index(&everything)
        .expect_err("a sparse index");
    assert!(
        matches!(error.kind, GitErrorKind::Index(IndexError::Sparse)),
        "{error}"
    );
}

#[test]
fn a_linked_work_tree_of_git_is_read() {
    let tree = Tree::new(&[("main/Cargo.lock", "")]);
    if !tree.git(&["init", "-q", "main"]) {
        return;
    }
    tree.git(&["-C", "main", "add", "-A"]);
    tree.git(&["-C", "main", "commit", "-q", "-m", "m"]);
    tree.git(&["-C", "main", "worktree", "add", "-q", "../linked"]);
    let linked = find(&tree.text_place("linked"));
    assert_eq!(linked.root, tree.text_place("linked"));
    assert_eq!(paths(&linked), ["Cargo.lock"]);
}
