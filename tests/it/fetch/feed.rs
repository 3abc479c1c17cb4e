//! `linchpin db update` against a server in OSV's export layout.

use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::PathBuf;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use zip::write::SimpleFileOptions;

use crate::support::sandbox::{Output, Sandbox};
use crate::support::server::{Answer, Server};

/// A record of one crate: its id, when it changed, which package it is about.
#[derive(Clone, Copy)]
pub(super) struct Record<'t>(pub(super) &'t str, pub(super) &'t str, pub(super) &'t str);

impl Record<'_> {
    fn json(&self) -> Vec<u8> {
        let Self(id, modified, package) = self;
        let text = format!(
            r#"{{"id":"{id}","modified":"{modified}","published":"2026-01-01T00:00:00Z","summary":"Reads beyond the end",
            "affected":[{{"package":{{"ecosystem":"crates.io","name":"{package}"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}}]}}]}}]}}"#
        );
        text.into_bytes()
    }
}

fn archive(records: &[Record<'_>]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for record in records {
        let name = format!("{}.json", record.0);
        archive
            .start_file(name, SimpleFileOptions::default())
            .expect("an entry");
        archive.write_all(&record.json()).expect("an entry");
    }
    archive.finish().expect("an archive").into_inner()
}

fn list(records: &[Record<'_>]) -> Vec<u8> {
    let mut sorted: Vec<&Record<'_>> = records.iter().collect();
    sorted.sort_by_key(|record| std::cmp::Reverse(record.1));
    let mut text = String::new();
    for Record(id, modified, _) in sorted {
        let _ = writeln!(text, "{modified},{id}");
    }
    text.into_bytes()
}

/// Where a record lies by itself.
fn file(record: Record<'_>) -> String {
    format!("/crates.io/{}.json", record.0)
}

/// Publishes records as the export does.
pub(super) fn publish(server: &Server, records: &[Record<'_>]) {
    server.answer("/crates.io/all.zip", Answer::Bytes(archive(records)));
    server.answer("/crates.io/modified_id.csv", Answer::Bytes(list(records)));
    for record in records {
        let path = format!("/crates.io/{}.json", record.0);
        server.answer(&path, Answer::Bytes(record.json()));
    }
}

pub(super) const A: Record<'_> = Record("RUSTSEC-2026-1", "2026-10-01T00:00:00Z", "left");
pub(super) const B: Record<'_> = Record("RUSTSEC-2026-2", "2026-10-02T00:00:00Z", "right");
pub(super) const C: Record<'_> = Record("RUSTSEC-2026-3", "2026-10-03T00:00:00Z", "left");

fn sandbox(server: &Server) -> Sandbox {
    Sandbox::new().variable("LINCHPIN_REGISTRY_OSV", &server.address())
}

fn update(sandbox: &Sandbox) -> Output {
    sandbox.run(&["db", "update", "--ecosystem", "cargo"])
}

fn index(sandbox: &Sandbox) -> PathBuf {
    sandbox.home(".local/share/linchpin/advisories/crates.io.advisories")
}

fn bytes(sandbox: &Sandbox) -> Vec<u8> {
    fs::read(index(sandbox)).expect("an index")
}

fn said(output: &Output) -> (Option<i32>, &str) {
    (output.code, output.stdout.as_str())
}

/// What an update that fails says; the index must be as it was.
fn refused(sandbox: &Sandbox) -> String {
    let before = fs::read(index(sandbox)).ok();
    let output = update(sandbox);
    assert_eq!(said(&output), (Some(3), ""), "{output}");
    assert_eq!(fs::read(index(sandbox)).ok(), before, "{output}");
    output.stderr
}

#[test]
fn the_first_update_fetches_the_archive_and_the_second_finds_nothing_new() {
    let server = Server::start();
    publish(&server, &[A, B]);
    let sandbox = sandbox(&server);
    let first = update(&sandbox);
    assert_eq!(
        said(&first),
        (Some(0), "crates.io: fetched anew, 2 records at hand\n")
    );
    assert!(
        first
            .stderr
            .starts_with("fetching the advisories of crates.io, 0.0 MB\n"),
        "{first}"
    );
    assert_eq!(
        server.paths(),
        ["/crates.io/modified_id.csv", "/crates.io/all.zip"]
    );
    assert_eq!(
        said(&update(&sandbox)),
        (Some(0), "crates.io: nothing has changed\n")
    );
    assert_eq!(server.paths(), ["/crates.io/modified_id.csv"]);
}

#[test]
fn later_updates_fetch_what_has_changed_and_make_the_index_that_a_fresh_one_is() {
    let server = Server::start();
    publish(&server, &[A, B]);
    let changed = sandbox(&server);
    update(&changed);
    let newer = Record(A.0, "2026-10-04T00:00:00Z", "other");
    publish(&server, &[newer, B, C]);
    server.asked();
    assert_eq!(
        said(&update(&changed)),
        (
            Some(0),
            "crates.io: 2 changed records fetched, 3 records at hand\n"
        )
    );
    let mut paths = server.paths();
    paths.sort();
    assert_eq!(
        paths,
        [
            "/crates.io/RUSTSEC-2026-1.json",
            "/crates.io/RUSTSEC-2026-3.json",
            "/crates.io/modified_id.csv"
        ]
    );
    let fresh = sandbox(&server);
    update(&fresh);
    assert!(bytes(&changed) == bytes(&fresh));
}

#[test]
fn whole_fetches_everything_anew() {
    let server = Server::start();
    publish(&server, &[A]);
    let sandbox = sandbox(&server);
    update(&sandbox);
    server.asked();
    sandbox.run(&["db", "update", "--ecosystem", "cargo", "--whole"]);
    assert!(server.paths().contains(&"/crates.io/all.zip".to_owned()));
}

#[test]
fn records_that_the_archive_lacks_are_fetched_one_by_one() {
    let server = Server::start();
    publish(&server, &[A, B, C]);
    server.answer("/crates.io/all.zip", Answer::Bytes(archive(&[A])));
    let sandbox = sandbox(&server);
    assert_eq!(
        said(&update(&sandbox)),
        (Some(0), "crates.io: fetched anew, 3 records at hand\n")
    );
}

#[test]
fn a_listed_record_that_an_older_archive_lacks_and_nobody_delivers_is_pending() {
    let server = Server::start();
    publish(&server, &[A, B]);
    server.answer("/crates.io/all.zip", Answer::Bytes(archive(&[A])));
    server.answer(&file(B), Answer::Status(404, Vec::new()));
    let sandbox = sandbox(&server);
    assert_eq!(
        said(&update(&sandbox)),
        (
            Some(3),
            "crates.io: fetched anew, 1 record at hand, 1 still to come (first: RUSTSEC-2026-2: it is listed, and not delivered)\n"
        )
    );
    let status = sandbox.run(&["db", "status"]).stdout;
    assert!(
        status.contains("1 record listed and not delivered"),
        "{status}"
    );
    publish(&server, &[A, B]);
    assert_eq!(
        said(&update(&sandbox)),
        (
            Some(0),
            "crates.io: 1 changed record fetched, 2 records at hand\n"
        )
    );
}

#[test]
fn a_listed_record_that_a_newer_archive_lacks_is_gone() {
    let server = Server::start();
    publish(&server, &[A, B, C]);
    server.answer("/crates.io/all.zip", Answer::Bytes(archive(&[A, C])));
    server.answer(&file(B), Answer::Status(410, Vec::new()));
    let sandbox = sandbox(&server);
    assert_eq!(
        said(&update(&sandbox)),
        (Some(0), "crates.io: fetched anew, 2 records at hand\n")
    );
}

#[test]
fn a_changed_record_that_does_not_exist_means_the_archive() {
    let server = Server::start();
    publish(&server, &[A]);
    let sandbox = sandbox(&server);
    update(&sandbox);
    publish(&server, &[A, B]);
    server.answer(&file(B), Answer::Status(404, Vec::new()));
    assert_eq!(
        said(&update(&sandbox)),
        (Some(0), "crates.io: fetched anew, 2 records at hand\n")
    );
}

#[test]
fn a_record_in_an_older_form_than_the_list_names_is_asked_for_until_it_comes() {
    let server = Server::start();
    publish(&server, &[A, B]);
    let sandbox = sandbox(&server);
    update(&sandbox);
    let newer = Record(A.0, "2026-10-04T00:00:00Z", "other");
    publish(&server, &[newer, B]);
    // A cache in between has not noticed.
    server.answer(&file(A), Answer::Bytes(A.json()));
    for _ in 0..2 {
        let output = update(&sandbox);
        assert_eq!(output.code, Some(3), "{output}");
        assert!(
            output
                .stdout
                .contains("0 changed records fetched, 2 records at hand, 1 still to come"),
            "{output}"
        );
    }
    publish(&server, &[newer, B]);
    assert_eq!(update(&sandbox).code, Some(0));
    assert_eq!(
        said(&update(&sandbox)),
        (Some(0), "crates.io: nothing has changed\n")
    );
}

#[test]
fn an_archive_that_is_far_behind_its_list_says_so_and_is_not_taken() {
    let server = Server::start();
    let ids: Vec<String> = (0..20_002)
        .map(|number| format!("RUSTSEC-2026-{number:05}"))
        .collect();
    let records: Vec<Record<'_>> = ids.iter().map(|id| Record(id, C.1, "left")).collect();
    server.answer("/crates.io/modified_id.csv", Answer::Bytes(list(&records)));
    server.answer("/crates.io/all.zip", Answer::Bytes(archive(&[A])));
    let sandbox = sandbox(&server);
    let told = refused(&sandbox);
    assert!(
        told.contains("the archive lacks 20002 of the listed records"),
        "{told}"
    );
}

#[test]
fn what_could_not_be_read_keeps_its_old_form_and_is_mended_when_it_comes() {
    let server = Server::start();
    publish(&server, &[A, B]);
    let sandbox = sandbox(&server);
    update(&sandbox);
    let before = bytes(&sandbox);
    let newer = Record(B.0, C.1, "right");
    publish(&server, &[A, newer]);
    server.answer(&file(B), Answer::Bytes(b"{".to_vec()));
    assert_eq!(update(&sandbox).code, Some(3));
    assert!(bytes(&sandbox) == before);
    publish(&server, &[A, newer]);
    assert_eq!(update(&sandbox).code, Some(0));
    assert_eq!(
        said(&update(&sandbox)),
        (Some(0), "crates.io: nothing has changed\n")
    );
}

#[test]
fn a_damaged_index_is_made_anew() {
    let server = Server::start();
    publish(&server, &[A, B]);
    let sandbox = sandbox(&server);
    update(&sandbox);
    let sound = bytes(&sandbox);
    let mut damaged = sound.clone();
    damaged[100] ^= 1;
    fs::write(index(&sandbox), damaged).expect("an index");
    publish(&server, &[A, B, C]);
    assert_eq!(
        said(&update(&sandbox)),
        (Some(0), "crates.io: fetched anew, 3 records at hand\n")
    );
}

#[test]
fn a_place_that_a_wrong_clock_reached_is_not_gone_on_from() {
    let server = Server::start();
    publish(&server, &[A, B]);
    let sandbox = sandbox(&server);
    update(&sandbox);
    let note = index(&sandbox).with_extension("advisories.checked");
    let text = fs::read_to_string(&note).expect("a note");
    fs::write(&note, text.replace(B.1, "2126-10-02T00:00:00Z")).expect("a note");
    assert_eq!(
        said(&update(&sandbox)),
        (Some(0), "crates.io: fetched anew, 2 records at hand\n")
    );
}

#[test]
fn a_list_that_cannot_be_read_leaves_the_archive() {
    let server = Server::start();
    publish(&server, &[A]);
    server.answer(
        "/crates.io/modified_id.csv",
        Answer::Bytes(b"id,modified\n".to_vec()),
    );
    let sandbox = sandbox(&server);
    assert_eq!(
        said(&update(&sandbox)),
        (Some(0), "crates.io: fetched anew, 1 record at hand\n")
    );
}

#[test]
fn an_import_that_is_refused_leaves_what_is_known_of_the_feed() {
    let server = Server::start();
    publish(&server, &[B]);
    let sandbox = sandbox(&server);
    update(&sandbox);
    sandbox.write("old/crates.io/RUSTSEC-2026-1.json", A.json());
    assert_eq!(
        sandbox.run(&["db", "import", "old/crates.io"]).code,
        Some(3)
    );
    assert_eq!(
        said(&update(&sandbox)),
        (Some(0), "crates.io: nothing has changed\n")
    );
}

#[test]
fn links_in_the_store_are_not_written_through() {
    let server = Server::start();
    publish(&server, &[A]);
    let sandbox = sandbox(&server);
    sandbox.write("precious", "precious");
    let folder = index(&sandbox).parent().expect("a folder").to_owned();
    fs::create_dir_all(&folder).expect("a folder");
    for name in [".crates.io.advisories.part", "lock"] {
        let link = folder.join(name);
        let _ = fs::remove_file(&link);
        if !link_to(&sandbox.place("precious"), &link) {
            return;
        }
        assert_eq!(update(&sandbox).code, Some(3), "{name}");
        fs::remove_file(link).expect("a link");
    }
    let tag = folder.join(".crates.io.advisories.tag");
    link_to(&sandbox.place("precious"), &tag);
    assert_eq!(update(&sandbox).code, Some(0));
    let precious = fs::read_to_string(sandbox.place("precious"));
    assert_eq!(precious.expect("a file"), "precious");
}

#[cfg(unix)]
fn link_to(target: &std::path::Path, link: &std::path::Path) -> bool {
    std::os::unix::fs::symlink(target, link).expect("a link");
    true
}

#[cfg(not(unix))]
fn link_to(_target: &std::path::Path, _link: &std::path::Path) -> bool {
    crate::support::shared::say_skipped("links need rights here");
    false
}

#[test]
fn an_imported_index_is_made_anew_because_nobody_knows_what_it_lacks() {
    let server = Server::start();
    publish(&server, &[A, B]);
    let sandbox = sandbox(&server);
    sandbox.write("crates.io/RUSTSEC-2026-1.json", A.json());
    sandbox.run(&["db", "import", "crates.io"]);
    assert_eq!(
        said(&update(&sandbox)),
        (Some(0), "crates.io: fetched anew, 2 records at hand\n")
    );
    // And an import ends what was known of the feed.
    sandbox.run(&["db", "import", "crates.io"]);
    sandbox.write("crates.io/RUSTSEC-2026-2.json", B.json());
    assert_eq!(sandbox.run(&["db", "import", "crates.io"]).code, Some(0));
    server.asked();
    update(&sandbox);
    assert!(server.paths().contains(&"/crates.io/all.zip".to_owned()));
}

#[test]
fn a_list_that_does_not_reach_back_means_the_archive() {
    let server = Server::start();
    publish(&server, &[A]);
    let sandbox = sandbox(&server);
    update(&sandbox);
    let newer = Record(A.0, "2026-10-04T00:00:00Z", "other");
    publish(&server, &[newer, C]);
    assert_eq!(
        said(&update(&sandbox)),
        (Some(0), "crates.io: fetched anew, 2 records at hand\n")
    );
}

#[test]
fn a_server_that_has_gone_back_in_time_is_not_believed() {
    let server = Server::start();
    publish(&server, &[A, B, C]);
    let sandbox = sandbox(&server);
    update(&sandbox);
    publish(&server, &[A, B]);
    let told = refused(&sandbox);
    assert!(
        told.contains(
            "knows nothing newer than 2026-10-02T00:00:00Z, which is older than the copy at hand"
        ),
        "{told}"
    );
}

#[test]
fn a_record_from_the_future_is_taken_and_hides_nothing_that_comes_before_it() {
    let server = Server::start();
    let future = Record("RUSTSEC-2026-9", "2126-01-01T00:00:00Z", "far");
    publish(&server, &[A, future]);
    let sandbox = sandbox(&server);
    update(&sandbox);
    publish(&server, &[A, B, future]);
    let output = update(&sandbox);
    assert_eq!(
        said(&output),
        (
            Some(0),
            "crates.io: 1 changed record fetched, 3 records at hand\n"
        )
    );
}

#[test]
fn an_archive_that_lost_records_leaves_the_index_as_it_was() {
    let server = Server::start();
    let ids: Vec<String> = (0..100)
        .map(|number| format!("RUSTSEC-2026-{number:03}"))
        .collect();
    let records: Vec<Record<'_>> = ids.iter().map(|id| Record(id, A.1, "left")).collect();
    publish(&server, &records);
    let sandbox = sandbox(&server);
    update(&sandbox);
    publish(&server, &records[2..]);
    let before = bytes(&sandbox);
    let output = sandbox.run(&["db", "update", "--ecosystem", "cargo", "--whole"]);
    assert_eq!(output.code, Some(3), "{output}");
    assert!(
        output.stderr.contains("would fall from 100 to 98"),
        "{output}"
    );
    assert!(bytes(&sandbox) == before);
}

#[test]
fn whatever_a_server_does_wrong_the_index_stays_and_the_words_say_why() {
    let server = Server::start();
    publish(&server, &[A]);
    let sandbox = sandbox(&server);
    update(&sandbox);
    let (csv, zip) = ("/crates.io/modified_id.csv", "/crates.io/all.zip");
    let page = Answer::Kind("text/html", b"<html>Please log in</html>".to_vec());
    let lost = [C, B, A];
    for (path, fault, expected) in [
        (
            csv,
            Answer::Status(500, Vec::new()),
            "answered with status 500",
        ),
        (csv, page.clone(), "a web page instead of data"),
        (csv, Answer::Claims(1 << 40), "sends more than"),
        (zip, page, "a web page instead of data"),
        (
            zip,
            Answer::Bytes(b"not a zip".to_vec()),
            "is no archive that can be read",
        ),
        (
            zip,
            Answer::Bytes(archive(&[])),
            "no record of crates.io can be read",
        ),
        (zip, Answer::Claims(1 << 40), "sends more than"),
        (
            "/crates.io/RUSTSEC-2026-3.json",
            Answer::Status(403, Vec::new()),
            "status 403",
        ),
    ] {
        publish(&server, &lost);
        // Nobody knows any more how far the index had come, so that the archive is asked for.
        let note = index(&sandbox).with_extension("advisories.checked");
        let kept = fs::read(&note).expect("a note");
        if path == zip {
            fs::remove_file(&note).expect("a note");
        }
        server.answer(path, fault);
        let told = refused(&sandbox);
        assert!(
            told.contains(expected) && told.contains("the index at hand was kept"),
            "{told}"
        );
        fs::write(&note, kept).expect("a note");
    }
    publish(&server, &lost);
    assert_eq!(update(&sandbox).code, Some(0));
}

#[test]
fn a_record_under_another_name_or_that_cannot_be_read_is_pending_and_told() {
    let server = Server::start();
    publish(&server, &[A]);
    let sandbox = sandbox(&server);
    update(&sandbox);
    publish(&server, &[A, B, C]);
    server.answer(&file(B), Answer::Bytes(A.json()));
    server.answer(&file(C), Answer::Bytes(b"{".to_vec()));
    let output = update(&sandbox);
    assert_eq!(output.code, Some(3));
    let expected = "crates.io: 0 changed records fetched, 1 record at hand, 2 still to come (first: RUSTSEC-2026-3: not an OSV record: ";
    assert!(output.stdout.starts_with(expected), "{output}");
    let status = sandbox.run(&["db", "status"]).stdout;
    assert!(
        status.contains("2 records listed and not delivered"),
        "{status}"
    );
}

#[test]
fn a_download_that_was_stopped_goes_on_in_the_next_run() {
    let server = Server::start();
    publish(&server, &[A, B]);
    let whole = archive(&[A, B]);
    server.answer("/crates.io/all.zip", Answer::CutShort(whole.clone(), 100));
    let sandbox = sandbox(&server);
    let told = refused(&sandbox);
    assert!(told.contains("was cut short"), "{told}");
    server.answer("/crates.io/all.zip", Answer::Bytes(whole));
    server.asked();
    let output = update(&sandbox);
    assert_eq!(output.code, Some(0), "{output}");
    assert!(output.stderr.contains("going on at 0.0 MB"), "{output}");
    let asked = server.asked();
    assert_eq!(asked[1].range.as_deref(), Some("bytes=100-"));
    let left: Vec<String> = fs::read_dir(index(&sandbox).parent().expect("a folder"))
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("a name")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name.contains("part") || name.contains("tag"))
        .collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn a_part_of_another_version_of_the_archive_is_not_gone_on_with() {
    let server = Server::start();
    publish(&server, &[A, B]);
    server.answer(
        "/crates.io/all.zip",
        Answer::CutShort(archive(&[A, B]), 100),
    );
    let sandbox = sandbox(&server);
    refused(&sandbox);
    // A server that ignores the condition and sends the rest of another archive.
    let newer = archive(&[A, B, C]);
    server.answer("/crates.io/all.zip", Answer::Bytes(newer));
    server.asked();
    assert_eq!(
        said(&update(&sandbox)),
        (Some(0), "crates.io: fetched anew, 3 records at hand\n")
    );
    let ranges: Vec<_> = server
        .asked()
        .into_iter()
        .map(|asked| asked.range)
        .collect();
    assert_eq!(ranges, [None, Some("bytes=100-".to_owned()), None]);
}

#[test]
fn an_update_that_is_killed_at_any_moment_leaves_an_index_that_can_be_used() {
    let server = Server::start();
    let ids: Vec<String> = (0..3_000)
        .map(|number| format!("RUSTSEC-2026-{number:04}"))
        .collect();
    let old: Vec<Record<'_>> = ids.iter().map(|id| Record(id, A.1, "left")).collect();
    publish(&server, &old);
    let sandbox = sandbox(&server);
    update(&sandbox);
    let new: Vec<Record<'_>> = ids.iter().map(|id| Record(id, C.1, "left")).collect();
    publish(&server, &new);
    for round in 0..40 {
        let mut child = sandbox
            .command(&["db", "update", "--ecosystem", "cargo", "--whole"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        thread::sleep(Duration::from_millis(round * 5));
        let _ = child.kill();
        child.wait().expect("the program ends");
        let status = sandbox.run(&["db", "status"]);
        assert_eq!(status.code, Some(0), "{status}");
        assert!(status.stdout.contains("3,000 records"), "{status}");
    }
    assert_eq!(update(&sandbox).code, Some(0));
}

#[test]
fn two_updates_at_once_do_not_meet() {
    let server = Server::start();
    publish(&server, &[A]);
    server.answer("/crates.io/all.zip", Answer::Silent(Duration::from_secs(2)));
    let sandbox = sandbox(&server);
    let mut first = sandbox
        .command(&["db", "update", "--ecosystem", "cargo"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program");
    while server.asked().is_empty() {
        thread::sleep(Duration::from_millis(5));
    }
    let told = refused(&sandbox);
    assert!(
        told.contains("is being written by another process"),
        "{told}"
    );
    let _ = first.kill();
    first.wait().expect("the program ends");
}

#[test]
fn a_folder_in_the_layout_of_the_export_works_the_same() {
    let sandbox = Sandbox::new();
    let folder = sandbox.place("export");
    sandbox.write("export/crates.io/all.zip", archive(&[A, B]));
    let sandbox = sandbox.variable("LINCHPIN_REGISTRY_OSV", folder.to_str().expect("a path"));
    assert_eq!(
        said(&update(&sandbox)),
        (Some(0), "crates.io: fetched anew, 2 records at hand\n")
    );
    let missing = sandbox.run(&["db", "update", "--ecosystem", "npm"]);
    assert_eq!(missing.code, Some(3));
}

#[test]
fn feeds_that_a_project_names_do_not_decide_what_is_known_about_others() {
    let server = Server::start();
    publish(&server, &[A]);
    let sandbox = Sandbox::new().variable("LINCHPIN_REGISTRY_OSV", "");
    sandbox.write(
        "linchpin.toml",
        format!("[registry]\nosv = \"{}\"\n", server.address()),
    );
    assert_eq!(update(&sandbox).code, Some(0));
    assert!(!index(&sandbox).exists());
    let status = sandbox.run(&["db", "status"]).stdout;
    assert!(status.contains("1 record of 1 package"), "{status}");
    let other = sandbox.run(&["db", "status", "--no-config"]).stdout;
    assert!(other.contains("crates.io  none;"), "{other}");
}

#[test]
fn an_address_that_is_not_to_be_asked_is_refused_before_anything_is() {
    for address in [
        "http://osv.example/",
        "https://user:secret@osv.example/",
        "https:user:secret@osv.example",
        "https://osv.example/#secret",
        "ftp://x/",
    ] {
        let sandbox = Sandbox::new().variable("LINCHPIN_REGISTRY_OSV", address);
        let output = update(&sandbox);
        assert_eq!(output.code, Some(2), "{output}");
        assert!(output.stderr.contains("LINCHPIN_REGISTRY_OSV"), "{output}");
        assert!(!output.stderr.contains("secret"), "{output}");
        let audit = sandbox.run(&["audit"]);
        assert_eq!(
            (audit.code, audit.stdout.as_str()),
            (Some(2), ""),
            "{audit}"
        );
    }
}

#[test]
fn a_secret_in_the_configuration_is_neither_repeated_nor_shown_in_its_line() {
    let sandbox = Sandbox::new();
    for address in [
        "https://user:secret@osv.example/",
        "https://osv.example/?token=secret",
    ] {
        sandbox.write(
            "linchpin.toml",
            format!("[registry]\nosv = \"{address}\"\n"),
        );
        let output = sandbox.run(&["db", "status"]);
        assert_eq!(output.code, Some(2), "{output}");
        assert!(!output.stderr.contains("secret"), "{output}");
    }
}
