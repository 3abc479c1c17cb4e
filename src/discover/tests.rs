use super::*;
use crate::discover::fixture::{CARGO_LOCK, PACKAGE_LOCK, Tree, path};

fn discover_in(tree: &Tree, paths: &[&str]) -> Discovery {
    let paths: Vec<Utf8PathBuf> = paths.iter().map(Utf8PathBuf::from).collect();
    let discovery = discover(&paths, &tree.root(), &Limits::default());
    discovery.unwrap_or_else(|error| panic!("{error}"))
}

fn lockfiles(discovery: &Discovery) -> Vec<&str> {
    discovery
        .lockfiles
        .iter()
        .map(|lockfile| lockfile.file.path().as_str())
        .collect()
}

fn problems(discovery: &Discovery) -> Vec<(&str, &str)> {
    let problems = discovery.problems.iter();
    problems
        .map(|problem| (problem.path.as_str(), problem.message.as_str()))
        .collect()
}

fn skipped(discovery: &Discovery, reason: SkippedBecause) -> Vec<&str> {
    let skipped = discovery
        .skipped
        .iter()
        .filter(|skipped| skipped.reason == reason);
    skipped.map(|skipped| skipped.path.as_str()).collect()
}

/// Everything of a discovery that a report could show.
fn summary(discovery: &Discovery) -> String {
    let manifests: Vec<_> = discovery
        .manifests
        .iter()
        .map(|manifest| (&manifest.path, manifest.asks_for_packages))
        .collect();
    let Discovery {
        skipped,
        problems,
        empty_paths,
        ..
    } = discovery;
    format!(
        "{:?} {manifests:?} {skipped:?} {problems:?} {empty_paths:?}",
        lockfiles(discovery)
    )
}

#[test]
fn lockfiles_and_manifests_come_sorted_with_their_formats() {
    let tree = Tree::new(&[
        ("z/Cargo.lock", CARGO_LOCK),
        (
            "z/Cargo.toml",
            "[package]\nname = \"z\"\n[dependencies]\nserde = \"1\"\n",
        ),
        ("a/package-lock.json", PACKAGE_LOCK),
        ("a/package.json", "{}"),
        ("b/package.json", "not JSON"),
    ]);
    let discovery = discover_in(&tree, &["."]);
    assert_eq!(
        lockfiles(&discovery),
        ["a/package-lock.json", "z/Cargo.lock"]
    );
    assert_eq!(discovery.lockfiles[1].format.id().0, "cargo-lock");
    let asks: Vec<_> = discovery
        .manifests
        .iter()
        .map(|manifest| (manifest.path.as_str(), manifest.asks_for_packages))
        .collect();
    let expected = [
        ("a/package.json", Some(false)),
        ("b/package.json", None),
        ("z/Cargo.toml", Some(true)),
    ];
    assert_eq!(asks, expected);
    assert_eq!(problems(&discovery), []);
    assert_eq!(
        discovery.files.read(&path("a/package.json")),
        Ok(Some("{}".to_owned()))
    );
}

#[test]
fn tracked_lockfiles_are_read_whatever_ignore_files_and_folder_names_say() {
    let tree = Tree::new(&[
        (".gitignore", "vendor/\n"),
        ("Cargo.toml", ""),
        ("vendor/app/Cargo.lock", CARGO_LOCK),
        ("vendor/other/Cargo.lock", CARGO_LOCK),
        ("node_modules/tool/package-lock.json", PACKAGE_LOCK),
        ("target/package/Cargo.lock", CARGO_LOCK),
    ]);
    let tracked = [
        "node_modules/tool/package-lock.json",
        "target/package/Cargo.lock",
        "vendor/app/Cargo.lock",
    ];
    tree.track(&tracked);
    let discovery = discover_in(&tree, &["."]);
    assert_eq!(lockfiles(&discovery), tracked);
    assert_eq!(skipped(&discovery, SkippedBecause::Ignored), ["vendor"]);
    assert_eq!(
        skipped(&discovery, SkippedBecause::NodeModules),
        ["node_modules"]
    );
    assert_eq!(skipped(&discovery, SkippedBecause::BuildOutput), ["target"]);
}

#[test]
fn only_what_lies_below_the_paths_is_read() {
    let tree = Tree::new(&[
        ("a/Cargo.lock", CARGO_LOCK),
        ("b/Cargo.lock", CARGO_LOCK),
        ("c/uv.lock", ""),
    ]);
    tree.track(&["a/Cargo.lock", "b/Cargo.lock"]);
    let discovery = discover_in(&tree, &["b", "c/uv.lock"]);
    assert_eq!(discovery.root, tree.root());
    assert_eq!(lockfiles(&discovery), ["b/Cargo.lock", "c/uv.lock"]);
}

