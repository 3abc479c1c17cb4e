//! `linchpin db`, and audits with what it keeps.

use std::fs;

use crate::support::locks::{
    cargo_lock, cargo_record, npm_lock, npm_record, npm_record_at, sha256, sri,
};
use crate::support::sandbox::{Output, Sandbox};

/// A record of one crate.
fn record(id: &str, package: &str, fixed: &str) -> String {
    format!(
        r#"{{"id":"{id}","modified":"2026-10-30T00:00:00Z","published":"2026-10-01T00:00:00Z","aliases":["CVE-2026-1"],
        "summary":"Reads beyond the end","severity":[{{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}],
        "affected":[{{"package":{{"ecosystem":"crates.io","name":"{package}"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}},{{"fixed":"{fixed}"}}]}}]}}]}}"#
    )
}

/// A record of malware that the built-in list does not know.
const MALWARE: &str = r#"{"id":"MAL-2026-9","modified":"2026-10-30T00:00:00Z","published":"2026-03-31T00:00:00Z","summary":"Malicious code in evil","affected":[{"package":{"ecosystem":"npm","name":"evil"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}"#;

/// Writes a project with one crate.
pub(super) fn write_project(sandbox: &Sandbox) {
    let lockfile = cargo_lock(&[("left", cargo_record("left", "1.0.0", &sha256(b"left")))]);
    sandbox.write("app/Cargo.lock", lockfile);
    sandbox.write(
        "app/Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"1.0.0\"\n[dependencies]\nleft = \"1\"\n",
    );
}

/// A project with one crate, and a folder of records.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    write_project(&sandbox);
    sandbox.write(
        "crates.io/RUSTSEC-2026-1.json",
        record("RUSTSEC-2026-1", "left", "1.0.1"),
    );
    sandbox
}

fn import(sandbox: &Sandbox) -> Output {
    sandbox.run(&["db", "import", "crates.io"])
}

fn index(sandbox: &Sandbox) -> std::path::PathBuf {
    sandbox.home(".local/share/linchpin/advisories/crates.io.advisories")
}

#[test]
fn an_imported_advisory_is_found_with_its_fix() {
    let sandbox = sandbox();
    let imported = import(&sandbox);
    assert_eq!(
        (imported.code, imported.stdout.as_str()),
        (Some(0), "crates.io: 1 record imported\n")
    );
    let report = sandbox.report(&["app"]);
    assert_eq!(report.code(), 1);
    let finding = report.only("known-vulnerability");
    assert_eq!(finding["severity"], "critical");
    assert_eq!(finding["title"], "left 1.0.0 has a known vulnerability");
    assert_eq!(finding["advisories"][0]["id"], "RUSTSEC-2026-1");
    assert_eq!(finding["advisories"][0]["aliases"][0], "CVE-2026-1");
    assert_eq!(
        finding["fix"]["command"],
        "cargo update left@1.0.0 --precise 1.0.1"
    );
    assert_eq!(report.json["complete"], true);
    assert_eq!(report.coverage("known-vulnerability").0, 1);
}

#[test]
fn a_fixed_release_is_clean_and_the_run_complete() {
    let sandbox = sandbox();
    sandbox.write(
        "crates.io/RUSTSEC-2026-1.json",
        record("RUSTSEC-2026-1", "left", "1.0.0"),
    );
    import(&sandbox);
    assert_eq!(sandbox.audit(&["app"]).code, Some(0));
}

#[test]
fn a_private_git_or_path_package_is_not_taken_for_the_public_one() {
    let sandbox = sandbox();
    import(&sandbox);
    let commit = "0123456789012345678901234567890123456789";
    for source in [
        format!("source = \"git+https://git.example.org/left#{commit}\"\n"),
        String::new(),
    ] {
        let record = format!("\n[[package]]\nname = \"left\"\nversion = \"1.0.0\"\n{source}");
        sandbox.write("app/Cargo.lock", cargo_lock(&[("left", record)]));
        let report = sandbox.report(&["app"]);
        assert!(!report.rules().contains(&"known-vulnerability"), "{source}");
    }
}

