//! The command of a hook, and what each of its parts runs.

use super::words::{self, Simple, Substitutes, Writes};

/// The deepest `sh -c` in `sh -c` that is followed.
const DEEPEST: usize = 3;

/// The longest command that is looked at, in bytes.
const LONGEST: usize = 64 << 10;

/// What a part of a command runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Nothing but a message, or nothing at all.
    Nothing,
    /// A native build by node-gyp, steered by binding.gyp.
    Gyp,
    /// Another known build tool.
    Build,
    /// A download of a built binary from where package.json says.
    Prebuilt,
    /// JavaScript on the command line.
    Code(String),
    /// A file, by Node's rules of finding it.
    Script(String),
    /// A file, as it is named.
    File(String),
    /// A file of shell commands.
    Shell(String),
    /// Something that opens a connection.
    Network,
    /// Code that comes from elsewhere.
    Fetched,
    /// Code that comes encoded.
    Encoded,
    /// Nobody knows.
    Unknown,
}

/// Tools that do nothing but build what lies in the archive: the C++ of binding.gyp, TypeScript, or the choice of a
/// binary that the archive brings. Left out are `cmake-js`, `neon` and cargo, whose build files run anything, and
/// `node-pre-gyp`, which installs what an address in package.json serves.
const BUILDS: [(&str, Part); 6] = [
    ("node-gyp", Part::Gyp),
    ("node-gyp-build", Part::Gyp),
    ("node-gyp-build-optional-packages", Part::Gyp),
    ("prebuild-install", Part::Prebuilt),
    ("tsc", Part::Build),
    ("pkg-prebuilds-verify", Part::Build),
];

/// Words of commands that open a connection.
const NETWORK: [&str; 12] = [
    "curl",
    "wget",
    "powershell",
    "powershell.exe",
    "pwsh",
    "invoke-webrequest",
    "iwr",
    "certutil",
    "bitsadmin",
    "nc",
    "ncat",
    "mshta",
];

/// Flags of Node that change nothing about what runs.
const NODE_FLAGS: [&str; 7] = [
    "--no-warnings",
    "--no-deprecation",
    "--trace-warnings",
    "--trace-deprecation",
    "--enable-source-maps",
    "--experimental-modules",
    "--harmony",
];

/// Returns what the parts of a command run, in order.
pub(super) fn parts(command: &str) -> Vec<Part> {
    parts_within(command, DEEPEST)
}

/// Returns what the parts of a command run that npm hands to the shell of the machine; other shells may see more in it.
pub(super) fn parts_of_hook(command: &str) -> Vec<Part> {
    let mut parts = parts(command);
    if words::hides_operators(command) {
        parts.push(Part::Unknown);
    }
    parts
}

fn parts_within(command: &str, depth: usize) -> Vec<Part> {
    if command.len() > LONGEST {
        return vec![Part::Unknown];
    }
    let simple = words::split(command);
    simple.iter().flat_map(|part| run(part, depth)).collect()
}

/// Returns what one simple command runs.
fn run(simple: &Simple, depth: usize) -> Vec<Part> {
    let suspicion = suspicion(simple);
    if !suspicion.is_empty() {
        return suspicion;
    }
    let Some((name, arguments)) = simple.words.split_first() else {
        return vec![Part::Unknown];
    };
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let is_open = simple.substitutes == Substitutes::Command || simple.writes == Writes::File;
    let part = match program(name) {
        _ if is_open => Part::Unknown,
        "echo" | "set" | "exit" | "true" | "false" | ":" => Part::Nothing,
        "printf" | "test" | "[" => printed_or_tested(&arguments),
        // The value of a variable may be anything.
        _ if simple.substitutes == Substitutes::Variable => Part::Unknown,
        "node" | "nodejs" => node(&arguments),
        "sh" | "bash" | "dash" | "zsh" => return shell(&arguments, depth),
        "npx" | "bunx" => executed(&arguments),
        _ if name.contains('/') || has_script_ending(name) => Part::File(name.clone()),
        tool => build(tool, &arguments).unwrap_or(Part::Unknown),
    };
    vec![part]
}

/// bash takes the name behind `-v` for a variable, and runs what stands in the brackets of one.
fn printed_or_tested(arguments: &[&str]) -> Part {
    let names_variable = arguments.contains(&"-v");
    let substitutes = arguments
        .iter()
        .any(|argument| argument.contains("$(") || argument.contains('`'));
    if names_variable || substitutes {
        Part::Unknown
    } else {
        Part::Nothing
    }
}

