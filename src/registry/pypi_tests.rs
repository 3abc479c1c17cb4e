use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::registry::tests::{at, judged, read, read_more, versions};

/// Reads the index of a project that has these files.
fn history(name: &str, files: &[Value]) -> ReleaseHistory {
    indexed(&json!({ "meta": { "api-version": "1.4" }, "name": name, "files": files }))
}

fn indexed(index: &Value) -> ReleaseHistory {
    let name = normalise(index["name"].as_str().expect("a name"));
    read(Ecosystem::Pypi, &name, index.to_string().as_bytes()).expect("an index")
}

fn file(name: &str, fields: &Value) -> Value {
    let mut file = json!({ "filename": name, "url": format!("https://files.example/{name}") });
    let file_fields = file.as_object_mut().expect("a table");
    file_fields.extend(fields.as_object().expect("fields").clone());
    file
}

fn plain(names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| file(name, &json!({}))).collect()
}

#[test]
fn a_release_is_the_files_that_carry_its_version() {
    let history = history(
        "zope-interface",
        &plain(&[
            "zope.interface-5.0.tar.gz",
            "zope_interface-5.0-cp312-cp312-manylinux_2_17_x86_64.whl",
            "zope.interface-4.9-py2.7-linux-x86_64.egg",
            "zope-interface-4.8.zip",
            "Zope.Interface-4.7.win32.exe",
            "zope.interface-5.0.tar.gz.asc",
            "README.txt",
        ]),
    );
    assert_eq!(versions(&history), ["4.7", "4.8", "4.9", "5.0"]);
    assert_eq!(history.releases[3].archives.len(), 2);
}

#[test]
fn the_version_in_a_file_name_follows_the_projects_name() {
    for (name, file, version) in [
        ("a", "a-1.0.tar.gz", Some("1.0")),
        ("a-b", "a-b-1.0.tar.gz", Some("1.0")),
        ("a-b", "a_b-1.0.tar.gz", Some("1.0")),
        ("a-b", "A.B-1.0.tgz", Some("1.0")),
        ("a-2", "a-2-1.0.tar.bz2", Some("1.0")),
        ("a", "a-1.0-1.tar.gz", Some("1.0-1")),
        ("a", "a-1.0-beta2.zip", Some("1.0-beta2")),
        ("a", "a-1.0+local.tar.xz", Some("1.0+local")),
        ("a", "a-1.0-1-py3-none-any.whl", Some("1.0")),
        ("a", "a-1.0-py3.8.egg", Some("1.0")),
        ("a", "a-1.0.win32-py2.7.exe", Some("1.0")),
        ("a", "a-1.0.win-amd64.msi", Some("1.0")),
        ("a", "a-1.0.linux-x86_64.tar.gz", Some("1.0")),
        ("a", "a.tar.gz", None),
        ("a", "b-1.0.tar.gz", None),
        ("a", "a.whl", None),
        ("a", "", None),
        ("a", "a-1.0", None),
    ] {
        assert_eq!(version_of(file, name), version, "{file}");
    }
}

#[test]
fn spellings_of_one_version_are_one_release() {
    let all = [
        "a-1.0.tar.gz",
        "a-1.0.0-py3-none-any.whl",
        "a-1.0.post1.tar.gz",
        "a-1.0-1.zip",
        "a-1.0rc1.tar.gz",
        "a-1.0.0c1-py3-none-any.whl",
    ];
    let history = history("a", &plain(&all));
    assert_eq!(versions(&history), ["1.0rc1", "1.0", "1.0.post1"]);
    assert!(
        history
            .releases
            .iter()
            .all(|release| release.archives.len() == 2)
    );
}

/// `PyPI` lists a version whose files were all deleted.
#[test]
fn a_listed_version_without_files_is_a_release() {
    let history = indexed(
        &json!({ "name": "a", "versions": ["0.9", "1.0"], "files": plain(&["a-1.0.0.tar.gz"]) }),
    );
    assert_eq!(versions(&history), ["0.9", "1.0"]);
    assert_eq!(history.releases[0].install.archives, ArchiveKinds::Unknown);
    assert_eq!(history.releases[1].archives.len(), 1);
}

