//! The end of a report with more findings than a person reads: numbers, what takes most of it out, what to do next.

use crate::support::locks::{NO_FEED_NEEDED, npm_lock, npm_record};
use crate::support::sandbox::{NOW, Sandbox};

const HINT: &str = "linchpin baseline --owner WHO keeps";

/// So many deprecated packages, which gate, and further records.
fn project(deprecated: usize, others: &[(&str, String)]) -> Sandbox {
    let names: Vec<String> = (0..deprecated).map(|number| format!("p{number}")).collect();
    let record = |name: &str| npm_record(name, "1.0.0").replace('{', "{\"deprecated\":\"old\",");
    let packages = names.iter().map(|name| (name.as_str(), record(name)));
    let packages: Vec<_> = packages.chain(others.iter().cloned()).collect();
    let config = format!("{NO_FEED_NEEDED}[rules]\ndeprecated = \"high\"\n");
    Sandbox::with(&[
        ("package-lock.json", &npm_lock(&packages)),
        ("linchpin.toml", &config),
    ])
}

/// The last lines of the report, from the one with the numbers on.
fn end(sandbox: &Sandbox) -> String {
    let report = sandbox.audit(&[]).stdout;
    let at = report.find(" findings").map(|_| report.trim_end());
    let lines: Vec<&str> = at.expect("findings").lines().collect();
    let first = lines
        .iter()
        .rposition(|line| line.contains(" findings") && !line.starts_with("exit"))
        .expect("a line with the numbers");
    lines[first..].join("\n")
}

#[test]
fn ten_findings_are_told_as_ever() {
    let sandbox = project(10, &[]);
    assert_eq!(
        end(&sandbox),
        "10 findings: 10 high.\nexit 1: 10 findings at or above fail-on = \"high\""
    );
    assert!(!sandbox.audit(&[]).stdout.contains("more finding"));
}

#[test]
fn more_than_ten_end_with_what_a_person_needs() {
    let sandbox = project(12, &[]);
    assert_eq!(
        end(&sandbox),
        "12 findings on 12 packages: 12 high.\nlinchpin baseline --owner WHO keeps them out of the gate, which then fails on what is new\nexit 1: 12 findings at or above fail-on = \"high\""
    );
    let report = sandbox.audit(&[]).stdout;
    assert_eq!(report.matches("high[deprecated]").count(), 10, "{report}");
    assert!(
        report.contains("\n2 more findings: -v shows them, --format json has all\n"),
        "{report}"
    );
    assert!(!sandbox.audit(&["-q"]).stdout.contains(HINT));
}

#[test]
fn the_hint_is_given_only_where_it_helps() {
    let axios = ("axios", npm_record("axios", "1.14.1"));
    let attacked = project(12, std::slice::from_ref(&axios));
    assert!(
        end(&attacked).contains("keeps the rest out of the gate, known attacks aside\n"),
        "{}",
        end(&attacked)
    );
    let spared = [
        (
            "nothing gates",
            project(12, &[]).audit(&["--fail-on", "critical"]),
        ),
        ("few findings", project(9, &[axios]).audit(&[])),
        ("not complete", {
            let sandbox = project(12, &[]);
            sandbox.write("linchpin.toml", "[rules]\ndeprecated = \"high\"\n");
            sandbox.audit(&[])
        }),
        ("no configuration is read", {
            let sandbox = project(12, &[]);
            sandbox.audit(&["--no-config", "--fail-on", "low"])
        }),
    ];
    for (why, run) in spared {
        assert!(!run.stdout.contains(HINT), "{why}: {run}");
    }
}

