//! `linchpin graph --format cyclonedx`: what a bill of materials lists, and what it says of what it lacks.

use std::collections::{BTreeMap, BTreeSet};

use insta::assert_snapshot;
use linchpin::text::is_deceptive;

use super::graph;
use crate::support::bom::{Bom, items, properties, published_schema, satisfies, text, texts};
use crate::support::locks::{
    HOSTILE, cargo_lock, cargo_record, clean_npm_lock, clean_uv_lock, npm_lock, npm_record,
    npm_record_at, npm_url, sha256, sha512, sri,
};
use crate::support::sandbox::{NOW, Sandbox};

/// A manifest for [`clean_npm_lock`].
const PACKAGE_JSON: &str =
    r#"{"name":"app","version":"1.0.0","dependencies":{"left":"*","@scope/right":"*"}}"#;

/// A project of npm in which nothing is doubtful.
fn clean() -> Sandbox {
    Sandbox::with(&[
        ("package-lock.json", &clean_npm_lock()),
        ("package.json", PACKAGE_JSON),
    ])
}

/// A project whose texts try to break out: names, versions, addresses, keys.
pub(super) fn hostile() -> Sandbox {
    let text = serde_json::to_string(HOSTILE).expect("a string of JSON");
    let inner = &text[1..text.len() - 1];
    let long = "9".repeat(5_000);
    let digest = sri(b"x");
    let lockfile = npm_lock(&[
        (inner, npm_record("left", "1.0.0")),
        ("left", npm_record_at(inner, inner, &digest)),
        (
            "@a/right",
            npm_record_at(&long, &format!("https://{inner}/{inner}"), &digest),
        ),
        ("axios", npm_record("axios", "1.14.1")),
    ]);
    Sandbox::with(&[
        ("a b&%#{0}'/package-lock.json", &lockfile),
        ("a b&%#{0}'/broken/Cargo.lock", "<![CDATA["),
    ])
}