#[test]
fn a_release_is_as_old_as_its_first_file() {
    let uploaded = |name: &str, time: Value| file(name, &json!({ "upload-time": time }));
    let history = history(
        "a",
        &[
            uploaded(
                "a-1.0-py3-none-any.whl",
                json!("2026-01-03T00:00:00.123456Z"),
            ),
            uploaded("a-1.0.tar.gz", json!("2026-01-02T00:00:00Z")),
            uploaded("a-1.0.zip", json!("yesterday")),
            uploaded("a-0.9.tar.gz", json!(null)),
        ],
    );
    assert_eq!(versions(&history), ["0.9", "1.0"]);
    assert_eq!(history.releases[0].published, None);
    assert_eq!(history.releases[1].published, at("2026-01-02T00:00:00Z"));
}

#[test]
fn a_release_is_yanked_once_all_of_its_files_are() {
    let yanked = |values: &[Value]| {
        let names = ["a-1.0.tar.gz", "a-1.0-py3-none-any.whl", "a-1.0.zip"];
        let files: Vec<Value> = names
            .iter()
            .zip(values)
            .map(|(name, value)| file(name, &json!({ "yanked": value })))
            .collect();
        history("a", &files).releases.remove(0).standing.yanked
    };
    assert_eq!(yanked(&[json!(true)]).as_deref(), Some(""));
    assert_eq!(yanked(&[json!("broken")]).as_deref(), Some("broken"));
    assert_eq!(
        yanked(&[json!("broken"), json!("broken")]).as_deref(),
        Some("broken")
    );
    for some in [
        [json!("broken"), json!(false), json!("broken")],
        [json!(false), json!("broken"), json!("broken")],
        [json!("broken"), json!("broken"), json!(false)],
        [json!(7), json!("broken"), json!(null)],
    ] {
        assert_eq!(yanked(&some), None, "{some:?}");
    }
}

/// PEP 740: since version 1.3 the key is there, and null says that there is none.
#[test]
fn a_provenance_that_is_not_there_is_told_from_one_that_nobody_told_of() {
    let trust = |values: &[Value]| {
        let names = ["a-1.0.tar.gz", "a-1.0-py3-none-any.whl"];
        let files: Vec<Value> = names
            .iter()
            .zip(values)
            .map(|(name, fields)| file(name, fields))
            .collect();
        history("a", &files).releases[0].trust
    };
    let (there, nothing, unsaid) = (
        json!({ "provenance": "https://p.example" }),
        json!({ "provenance": null }),
        json!({}),
    );
    assert_eq!(trust(std::slice::from_ref(&unsaid)), None);
    assert_eq!(trust(std::slice::from_ref(&nothing)), Some(Trust::Nothing));
    assert_eq!(trust(std::slice::from_ref(&there)), Some(Trust::Provenance));
    assert_eq!(trust(&[nothing.clone(), there]), Some(Trust::Provenance));
    assert_eq!(trust(&[unsaid, nothing]), Some(Trust::Nothing));
}

#[test]
fn the_status_is_that_of_the_project() {
    for (status, expected) in [
        (json!({ "status": "active" }), ProjectStanding::Active),
        (
            json!({ "status": "archived", "reason": "done" }),
            ProjectStanding::Archived,
        ),
        (
            json!({ "status": "deprecated" }),
            ProjectStanding::Deprecated,
        ),
        (
            json!({ "status": "quarantined" }),
            ProjectStanding::Quarantined(None),
        ),
        (
            json!({ "status": "quarantined", "reason": "malware" }),
            ProjectStanding::Quarantined(Some("malware".to_owned())),
        ),
        (
            json!({ "status": "of another day" }),
            ProjectStanding::Active,
        ),
        (json!("quarantined"), ProjectStanding::Active),
        (json!(null), ProjectStanding::Active),
    ] {
        let history = indexed(&json!({ "name": "a", "files": [], "project-status": status }));
        assert_eq!(history.standing, expected, "{status}");
    }
}

