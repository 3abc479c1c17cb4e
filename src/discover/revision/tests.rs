use super::*;
use crate::discover::SkippedBecause;
use crate::discover::fixture::{CARGO_LOCK, PACKAGE_LOCK, Tree as Folder, path};
use crate::files::{FilesError, ListedKind};

/// Makes a repository with one commit of files; none, with a visible line, where there is no git.
fn committed(files: &[(&str, &str)]) -> Option<Folder> {
    let folder = Folder::new(files);
    let is_there = folder.git(&["init", "--quiet", "--initial-branch=main"]);
    is_there.then(|| {
        commit(&folder, "first");
        folder
    })
}

fn commit(folder: &Folder, message: &str) {
    folder.git(&["add", "--all"]);
    folder.git(&["commit", "--quiet", "--allow-empty", "-m", message]);
}

fn repository(folder: &Folder) -> Repository {
    Repository::find(&folder.root()).unwrap_or_else(|error| panic!("{error}"))
}

fn resolve(folder: &Folder, name: &str) -> Result<ObjectId, RevisionError> {
    repository(folder).resolve(name)
}

fn snapshot(folder: &Folder, name: &str) -> Snapshot {
    let repository = repository(folder);
    let commit = repository
        .resolve(name)
        .unwrap_or_else(|error| panic!("{error}"));
    let snapshot = repository.commit(&commit, &Limits::default());
    snapshot.unwrap_or_else(|error| panic!("{error}"))
}

fn files_of(folder: &Folder, name: &str, limits: &Limits) -> Arc<dyn Tree> {
    let repository = repository(folder);
    let commit = repository
        .resolve(name)
        .unwrap_or_else(|error| panic!("{error}"));
    let files = repository.files_of(&commit, limits);
    files.unwrap_or_else(|error| panic!("{error}"))
}

fn lockfiles(discovery: &Discovery) -> Vec<&str> {
    let lockfiles = discovery.lockfiles.iter();
    lockfiles.map(|found| found.file.path().as_str()).collect()
}

fn problems(discovery: &Discovery) -> Vec<String> {
    let problems = discovery.problems.iter();
    problems
        .map(|problem| format!("{}: {}", problem.path.as_str(), problem.message.as_str()))
        .collect()
}

#[test]
fn a_name_means_one_thing_or_it_is_refused() {
    let Some(folder) = committed(&[("a", "")]) else {
        return;
    };
    let first = resolve(&folder, "main").expect("a branch");
    for name in [
        "HEAD",
        "@",
        "heads/main",
        "refs/heads/main",
        "main^{}",
        first.as_str(),
        first.short(),
    ] {
        assert_eq!(resolve(&folder, name).expect(name), first, "{name}");
    }
    folder.git(&["tag", "main"]);
    let Err(RevisionError::Ambiguous { meanings, .. }) = resolve(&folder, "main") else {
        panic!("the tag and the branch are two");
    };
    assert_eq!(meanings, ["refs/heads/main", "refs/tags/main"]);
    assert_eq!(
        resolve(&folder, "refs/heads/main").expect("a full name"),
        first
    );
    folder.git(&["branch", first.short(), first.as_str()]);
    let short = resolve(&folder, first.short());
    assert!(
        matches!(short, Err(RevisionError::Ambiguous { .. })),
        "{short:?}"
    );
}

#[test]
fn a_branch_that_is_called_like_one_of_the_remote_is_refused() {
    let Some(folder) = committed(&[("a", "")]) else {
        return;
    };
    folder.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    assert!(resolve(&folder, "origin/main").is_ok());
    folder.git(&["branch", "origin/main"]);
    let both = resolve(&folder, "origin/main");
    assert!(
        matches!(both, Err(RevisionError::Ambiguous { .. })),
        "{both:?}"
    );
}

#[test]
fn what_names_no_commit_is_refused() {
    let Some(folder) = committed(&[("a", "")]) else {
        return;
    };
    for name in [
        "nope",
        "HEAD~7",
        "0123456789012345678901234567890123456789",
        "main@{7}",
        "abcd",
    ] {
        let error = resolve(&folder, name).expect_err(name);
        assert!(
            matches!(error, RevisionError::Unknown { .. }),
            "{name}: {error}"
        );
    }
    for name in ["", "--all", "HEAD:a", ":/first"] {
        let error = resolve(&folder, name).expect_err(name);
        assert!(
            matches!(error, RevisionError::NotAName(_)),
            "{name}: {error}"
        );
    }
    let blob = "HEAD^{blob}";
    assert!(resolve(&folder, blob).is_err());
}

