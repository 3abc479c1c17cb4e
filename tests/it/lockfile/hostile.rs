//! Files that no tool would write: each is a clear problem of its own, and the file beside it is still judged.

use std::fmt::Write;

use crate::support::locks::{
    bad_cargo_lock, cargo_lock, cargo_record, clean_bun_lock, clean_cargo_lock, clean_deno_lock,
    clean_npm_lock, clean_pdm_lock, clean_pipfile_lock, clean_pnpm_lock, clean_poetry_lock,
    clean_pylock_toml, clean_uv_lock, clean_yarn_berry_lock, clean_yarn_v1_lock,
    clean_yarn_zpm_lock, npm_lock, npm_record, npm_record_at, pdm_lock, pdm_record, poetry_lock,
    poetry_record, sha256, sri, uv_lock, uv_record,
};
use crate::support::sandbox::{Report, Sandbox};

/// A package-lock.json of version 1.
const NPM_1: &str = r#"{"name":"app","version":"1.0.0","lockfileVersion":1,"requires":true,"dependencies":{
"left":{"version":"1.0.0","resolved":"https://registry.npmjs.org/left/-/left-1.0.0.tgz","integrity":"sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==","requires":{"right":"^1"},
"dependencies":{"right":{"version":"1.0.0","resolved":"https://registry.npmjs.org/right/-/right-1.0.0.tgz","integrity":"sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="}}}}}
"#;

fn npm_2() -> String {
    clean_npm_lock().replace(
        "\"lockfileVersion\":3",
        "\"lockfileVersion\":2,\"dependencies\":{\"left\":{\"version\":\"1.0.0\"}}",
    )
}

/// A good lockfile of each format: the folder's name, the file's name, the text.
fn formats() -> Vec<(&'static str, &'static str, String)> {
    vec![
        ("bun", "bun.lock", clean_bun_lock()),
        ("deno", "deno.lock", clean_deno_lock()),
        ("cargo", "Cargo.lock", clean_cargo_lock()),
        ("npm1", "package-lock.json", NPM_1.to_owned()),
        ("npm2", "package-lock.json", npm_2()),
        ("npm3", "package-lock.json", clean_npm_lock()),
        ("pnpm", "pnpm-lock.yaml", clean_pnpm_lock()),
        ("uv", "uv.lock", clean_uv_lock()),
        ("yarn1", "yarn.lock", clean_yarn_v1_lock()),
        ("yarn4", "yarn.lock", clean_yarn_berry_lock()),
        ("yarn6", "yarn.lock", clean_yarn_zpm_lock()),
        ("poetry", "poetry.lock", clean_poetry_lock()),
        ("pdm", "pdm.lock", clean_pdm_lock()),
        ("pipfile", "Pipfile.lock", clean_pipfile_lock()),
        ("pylock", "pylock.toml", clean_pylock_toml()),
    ]
}

/// Audits a hostile file beside one that holds a malicious package.
fn beside_a_bad_one(name: &str, contents: impl AsRef<[u8]>) -> (Sandbox, Report) {
    let sandbox = Sandbox::with(&[("bad/Cargo.lock", &bad_cargo_lock())]);
    sandbox.write(&format!("hostile/{name}"), contents);
    let report = sandbox.report(&[]);
    (sandbox, report)
}

fn start(text: &str) -> String {
    text.chars().take(3_000).collect()
}

/// Checks what holds for every output: no panic, and nothing that moves a cursor or hides text.
fn is_tame(what: &str, report: &Report) {
    let output = &report.output;
    assert!(
        !output.stderr.contains("panicked") && !output.stderr.contains("bug of linchpin"),
        "{what}: {}",
        start(&output.stderr)
    );
    for (name, text) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        let control = text
            .chars()
            .find(|character| character.is_control() && *character != '\n');
        assert_eq!(control, None, "{what}: {name}: {}", start(text));
    }
}