#[test]
fn tracked_files_that_are_absent_or_pointers_are_problems() {
    let tree = Tree::new(&[(
        "a/Cargo.lock",
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    )]);
    tree.track(&["a/Cargo.lock", "b/Cargo.lock", "b/yarn.lock"]);
    let discovery = discover_in(&tree, &["."]);
    assert_eq!(lockfiles(&discovery), Vec::<&str>::new());
    let paths: Vec<_> = problems(&discovery)
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    assert_eq!(paths, ["a/Cargo.lock", "b/Cargo.lock", "b/yarn.lock"]);
    assert!(problems(&discovery)[2].1.contains("not in the work tree"));
}

#[test]
fn the_first_name_of_a_format_shadows_the_others_unless_they_are_named() {
    let tree = Tree::new(&[
        ("npm-shrinkwrap.json", PACKAGE_LOCK),
        ("package-lock.json", PACKAGE_LOCK),
        ("other/package-lock.json", PACKAGE_LOCK),
    ]);
    let discovery = discover_in(&tree, &["."]);
    assert_eq!(
        lockfiles(&discovery),
        ["npm-shrinkwrap.json", "other/package-lock.json"]
    );
    assert_eq!(
        skipped(&discovery, SkippedBecause::Shadowed),
        ["package-lock.json"]
    );
    let discovery = discover_in(&tree, &[".", "package-lock.json"]);
    assert_eq!(lockfiles(&discovery).len(), 3);
}

#[test]
fn a_tracked_name_that_is_absent_shadows_nothing() {
    let tree = Tree::new(&[("package-lock.json", PACKAGE_LOCK)]);
    tree.track(&["npm-shrinkwrap.json", "package-lock.json"]);
    assert_eq!(
        lockfiles(&discover_in(&tree, &["."])),
        ["package-lock.json"]
    );
}

#[test]
fn the_copy_that_npm_keeps_is_read_only_when_named() {
    let tree = Tree::new(&[("node_modules/.package-lock.json", PACKAGE_LOCK)]);
    assert_eq!(lockfiles(&discover_in(&tree, &["."])), Vec::<&str>::new());
    let discovery = discover_in(&tree, &["node_modules/.package-lock.json"]);
    assert_eq!(lockfiles(&discovery), [".package-lock.json"]);
}

#[test]
fn unread_formats_are_problems() {
    let tree = Tree::new(&[
        ("sub/bun.lockb", ""),
        ("docs/bun.lockb", ""),
        ("empty/requirements.txt", "# none\n"),
        ("node_modules/a/yarn.lock", ""),
    ]);
    let discovery = discover_in(&tree, &["."]);
    let names: Vec<_> = problems(&discovery)
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    assert_eq!(names, ["docs/bun.lockb", "sub/bun.lockb"]);
    let message = problems(&discovery)[1].1;
    assert!(message.starts_with("not read: this version of linchpin reads Cargo.lock"));
    assert!(discovery.empty_paths.is_empty());
}

#[test]
fn paths_that_yield_nothing_are_told() {
    let tree = Tree::new(&[
        ("a/Cargo.lock", CARGO_LOCK),
        ("b/README.md", ""),
        ("c/package.json", "{}"),
        ("d/yarn.lock", ""),
        ("e/requirements.txt", "# none"),
    ]);
    let discovery = discover_in(&tree, &["e", "a", "b", "c", "d"]);
    assert_eq!(discovery.empty_paths, [path("b"), path("e")]);
    assert!(discover_in(&tree, &["b"]).empty_paths[0].is_root());
}

#[test]
fn a_folder_that_one_path_passes_over_may_be_another() {
    let tree = Tree::new(&[(".gitignore", "build/\n"), ("build/Cargo.lock", CARGO_LOCK)]);
    let discovery = discover_in(&tree, &[".", "build"]);
    assert_eq!(lockfiles(&discovery), ["build/Cargo.lock"]);
    assert_eq!(discovery.skipped, []);
}

#[test]
fn any_order_of_paths_gives_the_same_result() {
    let tree = Tree::new(&[
        ("c/uv.lock", ""),
        ("a/yarn.lock", ""),
        ("b/Cargo.lock", CARGO_LOCK),
        ("d/x", ""),
    ]);
    tree.track(&["a/yarn.lock"]);
    let forwards = summary(&discover_in(&tree, &["a", "b", "c", "d"]));
    assert_eq!(
        forwards,
        summary(&discover_in(
            &tree,
            &["d", "c", "b", "a", "a", "b/Cargo.lock"]
        ))
    );
}