#[test]
fn the_merge_base_is_where_two_branches_part() {
    let Some(folder) = committed(&[("a", "")]) else {
        return;
    };
    let first = resolve(&folder, "main").expect("a branch");
    folder.git(&["checkout", "--quiet", "-b", "topic"]);
    commit(&folder, "topic");
    folder.git(&["checkout", "--quiet", "main"]);
    commit(&folder, "main");
    let repository = repository(&folder);
    let [main, topic] = ["main", "topic"].map(|name| repository.resolve(name).expect(name));
    assert_eq!(
        repository.merge_base(&main, &topic).expect("a merge base"),
        first
    );
    folder.git(&["checkout", "--quiet", "--orphan", "alone"]);
    commit(&folder, "alone");
    let alone = repository.resolve("alone").expect("a branch");
    let error = repository
        .merge_base(&main, &alone)
        .expect_err("nothing in common");
    assert!(
        error.to_string().ends_with("share no commit in this clone"),
        "{error}"
    );
}

#[test]
fn a_shallow_clone_is_told_as_such() {
    let Some(origin) = committed(&[("a", "")]) else {
        return;
    };
    commit(&origin, "second");
    let folder = Folder::new(&[]);
    let url = format!("file://{}", origin.root());
    folder.git(&["clone", "--quiet", "--depth=1", &url, "."]);
    let error = resolve(&folder, "HEAD~1").expect_err("it was not fetched");
    assert!(
        error
            .to_string()
            .ends_with("in this clone, which is shallow"),
        "{error}"
    );
    assert!(error.help().contains("--unshallow"));
    assert_eq!(
        repository(&folder).default_base().expect("a branch"),
        "refs/remotes/origin/main"
    );
}

#[test]
fn a_commit_is_read_as_it_was_whatever_lies_in_the_work_tree() {
    let Some(folder) = committed(&[
        ("a b/ä/Cargo.lock", CARGO_LOCK),
        ("a b/ä/Cargo.toml", "[dependencies]\nx = \"1\"\n"),
        ("go.sum", ""),
        (
            "node_modules/x/package.json",
            "{\"dependencies\":{\"y\":\"1\"}}",
        ),
    ]) else {
        return;
    };
    folder.write("a b/ä/Cargo.lock", "gone");
    let discovery = snapshot(&folder, "HEAD").discover();
    assert_eq!(lockfiles(&discovery), ["a b/ä/Cargo.lock"]);
    assert_eq!(discovery.lockfiles[0].file.text(), CARGO_LOCK);
    let manifests: Vec<_> = discovery
        .manifests
        .iter()
        .map(|found| found.path.as_str())
        .collect();
    assert_eq!(manifests, ["a b/ä/Cargo.toml"]);
    let skipped: Vec<_> = discovery
        .skipped
        .iter()
        .map(|skipped| skipped.reason)
        .collect();
    assert_eq!(
        skipped,
        [SkippedBecause::OtherEcosystem, SkippedBecause::NodeModules]
    );
    assert_eq!(problems(&discovery), Vec::<String>::new());
}

#[test]
fn files_of_a_commit_are_read_listed_and_bounded() {
    let Some(folder) = committed(&[
        ("a/x", "12345"),
        ("a/b/y", ""),
        ("a.z", ""),
        ("crlf", "a\r\n"),
    ]) else {
        return;
    };
    let files = files_of(&folder, "HEAD", &Limits::default());
    assert_eq!(files.read(&path("a/x")), Ok(Some("12345".to_owned())));
    assert_eq!(files.read(&path("a/nope")), Ok(None));
    assert_eq!(files.read(&path("a")), Err(FilesError::NotRegular));
    let listed = files.list(&path("a")).expect("a list");
    let listed: Vec<_> = listed
        .iter()
        .map(|one| (one.path.as_str(), one.kind))
        .collect();
    assert_eq!(
        listed,
        [("a/b", ListedKind::Folder), ("a/x", ListedKind::File)]
    );
    assert_eq!(files.list(&path("a/x")), Err(FilesError::NotRegular));
    assert!(files.has(&path("a")) && !files.has(&path("b")));
    let limits = Limits {
        file_bytes: 4,
        ..Limits::default()
    };
    let small = files_of(&folder, "HEAD", &limits);
    assert_eq!(
        small.read(&path("a/x")),
        Err(FilesError::TooLarge { limit: 4 })
    );
    // The next answer is not what was left of the last one.
    assert_eq!(small.read(&path("a.z")), Ok(Some(String::new())));
}

#[test]
fn a_replaced_object_is_read_as_it_was_committed() {
    let Some(folder) = committed(&[("package-lock.json", PACKAGE_LOCK)]) else {
        return;
    };
    folder.write("other", "{}");
    folder.git(&["tag", "of", "HEAD"]);
    commit(&folder, "second");
    folder.git(&["replace", "HEAD:package-lock.json", "HEAD:other"]);
    folder.git(&["replace", "of", "HEAD"]);
    let discovery = snapshot(&folder, "of").discover();
    assert_eq!(discovery.lockfiles[0].file.text(), PACKAGE_LOCK);
    assert!(!discovery.files.has(&path("other")));
}

