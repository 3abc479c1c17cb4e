//! Whether a path in a script is one in the folder for temporary files, whatever the script does before.

use super::script::{Kind, Script, Token};

/// Names that may stand in the path of a temporary file.
const TEMPORARY: [&str; 6] = ["join", "os", "path", "require", "sep", "tmpdir"];

/// Those of them that are called.
const CALLED: [&str; 3] = ["join", "require", "tmpdir"];

/// The most tokens between two brackets, or of an expression, that are looked at.
pub(super) const FARTHEST: usize = 500;

/// Says whether the argument that begins at a place is the path of a temporary file.
pub(super) fn is_temporary_argument(script: &Script, start: usize) -> bool {
    let Some(end) = expression_end(script, start) else {
        return false;
    };
    let is_temporary = match &script.tokens[start..end] {
        [name] if name.kind == Kind::Name => is_temporary_name(script, &name.text),
        tokens => is_temporary_path(tokens),
    };
    is_temporary
        && ["os", "path"]
            .iter()
            .all(|module| is_only_module(script, module))
}

/// Returns where the expression ends that begins at a place: at a comma, a semicolon or a bracket that it did not open;
/// none if it goes on and on.
fn expression_end(script: &Script, start: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (place, token) in nearby(script, start) {
        match (token.kind, token.text.as_str()) {
            (Kind::Sign, "(" | "[" | "{") => depth += 1,
            (Kind::Sign, ")" | "]" | "}" | "," | ";") if depth == 0 => return Some(place),
            (Kind::Sign, ")" | "]" | "}") => depth -= 1,
            // A new statement without a semicolon in front of it.
            (Kind::Name, _)
                if depth == 0
                    && script
                        .previous(place)
                        .is_some_and(|token| token.is_sign(")")) =>
            {
                return Some(place);
            }
            _ => {}
        }
    }
    let end = script.tokens.len();
    (end <= start + FARTHEST).then_some(end)
}

/// Walks the tokens from a place on, as far as is looked.
pub(super) fn nearby(script: &Script, start: usize) -> impl Iterator<Item = (usize, &Token)> {
    script.tokens.iter().enumerate().skip(start).take(FARTHEST)
}

/// Says whether tokens are `path.join(os.tmpdir(), 'name')` or the like.
fn is_temporary_path(tokens: &[Token]) -> bool {
    let Some(folder) = tokens.iter().position(|token| token.is_name("tmpdir")) else {
        return false;
    };
    let is_call = |place: usize| {
        let callee = place.checked_sub(1).map(|place| &tokens[place]);
        callee.is_some_and(|callee| CALLED.iter().any(|name| callee.is_name(name)))
    };
    let is_known = |(place, token): (usize, &Token)| match (token.kind, token.text.as_str()) {
        (Kind::Name, name) => TEMPORARY.contains(&name),
        (Kind::Text, "os" | "node:os" | "path" | "node:path" | "") => true,
        (Kind::Text, text) => place > folder && !text.contains(".."),
        // Other parentheses could hold one value and yield another.
        (Kind::Sign, "(") => is_call(place),
        (Kind::Sign, sign) => matches!(sign, ")" | "." | "," | "+" | "}"),
        (Kind::Number | Kind::Expression, _) => false,
    };
    tokens.iter().enumerate().all(is_known)
}

/// Says whether a name is never bound to anything but the module of that name.
fn is_only_module(script: &Script, name: &str) -> bool {
    let is_use = |place: &usize| script.tokens[*place].is_name(name) && !script.is_member(*place);
    let is_module = |place: usize| {
        script.get(Some(place)).is_some_and(|module| {
            module.kind == Kind::Text
                && module.text.strip_prefix("node:").unwrap_or(&module.text) == name
        })
    };
    let mut uses = (0..script.tokens.len()).filter(is_use);
    uses.all(|place| {
        script.reads(place + 1, &["."])
            || (script.reads(place + 1, &["=", "require", "("])
                && is_module(place + 4)
                && script.reads(place + 5, &[")"]))
            || (script.reads(place + 1, &["from"]) && is_module(place + 2))
    })
}

/// Says whether a variable only ever holds the path of a temporary file and is no parameter.
fn is_temporary_name(script: &Script, name: &str) -> bool {
    let is_use = |place: &usize| script.tokens[*place].is_name(name) && !script.is_member(*place);
    let uses = || (0..script.tokens.len()).filter(is_use);
    let is_set = uses().any(|place| script.reads(place + 1, &["="]));
    is_set
        && uses().all(|place| {
            if script.reads(place + 1, &["="]) {
                let end = expression_end(script, place + 2);
                return end.is_some_and(|end| is_temporary_path(&script.tokens[place + 2..end]));
            }
            let is_last = [",", ")", ";"]
                .iter()
                .any(|sign| script.reads(place + 1, &[sign]));
            is_last && !is_parameter(script, place)
        })
}

/// Says whether a place may be in a list of parameters or in a pattern: anywhere but among the arguments of a call.
fn is_parameter(script: &Script, place: usize) -> bool {
    let mut depth = 0usize;
    for (at, token) in nearby(script, place) {
        match (token.kind, token.text.as_str()) {
            (Kind::Sign, "(" | "[" | "{") => depth += 1,
            (Kind::Sign, ")") if depth == 0 => {
                return script.reads(at + 1, &["{"]) || script.reads(at + 1, &["=>"]);
            }
            (Kind::Sign, "]" | "}") if depth == 0 => return true,
            (Kind::Sign, ")" | "]" | "}") => depth -= 1,
            _ => {}
        }
    }
    true
}
