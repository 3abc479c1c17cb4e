//! Stored histories through the whole program: what they add, what they never change, and what no accident breaks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::fetch::histories::{acme, bump, diff, diff_arguments, plain, report_of};
use crate::support::registry::{Packument, Registries, npm_lock_of, trusted};
use crate::support::sandbox::{Output, Report, Sandbox};
use crate::support::shared::say_skipped;

/// Where the histories lie.
const FOLDER: &str = ".cache/linchpin/histories";

/// An hour before the clock of every run.
const LATELY: &str = "2026-10-31T23:00:00.000Z";

fn next(sandbox: &Sandbox) -> Report {
    let (before, after) = ([("acme", "1.9.0")], [("acme", "1.10.0")]);
    report_of(diff(sandbox, &before, &after, &["--format", "json"]))
}

/// The same package, of which nothing vouches for any release.
fn bare() -> Packument {
    Packument::new("acme").routine(10, &json!({}))
}

/// Replaces the days of this run, on which something was stored.
fn without_day(text: &str) -> String {
    let mut words: Vec<&str> = text.split("the oldest of ").collect();
    let rest = words.split_off(1);
    let rest = rest
        .iter()
        .map(|rest| format!("the oldest of [DAY]{}", &rest[10..]));
    words.into_iter().map(str::to_owned).chain(rest).collect()
}

#[test]
fn offline_a_change_is_judged_by_what_is_stored_and_told_how_old_that_is() {
    let registries = Registries::start();
    registries.npm(&acme().release("1.10.0", LATELY, &json!({})));
    let sandbox = registries.sandbox();
    let began = jiff::Timestamp::now();
    let online = next(&sandbox);
    let offline = |more: &[&str]| {
        let (before, after) = ([("acme", "1.9.0")], [("acme", "1.10.0")]);
        diff(&sandbox, &before, &after, &[more, &["--offline"]].concat())
    };
    let stored = report_of(offline(&["--format", "json"]));
    assert_eq!(stored.json["findings"], online.json["findings"]);
    assert_eq!(stored.code(), online.code());
    let facts = &stored.json["histories"];
    assert_eq!((&facts["told"], &facts["stored"]), (&json!(0), &json!(1)));
    let oldest = facts["oldest"].as_str().expect("a time");
    let oldest: jiff::Timestamp = oldest.parse().expect("a time");
    assert!(oldest.as_second() >= began.as_second() && oldest <= jiff::Timestamp::now());
    insta::assert_snapshot!("offline_text", without_day(&offline(&[]).stdout));
    let markdown = offline(&["--format", "markdown"]).stdout;
    insta::assert_snapshot!("offline_markdown", without_day(&markdown));
}

#[test]
fn a_change_that_may_pass_without_histories_says_that_it_did() {
    let registries = Registries::start();
    registries.npm(&acme().release("1.10.0", "2026-10-20T00:00:00.000Z", &trusted()));
    let sandbox = registries.sandbox();
    sandbox.write("linchpin.toml", "[gate]\nrequire = []\n");
    let offline = |format: &str| {
        let before = [("acme", "1.8.0"), ("left", "1.0.0")];
        let after = [("acme", "1.9.0"), ("left", "1.1.0")];
        diff(
            &sandbox,
            &before,
            &after,
            &["--offline", "--format", format],
        )
    };
    let last = "exit 0: pass on advisories alone: 2 changed releases not judged\n";
    let output = offline("text");
    assert!(output.stdout.ends_with(last), "{output}");
    let headline = "### ✓ No new risk on advisories alone: 2 changed releases not judged\n";
    let output = offline("markdown");
    assert!(output.stdout.contains(headline), "{output}");
    // One of them is known by now.
    bump(&sandbox, &[]);
    let output = offline("text");
    let last = "exit 0: pass on advisories alone: 1 changed release not judged\n";
    assert!(output.stdout.ends_with(last), "{output}");
}

