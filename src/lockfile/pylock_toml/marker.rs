//! Markers as pylock.toml uses them (PEP 751): how far a package reaches by the groups and extras that it belongs to.
//!
//! What depends on the environment may hold. Without a recursion, so that no nesting is too deep.

use rustc_hash::FxHashSet;

use crate::lockfile::model::Scope;
use crate::package::name::normalise;

/// In which installs a marker may hold: one bit each for the plain one, one with every extra, one with every group too.
type Installs = u8;

const PLAIN: Installs = 1;
const WITH_EXTRAS: Installs = 2;
const WITH_GROUPS: Installs = 4;
const ALL: Installs = PLAIN | WITH_EXTRAS | WITH_GROUPS;

/// Returns the widest scope in which a marker may hold; one that cannot be read holds everywhere. O(bytes).
pub(super) fn scope(marker: &str, default_groups: &FxHashSet<String>) -> Scope {
    let installs = evaluate(marker, default_groups).unwrap_or(ALL);
    if installs & PLAIN != 0 {
        Scope::Prod
    } else if installs & WITH_EXTRAS != 0 {
        Scope::Optional
    } else {
        Scope::Dev
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Operator {
    Open,
    Or,
    And,
}

/// Evaluates by two stacks; none if parts are missing.
fn evaluate(marker: &str, default_groups: &FxHashSet<String>) -> Option<Installs> {
    let mut values: Vec<Installs> = Vec::new();
    let mut operators = Vec::new();
    let mut atom: Vec<&str> = Vec::new();
    for token in Tokens(marker) {
        let operator = match token {
            "(" => Operator::Open,
            ")" | "and" | "or" => {
                if !atom.is_empty() {
                    values.push(installs_of(&atom, default_groups));
                    atom.clear();
                }
                if token == "and" {
                    Operator::And
                } else {
                    Operator::Or
                }
            }
            part => {
                atom.push(part);
                continue;
            }
        };
        if operator != Operator::Open {
            settle(operator, &mut values, &mut operators)?;
        }
        if token == ")" {
            operators.pop().filter(|open| *open == Operator::Open)?;
        } else {
            operators.push(operator);
        }
    }
    if !atom.is_empty() {
        values.push(installs_of(&atom, default_groups));
    }
    settle(Operator::Or, &mut values, &mut operators)?;
    let value = values.pop()?;
    (values.is_empty() && operators.is_empty()).then_some(value)
}

/// Carries out the waiting operators that bind at least as strongly.
fn settle(next: Operator, values: &mut Vec<Installs>, operators: &mut Vec<Operator>) -> Option<()> {
    while let Some(operator) = operators.pop_if(|last| *last >= next && *last != Operator::Open) {
        let (right, left) = (values.pop()?, values.pop()?);
        values.push(match operator {
            Operator::And => left & right,
            Operator::Or | Operator::Open => left | right,
        });
    }
    Some(())
}

/// `'x' in extras`, `'x' not in dependency_groups`; what is about the environment may hold in every install.
fn installs_of(atom: &[&str], default_groups: &FxHashSet<String>) -> Installs {
    let (name, is_in, what) = match atom {
        [name, "in", what] => (*name, true, *what),
        [name, "not", "in", what] => (*name, false, *what),
        ["extra", "==", name] => (*name, true, "extras"),
        _ => return ALL,
    };
    let name = normalise(name.trim_matches(['\'', '"']));
    let member = match what {
        "extras" => WITH_EXTRAS | WITH_GROUPS,
        "dependency_groups" if default_groups.contains(&*name) => ALL,
        "dependency_groups" => WITH_GROUPS,
        _ => return ALL,
    };
    if is_in { member } else { ALL & !member }
}

/// Parentheses, quoted texts, and words between them.
struct Tokens<'m>(&'m str);

impl<'m> Iterator for Tokens<'m> {
    type Item = &'m str;

    fn next(&mut self) -> Option<&'m str> {
        let text = self.0.trim_start();
        let first = text.chars().next()?;
        let end = match first {
            '(' | ')' => 1,
            '\'' | '"' => text[1..].find(first).map_or(text.len(), |at| at + 2),
            '=' | '<' | '>' | '!' | '~' => text
                .find(|character| !"=<>!~".contains(character))
                .unwrap_or(text.len()),
            _ => text
                .find(|character: char| {
                    character.is_whitespace() || "()'\"=<>!~".contains(character)
                })
                .unwrap_or(text.len()),
        };
        let (token, rest) = text.split_at(end);
        self.0 = rest;
        Some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope_of(marker: &str) -> Scope {
        scope(marker, &["default".to_owned()].into_iter().collect())
    }

    #[test]
    fn groups_and_extras_narrow_what_a_package_reaches() {
        for (marker, expected) in [
            ("python_version >= '3.8'", Scope::Prod),
            ("'dev' in dependency_groups", Scope::Dev),
            ("'Default' in dependency_groups", Scope::Prod),
            ("'dev' not in dependency_groups", Scope::Prod),
            ("\"x\" in extras", Scope::Optional),
            ("extra == 'x'", Scope::Optional),
            (
                "'x' in extras or 'dev' in dependency_groups",
                Scope::Optional,
            ),
            ("'x' in extras and 'dev' in dependency_groups", Scope::Dev),
            (
                "('dev' in dependency_groups) and (python_version >= '3.10')",
                Scope::Dev,
            ),
            (
                "os_name == 'nt' or 'dev' in dependency_groups and os_name == 'nt'",
                Scope::Prod,
            ),
            (
                "os_name=='nt' and ('default' in dependency_groups or 'x' in extras)",
                Scope::Prod,
            ),
            ("('x' in extras and ((os_name == ')')))", Scope::Optional),
        ] {
            assert_eq!(scope_of(marker), expected, "{marker}");
        }
    }

    #[test]
    fn what_cannot_be_read_holds_everywhere() {
        for marker in [
            "",
            "(",
            ")",
            "and",
            "'dev' in dependency_groups and",
            "'a",
            "é 'é'",
        ] {
            assert_eq!(scope_of(marker), Scope::Prod, "{marker}");
        }
        let deep = format!(
            "{}'x' in extras{}",
            "(".repeat(100_000),
            ")".repeat(100_000)
        );
        assert_eq!(scope_of(&deep), Scope::Optional);
    }
}
