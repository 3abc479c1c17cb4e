use serde_json::{Value, json};

use super::*;
use crate::registry::tests::{at, judged, read, read_more, versions};

fn line(version: &str, fields: &Value) -> String {
    let mut line = json!({ "name": "abcd", "vers": version, "deps": [], "cksum": "00", "features": {}, "yanked": false });
    let all = line.as_object_mut().expect("a table");
    all.extend(fields.as_object().expect("fields").clone());
    line.to_string()
}

fn index(lines: &[String]) -> Result<ReleaseHistory, RegistryError> {
    read(Ecosystem::Cargo, "abcd", lines.join("\n").as_bytes())
}

fn history(lines: &[String]) -> ReleaseHistory {
    index(lines).expect("an index file")
}

fn release(fields: &Value) -> Release {
    history(&[line("1.0.0", fields)]).releases.remove(0)
}

/// The Cargo book, "Index files".
#[test]
fn an_index_file_lies_by_the_length_of_its_name() {
    for (name, path) in [
        ("a", vec!["1", "a"]),
        ("ab", vec!["2", "ab"]),
        ("abc", vec!["3", "a", "abc"]),
        ("abcd", vec!["ab", "cd", "abcd"]),
        ("Serde_Json", vec!["se", "rd", "serde_json"]),
    ] {
        assert_eq!(CratesIo.first_question(name).path, path, "{name}");
    }
    for odd in ["", "é", "aé", "aéa", "ééé"] {
        let path = CratesIo.first_question(odd).path;
        assert_eq!(path.last().map(String::as_str), Some(odd));
    }
}

#[test]
fn lines_in_any_order_become_releases_by_time() {
    let dated = |version: &str, time: &str| line(version, &json!({ "pubtime": time }));
    let history = history(&[
        dated("2.0.0", "2026-01-02T00:00:00Z"),
        String::new(),
        dated("1.0.1", "2026-01-03T00:00:00Z"),
        dated("1.0.0", "2026-01-01T00:00:00Z") + "\r\n",
        line("0.1.0", &json!({ "pubtime": "long ago" })),
    ]);
    assert_eq!(versions(&history), ["0.1.0", "1.0.0", "2.0.0", "1.0.1"]);
    assert_eq!(history.releases[1].published, at("2026-01-01T00:00:00Z"));
}

/// "Cargo ignores entries with a version it does not recognize" (the Cargo book, on `v`); a lockfile of a newer Cargo may name them.
#[test]
fn of_lines_of_a_form_to_come_no_more_is_known_than_that_they_are_there() {
    let cksum = "0".repeat(64);
    let lines = [
        line("1.0.0", &json!({ "v": 1 })),
        line("1.1.0", &json!({ "v": 2 })),
        line("1.2.0", &json!({ "v": 3, "cksum": cksum, "yanked": true })),
        json!({ "v": 4, "id": "abcd 1.3.0" }).to_string(),
    ];
    let history = history(&lines);
    let to_come = history.release("1.2.0").expect("a release");
    let bare = Release {
        version: "1.2.0".to_owned(),
        ..Release::default()
    };
    assert_eq!(*to_come, bare);
    assert_eq!(history.releases.len(), 3);
    assert!(index(&lines[3..]).is_err(), "no line is known");
}

#[test]
fn dependencies_have_the_name_of_their_package_and_those_for_tests_are_none() {
    let dependency = |fields: Value| {
        let mut all = json!({ "req": "^1", "features": [], "optional": false, "default_features": true, "target": null, "kind": "normal", "registry": null, "package": null });
        all.as_object_mut()
            .expect("a table")
            .extend(fields.as_object().expect("fields").clone());
        all
    };
    let release = release(&json!({ "deps": [
        dependency(json!({ "name": "own-name", "package": "real-name", "req": ">=2" })),
        dependency(json!({ "name": "builder", "kind": "build" })),
        dependency(json!({ "name": "tester", "kind": "dev" })),
        dependency(json!({ "name": "private", "registry": "https://other.example/index" })),
        dependency(json!({ "name": "old", "kind": null })),
        dependency(json!({ "name": "old" })),
    ] }));
    let all: Vec<(&str, &str)> = release
        .dependencies
        .iter()
        .map(|one| (one.name.as_str(), one.requirement.as_str()))
        .collect();
    assert_eq!(
        all,
        [("builder", "^1"), ("old", "^1"), ("real-name", ">=2")]
    );
    assert_eq!(release.install.build, BuildCode::Shown);
}

