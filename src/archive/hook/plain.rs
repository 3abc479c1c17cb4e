//! Whether a script does nothing but print: it uses the console, the environment, paths and colours, reads files, and
//! writes in the folder for temporary files.
//!
//! An allow list over tokens. It refuses whatever could reach more by a name that is made at run time (computed members,
//! aliases of `process` and `require`, constructors), so that it says no to many an honest script and yes only where
//! nothing can hide.

use super::files::Bundled;
use super::imports::{self, Import};
use super::script::{Kind, Script};
use super::temporary::{FARTHEST, is_temporary_argument, nearby};

/// Node's modules that reach nothing but paths, terminals and files; what is done with files is looked at.
const MODULES: [&str; 6] = ["fs", "os", "path", "tty", "url", "util"];

/// Packages that colour text.
const COLOURS: [&str; 12] = [
    "ansi-colors",
    "ansi-styles",
    "ansis",
    "chalk",
    "cli-color",
    "colorette",
    "colors",
    "kleur",
    "nanocolors",
    "picocolors",
    "supports-color",
    "yoctocolors",
];

/// Names that lead to code, to other modules or to the network, wherever they stand.
const FORBIDDEN: [&str; 41] = [
    "eval",
    "Function",
    "constructor",
    "__proto__",
    "globalThis",
    "global",
    "arguments",
    "Reflect",
    "Proxy",
    "WebAssembly",
    "Worker",
    "with",
    "mainModule",
    "binding",
    "_linkedBinding",
    "dlopen",
    "_load",
    "getPrototypeOf",
    "setPrototypeOf",
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
    "getOwnPropertyDescriptor",
    "getOwnPropertyDescriptors",
    "getBuiltinModule",
    "createRequire",
    "Deno",
    "Bun",
    "fetch",
    "XMLHttpRequest",
    "WebSocket",
    "EventSource",
    "BroadcastChannel",
    "navigator",
    "assign",
    "defineProperty",
    "defineProperties",
    "TMPDIR",
    "TEMP",
    "TMP",
];

/// Names that a script could give another meaning, so that a path is not the temporary one that it seems to be.
const REDEFINABLE: [&str; 2] = ["join", "tmpdir"];

/// Members of `process` that tell of it or end it.
const PROCESS: [&str; 16] = [
    "arch",
    "argv",
    "cwd",
    "emitWarning",
    "env",
    "exit",
    "exitCode",
    "hrtime",
    "on",
    "pid",
    "platform",
    "release",
    "stderr",
    "stdout",
    "version",
    "versions",
];

/// Members of `fs` that read.
const READS: [&str; 11] = [
    "access",
    "accessSync",
    "constants",
    "exists",
    "existsSync",
    "lstatSync",
    "readFile",
    "readFileSync",
    "readdirSync",
    "stat",
    "statSync",
];

/// Members of `fs` that write to the path in their first argument.
const WRITES: [&str; 6] = [
    "appendFileSync",
    "mkdirSync",
    "unlinkSync",
    "utimesSync",
    "writeFile",
    "writeFileSync",
];

/// The most tokens of a script that is looked at here; one that only prints has a few hundred.
const MOST_TOKENS: usize = 4000;

/// Says whether a script does nothing but print.
///
/// O(tokens²), of which there are few: a script of more than 4,000 does not only print.
/// Bundled packages could take the place of those that colour text.
pub(super) fn is_plain(script: &Script, bundled: Bundled) -> bool {
    let places = || 0..script.tokens.len();
    !script.is_doubtful
        && script.tokens.len() <= MOST_TOKENS
        && imports::of(script)
            .iter()
            .all(|import| is_plain_import(script, import, bundled))
        && places().all(|place| is_plain_token(script, place))
}

fn is_plain_import(script: &Script, import: &Import<'_>, bundled: Bundled) -> bool {
    match (import.module, import.package()) {
        (Some("fs"), _) => is_plain_fs(script, import.place),
        (Some(module), Some(_)) if MODULES.contains(&module) => true,
        (_, Some(package)) => COLOURS.contains(&package) && bundled == Bundled::Nothing,
        // Files of the archive are looked at for themselves.
        (Some(_), None) => true,
        (None, _) => false,
    }
}

fn is_plain_token(script: &Script, place: usize) -> bool {
    let token = &script.tokens[place];
    match token.kind {
        Kind::Name => is_plain_name(script, place, &token.text),
        Kind::Text => !REDEFINABLE.contains(&token.text.as_str()),
        Kind::Sign if token.text == "[" => is_plain_bracket(script, place),
        Kind::Sign if token.text == "]" => !script.reads(place + 1, &[":"]),
        _ => true,
    }
}