#[test]
fn many_lockfiles_are_read_in_parallel_in_order() {
    let tree = Tree::new(&[]);
    for folder in 0..100 {
        tree.write(&format!("{folder:03}/Cargo.lock"), CARGO_LOCK);
    }
    let discovery = discover_in(&tree, &["."]);
    assert_eq!(lockfiles(&discovery).len(), 100);
    assert!(lockfiles(&discovery).is_sorted());
    assert_eq!(summary(&discovery), summary(&discover_in(&tree, &["."])));
}

#[test]
fn usage_errors_name_the_path() {
    let tree = Tree::new(&[("a/.git/HEAD", "")]);
    let error = |paths: &[&str]| {
        let paths: Vec<Utf8PathBuf> = paths.iter().map(Utf8PathBuf::from).collect();
        discover(&paths, &tree.root(), &Limits::default())
            .err()
            .expect("an error")
    };
    assert!(matches!(error(&["gone"]), DiscoverError::Missing(_)));
    assert!(matches!(error(&["a", "."]), DiscoverError::Outside { .. }));
    assert!(matches!(error(&[]), DiscoverError::NoPath));
}

#[cfg(unix)]
#[test]
fn links_to_files_outside_are_never_read() {
    let outside = Tree::new(&[("Cargo.lock", CARGO_LOCK), ("app/Cargo.lock", CARGO_LOCK)]);
    let tree = Tree::new(&[("real/Cargo.lock", CARGO_LOCK)]);
    tree.link(&outside.place("Cargo.lock"), "Cargo.lock");
    tree.link(&outside.place("app"), "vendor");
    tree.track(&["vendor/Cargo.lock"]);
    let found = discover_in(&tree, &["."]);
    assert_eq!(lockfiles(&found), ["real/Cargo.lock"]);
    let link = "is a link, so it was not opened";
    assert_eq!(problems(&found)[0], ("Cargo.lock", link));
    assert!(
        problems(&found)[1]
            .1
            .contains("not a regular file inside the audited root")
    );
    assert_eq!(skipped(&found, SkippedBecause::Link), ["vendor"]);
    let named = discover_in(&tree, &["Cargo.lock"]);
    assert_eq!(
        (lockfiles(&named).len(), problems(&named)),
        (0, vec![("Cargo.lock", link)])
    );
    assert!(named.empty_paths.is_empty());
}

#[cfg(unix)]
#[test]
fn a_typed_link_inside_the_root_is_read_at_its_target() {
    let tree = Tree::new(&[("real/Cargo.lock", CARGO_LOCK)]);
    tree.track(&[]);
    tree.link(&tree.place("real/Cargo.lock"), "link");
    assert_eq!(
        lockfiles(&discover_in(&tree, &["link"])),
        ["real/Cargo.lock"]
    );
}

#[cfg(unix)]
#[test]
fn a_pipe_with_the_name_of_a_lockfile_does_not_block() {
    let tree = Tree::new(&[]);
    if !tree.pipe("Cargo.lock") || !tree.pipe("requirements.txt") || !tree.pipe("package.json") {
        return;
    }
    let discovery = discover_in(&tree, &["."]);
    assert!(problems(&discovery)[0].1.contains("not a regular file"));
    assert!(problems(&discovery)[1].1.contains("not a regular file"));
    assert_eq!(discovery.manifests[0].asks_for_packages, None);
    assert_eq!(problems(&discover_in(&tree, &["Cargo.lock"])).len(), 1);
}

#[test]
fn a_real_repository_with_a_submodule() {
    let tree = Tree::new(&[
        ("origin/Cargo.lock", CARGO_LOCK),
        ("main/.gitignore", "dist/\n"),
        ("main/dist/uv.lock", "version = 1\n"),
    ]);
    if !tree.git(&["init", "-q", "origin"]) {
        return;
    }
    let origin = tree.text_place("origin");
    let commands: &[&[&str]] = &[
        &["-C", "origin", "add", "-A"],
        &["-C", "origin", "commit", "-q", "-m", "m"],
        &["init", "-q", "main"],
        &["-C", "main", "add", "-A"],
        &["-C", "main", "add", "-f", "dist/uv.lock"],
        &[
            "-C",
            "main",
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "--quiet",
            "add",
            origin.as_str(),
            "sub",
        ],
    ];
    for command in commands {
        tree.git(command);
    }
    let discovery = discover_in(&tree, &["main"]);
    assert_eq!(lockfiles(&discovery), ["dist/uv.lock", "sub/Cargo.lock"]);
    assert_eq!(problems(&discovery), []);
    tree.git(&["-C", "main", "submodule", "--quiet", "deinit", "-f", "sub"]);
    let discovery = discover_in(&tree, &["main"]);
    assert_eq!(lockfiles(&discovery), ["dist/uv.lock"]);
    assert_eq!(problems(&discovery)[0].0, "sub");
}
