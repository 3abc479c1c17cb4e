//! The GitHub Action: its steps as a runner runs them, on repositories of this machine and a stand-in of the API.
//!
//! `action.yml` itself is read and obeyed, so that a value handed to the wrong step fails here.

#![cfg(unix)]

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::support::clone::left;
use crate::support::comments::{
    BOT, LOCK, Runner, action, folder_of_action, program, pull_request, write_program,
};
use crate::support::locks::sha256;
use crate::support::sandbox::NOW;
use crate::support::server::{Answer, Server};

/// The beginning of a comment of the action, with the state that it remembers.
const FAILING: &str = "<!-- linchpin:comment:v1 -->\n<!-- linchpin:state:fail -->\n### ";
const CLEAN: &str = "<!-- linchpin:comment:v1 -->\n<!-- linchpin:state:pass -->\n### ";

#[test]
fn no_script_holds_an_expression_and_each_is_there() {
    let action = action();
    let mut named = Vec::new();
    for step in &action.runs.steps {
        assert!(!step.run.contains("${{"), "{}", step.run);
        let script = step.run.strip_prefix("bash \"$GITHUB_ACTION_PATH/");
        let script = script.and_then(|rest| rest.strip_suffix('"'));
        let script = script.expect("a script beside the action");
        assert!(folder_of_action().join(script).is_file(), "{script}");
        named.push(script);
    }
    let steps = [
        "inputs",
        "install",
        "revisions",
        "gate",
        "comment",
        "verdict",
    ];
    assert_eq!(named, steps.map(|step| format!("{step}.sh")));
    for input in action.inputs.keys() {
        let expression = format!("${{{{ inputs.{input} }}}}");
        let mut values = action.runs.steps.iter().flat_map(|step| step.env.values());
        assert!(values.any(|value| *value == expression), "{input} is used");
    }
}

#[test]
fn the_exit_code_is_that_of_the_verdict() {
    let Some(runner) = Runner::new() else { return };
    let clean = runner.judge("clean", &[]);
    assert_eq!(
        (clean.code, clean.output("verdict")),
        (0, "pass"),
        "{clean:?}"
    );
    let failing = runner.judge("topic", &[]);
    assert_eq!(
        (failing.code, failing.output("verdict")),
        (1, "fail"),
        "{failing:?}"
    );
    assert_eq!(
        (failing.output("new"), failing.output("new-high")),
        ("1", "1")
    );
    runner.push("clean", &[("api/Cargo.lock", "no lockfile\n")]);
    let unread = runner.judge("clean", &[]);
    assert_eq!(
        (unread.code, unread.output("complete")),
        (3, "false"),
        "{unread:?}"
    );
    assert!(
        unread.summary.starts_with("<!-- linchpin:comment:v1 -->\n"),
        "{unread:?}"
    );
}

#[test]
fn a_repository_without_a_lockfile_is_a_notice() {
    let Some(runner) = Runner::new() else { return };
    runner.origin.branch("empty");
    runner.origin.remove(LOCK);
    runner.origin.commit("nothing left");
    runner.origin.checkout("main");
    let empty = runner.tip("empty");
    let outcome = runner.act(&pull_request(&empty, &empty), &[]);
    assert_eq!(
        (outcome.code, outcome.output("exit-code")),
        (0, "4"),
        "{outcome:?}"
    );
    assert!(
        outcome
            .log
            .contains("::notice title=linchpin::there is nothing to audit")
    );
    assert!(runner.api.of(BOT).is_empty());
}

#[test]
fn a_commit_that_nobody_has_does_not_pass() {
    let Some(runner) = Runner::new() else { return };
    let outcome = runner.act(&pull_request(&runner.tip("main"), &"1".repeat(40)), &[]);
    assert_eq!(
        (outcome.code, outcome.output("verdict")),
        (3, "incomplete"),
        "{outcome:?}"
    );
    assert!(outcome.summary.contains("could not judge"), "{outcome:?}");
}

#[test]
fn a_program_that_only_says_yes_does_not_pass() {
    let Some(runner) = Runner::new() else { return };
    let place = runner.origin.0.home("bin/linchpin");
    write_program(&place, "#!/usr/bin/env bash\n");
    let outcome = runner.judge("topic", &[]);
    assert_eq!(
        (outcome.code, outcome.output("verdict")),
        (3, "incomplete"),
        "{outcome:?}"
    );
    // Nor does one whose reports say something else than its exit code.
    write_program(
        &place,
        &program()
            .replace("exec ", "")
            .replace(NOW, &format!("{NOW} || true")),
    );
    let outcome = runner.judge("topic", &[]);
    assert_eq!(
        (outcome.code, outcome.output("verdict")),
        (3, "incomplete"),
        "{outcome:?}"
    );
    assert!(outcome.summary.contains("could not judge"), "{outcome:?}");
}