/// Checks that a file is refused with its name, alone it is exit 3, and the other file's finding is still told.
fn is_refused(what: &str, name: &str, contents: impl AsRef<[u8]>) -> Problem {
    let (sandbox, report) = beside_a_bad_one(name, contents);
    is_tame(what, &report);
    assert_eq!(report.code(), 1, "{what}: {}", start(&report.output.stderr));
    assert_eq!(report.json["complete"], false, "{what}");
    assert_eq!(report.rules(), ["malicious-package"], "{what}");
    let path = format!("hostile/{name}");
    assert!(
        report.output.stderr.contains(&format!("error: {path}: ")),
        "{what}: {}",
        start(&report.output.stderr)
    );
    let because = report.json["incomplete_because"].to_string();
    assert!(because.contains(&path), "{what}: {}", start(&because));
    let alone = sandbox.report(&["hostile"]);
    is_tame(what, &alone);
    assert_eq!(alone.code(), 3, "{what}: {}", start(&alone.output.stderr));
    let problems = problems(&report, &path);
    let error = problems
        .into_iter()
        .find(|problem| problem.severity == "error")
        .expect("an error of the file");
    let length = error.message.chars().count();
    assert!(length < 400, "{what}: a message of {length} characters");
    error
}

/// A problem as the JSON has it.
#[derive(Debug)]
struct Problem {
    severity: String,
    message: String,
    line: Option<u64>,
}

fn problems(report: &Report, path: &str) -> Vec<Problem> {
    let inputs = report.json["inputs"].as_array().expect("inputs");
    let of_inputs = inputs
        .iter()
        .flat_map(|input| input["problems"].as_array().expect("problems"));
    let others = report.json["problems"].as_array().expect("problems");
    of_inputs
        .chain(others)
        .filter(|problem| problem["path"] == path)
        .map(|problem| Problem {
            severity: problem["severity"].as_str().expect("a word").to_owned(),
            message: problem["message"].as_str().expect("a text").to_owned(),
            line: problem["line"].as_u64(),
        })
        .collect()
}

/// Checks that a file is read without an error and without a finding.
fn is_read(what: &str, name: &str, contents: impl AsRef<[u8]>) {
    let sandbox = Sandbox::new();
    sandbox.write(name, contents);
    let report = sandbox.report(&[]);
    is_tame(what, &report);
    assert_eq!(report.code(), 3, "{what}: no feed");
    assert_eq!(report.rules(), [""; 0], "{what}");
    assert_eq!(report.output.stderr, "", "{what}");
}

#[test]
fn the_good_files_are_good() {
    for (what, name, text) in formats() {
        is_read(what, name, text);
    }
}

#[test]
fn empty_files_are_refused() {
    for (what, name, _) in formats() {
        for text in ["", " ", "\n\n\t \r\n", "\u{feff}", "\0"] {
            is_refused(&format!("{what} {text:?}"), name, text);
        }
    }
}

#[test]
fn files_of_another_format_are_refused_with_a_line() {
    let json = clean_npm_lock();
    let toml = clean_cargo_lock();
    for (what, name, text) in [
        ("JSON in Cargo.lock", "Cargo.lock", json.as_str()),
        ("JSON in uv.lock", "uv.lock", json.as_str()),
        (
            "TOML in package-lock.json",
            "package-lock.json",
            toml.as_str(),
        ),
        (
            "YAML in package-lock.json",
            "package-lock.json",
            "lockfileVersion: 3\npackages:\n",
        ),
        (
            "HTML in uv.lock",
            "uv.lock",
            "<!DOCTYPE html>\n<html></html>\n",
        ),
        ("JSON in yarn.lock", "yarn.lock", json.as_str()),
        ("TOML in yarn.lock", "yarn.lock", toml.as_str()),
        (
            "HTML in yarn.lock",
            "yarn.lock",
            "<!DOCTYPE html>\n<html></html>\n",
        ),
    ] {
        let problem = is_refused(what, name, text);
        assert!(problem.line.is_some(), "{what}: {problem:?}");
    }
    for (what, name, text) in [
        (
            "uv in Cargo.lock",
            "Cargo.lock",
            "[project]\nname = \"x\"\n".to_owned(),
        ),
        ("nothing in uv.lock", "uv.lock", "a = 1\n".to_owned()),
        ("uv in poetry.lock", "poetry.lock", clean_uv_lock()),
        ("poetry in pdm.lock", "pdm.lock", clean_poetry_lock()),
        (
            "package.json",
            "package-lock.json",
            r#"{"name":"x"}"#.to_owned(),
        ),
        ("a list", "package-lock.json", "[]".to_owned()),
        ("a string", "package-lock.json", "\"x\"".to_owned()),
        ("null", "package-lock.json", "null".to_owned()),
    ] {
        is_refused(what, name, text);
    }
}