#[test]
fn a_link_is_not_followed() {
    let Some(folder) = committed(&[("real", CARGO_LOCK)]) else {
        return;
    };
    folder.git(&[
        "update-index",
        "--add",
        "--cacheinfo",
        &format!("120000,{},web/Cargo.lock", hash(&folder, "../real")),
    ]);
    let discovery = repository(&folder)
        .index(&Limits::default())
        .expect("an index")
        .discover();
    assert_eq!(
        problems(&discovery),
        ["web/Cargo.lock: is a link, so it was not opened"]
    );
    assert_eq!(
        discovery.files.link(&path("web/Cargo.lock")).as_deref(),
        Some("../real")
    );
    assert_eq!(
        discovery.files.bytes(&path("web/Cargo.lock")),
        Err(FilesError::NotRegular)
    );
}

/// Writes an object of git's, and returns its name.
fn hash(folder: &Folder, text: &str) -> String {
    folder.write(".git/written", text);
    let git = Git::new(&folder.root());
    let name = git.line(&["hash-object", "-w", "--no-filters", ".git/written"]);
    name.expect("git answers").expect("a name")
}

#[test]
fn the_index_is_what_the_next_commit_would_hold() {
    let Some(folder) = committed(&[("Cargo.lock", CARGO_LOCK)]) else {
        return;
    };
    folder.write("web/package-lock.json", PACKAGE_LOCK);
    folder.git(&["add", "--all"]);
    folder.write("web/package-lock.json", "changed since");
    folder.write("later/Cargo.lock", CARGO_LOCK);
    let discovery = repository(&folder)
        .index(&Limits::default())
        .expect("an index")
        .discover();
    assert_eq!(
        lockfiles(&discovery),
        ["Cargo.lock", "web/package-lock.json"]
    );
    assert_eq!(discovery.lockfiles[1].file.text(), PACKAGE_LOCK);
}

#[test]
fn what_a_sparse_checkout_leaves_out_is_read_from_the_index() {
    let Some(folder) = committed(&[
        ("Cargo.lock", CARGO_LOCK),
        ("web/package-lock.json", PACKAGE_LOCK),
    ]) else {
        return;
    };
    folder.git(&["sparse-checkout", "set", "--no-sparse-index", "none"]);
    assert!(!folder.place("web").exists());
    let discovery = repository(&folder).discover_work_tree(&Limits::default());
    let discovery = discovery.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(problems(&discovery), Vec::<String>::new());
    assert_eq!(
        lockfiles(&discovery),
        ["Cargo.lock", "web/package-lock.json"]
    );
    // A file that was taken away is not one that was left out.
    std::fs::remove_file(folder.place("Cargo.lock")).expect("a file");
    let discovery = repository(&folder).discover_work_tree(&Limits::default());
    let discovery = discovery.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        problems(&discovery),
        ["Cargo.lock: tracked by git but not in the work tree"]
    );
}

#[test]
fn a_submodule_is_read_at_its_commit_or_told() {
    let Some(library) = committed(&[("Cargo.lock", CARGO_LOCK)]) else {
        return;
    };
    let Some(folder) = committed(&[("x", "")]) else {
        return;
    };
    let url = library.root();
    folder.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        url.as_str(),
        "lib",
    ]);
    commit(&folder, "with lib");
    let discovery = snapshot(&folder, "HEAD").discover();
    assert_eq!(lockfiles(&discovery), ["lib/Cargo.lock"]);
    assert_eq!(discovery.lockfiles[0].file.text(), CARGO_LOCK);
    let elsewhere = "0123456789012345678901234567890123456789";
    folder.git(&[
        "update-index",
        "--cacheinfo",
        &format!("160000,{elsewhere},lib"),
    ]);
    folder.git(&["commit", "--quiet", "-m", "moved"]);
    let discovery = snapshot(&folder, "HEAD").discover();
    assert_eq!(
        problems(&discovery),
        [
            "lib: is a submodule at commit 0123456, which its clone does not hold, so it was not read"
        ]
    );
    assert_eq!(
        discovery.files.submodule(&path("lib")).as_deref(),
        Some(elsewhere)
    );
    folder.git(&["submodule", "--quiet", "deinit", "--force", "--all"]);
    let discovery = snapshot(&folder, "HEAD").discover();
    assert_eq!(
        problems(&discovery),
        ["lib: is a submodule that is not checked out, so it was not read"]
    );
}

#[test]
fn without_a_work_tree_there_is_no_revision() {
    let folder = Folder::new(&[("Cargo.lock", CARGO_LOCK)]);
    let Err(error) = Repository::find(&folder.root()) else {
        panic!("no repository");
    };
    assert!(matches!(error, RevisionError::NoWorkTree), "{error}");
}

#[test]
fn no_variable_of_the_caller_reaches_git() {
    let command = Git::new("x".into()).command();
    let set = |name: &str| {
        let mut variables = command.get_envs().filter(|(known, _)| *known == name);
        variables.next().and_then(|(_, value)| value).is_some()
    };
    assert!(set("GIT_NO_REPLACE_OBJECTS") && set("GIT_NO_LAZY_FETCH"));
    assert!(!set("GIT_DIR") && !set("GIT_INDEX_FILE"));
}
