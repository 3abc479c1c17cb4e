//! Names, versions and addresses that no registry would accept, and lines without end.

use super::*;

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