#[test]
fn a_release_that_is_newer_than_what_is_stored_is_not_judged_by_it() {
    let registries = Registries::start();
    registries.npm(&acme());
    let sandbox = registries.sandbox();
    bump(&sandbox, &[]);
    let (before, after) = ([("acme", "1.9.0")], [("acme", "1.10.0")]);
    let output = diff(
        &sandbox,
        &before,
        &after,
        &["--offline", "--format", "json"],
    );
    let report = report_of(output);
    assert_eq!(report.code(), 3, "history is required");
    let (checked, skipped) = report.coverage("suspicious-release");
    assert_eq!(checked, 0);
    assert!(
        skipped.contains(&("not-stored".to_owned(), 1)),
        "{skipped:?}"
    );
    assert_eq!(
        report.rules(),
        Vec::<&str>::new(),
        "what is unknown is not removed"
    );
}

#[test]
fn stored_history_that_claims_less_than_the_registry_changes_nothing() {
    let truth = acme().release("1.10.0", LATELY, &json!({}));
    let registries = Registries::start();
    registries.npm(&truth);
    let expected = next(&registries.sandbox());
    assert_eq!(expected.code(), 1);
    // This store was told that there never was any provenance.
    let sandbox = registries.sandbox();
    registries.npm(&bare().release("1.10.0", LATELY, &json!({})));
    assert_eq!(next(&sandbox).code(), 0);
    registries.npm(&truth);
    let found = next(&sandbox);
    assert_eq!(found.json["findings"], expected.json["findings"]);
    assert_eq!(found.code(), expected.code());
}

#[test]
fn stored_history_that_claims_more_than_the_registry_adds_and_is_named() {
    let registries = Registries::start();
    registries.npm(&acme());
    let sandbox = registries.sandbox();
    bump(&sandbox, &[]);
    // The registry denies it all by now, so that the new release looks like the others.
    let denied = bare().release("1.10.0", LATELY, &json!({}));
    registries.npm(&denied);
    assert_eq!(next(&registries.sandbox()).code(), 0, "without a memory");
    let report = next(&sandbox);
    let finding = report.only("suspicious-release");
    let signals: Vec<&Value> = (finding["evidence"].as_array().expect("evidence").iter())
        .map(|one| &one["signal"])
        .collect();
    assert!(
        signals.contains(&&json!("identity/trust-downgrade")),
        "{signals:?}"
    );
    let told = finding.to_string();
    let expected = "the registry said of 1.9.0 that it has trusted publishing, and no longer does";
    assert!(told.contains(expected), "{told}");
    // It is not forgotten by being denied once more.
    let again = next(&sandbox);
    assert_eq!(again.json["findings"], report.json["findings"]);
}

#[test]
fn a_release_whose_archive_was_replaced_is_high() {
    let of = |digest: &str| {
        let dist = json!({ "dist": { "integrity": digest } });
        acme().release("1.10.0", LATELY, &dist)
    };
    let digest = |letter: &str| format!("sha512-{}==", letter.repeat(86));
    let registries = Registries::start();
    registries.npm(&of(&digest("A")));
    let sandbox = registries.sandbox();
    let before = next(&sandbox);
    registries.npm(&of(&digest("Q")));
    let report = next(&sandbox);
    let replaced = |report: &Report| {
        let findings = report.json["findings"].as_array().expect("findings");
        let all = findings
            .iter()
            .filter(|one| one["title"] == "acme 1.10.0 is not the archive that it was");
        all.map(|one| one["severity"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(replaced(&before), [""; 0]);
    assert_eq!(replaced(&report), ["high"]);
    assert_eq!(
        replaced(&next(&registries.sandbox())),
        [""; 0],
        "a first look"
    );
}

#[test]
fn owners_that_every_run_saw_stay_stored() {
    let registries = Registries::start();
    let sandbox = registries.sandbox();
    let mut packument = acme();
    registries.npm(&packument);
    bump(&sandbox, &[]);
    let one = stored_bytes(&sandbox);
    packument.json["maintainers"] = json!([{ "name": "mallory" }]);
    registries.npm(&packument);
    bump(&sandbox, &[]);
    let both = stored_bytes(&sandbox);
    let holds = |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).any(|part| part == word);
    assert!(!holds(&one, b"mallory"));
    assert!(holds(&both, b"mallory") && holds(&both, b"ann@a.example"));
}

/// Lists the files of histories.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if !["lock", "room"].iter().any(|name| path.ends_with(name)) {
            found.push(path);
        }
    }
    found
}

