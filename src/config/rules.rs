//! `[rules]`: what a rule's findings weigh here, or that it is not asked.

use std::collections::BTreeMap;

use super::ConfigError;
use super::reader::{Reader, Section, Value, span, suggest};
use crate::assessment::Severity;
use crate::lockfile::Span;
use crate::signal::rule::{Rule, RuleId};

/// `[rules]`: the rules that are not as they come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules(BTreeMap<RuleId, RuleSetting>);

/// What a project makes of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleSetting {
    /// It is not asked.
    Off,
    /// All its findings have this severity.
    Severity(Severity),
}

impl Rules {
    /// Says whether a rule is not asked.
    pub fn is_off(&self, rule: &Rule) -> bool {
        self.0.get(&rule.id) == Some(&RuleSetting::Off)
    }

    /// Returns the severity that the findings of a rule have here, whatever the rule itself says.
    pub fn severity(&self, rule: &Rule) -> Option<Severity> {
        match self.0.get(&rule.id)? {
            RuleSetting::Off => None,
            RuleSetting::Severity(severity) => Some(*severity),
        }
    }

    /// Lists the rules that are not as they come, in the order of their ids.
    pub fn settings(&self) -> impl Iterator<Item = (RuleId, RuleSetting)> {
        self.0.iter().map(|(rule, setting)| (*rule, *setting))
    }

    /// Lists the rules that are not asked, in the order of their ids.
    pub fn switched_off(&self) -> impl Iterator<Item = RuleId> {
        let off = self
            .0
            .iter()
            .filter(|(_, setting)| **setting == RuleSetting::Off);
        off.map(|(rule, _)| *rule)
    }

    /// Reads the table, if the document has it.
    pub(super) fn read(document: &Section<'_>, reader: &mut Reader) -> Self {
        let section = document
            .get("rules")
            .and_then(|value| reader.section("[rules]", value));
        let mut rules = Self::default();
        let Some(section) = section else {
            return rules;
        };
        for (key, value) in section.table {
            let rule = rule(key.get_ref(), span(key.span()), reader);
            let setting = read_setting(value, reader);
            let (Some(rule), Some((setting, place))) = (rule, setting) else {
                continue;
            };
            match refuse(rule, setting, place) {
                Some(error) => reader.fail(error),
                None => drop(rules.0.insert(rule.id, setting)),
            }
        }
        rules
    }
}

/// Finds a rule by what the file calls it; an error if there is none.
pub(super) fn rule(id: &str, place: Span, reader: &mut Reader) -> Option<&'static Rule> {
    let found = reader.rules.iter().find(|rule| rule.id.0 == id).copied();
    if found.is_none() {
        let known: Vec<&'static str> = reader.rules.iter().map(|rule| rule.id.0).collect();
        let error = ConfigError::new(place, format!("`{id}` is no rule"));
        reader.fail(suggest(error, id, &known).help("linchpin explain lists the rules"));
    }
    found
}

/// Reads a bare word, or a table whose `severity` is one.
fn read_setting(value: &Value<'_>, reader: &mut Reader) -> Option<(RuleSetting, Span)> {
    if !value.get_ref().is_table() {
        return Some((read_word(value, reader)?, span(value.span())));
    }
    let section = reader.section("a rule's table", value)?;
    reader.check_keys(&section, &["severity"]);
    if section.table.is_empty() {
        let error = ConfigError::new(section.span, "a rule's table without `severity`");
        reader.fail(error.help("write severity = \"low\" or another word, or leave the rule out"));
    }
    let severity = section.get("severity")?;
    Some((read_word(severity, reader)?, span(severity.span())))
}

fn read_word(value: &Value<'_>, reader: &mut Reader) -> Option<RuleSetting> {
    let severities = Severity::ALL.map(|severity| (severity.id(), RuleSetting::Severity(severity)));
    let words: Vec<_> = severities
        .into_iter()
        .chain([("off", RuleSetting::Off)])
        .collect();
    reader.word(value, &words)
}

/// Says why a setting is not allowed, if it is not.
fn refuse(rule: &Rule, setting: RuleSetting, place: Span) -> Option<ConfigError> {
    let is_lower = match setting {
        RuleSetting::Off => true,
        RuleSetting::Severity(severity) => severity > rule.severity,
    };
    (rule.is_guarded() && is_lower).then(|| {
        let what = format!(
            "`{}` can be neither lowered nor switched off: whoever can edit this file could let a known attack in",
            rule.id.0
        );
        ConfigError::new(place, what)
            .help("accept the one finding for up to 7 days, by its id, in an [[accept]] entry")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{messages, valid};

    fn of(id: &str) -> &'static Rule {
        crate::signal::rule(id).expect("a rule")
    }

    #[test]
    fn a_rule_has_a_severity_as_a_word_or_in_a_table() {
        let rules = valid("[rules]\nweak-hash = \"high\"\nhash-missing = { severity = \"none\" }\ninsecure-url = \"off\"\n").rules;
        assert_eq!(rules.severity(of("weak-hash")), Some(Severity::High));
        assert_eq!(rules.severity(of("hash-missing")), Some(Severity::None));
        assert_eq!(rules.severity(of("insecure-url")), None);
        assert!(rules.is_off(of("insecure-url")) && !rules.is_off(of("weak-hash")));
        assert_eq!(rules.severity(of("deprecated")), None);
        assert_eq!(
            rules.switched_off().collect::<Vec<_>>(),
            [RuleId("insecure-url")]
        );
    }

    #[test]
    fn unknown_rules_get_a_suggestion_only_when_near() {
        let errors = messages("[rules]\nweak-hahs = \"off\"\nlicence = \"low\"\n");
        assert_eq!(
            errors,
            [
                "2:1 `weak-hahs` is no rule | did you mean `weak-hash`?",
                "3:1 `licence` is no rule | ",
            ]
        );
    }

    #[test]
    fn a_rule_for_known_attacks_cannot_be_lowered_or_switched_off() {
        for (rule, setting) in [
            ("malicious-package", "\"off\""),
            ("malicious-package", "{ severity = \"high\" }"),
            ("hash-mismatch", "\"none\""),
        ] {
            let errors = messages(&format!("[rules]\n{rule} = {setting}\n"));
            assert_eq!(errors.len(), 1, "{rule} {setting}");
            assert!(
                errors[0].contains("neither lowered nor switched off"),
                "{errors:?}"
            );
        }
        valid("[rules]\nmalicious-package = \"critical\"\n");
    }

    #[test]
    fn values_that_are_no_severity_are_errors() {
        for (value, message) in [
            ("\"hgih\"", "`hgih` is no valid value here"),
            ("1", "expected a text in quotes, found a number"),
            ("{}", "a rule's table without `severity`"),
            (
                "{ window = \"7d\" }",
                "unknown key `window` in a rule's table",
            ),
        ] {
            let errors = messages(&format!("[rules]\nweak-hash = {value}\n"));
            assert!(errors[0].contains(message), "{errors:?}");
        }
    }
}
