//! Every parser is fed thousands of damaged files: it may refuse them, it may not panic or hang.
//! `tests/fuzz/run` goes on from there for as long as it is let.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use linchpin::lockfile::{LOCKFILE_FORMATS, detect, format_of_path};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::support::locks::{
    bun_lock, bun_tuple, clean_bun_lock, clean_cargo_lock, clean_deno_lock, clean_npm_lock,
    clean_pdm_lock, clean_pipfile_lock, clean_pnpm_lock, clean_poetry_lock, clean_pylock_toml,
    clean_uv_lock, clean_yarn_berry_lock, clean_yarn_v1_lock, clean_yarn_zpm_lock, npm_lock,
    npm_record, npm_record_at,
};
use crate::support::{files_below, source};

/// What the fuzz targets do, which are programs of their own.
#[allow(unreachable_pub, reason = "it is the library of the fuzz targets")]
#[path = "../../fuzz/src/lib.rs"]
mod fuzz;

/// A damaged file of a few kilobytes takes milliseconds; a minute is for a loaded machine.
const BOUND: Duration = Duration::from_mins(1);

const CASES: u32 = 400;

/// They are many and large.
const CASES_OF_FIXTURES: u32 = 40;

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
    ":\n  ",
    "@patch:x@npm%3A1#",
    "::locator=",
    "workspace:",
    "-r ",
    "--hash=",
    "# via ",
    "==",
    "${",
    "(",
    ")",
    "link:",
    "- ",
    "? ",
    "&a ",
    "*a",
    "---\n",
    "    ",
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
    survives_times(CASES, name, format, good);
}