fn stored_bytes(sandbox: &Sandbox) -> Vec<u8> {
    let files = files(&sandbox.home(FOLDER));
    assert_eq!(files.len(), 1, "{files:?}");
    fs::read(&files[0]).expect("a stored history")
}

#[test]
fn a_damaged_store_is_as_good_as_an_empty_one() {
    let registries = Registries::start();
    registries.npm(&acme().release("1.10.0", LATELY, &json!({})));
    let sandbox = registries.sandbox();
    let expected = next(&sandbox);
    let place = files(&sandbox.home(FOLDER)).remove(0);
    let whole = fs::read(&place).expect("a stored history");
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for bytes in [&[][..], &whole[..whole.len() / 2], &flipped, b"nonsense"] {
        fs::write(&place, bytes).expect("a damaged file");
        let offline = report_of(bump(&sandbox, &["--offline", "--format", "json"]));
        assert_eq!(offline.code(), 3);
        assert_eq!(
            offline.json["histories"]["lacking"][0]["reason"],
            "not-stored"
        );
        let online = next(&sandbox);
        assert_eq!(online.json["findings"], expected.json["findings"]);
        // It is whole again; only the time of the observation is another.
        let again = fs::read(&place).expect("a stored history");
        assert_eq!(again.len(), whole.len());
    }
}

/// Whoever restores the folder from a cache may restore anything.
#[cfg(unix)]
#[test]
fn nobody_waits_for_a_pipe_in_the_store() {
    let registries = Registries::start();
    registries.npm(&acme().release("1.10.0", LATELY, &json!({})));
    let sandbox = registries.sandbox();
    next(&sandbox);
    let place = files(&sandbox.home(FOLDER)).remove(0);
    fs::remove_file(&place).expect("it is there");
    let made = Command::new("mkfifo").arg(&place).status();
    assert!(made.expect("every unix has it").success());
    let offline = report_of(bump(&sandbox, &["--offline", "--format", "json"]));
    let lacking = &offline.json["histories"]["lacking"][0]["reason"];
    assert_eq!(lacking, "not-stored");
}

/// Holds a run to the verdict that it has with a store, and to a warning.
fn warns(sandbox: &Sandbox, expected: &Report) {
    let report = next(sandbox);
    assert_eq!(report.code(), expected.code());
    assert_eq!(report.json["findings"], expected.json["findings"]);
    let told = &report.output.stderr;
    assert!(told.contains("warning: release histories "), "{told}");
    assert!(told.contains("not stored"), "{told}");
}

#[test]
fn a_store_that_cannot_be_written_is_a_warning_and_the_verdict_is_the_same() {
    let registries = Registries::start();
    registries.npm(&acme().release("1.10.0", LATELY, &json!({})));
    let expected = next(&registries.sandbox());
    for blocked in [".cache", ".cache/linchpin", FOLDER] {
        let sandbox = registries.sandbox();
        sandbox.write_home(blocked, "a file in the way");
        warns(&sandbox, &expected);
    }
}

#[cfg(unix)]
#[test]
fn a_store_that_others_may_write_is_neither_read_nor_written() {
    use std::os::unix::fs::PermissionsExt;
    let registries = Registries::start();
    registries.npm(&acme().release("1.10.0", LATELY, &json!({})));
    let sandbox = registries.sandbox();
    let expected = next(&sandbox);
    let of_registry = fs::read_dir(sandbox.home(FOLDER)).expect("a folder");
    let folder = of_registry
        .flatten()
        .next()
        .expect("a folder of these registries");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("a mode");
    warns(&sandbox, &expected);
    let offline = report_of(bump(&sandbox, &["--offline", "--format", "json"]));
    assert_eq!(offline.json["histories"]["stored"], 0, "{}", offline.output);
}