#[test]
fn an_old_feed_makes_the_run_incomplete_and_says_how_old_it_is() {
    let sandbox = sandbox();
    let old = record("RUSTSEC-2026-1", "other", "1.0.1").replace("2026-10-30", "2026-10-20");
    sandbox.write("crates.io/RUSTSEC-2026-1.json", old);
    import(&sandbox);
    let report = sandbox.report(&["app"]);
    assert_eq!(
        (report.code(), &report.json["complete"]),
        (3, &false.into())
    );
    let reason = report.json["incomplete_because"][0]
        .as_str()
        .expect("a reason");
    assert!(
        reason.contains("2026-10-20") && reason.contains("db import"),
        "{reason}"
    );
    let stale = report.json["advisories"]
        .as_array()
        .expect("feeds")
        .iter()
        .any(|feed| feed["state"] == "stale");
    assert!(stale);
}

#[test]
fn a_record_from_the_future_does_not_make_a_feed_younger() {
    let sandbox = sandbox();
    let future = record("RUSTSEC-2026-1", "other", "1.0.1").replace("2026-10-30", "2126-10-30");
    sandbox.write("crates.io/RUSTSEC-2026-1.json", future);
    import(&sandbox);
    assert_eq!(sandbox.audit(&["app"]).code, Some(3));
}

#[test]
fn advisories_do_not_exist_before_they_were_published() {
    let sandbox = sandbox();
    import(&sandbox);
    let run = sandbox.run(&[
        "audit",
        "--offline",
        "--as-of",
        "2026-09-30T00:00:00Z",
        "app",
    ]);
    assert_eq!(run.code, Some(0), "{}", run.stdout);
}

#[test]
fn a_damaged_index_is_never_clean() {
    let sandbox = sandbox();
    import(&sandbox);
    let sound = fs::read(index(&sandbox)).expect("the index");
    for (what, bytes) in [
        ("empty", Vec::new()),
        ("cut short", sound[..sound.len() - 1].to_vec()),
        (
            "another file",
            b"PK\x03\x04 and more than a header has, as archives have it in practice".to_vec(),
        ),
        (
            "another version",
            [&sound[..8], &[9, 0, 0, 0], &sound[12..]].concat(),
        ),
        ("a flipped byte in a block", flipped(&sound, 70)),
        (
            "a flipped byte in the directory",
            flipped(&sound, sound.len() - 1),
        ),
    ] {
        fs::write(index(&sandbox), bytes).expect("a writable index");
        let report = sandbox.report(&["app"]);
        assert_eq!(
            (report.code(), &report.json["complete"]),
            (3, &false.into()),
            "{what}"
        );
        let reasons = report.json["incomplete_because"].to_string();
        assert!(reasons.contains("advisory feed"), "{what}: {reasons}");
    }
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes
}

#[cfg(unix)]
#[test]
fn an_index_that_others_may_write_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = sandbox();
    import(&sandbox);
    let set = |path: &std::path::Path, mode: u32| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("our own file");
    };
    set(&index(&sandbox), 0o664);
    let report = sandbox.report(&["app"]);
    assert_eq!(report.code(), 3);
    assert!(
        report.json["incomplete_because"]
            .to_string()
            .contains("may be written by its group")
    );
    set(&index(&sandbox), 0o644);
    assert_eq!(sandbox.report(&["app"]).code(), 1);
    set(index(&sandbox).parent().expect("a folder"), 0o777);
    assert_eq!(sandbox.report(&["app"]).code(), 3);
}

