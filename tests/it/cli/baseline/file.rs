//! The file itself: what is wrong with it, where it lies, and strange things in it.

use super::*;

#[test]
fn somebody_answers_for_every_line_that_is_added() {
    let sandbox = vulnerable();
    for owner in [&[][..], &["--owner", " "]] {
        let run = baseline(&sandbox, owner);
        assert_eq!(run.code, Some(2), "{run}");
        assert!(run.stderr.contains("say who: --owner WHO"), "{run}");
        assert!(!sandbox.place("linchpin.baseline").exists());
    }
}

#[test]
fn the_baseline_lies_beside_the_configuration() {
    let config = format!("{NO_FEED_NEEDED}[rules]\ndeprecated = \"high\"\n");
    let sandbox = work_tree();
    sandbox.write("package-lock.json", deprecated(&["a"]));
    sandbox.write(".config/linchpin.toml", &config);
    begin_at(&sandbox, &[], ".config/linchpin.baseline");
    assert_eq!(sandbox.report(&[]).code(), 0);
    // Without configuration there is none either, whatever the file says.
    sandbox.write(".config/linchpin.baseline", "nonsense");
    let ignored = sandbox.report(&["--no-config", "--fail-on", "low"]);
    assert_eq!(
        (ignored.code(), &ignored.json["baseline"]),
        (1, &serde_json::Value::Null)
    );
    assert_eq!(sandbox.audit(&[]).code, Some(2));
}

/// A configuration that many projects share says nothing of what was in one of them.
#[test]
fn a_typed_configuration_takes_the_baseline_of_the_root_and_no_other() {
    let sandbox = work_tree();
    sandbox.write("package-lock.json", deprecated(&["a"]));
    let config = format!("{NO_FEED_NEEDED}[rules]\ndeprecated = \"high\"\n");
    let shared = sandbox.home("shared/gate.toml");
    fs::create_dir_all(shared.parent().expect("a folder")).expect("a folder");
    fs::write(&shared, config).expect("a file");
    let typed = ["--config", shared.to_str().expect("plain text")];
    begin_with(&sandbox, &typed);
    assert!(sandbox.place("linchpin.baseline").is_file());
    assert!(!sandbox.home("shared/linchpin.baseline").exists());
    assert_eq!(sandbox.report(&typed).code(), 0);
    fs::rename(
        sandbox.place("linchpin.baseline"),
        sandbox.home("shared/linchpin.baseline"),
    )
    .expect("a move");
    assert_eq!(sandbox.report(&typed).code(), 1);
}

#[test]
fn a_baseline_that_lies_elsewhere_than_the_configuration_is_told() {
    let sandbox = tree(&[("package-lock.json", &deprecated(&["a"]))]);
    begin(&sandbox);
    assert_eq!(sandbox.audit(&[]).stderr, "");
    let config = fs::read_to_string(sandbox.place("linchpin.toml")).expect("the configuration");
    fs::remove_file(sandbox.place("linchpin.toml")).expect("a removal");
    sandbox.write(".config/linchpin.toml", config);
    let audit = sandbox.audit(&[]);
    assert_eq!(audit.code, Some(1));
    let warning =
        "warning: linchpin.baseline: it is not read; .config/linchpin.baseline is the baseline\n";
    assert!(audit.stderr.contains(warning), "{audit}");
    let run = baseline(&sandbox, &["--owner", "@web"]);
    assert!(run.code == Some(0) && run.stderr.contains(warning), "{run}");
}

/// A clock in the past knows no advisory, and would take every line for gone.
#[test]
fn a_clock_before_the_newest_line_changes_nothing() {
    let sandbox = vulnerable();
    begin(&sandbox);
    let before = text(&sandbox);
    let past = ["--as-of", "2026-09-01T00:00:00Z"];
    let run = sandbox.run(&[&["baseline"], &past[..]].concat());
    assert_eq!(run.code, Some(2), "{run}");
    assert!(
        run.stderr
            .contains("`2026-11-01` is after 2026-09-01, the day of this run"),
        "{run}"
    );
    assert_eq!(text(&sandbox), before);
    // An audit may look back, and does not take for gone what was not known yet.
    let audit = sandbox.run(&[&["audit"], &past[..]].concat());
    assert_eq!(
        (audit.code, audit.stderr.as_str()),
        (Some(0), ""),
        "{audit}"
    );
}

/// What pins the advisories of an audit pins those of its baseline.
#[test]
fn a_baseline_takes_the_settings_of_an_audit_and_says_so_in_order() {
    let sandbox = vulnerable();
    let other = "0".repeat(64);
    let run = baseline(&sandbox, &["--owner", "@web", "--db-sha256", &other]);
    assert_eq!(run.code, Some(3), "{run}");
    assert!(!sandbox.place("linchpin.baseline").exists());
    let help = sandbox.run(&["baseline", "--help"]).stdout;
    let heading = |text: &str| {
        help.find(text)
            .unwrap_or_else(|| panic!("{text} in {help}"))
    };
    assert!(heading("Lines:") < heading("--owner") && heading("--grow") < heading("Settings:"));
    assert!(!help.contains("--fail-on"), "{help}");
}

