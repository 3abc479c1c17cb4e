//! Registries with faults: bounded, told, and never clean.

use std::io::Write;
use std::time::Duration;

use linchpin::clients::Credentials;
use linchpin::fetch::inquiry::{Failure, Learned, Rate, Services, Wish, WishScope};
use linchpin::fetch::{Budget, Client, FetchError, Patience};
use linchpin::package::{Ecosystem, RemoteAddress};
use linchpin::registry;
use serde_json::{Value, json};

use super::{acme, bump, diff, diff_of, plain, report_of};
use crate::support::registry::{Registries, npm_lock_of};
use crate::support::server::{Answer, Server};

fn status(status: u16) -> Answer {
    Answer::Status(status, Vec::new())
}

/// Bytes that take a few kilobytes packed, and more than any list of releases unpacked.
fn bomb() -> Vec<u8> {
    let mut packing = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..64 {
        packing.write_all(&zeros).expect("memory takes everything");
    }
    packing.finish().expect("memory takes everything")
}

fn packument() -> Vec<u8> {
    acme().json.to_string().into_bytes()
}

/// Judges the update of acme where the registry gives this answer; returns how often it was asked, and what was told.
fn told(answer: Answer) -> (usize, String) {
    let registries = Registries::start();
    registries.server.answer("/npm/acme", answer);
    let sandbox = registries.sandbox();
    let report = report_of(bump(&sandbox, &["--format", "json"]));
    assert_eq!(
        (report.code(), &report.json["verdict"]),
        (3, &json!("incomplete"))
    );
    assert_eq!(
        report.json["histories"]["lacking"],
        json!([{ "ecosystem": "npm", "name": "acme", "reason": "no-answer" }])
    );
    let why = report.json["incomplete_because"][0]
        .as_str()
        .expect("a reason");
    assert!(why.contains("acme"), "{why}");
    let asked = registries.server.paths();
    assert!(asked.iter().all(|path| path == "/npm/acme"), "{asked:?}");
    let server = registries.server.address();
    (
        asked.len(),
        report.output.stderr.replace(&server, "SERVER/"),
    )
}

#[test]
fn every_fault_of_a_registry_is_told_with_its_reason_and_is_exit_3() {
    let other = json!({ "name": "other", "versions": {} });
    let packed = bomb();
    assert!(packed.len() < 1 << 18, "{}", packed.len());
    let busy = vec![("Retry-After", "3600".to_owned())];
    for (answer, tries, expected) in [
        (status(500), 3, "SERVER/npm/acme answered with status 500"),
        (status(403), 1, "SERVER/npm/acme answered with status 403"),
        (status(429), 3, "SERVER/npm/acme answered with status 429"),
        (
            Answer::Status(429, busy),
            1,
            "SERVER/npm/acme answered with status 429",
        ),
        (Answer::HangUp, 3, "SERVER/npm/acme does not answer"),
        (
            Answer::CutShort(packument(), 1000),
            3,
            "the answer of SERVER/npm/acme was cut short",
        ),
        (
            Answer::Kind("text/html", packument()),
            1,
            "SERVER/npm/acme answered with a web page instead of data",
        ),
        (
            Answer::Bytes(packument()[..1000].to_vec()),
            1,
            "SERVER/npm/acme: the answer cannot be read",
        ),
        (
            Answer::Bytes(b"null".to_vec()),
            1,
            "SERVER/npm/acme: the answer cannot be read",
        ),
        (
            Answer::Bytes(other.to_string().into_bytes()),
            1,
            "SERVER/npm/acme: the answer is about another package",
        ),
        (
            Answer::Claims(1 << 40),
            1,
            "SERVER/npm/acme sends more than 50331648 bytes",
        ),
        (
            Answer::Endless,
            1,
            "SERVER/npm/acme sends more than 50331648 bytes",
        ),
        (
            Answer::Packed(packed),
            1,
            "SERVER/npm/acme sends more than 50331648 bytes",
        ),
        (
            Answer::Packed(packument()),
            1,
            "the answer of SERVER/npm/acme was cut short",
        ),
    ] {
        let shown = format!("{answer:?}");
        let shown: String = shown.chars().take(60).collect();
        let (asked, told) = told(answer);
        assert_eq!(asked, tries, "{shown}");
        let told: String = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(expected), "{shown}: {told}");
    }
}

#[test]
fn a_redirect_to_another_host_is_not_followed() {
    let (registries, foreign) = (Registries::start(), Server::start());
    foreign.answer("/npm/acme", Answer::Bytes(packument()));
    let to = format!("{}npm/acme", foreign.address());
    let redirect = Answer::Status(302, vec![("Location", to)]);
    registries.server.answer("/npm/acme", redirect);
    let output = bump(&registries.sandbox(), &[]);
    assert_eq!(output.code, Some(3), "{output}");
    assert!(output.stderr.contains("leads elsewhere"), "{output}");
    assert_eq!(foreign.asked(), []);
}

