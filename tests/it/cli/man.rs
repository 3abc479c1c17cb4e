//! `linchpin man`: one page, with every command and option.

use super::completions::{commands, options};
use crate::support::sandbox::Sandbox;

fn page(sandbox: &Sandbox) -> String {
    let output = sandbox.run(&["man"]);
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
    output.stdout
}

#[test]
fn the_page_opens_with_its_name_and_how_to_call_the_program() {
    let page = page(&Sandbox::new());
    let first = page.lines().find(|line| line.starts_with(".TH"));
    assert!(
        first.is_some_and(|line| line.starts_with(".TH linchpin 1")),
        "{first:?}"
    );
    let sections: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix(".SH "))
        .collect();
    assert_eq!(
        sections[..4],
        ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS"]
    );
    assert_eq!(sections.last(), Some(&"VERSION"));
}

#[test]
fn every_command_is_a_section_with_its_synopsis() {
    let sandbox = Sandbox::new();
    let page = page(&sandbox);
    for command in commands(&sandbox).iter().filter(|name| *name != "help") {
        let head = format!(".SH \"LINCHPIN {}\"\n", command.to_uppercase());
        let (_, section) = page.split_once(&head).expect("a section");
        let section = section.split("\n.SH ").next().unwrap_or_default();
        let synopsis = format!(".SS SYNOPSIS\n\\fBlinchpin {command}\\fR");
        assert!(section.contains(&synopsis), "{section}");
    }
}

#[test]
fn every_option_is_on_the_page() {
    let sandbox = Sandbox::new();
    let page = page(&sandbox).replace("\\-", "-");
    for option in options(&sandbox) {
        assert!(page.contains(&format!("--{option}\\fR")), "{option}");
    }
}