fn survives_times(cases: u32, name: &str, format: &str, good: &str) {
    let config = Config {
        cases,
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
    outcome.unwrap_or_else(|error| panic!("{name} of {format}: {error}"));
}

#[test]
fn what_the_real_tools_wrote() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/lockfiles");
    let mut damaged = BTreeSet::new();
    for (path, text) in files_below(&root) {
        let file = source(&path, &text);
        if format_of_path(file.path()).is_none() {
            continue;
        }
        let format = detect(&file).expect("a format of the name").id().0;
        survives_times(CASES_OF_FIXTURES, &path, format, &text);
        damaged.insert(format);
    }
    // None of the package managers at hand writes the lockfile of Yarn 6 yet, nor needs another Cargo.lock than ours.
    let without = ["cargo-lock", "yarn-zpm"];
    let formats = LOCKFILE_FORMATS.iter().map(|format| format.id().0);
    let expected: BTreeSet<_> = formats.filter(|id| !without.contains(id)).collect();
    assert_eq!(damaged, expected);
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
fn bun_lock_of_version_1() {
    survives("bun.lock", "bun-lock", &clean_bun_lock());
    let git = "[\"git@github:o/r#0123456\", { \"dependencies\": { \"left\": \"^1\" }, \"optionalPeers\": [\"x\"], \"bundled\": true }, \"o-r-0123456\"]";
    let text = bun_lock(&[
        ("left", bun_tuple("left", "1.0.0")),
        ("git", git.to_owned()),
        ("git/@s/right", bun_tuple("@s/right", "2.0.0")),
        ("alias", bun_tuple("@s/right", "1.0.0")),
        ("own", "[\"own@workspace:packages/own\"]".to_owned()),
        ("app", "[\"app@root:\", { \"bin\": \"x.js\" }]".to_owned()),
    ]);
    let members = "    \"packages/own\": { /* one */ \"name\": \"own\", \"devDependencies\": { \"left\": \"catalog:\", }, },\n  },\n  \"catalog\": { \"left\": \"^1\" },\n  \"packages\": {";
    survives(
        "bun.lock",
        "bun-lock",
        &text.replace("  },\n  \"packages\": {", members),
    );
}

#[test]
fn deno_lock() {
    survives("deno.lock", "deno-lock", &clean_deno_lock());
    let text = r#"{"version":"5","specifiers":{"jsr:@s/x@1":"1.0.0","npm:left@1":"1.0.0_right@2.0.0","npm:right":"2.0.0"},
"jsr":{"@s/x@1.0.0":{"integrity":"00","dependencies":["npm:right","jsr:@s/y"]}},
"npm":{"left@1.0.0_right@2.0.0":{"integrity":"sha512-x","dependencies":["right@2.0.0","alias@npm:@s/real@1.0.0"],"optionalPeers":["right@2.0.0"],"tarball":"https://npm.example.org/left/-/left-1.0.0.tgz"},
"right@2.0.0":{"optionalDependencies":["gone"]},"@s/real@1.0.0":{"deprecated":true}},
"remote":{"https://a.example/x":"00"},
"workspace":{"dependencies":["npm:left@1"],"members":{"m":{"packageJson":{"dependencies":["npm:right"]}}},"links":{"npm:@s/real@1.0.0":{}}}}"#;
    survives("deno.lock", "deno-lock", text);
    let text = r#"{"version":"2","remote":{},"npm":{"specifiers":{"left@1":"left@1.0.0"},"packages":{"left@1.0.0":{"integrity":"sha512-x","dependencies":{"right":"right@2.0.0"}},"right@2.0.0":{"integrity":"","dependencies":{}}}}}"#;
    survives("deno.lock", "deno-lock", text);
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
fn pnpm_lock() {
    survives("pnpm-lock.yaml", "pnpm-lock", &clean_pnpm_lock());
    let five = "lockfileVersion: 5.4\nspecifiers:\n  left: ^1\ndependencies:\n  left: 1.0.0_right@1.0.0\n  git: github.com/o/r/0123\ndevDependencies:\n  alias: /@s/right/1.0.0\npackages:\n  /left/1.0.0_right@1.0.0:\n    resolution: {integrity: sha1-x}\n    dependencies:\n      right: link:../right\n  /@s/right/1.0.0: {resolution: {tarball: 'https://h.example/-/x.tgz'}}\n  github.com/o/r/0123:\n    name: git\n";
    survives("pnpm-lock.yaml", "pnpm-lock", five);
    let two = "---\nlockfileVersion: '9.0'\nimporters:\n  .:\n    packageManagerDependencies:\n      pnpm: {specifier: 1.0.0, version: 1.0.0}\n  packages/a:\n    dependencies:\n      own: {specifier: 'catalog:', version: link:../..}\npackages:\n  pnpm@1.0.0: {resolution: {type: git, repo: x, commit: y}, peerDependencies: {b: '*'}}\n  b@work:1.0.0: {resolution: {type: directory, directory: ..}}\nsnapshots:\n  pnpm@1.0.0(patch_hash=x)(b@1(c@2)):\n    optionalDependencies: {b: work:1.0.0}\n---\n";
    survives(
        "pnpm-lock.yaml",
        "pnpm-lock",
        &(two.to_owned() + &clean_pnpm_lock()),
    );
}

#[test]
fn uv_lock() {
    survives("uv.lock", "uv-lock", &clean_uv_lock());
    let more = "\n[package.optional-dependencies]\nfast = [\n    { name = \"left\", extra = [\"x\"], marker = \"extra == 'extra-3-app-cpu'\" },\n]\n\n[package.dev-dependencies]\ndev = [{ name = \"left\", version = \"1.0.0\", source = { registry = \"https://pypi.org/simple\" } }]\n\n[package.metadata]\nrequires-dist = [{ name = \"left\", specifier = \">=1\" }]\n\n[[package]]\nname = \"git\"\nversion = \"0.1\"\nsource = { git = \"https://example.org/git?rev=main#0123\" }\n";
    survives("uv.lock", "uv-lock", &(clean_uv_lock() + more));
}

#[test]
fn yarn_lock_of_version_1() {
    let more = "\"cjs@npm:left@^1\", \"@s/x@>= 1 || 2\":\n  \"version\" \"2.0.0\"\n  resolved \"https://codeload.github.com/o/r/tar.gz/0a2d2506c1fe299691fc5db53a2097db3bd615bc\"\n  dependencies:\n    left \"^1.0.0\"\n  optionalDependencies:\n    \"@s/x\" \">= 1 || 2\"\n\n\"own@file:./own\":\n  version \"0.0.0\"\n";
    survives("yarn.lock", "yarn-v1", &(clean_yarn_v1_lock() + more));
}

#[test]
fn yarn_lock_of_version_2_and_later() {
    let more = "\"x@patch:x@npm%3A^1#optional!builtin<compat/x>\":\n  version: 1.0.0\n  resolution: \"x@patch:x@npm%3A1.0.0#optional!builtin<compat/x>::version=1.0.0&hash=1\"\n  dependenciesMeta:\n    left:\n      optional: true\n\n\"lib@link:./lib::locator=app%40workspace%3A.\":\n  version: 0.0.0-use.local\n  resolution: \"lib@link:./lib::locator=app%40workspace%3A.\"\n\n\"git@o/git\":\n  version: 1.0.0\n  resolution: \"git@https://github.com/o/git.git#commit=0123\"\n";
    survives("yarn.lock", "yarn-berry", &(clean_yarn_berry_lock() + more));
}

#[test]
fn yarn_lock_of_version_6() {
    survives("yarn.lock", "yarn-zpm", &clean_yarn_zpm_lock());
}

#[test]
fn poetry_lock() {
    survives("poetry.lock", "poetry-lock", &clean_poetry_lock());
    let more = r#"[[package]]
name = "right"
version = "1.0"
optional = true
category = "dev"
python-versions = "^3.8 || ~2.7"
markers = {main = "python_version < \"3.9\"", dev = "os_name == 'nt'"}

[package.dependencies]
left = [{version = "^1.0 || >=2,<3", markers = "(python_version < '3.9' or extra == 'x') and os_name == 'nt'"}, "1.*"]
right = {version = "~1", extras = ["y"], optional = true}

[package.extras]
x = ["left (>=1)", "right[y]"]

[package.source]
type = "git"
url = "https://example.org/right.git"
resolved_reference = "0123"

[[package]]
name = "right"
version = "2.0"

[metadata.files]
right = [{file = "right-2.0.tar.gz", hash = "sha256:00"}, {file = "odd", hash = "md5:00"}]

[metadata.hashes]
left = ["00"]

"#;
    let text = clean_poetry_lock();
    let (packages, metadata) = text.split_once("[metadata]").expect("metadata");
    let files = more.split_once("[metadata.files]").expect("files");
    let text = format!(
        "{packages}{}[metadata]{metadata}[metadata.files]{}",
        files.0, files.1
    );
    survives("poetry.lock", "poetry-lock", &text);
}

#[test]
fn pdm_lock() {
    survives("pdm.lock", "pdm-lock", &clean_pdm_lock());
    let more = r#"
[[package]]
name = "right"
version = "1.0"
extras = ["x", "Y"]
groups = ["dev"]
marker = "python_version < \"3.9\" and sys_platform == 'linux'"
requires_python = ">=3.8,!=3.9.*"
dependencies = [
    "right==1.0",
    "Left[z]>=1,<2; python_version < '3.9'",
    "-e file:///${PROJECT_ROOT}/sub#egg=left",
    "left @ git+https://example.org/left@main",
]

[[package]]
name = "right"
version = "1.0"
git = "https://example.org/right.git"
revision = "0123"

[[package]]
name = "own"
path = "./own"
editable = true

[package.dependencies]
left = {version = ">1", marker = "os_name == 'nt'"}
"#;
    survives("pdm.lock", "pdm-lock", &(clean_pdm_lock() + more));
}

#[test]
fn pipfile_lock() {
    survives("Pipfile.lock", "pipfile-lock", &clean_pipfile_lock());
    let more = r#""develop":{"git":{"git":"git+ssh://git@h/r","ref":"main","editable":true},"own":{"path":".","editable":true},"wheel":{"file":"https://h/w-1-py3-none-any.whl"},"left":{"version":"==1.0.0","index":"gone","markers":"os_name == 'nt'"}},"docs":null}"#;
    let text = clean_pipfile_lock().replace("\"develop\":{}}", more);
    survives("Pipfile.lock", "pipfile-lock", &text);
}

#[test]
fn pylock_toml() {
    survives("pylock.toml", "pylock-toml", &clean_pylock_toml());
    let more = "\n[[packages]]\nname = \"app\"\ndirectory = { path = \".\" }\ndependencies = [{ name = \"left\", version = \"1.0.0\" }]\n\n[[packages]]\nname = \"git\"\nmarker = \"('x' in extras or 'dev' in dependency_groups) and os_name != 'nt'\"\nvcs = { type = \"git\", url = \"https://h/r\", commit-id = \"01\" }\n\n[[packages]]\nname = \"archive\"\narchive = { path = \"a-1.zip\", hashes = { sha256 = \"00\" } }\n";
    survives("pylock.toml", "pylock-toml", &(clean_pylock_toml() + more));
}

#[test]
fn requirements_txt() {
    let text = "# uv pip compile pyproject.toml -o requirements.txt\n-i https://pypi.org/simple\n-c constraints.txt\n-r base.txt\nleft==1.0.0 ; os_name == 'nt' \\\n    --hash=sha256:00 \\\n    # via\n    #   -r a.in\n    #   right\nright[x]>=1 # via left\n-e git+https://h/r@main#egg=git\nhttps://h/w-1-py3-none-any.whl\n./folder[dev]\n{% if x %}\ny==${VERSION}\n";
    survives("requirements.txt", "requirements-txt", text);
}