fn is_plain_name(script: &Script, place: usize, name: &str) -> bool {
    if FORBIDDEN.contains(&name) {
        return false;
    }
    if REDEFINABLE.contains(&name) {
        return script.is_member(place) && script.reads(place + 1, &["("]);
    }
    if script.is_member(place) {
        return match name {
            "process" | "require" => false,
            // All variables in one hand could be written to.
            "env" => [",", ")"]
                .iter()
                .all(|sign| !script.reads(place + 1, &[sign])),
            _ => true,
        };
    }
    let member = || {
        let dot = script.reads(place + 1, &["."]);
        script
            .get(Some(place + 2))
            .filter(|_| dot)
            .map(|token| token.text.as_str())
    };
    match name {
        "process" => {
            let is_asked = script
                .previous(place)
                .is_some_and(|token| token.is_name("typeof"));
            is_asked || member().is_some_and(|member| PROCESS.contains(&member))
        }
        "require" => {
            script.reads(place + 1, &["("])
                || script.reads(place + 1, &[".", "resolve", "("])
                || script.reads(place + 1, &[".", "main", "===", "module"])
                || script.reads(place + 1, &[".", "main", "==", "module"])
        }
        "module" => {
            let is_compared = script
                .previous(place)
                .is_some_and(|token| token.is_sign("===") || token.is_sign("=="));
            member() == Some("exports") || (is_compared && member().is_none())
        }
        "import" => {
            !script.reads(place + 1, &["."]) || script.reads(place + 1, &[".", "meta", "."])
        }
        "env" => {
            script.reads(place + 1, &["."])
                || script.reads(place + 1, &["["])
                || script.reads(place + 1, &["=", "process", ".", "env"])
        }
        _ => true,
    }
}

/// A bracket behind a value picks a member by a name that may be made at run time, which only `env` may have.
fn is_plain_bracket(script: &Script, place: usize) -> bool {
    let Some(owner) = script.previous(place) else {
        return true;
    };
    let is_value = match owner.kind {
        Kind::Name => !KEYWORDS.contains(&owner.text.as_str()),
        Kind::Sign => matches!(owner.text.as_str(), ")" | "]" | "}" | "."),
        Kind::Text | Kind::Expression | Kind::Number => true,
    };
    if !is_value {
        return true;
    }
    let is_fixed = script
        .get(Some(place + 1))
        .is_some_and(|key| match key.kind {
            Kind::Number => true,
            Kind::Text => {
                !FORBIDDEN.contains(&key.text.as_str())
                    && !matches!(key.text.as_str(), "process" | "require")
            }
            _ => false,
        })
        && script.reads(place + 2, &["]"]);
    let is_variable = owner.is_name("env")
        && closing(script, place)
            .is_some_and(|end| !script.reads(end + 1, &["["]) && !script.reads(end + 1, &["="]));
    // A fixed member of `process`, `require` or `module` is refused by the name itself.
    is_fixed || is_variable
}

/// Keywords behind which a bracket opens a list.
const KEYWORDS: [&str; 13] = [
    "return", "typeof", "case", "in", "of", "delete", "void", "throw", "else", "const", "let",
    "var", "await",
];

/// Returns the place of the bracket that closes the one at a place.
fn closing(script: &Script, place: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, token) in nearby(script, place) {
        match (token.kind, token.text.as_str()) {
            (Kind::Sign, "[" | "(" | "{") => depth += 1,
            (Kind::Sign, "]" | ")" | "}") => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Returns the place of the bracket that opens the one at a place.
fn opening(script: &Script, place: usize) -> Option<usize> {
    let mut depth = 0usize;
    for at in (0..=place).rev().take(FARTHEST) {
        let token = &script.tokens[at];
        match (token.kind, token.text.as_str()) {
            (Kind::Sign, "]" | ")" | "}") => depth += 1,
            (Kind::Sign, "[" | "(" | "{") => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Says whether the import of `fs` at a place is bound to names by which files are only read, or written where they are temporary.
fn is_plain_fs(script: &Script, place: usize) -> bool {
    let keyword = &script.tokens[place];
    // Behind the name or the list that it is bound to.
    let bound_end = if keyword.is_name("from") {
        place
    } else if keyword.is_name("require") && script.reads(place + 3, &[")", "."]) {
        return is_plain_use(script, place + 4);
    } else if script
        .previous(place)
        .is_some_and(|token| token.is_sign("="))
        && script.reads(place + 3, &[")"])
    {
        place - 1
    } else {
        return false;
    };
    match script.previous(bound_end) {
        Some(name) if name.kind == Kind::Name => is_plain_alias(script, &name.text, bound_end - 1),
        Some(end) if end.is_sign("}") => reads_only(script, bound_end - 1),
        _ => false,
    }
}

/// Says whether the list of names that ends at a place holds names for reading, none of them renamed.
fn reads_only(script: &Script, end: usize) -> bool {
    let Some(start) = opening(script, end) else {
        return false;
    };
    script.tokens[start + 1..end]
        .iter()
        .all(|token| token.is_sign(",") || READS.iter().any(|name| token.is_name(name)))
}

/// Says whether every use of a name that `fs` is bound to at `bound` is a plain one.
fn is_plain_alias(script: &Script, alias: &str, bound: usize) -> bool {
    let is_use = |place: &usize| {
        *place != bound && script.tokens[*place].is_name(alias) && !script.is_member(*place)
    };
    let mut uses = (0..script.tokens.len()).filter(is_use);
    uses.all(|place| script.reads(place + 1, &["."]) && is_plain_use(script, place + 1))
}

/// Says whether the member of `fs` behind the dot at a place reads, or writes a temporary file.
fn is_plain_use(script: &Script, dot: usize) -> bool {
    let Some(member) = script.get(Some(dot + 1)) else {
        return false;
    };
    let is_one_of = |names: &[&str]| names.iter().any(|name| member.is_name(name));
    is_one_of(&READS)
        || (is_one_of(&WRITES)
            && script.reads(dot + 2, &["("])
            && is_temporary_argument(script, dot + 3))
}

#[cfg(test)]
#[path = "plain_tests.rs"]
mod tests;
