//! `--cargo-metadata`: cargo is run only when it is asked for, what it says labels the graph, what fails is told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;

use crate::support::files_below;
use crate::support::sandbox::{NOW, Output, Sandbox};
use crate::support::shared::say_skipped;

const LINUX: &str = "x86_64-unknown-linux-gnu";

/// The crates that stand in for crates.io, with what their manifests add to name and version.
const CRATES: [(&str, &str); 11] = [
    (
        "plain",
        "[features]\nextra = [\"dep:spare\"]\n[dependencies]\ninner = \"1\"\nspare = { version = \"1\", optional = true }\n\
         [target.'cfg(windows)'.dependencies]\nwindow-sys = \"1\"\n[build-dependencies]\nmaker = \"1\"\n",
    ),
    (
        "glitter",
        "[dependencies]\ninner = \"1\"\nsparkle = \"1\"\n",
    ),
    ("maker", "[dependencies]\ngear = \"1\"\n"),
    ("tester", "[dependencies]\ninner = \"1.0\"\n"),
    ("window", "[dependencies]\nwindow-sys = \"1\"\n"),
    ("gear", ""),
    ("inner", ""),
    ("spare", ""),
    ("sparkle", ""),
    ("turbo", ""),
    ("window-sys", ""),
];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/cargo-metadata")
        .join(name)
}

/// A sandbox that holds the made-up workspace.
fn workspace() -> Sandbox {
    let sandbox = Sandbox::new();
    for (path, text) in files_below(&fixture("workspace")) {
        sandbox.write(&path, text.replace("\r\n", "\n"));
    }
    sandbox
}

/// Lets a script stand in for cargo. It says in `asked` of the home how it was called, and where.
#[cfg(unix)]
fn with_cargo(sandbox: Sandbox, script: &str) -> Sandbox {
    use std::os::unix::fs::PermissionsExt;

    let text = format!("#!/bin/sh\necho \"$PWD: $*\" >>\"$HOME/asked\"\n{script}\n");
    sandbox.write_home("bin/cargo", text);
    let program = sandbox.home("bin/cargo");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("our own file");
    let path = sandbox.home("bin").to_str().expect("plain text").to_owned();
    sandbox.variable("PATH", &path)
}

/// Lets a recorded answer be that of cargo, told about a folder.
#[cfg(unix)]
fn with_answer(sandbox: Sandbox, file: &str, folder: &Path) -> Sandbox {
    let answer = fs::read_to_string(fixture(file)).expect("a recorded answer");
    let folder = fs::canonicalize(folder).expect("a folder");
    sandbox.write_home(
        "answer",
        answer.replace("/made-up", folder.to_str().expect("text")),
    );
    with_cargo(sandbox, "exec /bin/cat \"$HOME/answer\"")
}

/// Returns how the script was called, a line for each call.
fn asked(sandbox: &Sandbox) -> Vec<String> {
    let asked = fs::read_to_string(sandbox.home("asked")).unwrap_or_default();
    let tree = fs::canonicalize(sandbox.place("")).expect("the tree");
    let tree = tree.to_str().expect("plain text");
    asked
        .lines()
        .map(|line| line.replace(tree, "[DIR]"))
        .collect()
}

/// Maps each edge between packages, `from to` by name, to its kind and marker.
fn edges(output: &Output) -> BTreeMap<String, String> {
    let graph: Value = serde_json::from_str(&output.stdout)
        .unwrap_or_else(|error| panic!("no graph: {error}\n{output}"));
    let names: BTreeMap<u64, String> = graph["packages"]
        .as_array()
        .expect("packages")
        .iter()
        .flat_map(|package| {
            let purl = package["purl"].as_str().expect("a purl");
            let name = purl
                .trim_start_matches("pkg:cargo/")
                .split(['@', '?'])
                .next();
            let name = name.expect("a name").to_owned();
            let entries = package["entries"].as_array().expect("entries").clone();
            entries
                .into_iter()
                .map(move |entry| (entry.as_u64().expect("an id"), name.clone()))
        })
        .collect();
    let name = |edge: &Value, end: &str| names[&edge[end].as_u64().expect("an id")].clone();
    let edges = graph["edges"].as_array().expect("edges").iter();
    edges
        .map(|edge| {
            let marker = edge["marker"].as_str().unwrap_or_default();
            let kind = edge["kind"].as_str().expect("a kind");
            let ends = format!("{} {}", name(edge, "from"), name(edge, "to"));
            (ends, format!("{kind} {marker}").trim_end().to_owned())
        })
        .collect()
}