#[test]
fn what_there_is_to_install_from_tells_size_and_kind() {
    let sized = |name: &str, size: u64| file(name, &json!({ "size": size }));
    let history = history(
        "a",
        &[
            sized("a-1.0.tar.gz", 900),
            sized("a-1.0-cp312-cp312-win_amd64.whl", 70),
            sized("a-1.0-cp313-cp313-win_amd64.whl", 80),
            sized("a-0.9.tar.gz", 800),
        ],
    );
    let kinds = history
        .releases
        .iter()
        .map(|release| (release.install.archives, release.size));
    let kinds: Vec<_> = kinds.collect();
    assert_eq!(
        kinds,
        [
            (ArchiveKinds::SourceOnly, None),
            (ArchiveKinds::Wheels, Some(80))
        ]
    );
}

#[test]
fn another_projects_answer_is_none_and_another_spelling_is_its_own() {
    let body = |name: &str| json!({ "name": name, "files": [] }).to_string();
    assert_eq!(
        read(Ecosystem::Pypi, "a-b", body("ab").as_bytes()),
        Err(RegistryError::AnotherPackage)
    );
    assert!(read(Ecosystem::Pypi, "a-b", body("A_.B").as_bytes()).is_ok());
}

#[test]
fn fields_of_any_form_are_passed_over() {
    for odd in [json!(null), json!(7), json!([1]), json!({ "x": 1 })] {
        let fields =
            json!({ "url": odd, "size": odd, "upload-time": odd, "hashes": odd, "yanked": false });
        let index = json!({ "name": "a", "versions": odd, "project-status": odd, "meta": odd, "files": [file("a-1.0.tar.gz", &fields), file("a-1.1.tar.gz", &json!({}))] });
        assert_eq!(versions(&indexed(&index)), ["1.0", "1.1"], "{odd}");
    }
}

#[test]
fn owners_are_those_with_a_role_each_once() {
    let mut history = history("a", &plain(&["a-1.0.tar.gz"]));
    let question = judged(&history, "1.0").remove(0);
    assert_eq!(
        (question.part.clone(), question.path.clone()),
        (
            Part::Owners,
            ["pypi", "a", "json"].map(str::to_owned).to_vec()
        )
    );
    let roles = json!([{ "role": "Owner", "user": "eve" }, { "role": "Maintainer", "user": "ann" }, { "role": "Maintainer", "user": "eve" }]);
    read_more(
        &question,
        &json!({ "ownership": { "roles": roles } }),
        &mut history,
    )
    .expect("roles");
    let owners = history.owners.clone().expect("owners");
    let names: Vec<&str> = owners.iter().map(|owner| owner.name.as_str()).collect();
    assert_eq!(names, ["ann", "eve"]);
    read_more(&question, &json!({ "info": {} }), &mut history).expect("an older answer");
    assert_eq!(history.owners, None, "nobody told is not nobody");
}

#[test]
fn the_pipeline_of_a_provenance_is_the_publisher() {
    let attested = file(
        "a-1.0-py3-none-any.whl",
        &json!({ "provenance": "https://evil.example/" }),
    );
    let mut history = history(
        "a",
        &[
            file("a-1.0.tar.gz", &json!({ "provenance": null })),
            attested,
        ],
    );
    let questions = judged(&history, "1.0.0");
    let path = [
        "integrity",
        "a",
        "1.0",
        "a-1.0-py3-none-any.whl",
        "provenance",
    ];
    assert_eq!(
        (questions.len(), &questions[1].path),
        (2, &path.map(str::to_owned).to_vec())
    );
    let bundle = json!({ "publisher": { "kind": "GitHub", "repository": "o/a", "workflow": "release.yml" }, "attestations": [] });
    read_more(
        &questions[1],
        &json!({ "version": 1, "attestation_bundles": [bundle] }),
        &mut history,
    )
    .expect("a provenance");
    let release = &history.releases[0];
    let publisher = release.publisher.as_ref().expect("a publisher");
    assert!(publisher.is_machine());
    let pipeline = publisher.pipeline.as_ref().expect("a pipeline");
    assert_eq!(
        (
            pipeline.provider.as_str(),
            pipeline.repository.as_deref(),
            pipeline.workflow.as_deref()
        ),
        ("GitHub", Some("o/a"), Some("release.yml"))
    );
    assert_eq!(release.trust, Some(Trust::TrustedPublishing));
}

