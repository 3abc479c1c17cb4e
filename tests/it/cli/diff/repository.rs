//! Small repositories, each with one thing that a gate meets; what is said of them stands in `snapshots`.

use crate::support::clone::{Clone, left};
use crate::support::locks::{npm_lock, npm_record, sri};

const LOCK: &str = "package-lock.json";

#[test]
fn a_bump_that_fixes() {
    let Some(clone) = Clone::with(&[(LOCK, &left("2.0.0"))]) else {
        return;
    };
    clone.topic(&[(LOCK, &left("2.2.0"))]);
    clone.settle("bump_that_fixes");
}

#[test]
fn a_bump_that_stays_vulnerable() {
    let Some(clone) = Clone::with(&[(LOCK, &left("2.0.0"))]) else {
        return;
    };
    clone.topic(&[(LOCK, &left("2.1.0"))]);
    clone.settle("bump_that_stays_vulnerable");
}

#[test]
fn a_bump_that_becomes_worse_by_severity() {
    let Some(clone) = Clone::with(&[(LOCK, &left("1.0.0"))]) else {
        return;
    };
    clone.topic(&[(LOCK, &left("2.0.0"))]);
    clone.settle("bump_that_becomes_worse_by_severity");
}

#[test]
fn a_bump_that_becomes_worse_by_scope() {
    let prod = left("2.0.0");
    let dev = prod
        .replace(
            "{\"version\":\"2.0.0\"",
            "{\"dev\":true,\"version\":\"2.0.0\"",
        )
        .replace(
            "\"dependencies\":{\"left\"",
            "\"devDependencies\":{\"left\"",
        );
    let Some(clone) = Clone::with(&[(LOCK, &dev)]) else {
        return;
    };
    clone.topic(&[(LOCK, &prod)]);
    clone.settle("bump_that_becomes_worse_by_scope");
}

#[test]
fn a_lockfile_that_is_added() {
    let Some(clone) = Clone::with(&[("web/package-lock.json", &left("2.0.0"))]) else {
        return;
    };
    clone.topic(&[("api/package-lock.json", &left("2.0.0"))]);
    clone.settle("lockfile_added");
}

#[test]
fn a_base_without_a_lockfile() {
    let Some(clone) = Clone::with(&[("readme", "")]) else {
        return;
    };
    clone.topic(&[(LOCK, &left("2.0.0"))]);
    clone.settle("base_without_lockfile");
}

#[test]
fn a_lockfile_that_is_removed() {
    let manifest = r#"{"name":"app","version":"1.0.0","dependencies":{"left":"*"}}"#;
    let Some(clone) = Clone::with(&[
        ("web/package.json", manifest),
        ("web/package-lock.json", &left("1.2.0")),
    ]) else {
        return;
    };
    clone.branch("topic");
    clone.remove("web/package-lock.json");
    clone.commit("topic");
    clone.settle("lockfile_removed");
}

/// A folder that is renamed is the same project; a lockfile under a name that no tool reads is out of sight.
#[test]
fn a_lockfile_that_is_renamed() {
    let Some(clone) = Clone::with(&[
        ("web/package-lock.json", &left("2.0.0")),
        ("req/requirements.txt", "flask==3.0.0\nclick==8.1.0\n"),
    ]) else {
        return;
    };
    clone.branch("topic");
    clone.0.git(&["mv", "web", "shop"]);
    clone
        .0
        .git(&["mv", "req/requirements.txt", "req/packages.list"]);
    clone.commit("topic");
    clone.settle("lockfile_renamed");
}

#[test]
fn a_lockfile_that_another_tool_writes_by_now() {
    let Some(clone) = Clone::with(&[(LOCK, &left("2.0.0"))]) else {
        return;
    };
    clone.branch("topic");
    clone.remove(LOCK);
    let digest = sri(b"left");
    let pnpm = format!(
        "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      left:\n        specifier: '*'\n        version: 2.0.0\n\npackages:\n\n  left@2.0.0:\n    resolution: {{integrity: {digest}}}\n\nsnapshots:\n\n  left@2.0.0: {{}}\n"
    );
    clone.write(&[("pnpm-lock.yaml", &pnpm)]);
    clone.commit("topic");
    clone.settle("lockfile_converted");
}

/// What `main` gained since is no part of the change; its settings are in force nevertheless.
#[test]
fn a_merge_base_that_is_not_the_tip() {
    let Some(clone) = Clone::with(&[("web/package-lock.json", &left("1.2.0"))]) else {
        return;
    };
    clone.topic(&[("api/package-lock.json", &left("1.0.0"))]);
    clone.checkout("main");
    clone.write(&[
        ("web/package-lock.json", &left("2.0.0")),
        ("linchpin.toml", "[gate]\nfail-on = \"medium\"\n"),
    ]);
    clone.commit("main goes on");
    clone.settle("merge_base_is_not_the_tip");
}