#[cfg(unix)]
#[test]
fn cargo_is_run_only_when_it_is_asked_for() {
    let sandbox = with_cargo(workspace(), "exit 1");
    let commands: [&[&str]; 4] = [
        &["audit", "--offline", "--as-of", NOW],
        &["graph"],
        &["why", "inner"],
        &["baseline", "--offline", "--owner", "@us", "--as-of", NOW],
    ];
    for command in commands {
        sandbox.run(command);
    }
    assert_eq!(asked(&sandbox), [""; 0]);
    for command in commands {
        sandbox.run(&[command, &["--cargo-metadata"]].concat());
    }
    let call =
        "[DIR]: metadata --format-version 1 --manifest-path [DIR]/Cargo.toml --locked --offline";
    assert_eq!(asked(&sandbox), [call; 4]);
}

#[cfg(unix)]
#[test]
fn cargo_is_run_beside_each_cargo_lock_and_beside_no_other_lockfile() {
    let sandbox = with_cargo(workspace(), "exit 1");
    let lock = fs::read_to_string(sandbox.place("Cargo.lock")).expect("our own file");
    sandbox.write("nested/Cargo.lock", &lock);
    sandbox.write("nested/Cargo.toml", "[workspace]\n");
    sandbox.write("lonely/Cargo.lock", &lock);
    sandbox.write("old.lock", &lock);
    sandbox.write(
        "web/package-lock.json",
        r#"{"lockfileVersion":3,"packages":{"":{}}}"#,
    );
    let output = sandbox.run(&["graph", "--cargo-metadata", ".", "old.lock"]);
    let calls = asked(&sandbox);
    let folders = calls.iter().map(|call| call.split(": ").next());
    let mut folders: Vec<_> = folders.collect();
    folders.sort_unstable();
    assert_eq!(folders, [Some("[DIR]"), Some("[DIR]/nested")]);
    assert!(
        output.stderr.contains(
            "old.lock: labelled without cargo: cargo reads no other file than Cargo.lock"
        )
    );
    assert!(
        output
            .stderr
            .contains("lonely/Cargo.lock: labelled without cargo: no Cargo.toml"),
        "{output}"
    );
}

#[cfg(unix)]
#[test]
fn a_configuration_file_cannot_ask_for_it() {
    let sandbox = with_cargo(workspace(), "exit 1");
    for setting in [
        "[cargo]\nmetadata = true",
        "[inputs]\ncargo-metadata = true",
    ] {
        sandbox.write("linchpin.toml", format!("schema = 1\n{setting}\n"));
        assert_eq!(sandbox.audit(&["--offline"]).code, Some(2), "{setting}");
    }
    assert_eq!(asked(&sandbox), [""; 0]);
}

#[cfg(unix)]
#[test]
fn what_cargo_says_labels_the_graph_and_the_report_says_so() {
    let sandbox = workspace();
    let place = sandbox.place("");
    let sandbox = with_answer(sandbox, "linux.json", &place);
    let options = ["--cargo-metadata", "--cargo-target", LINUX];
    let output = sandbox.run(&[&["graph"], &options[..]].concat());
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
    let with = edges(&output);
    let without = edges(&sandbox.run(&["graph"]));
    assert_eq!(
        with.keys().collect::<Vec<_>>(),
        without.keys().collect::<Vec<_>>()
    );
    assert_eq!(without["plain window-sys"], "normal");
    let never = format!("optional cfg(windows): never built for {LINUX}");
    assert_eq!(with["plain window-sys"], never);
    assert_eq!(with["plain maker"], "build");
    assert!(asked(&sandbox)[0].ends_with(&format!("--filter-platform {LINUX}")));
    let report = sandbox.audit(&[&["--offline"], &options[..]].concat());
    let note = format!("cargo was asked what dependencies are for, with {LINUX}");
    assert!(report.stdout.contains(&note), "{report}");
    assert!(
        !sandbox
            .audit(&["--offline"])
            .stdout
            .contains("cargo was asked")
    );
}

