//! `linchpin graph --format cyclonedx --vex`: what an audit finds, and what somebody said about it.

use crate::support::bom::{Bom, items, properties, published_schema, satisfies, text};
use crate::support::locks::{NO_FEED_NEEDED, npm_lock, npm_record};
use crate::support::sandbox::Sandbox;

/// A vector of medium severity.
const MEDIUM: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:L/I:N/A:N";

/// A project with a malicious package, under settings.
fn malicious(settings: &str) -> Sandbox {
    let lockfile = npm_lock(&[
        ("axios", npm_record("axios", "1.14.1")),
        (
            "left",
            npm_record("left", "1.0.0").replace('{', "{\"deprecated\":\"old\","),
        ),
    ]);
    Sandbox::with(&[
        ("package-lock.json", &lockfile),
        ("linchpin.toml", &format!("{NO_FEED_NEEDED}{settings}")),
    ])
}

/// A project with a vulnerable package, of which two advisories speak: with a score and without.
fn vulnerable(settings: &str) -> Sandbox {
    let sandbox = Sandbox::with(&[
        (
            "package-lock.json",
            &npm_lock(&[("left", npm_record("left", "1.0.0"))]),
        ),
        ("linchpin.toml", settings),
    ]);
    let record = |id: &str, severity: &str| {
        format!(
            r#"{{"id":"{id}","modified":"2026-10-31T23:00:00Z","published":"2026-10-01T08:00:00Z","aliases":["CVE-{id}"],"summary":"about {id}",{severity}"affected":[{{"package":{{"ecosystem":"npm","name":"left"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}},{{"fixed":"1.0.1"}}]}}]}}]}}"#
        )
    };
    let vector = format!(r#""severity":[{{"type":"CVSS_V3","score":"{MEDIUM}"}}],"#);
    sandbox.write("npm/1.json", record("GHSA-1", &vector));
    sandbox.write("npm/2.json", record("PYSEC-2", ""));
    let imported = sandbox.run(&["db", "import", "npm"]);
    assert_eq!(imported.code, Some(0), "{imported}");
    sandbox
}

fn vex(sandbox: &Sandbox) -> Bom {
    Bom::of(sandbox, &["--vex", "package-lock.json"])
}

fn accepting(reason: &str) -> String {
    format!(
        "[[accept]]\nrule = \"malicious-package\"\npackage = \"pkg:npm/axios@1.14.1\"\nids = [\"GHSA-fw8c-xr5c-95f9\"]\nreason = \"{reason}\"\nowner = \"@web\"\nexpires = 2026-11-05\n"
    )
}

#[test]
fn a_malicious_release_is_a_vulnerability_of_its_component() {
    let bom = vex(&malicious(""));
    let [axios] = bom.vulnerabilities() else {
        panic!("one: {}", bom.output);
    };
    assert_eq!(
        axios["affects"][0]["ref"],
        bom.component("axios")["bom-ref"]
    );
    assert_eq!(axios["ratings"][0]["severity"], "critical");
    assert_eq!(axios["description"], "axios 1.14.1 is malicious");
    assert_eq!(axios["published"], "2026-03-31T00:00:00Z");
    assert!(axios["analysis"].is_null(), "nobody said anything");
    assert_eq!(properties(axios, "linchpin:rule"), ["malicious-package"]);
    let ids = items(&axios["references"]).iter();
    let ids: Vec<&str> = ids.map(|alias| text(&alias["id"])).collect();
    assert!(ids.contains(&"GHSA-fw8c-xr5c-95f9"), "{axios}");
}

#[test]
fn findings_change_no_exit_code_and_no_list_is_called_complete() {
    let bom = vex(&malicious(""));
    assert_eq!((bom.output.code, bom.output.stderr.as_str()), (Some(0), ""));
    assert_eq!(bom.aggregates(), ["complete", "complete", "unknown"]);
    let told = properties(&bom.json["metadata"], "linchpin:coverage");
    let is_malware = |line: &&str| *line == "malicious-package: checked 2 of 2 packages";
    assert!(told.iter().any(is_malware), "{told:?}");
}

#[test]
fn an_audit_that_lacked_advisories_is_incomplete() {
    let sandbox = malicious("");
    sandbox.write("linchpin.toml", "");
    let bom = vex(&sandbox);
    assert_eq!(bom.output.code, Some(3), "{}", bom.output.stderr);
    assert_eq!(bom.aggregates().last(), Some(&"incomplete"));
    let lacking = properties(&bom.json["metadata"], "linchpin:not-checked");
    assert!(
        lacking[0].starts_with("no advisory feed for npm"),
        "{lacking:?}"
    );
    assert!(
        bom.output
            .stderr
            .contains("error: no advisory feed for npm"),
        "{}",
        bom.output
    );
    assert_eq!(bom.vulnerabilities().len(), 1);
}

#[test]
fn each_advisory_is_told_by_itself_with_its_source_and_what_it_weighs() {
    let bom = vex(&vulnerable(""));
    assert_eq!(bom.output.code, Some(0), "{}", bom.output);
    let [unstated, stated] = bom.vulnerabilities() else {
        panic!("two: {}", bom.output);
    };
    assert_eq!(
        (&stated["id"], &unstated["id"]),
        (&"GHSA-1".into(), &"PYSEC-2".into())
    );
    assert_eq!(
        stated["source"],
        serde_json::json!({ "name": "GitHub", "url": "https://github.com/advisories/GHSA-1" })
    );
    assert_eq!(stated["references"][0]["id"], "CVE-GHSA-1");
    assert_eq!(stated["published"], "2026-10-01T00:00:00Z");
    assert_eq!(properties(stated, "linchpin:fixed"), ["1.0.1"]);
    assert_eq!(
        stated["ratings"],
        serde_json::json!([{ "source": stated["source"], "severity": "medium", "method": "CVSSv31", "vector": MEDIUM }])
    );
    assert_eq!(
        unstated["ratings"],
        serde_json::json!([{ "source": { "name": "linchpin" }, "severity": "high", "justification": "the advisory states no severity" }])
    );
    let refs = [&stated["bom-ref"], &unstated["bom-ref"]];
    assert_ne!(refs[0], refs[1]);
    let composition = items(&bom.json["compositions"]).last().expect("one");
    assert_eq!(
        composition["vulnerabilities"],
        serde_json::json!([refs[1], refs[0]])
    );
    assert_eq!(
        text(&stated["recommendation"]).split(' ').next(),
        Some("npm")
    );
}

#[test]
fn an_acceptance_is_an_analysis_that_claims_no_more_than_its_reason() {
    let analysis =
        |reason: &str| vex(&malicious(&accepting(reason))).vulnerabilities()[0]["analysis"].clone();
    assert_eq!(
        analysis("soon replaced"),
        serde_json::json!({ "state": "in_triage", "detail": "soon replaced (accepted by @web until 2026-11-05)" })
    );
    let claimed = analysis("not_affected code_not_reachable: only a test names it");
    assert_eq!(claimed["state"], "not_affected");
    assert_eq!(claimed["justification"], "code_not_reachable");
}

#[test]
fn an_acceptance_that_has_ended_says_nothing() {
    let settings = accepting("not_affected: no").replace("2026-11-05", "2026-10-31");
    assert!(vex(&malicious(&settings)).vulnerabilities()[0]["analysis"].is_null());
}

#[test]
fn what_the_baseline_keeps_is_in_triage() {
    let sandbox = vulnerable("");
    let written = sandbox.run(&[
        "baseline",
        "--as-of",
        "2026-11-01T00:00:00Z",
        "--owner",
        "@web",
    ]);
    assert_eq!(written.code, Some(0), "{written}");
    let bom = vex(&sandbox);
    let kept = serde_json::json!({ "state": "in_triage", "detail": "in the baseline: kept since 2026-11-01 (@web)" });
    assert_eq!(bom.vulnerabilities()[0]["analysis"], kept, "{}", bom.output);
}

#[test]
fn a_rule_that_is_switched_off_is_named() {
    let bom = vex(&vulnerable("[rules]\nknown-vulnerability = \"off\"\n"));
    assert_eq!(bom.vulnerabilities().len(), 0);
    assert_eq!(
        properties(&bom.json["metadata"], "linchpin:switched-off"),
        ["known-vulnerability"]
    );
}

#[test]
fn without_vex_nothing_is_said_of_vulnerabilities() {
    let bom = Bom::of(&malicious(""), &[]);
    assert!(bom.json["vulnerabilities"].is_null());
    assert_eq!(
        properties(&bom.json["metadata"], "linchpin:coverage"),
        [""; 0]
    );
}

#[test]
fn formats_without_room_for_findings_refuse_them() {
    for format in ["json", "dot", "mermaid"] {
        let output = malicious("").run(&["graph", "--vex", "--format", format]);
        assert_eq!(
            (output.code, output.stdout.as_str()),
            (Some(2), ""),
            "{output}"
        );
        let why = format!("the format {format} has no place for them");
        assert!(output.stderr.contains(&why), "{output}");
        assert!(output.stderr.contains("--format cyclonedx"), "{output}");
    }
}

#[test]
fn settings_of_an_audit_want_one() {
    for option in ["--config=linchpin.toml", "--no-config", "--db=x"] {
        let output = malicious("").run(&["graph", "--format", "cyclonedx", option]);
        assert_eq!(
            (output.code, output.stdout.as_str()),
            (Some(2), ""),
            "{output}"
        );
        assert!(
            output.stderr.contains("leave it out, or add --vex"),
            "{output}"
        );
    }
}

#[test]
fn an_empty_folder_has_nothing_to_list() {
    let bom = Bom::of(&Sandbox::new(), &["--vex"]);
    assert_eq!(bom.output.code, Some(4), "{}", bom.output);
    assert_eq!(bom.vulnerabilities().len(), 0);
}

#[test]
fn what_is_said_of_vulnerabilities_satisfies_the_published_schema() {
    let Some(schema) = published_schema() else {
        return;
    };
    for sandbox in [
        malicious(""),
        malicious(&accepting("not_affected code_not_reachable: no")),
        malicious(&accepting("soon replaced")),
        vulnerable(""),
        vulnerable("[rules]\nknown-vulnerability = \"off\"\n"),
    ] {
        satisfies(&schema, &vex(&sandbox));
    }
}