#[test]
fn a_redirect_on_the_same_host_is_followed() {
    let registries = Registries::start();
    let to = Answer::Status(302, vec![("Location", "/elsewhere".to_owned())]);
    registries.server.answer("/npm/acme", to);
    registries
        .server
        .answer("/elsewhere", Answer::Bytes(packument()));
    assert_eq!(bump(&registries.sandbox(), &[]).code, Some(0));
}

#[test]
fn what_fails_once_is_asked_again() {
    for fault in [
        status(500),
        Answer::HangUp,
        Answer::CutShort(packument(), 10),
    ] {
        let registries = Registries::start();
        let answers = [fault, Answer::Bytes(packument())];
        registries.server.answer_in_turn("/npm/acme", answers);
        let output = bump(&registries.sandbox(), &[]);
        assert_eq!(output.code, Some(0), "{output}");
        assert_eq!(output.stderr, "");
        let asked = registries.server.paths();
        let of_acme = asked.iter().filter(|path| *path == "/npm/acme").count();
        assert_eq!(of_acme, 2, "{asked:?}");
    }
}

#[test]
fn one_package_that_fails_hides_nothing_of_the_others() {
    let registries = Registries::start();
    registries.npm(&acme().release("1.10.0", "2026-10-31T23:00:00.000Z", &json!({})));
    registries.server.answer("/npm/broken", status(500));
    let output = diff(
        &registries.sandbox(),
        &[("acme", "1.9.0")],
        &[("acme", "1.10.0"), ("broken", "1.0.0")],
        &["--format", "json"],
    );
    let report = report_of(output);
    // Findings win over incompleteness.
    assert_eq!(
        (report.code(), &report.json["complete"]),
        (1, &json!(false))
    );
    assert!(
        report.rules().contains(&"suspicious-release"),
        "{}",
        report.output
    );
}

/// Sixty packages that a change brings.
fn sixty() -> Vec<String> {
    (0..60).map(|number| format!("package-{number}")).collect()
}

fn bring_sixty(registries: &Registries) -> crate::support::sandbox::Output {
    let names = sixty();
    let packages: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1.0.0")).collect();
    diff(&registries.sandbox(), &[], &packages, &[])
}

#[test]
fn a_registry_that_is_gone_is_asked_a_few_times_and_not_once_for_each_package() {
    for fault in [Answer::HangUp, status(503), status(429)] {
        let registries = Registries::start();
        registries.server.answer_otherwise(fault.clone());
        let output = bring_sixty(&registries);
        assert_eq!(output.code, Some(3), "{output}");
        let told = "the release history of 60 packages could not be had";
        assert!(output.stderr.contains(told), "{output}");
        let asked = registries.server.paths().len();
        // A dozen questions at the most, each three times.
        assert!((1..=36).contains(&asked), "{fault:?}: {asked}");
    }
}

#[test]
fn a_registry_that_fails_for_some_packages_is_asked_about_all() {
    let registries = Registries::start();
    registries.server.answer_otherwise(status(404));
    for name in sixty().iter().take(20) {
        let path = format!("/npm/{name}");
        registries.server.answer(&path, status(500));
    }
    bring_sixty(&registries);
    let mut asked = registries.server.paths();
    asked.sort();
    asked.dedup();
    assert_eq!(asked.len(), 60, "{asked:?}");
}

/// Large answers take turns in memory; one that is asked for again must not wait for itself.
#[test]
fn large_answers_that_are_cut_short_are_asked_for_again() {
    let registries = Registries::start();
    let names = ["left", "right", "upper", "lower"];
    for name in names {
        let mut packument = plain(name);
        packument.json["readme"] = "x".repeat(9 << 20).into();
        let bytes = packument.json.to_string().into_bytes();
        let cut = Answer::CutShort(bytes.clone(), 7 << 20);
        let path = format!("/npm/{name}");
        registries
            .server
            .answer_in_turn(&path, [cut, Answer::Bytes(bytes)]);
    }
    let output = diff(
        &registries.sandbox(),
        &[],
        &names.map(|name| (name, "1.0.0")),
        &[],
    );
    assert_eq!(output.code, Some(0), "{output}");
}

/// A crate of the index with two releases.
fn lines() -> [Value; 2] {
    ["1.0.0", "1.1.0"].map(|version| {
        json!({ "name": "acme", "vers": version, "deps": [], "features": {}, "yanked": false, "cksum": "0".repeat(64) })
    })
}

fn cargo_lock_of(version: &str) -> String {
    format!(
        "version = 4\n\n[[package]]\nname = \"acme\"\nversion = \"{version}\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"{}\"\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"acme\",\n]\n",
        "0".repeat(64)
    )
}