#[test]
fn a_shallow_clone() {
    let Some(origin) = Clone::with(&[(LOCK, &left("1.2.0"))]) else {
        return;
    };
    origin.topic(&[(LOCK, &left("2.0.0"))]);
    origin.checkout("main");
    origin.commit("main goes on");
    let Some(clone) = Clone::with(&[]) else {
        return;
    };
    let url = format!("file://{}", origin.0.place("").display());
    clone.0.git(&[
        "fetch",
        "--quiet",
        "--depth=1",
        &url,
        "main:refs/remotes/origin/main",
        "topic:refs/remotes/origin/topic",
    ]);
    clone.settle_as("shallow_clone", &["origin/main..origin/topic"]);
    clone
        .0
        .git(&["fetch", "--quiet", "--deepen=1", &url, "main", "topic"]);
    assert_eq!(
        clone.diff(&["origin/main..origin/topic"]).code,
        Some(1),
        "deep enough by now"
    );
}

#[test]
fn a_submodule() {
    let Some(library) = Clone::with(&[(LOCK, &left("1.2.0"))]) else {
        return;
    };
    let Some(clone) = Clone::with(&[("web/package-lock.json", &left("1.2.0"))]) else {
        return;
    };
    let url = library.0.place("").display().to_string();
    let allowed = ["-c", "protocol.file.allow=always"];
    clone
        .0
        .git(&[&allowed[..], &["submodule", "--quiet", "add", &url, "lib"]].concat());
    // The commit has the same name wherever the test lies.
    let url = [
        "config",
        "--file",
        ".gitmodules",
        "submodule.lib.url",
        "../lib",
    ];
    clone.0.git(&url);
    clone.commit("with a library");
    clone.branch("topic");
    library.write(&[(LOCK, &left("2.0.0"))]);
    library.commit("bumped");
    clone.0.git(
        &[
            &allowed[..],
            &["submodule", "--quiet", "update", "--remote", "lib"],
        ]
        .concat(),
    );
    clone.commit("topic");
    clone.settle("submodule_bumped");
    clone
        .0
        .git(&["submodule", "--quiet", "deinit", "--force", "--all"]);
    clone.settle("submodule_not_checked_out");
    // One that the change does not touch reddens nothing.
    clone.0.git(&["checkout", "--quiet", "-b", "other", "main"]);
    clone.commit("other");
    assert_eq!(clone.diff(&["main..other"]).code, Some(0));
}

#[test]
fn a_sparse_checkout() {
    let Some(clone) = Clone::with(&[
        (LOCK, &left("1.2.0")),
        ("web/package-lock.json", &left("1.2.0")),
    ]) else {
        return;
    };
    clone.topic(&[("web/package-lock.json", &left("2.0.0"))]);
    clone
        .0
        .git(&["sparse-checkout", "set", "--no-sparse-index", "elsewhere"]);
    assert!(!clone.0.place("web").exists());
    clone.settle("sparse_checkout");
    clone.settle_as("sparse_checkout_files_at_hand", &["main"]);
}

#[test]
fn a_pointer_of_git_lfs() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
    let Some(clone) = Clone::with(&[(LOCK, pointer), ("web/package-lock.json", &left("1.2.0"))])
    else {
        return;
    };
    clone.topic(&[("web/package-lock.json", &left("1.2.1"))]);
    let untouched = clone.diff(&["main..topic"]);
    assert_eq!(untouched.code, Some(0), "{untouched}");
    clone.write(&[(LOCK, &pointer.replace("12345", "12346"))]);
    clone.commit("another pointer");
    clone.settle("lfs_pointer");
}

#[test]
fn a_path_with_spaces_and_letters_of_every_script() {
    let path = "my shop/größe 日本/package-lock.json";
    let Some(clone) = Clone::with(&[(path, &left("1.2.0"))]) else {
        return;
    };
    clone.topic(&[(path, &left("2.0.0"))]);
    clone.settle("path_with_spaces");
}

#[test]
fn a_base_ref_that_was_deleted() {
    let Some(clone) = Clone::with(&[(LOCK, &left("1.2.0"))]) else {
        return;
    };
    clone.topic(&[(LOCK, &left("2.0.0"))]);
    clone.0.git(&["branch", "--quiet", "-D", "main"]);
    clone.settle("base_ref_deleted");
}

#[test]
fn a_tag_that_is_called_like_the_base_branch() {
    let Some(clone) = Clone::with(&[(LOCK, &left("1.2.0"))]) else {
        return;
    };
    clone.topic(&[(LOCK, &left("2.0.0"))]);
    clone.0.git(&["tag", "main", "topic"]);
    clone.settle("tag_like_the_base");
    assert_eq!(clone.diff(&["refs/heads/main..topic"]).code, Some(1));
}