#[test]
fn files_cut_anywhere_never_pass_and_never_panic() {
    for (what, name, text) in formats() {
        let step = (text.len() / 23).max(1);
        for end in (1..text.trim_end().len()).step_by(step) {
            let (_, report) = beside_a_bad_one(name, &text[..end]);
            let what = format!("{what} cut at {end}");
            is_tame(&what, &report);
            assert_eq!(report.code(), 1, "{what}");
            assert!(report.rules().contains(&"malicious-package"), "{what}");
            if ["package-lock.json", "bun.lock", "deno.lock"].contains(&name) {
                assert_eq!(report.json["complete"], false, "{what}");
                is_refused(&what, name, &text[..end]);
            }
        }
    }
}

#[test]
fn unfinished_merges_are_refused_at_the_marker() {
    for (what, name, text) in formats() {
        let middle = text[..text.len() / 2].rfind('\n').expect("several lines") + 1;
        let line = text[..middle].lines().count() + 1;
        let merged = format!(
            "{}<<<<<<< HEAD\n=======\n>>>>>>> main\n{}",
            &text[..middle],
            &text[middle..]
        );
        for text in [merged.clone(), merged.replace('\n', "\r\n")] {
            let problem = is_refused(what, name, text);
            assert!(
                problem.message.contains("merge") || problem.message.contains("conflict"),
                "{problem:?}"
            );
            assert_eq!(problem.line, Some(line as u64), "{what}: {problem:?}");
        }
    }
}

#[test]
fn utf_16_is_named() {
    for (what, name, text) in formats() {
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            [&[0xff, 0xfe][..], &little].concat(),
            [&[0xfe, 0xff][..], &big].concat(),
        ] {
            let problem = is_refused(what, name, bytes);
            assert!(problem.message.contains("UTF-16"), "{problem:?}");
        }
        is_refused(&format!("{what} without a mark"), name, little);
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    for (what, name, text) in formats() {
        let mut bytes = text.into_bytes();
        let middle = bytes.len() / 2;
        bytes[middle] = 0xff;
        let problem = is_refused(what, name, bytes);
        assert!(problem.message.contains("UTF-8"), "{problem:?}");
    }
}

#[test]
fn byte_order_marks_and_windows_line_breaks_are_read() {
    for (what, name, text) in formats() {
        is_read(what, name, format!("\u{feff}{text}"));
        is_read(what, name, text.replace('\n', "\r\n"));
        is_read(
            what,
            name,
            format!("\u{feff}{}", text.replace('\n', "\r\n")),
        );
    }
}

#[test]
fn one_location_twice_is_refused() {
    let twice = npm_lock(&[
        ("axios", npm_record("axios", "1.14.0")),
        ("axios", npm_record("axios", "1.13.0")),
    ]);
    let problem = is_refused("two locations", "package-lock.json", twice);
    assert!(problem.message.contains("twice"), "{problem:?}");
    assert!(problem.line.is_some(), "{problem:?}");
}

