//! Audits that refresh the advisories at hand by themselves.

use std::fs;

use super::feed::{A, B, publish};
use crate::support::locks::{cargo_lock, cargo_record, sha256};
use crate::support::sandbox::{Output, Sandbox};
use crate::support::server::{Answer, Server};

fn sandbox(server: &Server) -> Sandbox {
    let sandbox = Sandbox::new().variable("LINCHPIN_REGISTRY_OSV", &server.address());
    let record = cargo_record("right", "1.0.0", &sha256(b"right"));
    sandbox.write("Cargo.lock", cargo_lock(&[("right", record)]));
    sandbox.write(
        "Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"1.0.0\"\n[dependencies]\nright = \"1\"\n",
    );
    sandbox
}

fn audit(sandbox: &Sandbox) -> Output {
    sandbox.run(&["audit"])
}

/// Lets the last check be so many hours ago, or so many ahead.
fn check_at(sandbox: &Sandbox, hours: i64) {
    let path = sandbox.home(".local/share/linchpin/advisories/crates.io.advisories.checked");
    let text = fs::read_to_string(&path).expect("a note");
    let mut note: serde_json::Value = serde_json::from_str(&text).expect("a note");
    let now = jiff::Timestamp::now();
    let then = now + jiff::SignedDuration::from_hours(hours);
    note["checked"] = then.to_string().into();
    fs::write(&path, note.to_string()).expect("a note");
}

fn asks(server: &Server) -> usize {
    server.asked().len()
}

#[test]
fn a_newcomers_first_audit_fetches_the_feeds_that_it_needs_and_uses_them() {
    let server = Server::start();
    publish(&server, &[A, B]);
    let sandbox = sandbox(&server);
    let output = audit(&sandbox);
    assert_eq!(output.code, Some(1), "{output}");
    assert!(output.stdout.contains("known-vulnerability"), "{output}");
    let told = "fetching the advisories of crates.io, 0.0 MB\n";
    assert!(output.stderr.starts_with(told), "{output}");
    // Of npm and PyPI there is nothing to ask.
    assert!(
        server
            .paths()
            .iter()
            .all(|path| path.starts_with("/crates.io/"))
    );
}

#[test]
fn within_an_hour_nobody_is_asked_again() {
    let server = Server::start();
    publish(&server, &[A]);
    let sandbox = sandbox(&server);
    assert_eq!(audit(&sandbox).code, Some(0));
    server.asked();
    assert_eq!(audit(&sandbox).code, Some(0));
    assert_eq!(asks(&server), 0);
    publish(&server, &[A, B]);
    check_at(&sandbox, -2);
    assert_eq!(audit(&sandbox).code, Some(1));
}

#[test]
fn a_run_that_is_to_make_no_connection_makes_none() {
    let server = Server::start();
    publish(&server, &[A]);
    let sandbox = sandbox(&server);
    let digest = "0".repeat(64);
    for arguments in [
        &["audit", "--offline"][..],
        &["audit", "--as-of", "2026-11-01T00:00:00Z"],
        &["audit", "--db-sha256", &digest],
    ] {
        assert_eq!(sandbox.run(arguments).code, Some(3), "{arguments:?}");
    }
    sandbox.write("linchpin.toml", "[db]\nrefresh = \"never\"\n");
    let output = audit(&sandbox);
    assert_eq!(output.code, Some(3));
    assert!(output.stdout.contains("linchpin db update"), "{output}");
    assert_eq!(asks(&server), 0);
}