#[test]
fn owners_that_cannot_be_had_are_no_failure_and_versions_that_cannot_are() {
    let api = "/crates-io/api/v1/crates/acme";
    let (owners, versions) = (
        format!("{api}/owners"),
        format!("{api}/versions?per_page=100"),
    );
    for (path, answer, code) in [
        (&owners, status(404), 0),
        (&owners, status(500), 0),
        (&owners, Answer::Bytes(b"nonsense".to_vec()), 0),
        (&versions, status(500), 3),
        (&versions, Answer::Bytes(b"nonsense".to_vec()), 3),
    ] {
        let registries = Registries::start();
        let told = ["1.0.0", "1.1.0"].map(|version| {
            json!({ "num": version, "created_at": "2025-01-01T00:00:00Z", "published_by": { "id": 1, "login": "ann" }, "crate_size": 1000 })
        });
        registries.crates_io("acme", &lines(), &told);
        registries.server.answer(path, answer.clone());
        let (before, after) = (cargo_lock_of("1.0.0"), cargo_lock_of("1.1.0"));
        let name = "Cargo.lock";
        let output = diff_of(
            &registries.sandbox(),
            &[(name, &before)],
            &[(name, &after)],
            &[],
        );
        assert_eq!(output.code, Some(code), "{path} {answer:?}: {output}");
        assert!(registries.server.paths().contains(path));
    }
}

#[test]
fn in_an_audit_a_registry_that_is_gone_is_a_warning() {
    let registries = Registries::start();
    registries.server.answer_otherwise(Answer::HangUp);
    let sandbox = registries.sandbox();
    sandbox.write("package-lock.json", npm_lock_of(&[("acme", "1.9.0")]));
    sandbox.write("linchpin.toml", "[gate]\nrequire = []\n");
    let output = sandbox.audit(&[]);
    assert_eq!(output.code, Some(0), "{output}");
    assert!(
        output
            .stderr
            .starts_with("warning: the release history of 1 package could not be had"),
        "{output}"
    );
    assert!(
        output.stdout.contains("no answer") || output.stdout.contains("did not answer"),
        "{output}"
    );
}

// What takes long is asked by a client of little patience.

/// Asks npm's registry on a server about some packages.
fn inquire(server: &Server, patience: Patience, names: &[String]) -> Vec<Result<(), FetchError>> {
    let base = RemoteAddress::new(&server.address()).expect("an address");
    let client = Client::new(&base, patience, &[]).expect("a client");
    let services = Services {
        addresses: std::array::from_fn(|_| base.clone()),
        index: None,
        credentials: Credentials::default(),
        api_rate: Rate::Free,
        now: jiff::Timestamp::now(),
    };
    let wishes = names.iter().map(|name| Wish {
        registry: registry::of(Ecosystem::Npm),
        name: name.clone(),
        scope: WishScope::Releases,
        known: None,
    });
    let mut all: Vec<Option<Result<(), FetchError>>> = names.iter().map(|_| None).collect();
    client.inquire(wishes.collect(), &services, &mut |place, learned| {
        all[place] = Some(match learned {
            Learned::Failed(Failure::Fetch(error)) => Err(error),
            Learned::Failed(failure) => panic!("{failure}"),
            Learned::History(..) | Learned::Unchanged | Learned::Unknown => Ok(()),
        });
    });
    all.into_iter()
        .map(|one| one.expect("an end of each"))
        .collect()
}

const SHORT: Patience = Patience {
    connect: Duration::from_millis(500),
    silence: Duration::from_millis(300),
    total: Duration::from_millis(900),
    bytes: 1 << 20,
};

#[test]
fn a_slow_drip_and_silence_end_with_the_time_of_the_run() {
    for answer in [
        Answer::Drip(Duration::from_millis(50)),
        Answer::Silent(Duration::from_mins(1)),
    ] {
        let server = Server::start();
        server.answer_otherwise(answer);
        for result in inquire(&server, SHORT, &sixty()) {
            let error = result.expect_err("no answer came");
            let is_told = matches!(
                error,
                FetchError::OverBudget {
                    budget: Budget::Time,
                    ..
                } | FetchError::TooSlow { .. }
            );
            assert!(is_told, "{error}");
        }
        let asked = server.asked().len();
        assert!(asked <= 36, "{asked}");
    }
}

#[test]
fn the_bytes_of_the_run_have_an_end_that_is_told() {
    let server = Server::start();
    let names = sixty();
    for name in &names {
        let padding = "x".repeat(100_000);
        let packument = json!({ "name": name, "versions": {}, "time": {}, "readme": padding });
        let bytes = packument.to_string().into_bytes();
        server.answer(&format!("/{name}"), Answer::Bytes(bytes));
    }
    let patience = Patience {
        total: Duration::from_mins(1),
        ..SHORT
    };
    let results = inquire(&server, patience, &names);
    let read = results.iter().filter(|result| result.is_ok()).count();
    assert!((1..=10).contains(&read), "{read} times 100 kB of 1 MiB");
    for error in results.into_iter().filter_map(Result::err) {
        assert!(
            matches!(
                error,
                FetchError::OverBudget {
                    budget: Budget::Bytes,
                    ..
                }
            ),
            "{error}"
        );
        assert!(error.to_string().contains("budget of the run"), "{error}");
    }
}
