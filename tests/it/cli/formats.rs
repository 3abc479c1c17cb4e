//! What holds for every format of findings.

use linchpin::report::findings::FINDINGS_FORMATS;
use linchpin::text::is_deceptive;

use crate::support::locks::{HOSTILE, NO_FEED_NEEDED, clean_npm_lock, hostile_npm_lock};
use crate::support::sandbox::Sandbox;

/// A project whose folder and package bring hostile text into the report.
pub(super) fn hostile() -> Sandbox {
    Sandbox::with(&[
        ("a b&%#{0}'/package-lock.json", &hostile_npm_lock()),
        ("a b&%#{0}'/broken/Cargo.lock", "<![CDATA["),
        ("linchpin.toml", "[gate]\nfail-on = \"low\"\n"),
    ])
}

#[test]
fn no_format_writes_a_character_that_deceives() {
    for format in FINDINGS_FORMATS {
        let output = hostile().audit(&["--format", format.id]);
        let is_plain = |character: char| character == '\n' || !is_deceptive(character);
        let found = output.stdout.chars().find(|found| !is_plain(*found));
        assert_eq!(found, None, "{}: {output}", format.id);
        assert!(!output.stdout.contains(HOSTILE), "{}", format.id);
    }
}

#[test]
fn the_format_never_changes_the_exit_code() {
    let clean = Sandbox::with(&[
        ("package-lock.json", &clean_npm_lock()),
        ("linchpin.toml", NO_FEED_NEEDED),
    ]);
    let broken = Sandbox::with(&[("Cargo.lock", "{")]);
    for format in FINDINGS_FORMATS {
        let code = |sandbox: &Sandbox| sandbox.audit(&["--format", format.id]).code;
        assert_eq!(code(&hostile()), Some(1), "{}", format.id);
        assert_eq!(code(&clean), Some(0), "{}", format.id);
        assert_eq!(code(&broken), Some(3), "{}", format.id);
        assert_eq!(code(&Sandbox::new()), Some(4), "{}", format.id);
    }
}

#[test]
fn every_format_can_be_written_to_a_file_in_one_run() {
    let sandbox = Sandbox::demo();
    let outputs: Vec<String> = FINDINGS_FORMATS
        .iter()
        .map(|format| format!("{0}=report.{0}", format.id))
        .collect();
    let arguments = outputs.iter().flat_map(|output| ["--output", output]);
    let arguments: Vec<&str> = ["demo"].into_iter().chain(arguments).collect();
    assert_eq!(sandbox.audit(&arguments).code, Some(1));
    for format in FINDINGS_FORMATS {
        let place = sandbox.place(&format!("report.{}", format.id));
        let text = std::fs::read_to_string(place).expect("a report was written");
        let is_told = text.contains("axios 1.14.1 is malicious") || format.id == "github-output";
        assert!(is_told, "{}", format.id);
        assert!(text.ends_with('\n'), "{}", format.id);
    }
}
