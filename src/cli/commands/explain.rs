//! `linchpin explain`.

use std::fmt::Write;

use clap::Args;

use super::super::error::{Error, ErrorKind};
use super::super::exit::ExitStatus;
use super::super::terminal;
use super::output_failed;
use crate::report::words::wrap;
use crate::signal::{Rule, rule, rules};
use crate::suggest::nearest;

/// Arguments of `linchpin explain`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The rule; without one, the list of rules
    #[arg(value_name = "RULE")]
    rule: Option<String>,
}

/// The widest line.
const WIDTH: usize = 88;

/// Explains.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Error> {
    let text = match &arguments.rule {
        None => list(),
        Some(id) => explain(rule(id).ok_or_else(|| unknown(id))?),
    };
    terminal::write_output(text.as_bytes()).map_err(|error| output_failed(&error))?;
    Ok(ExitStatus::Clean)
}

fn unknown(id: &str) -> Error {
    let error = Error::new(ErrorKind::Usage, format!("`{id}` is no rule"));
    match nearest(id, rules().map(|rule| rule.id.0)) {
        Some(known) => error.hint(format!("did you mean `{known}`?")),
        None => error.hint("linchpin explain lists the rules"),
    }
}

fn list() -> String {
    let mut text = String::new();
    let mut axis = None;
    for rule in rules() {
        if axis.replace(rule.axis) != Some(rule.axis) {
            let _ = writeln!(text, "{}: {}", rule.axis.id(), rule.axis.question());
        }
        let _ = writeln!(
            text,
            "  {:<18} {:<9} {}",
            rule.id.0,
            rule.severity.id(),
            rule.summary
        );
    }
    text + "\nlinchpin explain RULE tells what a rule compares, why it matters, and what to do.\n"
}

fn explain(rule: &Rule) -> String {
    let mut text = format!(
        "{} ({}, {})\n{}\n",
        rule.id.0,
        rule.axis.id(),
        rule.severity.id(),
        rule.summary
    );
    for (head, words) in rule.parts() {
        let _ = writeln!(text, "\n{head}");
        for line in wrap(words, WIDTH - 2) {
            let _ = writeln!(text, "  {line}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_miss_gets_a_suggestion_and_a_far_one_does_not() {
        assert_eq!(
            unknown("hash-mismtach").hints[0].as_str(),
            "did you mean `hash-mismatch`?"
        );
        assert_eq!(
            unknown("licence").hints[0].as_str(),
            "linchpin explain lists the rules"
        );
    }
}