#[test]
fn a_shallow_clone_is_deepened_until_the_branches_meet() {
    let Some(runner) = Runner::new() else { return };
    for number in 0..15 {
        runner.origin.commit(&format!("before {number}"));
    }
    runner.origin.branch("short");
    runner.push("short", &[(LOCK, &left("2.0.0"))]);
    runner.push("main", &[("readme", "main goes on")]);
    assert_eq!(runner.judge("short", &[]).code, 1);
    assert!(
        runner.origin.0.home("work/.git/shallow").exists(),
        "no more was fetched than it needs"
    );
    for branch in ["main", "topic"] {
        runner.origin.checkout(branch);
        for number in 0..25 {
            runner.origin.commit(&format!("{branch} {number}"));
        }
    }
    runner.origin.checkout("main");
    let outcome = runner.judge("topic", &[]);
    assert_eq!(
        (outcome.code, outcome.output("changed")),
        (1, "1"),
        "{outcome:?}"
    );
    // Two histories that never meet are exit 3, however deep the clone is.
    runner
        .origin
        .0
        .git(&["checkout", "--quiet", "--orphan", "alone"]);
    runner.origin.commit("alone");
    runner.origin.checkout("main");
    assert_eq!(runner.judge("alone", &[]).code, 3);
}

#[test]
fn the_commits_of_the_event_count_and_not_where_the_branches_went() {
    let Some(runner) = Runner::new() else { return };
    let event = runner.pull_request("topic");
    runner.push("topic", &[(LOCK, &left("1.2.0"))]);
    assert_eq!(runner.judge("topic", &[]).code, 0, "it was fixed since");
    assert_eq!(runner.act(&event, &[]).code, 1);
}

#[test]
fn merge_queues_and_pushes_name_their_own_commits() {
    let Some(runner) = Runner::new() else { return };
    let (main, topic) = (runner.tip("main"), runner.tip("topic"));
    let group = json!({ "merge_group": { "base_sha": main, "head_sha": topic } });
    let queued = runner.act(&("merge_group", group), &[]);
    assert_eq!(
        (queued.code, queued.output("changed")),
        (1, "1"),
        "{queued:?}"
    );
    let push = |before: &str, branch: &str| {
        let reference = format!("refs/heads/{branch}");
        let after = runner.tip(branch);
        let repository = json!({ "default_branch": "main" });
        let push =
            json!({ "ref": reference, "before": before, "after": after, "repository": repository });
        runner.act(&("push", push), &[]).code
    };
    let nothing = "0".repeat(40);
    assert_eq!(push(&main, "topic"), 1);
    assert_eq!(
        push(&nothing, "topic"),
        1,
        "a new branch is compared with main"
    );
    assert_eq!(push(&nothing, "main"), 2, "main itself with nothing");
    assert!(
        runner.api.asked().is_empty(),
        "only pull requests have comments"
    );
}

#[test]
fn other_events_need_a_base_and_take_a_branch_for_it() {
    let Some(runner) = Runner::new() else { return };
    let event = ("workflow_dispatch", json!({}));
    assert_eq!(runner.act(&event, &[]).code, 2);
    assert_eq!(runner.act(&event, &[("base", "main")]).code, 1);
    for name in [
        "nowhere",
        "--upload-pack=x",
        "mai*",
        "a b",
        "main:topic",
        "a\n::error::b",
    ] {
        assert_eq!(runner.act(&event, &[("base", name)]).code, 2, "{name}");
    }
}

#[test]
fn what_is_no_commit_is_refused() {
    let Some(runner) = Runner::new() else { return };
    let main = runner.tip("main");
    for sha in [
        "",
        "main",
        "--output=x",
        &main[..12],
        &format!("{main}\n::error::x"),
    ] {
        for event in [pull_request(sha, &main), pull_request(&main, sha)] {
            let outcome = runner.act(&event, &[]);
            assert_eq!(outcome.code, 2, "{outcome:?}");
            assert!(!outcome.log.contains("\n::error::"), "{outcome:?}");
        }
    }
}