#[test]
fn a_provenance_without_a_bundle_tells_nothing() {
    let mut history = history("a", &[file("a-1.0.tar.gz", &json!({ "provenance": "x" }))]);
    let question = judged(&history, "1.0").remove(1);
    read_more(
        &question,
        &json!({ "attestation_bundles": [] }),
        &mut history,
    )
    .expect("an answer");
    assert_eq!(
        (&history.releases[0].publisher, history.releases[0].trust),
        (&None, Some(Trust::Provenance))
    );
}

#[test]
fn a_release_without_a_provenance_leads_to_no_question_for_one() {
    let history = history("a", &plain(&["a-1.0.tar.gz"]));
    assert_eq!(judged(&history, "1.0").len(), 1);
    assert_eq!(judged(&history, "7.0").len(), 1);
}

#[test]
fn every_wheel_is_looked_into_because_the_machine_picks_one() {
    let places = |names: &[&str]| Pypi.archives(&history("a", &plain(names)), "1.0.0");
    let at = |name: &str| ArchivePlace::At(Service::Pypi, format!("https://files.example/{name}"));
    let (windows, any) = ("a-1.0-cp312-cp312-win_amd64.whl", "a-1.0-py3-none-any.whl");
    assert_eq!(
        places(&["a-1.0.tar.gz", windows, any]),
        [at(windows), at(any)],
        "what builds a source archive cannot be told from a list of files"
    );
    assert_eq!(places(&["a-1.0.tar.gz"]), []);
    assert_eq!(places(&[]), []);
}

#[test]
fn files_that_come_more_than_an_hour_after_the_first_are_late() {
    let uploaded = |tag: &str, time: &str| {
        let fields = json!({ "upload-time": time, "hashes": { "sha256": "ab".repeat(32) } });
        file(&format!("a-1.0-{tag}.whl"), &fields)
    };
    let history = history(
        "a",
        &[
            uploaded("py3-none-any", "2026-01-01T01:00:01Z"),
            uploaded("cp39-none-any", "2026-01-01T00:00:00Z"),
            uploaded("cp312-none-any", "2026-01-01T01:00:00Z"),
            uploaded("cp310-none-any", "2026-01-08T00:00:00Z"),
            uploaded("cp311-none-any", "2026-01-02T00:00:00Z"),
        ],
    );
    let of = |history: &ReleaseHistory| -> Vec<String> {
        let late = history.releases[0].late_files.iter();
        late.map(|late| late.uploaded.to_string()).collect()
    };
    let all = [
        "2026-01-01T01:00:01Z",
        "2026-01-02T00:00:00Z",
        "2026-01-08T00:00:00Z",
    ];
    assert_eq!(of(&history), all);
    let digest = history.releases[0].late_files[0].digest.as_ref();
    assert_eq!(digest.map(Digest::hex), Some("ab".repeat(32)));
    let now = |text: &str| -> Timestamp { text.parse().expect("a time") };
    assert!(history.releases[0].is_new(now("2026-01-14T23:59:59Z")));
    assert!(!history.releases[0].is_new(now("2026-01-15T00:00:00Z")));
    // On an earlier day later ones are not there.
    let then = history.until(now("2026-01-02T00:00:00Z"));
    assert_eq!(of(&then), all[..2]);
    assert_eq!(then.releases[0].archives.len(), 4);
}

#[test]
fn of_many_late_files_the_last_are_kept() {
    let files: Vec<Value> = (0..70)
        .map(|minute| {
            let time = format!("2026-01-01T{:02}:{:02}:00Z", 2 * (minute / 60), minute % 60);
            file(
                &format!("a-1.0-cp{minute}-none-any.whl"),
                &json!({ "upload-time": time }),
            )
        })
        .chain((0..66).map(|second| {
            let time = format!("2026-02-01T00:{:02}:{:02}Z", second / 60, second % 60);
            file(
                &format!("a-1.0-py{second}-none-any.whl"),
                &json!({ "upload-time": time }),
            )
        }))
        .collect();
    let history = history("a", &files);
    let late = &history.releases[0].late_files;
    assert_eq!(late.len(), 64);
    assert_eq!(late[0].uploaded.to_string(), "2026-02-01T00:00:02Z");
    assert_eq!(late[63].uploaded.to_string(), "2026-02-01T00:01:05Z");
}