#[cfg(unix)]
#[test]
fn what_fails_is_told_with_a_remedy_and_the_manifests_label_the_graph() {
    let plain = edges(&workspace().run(&["graph"]));
    let other = "printf '{\"packages\":[],\"workspace_members\":[],\"resolve\":{\"nodes\":[]},\"workspace_root\":\"/\",\"target_directory\":\"/t\",\"version\":1}'";
    for (script, message, remedy) in [
        (
            "echo 'warning: odd' >&2; printf 'error: lacks \\033[31m`left`\\n' >&2; exit 101",
            "cargo failed: lacks \\u{1b}[31m`left`",
            "fetch what cargo needs, then try again: cargo fetch --locked",
        ),
        (
            "exit 7",
            "cargo failed: exit status: 7",
            "cargo fetch --locked",
        ),
        (
            "echo '{'",
            "the answer of cargo cannot be read",
            "cargo metadata --locked --offline",
        ),
        (
            "printf '\\377'",
            "the answer of cargo cannot be read",
            "cargo metadata --locked --offline",
        ),
        (
            other,
            "cargo counts this folder to a workspace in another folder",
            "remove the lockfile",
        ),
    ] {
        let sandbox = with_cargo(workspace(), script);
        let output = sandbox.run(&["graph", "--cargo-metadata"]);
        assert_eq!(output.code, Some(0), "{output}");
        let start = format!("warning: Cargo.lock: labelled without cargo: {message}");
        assert!(output.stderr.contains(&start), "{output}");
        assert!(
            output.stderr.contains("the manifests were read instead; "),
            "{output}"
        );
        assert!(output.stderr.contains(remedy), "{output}");
        assert_eq!(edges(&output), plain);
    }
}

#[cfg(unix)]
#[test]
fn an_answer_about_other_packages_is_refused() {
    let sandbox = workspace();
    let lock = fs::read_to_string(sandbox.place("Cargo.lock")).expect("our own file");
    let place = sandbox.place("");
    let sandbox = with_answer(sandbox, "linux.json", &place);
    sandbox.write("Cargo.lock", lock.replace("\"gear\"", "\"gear-box\""));
    let output = sandbox.run(&["graph", "--cargo-metadata", "--cargo-target", LINUX]);
    let message = "cargo does not speak of this lockfile: cargo names `gear 1.0.0`, which is no one package of this lockfile";
    assert!(output.stderr.contains(message), "{output}");
    assert_eq!(edges(&output)["plain window-sys"], "normal");
}

#[test]
fn a_machine_without_cargo_is_told_so() {
    let sandbox = workspace();
    let nothing = sandbox.home("nothing");
    let sandbox = sandbox.variable("PATH", nothing.to_str().expect("plain text"));
    let output = sandbox.run(&["graph", "--cargo-metadata"]);
    assert_eq!(output.code, Some(0));
    assert!(
        output
            .stderr
            .contains("cargo gave no answer: it could not be started"),
        "{output}"
    );
    assert!(
        output
            .stderr
            .contains("install cargo and let it be on the PATH"),
        "{output}"
    );
}

#[test]
fn a_target_is_a_triple_and_needs_the_question() {
    let sandbox = workspace();
    for options in [
        &["--cargo-target", LINUX][..],
        &["--cargo-metadata", "--cargo-target", "--config=x"],
        &["--cargo-metadata", "--cargo-target", "windows"],
    ] {
        assert_eq!(
            sandbox.run(&[&["graph"], options].concat()).code,
            Some(2),
            "{options:?}"
        );
    }
}

/// Finds the cargo that runs these tests, which stands beside its compiler.
fn real_cargo() -> Option<PathBuf> {
    let cargo = PathBuf::from(env::var_os("CARGO")?);
    let compiler = cargo.with_file_name(format!("rustc{}", env::consts::EXE_SUFFIX));
    (cargo.is_file() && compiler.is_file()).then_some(cargo)
}