/// Readers differ in which of two fields they take, so neither may hide the other.
#[test]
fn a_field_twice_is_refused() {
    let honest = clean_npm_lock();
    for (what, text) in [
        (
            "lockfileVersion",
            honest.replace(
                "\"lockfileVersion\":3",
                "\"lockfileVersion\":3,\"lockfileVersion\":3",
            ),
        ),
        (
            "packages",
            honest.replace("\"packages\":{", "\"packages\":{},\"packages\":{"),
        ),
        (
            "version",
            honest.replace(
                "\"version\":\"1.0.0\",\"resolved\"",
                "\"version\":\"9.9.9\",\"version\":\"1.0.0\",\"resolved\"",
            ),
        ),
    ] {
        assert_ne!(text, honest, "{what}");
        is_refused(what, "package-lock.json", text);
    }
    let cargo = clean_cargo_lock();
    for (what, text) in [
        (
            "version",
            cargo.replace("version = 4\n", "version = 4\nversion = 4\n"),
        ),
        (
            "checksum",
            cargo.replace("checksum = ", "checksum = \"0\"\nchecksum = "),
        ),
        (
            "name",
            cargo.replace("name = \"left\"\n", "name = \"left\"\nname = \"left\"\n"),
        ),
    ] {
        assert_ne!(text, cargo, "{what}");
        let problem = is_refused(what, "Cargo.lock", text);
        assert!(problem.line.is_some(), "{what}: {problem:?}");
    }
    let uv = clean_uv_lock();
    for (what, text) in [
        (
            "version",
            uv.replace("version = 1\n", "version = 1\nversion = 1\n"),
        ),
        (
            "name",
            uv.replace("name = \"left\"\n", "name = \"left\"\nname = \"left\"\n"),
        ),
    ] {
        assert_ne!(text, uv, "{what}");
        let problem = is_refused(what, "uv.lock", text);
        assert!(problem.line.is_some(), "{what}: {problem:?}");
    }
}

/// Version 1 names a package twice in one `dependencies`.
#[test]
fn a_package_twice_in_version_1_is_refused() {
    let (one, other) = (npm_record("left", "1.0.0"), npm_record("left", "2.0.0"));
    let text = format!(
        r#"{{"name":"app","lockfileVersion":1,"dependencies":{{"left":{one},"left":{other}}}}}"#
    );
    let problem = is_refused("two packages", "package-lock.json", text);
    assert!(problem.message.contains("twice"), "{problem:?}");
}

#[test]
fn deep_json_is_refused_or_passed_over() {
    const DEPTH: usize = 100_000;
    let lists = "[".repeat(DEPTH) + &"]".repeat(DEPTH);
    let objects = "{\"a\":".repeat(DEPTH) + "1" + &"}".repeat(DEPTH);
    let unclosed = "[".repeat(DEPTH);
    let honest = clean_npm_lock();
    for deep in [&lists, &objects, &unclosed] {
        for (what, text) in [
            ("alone", deep.clone()),
            (
                "ignored",
                honest.replacen('{', &format!("{{\"x\":{deep},"), 1),
            ),
            (
                "packages",
                format!("{{\"lockfileVersion\":3,\"packages\":{deep}}}"),
            ),
            (
                "a record",
                format!("{{\"lockfileVersion\":3,\"packages\":{{\"node_modules/a\":{deep}}}}}"),
            ),
            (
                "a field",
                format!(
                    "{{\"lockfileVersion\":3,\"packages\":{{\"node_modules/a\":{{\"version\":{deep}}}}}}}"
                ),
            ),
            (
                "dependencies",
                format!(
                    "{{\"lockfileVersion\":3,\"packages\":{{\"node_modules/a\":{{\"dependencies\":{deep}}}}}}}"
                ),
            ),
            (
                "version 1",
                format!("{{\"lockfileVersion\":1,\"dependencies\":{deep}}}"),
            ),
        ] {
            let (_, report) = beside_a_bad_one("package-lock.json", text);
            is_tame(what, &report);
            assert_eq!(report.code(), 1, "{what}");
            assert_eq!(report.json["complete"], false, "{what}");
        }
    }
}

#[test]
fn version_1_nested_ten_thousand_deep_is_refused() {
    let mut text = "{\"lockfileVersion\":1".to_owned();
    for index in 0..10_000 {
        let _ = write!(
            text,
            ",\"dependencies\":{{\"p{index}\":{{\"version\":\"1.0.0\""
        );
    }
    text.push_str(&"}}".repeat(10_000));
    text.push('}');
    let problem = is_refused("nested", "package-lock.json", text);
    assert!(problem.line.is_some(), "{problem:?}");
}

