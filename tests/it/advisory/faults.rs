//! What goes wrong around an index: a full disk, other people's files, readers while it is replaced.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::db::write_project;
use crate::support::sandbox::Sandbox;
use crate::support::shared::say_skipped;

/// A project whose one crate has a vulnerability, and a folder with that record and `more` others, imported.
fn sandbox(more: usize) -> Sandbox {
    let sandbox = Sandbox::new();
    write_project(&sandbox);
    write_records(&sandbox, more);
    assert_eq!(sandbox.run(&["db", "import", "crates.io"]).code, Some(0));
    sandbox
}

fn write_records(sandbox: &Sandbox, more: usize) {
    for number in 0..=more {
        let package = if number == 0 {
            "left".to_owned()
        } else {
            format!("other-{number}")
        };
        sandbox.write(
            &format!("crates.io/RUSTSEC-2026-{number}.json"),
            format!(
                r#"{{"id":"RUSTSEC-2026-{number}","modified":"2026-10-30T00:00:00Z","summary":"Reads beyond the end",
                "affected":[{{"package":{{"ecosystem":"crates.io","name":"{package}"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}}]}}]}}]}}"#
            ),
        );
    }
}

fn index(sandbox: &Sandbox) -> PathBuf {
    sandbox.home(".local/share/linchpin/advisories/crates.io.advisories")
}

#[cfg(unix)]
#[test]
fn a_full_disk_keeps_the_old_index_and_leaves_nothing_behind() {
    let sandbox = sandbox(10);
    let before = fs::read(index(&sandbox)).expect("an index");
    write_records(&sandbox, 200);
    let linchpin = sandbox.command(&["db", "import", "crates.io"]);
    // No file may grow beyond a kibibyte or two; the signal that says so is not waited for.
    let script = "trap '' XFSZ; ulimit -f 2; exec \"$@\"";
    let mut shell = Command::new("sh");
    shell
        .args(["-c", script, "sh"])
        .arg(linchpin.get_program())
        .args(linchpin.get_args())
        .current_dir(sandbox.place(""))
        .env_clear()
        .env("HOME", sandbox.home(""))
        .stdin(Stdio::null());
    let output = sandbox.answer(&mut shell);
    assert_eq!(output.code, Some(3), "{output}");
    assert!(
        output.stderr.contains("crates.io.advisories: ")
            && output.stderr.contains("the index at hand was kept"),
        "{output}"
    );
    assert!(fs::read(index(&sandbox)).expect("an index") == before);
    let folder = index(&sandbox).parent().expect("a folder").to_owned();
    let names = fs::read_dir(folder).expect("a folder");
    let names = names.map(|entry| entry.expect("a name").file_name());
    let left: Vec<_> = names
        .filter(|name| name.to_string_lossy().ends_with(".new"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[cfg(unix)]
#[test]
fn an_index_of_another_user_is_not_used() {
    const NOBODY: u32 = 65_534;
    let sandbox = sandbox(0);
    let file = index(&sandbox);
    let folder = file.parent().expect("a folder").to_owned();
    for owned in [&file, &folder] {
        if std::os::unix::fs::chown(owned, Some(NOBODY), None).is_err() {
            say_skipped("only root can give files away");
            return;
        }
        let report = sandbox.report(&["app"]);
        assert_eq!(report.code(), 3);
        let reason = report.json["incomplete_because"][0].to_string();
        assert!(reason.contains("belongs to another user"), "{reason}");
        let status = sandbox.run(&["db", "status"]);
        assert_eq!(status.code, Some(3), "{status}");
        std::os::unix::fs::chown(owned, Some(0), None).expect("root takes files back");
    }
    assert_eq!(sandbox.audit(&["app"]).code, Some(1));
}

#[test]
fn whoever_reads_while_the_index_is_replaced_sees_one_or_the_other() {
    let sandbox = sandbox(300);
    let mut writer = sandbox
        .command(&["db", "import", "crates.io"])
        .stdout(Stdio::null())
        .spawn()
        .expect("the program");
    let mut audits = 0;
    for _ in 0..10 {
        while writer.try_wait().expect("a child").is_none() {
            let output = sandbox.audit(&["app"]);
            assert_eq!(output.code, Some(1), "{output}");
            assert!(!output.stdout.contains("not complete"), "{output}");
            audits += 1;
        }
        writer = sandbox
            .command(&["db", "import", "crates.io"])
            .stdout(Stdio::null())
            .spawn()
            .expect("the program");
    }
    writer.wait().expect("the program ends");
    assert!(audits > 0);
}