#[test]
fn build_code_is_shown_by_links_or_by_what_builds() {
    let build = |fields: Value| release(&fields).install.build;
    assert_eq!(build(json!({})), BuildCode::NotShown);
    assert_eq!(build(json!({ "links": null })), BuildCode::NotShown);
    assert_eq!(build(json!({ "links": "z" })), BuildCode::Shown);
    assert_eq!(
        build(json!({ "deps": [{ "name": "t", "kind": "dev" }] })),
        BuildCode::NotShown
    );
    assert_eq!(
        build(json!({ "deps": [{ "name": "cc", "kind": "build" }] })),
        BuildCode::Shown
    );
}

#[test]
fn a_line_says_whether_its_release_is_yanked_and_the_api_why() {
    let mut history = history(&[
        line("1.0.0", &json!({ "yanked": true })),
        line("1.1.0", &json!({})),
    ]);
    assert_eq!(history.releases[0].standing.yanked.as_deref(), Some(""));
    assert_eq!(history.releases[1].standing.yanked, None);
    let page = json!({ "versions": [{ "num": "1.0.0", "yank_message": "unsound" }, { "num": "1.1.0", "yank_message": "stale" }] });
    read_more(&publishers("abcd", PAGE), &page, &mut history).expect("a page");
    assert_eq!(
        history.releases[0].standing.yanked.as_deref(),
        Some("unsound")
    );
    assert_eq!(
        history.releases[1].standing.yanked, None,
        "the index decides"
    );
}

#[test]
fn a_time_that_the_index_lacks_comes_from_the_api() {
    let mut history = history(&[
        line("1.1.0", &json!({ "pubtime": "2026-01-02T00:00:00Z" })),
        line("1.0.0", &json!({})),
    ]);
    assert_eq!(versions(&history), ["1.0.0", "1.1.0"]);
    let page = json!({ "versions": [
        { "num": "1.0.0", "created_at": "2026-01-03T00:00:00.123456Z", "crate_size": 9 },
        { "num": "1.1.0", "created_at": "2020-01-01T00:00:00Z" },
        { "num": "7.0.0", "created_at": "2020-01-01T00:00:00Z" },
    ] });
    assert_eq!(
        read_more(&publishers("abcd", PAGE), &page, &mut history),
        Ok(None)
    );
    assert_eq!(versions(&history), ["1.1.0", "1.0.0"], "in their order");
    assert_eq!(history.releases[0].published, at("2026-01-02T00:00:00Z"));
    assert_eq!(
        history.releases[1].published,
        at("2026-01-03T00:00:00.123456Z")
    );
    assert_eq!(history.releases[1].size, Some(9));
}

#[test]
fn a_release_is_published_by_a_person_or_by_a_pipeline() {
    let mut history =
        history(&["1.0.0", "1.1.0", "1.2.0", "1.3.0"].map(|version| line(version, &json!({}))));
    let page = json!({ "versions": [
        { "num": "1.0.0", "published_by": { "id": 7, "login": "ann", "name": "Ann" } },
        { "num": "1.1.0", "published_by": null, "trustpub_data": { "provider": "github", "repository": "o/a", "run_id": "1", "sha": "0" } },
        { "num": "1.2.0", "trustpub_data": { "provider": "gitlab", "project_path": "g/a" } },
        { "num": "1.3.0", "published_by": null, "trustpub_data": null },
    ] });
    read_more(&publishers("abcd", PAGE), &page, &mut history).expect("a page");
    let [person, github, gitlab, nobody] = &history.releases[..] else {
        panic!("four releases");
    };
    let publisher = person.publisher.as_ref().expect("a publisher");
    assert_eq!(
        (
            publisher.account.name.as_str(),
            publisher.account.id,
            publisher.is_machine()
        ),
        ("ann", Some(7), false)
    );
    assert_eq!(person.trust, Some(Trust::Nothing));
    for (release, provider, repository) in [(github, "github", "o/a"), (gitlab, "gitlab", "g/a")] {
        let pipeline = release
            .publisher
            .as_ref()
            .and_then(|one| one.pipeline.as_ref())
            .expect("a pipeline");
        assert_eq!(
            (pipeline.provider.as_str(), pipeline.repository.as_deref()),
            (provider, Some(repository))
        );
        assert_eq!(release.trust, Some(Trust::TrustedPublishing));
    }
    assert_eq!(
        (&nobody.publisher, nobody.trust),
        (&None, Some(Trust::Nothing))
    );
}

#[test]
fn an_account_is_itself_under_another_name_and_not_another_under_its_own() {
    let account = |name: &str, id: Option<u64>| Account {
        id,
        ..Account::named(name)
    };
    assert!(account("ann", Some(1)).is_same(&account("anna", Some(1))));
    assert!(!account("ann", Some(1)).is_same(&account("ann", Some(2))));
    assert!(account("ann", None).is_same(&account("ann", Some(2))));
}

