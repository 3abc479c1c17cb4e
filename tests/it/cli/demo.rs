//! The demo, in full: the text and the JSON of one case.

use insta::assert_snapshot;

use crate::support::sandbox::Sandbox;

#[test]
fn the_text_names_each_package_its_path_and_its_fix() {
    let output = Sandbox::demo().audit(&["demo"]);
    assert_snapshot!(output, @r#"
    exit 1
    --- stdout
    linchpin [VERSION]  advisory feeds: none; built-in list of 110 malicious releases
    read 3 lockfiles: cargo 92 · npm 117 · pypi 78 = 287 packages, 28 direct
    as of 2026-11-01T00:00:00Z: what became known later does not exist, records say what they say today

    critical[malicious-package]: axios 1.14.1 is malicious
        ┌─ web/package-lock.json:616:5
     616│    "node_modules/axios": {
        │    ^^^^^^^^^^^^^^^^^^^^ known to be malicious
        = path   web 2.1.0 ─▶ axios 1.14.1
        = why    Pulled in the new dependency plain-crypto-js, whose install script fetched a
        =        remote-access trojan.
        = reach  1 of 3 projects · prod · direct
        = fix    npm install --save-exact axios@1.14.0
        =        in web: back to 1.14.0, the last good release
        = ids    MAL-2026-2307 = GHSA-fw8c-xr5c-95f9

    critical[malicious-package]: plain-crypto-js 4.2.1 is malicious
        ┌─ web/package-lock.json:1335:5
    1335│    "node_modules/plain-crypto-js": {
        │    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ known to be malicious
        = path   web 2.1.0 ─▶ axios 1.14.1 ─▶ plain-crypto-js 4.2.1
        = why    Made for the axios attack: its postinstall script fetched a remote-access trojan for
        =        the machine's operating system.
        = reach  1 of 3 projects · prod · 2 deep · 1 package rests on it
        = fix    leaves with axios 1.14.1, the only package that asks for it
        = ids    MAL-2026-2306 = GHSA-2x9r-6wxq-hrr7

    critical[malicious-package]: litellm 1.82.8 is malicious
        ┌─ gateway/uv.lock:905:1
     905│name = "litellm"
        │^^^^^^^^^^^^^^^^ known to be malicious
        = path   ai-gateway 0.4.0 ─▶ dspy 3.1.3 ─▶ litellm 1.82.8
        = why    Collected SSH keys, cloud tokens and wallets and sent them away; 1.82.8 did so at every
        =        start of Python.
        = reach  1 of 3 projects · prod · 2 deep · 1 package rests on it
        = fix    in pyproject.toml: [tool.uv] override-dependencies = ["litellm==1.82.6"], then uv lock
        =        (1.82.6 is the last good release)
        = ids    PYSEC-2026-2 = MAL-2026-2144

    checked 287 packages:
      all          malicious-package
      285 of 287   hash-missing, weak-hash, foreign-host, insecure-url, unpinned-source (not: 2
                   first-party)
      194 of 287   source-mismatch (not: 2 first-party, 91 in a lockfile that cannot say)
      117 of 287   deprecated (not: 2 first-party, 168 in a lockfile that cannot say)
      0 of 287     hash-mismatch (not: 2 first-party, 285 without a local copy)
      0 of 287     known-vulnerability, unsound, unmaintained (not: 2 first-party, 285 without an
                   advisory feed)
      0 of 287     yanked, quarantined, suspicious-release, too-new, removed-from-registry,
                   maintainer-change, typosquat (not: 2 first-party, 285 without a stored history)
      0 of 287     dependency-confusion (not: 2 first-party, 285 without names of your own to compare
                   with)
    not complete: no advisory feed for crates.io, npm, PyPI: only the built-in list was checked
                  (linchpin db update fetches one; `require = []` under [gate] does without)
    3 findings: 3 critical. 1 update clears 1.
    exit 1: 3 findings at or above fail-on = "high", and the run is not complete
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a snapshot of a whole document")]
fn the_json_holds_the_same_and_more() {
    let output = Sandbox::demo().audit(&["demo", "--format", "json"]);
    assert_snapshot!(output, @r#"
    exit 1
    --- stdout
    {
      "schema": "linchpin/report/1",
      "tool": {
        "name": "linchpin",
        "version": "[VERSION]"
      },
      "as_of": "2026-11-01T00:00:00Z",
      "inputs": [
        {
          "path": "checkout/Cargo.lock",
          "format": "cargo-lock",
          "ecosystem": "cargo",
          "entries": 92,
          "packages": 92,
          "sha256": "f667c34833dc52c46b2decf4ffe64dfd4ab308f115bb399e667388b50b836a91",
          "unjudged": [],
          "problems": []
        },
        {
          "path": "gateway/uv.lock",
          "format": "uv-lock",
          "ecosystem": "pypi",
          "entries": 78,
          "packages": 78,
          "sha256": "cd44d1cae4e3a483824e5e330b1c95b0063b2853e85361263ce607ce393cca87",
          "unjudged": [],
          "problems": []
        },
        {
          "path": "web/package-lock.json",
          "format": "npm-lock",
          "ecosystem": "npm",
          "entries": 117,
          "packages": 117,
          "sha256": "3deb61cc26f8c9be4989bdb6b4338118becc63782f7489a52ce5f1c95a211c30",
          "unjudged": [],
          "problems": []
        }
      ],
      "problems": [],
      "skipped": [],
      "advisories": [
        {
          "feed": "built-in",
          "ecosystem": "cargo",
          "records": 11,
          "known_until": "2026-08-20",
          "source": null,
          "checked": "2026-11-01T00:00:00Z",
          "state": "fresh"
        },
        {
          "feed": "built-in",
          "ecosystem": "npm",
          "records": 81,
          "known_until": "2026-05-14",
          "source": null,
          "checked": "2026-11-01T00:00:00Z",
          "state": "fresh"
        },
        {
          "feed": "built-in",
          "ecosystem": "pypi",
          "records": 18,
          "known_until": "2026-05-19",
          "source": null,
          "checked": "2026-11-01T00:00:00Z",
          "state": "fresh"
        },
        {
          "feed": "osv",
          "ecosystem": "cargo",
          "records": 0,
          "known_until": null,
          "source": "http://127.0.0.1:9/",
          "checked": null,
          "state": "missing"
        },
        {
          "feed": "osv",
          "ecosystem": "npm",
          "records": 0,
          "known_until": null,
          "source": "http://127.0.0.1:9/",
          "checked": null,
          "state": "missing"
        },
        {
          "feed": "osv",
          "ecosystem": "pypi",
          "records": 0,
          "known_until": null,
          "source": "http://127.0.0.1:9/",
          "checked": null,
          "state": "missing"
        }
      ],
      "histories": {
        "told": 0,
        "stored": 0,
        "oldest": null,
        "lacking": [
          {
            "ecosystem": "cargo",
            "name": "atomic-waker",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "axum",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "axum-core",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "bitflags",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "bumpalo",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "bytes",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "cc",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "cfg-if",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "errno",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "fallible-iterator",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "fallible-streaming-iterator",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "find-msvc-tools",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "foldhash",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "form_urlencoded",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "futures-core",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "futures-task",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "futures-util",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "getrandom",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "hashbrown",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "hashlink",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "http",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "http-body",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "http-body-util",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "httparse",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "httpdate",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "hyper",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "hyper-util",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "itoa",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "js-sys",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "lazy_static",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "libc",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "libsqlite3-sys",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "log",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "matchit",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "memchr",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "mime",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "mio",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "nu-ansi-term",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "once_cell",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "percent-encoding",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "pin-project-lite",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "pkg-config",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "proc-macro2",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "quote",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "r-efi",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "rsqlite-vfs",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "rusqlite",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "rustversion",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "ryu",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "serde",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "serde_core",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "serde_derive",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "serde_json",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "serde_path_to_error",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "serde_urlencoded",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "sharded-slab",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "shlex",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "signal-hook-registry",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "slab",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "smallvec",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "socket2",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "sqlite-wasm-rs",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "syn",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "sync_wrapper",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "thiserror",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "thiserror-impl",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "thread_local",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "tokio",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "tokio-macros",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "tower",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "tower-http",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "tower-layer",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "tower-service",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "tracing",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "tracing-attributes",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "tracing-core",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "tracing-log",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "tracing-subscriber",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "unicode-ident",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "uuid",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "valuable",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "vcpkg",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "wasi",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "wasm-bindgen",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "wasm-bindgen-macro",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "wasm-bindgen-macro-support",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "wasm-bindgen-shared",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "windows-link",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "windows-sys",
            "reason": "not-stored"
          },
          {
            "ecosystem": "cargo",
            "name": "zmij",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@emnapi/core",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@emnapi/runtime",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@emnapi/wasi-threads",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@jridgewell/sourcemap-codec",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@napi-rs/wasm-runtime",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@oxc-project/types",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@rolldown/binding-android-arm64",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@rolldown/binding-darwin-arm64",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@rolldown/binding-darwin-x64",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@rolldown/binding-freebsd-x64",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@rolldown/binding-linux-arm-gnueabihf",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@rolldown/binding-linux-arm64-gnu",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@rolldown/binding-linux-arm64-musl",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@rolldown/binding-linux-ppc64-gnu",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@rolldown/binding-linux-s390x-gnu",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@rolldown/binding-linux-x64-gnu",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@rolldown/binding-linux-x64-musl",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@rolldown/binding-openharmony-arm64",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@rolldown/binding-wasm32-wasi",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@rolldown/binding-win32-arm64-msvc",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@rolldown/binding-win32-x64-msvc",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@rolldown/pluginutils",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@standard-schema/spec",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@tybys/wasm-util",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@types/chai",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@types/deep-eql",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@types/estree",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@types/react",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@types/react-dom",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@vitejs/plugin-react",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@vitest/expect",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@vitest/mocker",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@vitest/pretty-format",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@vitest/runner",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@vitest/snapshot",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@vitest/spy",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "@vitest/utils",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "assertion-error",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "async-function",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "async-generator-function",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "asynckit",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "axios",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "call-bind-apply-helpers",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "chai",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "combined-stream",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "convert-source-map",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "csstype",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "delayed-stream",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "detect-libc",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "dunder-proto",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "es-define-property",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "es-errors",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "es-module-lexer",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "es-object-atoms",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "es-set-tostringtag",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "estree-walker",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "expect-type",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "fdir",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "follow-redirects",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "form-data",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "fsevents",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "function-bind",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "generator-function",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "get-intrinsic",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "get-proto",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "gopd",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "has-symbols",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "has-tostringtag",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "hasown",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "lightningcss",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "lightningcss-android-arm64",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "lightningcss-darwin-arm64",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "lightningcss-darwin-x64",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "lightningcss-freebsd-x64",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "lightningcss-linux-arm-gnueabihf",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "lightningcss-linux-arm64-gnu",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "lightningcss-linux-arm64-musl",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "lightningcss-linux-x64-gnu",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "lightningcss-linux-x64-musl",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "lightningcss-win32-arm64-msvc",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "lightningcss-win32-x64-msvc",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "magic-string",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "math-intrinsics",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "mime-db",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "mime-types",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "mitt",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "nanoid",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "obug",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "pathe",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "picocolors",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "picomatch",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "plain-crypto-js",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "postcss",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "prettier",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "proxy-from-env",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "react",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "react-dom",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "regexparam",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "rolldown",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "scheduler",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "siginfo",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "source-map-js",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "stackback",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "std-env",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "tinybench",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "tinyexec",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "tinyglobby",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "tinyrainbow",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "tslib",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "typescript",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "use-sync-external-store",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "vite",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "vitest",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "why-is-node-running",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "wouter",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "zod",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "aiohappyeyeballs",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "aiohttp",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "aiosignal",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "alembic",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "annotated-doc",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "annotated-types",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "anyio",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "asyncer",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "attrs",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "cachetools",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "certifi",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "charset-normalizer",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "click",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "cloudpickle",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "colorama",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "colorlog",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "diskcache",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "distro",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "dspy",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "fastuuid",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "filelock",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "frozenlist",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "fsspec",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "gepa",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "greenlet",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "h11",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "hf-xet",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "httpcore",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "httpx",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "huggingface-hub",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "idna",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "importlib-metadata",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "iniconfig",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "jinja2",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "jiter",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "json-repair",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "jsonschema",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "jsonschema-specifications",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "litellm",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "mako",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "markdown-it-py",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "markupsafe",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "mdurl",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "multidict",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "numpy",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "openai",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "optuna",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "orjson",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "packaging",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "pluggy",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "propcache",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "pydantic",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "pydantic-core",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "pygments",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "pytest",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "python-dotenv",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "pyyaml",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "referencing",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "regex",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "requests",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "rich",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "rpds-py",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "ruff",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "shellingham",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "sniffio",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "sqlalchemy",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "tenacity",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "tiktoken",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "tokenizers",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "tqdm",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "typer",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "typing-extensions",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "typing-inspection",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "urllib3",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "xxhash",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "yarl",
            "reason": "not-stored"
          },
          {
            "ecosystem": "pypi",
            "name": "zipp",
            "reason": "not-stored"
          }
        ]
      },
      "coverage": {
        "packages": 287,
        "checks": [
          {
            "check": "hash-mismatch",
            "checked": 0,
            "skipped": [
              {
                "reason": "first-party",
                "packages": 2
              },
              {
                "reason": "no-local-copy",
                "packages": 285
              }
            ]
          },
          {
            "check": "source-mismatch",
            "checked": 194,
            "skipped": [
              {
                "reason": "first-party",
                "packages": 2
              },
              {
                "reason": "not-in-format",
                "packages": 91
              }
            ]
          },
          {
            "check": "hash-missing",
            "checked": 285,
            "skipped": [
              {
                "reason": "first-party",
                "packages": 2
              }
            ]
          },
          {
            "check": "weak-hash",
            "checked": 285,
            "skipped": [
              {
                "reason": "first-party",
                "packages": 2
              }
            ]
          },
          {
            "check": "foreign-host",
            "checked": 285,
            "skipped": [
              {
                "reason": "first-party",
                "packages": 2
              }
            ]
          },
          {
            "check": "insecure-url",
            "checked": 285,
            "skipped": [
              {
                "reason": "first-party",
                "packages": 2
              }
            ]
          },
          {
            "check": "unpinned-source",
            "checked": 285,
            "skipped": [
              {
                "reason": "first-party",
                "packages": 2
              }
            ]
          },
          {
            "check": "malicious-package",
            "checked": 287,
            "skipped": []
          },
          {
            "check": "known-vulnerability",
            "checked": 0,
            "skipped": [
              {
                "reason": "first-party",
                "packages": 2
              },
              {
                "reason": "no-feed",
                "packages": 285
              }
            ]
          },
          {
            "check": "unsound",
            "checked": 0,
            "skipped": [
              {
                "reason": "first-party",
                "packages": 2
              },
              {
                "reason": "no-feed",
                "packages": 285
              }
            ]
          },
          {
            "check": "unmaintained",
            "checked": 0,
            "skipped": [
              {
                "reason": "first-party",
                "packages": 2
              },
              {
                "reason": "no-feed",
                "packages": 285
              }
            ]
          },
          {
            "check": "yanked",
            "checked": 0,
            "skipped": [
              {
                "reason": "first-party",
                "packages": 2
              },
              {
                "reason": "not-stored",
                "packages": 285
              }
            ]
          },
          {
            "check": "deprecated",
            "checked": 117,
            "skipped": [
              {
                "reason": "first-party",
                "packages": 2
              },
              {
                "reason": "not-in-format",
                "packages": 168
              }
            ]
          },
          {
            "check": "quarantined",
            "checked": 0,
            "skipped": [
              {
                "reason": "first-party",
                "packages": 2
              },
              {
                "reason": "not-stored",
                "packages": 285
              }
            ]
          },
          {
            "check": "suspicious-release",
            "checked": 0,
            "skipped": [
              {
                "reason": "first-party",
                "packages": 2
              },
              {
                "reason": "not-stored",
                "packages": 285
              }
            ]
          },
          {
            "check": "too-new",
            "checked": 0,
            "skipped": [
              {
                "reason": "first-party",
                "packages": 2
              },
              {
                "reason": "not-stored",
                "packages": 285
              }
            ]
          },
          {
            "check": "removed-from-registry",
            "checked": 0,
            "skipped": [
              {
                "reason": "first-party",
                "packages": 2
              },
              {
                "reason": "not-stored",
                "packages": 285
              }
            ]
          },
          {
            "check": "maintainer-change",
            "checked": 0,
            "skipped": [
              {
                "reason": "first-party",
                "packages": 2
              },
              {
                "reason": "not-stored",
                "packages": 285
              }
            ]
          },
          {
            "check": "typosquat",
            "checked": 0,
            "skipped": [
              {
                "reason": "first-party",
                "packages": 2
              },
              {
                "reason": "not-stored",
                "packages": 285
              }
            ]
          },
          {
            "check": "dependency-confusion",
            "checked": 0,
            "skipped": [
              {
                "reason": "first-party",
                "packages": 2
              },
              {
                "reason": "no-own-names",
                "packages": 285
              }
            ]
          }
        ],
        "switched_off": []
      },
      "complete": false,
      "incomplete_because": [
        "no advisory feed for crates.io, npm, PyPI: only the built-in list was checked (linchpin db update fetches one; `require = []` under [gate] does without)"
      ],
      "findings": [
        {
          "fingerprint": "a7ab2808ad6f0551d0df42d8182beac9",
          "rule": "malicious-package",
          "axis": "compromise",
          "severity": "critical",
          "score": null,
          "package": "pkg:npm/axios@1.14.1",
          "title": "axios 1.14.1 is malicious",
          "message": "Pulled in the new dependency plain-crypto-js, whose install script fetched a remote-access trojan.",
          "advisories": [
            {
              "id": "MAL-2026-2307",
              "aliases": [
                "GHSA-fw8c-xr5c-95f9"
              ],
              "severity": "critical",
              "kev": null,
              "epss": null,
              "severity_stated": false,
              "fixed": [
                "1.14.0"
              ],
              "published": "2026-03-31"
            }
          ],
          "occurrences": [
            {
              "project": "web",
              "lockfile": "web/package-lock.json",
              "scope": "prod",
              "locations": [
                {
                  "path": "web/package-lock.json",
                  "line": 616,
                  "column": 5
                }
              ],
              "path": [
                "pkg:npm/web@2.1.0?download_url=file:web%2Fpackage-lock.json",
                "pkg:npm/axios@1.14.1"
              ],
              "paths": 1,
              "choke_point": null,
              "blast_radius": {
                "projects": 1,
                "members": 1,
                "direct": 1,
                "packages": 0
              }
            }
          ],
          "evidence": [],
          "fix": {
            "action": "update",
            "argv": [
              "npm",
              "install",
              "--save-exact",
              "axios@1.14.0"
            ],
            "command": "npm install --save-exact axios@1.14.0",
            "directory": "web",
            "advice": "back to 1.14.0, the last good release",
            "until": null,
            "clears_paths": 1
          },
          "state": "present",
          "gates": true,
          "acceptance": null,
          "baseline": null,
          "worse_because": []
        },
        {
          "fingerprint": "03c1aa9e96eb73751728bc9ca9a60d6a",
          "rule": "malicious-package",
          "axis": "compromise",
          "severity": "critical",
          "score": null,
          "package": "pkg:npm/plain-crypto-js@4.2.1",
          "title": "plain-crypto-js 4.2.1 is malicious",
          "message": "Made for the axios attack: its postinstall script fetched a remote-access trojan for the machine's operating system.",
          "advisories": [
            {
              "id": "MAL-2026-2306",
              "aliases": [
                "GHSA-2x9r-6wxq-hrr7"
              ],
              "severity": "critical",
              "kev": null,
              "epss": null,
              "severity_stated": false,
              "fixed": [],
              "published": "2026-03-31"
            }
          ],
          "occurrences": [
            {
              "project": "web",
              "lockfile": "web/package-lock.json",
              "scope": "prod",
              "locations": [
                {
                  "path": "web/package-lock.json",
                  "line": 1335,
                  "column": 5
                }
              ],
              "path": [
                "pkg:npm/web@2.1.0?download_url=file:web%2Fpackage-lock.json",
                "pkg:npm/axios@1.14.1",
                "pkg:npm/plain-crypto-js@4.2.1"
              ],
              "paths": 1,
              "choke_point": "pkg:npm/axios@1.14.1",
              "blast_radius": {
                "projects": 1,
                "members": 1,
                "direct": 1,
                "packages": 1
              }
            }
          ],
          "evidence": [],
          "fix": {
            "action": "remove",
            "argv": [],
            "command": null,
            "directory": null,
            "advice": "leaves with axios 1.14.1, the only package that asks for it",
            "until": null,
            "clears_paths": null
          },
          "state": "present",
          "gates": true,
          "acceptance": null,
          "baseline": null,
          "worse_because": []
        },
        {
          "fingerprint": "b79aed5c9254456459b41d700bb05960",
          "rule": "malicious-package",
          "axis": "compromise",
          "severity": "critical",
          "score": null,
          "package": "pkg:pypi/litellm@1.82.8",
          "title": "litellm 1.82.8 is malicious",
          "message": "Collected SSH keys, cloud tokens and wallets and sent them away; 1.82.8 did so at every start of Python.",
          "advisories": [
            {
              "id": "PYSEC-2026-2",
              "aliases": [
                "MAL-2026-2144"
              ],
              "severity": "critical",
              "kev": null,
              "epss": null,
              "severity_stated": false,
              "fixed": [
                "1.82.6"
              ],
              "published": "2026-03-24"
            }
          ],
          "occurrences": [
            {
              "project": "gateway",
              "lockfile": "gateway/uv.lock",
              "scope": "prod",
              "locations": [
                {
                  "path": "gateway/uv.lock",
                  "line": 905,
                  "column": 1
                }
              ],
              "path": [
                "pkg:pypi/ai-gateway@0.4.0?download_url=file:gateway",
                "pkg:pypi/dspy@3.1.3",
                "pkg:pypi/litellm@1.82.8"
              ],
              "paths": 1,
              "choke_point": "pkg:pypi/dspy@3.1.3",
              "blast_radius": {
                "projects": 1,
                "members": 1,
                "direct": 1,
                "packages": 1
              }
            }
          ],
          "evidence": [],
          "fix": {
            "action": "override",
            "argv": [],
            "command": null,
            "directory": null,
            "advice": "in pyproject.toml: [tool.uv] override-dependencies = [\"litellm==1.82.6\"], then uv lock (1.82.6 is the last good release)",
            "until": null,
            "clears_paths": null
          },
          "state": "present",
          "gates": true,
          "acceptance": null,
          "baseline": null,
          "worse_because": []
        }
      ],
      "change": null,
      "gone": [],
      "accepted": [],
      "unused_accepts": [],
      "baseline": null,
      "summary": {
        "critical": 3,
        "high": 0,
        "medium": 0,
        "low": 0,
        "none": 0
      },
      "kept": 0,
      "verdict": "fail",
      "exit_code": 1
    }
    "#);
}

#[test]
fn before_the_incidents_nothing_is_known() {
    let output = Sandbox::demo().run(&["audit", "demo", "--as-of", "2026-03-01T00:00:00Z"]);
    assert_snapshot!(output, @"
    exit 3
    --- stdout
    linchpin [VERSION]  advisory feeds: none; built-in list of 110 malicious releases
    read 3 lockfiles: cargo 92 · npm 117 · pypi 78 = 287 packages, 28 direct
    as of 2026-03-01T00:00:00Z: what became known later does not exist, records say what they say today

    checked 287 packages:
      all          malicious-package
      285 of 287   hash-missing, weak-hash, foreign-host, insecure-url, unpinned-source (not: 2
                   first-party)
      194 of 287   source-mismatch (not: 2 first-party, 91 in a lockfile that cannot say)
      117 of 287   deprecated (not: 2 first-party, 168 in a lockfile that cannot say)
      0 of 287     hash-mismatch (not: 2 first-party, 285 without a local copy)
      0 of 287     known-vulnerability, unsound, unmaintained (not: 2 first-party, 285 without an
                   advisory feed)
      0 of 287     yanked, quarantined, suspicious-release, too-new, removed-from-registry,
                   maintainer-change, typosquat (not: 2 first-party, 285 without a stored history)
      0 of 287     dependency-confusion (not: 2 first-party, 285 without names of your own to compare
                   with)
    not complete: no advisory feed for crates.io, npm, PyPI: only the built-in list was checked
                  (linchpin db update fetches one; `require = []` under [gate] does without)
    no risky paths among 287 packages.
    exit 3: could not complete; what was not checked is not reported as clean
    linchpin db update
    ");
}