#[test]
fn deep_toml_is_refused() {
    const DEPTH: usize = 100_000;
    let lists = "[".repeat(DEPTH) + &"]".repeat(DEPTH);
    let tables = "{ a = ".repeat(DEPTH) + "1" + &" }".repeat(DEPTH);
    let unclosed = "[".repeat(DEPTH);
    let dotted = "a.".repeat(DEPTH) + "a = 1\n";
    let header = format!("[{}a]\n", "a.".repeat(DEPTH));
    for (name, honest, list) in [
        (
            "Cargo.lock",
            clean_cargo_lock(),
            "dependencies = [\n \"left\",\n]",
        ),
        (
            "uv.lock",
            clean_uv_lock(),
            "dependencies = [\n    { name = \"left\" },\n]",
        ),
    ] {
        for deep in [&lists, &tables, &unclosed] {
            assert!(honest.contains(list), "{honest}");
            for (what, text) in [
                ("ignored", format!("x = {deep}\n{honest}")),
                (
                    "used",
                    honest.replace(list, &format!("dependencies = {deep}")),
                ),
                ("version", format!("version = {deep}\n")),
            ] {
                let what = format!("{name} {what}");
                let (_, report) = beside_a_bad_one(name, text);
                is_tame(&what, &report);
                assert_eq!(report.code(), 1, "{what}");
                assert_eq!(report.json["complete"], false, "{what}");
            }
        }
        for (what, text) in [
            ("dotted key", format!("{dotted}{honest}")),
            ("header", format!("{honest}\n{header}")),
        ] {
            let (_, report) = beside_a_bad_one(name, text);
            is_tame(what, &report);
            assert_eq!(report.code(), 1, "{name} {what}");
        }
    }
}

/// Names that would deceive a reader or leave a folder.
fn hostile_names() -> Vec<String> {
    vec![
        "a\u{1b}[2Jb".to_owned(),
        "a\u{9b}31mb".to_owned(),
        "a\u{202e}b".to_owned(),
        "a\u{200b}b".to_owned(),
        "../../etc/passwd".to_owned(),
        "a\nerror: b".to_owned(),
        "a\r\u{7}\u{8}".to_owned(),
        "n".repeat(10_240),
        "-rf".to_owned(),
        "$(touch x)".to_owned(),
        "a b; c".to_owned(),
        "\u{e0041}tag".to_owned(),
    ]
}

fn json_string(text: &str) -> String {
    let quoted = serde_json::to_string(text).expect("text");
    quoted[1..quoted.len() - 1].to_owned()
}

/// Escapes control characters as TOML wants it.
fn toml_string(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, character| {
        if character.is_control() || character == '"' || character == '\\' {
            let _ = write!(escaped, "\\u{:04X}", u32::from(character));
        } else {
            escaped.push(character);
        }
        escaped
    })
}

#[test]
fn hostile_names_are_refused_and_shown_harmlessly() {
    for name in hostile_names() {
        let digest = sha256(b"x");
        let (json, toml) = (json_string(&name), toml_string(&name));
        let files = [
            (
                "package-lock.json",
                npm_lock(&[(&json, npm_record("left", "1.0.0"))]),
            ),
            (
                "Cargo.lock",
                cargo_lock(&[(&toml, cargo_record(&toml, "1.0.0", &digest))]),
            ),
            ("uv.lock", uv_lock(&[(&toml, uv_record(&toml, "1.0.0"))])),
            (
                "poetry.lock",
                poetry_lock(&[(&toml, poetry_record(&toml, "1.0.0"))]),
            ),
            ("pdm.lock", pdm_lock(&[(&toml, pdm_record(&toml, "1.0.0"))])),
        ];
        for (file, text) in files {
            // npm takes the last part of a location for the name, and has packages that begin with a dash.
            if file == "package-lock.json" && ["../../etc/passwd", "-rf"].contains(&&*name) {
                continue;
            }
            let what: String = format!("{file} {name:?}").chars().take(80).collect();
            let sandbox = Sandbox::with(&[("bad/Cargo.lock", &bad_cargo_lock())]);
            sandbox.write(&format!("hostile/{file}"), text);
            for arguments in [
                &["audit"][..],
                &["audit", "--format", "json"],
                &["graph"],
                &["graph", "--format", "dot"],
                &["graph", "--format", "mermaid"],
                &["graph", "--format", "cyclonedx"],
                &["why", "arrayref"],
            ] {
                let output = sandbox.run(arguments);
                let expected = if arguments[0] == "audit" { 1 } else { 3 };
                assert_eq!(
                    output.code,
                    Some(expected),
                    "{what} {arguments:?}: {}",
                    start(&output.stderr)
                );
                shows_no_control(
                    &what,
                    &output.stdout,
                    arguments.contains(&"json") || arguments == ["graph"],
                );
                shows_no_control(&what, &output.stderr, false);
            }
        }
    }
}

