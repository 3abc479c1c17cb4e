//! Every parser is fed thousands of damaged files: it may refuse them, it may not panic or hang.
//! `tests/fuzz/run` goes on from there for as long as it is let.

use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::support::locks::{
    clean_cargo_lock, clean_npm_lock, clean_uv_lock, npm_lock, npm_record, npm_record_at,
};

/// What the fuzz targets do, which are programs of their own.
#[allow(unreachable_pub, reason = "it is the library of the fuzz targets")]
#[path = "../../fuzz/src/lib.rs"]
mod fuzz;

/// A damaged file of a few kilobytes takes milliseconds; a minute is for a loaded machine.
const BOUND: Duration = Duration::from_mins(1);

const CASES: u32 = 400;

/// A change of a file's bytes; places and lengths are shares of the file in 65,536ths.
#[derive(Clone, Debug)]
enum Change {
    Delete { at: u16, length: u8 },
    Repeat { at: u16, length: u8, times: u8 },
    Flip { at: u16, bits: u8 },
    Insert { at: u16, text: &'static str },
    Swap { one: u16, other: u16, length: u8 },
}

/// Bytes that mean something to a parser.
const TOKENS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "[[",
    "\"",
    "'",
    ",",
    ":",
    "=",
    ".",
    "#",
    "\\",
    "\\u0000",
    "\\ud800",
    "\n",
    "\r",
    "\0",
    "null",
    "true",
    "-1",
    "1e999",
    "node_modules/",
    "/node_modules/",
    "../",
    "npm:x@1",
    "file:",
    "git+ssh://",
    "@",
    "%",
    "%4",
    "/-/",
    ".tgz",
    "é",
    "\u{1F600}",
    "\u{feff}",
    "[[package]]\n",
    "name = ",
    "version = ",
    "source = ",
    "\"link\":true,",
    "\"inBundle\":true,",
];

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<u16>(), any::<u8>()).prop_map(|(at, length)| Change::Delete { at, length }),
        (any::<u16>(), any::<u8>(), 1..8_u8).prop_map(|(at, length, times)| Change::Repeat {
            at,
            length,
            times
        }),
        (any::<u16>(), any::<u8>()).prop_map(|(at, bits)| Change::Flip { at, bits }),
        (any::<u16>(), prop::sample::select(TOKENS))
            .prop_map(|(at, text)| Change::Insert { at, text }),
        (any::<u16>(), any::<u16>(), any::<u8>()).prop_map(|(one, other, length)| Change::Swap {
            one,
            other,
            length
        }),
    ]
}

fn place(at: u16, bytes: &[u8]) -> usize {
    bytes.len() * usize::from(at) / 65_536
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let range = |at, length, bytes: &[u8]| {
            let start = place(at, bytes);
            start..(start + usize::from(length)).min(bytes.len())
        };
        match *self {
            Self::Delete { at, length } => drop(bytes.drain(range(at, length, bytes))),
            Self::Repeat { at, length, times } => {
                let range = range(at, length, bytes);
                let copies = bytes[range.clone()].repeat(usize::from(times));
                bytes.splice(range.end..range.end, copies);
            }
            Self::Flip { at, bits } => {
                let at = place(at, bytes);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= bits;
                }
            }
            Self::Insert { at, text } => {
                let at = place(at, bytes);
                bytes.splice(at..at, text.bytes());
            }
            Self::Swap { one, other, length } => {
                let (one, other) = (range(one, length, bytes), range(other, length, bytes));
                let copy = bytes[one].to_vec();
                bytes.splice(other, copy);
            }
        }
    }
}

