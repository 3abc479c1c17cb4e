use super::*;

fn kinds(source: &str) -> Vec<SightKind> {
    let seen = of(source, &Script::read(source)).into_iter();
    seen.map(|seen| seen.kind).collect()
}

/// Base64 of some length.
fn payload(length: usize) -> String {
    "aGVsbG8gd29ybGQ0".chars().cycle().take(length).collect()
}

#[test]
fn connections_are_seen() {
    for source in [
        "var h = require('https')",
        "require('node:dns/promises')",
        "import axios from 'axios'",
        "import('undici')",
        "fetch('x')",
        "globalThis.fetch(u)",
        "new WebSocket(u)",
        "require('\\x68ttp')",
        "require('ht' + 'tp')",
    ] {
        assert_eq!(kinds(source), [SightKind::Network], "{source}");
    }
}

#[test]
fn programs_are_seen() {
    for source in [
        "require('child_process').exec(c)",
        "import { execa } from 'execa'",
        "var m = 'child_' + 'process'; require(m)",
        "process.binding('spawn_sync')",
    ] {
        assert_eq!(kinds(source), [SightKind::Process], "{source}");
    }
}

#[test]
fn encoded_payloads_are_seen() {
    let literal = format!("var a = '{}'", payload(PAYLOAD));
    let hex = format!("var a = '{}'", "0123456789abcdef".repeat(13));
    let names = "var _0x1a2b = _0x3c; ".repeat(5);
    let escapes = format!("var a = '{}'", "\\x41".repeat(ESCAPES));
    for source in [literal, hex, names, escapes] {
        assert_eq!(kinds(&source), [SightKind::Encoded], "{source}");
    }
    assert_eq!(
        kinds("eval(Buffer.from(a, 'base64').toString())"),
        [SightKind::DynamicCode, SightKind::Encoded]
    );
}

#[test]
fn what_is_not_quite_encoded_is_none() {
    for source in [
        format!("var a = '{}'", payload(PAYLOAD - 1)),
        format!("console.log('{}')", "=".repeat(300)),
        format!("console.log('{}')", "some words ".repeat(30)),
        "var _0x1 = 1; ".repeat(9),
        "Buffer.from(a, 'base64')".to_owned(),
    ] {
        assert_eq!(kinds(&source), [], "{source}");
    }
}

#[test]
fn long_lines_are_minified() {
    let line = |length: usize| format!("a{}", "+a".repeat(length / 2));
    assert_eq!(kinds(&line(2100)), [SightKind::Minified]);
    assert_eq!(kinds(&line(1900)), []);
    assert_eq!(
        kinds(&format!("{}\n", line(1000)).repeat(3)),
        [SightKind::Minified]
    );
    let short = "a = b;\n".repeat(400);
    assert_eq!(kinds(&format!("{}\n{short}", line(1000))), []);
}

#[test]
fn code_out_of_text_is_seen() {
    for source in [
        "eval(a)",
        "(0, eval)(a)",
        "new Function('a', b)",
        "require('vm')",
        "vm.runInNewContext(a)",
    ] {
        assert_eq!(kinds(source), [SightKind::DynamicCode], "{source}");
    }
}

#[test]
fn credentials_are_seen() {
    for source in [
        "process.env.NPM_TOKEN",
        "process.env['AWS_SECRET_ACCESS_KEY']",
        "env.GITHUB_TOKEN",
        "fs.readFileSync(home + '/.npmrc')",
        "path.join(home, '.ssh', 'id_rsa')",
        "JSON.stringify(process.env)",
    ] {
        assert_eq!(kinds(source), [SightKind::Credentials], "{source}");
    }
    assert_eq!(kinds("JSON.stringify(process.env.CI)"), []);
}

#[test]
fn places_that_start_programs_are_seen() {
    assert_eq!(
        kinds("fs.appendFileSync(home + '/.bashrc', a)"),
        [SightKind::Persistence]
    );
}

#[test]
fn comments_and_other_words_are_not_seen() {
    for source in [
        "// require('https') eval(a)",
        "/* fetch(a) child_process */",
        "console.log('see https://a.example; eval() and fetch() are fine')",
        "a.fetch(b)",
        "function fetch(a) {}",
        "var evaluate = require('./http')",
        "process.env.CI",
    ] {
        assert_eq!(kinds(source), [], "{source}");
    }
}

#[test]
fn each_kind_is_told_once_at_its_first_place() {
    let source = "a;\nrequire('net'); require('http');\neval(a)";
    let seen = of(source, &Script::read(source));
    assert_eq!(
        seen,
        [
            Seen {
                kind: SightKind::Network,
                at: 3
            },
            Seen {
                kind: SightKind::DynamicCode,
                at: 36
            }
        ]
    );
}