#[test]
fn inputs_that_mean_nothing_are_refused() {
    let Some(runner) = Runner::new() else { return };
    let wrong = [
        ("command", "map"),
        ("fail-on", "worst"),
        ("comment", "maybe"),
        ("sarif", "yes"),
        ("head", "topic"),
        ("config", "../linchpin.toml"),
        ("config", "nowhere.toml"),
        ("sha256", "abc"),
        ("version", "1.0.0"),
        ("binary", ""),
    ];
    for input in wrong {
        assert_eq!(runner.judge("topic", &[input]).code, 2, "{input:?}");
    }
    let other = "0".repeat(64);
    let mismatch = runner.judge("clean", &[("sha256", &other)]);
    assert_eq!(mismatch.code, 2, "{mismatch:?}");
    let digest = sha256(program().as_bytes());
    assert_eq!(runner.judge("clean", &[("sha256", &digest)]).code, 0);
}

#[test]
fn settings_are_those_of_the_base_whatever_the_head_makes_of_them() {
    let Some(runner) = Runner::new() else { return };
    let config = "ci/gate.toml";
    runner.push("main", &[(config, "[gate]\nfail-on = \"high\"\n")]);
    runner.push("topic", &[(config, "[gate]\nfail-on = \"critical\"\n")]);
    let strict = runner.judge("topic", &[("config", config)]);
    assert_eq!(strict.code, 1, "{strict:?}");
    let warning = "::warning title=linchpin::the change edits the settings in \"ci/gate.toml\"";
    assert!(strict.log.contains(warning), "{strict:?}");
    runner.push("main", &[(config, "[gate]\nfail-on = \"critical\"\n")]);
    let tolerant = runner.judge("topic", &[("config", config)]);
    assert_eq!(tolerant.code, 0, "{tolerant:?}");
}

#[test]
fn outputs_are_words_numbers_and_paths() {
    let Some(runner) = Runner::new() else { return };
    let outcome = runner.judge("topic", &[("sarif", "true")]);
    let temp = runner.origin.0.home("temp");
    for (name, value) in &outcome.outputs {
        match name.as_str() {
            "verdict" => assert_eq!(value, "fail"),
            "complete" => assert_eq!(value, "true"),
            "report" | "sarif" | "comment" => {
                let path = Path::new(value);
                assert!(path.is_file() && path.starts_with(&temp), "{name}: {value}");
            }
            _ => assert!(value.parse::<u32>().is_ok(), "{name}: {value}"),
        }
    }
    let comment = fs::read_to_string(outcome.output("comment")).expect("a comment");
    assert_eq!(outcome.summary, comment);
    let less = runner.judge("topic", &[("summary", "false")]);
    assert_eq!((less.summary.as_str(), less.output("sarif")), ("", ""));
}

#[test]
fn annotations_come_after_the_fence_around_the_report() {
    let Some(runner) = Runner::new() else { return };
    let log = runner.judge("topic", &[]).log;
    let (_, rest) = log.split_once("::stop-commands::").expect("a fence");
    let (fence, rest) = rest.split_once('\n').expect("a word that ends it");
    let (report, rest) = rest
        .split_once(&format!("\n::{fence}::\n"))
        .expect("its end");
    assert!(report.contains("has a known vulnerability"), "{report}");
    assert!(!report.contains("::error"), "{report}");
    assert!(
        rest.starts_with("::error file=package-lock.json,line="),
        "{rest}"
    );
    let without = runner.judge("topic", &[("annotations", "false")]).log;
    assert!(!without.contains("::error file="), "{without}");
    assert!(!without.contains(fence), "no two runs have the same fence");
}

#[test]
fn a_clean_change_gets_no_comment_unless_it_is_asked_for() {
    let Some(runner) = Runner::new() else { return };
    assert_eq!(runner.judge("clean", &[]).code, 0);
    assert!(runner.api.of(BOT).is_empty());
    runner.api.asked();
    assert_eq!(runner.judge("topic", &[("comment", "never")]).code, 1);
    assert!(runner.api.asked().is_empty());
    assert_eq!(runner.judge("clean", &[("comment", "always")]).code, 0);
    assert!(runner.api.of(BOT)[0].1.starts_with(CLEAN));
}

#[test]
fn a_new_finding_that_fails_nothing_is_worth_a_comment() {
    let Some(runner) = Runner::new() else { return };
    let tolerant = runner.judge("topic", &[("fail-on", "critical")]);
    assert_eq!(
        (tolerant.code, tolerant.output("new")),
        (0, "1"),
        "{tolerant:?}"
    );
    assert!(runner.only_comment().1.starts_with(CLEAN));
}