/// JSON escapes what its grammar forbids and leaves other deceptive characters to whoever shows it.
fn shows_no_control(what: &str, text: &str, is_json: bool) {
    let is_hidden = |character: &char| match character {
        '\n' => false,
        _ if is_json => *character < ' ',
        _ => linchpin::text::is_deceptive(*character),
    };
    let hidden = text.chars().find(is_hidden);
    assert_eq!(hidden, None, "{what}: {}", start(text));
}

#[test]
fn hostile_versions_and_addresses_are_shown_harmlessly() {
    for text in hostile_names() {
        let json = json_string(&text);
        let digest = sri(b"x");
        let address = format!("https://evil.example/{json}/-/left-1.0.0.tgz");
        for lockfile in [
            npm_lock(&[(
                "left",
                npm_record_at(&json, "https://evil.example/x.tgz", &digest),
            )]),
            npm_lock(&[("left", npm_record_at("1.0.0", &address, &digest))]),
            npm_lock(&[("left", npm_record_at("1.0.0", &json, &digest))]),
            npm_lock(&[(
                "left",
                npm_record_at("1.0.0", &format!("https://{json}/x.tgz"), &digest),
            )]),
            npm_lock(&[(
                "left",
                npm_record_at("1.0.0", "https://registry.npmjs.org/x.tgz", &json),
            )]),
            npm_lock(&[(
                "left",
                npm_record("left", "1.0.0").replacen(
                    '{',
                    &format!("{{\"deprecated\":\"{json}\","),
                    1,
                ),
            )]),
        ] {
            let what: String = format!("{text:?}").chars().take(80).collect();
            let sandbox = Sandbox::with(&[("package-lock.json", &lockfile)]);
            for arguments in [
                &["audit"][..],
                &["audit", "--format", "json"],
                &["graph"],
                &["graph", "--format", "dot"],
                &["graph", "--format", "mermaid"],
                &["graph", "--format", "cyclonedx"],
                &["why", "left"],
            ] {
                let output = sandbox.run(arguments);
                let code = output.code.expect("not killed");
                assert!(
                    code != 2 && !output.stderr.contains("bug of linchpin"),
                    "{what}: {}",
                    start(&output.stderr)
                );
                let is_json = arguments.contains(&"json") || arguments == ["graph"];
                shows_no_control(&what, &output.stdout, is_json);
                shows_no_control(&what, &output.stderr, false);
            }
        }
    }
}

#[test]
fn secrets_in_addresses_are_not_repeated() {
    let url = "https://user:hunter2@evil.example/left/-/right-1.0.0.tgz?token=hunter3";
    let lockfile = npm_lock(&[("left", npm_record_at("1.0.0", url, &sri(b"x")))]);
    let git = npm_lock(&[(
        "left",
        r#"{"version":"1.0.0","resolved":"git+https://user:hunter2@evil.example/left.git?token=hunter3#main"}"#
            .to_owned(),
    )]);
    for lockfile in [lockfile, git] {
        let sandbox = Sandbox::with(&[("package-lock.json", &lockfile)]);
        for arguments in [
            &["audit", "--format", "json"][..],
            &["graph"],
            &["graph", "--format", "cyclonedx"],
            &["graph", "--format", "cyclonedx", "--vex"],
            &["why", "left"],
        ] {
            let output = sandbox.run(arguments);
            assert!(!output.to_string().contains("hunter"), "{output}");
        }
    }
}

