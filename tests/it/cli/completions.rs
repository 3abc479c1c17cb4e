//! `linchpin completions`: scripts that shells read, and that know every option.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::support::sandbox::Sandbox;
use crate::support::shared::say_skipped;

const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

/// Lists the commands that the help names.
pub(super) fn commands(sandbox: &Sandbox) -> Vec<String> {
    let help = sandbox.run(&["--help"]).stdout;
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = lines.take_while(|line| !line.is_empty());
    let names = listed.filter_map(|line| line.split_whitespace().next());
    let names: Vec<String> = names.map(str::to_owned).collect();
    assert!(names.contains(&"audit".to_owned()), "{help}");
    names
}

/// Lists the long options that the help of some command names, without their dashes.
pub(super) fn options(sandbox: &Sandbox) -> BTreeSet<String> {
    let mut options = BTreeSet::new();
    for command in commands(sandbox) {
        let help = sandbox.run(&["help", &command]).stdout;
        let is_part = |character: char| {
            character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-'
        };
        let words = help.split(|character: char| !is_part(character));
        options.extend(
            words
                .filter_map(|word| word.strip_prefix("--"))
                .map(str::to_owned),
        );
    }
    for known in ["format", "as-of", "exit-zero", "help"] {
        assert!(options.contains(known), "{options:?}");
    }
    options
}

fn script(sandbox: &Sandbox, shell: &str) -> String {
    let output = sandbox.run(&["completions", shell]);
    assert_eq!(
        (output.code, output.stderr.as_str()),
        (Some(0), ""),
        "{shell}"
    );
    output.stdout
}

#[test]
fn every_shell_learns_every_command_and_option() {
    let sandbox = Sandbox::new();
    let options = options(&sandbox);
    for shell in SHELLS {
        let script = script(&sandbox, shell);
        for option in &options {
            let spelling = if shell == "fish" {
                format!("-l {option}")
            } else {
                format!("--{option}")
            };
            assert!(script.contains(&spelling), "{shell}: {option}");
        }
        for command in commands(&sandbox) {
            assert!(script.contains(&command), "{shell}: {command}");
        }
        let has_values = ["bash", "fish", "zsh"].contains(&shell);
        assert_eq!(script.contains("sarif"), has_values, "{shell}: values");
    }
}

#[test]
fn bash_can_read_its_script() {
    let check = Command::new("bash")
        .arg("-n")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut check) = check else {
        say_skipped("there is no bash here");
        return;
    };
    let script = script(&Sandbox::new(), "bash");
    let mut input = check.stdin.take().expect("a pipe");
    input.write_all(script.as_bytes()).expect("bash reads it");
    drop(input);
    let output = check.wait_with_output().expect("bash ends");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.is_empty(), "{told}");
}

#[test]
fn a_shell_must_be_named_and_known() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.run(&["completions"]).code, Some(2));
    let output = sandbox.run(&["completions", "csh"]);
    assert_eq!(output.code, Some(2), "{output}");
    for shell in SHELLS {
        assert!(output.stderr.contains(shell), "{output}");
    }
}