#[test]
fn pages_are_asked_for_until_they_end() {
    let mut history = history(&[line("1.0.0", &json!({}))]);
    let first = judged(&history, "1.0.0").remove(0);
    assert_eq!(
        (first.query.as_str(), &first.path),
        (
            "per_page=100",
            &["api", "v1", "crates", "abcd", "versions"]
                .map(str::to_owned)
                .to_vec()
        )
    );
    let mut page = |question: &Question, next: Value| {
        read_more(
            question,
            &json!({ "versions": [], "meta": { "next_page": next } }),
            &mut history,
        )
        .expect("a page")
    };
    let second = page(&first, json!("?per_page=100&seek=x")).expect("another page");
    assert_eq!(
        (second.query.as_str(), second.part.clone(), &second.path),
        ("per_page=100&seek=x", Part::Publishers(2), &first.path)
    );
    for end in [
        json!(null),
        json!(7),
        json!(""),
        json!("https://evil.example/?seek=y"),
        json!("seek=y"),
        json!(format!("?{}", "x".repeat(200))),
    ] {
        assert_eq!(page(&second, end.clone()), None, "{end}");
    }
    assert_eq!(
        page(&second, json!("?per_page=100&seek=x")),
        None,
        "it leads to itself"
    );
    assert_eq!(
        read_more(&first, &json!({ "versions": [] }), &mut history),
        Ok(None)
    );
}

/// Two pages may lead to each other.
#[test]
fn pages_that_never_end_are_left_at_the_tenth() {
    let mut history = history(&[line("1.0.0", &json!({}))]);
    let mut question = publishers("abcd", PAGE);
    let mut asked = 1;
    loop {
        let next = if asked % 2 == 0 { "?a" } else { "?b" };
        let page = json!({ "versions": [], "meta": { "next_page": next } });
        let Some(next) = read_more(&question, &page, &mut history).expect("a page") else {
            break;
        };
        question = next;
        asked += 1;
        assert!(asked < 100, "it ends");
    }
    assert_eq!(asked, 10);
}

#[test]
fn owners_are_people_and_teams() {
    let mut history = history(&[line("1.0.0", &json!({}))]);
    let question = judged(&history, "1.0.0").remove(1);
    assert_eq!(question.path.last().map(String::as_str), Some("owners"));
    let users = json!([{ "id": 9, "login": "github:o:team", "kind": "team" }, { "id": 7, "login": "ann", "kind": "user" }]);
    read_more(&question, &json!({ "users": users }), &mut history).expect("owners");
    let owners = history.owners.clone().expect("owners");
    let all: Vec<_> = owners
        .iter()
        .map(|owner| (owner.name.as_str(), owner.id))
        .collect();
    assert_eq!(all, [("ann", Some(7)), ("github:o:team", Some(9))]);
}

#[test]
fn what_the_api_does_not_know_leaves_the_history_as_it_is() {
    let mut history = history(&[line("1.0.0", &json!({}))]);
    let before = history.clone();
    for question in judged(&history, "1.0.0") {
        let read = CratesIo.interpret(&question, Answer::Missing, &mut history);
        assert_eq!(read, Ok(None));
    }
    assert_eq!(history, before);
    assert_eq!(CratesIo.archives(&history, "1.0.0"), []);
}

#[test]
fn another_crates_line_and_a_line_that_is_no_json_make_it_no_answer() {
    let other = line("1.0.0", &json!({ "name": "other" }));
    assert_eq!(
        index(&[line("1.0.0", &json!({})), other]),
        Err(RegistryError::AnotherPackage)
    );
    assert!(index(&[line("1.0.0", &json!({})), "<html>".to_owned()]).is_err());
    assert!(index(&[]).is_err());
    assert!(read(Ecosystem::Cargo, "abcd", b"\xff").is_err());
    let upper = line("1.0.0", &json!({ "name": "ABCD" }));
    assert_eq!(versions(&history(&[upper])), ["1.0.0"]);
}

#[test]
fn fields_of_any_form_are_passed_over() {
    for odd in [
        json!(null),
        json!(7),
        json!("x"),
        json!([1]),
        json!({ "x": 1 }),
    ] {
        let fields = ["deps", "cksum", "yanked", "links", "pubtime", "features"];
        let fields: serde_json::Map<String, Value> = fields
            .iter()
            .map(|field| ((*field).to_owned(), odd.clone()))
            .collect();
        let lines = [
            line("1.0.0", &Value::Object(fields)),
            line("1.1.0", &json!({})),
        ];
        assert_eq!(versions(&history(&lines)), ["1.0.0", "1.1.0"], "{odd}");
    }
}