#[test]
fn nine_megabytes_on_one_line_are_read_and_cut_for_people() {
    let filler = "x ".repeat(9 << 19);
    let lockfile = npm_lock(&[
        (
            "filler",
            npm_record("filler", "1.0.0").replacen('{', &format!("{{\"license\":\"{filler}\","), 1),
        ),
        ("axios", npm_record("axios", "1.14.1")),
    ])
    .replace('\n', "");
    let sandbox = Sandbox::with(&[("package-lock.json", &lockfile)]);
    let output = sandbox.audit(&[]);
    assert_eq!(output.code, Some(1), "{}", start(&output.stderr));
    assert!(output.stdout.len() < 10_000, "{}", output.stdout.len());
    assert!(
        output
            .stdout
            .lines()
            .all(|line| line.chars().count() <= 200),
        "{}",
        start(&output.stdout)
    );
    assert!(output.stdout.contains("axios 1.14.1 is malicious"));
    for (what, name, text) in [
        ("JSON", "package-lock.json", format!("{{\"a\":{filler}}}")),
        ("TOML", "Cargo.lock", format!("version = {filler}\n")),
        ("TOML", "uv.lock", format!("version = {filler}\n")),
        ("TOML", "poetry.lock", format!("version = {filler}\n")),
        ("TOML", "pdm.lock", format!("version = {filler}\n")),
    ] {
        is_refused(what, name, text);
    }
}

#[test]
fn other_types_than_expected_are_refused_or_passed_over_without_a_panic() {
    for value in ["null", "true", "0", "-1.5e300", "[]", "[1]", "{}", "\"x\""] {
        for (what, text) in [
            (
                "lockfileVersion",
                format!("{{\"lockfileVersion\":{value},\"packages\":{{}}}}"),
            ),
            (
                "packages",
                format!("{{\"lockfileVersion\":3,\"packages\":{value}}}"),
            ),
            (
                "dependencies",
                format!("{{\"lockfileVersion\":1,\"dependencies\":{value}}}"),
            ),
            (
                "a record",
                format!("{{\"lockfileVersion\":3,\"packages\":{{\"node_modules/a\":{value}}}}}"),
            ),
            (
                "the root",
                format!("{{\"lockfileVersion\":3,\"packages\":{{\"\":{value}}}}}"),
            ),
            (
                "a record of version 1",
                format!("{{\"lockfileVersion\":1,\"dependencies\":{{\"a\":{value}}}}}"),
            ),
            (
                "fields",
                format!(
                    "{{\"name\":{value},\"version\":{value},\"lockfileVersion\":3,\"packages\":{{\"node_modules/a\":{{\"name\":{value},\"version\":{value},\"resolved\":{value},\"integrity\":{value},\"link\":{value},\"dev\":{value},\"optional\":{value},\"inBundle\":{value},\"deprecated\":{value},\"dependencies\":{value},\"peerDependencies\":{value},\"peerDependenciesMeta\":{value},\"workspaces\":{value}}}}}}}"
                ),
            ),
        ] {
            let (_, report) = beside_a_bad_one("package-lock.json", text);
            is_tame(&format!("{what}: {value}"), &report);
            assert_eq!(report.code(), 1, "{what}: {value}");
        }
    }
    for value in ["true", "0", "1.5", "[]", "[1]", "{}", "\"x\"", "2026-11-01"] {
        for field in [
            "version", "package", "metadata", "manifest", "root", "patch",
        ] {
            for name in ["Cargo.lock", "uv.lock", "poetry.lock", "pdm.lock"] {
                let what = format!("{name} {field} = {value}");
                let (_, report) = beside_a_bad_one(name, format!("{field} = {value}\n"));
                is_tame(&what, &report);
                assert_eq!(report.code(), 1, "{what}");
            }
        }
        for field in [
            "name",
            "version",
            "source",
            "checksum",
            "dependencies",
            "replace",
            "wheels",
            "sdist",
            "metadata",
            "files",
            "extras",
            "groups",
            "markers",
            "git",
            "path",
        ] {
            for name in ["Cargo.lock", "uv.lock", "poetry.lock", "pdm.lock"] {
                let what = format!("{name} {field} = {value}");
                // The first keys are for uv, the table is for Poetry and PDM.
                let mut record = String::from(
                    "version = 1\n[metadata]\nlock-version = \"2.1\"\nlock_version = \"4.5\"\n[[package]]\n",
                );
                for (other, given) in [
                    ("name", "\"a\""),
                    ("version", "\"1.0.0\""),
                    (
                        "source",
                        "\"registry+https://github.com/rust-lang/crates.io-index\"",
                    ),
                ] {
                    if other != field {
                        let _ = writeln!(record, "{other} = {given}");
                    }
                }
                let _ = writeln!(record, "{field} = {value}");
                let (_, report) = beside_a_bad_one(name, record);
                is_tame(&what, &report);
                assert_eq!(report.code(), 1, "{what}");
            }
        }
    }
}