#[test]
fn an_import_that_fails_keeps_the_index_at_hand() {
    let sandbox = sandbox();
    import(&sandbox);
    let before = fs::read(index(&sandbox)).expect("the index");
    sandbox.write("bad/crates.io/all.zip", b"PK\x03\x04 no archive");
    sandbox.write("none/crates.io/x.json", "{}");
    sandbox.folder("nothing");
    for path in ["bad", "none/crates.io", "nothing", "missing"] {
        let run = sandbox.run(&["db", "import", path]);
        assert_eq!(run.code, Some(3), "{path}: {}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains("help"), "{path}: {}", run.stderr);
        assert_eq!(
            fs::read(index(&sandbox)).expect("the index"),
            before,
            "{path}"
        );
    }
}

#[test]
fn an_import_with_far_fewer_records_is_refused() {
    let sandbox = sandbox();
    for number in 0..10 {
        let id = format!("RUSTSEC-2025-{number}");
        sandbox.write(
            &format!("crates.io/{id}.json"),
            record(&id, "right", "1.0.0"),
        );
    }
    import(&sandbox);
    sandbox.write(
        "fewer/crates.io/a.json",
        record("RUSTSEC-2026-1", "left", "1.0.1"),
    );
    let run = sandbox.run(&["db", "import", "fewer/crates.io"]);
    assert_eq!(run.code, Some(3));
    assert!(
        run.stderr
            .contains("the number of records of crates.io would fall from 11 to 1"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_could_not_be_read_is_counted_and_every_audit_says_so() {
    let sandbox = sandbox();
    sandbox.write("crates.io/broken.json", "{");
    sandbox.write("crates.io/odd.json", r#"{"id":"A-1","affected":[null]}"#);
    let imported = import(&sandbox);
    assert_eq!(imported.code, Some(3));
    assert!(
        imported
            .stdout
            .starts_with("crates.io: 1 record imported, 2 not read (first: broken.json: "),
        "{}",
        imported.stdout
    );
    sandbox.write("app/Cargo.lock", clean_lock_of("other"));
    let report = sandbox.report(&["app/Cargo.lock"]);
    assert_eq!(report.code(), 3);
    let reasons = report.json["incomplete_because"].to_string();
    assert!(
        reasons.contains("lacks what could not be read"),
        "{reasons}"
    );
}

/// A Cargo.lock with one crate that nobody has anything against.
fn clean_lock_of(name: &str) -> String {
    cargo_lock(&[(name, cargo_record(name, "1.0.0", &sha256(name.as_bytes())))])
}

#[test]
fn records_in_folders_below_are_read_and_links_refused() {
    let sandbox = sandbox();
    sandbox.write(
        "crates.io/below/deeper/x.json",
        record("RUSTSEC-2026-2", "right", "1.0.1"),
    );
    assert_eq!(import(&sandbox).stdout, "crates.io: 2 records imported\n");
    #[cfg(unix)]
    {
        let link = sandbox.place("crates.io/link.json");
        std::os::unix::fs::symlink("below/deeper/x.json", link).expect("a new link");
        let refused = import(&sandbox);
        assert_eq!(refused.code, Some(3));
        assert!(
            refused.stderr.contains("link.json is a link"),
            "{}",
            refused.stderr
        );
    }
}

#[test]
fn an_import_that_is_older_than_the_index_at_hand_is_refused() {
    let sandbox = sandbox();
    import(&sandbox);
    let before = fs::read(index(&sandbox)).expect("the index");
    let older = record("RUSTSEC-2026-9", "other", "1.0.0").replace("2026-10-30", "2026-10-29");
    sandbox.write("crates.io/RUSTSEC-2026-1.json", older);
    let refused = import(&sandbox);
    assert_eq!(refused.code, Some(3));
    assert!(
        refused
            .stderr
            .contains("knows nothing newer than 2026-10-29T00:00:00Z"),
        "{}",
        refused.stderr
    );
    assert_eq!(fs::read(index(&sandbox)).expect("the index"), before);
}

#[test]
fn a_record_about_another_ecosystem_does_not_make_a_feed_younger() {
    let sandbox = sandbox();
    let old = record("RUSTSEC-2026-1", "other", "1.0.1").replace("2026-10-30", "2026-10-01");
    sandbox.write("crates.io/RUSTSEC-2026-1.json", old);
    let foreign = record("GHSA-9", "x", "1.0.0").replace("crates.io", "npm");
    sandbox.write("crates.io/GHSA-9.json", foreign);
    import(&sandbox);
    assert_eq!(sandbox.audit(&["app"]).code, Some(3));
}

#[test]
fn a_record_that_claims_to_be_published_later_is_in_force_today() {
    let sandbox = sandbox();
    let later = record("RUSTSEC-2026-1", "left", "1.0.1").replace("2026-10-01", "2999-01-01");
    sandbox.write("crates.io/RUSTSEC-2026-1.json", later);
    import(&sandbox);
    assert_eq!(sandbox.report(&["app"]).code(), 1);
}

#[test]
fn a_private_namesake_of_malware_is_found_without_any_public_package() {
    let sandbox = Sandbox::with(&[(
        "linchpin.toml",
        "[registry]\nprivate = [\"npm.example.org\"]\n",
    )]);
    let url = "https://npm.example.org/evil/-/evil-1.0.0.tgz";
    let evil = npm_record_at("1.0.0", url, &sri(b"evil"));
    sandbox.write("package-lock.json", npm_lock(&[("evil", evil)]));
    sandbox.write("npm/MAL-2026-9.json", MALWARE);
    sandbox.run(&["db", "import", "npm"]);
    let report = sandbox.report(&["package-lock.json"]);
    assert_eq!(report.only("malicious-package")["severity"], "medium");
}

#[cfg(unix)]
#[test]
fn a_file_name_cannot_move_the_cursor() {
    let sandbox = sandbox();
    sandbox.write("crates.io/\u{1b}[2J.json", "{");
    let imported = import(&sandbox);
    assert!(!imported.stdout.contains('\u{1b}'), "{:?}", imported.stdout);
    assert!(
        imported.stdout.contains("(first: \\u{1b}[2J.json: "),
        "{:?}",
        imported.stdout
    );
}

#[test]
fn the_status_tells_what_is_at_hand_and_what_to_do() {
    let sandbox = sandbox();
    let before = sandbox.run(&["db", "status"]);
    assert_eq!(before.code, Some(0));
    assert_eq!(
        before
            .stdout
            .matches("none; get one: linchpin db update, or linchpin db import PATH")
            .count(),
        3
    );
    import(&sandbox);
    let after = sandbox.run(&["db", "status"]);
    assert!(
        after.stdout.contains("1 record of 1 package"),
        "{}",
        after.stdout
    );
    fs::write(index(&sandbox), "damaged").expect("a writable index");
    assert_eq!(sandbox.run(&["db", "status"]).code, Some(3));
}

#[test]
fn malware_of_a_feed_and_of_the_built_in_list_is_one_finding() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "package-lock.json",
        npm_lock(&[("axios", npm_record("axios", "1.14.1"))]),
    );
    sandbox.write(
        "npm/MAL-2026-2307.json",
        r#"{"id":"MAL-2026-2307","modified":"2026-10-30T00:00:00Z","published":"2026-03-31T00:00:00Z","aliases":["GHSA-fw8c-xr5c-95f9","SNYK-1"],"summary":"Malicious code in axios","affected":[{"package":{"ecosystem":"npm","name":"axios"},"versions":["1.14.1"]}]}"#,
    );
    assert_eq!(sandbox.run(&["db", "import", "npm"]).code, Some(0));
    let report = sandbox.report(&[]);
    let finding = report.only("malicious-package");
    let ids = finding["advisories"].to_string();
    assert!(
        ids.contains("MAL-2026-2307")
            && ids.contains("SNYK-1")
            && ids.contains("GHSA-fw8c-xr5c-95f9"),
        "{ids}"
    );
    assert_eq!(finding["advisories"].as_array().map(Vec::len), Some(1));
}

#[test]
fn malware_that_only_a_feed_knows_is_found() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "package-lock.json",
        npm_lock(&[("evil", npm_record("evil", "1.0.0"))]),
    );
    sandbox.write("npm/MAL-2026-9.json", MALWARE);
    sandbox.run(&["db", "import", "npm"]);
    let report = sandbox.report(&[]);
    assert_eq!(report.code(), 1);
    let finding = report.only("malicious-package");
    assert_eq!(finding["severity"], "critical");
    assert!(
        finding["message"]
            .as_str()
            .is_some_and(|message| message.contains("Malicious code in evil"))
    );
}

#[test]
fn malware_that_ended_with_a_release_is_left_by_an_update_to_it() {
    let sandbox = Sandbox::new();
    let fixed = MALWARE.replace(
        r#"{"introduced":"0"}"#,
        r#"{"introduced":"0"},{"fixed":"1.0.2"}"#,
    );
    sandbox.write("npm/MAL-2026-9.json", fixed);
    sandbox.run(&["db", "import", "npm"]);
    let lockfile = npm_lock(&[("evil", npm_record("evil", "1.0.0"))]);
    sandbox.write("app/package-lock.json", lockfile);
    let report = sandbox.report(&["app"]);
    let fix = &report.only("malicious-package")["fix"];
    assert_eq!(fix["action"], "update", "{fix}");
    assert!(fix.to_string().contains("1.0.2"), "{fix}");
}

#[test]
fn an_export_carries_the_index_to_another_machine() {
    let from = sandbox();
    import(&from);
    let exported = from.run(&["db", "export", "carried.zip"]);
    assert_eq!(exported.stdout, "1 index written to carried.zip\n");
    let bytes = fs::read(from.place("carried.zip")).expect("the export");
    from.run(&["db", "export", "again.zip"]);
    assert!(bytes == fs::read(from.place("again.zip")).expect("the export"));
    let to = sandbox();
    to.write("carried.zip", &bytes);
    let imported = to.run(&["db", "import", "carried.zip"]);
    assert_eq!(
        (imported.code, imported.stdout.as_str()),
        (Some(0), "crates.io: 1 record imported\n")
    );
    assert_eq!(to.report(&["app"]).code(), 1);
    assert_eq!(
        fs::read(index(&from)).expect("an index"),
        fs::read(index(&to)).expect("an index")
    );
}

#[test]
fn an_export_that_was_damaged_on_the_way_is_refused() {
    let from = sandbox();
    import(&from);
    from.run(&["db", "export", "carried.zip"]);
    let sound = fs::read(from.place("carried.zip")).expect("the export");
    let to = sandbox();
    for at in (30..sound.len() - 30).step_by(7) {
        to.write("carried.zip", flipped(&sound, at));
        let run = to.run(&["db", "import", "carried.zip"]);
        let kept = !index(&to).exists()
            || fs::read(index(&to)).expect("an index") == fs::read(index(&from)).expect("an index");
        assert!(kept, "byte {at}: {}{}", run.stdout, run.stderr);
        drop(fs::remove_file(index(&to)));
    }
}

#[test]
fn an_export_is_imported_by_itself() {
    let sandbox = sandbox();
    import(&sandbox);
    sandbox.run(&["db", "export", "carried.zip"]);
    for arguments in [
        &["db", "import", "carried.zip", "--ecosystem", "pypi"][..],
        &["db", "import", "crates.io", "carried.zip"],
    ] {
        let run = sandbox.run(arguments);
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        assert!(
            run.stderr.contains("carried.zip is an export"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn a_damaged_archive_is_told_as_such() {
    let sandbox = sandbox();
    sandbox.write("carried.zip", b"PK\x03\x04 and no more");
    let run = sandbox.run(&["db", "import", "carried.zip"]);
    assert_eq!(run.code, Some(3));
    assert!(
        run.stderr.contains("carried.zip: the archive: "),
        "{}",
        run.stderr
    );
}

#[test]
fn nothing_to_export_is_said() {
    let run = sandbox().run(&["db", "export", "carried.zip"]);
    assert_eq!(run.code, Some(3));
    assert!(
        run.stderr.contains("there is no index in"),
        "{}",
        run.stderr
    );
}

#[test]
fn two_writers_do_not_meet() {
    let sandbox = sandbox();
    import(&sandbox);
    let lock = fs::File::open(index(&sandbox).with_file_name("lock")).expect("the lock");
    lock.lock().expect("nobody else writes");
    let second = import(&sandbox);
    assert_eq!(second.code, Some(3));
    assert!(
        second
            .stderr
            .contains("is being written by another process"),
        "{}",
        second.stderr
    );
    assert_eq!(sandbox.report(&["app"]).code(), 1, "readers need no lock");
    drop(lock);
    assert_eq!(import(&sandbox).code, Some(0));
}

#[test]
fn a_writer_that_was_killed_leaves_the_old_index_and_stands_in_nobodys_way() {
    let sandbox = sandbox();
    for number in 0..3_000 {
        let id = format!("RUSTSEC-2025-{number}");
        sandbox.write(
            &format!("crates.io/{id}.json"),
            record(&id, "right", "1.0.0"),
        );
    }
    import(&sandbox);
    let before = fs::read(index(&sandbox)).expect("the index");
    for wait in 0..20 {
        let mut writer = sandbox
            .command(&["db", "import", "crates.io"])
            .spawn()
            .expect("the program starts");
        std::thread::sleep(std::time::Duration::from_millis(wait * 5));
        writer.kill().expect("our own child");
        writer.wait().expect("our own child");
        assert!(
            fs::read(index(&sandbox)).expect("the index") == before,
            "killed after {wait} steps"
        );
    }
    assert_eq!(import(&sandbox).code, Some(0));
}
