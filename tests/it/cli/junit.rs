//! `--format junit`: XML for the test pages of CI services.

use insta::assert_snapshot;
use linchpin::signal::{RuleScope, SIGNALS};

use super::formats::hostile;
use crate::support::locks::{NO_FEED_NEEDED, clean_npm_lock, npm_lock};
use crate::support::sandbox::Sandbox;

fn junit(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let output = sandbox.audit(&[&["--format", "junit"], arguments].concat());
    check_well_formed(&output.stdout);
    output.stdout
}

/// Checks what makes XML 1.0 well formed, as far as the format uses it: elements close in order, attributes are
/// quoted, and neither text nor values hold markup or an entity that is not predefined.
fn check_well_formed(xml: &str) {
    let body = xml
        .strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        .expect("a declaration");
    let mut open: Vec<&str> = Vec::new();
    for part in body.split('<').skip(1) {
        let (tag, text) = part.split_once('>').expect("a closed tag");
        check_text(text);
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{part}");
            continue;
        }
        let name = tag.split([' ', '/']).next().expect("a name");
        check_attributes(tag[name.len()..].trim_end_matches('/'));
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

fn check_attributes(attributes: &str) {
    let mut parts = attributes.split('"');
    let last = parts.next_back();
    assert_eq!(last, Some(""), "{attributes}");
    let parts: Vec<&str> = parts.collect();
    for pair in parts.chunks(2) {
        let [name, value] = pair else {
            panic!("an unquoted attribute: {attributes}");
        };
        assert!(name.starts_with(' ') && name.ends_with('='), "{attributes}");
        check_text(value);
    }
}

fn check_text(text: &str) {
    assert!(!text.contains('>'), "{text}");
    for reference in text.split('&').skip(1) {
        let (name, _) = reference.split_once(';').expect("a closed reference");
        assert!(["amp", "lt", "gt", "quot"].contains(&name), "{text}");
    }
    let is_allowed = |character: char| match character {
        '\n' => true,
        character => character >= ' ' && !matches!(character, '\u{fffe}' | '\u{ffff}'),
    };
    assert!(text.chars().all(is_allowed), "{text:?}");
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one suite for each rule, shown as a whole"
)]
fn a_manifest_without_a_lockfile_passes_below_the_threshold_in_a_run_with_an_error() {
    let manifest = r#"{"name":"web","version":"1.0.0","dependencies":{"left":"1"}}"#;
    let sandbox = Sandbox::with(&[("web/package.json", manifest)]);
    assert_snapshot!(junit(&sandbox, &[]), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="linchpin" tests="22" failures="0" errors="1" skipped="20">
      <testsuite name="run" tests="1" failures="0" errors="1" skipped="0">
        <testcase classname="linchpin.run" name="everything that is required was checked">
          <error message="not complete, for 1 reason" type="incomplete">there are manifests but no lockfile: no package was checked</error>
        </testcase>
        <system-out>as of 2026-11-01T00:00:00Z: what became known later does not exist, records say what they say today</system-out>
      </testsuite>
      <testsuite name="hash-mismatch" tests="1" failures="0" errors="0" skipped="1">
        <testcase classname="linchpin.hash-mismatch" name="no findings">
          <skipped message="checked 0 of 0 packages"></skipped>
        </testcase>
        <system-out>checked 0 of 0 packages</system-out>
      </testsuite>
      <testsuite name="source-mismatch" tests="1" failures="0" errors="0" skipped="1">
        <testcase classname="linchpin.source-mismatch" name="no findings">
          <skipped message="checked 0 of 0 packages"></skipped>
        </testcase>
        <system-out>checked 0 of 0 packages</system-out>
      </testsuite>
      <testsuite name="hash-missing" tests="1" failures="0" errors="0" skipped="1">
        <testcase classname="linchpin.hash-missing" name="no findings">
          <skipped message="checked 0 of 0 packages"></skipped>
        </testcase>
        <system-out>checked 0 of 0 packages</system-out>
      </testsuite>
      <testsuite name="weak-hash" tests="1" failures="0" errors="0" skipped="1">
        <testcase classname="linchpin.weak-hash" name="no findings">
          <skipped message="checked 0 of 0 packages"></skipped>
        </testcase>
        <system-out>checked 0 of 0 packages</system-out>
      </testsuite>
      <testsuite name="foreign-host" tests="1" failures="0" errors="0" skipped="1">
        <testcase classname="linchpin.foreign-host" name="no findings">
          <skipped message="checked 0 of 0 packages"></skipped>
        </testcase>
        <system-out>checked 0 of 0 packages</system-out>
      </testsuite>
      <testsuite name="insecure-url" tests="1" failures="0" errors="0" skipped="1">
        <testcase classname="linchpin.insecure-url" name="no findings">
          <skipped message="checked 0 of 0 packages"></skipped>
        </testcase>
        <system-out>checked 0 of 0 packages</system-out>
      </testsuite>
      <testsuite name="unpinned-source" tests="1" failures="0" errors="0" skipped="1">
        <testcase classname="linchpin.unpinned-source" name="no findings">
          <skipped message="checked 0 of 0 packages"></skipped>
        </testcase>
        <system-out>checked 0 of 0 packages</system-out>
      </testsuite>
      <testsuite name="malicious-package" tests="1" failures="0" errors="0" skipped="1">
        <testcase classname="linchpin.malicious-package" name="no findings">
          <skipped message="checked 0 of 0 packages"></skipped>
        </testcase>
        <system-out>checked 0 of 0 packages</system-out>
      </testsuite>
      <testsuite name="known-vulnerability" tests="1" failures="0" errors="0" skipped="1">
        <testcase classname="linchpin.known-vulnerability" name="no findings">
          <skipped message="checked 0 of 0 packages"></skipped>
        </testcase>
        <system-out>checked 0 of 0 packages</system-out>
      </testsuite>
      <testsuite name="unsound" tests="1" failures="0" errors="0" skipped="1">
        <testcase classname="linchpin.unsound" name="no findings">
          <skipped message="checked 0 of 0 packages"></skipped>
        </testcase>
        <system-out>checked 0 of 0 packages</system-out>
      </testsuite>
      <testsuite name="unmaintained" tests="1" failures="0" errors="0" skipped="1">
        <testcase classname="linchpin.unmaintained" name="no findings">
          <skipped message="checked 0 of 0 packages"></skipped>
        </testcase>
        <system-out>checked 0 of 0 packages</system-out>
      </testsuite>
      <testsuite name="yanked" tests="1" failures="0" errors="0" skipped="1">
        <testcase classname="linchpin.yanked" name="no findings">
          <skipped message="checked 0 of 0 packages"></skipped>
        </testcase>
        <system-out>checked 0 of 0 packages</system-out>
      </testsuite>
      <testsuite name="deprecated" tests="1" failures="0" errors="0" skipped="1">
        <testcase classname="linchpin.deprecated" name="no findings">
          <skipped message="checked 0 of 0 packages"></skipped>
        </testcase>
        <system-out>checked 0 of 0 packages</system-out>
      </testsuite>
      <testsuite name="quarantined" tests="1" failures="0" errors="0" skipped="1">
        <testcase classname="linchpin.quarantined" name="no findings">
          <skipped message="checked 0 of 0 packages"></skipped>
        </testcase>
        <system-out>checked 0 of 0 packages</system-out>
      </testsuite>
      <testsuite name="suspicious-release" tests="1" failures="0" errors="0" skipped="1">
        <testcase classname="linchpin.suspicious-release" name="no findings">
          <skipped message="checked 0 of 0 packages"></skipped>
        </testcase>
        <system-out>checked 0 of 0 packages</system-out>
      </testsuite>
      <testsuite name="too-new" tests="1" failures="0" errors="0" skipped="1">
        <testcase classname="linchpin.too-new" name="no findings">
          <skipped message="checked 0 of 0 packages"></skipped>
        </testcase>
        <system-out>checked 0 of 0 packages</system-out>
      </testsuite>
      <testsuite name="removed-from-registry" tests="1" failures="0" errors="0" skipped="1">
        <testcase classname="linchpin.removed-from-registry" name="no findings">
          <skipped message="checked 0 of 0 packages"></skipped>
        </testcase>
        <system-out>checked 0 of 0 packages</system-out>
      </testsuite>
      <testsuite name="maintainer-change" tests="1" failures="0" errors="0" skipped="1">
        <testcase classname="linchpin.maintainer-change" name="no findings">
          <skipped message="checked 0 of 0 packages"></skipped>
        </testcase>
        <system-out>checked 0 of 0 packages</system-out>
      </testsuite>
      <testsuite name="typosquat" tests="1" failures="0" errors="0" skipped="1">
        <testcase classname="linchpin.typosquat" name="no findings">
          <skipped message="checked 0 of 0 packages"></skipped>
        </testcase>
        <system-out>checked 0 of 0 packages</system-out>
      </testsuite>
      <testsuite name="dependency-confusion" tests="1" failures="0" errors="0" skipped="1">
        <testcase classname="linchpin.dependency-confusion" name="no findings">
          <skipped message="checked 0 of 0 packages"></skipped>
        </testcase>
        <system-out>checked 0 of 0 packages</system-out>
      </testsuite>
      <testsuite name="unlocked-manifest" tests="1" failures="0" errors="0" skipped="0">
        <testcase classname="linchpin.unlocked-manifest" name="web/package.json asks for packages that no lockfile pins" file="web/package.json" line="1">
          <system-out>its dependencies were not checked, and every install may bring others
    fix: npm install --package-lock-only (in web: lock it and commit the lockfile)
    at web/package.json:1</system-out>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
}

#[test]
fn a_finding_at_the_threshold_is_a_failure() {
    let lockfile = npm_lock(&[("left", r#"{"version":"1.0.0"}"#.to_owned())]);
    let sandbox = Sandbox::with(&[
        ("package-lock.json", &lockfile),
        ("linchpin.toml", NO_FEED_NEEDED),
    ]);
    let total = |xml: &str| xml.lines().nth(1).unwrap_or_default().to_owned();
    assert_eq!(
        total(&junit(&sandbox, &["--fail-on", "low"])),
        r#"<testsuites name="linchpin" tests="22" failures="1" errors="0" skipped="15">"#
    );
    assert_eq!(
        total(&junit(&sandbox, &[])),
        r#"<testsuites name="linchpin" tests="22" failures="0" errors="0" skipped="15">"#
    );
}

#[test]
fn there_is_a_suite_for_every_rule_that_is_asked_and_one_for_the_run() {
    let xml = junit(&Sandbox::demo(), &["demo"]);
    let suites: Vec<&str> = xml
        .split("<testsuite name=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let asked = SIGNALS
        .iter()
        .filter(|signal| signal.scope() != RuleScope::Changes);
    let rules = asked.map(|signal| signal.rule().id.0);
    let expected: Vec<&str> = ["run"].into_iter().chain(rules).collect();
    assert_eq!(suites, expected);
}

#[test]
fn a_complete_run_has_no_error_and_a_check_that_looked_at_nothing_is_skipped() {
    let sandbox = Sandbox::with(&[
        ("package-lock.json", &clean_npm_lock()),
        ("linchpin.toml", NO_FEED_NEEDED),
    ]);
    let xml = junit(&sandbox, &[]);
    assert!(
        !xml.contains("<error") && !xml.contains("<failure"),
        "{xml}"
    );
    assert!(
        xml.contains(
            r#"<skipped message="checked 0 of 2 packages (not: 2 without a local copy)">"#
        ),
        "{xml}"
    );
}

#[test]
fn nothing_to_audit_is_an_error() {
    let xml = junit(&Sandbox::new(), &[]);
    assert!(
        xml.contains(
            r#"<error message="nothing to audit: no lockfile and no manifest" type="incomplete">"#
        ),
        "{xml}"
    );
}

#[test]
fn cases_have_names_of_their_own_and_places() {
    let xml = junit(&Sandbox::demo(), &["demo"]);
    assert!(
        xml.contains(r#"name="axios 1.14.1 is malicious (web/package-lock.json)" file="web/package-lock.json" line="616""#),
        "{xml}"
    );
}

#[test]
fn hostile_text_stays_text() {
    let xml = junit(&hostile(), &[]);
    let shown = r"]]&gt;&amp;amp;&lt;b a='&quot;'&gt;{0}[x](https://evil.example)`|\u{1b}[2J\u{202e}\u{200b}\u{fffe}\u{0} ::error::";
    assert!(xml.contains(shown), "{xml}");
    assert!(
        xml.contains("file=\"a b&amp;%#{0}'/package-lock.json\""),
        "{xml}"
    );
}
