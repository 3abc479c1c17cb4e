use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::registry::history::PulledBack;

/// Reads a body as the answer to the first question about a package.
pub(super) fn read(
    ecosystem: Ecosystem,
    name: &str,
    body: &[u8],
) -> Result<ReleaseHistory, RegistryError> {
    let registry = of(ecosystem);
    let mut history = ReleaseHistory::new(ecosystem, name);
    let question = registry.first_question(name);
    let next = registry.interpret(&question, Answer::Body(body), &mut history)?;
    assert_eq!(next, None, "a list of releases is one answer");
    Ok(history)
}

/// Reads a body into a history; returns the question that it leads on to.
pub(super) fn read_more(
    question: &Question,
    body: &Value,
    history: &mut ReleaseHistory,
) -> Result<Option<Question>, RegistryError> {
    let registry = of(history.ecosystem);
    registry.interpret(question, Answer::Body(body.to_string().as_bytes()), history)
}

/// Lists the versions in the order of a history.
pub(super) fn versions(history: &ReleaseHistory) -> Vec<&str> {
    let releases = history.releases.iter();
    releases.map(|release| release.version.as_str()).collect()
}

pub(super) fn at(text: &str) -> Option<Timestamp> {
    let time = text.parse().ok();
    assert!(time.is_some(), "{text} is a time");
    time
}

/// Returns the questions about a version that is under judgement.
pub(super) fn judged(history: &ReleaseHistory, version: &str) -> Vec<Question> {
    let inquiry = Inquiry {
        name: &history.name,
        depth: Depth::Judged(&[version]),
        now: "2026-11-01T00:00:00Z".parse().expect("a time"),
    };
    of(history.ecosystem).further_questions(&inquiry, history)
}

fn dated(ecosystem: Ecosystem, releases: &[(&str, Option<&str>)]) -> ReleaseHistory {
    let mut history = ReleaseHistory::new(ecosystem, "a");
    history.releases = releases
        .iter()
        .map(|(version, time)| Release {
            version: (*version).to_owned(),
            published: time.and_then(at),
            ..Release::default()
        })
        .collect();
    history.sort();
    history
}

#[test]
fn a_registry_serves_each_ecosystem() {
    for ecosystem in Ecosystem::ALL {
        assert_eq!(of(ecosystem).ecosystem(), ecosystem);
    }
}

#[test]
fn a_package_that_a_registry_does_not_know_is_told_from_one_that_cannot_be_read() {
    for ecosystem in Ecosystem::ALL {
        let registry = of(ecosystem);
        let mut history = ReleaseHistory::new(ecosystem, "a");
        let before = history.clone();
        let question = registry.first_question("a");
        let missing = registry.interpret(&question, Answer::Missing, &mut history);
        assert_eq!(missing, Err(RegistryError::Unknown));
        for body in ["", "<html>", "[]", "null", "{}", "{\"name\":", "\u{0}"] {
            let read = registry.interpret(&question, Answer::Body(body.as_bytes()), &mut history);
            assert!(
                read.is_err_and(|error| error != RegistryError::Unknown),
                "{ecosystem}: {body}"
            );
        }
        assert_eq!(history, before, "{ecosystem}");
    }
}

/// Who is asked for more than the releases, only where somebody needs it.
#[test]
fn releases_alone_lead_to_no_further_questions() {
    for ecosystem in Ecosystem::ALL {
        let history = dated(ecosystem, &[("1.0.0", None)]);
        let inquiry = Inquiry {
            name: "a",
            depth: Depth::Releases,
            now: "2026-11-01T00:00:00Z".parse().expect("a time"),
        };
        assert_eq!(of(ecosystem).further_questions(&inquiry, &history), []);
    }
}

#[test]
fn what_is_published_later_is_hidden_and_remembered() {
    let mut history = dated(
        Ecosystem::Npm,
        &[
            ("1.2.0", Some("2026-03-01T00:00:02Z")),
            ("1.1.0", Some("2026-03-01T00:00:00.9Z")),
            ("1.0.0", Some("2026-02-01T00:00:00Z")),
            ("0.9.0", None),
        ],
    );
    history.pulled_back = [
        ("0.1.0", "2025-01-01T00:00:00Z"),
        ("1.3.0", "2026-03-02T00:00:00Z"),
    ]
    .map(|(version, time)| PulledBack {
        version: version.to_owned(),
        published: at(time),
    })
    .into();
    let then = history.until("2026-03-01T00:00:00Z".parse().expect("a time"));
    assert_eq!(versions(&then), ["0.9.0", "1.0.0", "1.1.0"]);
    assert_eq!(then.pulled_back.len(), 1);
    assert_eq!(then.pulled_back[0].version, "0.1.0");
    assert_eq!(then.later, ["1.2.0", "1.3.0"]);
    assert_eq!(then.release("1.2.0"), None);
    assert_eq!(then.first_published(), at("2025-01-01T00:00:00Z"));
}