#[test]
fn there_is_one_comment_which_follows_the_change() {
    let Some(runner) = Runner::new() else { return };
    runner.judge("topic", &[]);
    let (first, body) = runner.only_comment();
    assert!(body.starts_with(FAILING), "{body}");
    runner.api.asked();
    runner.judge("topic", &[]);
    let asked = runner.api.asked();
    assert!(
        asked.iter().all(|line| line.starts_with("GET ")),
        "{asked:?}"
    );
    runner.push("topic", &[(LOCK, &left("2.1.0"))]);
    runner.judge("topic", &[]);
    let (second, other) = runner.only_comment();
    assert_eq!(first, second, "it was updated in place");
    assert!(other.starts_with(FAILING) && other != body, "{other}");
    runner.push("topic", &[(LOCK, &left("2.2.0"))]);
    assert_eq!(runner.judge("topic", &[]).code, 0);
    let (third, clean) = runner.only_comment();
    assert!(third == first && clean.starts_with(CLEAN), "{clean}");
    // Nobody is told of an edit: what fails anew is said anew.
    runner.push("topic", &[(LOCK, &left("2.0.0"))]);
    runner.judge("topic", &[]);
    let (fresh, again) = runner.only_comment();
    assert!(fresh > first && again.starts_with(FAILING), "{again}");
}

#[test]
fn a_comment_of_somebody_else_is_not_ours_and_ours_may_be_pages_away() {
    let Some(runner) = Runner::new() else { return };
    let fake = format!("{FAILING}all is well");
    runner.api.add("mallory", "User", &fake);
    for _ in 0..120 {
        runner.api.add("bob", "User", "nice");
    }
    runner.api.add(BOT, "Bot", "another tool's");
    runner.api.add(BOT, "Bot", &format!("{FAILING}old"));
    runner.api.add("mallory[bot]", "Bot", &fake);
    assert_eq!(runner.judge("topic", &[]).code, 1);
    assert_eq!(runner.api.of("mallory[bot]"), [(124, fake.clone())]);
    assert_eq!(runner.api.of("mallory"), [(1, fake)]);
    let ours = runner.api.of(BOT);
    assert_eq!((ours.len(), ours[0].1.as_str()), (2, "another tool's"));
    assert!(ours[1].0 == 123 && !ours[1].1.ends_with("old"), "{ours:?}");
}

#[test]
fn a_comment_that_may_not_be_written_changes_no_verdict() {
    let Some(runner) = Runner::new() else { return };
    for (status, why) in [
        (403, "read-only"),
        (404, "read-only"),
        (429, "wait"),
        (502, "502"),
    ] {
        runner.api.refuse(status);
        let failing = runner.judge("topic", &[]);
        assert_eq!(failing.code, 1, "{failing:?}");
        let notice = failing
            .log
            .lines()
            .find(|line| line.contains("no comment: "));
        let notice = notice.expect("a notice");
        assert!(
            notice.starts_with("::notice ") && notice.contains(why),
            "{notice}"
        );
        assert_eq!(runner.judge("clean", &[("comment", "always")]).code, 0);
    }
    assert!(runner.api.of(BOT).is_empty());
    let without = runner.judge("clean", &[("comment", "always"), ("token", "")]);
    assert!(
        without.code == 0 && without.log.contains("no token"),
        "{without:?}"
    );
}

#[test]
fn only_a_listed_version_with_the_digest_of_the_table_is_run() {
    let Some(runner) = Runner::new() else { return };
    let download = [("binary", ""), ("version", "9.9.9")];
    let unlisted = runner.judge("clean", &download);
    assert_eq!(unlisted.code, 2, "{unlisted:?}");
    assert!(
        unlisted
            .log
            .contains("9.9.9 for linux-x86_64 is not in the table")
    );
    let folder = runner.origin.0.home("bin");
    let pack = ["-czf", "linchpin.tar.gz", "linchpin"];
    let packed = runner.command("tar", &folder).args(pack).status();
    assert!(packed.expect("tar can be started").success());
    let archive = fs::read(folder.join("linchpin.tar.gz")).expect("an archive");
    let digest = sha256(&archive);
    let server = Server::start();
    let path = "/v9.9.9/linchpin-9.9.9-linux-x86_64.tar.gz";
    server.answer(path, Answer::Bytes(archive));
    let runner = runner.with_release("9.9.9", &digest, &server.address());
    let listed = runner.judge("topic", &download);
    assert_eq!(
        (listed.code, listed.output("verdict")),
        (1, "fail"),
        "{listed:?}"
    );
    let other = "0".repeat(64);
    let pinned = [("binary", ""), ("version", "9.9.9"), ("sha256", &other)];
    assert_eq!(runner.judge("clean", &pinned).code, 2);
    server.answer(path, Answer::Bytes(b"something else".to_vec()));
    let exchanged = runner.judge("clean", &download);
    assert_eq!(exchanged.code, 3, "{exchanged:?}");
    assert!(
        exchanged.log.contains("it was not unpacked"),
        "{exchanged:?}"
    );
}