#[cfg(unix)]
#[test]
fn a_read_only_store_is_a_warning_and_the_verdict_is_the_same() {
    use std::os::unix::fs::PermissionsExt;
    let registries = Registries::start();
    registries.npm(&acme().release("1.10.0", LATELY, &json!({})));
    let expected = next(&registries.sandbox());
    let sandbox = registries.sandbox();
    let folder = sandbox.home(".cache/linchpin");
    fs::create_dir_all(&folder).expect("a folder");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).expect("a mode");
    if fs::write(folder.join("probe"), "").is_ok() {
        say_skipped("root may write everywhere");
        return;
    }
    warns(&sandbox, &expected);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("a mode");
}

// Runs that are killed.

const PACKAGES: usize = 200;
const KILLS: usize = 40;

fn names() -> Vec<String> {
    (0..PACKAGES)
        .map(|number| format!("package-{number}"))
        .collect()
}

/// Begins a change that brings all packages; everything lies ready.
fn prepare(registries: &Registries) -> Sandbox {
    let names = names();
    for name in &names {
        registries.npm(&plain(name));
    }
    let sandbox = registries.sandbox();
    let packages: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1.0.0")).collect();
    sandbox.write("before/package-lock.json", npm_lock_of(&[]));
    sandbox.write("after/package-lock.json", npm_lock_of(&packages));
    sandbox.write("linchpin.toml", "[gate]\nrequire = [\"history\"]\n");
    sandbox
}

/// Runs it and kills it after a while; says whether it was still running.
fn kill_after(sandbox: &Sandbox, delay: Duration) -> bool {
    let mut command = sandbox.command(&diff_arguments(&[]));
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program can be started");
    thread::sleep(delay);
    child.kill().expect("it can be killed");
    let status = child.wait().expect("it ends");
    status.code().is_none()
}

/// Judges it by what is stored; returns how many histories there are.
fn read_stored(sandbox: &Sandbox) -> usize {
    let output = sandbox.run(&diff_arguments(&["--offline", "--format", "json"]));
    assert_eq!(output.stderr, "", "{output}");
    let report = report_of(output);
    let facts = &report.json["histories"];
    let stored = facts["stored"].as_u64().expect("a number");
    let stored = usize::try_from(stored).expect("a small number");
    let lacking = facts["lacking"].as_array().expect("a list");
    assert!(
        lacking.iter().all(|one| one["reason"] == "not-stored"),
        "{facts}"
    );
    assert_eq!(stored + lacking.len(), PACKAGES);
    assert_eq!(report.code(), if stored == PACKAGES { 0 } else { 3 });
    stored
}

#[test]
fn a_run_that_is_killed_at_any_point_leaves_a_store_that_can_be_read() {
    let registries = Registries::start();
    let whole = prepare(&registries);
    let began = Instant::now();
    let output = whole.run(&diff_arguments(&[]));
    assert_eq!(output.code, Some(0), "{output}");
    // How long it takes here only spreads the kills; nothing is asserted of it.
    let longest = began.elapsed();
    let sandbox = prepare(&registries);
    let (mut least, mut killed) = (0, 0);
    for round in 0..KILLS {
        // Golden ratio: the delays fall evenly, wherever the run spends its time.
        let share = (0.618_034 * f64::from(u32::try_from(round).expect("few"))).fract();
        killed += usize::from(kill_after(&sandbox, longest.mul_f64(share)));
        let stored = read_stored(&sandbox);
        assert!(
            stored >= least,
            "what was stored stays: {stored} after {least}"
        );
        least = stored;
    }
    assert!(killed > KILLS / 4, "{killed} runs were killed");
    let output: Output = sandbox.run(&diff_arguments(&[]));
    assert_eq!(output.code, Some(0), "{output}");
    assert_eq!(output.stderr, "");
    assert_eq!(read_stored(&sandbox), PACKAGES);
    let offline = sandbox.run(&diff_arguments(&["--offline"]));
    let told = "release histories as stored, the oldest of 20";
    assert!(offline.stdout.contains(told), "{offline}");
}

#[test]
fn runs_at_once_store_what_each_of_them_learned() {
    let registries = Registries::start();
    let sandbox = prepare(&registries);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let output = sandbox.run(&diff_arguments(&[]));
                assert_eq!(
                    (output.code, output.stderr.as_str()),
                    (Some(0), ""),
                    "{output}"
                );
            });
        }
    });
    assert_eq!(read_stored(&sandbox), PACKAGES);
}