/// Returns the name of a program as Windows would write it, too.
fn program(name: &str) -> &str {
    name.strip_suffix(".exe")
        .or_else(|| name.strip_suffix(".cmd"))
        .unwrap_or(name)
}

fn has_script_ending(name: &str) -> bool {
    [".js", ".cjs", ".mjs", ".sh"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// Says what is bad about a part whatever else it does. What `echo` and `printf` print is text, unless a command prints it.
fn suspicion(simple: &Simple) -> Vec<Part> {
    let name = simple.words.first().map_or("", |name| program(name));
    let words = simple.words.iter().flat_map(|word| word.split(is_word_end));
    let words: Vec<String> = words.map(str::to_ascii_lowercase).collect();
    let is_interpreter = matches!(
        name,
        "sh" | "bash" | "dash" | "zsh" | "node" | "nodejs" | "python" | "python3"
    );
    // What is printed is no command, and Node's code is looked at as code.
    let is_text = matches!(name, "echo" | "printf" | "node" | "nodejs")
        && simple.substitutes != Substitutes::Command;
    let mut found = Vec::new();
    if !is_text && words.iter().any(|word| NETWORK.contains(&word.as_str())) {
        found.push(Part::Network);
    }
    if simple.is_piped_into && is_interpreter && simple.words.len() == 1 {
        found.push(Part::Fetched);
    }
    let decodes = words
        .iter()
        .any(|word| matches!(word.as_str(), "-d" | "-di" | "--decode"));
    if !is_text && decodes && words.iter().any(|word| word == "base64") {
        found.push(Part::Encoded);
    }
    found
}

fn is_word_end(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            ';' | '|' | '&' | '(' | ')' | '`' | '$' | '"' | '\'' | '/'
        )
}

/// Returns what `node` runs with these arguments.
fn node(arguments: &[&str]) -> Part {
    match arguments {
        // Node takes further flags behind the code, such as a module to load first.
        ["-e" | "--eval" | "-p" | "--print" | "-pe", code, rest @ ..]
            if rest.iter().all(|argument| !argument.starts_with('-')) =>
        {
            Part::Code((*code).to_owned())
        }
        [flag, rest @ ..] if NODE_FLAGS.contains(flag) => node(rest),
        ["-v" | "--version"] => Part::Nothing,
        [file, ..] if !file.starts_with('-') => Part::Script((*file).to_owned()),
        _ => Part::Unknown,
    }
}

/// Returns what a shell runs with these arguments.
fn shell(arguments: &[&str], depth: usize) -> Vec<Part> {
    match arguments {
        ["-c", command, ..] if depth > 0 => parts_within(command, depth - 1),
        ["-e" | "-x" | "-u" | "-eu" | "-ex", rest @ ..] => shell(rest, depth),
        [file, ..] if !file.starts_with('-') => vec![Part::Shell((*file).to_owned())],
        _ => vec![Part::Unknown],
    }
}

/// Returns what `npx` runs: a known tool, or a file that is named by a path.
fn executed(arguments: &[&str]) -> Part {
    match arguments {
        ["-y" | "--yes" | "--no" | "--no-install", rest @ ..] => executed(rest),
        [tool, rest @ ..] if !tool.contains('/') => build(tool, rest).unwrap_or(Part::Unknown),
        [file, ..] if file.starts_with("./") => Part::File((*file).to_owned()),
        _ => Part::Unknown,
    }
}

/// Returns the part of a known build tool; an argument may name another command, another address or another folder.
fn build(tool: &str, arguments: &[&str]) -> Option<Part> {
    let (_, part) = BUILDS.iter().find(|(name, _)| *name == tool)?;
    let is_plain = |argument: &&str| match *part {
        Part::Gyp if tool == "node-gyp" => {
            matches!(
                *argument,
                "rebuild"
                    | "build"
                    | "configure"
                    | "clean"
                    | "install"
                    | "--release"
                    | "--debug"
                    | "--silent"
                    | "--verbose"
                    | "-j"
                    | "max"
                    | "--jobs=max"
            )
        }
        Part::Prebuilt => matches!(
            *argument,
            "-r" | "--runtime" | "napi" | "node" | "electron" | "--verbose" | "--tag-prefix" | "v"
        ),
        Part::Build if tool == "tsc" => matches!(
            *argument,
            "-b" | "--build" | "-p" | "." | "./" | "tsconfig.json"
        ),
        _ => false,
    };
    let is_known = arguments.iter().all(is_plain);
    Some(if is_known {
        part.clone()
    } else {
        Part::Unknown
    })
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