#[test]
fn a_release_is_found_by_any_spelling_and_by_its_own_first() {
    for (ecosystem, listed, asked, found) in [
        (Ecosystem::Pypi, "1.0", "1.0.0", Some("1.0")),
        (Ecosystem::Pypi, "1.0.post1", "1.0-1", Some("1.0.post1")),
        (Ecosystem::Pypi, "1.0rc1", "1.0.0-RC1", Some("1.0rc1")),
        (Ecosystem::Pypi, "1.0", "1.0.1", None),
        (Ecosystem::Npm, "1.0.0", "v1.0.0", Some("1.0.0")),
        (Ecosystem::Npm, "1.0.0", "1.0.0-0", None),
        (Ecosystem::Cargo, "1.0.0", "1.0.0", Some("1.0.0")),
        (Ecosystem::Cargo, "1.0.0", "1.0", None),
        (Ecosystem::Cargo, "", "1.0.0", None),
    ] {
        let history = dated(ecosystem, &[("9.9.9", None), (listed, None)]);
        let release = history.release(asked);
        let version = release.map(|release| release.version.as_str());
        assert_eq!(version, found, "{ecosystem} {listed} {asked}");
    }
    let two = dated(Ecosystem::Pypi, &[("1.0", None), ("1.0.0", None)]);
    let exact = two.release("1.0.0").map(|release| release.version.as_str());
    assert_eq!(exact, Some("1.0.0"));
}

#[test]
fn releases_stand_by_time_then_by_version_and_those_without_a_time_first() {
    let history = dated(
        Ecosystem::Npm,
        &[
            ("1.10.0", Some("2026-01-01T00:00:00Z")),
            ("2.0.0", Some("2025-01-01T00:00:00Z")),
            ("1.9.0", Some("2026-01-01T00:00:00Z")),
            ("odd", None),
        ],
    );
    assert_eq!(versions(&history), ["odd", "2.0.0", "1.9.0", "1.10.0"]);
}

/// A body of each part that each registry reads, as good as they come.
fn good_bodies() -> Vec<(Ecosystem, Question, String)> {
    let npm = json!({
        "name": "a", "maintainers": [{ "name": "ann", "email": "ann@a.example" }],
        "time": { "created": "2026-01-01T00:00:00Z", "1.0.0": "2026-01-01T00:00:00Z", "1.0.1": "2026-01-02T00:00:00Z" },
        "versions": { "1.0.0": {
            "scripts": { "postinstall": "node x.js" }, "gypfile": true, "gitHead": "abc", "deprecated": "old",
            "dependencies": { "b": "^1.0.0" }, "optionalDependencies": { "c": "*" },
            "_npmUser": { "name": "ann", "email": "ann@a.example", "trustedPublisher": { "id": "github", "oidcConfigId": "1" }, "approver": { "name": "eve" } },
            "maintainers": [{ "name": "ann" }],
            "dist": { "integrity": "sha512-x", "unpackedSize": 1, "signatures": [{}], "attestations": { "provenance": { "predicateType": "x" } } },
        } },
    });
    let attestations = json!({ "attestations": [{ "predicateType": "https://slsa.dev/provenance/v1", "bundle": { "dsseEnvelope": { "payload": "e30=" } } }] });
    let index = json!({
        "meta": { "api-version": "1.4" }, "name": "a", "project-status": { "status": "quarantined", "reason": "x" }, "versions": ["1.0", "0.9"],
        "files": [{ "filename": "a-1.0.tar.gz", "url": "https://f.example/a", "size": 9, "upload-time": "2026-01-01T00:00:00Z", "yanked": "x", "provenance": "https://p.example/" }],
    });
    let roles = json!({ "ownership": { "roles": [{ "role": "Owner", "user": "ann" }] } });
    let provenance = json!({ "attestation_bundles": [{ "publisher": { "kind": "GitHub", "repository": "a/a", "workflow": "w" } }] });
    let line = json!({ "name": "a", "vers": "1.0.0", "deps": [{ "name": "b", "req": "^1", "kind": "build", "package": "c" }], "cksum": "0", "yanked": true, "links": "z", "pubtime": "2026-01-01T00:00:00Z", "v": 2 });
    let page = json!({ "versions": [{ "num": "1.0.0", "created_at": "2026-01-01T00:00:00Z", "crate_size": 3, "yank_message": "x", "published_by": { "id": 1, "login": "ann" }, "trustpub_data": { "provider": "github", "repository": "a/a" } }], "meta": { "next_page": "?page=2" } });
    let owners = json!({ "users": [{ "id": 1, "login": "ann" }] });
    let parts = [
        Part::Publishers(1),
        Part::Owners,
        Part::Pipeline("1.0.0".to_owned()),
    ];
    let bodies = [
        (Ecosystem::Npm, npm, [None, None, Some(attestations)]),
        (
            Ecosystem::Pypi,
            index,
            [None, Some(roles), Some(provenance)],
        ),
        (Ecosystem::Cargo, line, [Some(page), Some(owners), None]),
    ];
    let mut all = Vec::new();
    for (ecosystem, first, further) in bodies {
        let question = of(ecosystem).first_question("a");
        all.push((ecosystem, question.clone(), first.to_string()));
        for (part, body) in parts.iter().zip(further) {
            let question = Question {
                part: part.clone(),
                ..question.clone()
            };
            all.extend(body.map(|body| (ecosystem, question, body.to_string())));
        }
    }
    all
}