/// Damages a good file in many ways and reads what comes out.
fn survives(name: &str, format: &str, good: &str) {
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(config, random);
    let outcome = runner.run(&vec(change(), 1..6), |changes| {
        let mut bytes = good.as_bytes().to_vec();
        for change in &changes {
            change.apply(&mut bytes);
        }
        let started = Instant::now();
        fuzz::read(name, format, &bytes);
        prop_assert!(started.elapsed() < BOUND, "took {:?}", started.elapsed());
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

fn npm_everything() -> String {
    npm_lock(&[
        ("left", npm_record("left", "1.0.0")),
        ("@s/right", npm_record("@s/right", "2.0.0")),
        ("alias", npm_record("left", "1.0.0").replacen('{', "{\"name\":\"left\",", 1)),
        ("git", npm_record_at("1.0.0", "git+ssh://git@example.org/git.git#main", "sha1-x")),
        ("left/node_modules/deep", r#"{"version":"1.0.0","inBundle":true,"peerDependencies":{"left":"*"},"peerDependenciesMeta":{"left":{"optional":true}}}"#.to_owned()),
        ("own", r#"{"resolved":"packages/own","link":true}"#.to_owned()),
    ])
    .replace(
        "\n}\n}",
        ",\n\"packages/own\":{\"name\":\"own\",\"version\":\"1.0.0\",\"devDependencies\":{\"left\":\"^1\"},\"optionalDependencies\":{\"gone\":\"1\"}}\n}\n}",
    )
}

#[test]
fn cargo_lock() {
    survives("Cargo.lock", "cargo-lock", &clean_cargo_lock());
    let git = "\n[[package]]\nname = \"git\"\nversion = \"0.1.0\"\nsource = \"git+https://example.org/git?branch=main#0123456789abcdef0123456789abcdef01234567\"\ndependencies = [\n \"left 1.0.0\",\n \"app 1.0.0 (path+file:///x)\",\n]\n\n[[patch.unused]]\nname = \"unused\"\nversion = \"1.0.0\"\n\n[metadata]\n\"checksum left 1.0.0 (registry+https://github.com/rust-lang/crates.io-index)\" = \"00\"\n";
    survives("Cargo.lock", "cargo-lock", &(clean_cargo_lock() + git));
}

#[test]
fn package_lock_of_version_1() {
    let text = r#"{"name":"app","version":"1.0.0","lockfileVersion":1,"requires":true,"dependencies":{
"left":{"version":"1.0.0","resolved":"https://registry.npmjs.org/left/-/left-1.0.0.tgz","integrity":"sha1-qUiQTy8PR5uPgZdpSzAYSw0u0cM=","requires":{"right":"^1","gone":"1"},
"dependencies":{"right":{"version":"npm:@s/other@1.0.0","bundled":true}}},
"file":{"version":"file:packages/own","dependencies":{"x":{"version":"https://example.org/-/x-1.0.0.tgz","optional":true}}},
"git":{"version":"github:o/r#0123456","from":"o/r","dev":true}}}
"#;
    survives("package-lock.json", "npm-lock", text);
}

#[test]
fn package_lock_of_version_2() {
    let text = clean_npm_lock().replace(
        "\"lockfileVersion\":3",
        "\"lockfileVersion\":2,\"dependencies\":{\"left\":{\"version\":\"1.0.0\"}}",
    );
    survives("package-lock.json", "npm-lock", &text);
}

#[test]
fn package_lock_of_version_3() {
    survives("package-lock.json", "npm-lock", &npm_everything());
}

#[test]
fn uv_lock() {
    survives("uv.lock", "uv-lock", &clean_uv_lock());
    let more = "\n[package.optional-dependencies]\nfast = [\n    { name = \"left\", extra = [\"x\"], marker = \"extra == 'extra-3-app-cpu'\" },\n]\n\n[package.dev-dependencies]\ndev = [{ name = \"left\", version = \"1.0.0\", source = { registry = \"https://pypi.org/simple\" } }]\n\n[package.metadata]\nrequires-dist = [{ name = \"left\", specifier = \">=1\" }]\n\n[[package]]\nname = \"git\"\nversion = \"0.1\"\nsource = { git = \"https://example.org/git?rev=main#0123\" }\n";
    survives("uv.lock", "uv-lock", &(clean_uv_lock() + more));
}