#[test]
#[expect(clippy::too_many_lines, reason = "a snapshot of a whole document")]
fn a_project_with_one_lockfile_is_the_component_that_is_described() {
    let output = Bom::of(&clean(), &[]).output;
    let version = format!("\"version\": \"{}\"\n        }}", env!("CARGO_PKG_VERSION"));
    let shown = output.to_string();
    let shown = shown.replace(&version, "\"version\": \"[VERSION]\"\n        }");
    assert_snapshot!(shown, @r#"
    exit 0
    --- stdout
    {
      "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
      "bomFormat": "CycloneDX",
      "specVersion": "1.6",
      "version": 1,
      "metadata": {
        "timestamp": "2026-11-01T00:00:00Z",
        "lifecycles": [
          {
            "phase": "pre-build"
          }
        ],
        "tools": {
          "components": [
            {
              "type": "application",
              "name": "linchpin",
              "version": "[VERSION]"
            }
          ]
        },
        "component": {
          "type": "application",
          "bom-ref": "pkg:npm/app@1.0.0?download_url=file:package-lock.json",
          "name": "app",
          "version": "1.0.0",
          "properties": [
            {
              "name": "linchpin:source",
              "value": "path"
            },
            {
              "name": "linchpin:lockfile",
              "value": "package-lock.json"
            },
            {
              "name": "linchpin:format",
              "value": "npm-lock"
            }
          ]
        }
      },
      "components": [
        {
          "type": "library",
          "bom-ref": "pkg:npm/%40scope/right@2.1.0-rc.1",
          "group": "@scope",
          "name": "right",
          "version": "2.1.0-rc.1",
          "scope": "required",
          "hashes": [
            {
              "alg": "SHA-512",
              "content": "b02f35f02981a0e000a1404c93bf1b200a7274cad5aa7ce9aeae63c494ef7c8018034447ba17abdba1e13526d58886575c7b15a435a8fe786b4329a52fb675ff"
            }
          ],
          "purl": "pkg:npm/%40scope/right@2.1.0-rc.1",
          "externalReferences": [
            {
              "url": "https://registry.npmjs.org/@scope/right/-/right-2.1.0-rc.1.tgz",
              "type": "distribution"
            }
          ],
          "properties": [
            {
              "name": "linchpin:scope",
              "value": "prod"
            },
            {
              "name": "linchpin:source",
              "value": "registry"
            },
            {
              "name": "linchpin:lockfile",
              "value": "package-lock.json"
            },
            {
              "name": "linchpin:format",
              "value": "npm-lock"
            }
          ]
        },
        {
          "type": "library",
          "bom-ref": "pkg:npm/left@1.0.0",
          "name": "left",
          "version": "1.0.0",
          "scope": "required",
          "hashes": [
            {
              "alg": "SHA-512",
              "content": "5451c782f1cdff4337bb4a47280d10418870b4997fa82c748a1f74fe9fde2a75504ad83f95ad09595e6d48baccd59a97193e9d31756daadae93f870260e4af1c"
            }
          ],
          "purl": "pkg:npm/left@1.0.0",
          "externalReferences": [
            {
              "url": "https://registry.npmjs.org/left/-/left-1.0.0.tgz",
              "type": "distribution"
            }
          ],
          "properties": [
            {
              "name": "linchpin:scope",
              "value": "prod"
            },
            {
              "name": "linchpin:source",
              "value": "registry"
            },
            {
              "name": "linchpin:lockfile",
              "value": "package-lock.json"
            },
            {
              "name": "linchpin:format",
              "value": "npm-lock"
            }
          ]
        }
      ],
      "dependencies": [
        {
          "ref": "pkg:npm/%40scope/right@2.1.0-rc.1",
          "dependsOn": []
        },
        {
          "ref": "pkg:npm/app@1.0.0?download_url=file:package-lock.json",
          "dependsOn": [
            "pkg:npm/%40scope/right@2.1.0-rc.1",
            "pkg:npm/left@1.0.0"
          ]
        },
        {
          "ref": "pkg:npm/left@1.0.0",
          "dependsOn": []
        }
      ],
      "compositions": [
        {
          "aggregate": "complete",
          "assemblies": [
            "pkg:npm/app@1.0.0?download_url=file:package-lock.json"
          ],
          "dependencies": [
            "pkg:npm/app@1.0.0?download_url=file:package-lock.json"
          ]
        },
        {
          "aggregate": "complete",
          "dependencies": [
            "pkg:npm/%40scope/right@2.1.0-rc.1",
            "pkg:npm/left@1.0.0"
          ]
        }
      ]
    }
    "#);
}

#[test]
fn the_demo_is_one_bill_of_three_projects() {
    let bom = Bom::of(&Sandbox::demo(), &["demo"]);
    assert_eq!(bom.output.code, Some(0), "{}", bom.output.stderr);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for component in bom.components() {
        let kind = text(&component["type"]);
        let scope = component["scope"].as_str().unwrap_or("-");
        *counts.entry(format!("{kind} {scope}")).or_default() += 1;
        let is_hashed = |holder: &serde_json::Value| holder["hashes"].is_array();
        let references = component["externalReferences"].as_array();
        let is_pinned = is_hashed(component) || references.into_iter().flatten().all(is_hashed);
        assert!(is_pinned, "{component}");
    }
    let root = &bom.json["metadata"]["component"];
    let litellm = bom.component("litellm");
    assert_snapshot!(
        format!(
            "{root:#}\n{counts:#?}\n{:#?}\n{:#?}\n{litellm:#}\n{:#?}",
            bom.aggregates(),
            bom.dependencies("linchpin:root"),
            bom.dependencies("pkg:npm/axios@1.14.1")
        ),
        @r#"
        {
          "bom-ref": "linchpin:root",
          "name": ".",
          "type": "application"
        }
        {
            "application -": 3,
            "application required": 2,
            "library excluded": 86,
            "library required": 199,
        }
        [
            "complete",
            "complete",
        ]
        [
            "pkg:cargo/checkout?download_url=file:checkout%2FCargo.lock",
            "pkg:npm/web@2.1.0?download_url=file:web%2Fpackage-lock.json",
            "pkg:pypi/ai-gateway?download_url=file:gateway%2Fuv.lock",
        ]
        {
          "bom-ref": "pkg:pypi/litellm@1.82.8",
          "externalReferences": [
            {
              "hashes": [
                {
                  "alg": "SHA-256",
                  "content": "c8b2857eca1989f9b909613369d6906f23c7a71a4757be4583fb051bf0df9510"
                }
              ],
              "type": "distribution",
              "url": "https://files.pythonhosted.org/packages/8e/17/9601cf388482f06cda127539480c20e570b62ddc53a61ff14f63130f5ad6/litellm-1.82.8-py3-none-any.whl"
            },
            {
              "hashes": [
                {
                  "alg": "SHA-256",
                  "content": "21f7f07891f1dd4d168f3ca7e9b8067127cd4909b4f5d1fc362a39bd7e353261"
                }
              ],
              "type": "distribution",
              "url": "https://files.pythonhosted.org/packages/dd/d7/b2cd11ba1ee76a6ea35d328d76f077afc93a208738848f8c667e0dbd10f7/litellm-1.82.8.tar.gz"
            }
          ],
          "name": "litellm",
          "properties": [
            {
              "name": "linchpin:scope",
              "value": "prod"
            },
            {
              "name": "linchpin:source",
              "value": "registry"
            },
            {
              "name": "linchpin:lockfile",
              "value": "gateway/uv.lock"
            },
            {
              "name": "linchpin:format",
              "value": "uv-lock"
            }
          ],
          "purl": "pkg:pypi/litellm@1.82.8",
          "scope": "required",
          "type": "library",
          "version": "1.82.8"
        }
        [
            "pkg:npm/follow-redirects@1.15.11",
            "pkg:npm/form-data@4.0.5",
            "pkg:npm/plain-crypto-js@4.2.1",
            "pkg:npm/proxy-from-env@2.1.0",
        ]
        "#
    );
}

#[test]
fn every_reference_names_one_part_of_the_bill() {
    for bom in [
        Bom::of(&Sandbox::demo(), &["demo", "--vex"]),
        Bom::of(&hostile(), &["--vex"]),
        Bom::of(&Sandbox::new(), &[]),
    ] {
        let components = bom.components().iter();
        let named = components.chain([&bom.json["metadata"]["component"]]);
        let named: Vec<&str> = named.map(|component| text(&component["bom-ref"])).collect();
        let all: BTreeSet<&str> = named.iter().copied().collect();
        assert_eq!(all.len(), named.len(), "unique");
        let dependencies = items(&bom.json["dependencies"]);
        let dependents: Vec<&str> = dependencies.iter().map(|own| text(&own["ref"])).collect();
        assert!(dependents.is_sorted());
        assert_eq!(dependents.len(), all.len());
        for dependency in dependencies {
            let targets = texts(&dependency["dependsOn"]);
            assert!(
                targets.is_sorted_by(|one, other| one < other),
                "sorted, once"
            );
            assert!(targets.iter().all(|target| all.contains(target)));
        }
        let mut judged: Vec<&str> = Vec::new();
        for composition in items(&bom.json["compositions"]) {
            judged.extend(
                composition["dependencies"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(text),
            );
        }
        judged.sort_unstable();
        assert_eq!(
            judged, dependents,
            "each is said to be complete or not, once"
        );
    }
}

#[test]
fn a_package_of_two_lockfiles_is_one_component_with_its_widest_scope() {
    let dev = npm_lock(&[("left", npm_record("left", "1.0.0"))]);
    let dev = dev.replace("\"dependencies\"", "\"devDependencies\"");
    let files = [
        ("a/package-lock.json", dev.as_str()),
        ("b/package-lock.json", &clean_npm_lock()),
    ];
    let both = Bom::of(&Sandbox::with(&files), &[]);
    let left = both.component("left");
    assert_eq!(left["scope"], "required");
    assert_eq!(properties(left, "linchpin:scope"), ["prod"]);
    assert_eq!(
        properties(left, "linchpin:lockfile"),
        ["a/package-lock.json", "b/package-lock.json"]
    );
    assert_eq!(properties(left, "linchpin:format"), ["npm-lock"]);
    assert_eq!(both.dependencies("linchpin:root").len(), 2);
    let one = Bom::of(&Sandbox::with(&files[..1]), &[]);
    assert_eq!(one.component("left")["scope"], "excluded");
    assert_eq!(properties(one.component("left"), "linchpin:scope"), ["dev"]);
}

#[test]
fn what_can_be_left_out_is_optional() {
    let lockfile = npm_lock(&[("left", npm_record("left", "1.0.0"))]);
    let lockfile = lockfile.replace("\"dependencies\"", "\"optionalDependencies\"");
    let bom = Bom::of(&Sandbox::with(&[("package-lock.json", &lockfile)]), &[]);
    assert_eq!(bom.component("left")["scope"], "optional");
}

#[test]
fn one_url_of_two_sources_is_two_components() {
    let git = |secret: &str| {
        let url = format!("git+https://{secret}@git.example/left.git");
        npm_lock(&[(
            "left",
            format!(
                r#"{{"version":"1.0.0","resolved":"{url}#{}"}}"#,
                "0".repeat(40)
            ),
        )])
    };
    let bom = Bom::of(
        &Sandbox::with(&[
            ("a/package-lock.json", &git("one:hunter2")),
            ("b/package-lock.json", &git("two:hunter3")),
        ]),
        &[],
    );
    let left = bom.components().iter();
    let left: Vec<_> = left
        .filter(|component| component["name"] == "left")
        .collect();
    let purl = text(&left[0]["purl"]);
    assert_eq!(left[1]["purl"], purl);
    let refs: Vec<&str> = left.iter().map(|left| text(&left["bom-ref"])).collect();
    assert_eq!(refs, [format!("{purl}#1"), format!("{purl}#2")]);
    assert_eq!(
        left[0]["externalReferences"],
        serde_json::json!([{ "url": format!("git+https://git.example/left.git#{}", "0".repeat(40)), "type": "vcs" }])
    );
    assert_eq!(properties(left[0], "linchpin:commit"), ["0".repeat(40)]);
    assert!(!bom.output.to_string().contains("hunter"), "{}", bom.output);
}

#[test]
fn digests_belong_to_the_files_that_they_are_of() {
    let wheel = clean_uv_lock().replace(
        "wheels = [\n",
        &format!(
            "wheels = [\n    {{ url = \"https://user:hunter2@mirror.example/left-1.0.0-cp312.whl?hunter3\", hash = \"sha256:{}\", size = 9 }},\n",
            sha256(b"other")
        ),
    );
    let bom = Bom::of(&Sandbox::with(&[("uv.lock", &wheel)]), &[]);
    let left = bom.component("left");
    assert!(left["hashes"].is_null(), "{left}");
    let file = |url: &str, bytes: &[u8]| serde_json::json!({ "url": url, "type": "distribution", "hashes": [{ "alg": "SHA-256", "content": sha256(bytes) }] });
    assert_eq!(
        left["externalReferences"],
        serde_json::json!([
            file(
                "https://files.pythonhosted.org/packages/left-1.0.0-py3-none-any.whl",
                b"left"
            ),
            file("https://mirror.example/left-1.0.0-cp312.whl", b"other"),
        ])
    );
    let one = Bom::of(&Sandbox::with(&[("uv.lock", &clean_uv_lock())]), &[]);
    let left = one.component("left");
    assert_eq!(left["hashes"][0]["content"], sha256(b"left"));
    assert!(left["externalReferences"][0]["hashes"].is_null(), "{left}");
}

#[test]
fn digests_of_npm_are_written_in_hexadecimal_digits() {
    let bom = Bom::of(&clean(), &[]);
    let hashes = serde_json::json!([{ "alg": "SHA-512", "content": sha512(b"left") }]);
    assert_eq!(bom.component("left")["hashes"], hashes);
    let right = bom.component("right");
    assert_eq!(
        (text(&right["group"]), text(&right["purl"])),
        ("@scope", "pkg:npm/%40scope/right@2.1.0-rc.1")
    );
}

#[test]
fn lockfiles_that_pin_other_bytes_leave_no_digest_of_the_package() {
    let lock =
        |bytes: &[u8]| cargo_lock(&[("left", cargo_record("left", "1.0.0", &sha256(bytes)))]);
    let bom = Bom::of(
        &Sandbox::with(&[
            ("a/Cargo.lock", &lock(b"one")),
            ("b/Cargo.lock", &lock(b"two")),
        ]),
        &[],
    );
    let left = bom.component("left");
    assert!(left["hashes"].is_null(), "{left}");
    let digests = properties(left, "linchpin:digest");
    assert_eq!(digests.len(), 2, "{left}");
    assert!(digests.iter().all(|digest| digest.starts_with("sha256-")));
}

#[test]
fn only_what_was_read_without_a_doubt_is_complete() {
    assert_eq!(
        Bom::of(&clean(), &[]).aggregates(),
        ["complete", "complete"]
    );
    // Without a manifest some things are taken on trust, which a note says.
    let doubtful = Bom::of(&graph::project(), &[]);
    assert_eq!(doubtful.aggregates(), ["unknown", "unknown"]);
    let notes = properties(&doubtful.json["metadata"], "linchpin:problem");
    assert!(
        notes[0].starts_with("note: app/Cargo.lock: no Cargo.toml"),
        "{notes:?}"
    );
    let nothing = Bom::of(&Sandbox::new(), &[]);
    assert_eq!(
        (nothing.output.code, nothing.aggregates()),
        (Some(4), vec!["unknown"])
    );
}

#[test]
fn what_was_not_read_leaves_the_whole_incomplete_and_the_rest_as_it_is() {
    let broken = clean();
    broken.write("bad/uv.lock", "[[package");
    let bom = Bom::of(&broken, &[]);
    assert_eq!(bom.output.code, Some(3));
    assert_eq!(bom.aggregates(), ["incomplete", "complete"]);
    let problems = properties(&bom.json["metadata"], "linchpin:problem");
    assert!(
        problems[0].starts_with("error: bad/uv.lock:1:"),
        "{problems:?}"
    );
    let open = clean();
    open.write("tool/package.json", PACKAGE_JSON);
    let bom = Bom::of(&open, &[]);
    assert_eq!(bom.aggregates(), ["incomplete", "complete"]);
    let unlocked = properties(&bom.json["metadata"], "linchpin:unlocked-manifest");
    assert_eq!(unlocked, ["tool/package.json"]);
    let ignored = clean();
    ignored.write(".gitignore", "old/\nuv.lock\n");
    ignored.write("uv.lock", clean_uv_lock());
    assert_eq!(Bom::of(&ignored, &[]).aggregates(), ["unknown", "complete"]);
}

#[test]
fn the_clock_is_that_of_the_run_and_nothing_is_drawn_by_lot() {
    let bom = Bom::of(&clean(), &[]);
    assert_eq!(bom.json["metadata"]["timestamp"], NOW);
    assert!(bom.json["serialNumber"].is_null());
}

#[test]
fn hostile_texts_stay_inside_their_strings() {
    let bom = Bom::of(&hostile(), &["--vex"]);
    let is_plain = |character: char| character == '\n' || !is_deceptive(character);
    assert!(bom.output.stdout.chars().all(is_plain), "{}", bom.output);
    assert_eq!(bom.component("left")["version"], HOSTILE);
    let right = bom.component("right");
    assert!(right["version"].is_null(), "longer than the format takes");
    assert_eq!(properties(right, "linchpin:version"), ["9".repeat(5_000)]);
}

#[test]
fn bills_satisfy_the_published_schema() {
    let Some(schema) = published_schema() else {
        return;
    };
    for (sandbox, arguments) in [
        (Sandbox::demo(), &["demo"][..]),
        (Sandbox::demo(), &["demo", "--vex"]),
        (hostile(), &[]),
        (hostile(), &["--vex"]),
        (graph::project(), &[]),
        (Sandbox::new(), &[]),
        (Sandbox::new(), &["--vex"]),
    ] {
        satisfies(&schema, &Bom::of(&sandbox, arguments));
    }
}

#[test]
fn the_published_schema_can_be_failed() {
    let Some(schema) = published_schema() else {
        return;
    };
    let mut bom = Bom::of(&clean(), &[]);
    assert!(schema.is_valid(&bom.json));
    bom.json["components"][0]["externalReferences"][0]["url"] = "a b".into();
    assert!(
        !schema.is_valid(&bom.json),
        "the form of addresses is checked"
    );
    bom.json["components"][0]["externalReferences"][0]["url"] = npm_url("a", "1").into();
    bom.json["components"][0]["licenses"] = serde_json::json!([{ "license": { "id": "no such" } }]);
    assert!(
        !schema.is_valid(&bom.json),
        "so are the parts that stand in other files"
    );
}