#[test]
fn without_a_copy_a_server_out_of_reach_means_incomplete_and_what_is_built_in_still_counts() {
    let sandbox = Sandbox::demo().variable("LINCHPIN_OFFLINE", "");
    let output = sandbox.run(&["audit", "demo/web"]);
    assert_eq!(output.code, Some(1), "{output}");
    assert!(
        output
            .stderr
            .contains("warning: the advisories of npm were not refreshed: http://127.0.0.1:9/"),
        "{output}"
    );
    sandbox.write("clean/package.json", r#"{"name":"a","version":"1.0.0"}"#);
    sandbox.write(
        "clean/package-lock.json",
        r#"{"name":"a","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"a","version":"1.0.0"}}}"#,
    );
    assert_eq!(sandbox.run(&["audit", "clean"]).code, Some(0));
}

#[test]
fn a_failure_warns_while_the_copy_is_young_and_counts_when_it_is_old() {
    let server = Server::start();
    publish(&server, &[A]);
    let sandbox = sandbox(&server);
    audit(&sandbox);
    server.answer(
        "/crates.io/modified_id.csv",
        Answer::Status(403, Vec::new()),
    );
    for (hours, code) in [(-2, 0), (-6 * 24, 0), (-8 * 24, 3)] {
        check_at(&sandbox, hours);
        let output = audit(&sandbox);
        assert_eq!(output.code, Some(code), "{hours}: {output}");
        assert!(
            output.stderr.contains("answered with status 403"),
            "{output}"
        );
    }
    sandbox.write("linchpin.toml", "[db]\nmax-age = \"14d\"\n");
    assert_eq!(audit(&sandbox).code, Some(0));
}

#[test]
fn a_clock_that_was_set_back_is_noticed_and_one_that_was_right_again_asks() {
    let server = Server::start();
    publish(&server, &[A]);
    let sandbox = sandbox(&server);
    audit(&sandbox);
    server.asked();
    check_at(&sandbox, 48);
    let offline = sandbox.run(&["audit", "--offline"]);
    assert_eq!(offline.code, Some(3), "{offline}");
    assert!(offline.stdout.contains("set its clock right"), "{offline}");
    // Online the feed says itself what is true.
    assert_eq!(audit(&sandbox).code, Some(0));
    assert!(asks(&server) > 0);
}

#[test]
fn an_index_is_used_only_if_it_is_the_one_that_was_named() {
    let server = Server::start();
    publish(&server, &[A, B]);
    let sandbox = sandbox(&server);
    audit(&sandbox);
    let status = sandbox.run(&["db", "status"]).stdout;
    let digest = status
        .lines()
        .find_map(|line| line.trim().strip_prefix("sha256 "))
        .expect("a digest");
    let pinned = |digest: &str| sandbox.run(&["audit", "--db-sha256", digest]);
    assert_eq!(pinned(digest).code, Some(1));
    assert_eq!(pinned(&digest.to_ascii_uppercase()).code, Some(1));
    let other = pinned(&"0".repeat(64));
    assert_eq!(other.code, Some(3), "{other}");
    assert!(
        other.stdout.contains(digest) && other.stdout.contains("it was not used"),
        "{other}"
    );
    assert_eq!(pinned("abc").code, Some(2));
}

#[test]
fn a_report_says_when_a_feed_was_asked() {
    let server = Server::start();
    publish(&server, &[A]);
    let sandbox = sandbox(&server);
    audit(&sandbox);
    let output = sandbox.run(&["audit", "--offline", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&output.stdout).expect("a report");
    let feeds = report["advisories"].as_array().expect("feeds");
    let osv = feeds
        .iter()
        .find(|feed| feed["feed"] == "osv")
        .expect("a feed");
    assert!(osv["checked"].is_string(), "{osv}");
    assert_eq!(osv["state"], "fresh");
}

#[test]
fn what_another_feed_said_is_no_word_of_this_one() {
    let (one, other) = (Server::start(), Server::start());
    publish(&one, &[A]);
    publish(&other, &[A, B]);
    let sandbox = sandbox(&one);
    assert_eq!(audit(&sandbox).code, Some(0));
    let sandbox = sandbox.variable("LINCHPIN_REGISTRY_OSV", &other.address());
    let status = sandbox.run(&["db", "status"]).stdout;
    assert!(status.contains("stale"), "{status}");
    assert_eq!(audit(&sandbox).code, Some(1));
}

#[test]
fn a_feed_that_is_slow_does_not_hide_the_others() {
    let server = Server::start();
    publish(&server, &[B]);
    let sandbox = sandbox(&server);
    let output = sandbox.run(&["db", "update"]);
    assert_eq!(output.code, Some(3), "{output}");
    for name in ["npm", "PyPI"] {
        assert!(
            output
                .stderr
                .contains(&format!("the advisories of {name} were not updated")),
            "{output}"
        );
    }
    let nobody = sandbox.variable("LINCHPIN_REGISTRY_OSV", "http://127.0.0.1:9/");
    let output = nobody.run(&["db", "update"]);
    assert!(
        output
            .stderr
            .contains("the advisories of crates.io were not updated: http://127.0.0.1:9/"),
        "{output}"
    );
    for name in ["npm", "PyPI"] {
        let told =
            format!("the advisories of {name} were not updated: its server cannot be reached");
        assert!(output.stderr.contains(&told), "{output}");
    }
}

#[test]
fn a_record_that_is_still_to_come_makes_audits_incomplete() {
    let server = Server::start();
    publish(&server, &[A]);
    let sandbox = sandbox(&server);
    audit(&sandbox);
    publish(&server, &[A, B]);
    server.answer(
        "/crates.io/RUSTSEC-2026-2.json",
        Answer::Bytes(b"{".to_vec()),
    );
    check_at(&sandbox, -2);
    let output = audit(&sandbox);
    assert_eq!(output.code, Some(3), "{output}");
    assert!(
        output
            .stdout
            .contains("lacks 1 record, which its server lists"),
        "{output}"
    );
}

#[test]
fn a_project_that_names_its_own_feed_is_told_in_every_report() {
    let server = Server::start();
    publish(&server, &[A]);
    let sandbox = sandbox(&server).variable("LINCHPIN_REGISTRY_OSV", "");
    let address = server.address();
    sandbox.write(
        "linchpin.toml",
        format!("[registry]\nosv = \"{address}\"\n[db]\nmax-age = \"365d\"\n"),
    );
    let output = audit(&sandbox);
    assert_eq!(output.code, Some(0), "{output}");
    for told in [
        format!("advisories from {address}, as the configuration says"),
        "advisories may be 365d old, as the configuration says".to_owned(),
    ] {
        assert!(output.stdout.contains(&told), "{output}");
    }
    let json = sandbox.run(&["audit", "--format", "json"]).stdout;
    assert!(
        json.contains(&format!("\"source\": \"{address}\"")),
        "{json}"
    );
}