/// A history with a release that further answers are about.
fn begun(ecosystem: Ecosystem) -> ReleaseHistory {
    dated(ecosystem, &[("1.0.0", None), ("0.9.0", None)])
}

#[test]
fn the_good_bodies_are_good() {
    for (ecosystem, question, body) in good_bodies() {
        let mut history = begun(ecosystem);
        let read = of(ecosystem).interpret(&question, Answer::Body(body.as_bytes()), &mut history);
        assert!(read.is_ok(), "{ecosystem} {question:?}: {read:?}");
    }
}

/// Swaps a value somewhere in a document for one of another kind.
fn with_swapped(document: &Value, place: usize, other: &Value) -> Value {
    fn walk(value: &mut Value, left: &mut usize, other: &Value) {
        if *left == 0 {
            *value = other.clone();
        }
        *left = left.wrapping_sub(1);
        match value {
            Value::Object(rows) => rows.values_mut().for_each(|row| walk(row, left, other)),
            Value::Array(rows) => rows.iter_mut().for_each(|row| walk(row, left, other)),
            _ => {}
        }
    }
    let mut document = document.clone();
    walk(&mut document, &mut { place }, other);
    document
}

fn counted(value: &Value) -> usize {
    match value {
        Value::Object(rows) => 1 + rows.values().map(counted).sum::<usize>(),
        Value::Array(rows) => 1 + rows.iter().map(counted).sum::<usize>(),
        _ => 1,
    }
}

/// Each value of each body is replaced by each odd one; an answer that is refused leaves the history as it was.
#[test]
fn a_value_of_any_kind_anywhere_is_read_or_refused() {
    let odd = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("\u{202e}\u{0}x"),
        json!([]),
        json!([[]]),
        json!({}),
        json!({ "__proto__": { "constructor": 1 } }),
    ];
    for (ecosystem, question, body) in good_bodies() {
        let document: Value = serde_json::from_str(&body).expect("a good body");
        for place in 0..counted(&document) {
            for other in &odd {
                let body = with_swapped(&document, place, other).to_string();
                let mut history = begun(ecosystem);
                let before = history.clone();
                let answer = Answer::Body(body.as_bytes());
                if of(ecosystem)
                    .interpret(&question, answer, &mut history)
                    .is_err()
                {
                    assert_eq!(history, before, "{body}");
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for (ecosystem, question, _) in good_bodies() {
            let mut history = begun(ecosystem);
            let _ = of(ecosystem).interpret(&question, Answer::Body(&bytes), &mut history);
        }
    }

    #[test]
    fn a_good_body_with_other_bytes_in_it_is_read_or_refused(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        end in any::<prop::sample::Index>(),
    ) {
        for (ecosystem, question, body) in good_bodies() {
            let mut bytes = body.into_bytes();
            for (place, byte) in &edits {
                let place = place.index(bytes.len());
                bytes[place] = *byte;
            }
            for bytes in [&bytes[..], &bytes[..end.index(bytes.len())]] {
                let mut history = begun(ecosystem);
                let before = history.clone();
                let read = of(ecosystem).interpret(&question, Answer::Body(bytes), &mut history);
                prop_assert!(read.is_ok() || history == before);
            }
        }
    }
}