/// Puts the made-up crates where cargo takes them for those of crates.io.
fn write_crates(sandbox: &Sandbox) {
    let config = "[source.crates-io]\nreplace-with = \"made-up\"\n[source.made-up]\ndirectory = \"crates\"\n";
    sandbox.write_home(".cargo/config.toml", config);
    let lock = fs::read_to_string(sandbox.place("Cargo.lock")).expect("our own file");
    for (name, more) in CRATES {
        let head = format!("name = \"{name}\"\nversion = \"1.0.0\"\n");
        let (_, record) = lock.split_once(&head).expect("a locked crate");
        let checksum = record.split('"').nth(3).expect("a checksum");
        let manifest = format!("[package]\n{head}[lib]\npath = \"lib.rs\"\n{more}");
        sandbox.write_home(&format!("crates/{name}/Cargo.toml"), manifest);
        let checksums = format!("{{\"files\":{{}},\"package\":\"{checksum}\"}}");
        sandbox.write_home(&format!("crates/{name}/.cargo-checksum.json"), checksums);
    }
}

/// A sandbox with the workspace, its crates, and the cargo of this machine on the path.
fn with_real_cargo() -> Option<Sandbox> {
    let Some(cargo) = real_cargo() else {
        say_skipped("CARGO does not name a cargo beside its compiler");
        return None;
    };
    let sandbox = workspace();
    write_crates(&sandbox);
    let folder = cargo.parent().expect("a program lies in a folder");
    Some(sandbox.variable("PATH", folder.to_str().expect("plain text")))
}

#[test]
fn the_real_cargo_is_understood_and_changes_nothing() {
    let Some(sandbox) = with_real_cargo() else {
        return;
    };
    let before = files_below(&sandbox.place(""));
    let output = sandbox.run(&["graph", "--cargo-metadata"]);
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
    let all = edges(&output);
    let linux = edges(&sandbox.run(&["graph", "--cargo-metadata", "--cargo-target", LINUX]));
    assert_eq!(files_below(&sandbox.place("")), before);
    assert!(!sandbox.place("target").exists());
    assert_eq!(all["plain maker"], "build");
    assert_eq!(all["plain window-sys"], "normal cfg(windows)");
    assert_eq!(
        linux["plain window-sys"],
        format!("optional cfg(windows): never built for {LINUX}")
    );
    for edges in [&all, &linux] {
        assert!(
            edges["plain spare"].starts_with("optional optional: never built"),
            "{edges:?}"
        );
    }
}

#[test]
fn the_real_cargo_says_what_is_not_fetched() {
    let Some(sandbox) = with_real_cargo() else {
        return;
    };
    fs::remove_dir_all(sandbox.home("crates/gear")).expect("our own folder");
    let output = sandbox.run(&["graph", "--cargo-metadata"]);
    assert!(
        output
            .stderr
            .contains("labelled without cargo: cargo failed: "),
        "{output}"
    );
    assert!(output.stderr.contains("cargo fetch --locked"), "{output}");
    assert_eq!(edges(&output)["plain maker"], "normal");
}

/// Records what cargo says with `UPDATE=1`; the recorded answers are tested where they are read.
#[test]
fn the_recorded_answers_name_every_crate_that_is_built() {
    if env::var_os("UPDATE").is_some_and(|value| value == "1") {
        record();
    }
    for (file, built) in [("all-targets.json", 10), ("linux.json", 8)] {
        let text = fs::read_to_string(fixture(file)).expect("a recorded answer");
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(
            answer["packages"].as_array().map(Vec::len),
            Some(built),
            "{file}"
        );
        assert_eq!(answer["workspace_root"], "/made-up", "{file}");
    }
}

fn record() {
    let (Some(sandbox), Some(cargo)) = (with_real_cargo(), real_cargo()) else {
        return;
    };
    let tree = fs::canonicalize(sandbox.place("")).expect("the tree");
    for (file, more) in [
        ("all-targets.json", &[][..]),
        ("linux.json", &["--filter-platform", LINUX]),
    ] {
        let mut command = std::process::Command::new(&cargo);
        command
            .args(["metadata", "--locked", "--offline", "--format-version", "1"])
            .args(more);
        let command = command
            .current_dir(&tree)
            .env_remove("CARGO_TARGET_DIR")
            .env("CARGO_HOME", sandbox.home(".cargo"));
        let answer = command.output().expect("cargo starts").stdout;
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        let text = serde_json::to_string_pretty(&answer).expect("JSON");
        let home = fs::canonicalize(sandbox.home("")).expect("the home");
        let text = text
            .replace(tree.to_str().expect("plain text"), "/made-up")
            .replace(home.to_str().expect("plain text"), "/home");
        fs::write(fixture(file), text + "\n").expect("a file of the project");
    }
}
