//! `linchpin explain`: the list, each rule, and what is no rule.

use insta::assert_snapshot;
use linchpin::signal::SIGNALS;

use crate::support::sandbox::Sandbox;

fn explain(arguments: &[&str]) -> crate::support::sandbox::Output {
    Sandbox::new().run(&[&["explain"], arguments].concat())
}

#[test]
fn the_list_names_every_rule_by_axis() {
    assert_snapshot!(explain(&[]), @"
    exit 0
    --- stdout
    integrity: are these the bytes?
      hash-mismatch      critical  the bytes are not what the lockfile pins
      source-mismatch    critical  the lockfile names one package and downloads another
      hash-weakened      critical  a change takes a sound digest away at the same version
      install-redirect   high      a change steers an installer past the lockfile
      hash-missing       low       a registry package is locked without a digest
      weak-hash          low       a package is pinned by SHA-1 or MD5 only
      foreign-host       medium    packages come from a host that nobody has vouched for
      insecure-url       medium    packages are fetched without encryption
      unpinned-source    medium    a locked package is not pinned to its bytes
    compromise: is it known to be malicious?
      malicious-package  critical  a release is known to be malicious
    vulnerability: is it known to be broken?
      known-vulnerability high      a published advisory says that this release can be attacked
      unsound            medium    safe code can break memory safety through this release
      unmaintained       low       nobody looks after this package any more
      yanked             low       the owners took a release out of use
      deprecated         low       the maintainers ask people not to use this release
      quarantined        high      the registry suspects a package and offers it no more
    anomaly: does it look hijacked, before anyone says so?
      suspicious-release medium    a release does not look like those before it
      too-new            low       a release is younger than a day
      removed-from-registry high      the registry no longer lists a locked version
      maintainer-change  low       another account published a release, or may publish the next
      typosquat          medium    a young package has nearly the name of a popular one
      dependency-confusion high      a name of your own is taken from a public registry
    policy: was the gate weakened, or a tool left unlocked?
      policy-loosened    high      a change lets more through the gate, once it is in
      lockfile-removed   high      a change takes a lockfile away and leaves its project
      unlocked-manifest  medium    a manifest asks for packages that no lockfile pins

    linchpin explain RULE tells what a rule compares, why it matters, and what to do.
    ");
}

#[test]
fn each_rule_tells_all_of_its_parts() {
    for signal in SIGNALS {
        let id = signal.rule().id.0;
        let output = explain(&[id]);
        assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""), "{id}");
        assert!(output.stdout.starts_with(&format!("{id} (")), "{output}");
        for head in [
            "What it compares",
            "Why it matters",
            "A real case",
            "How to fix it",
            "When to accept it",
        ] {
            assert!(output.stdout.contains(head), "{id}: {head}");
        }
        let longest = output.stdout.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(100), "{id}: {longest:?} columns");
    }
}

#[test]
fn one_rule_in_full() {
    assert_snapshot!(explain(&["foreign-host"]), @r#"
    exit 0
    --- stdout
    foreign-host (integrity, medium)
    packages come from a host that nobody has vouched for

    What it compares
      Looks at the host of every registry and archive address. The public registry's own
      hosts pass, and those that linchpin.toml lists under [registry], and the npm registry
      and Python index that your own clients are configured to ask; other configuration
      files in the audited tree vouch for nobody.

    Why it matters
      Whoever serves the archive decides what is installed. A host that slips into a
      lockfile is the quietest way to replace a dependency.

    A real case
      Lockfile injection: one `resolved` line that points to the attacker's server, in a
      diff of ten thousand lines.

    How to fix it
      If the host is not yours, restore the registry's address. If it is a mirror of yours,
      list it in linchpin.toml: mirrors = ["HOST"] under [registry], or private = ["HOST"]
      for a registry of your own.

    When to accept it
      For a mirror or a second index that your organisation runs or trusts.
    "#);
}

#[test]
fn what_is_no_rule_gets_a_near_match_or_the_list() {
    assert_snapshot!(explain(&["hash-mismach"]), @"
    exit 2
    --- stderr
    error: `hash-mismach` is no rule
        = help   did you mean `hash-mismatch`?
    ");
    assert_snapshot!(explain(&["licence"]), @"
    exit 2
    --- stderr
    error: `licence` is no rule
        = help   linchpin explain lists the rules
    ");
}

#[test]
fn a_hostile_argument_is_escaped() {
    let output = explain(&["weak\u{1b}[2J"]);
    assert_eq!(output.code, Some(2));
    assert!(!output.stderr.contains('\u{1b}'), "{output}");
}