#[test]
fn an_owner_that_cannot_be_seen_is_refused() {
    let sandbox = vulnerable();
    let run = baseline(&sandbox, &["--owner", "@web\u{202e}"]);
    assert_eq!(run.code, Some(2), "{run}");
    assert!(
        run.stderr.contains("characters that cannot be seen"),
        "{run}"
    );
    assert!(!sandbox.place("linchpin.baseline").exists());
}

#[test]
fn what_is_wrong_with_the_file_is_told_at_once_and_nothing_is_scanned() {
    let sandbox = tree(&[("package-lock.json", &deprecated(&["a"]))]);
    begin(&sandbox);
    let good = text(&sandbox);
    let line = good.lines().nth(1).expect("a line");
    let broken = format!(
        "{good}<<<<<<< HEAD\n{}\n{}\n",
        line.replace(" high ", " dire "),
        line.replace("@web", "@api")
    );
    sandbox.write("linchpin.baseline", &broken);
    for run in [
        sandbox.audit(&[]),
        baseline(&sandbox, &["--grow", "--owner", "@web"]),
    ] {
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
        for (error, place) in [
            ("a git conflict marker", "linchpin.baseline:3:1"),
            ("`dire` is no severity", "linchpin.baseline:4:"),
            ("this stands here twice", "linchpin.baseline:5:1"),
        ] {
            assert!(
                run.stderr.contains(error) && run.stderr.contains(place),
                "{run}"
            );
        }
        assert_eq!(text(&sandbox), broken);
    }
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    let sandbox = tree(&[("package-lock.json", &deprecated(&["a"]))]);
    begin(&sandbox);
    fs::rename(
        sandbox.place("linchpin.baseline"),
        sandbox.home("elsewhere"),
    )
    .expect("a move");
    std::os::unix::fs::symlink(
        sandbox.home("elsewhere"),
        sandbox.place("linchpin.baseline"),
    )
    .expect("a link");
    for run in [sandbox.audit(&[]), baseline(&sandbox, &["--owner", "@web"])] {
        assert_eq!(run.code, Some(2), "{run}");
        assert!(
            run.stderr.contains("linchpin.baseline could not be read"),
            "{run}"
        );
    }
}

/// Names are written by strangers; a line of the file is not.
#[test]
fn strange_names_are_kept_like_others() {
    let strange = "we b,%/pkg:npm";
    let path = format!("{strange}/package-lock.json");
    let lockfile = deprecated(&["@x/b"]);
    let url = npm_url("left", "1.0.0").replace("registry.npmjs.org", "evil.example");
    let foreign = npm_lock(&[("left", npm_record_at("1.0.0", &url, &sri(b"left")))]);
    let sandbox = tree(&[(&path, &lockfile), ("pkg:x/package-lock.json", &foreign)]);
    let findings = sandbox.report(&[]).rules().len();
    begin(&sandbox);
    let lines = text(&sandbox);
    assert!(
        lines
            .bytes()
            .all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)),
        "{lines}"
    );
    let report = sandbox.report(&[]);
    assert_eq!(report.code(), 0);
    let kept = report.json["findings"].as_array().expect("a list").iter();
    assert_eq!(
        kept.filter(|finding| finding["state"] == "kept").count(),
        findings
    );
    assert!(findings >= 2, "{findings}");
}

#[test]
fn every_format_tells_what_is_kept_and_fails_nothing_for_it() {
    let sandbox = tree(&[("package-lock.json", &deprecated(&["a"]))]);
    let sarif = |sandbox: &Sandbox| {
        let shown = sandbox.audit(&["--format", "sarif"]).stdout;
        let log: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
        let results = log["runs"][0]["results"]
            .as_array()
            .expect("results")
            .clone();
        let told = |result: &serde_json::Value| {
            (
                result["level"].to_string(),
                result["baselineState"].to_string(),
            )
        };
        results.iter().map(told).collect::<Vec<_>>()
    };
    let pair = |level: &str, state: &str| (level.to_owned(), state.to_owned());
    assert_eq!(sarif(&sandbox), [pair("\"error\"", "null")]);
    begin(&sandbox);
    assert_eq!(sarif(&sandbox), [pair("\"note\"", "\"unchanged\"")]);
    let gitlab = sandbox.audit(&["--format", "gitlab"]).stdout;
    assert!(
        gitlab.contains("\"severity\": \"info\"")
            && gitlab.contains("baseline: kept since 2026-11-01 (@web)."),
        "{gitlab}"
    );
    let junit = sandbox.audit(&["--format", "junit"]).stdout;
    assert!(
        junit.contains("failures=\"0\"")
            && junit.contains("baseline: kept since 2026-11-01 (@web)"),
        "{junit}"
    );
    let raised = "[rules]\ndeprecated = \"critical\"\n";
    sandbox.write("linchpin.toml", format!("{NO_FEED_NEEDED}{raised}"));
    sandbox.write("web/package-lock.json", deprecated(&["b"]));
    assert_eq!(
        sarif(&sandbox),
        [
            pair("\"error\"", "\"updated\""),
            pair("\"error\"", "\"new\"")
        ]
    );
    let gitlab = sandbox.audit(&["--format", "gitlab"]).stdout;
    assert!(
        gitlab.contains("\"severity\": \"blocker\"") && gitlab.contains("worse by now"),
        "{gitlab}"
    );
    assert!(
        sandbox
            .audit(&["--format", "junit"])
            .stdout
            .contains("failures=\"2\"")
    );
}