#[test]
fn a_checkout_with_other_line_ends() {
    let Some(clone) = Clone::with(&[
        (LOCK, &left("2.0.0")),
        ("broken/Cargo.lock", "not\na lockfile\n"),
    ]) else {
        return;
    };
    clone.branch("topic");
    for path in [LOCK, "broken/Cargo.lock", "linchpin.toml"] {
        let text = std::fs::read_to_string(clone.0.place(path)).expect("a file");
        clone.0.write(path, text.replace('\n', "\r\n"));
    }
    clone.settle_as("crlf_checkout", &["main"]);
}

#[test]
fn two_workspaces() {
    let workspace = |version: &str| {
        npm_lock(&[("left", npm_record("left", version))])
            .replace(
                "\"node_modules/left\"",
                "\"node_modules/shop\":{\"resolved\":\"packages/shop\",\"link\":true},\n\"packages/shop\":{\"name\":\"shop\",\"version\":\"1.0.0\",\"dependencies\":{\"left\":\"*\"}},\n\"node_modules/left\"",
            )
            .replace("\"name\":\"app\",\"version\":\"1.0.0\",\"dependencies\":", "\"name\":\"app\",\"version\":\"1.0.0\",\"workspaces\":[\"packages/shop\"],\"dependencies\":")
    };
    let Some(clone) = Clone::with(&[
        ("one/package-lock.json", &workspace("2.0.0")),
        ("two/package-lock.json", &workspace("1.2.0")),
    ]) else {
        return;
    };
    clone.topic(&[
        ("one/package-lock.json", &workspace("2.1.0")),
        ("two/package-lock.json", &workspace("2.0.0")),
    ]);
    clone.settle("two_workspaces");
}

/// A replaced object shows a clean lockfile to whoever asks git without saying that the real one is meant.
#[test]
fn an_object_that_is_replaced() {
    let Some(clone) = Clone::with(&[(LOCK, &left("1.2.0"))]) else {
        return;
    };
    clone.topic(&[(LOCK, &left("2.0.0"))]);
    clone.0.git(&[
        "replace",
        "topic:package-lock.json",
        "main:package-lock.json",
    ]);
    clone.settle("replaced_object");
}

#[test]
fn malware_that_the_base_holds_stops_an_unrelated_change() {
    let axios = npm_lock(&[("axios", npm_record("axios", "1.14.1"))]);
    let Some(clone) = Clone::with(&[("web/package-lock.json", &axios)]) else {
        return;
    };
    clone.topic(&[("readme", "unrelated")]);
    clone.settle("malware_on_the_base");
}

#[test]
fn the_next_malicious_release_is_new() {
    let litellm = |version: &str| format!("litellm=={version} --hash=sha256:{}\n", "0".repeat(64));
    let Some(clone) = Clone::with(&[("requirements.txt", &litellm("1.82.7"))]) else {
        return;
    };
    clone.topic(&[("requirements.txt", &litellm("1.82.8"))]);
    let report = clone.report(&["main..topic"]);
    let findings = report["findings"].as_array().expect("findings");
    let malware = findings
        .iter()
        .find(|finding| finding["rule"] == "malicious-package")
        .expect("malware");
    assert_eq!(
        (&malware["package"], &malware["state"]),
        (&"pkg:pypi/litellm@1.82.8".into(), &"new".into())
    );
    assert_eq!(report["exit_code"], 1);
}

#[test]
fn what_is_staged_is_judged_and_what_is_not_is_not() {
    let Some(clone) = Clone::with(&[(LOCK, &left("1.2.0"))]) else {
        return;
    };
    clone.write(&[(LOCK, &left("2.0.0"))]);
    assert_eq!(clone.diff(&["--staged"]).code, Some(0), "nothing is staged");
    assert_eq!(clone.diff(&["HEAD"]).code, Some(1));
    clone.0.git(&["add", LOCK]);
    clone.write(&[(LOCK, &left("1.2.0"))]);
    assert_eq!(clone.diff(&["--staged"]).code, Some(1));
    assert_eq!(clone.diff(&["HEAD"]).code, Some(0));
}

#[test]
fn the_default_is_what_origin_calls_its_own() {
    let Some(clone) = Clone::with(&[(LOCK, &left("1.2.0"))]) else {
        return;
    };
    clone.topic(&[(LOCK, &left("2.0.0"))]);
    let without = clone.diff(&[]);
    assert_eq!(without.code, Some(3), "{without}");
    clone
        .0
        .git(&["update-ref", "refs/remotes/origin/main", "main"]);
    clone.0.git(&[
        "symbolic-ref",
        "refs/remotes/origin/HEAD",
        "refs/remotes/origin/main",
    ]);
    let output = clone.diff(&[]);
    assert_eq!(output.code, Some(1), "{output}");
    assert!(
        output.stdout.contains("compared with origin/main ("),
        "{output}"
    );
}