/// An entry that is no object is no package that was checked.
#[test]
fn a_record_that_is_no_object_is_refused() {
    for value in ["0", "true", "\"x\""] {
        let text = format!("{{\"lockfileVersion\":3,\"packages\":{{\"node_modules/a\":{value}}}}}");
        is_refused(value, "package-lock.json", text);
    }
}

#[test]
fn versions_from_the_future_are_read_with_a_warning() {
    for (what, name, text) in [
        (
            "npm",
            "package-lock.json",
            clean_npm_lock().replace("\"lockfileVersion\":3", "\"lockfileVersion\":9"),
        ),
        (
            "cargo",
            "Cargo.lock",
            clean_cargo_lock().replace("version = 4", "version = 9"),
        ),
        (
            "uv",
            "uv.lock",
            clean_uv_lock().replace("version = 1\n", "version = 9\n"),
        ),
        (
            "poetry",
            "poetry.lock",
            clean_poetry_lock().replace("\"2.1\"", "\"9.0\""),
        ),
        (
            "pdm",
            "pdm.lock",
            clean_pdm_lock().replace("4.5.0", "9.0.0"),
        ),
    ] {
        let sandbox = Sandbox::with(&[(name, &text)]);
        let output = sandbox.audit(&[]);
        assert_eq!(output.code, Some(3), "{what}: no feed");
        assert!(
            output.stderr.contains(&format!("warning: {name}")),
            "{what}: {output}"
        );
    }
}

#[test]
fn a_folder_with_the_name_of_a_lockfile_is_a_folder() {
    let sandbox = Sandbox::with(&[("bad/Cargo.lock", &bad_cargo_lock())]);
    sandbox.folder("package-lock.json");
    sandbox.write("uv.lock/package-lock.json", clean_npm_lock());
    let report = sandbox.report(&[]);
    assert_eq!(report.code(), 1);
    assert_eq!(report.json["inputs"].as_array().map(Vec::len), Some(2));
}

/// A list is no record, whatever stands in it in whichever order.
#[test]
fn a_record_that_is_a_list_is_refused() {
    for value in ["[1]", r#"["left","1.0.0"]"#] {
        let text = format!("{{\"lockfileVersion\":3,\"packages\":{{\"node_modules/a\":{value}}}}}");
        let problem = is_refused_with_any_finding(value, &text);
        assert_eq!(problem.severity, "error");
    }
}

fn is_refused_with_any_finding(what: &str, text: &str) -> Problem {
    let (_, report) = beside_a_bad_one("package-lock.json", text);
    is_tame(what, &report);
    let found = problems(&report, "hostile/package-lock.json");
    let mut errors = found
        .into_iter()
        .filter(|problem| problem.severity == "error");
    errors
        .next()
        .unwrap_or_else(|| panic!("{what} is a problem: {}", start(&report.output.stdout)))
}

/// npm writes no such location for an installed package; where it would be installed is outside of `node_modules`.
#[test]
fn a_location_that_climbs_out_is_refused() {
    for location in ["../../etc/passwd", "left/../../../x", "..", "."] {
        let text = npm_lock(&[(location, npm_record("left", "1.0.0"))]);
        is_refused_with_any_finding(location, &text);
    }
}