#[test]
fn a_baseline_takes_the_place_of_the_hint() {
    let sandbox = project(12, &[]);
    let run = sandbox.run(&["baseline", "--as-of", NOW, "--owner", "@web"]);
    assert_eq!(run.code, Some(0), "{run}");
    let report = sandbox.audit(&[]).stdout;
    assert!(
        report.contains(
            "no other risky paths among 12 packages. 12 kept by linchpin.baseline.\nexit 0"
        ),
        "{report}"
    );
    let config = format!("{NO_FEED_NEEDED}[rules]\ndeprecated = \"critical\"\n");
    sandbox.write("linchpin.toml", config);
    assert!(!sandbox.audit(&[]).stdout.contains(HINT));
}

/// What is spared may be the more severe, and is not what the reader came for.
#[test]
fn what_gates_comes_first() {
    let dev = |name: &str| {
        let record = npm_record(name, "1.0.0");
        record.replace('{', "{\"dev\":true,\"deprecated\":\"old\",")
    };
    let names: Vec<String> = (0..12).map(|number| format!("a{number}")).collect();
    let mut packages: Vec<(&str, String)> = names
        .iter()
        .map(|name| (name.as_str(), dev(name)))
        .collect();
    let unpinned = r#"{"version":"1.0.0","resolved":"git+ssh://git@example.org/z.git#main"}"#;
    packages.push(("z", unpinned.to_owned()));
    let lockfile = npm_lock(&packages).replace(",\"z\":\"*\"", "").replace(
        "\"dependencies\":{",
        "\"dependencies\":{\"z\":\"*\"},\"devDependencies\":{",
    );
    let config =
        format!("{NO_FEED_NEEDED}[rules]\ndeprecated = \"critical\"\nunpinned-source = \"high\"\n");
    let sandbox = Sandbox::with(&[("package-lock.json", &lockfile), ("linchpin.toml", &config)]);
    let spared = sandbox.report(&[]);
    let gating = spared.json["findings"].as_array().expect("findings");
    let gating: Vec<_> = gating
        .iter()
        .filter(|finding| finding["gates"] == true)
        .collect();
    assert_eq!(gating.len(), 1, "{gating:?}");
    let report = sandbox.audit(&[]).stdout;
    let first = report
        .lines()
        .find(|line| line.contains("[unpinned-source]") || line.contains("[deprecated]"));
    assert!(
        first
            .expect("a finding")
            .starts_with("high[unpinned-source]"),
        "{report}"
    );
}

/// Two of the packages are pinned by the root, so that no update of theirs is proven.
#[test]
fn updates_are_counted_where_they_are_proven() {
    let names = [
        "l0", "l1", "l2", "l3", "l4", "l5", "l6", "l7", "l8", "l9", "l10",
    ];
    let sandbox = Sandbox::new();
    let packages: Vec<(&str, String)> = names
        .iter()
        .map(|name| (*name, npm_record(name, "1.0.0")))
        .collect();
    let mut lockfile = npm_lock(&packages);
    for pinned in ["l9", "l10"] {
        lockfile = lockfile.replace(
            &format!("\"{pinned}\":\"*\""),
            &format!("\"{pinned}\":\"1.0.0\""),
        );
    }
    sandbox.write("package-lock.json", &lockfile);
    for (number, name) in names.iter().enumerate() {
        sandbox.write(&format!("npm/{number}.json"), advisory(name));
    }
    let imported = sandbox.run(&["db", "import", "npm"]);
    assert_eq!(imported.code, Some(0), "{}", imported.stderr);
    assert_eq!(
        end(&sandbox),
        "11 findings on 11 packages: 11 high. 9 updates clear 9.\nlinchpin baseline --owner WHO keeps the rest out of the gate, which then fails on what is new\nexit 1: 11 findings at or above fail-on = \"high\""
    );
}

fn advisory(name: &str) -> String {
    format!(
        r#"{{"id":"GHSA-{name}","modified":"2026-10-30T00:00:00Z","published":"2026-10-01T00:00:00Z","summary":"about {name}",
        "affected":[{{"package":{{"ecosystem":"npm","name":"{name}"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}},{{"fixed":"1.2.0"}}]}}]}}]}}"#
    )
}
