use sha2::{Digest, Sha512};

use super::*;
use crate::files::MapFiles;

/// What a change of one file does, beside other files that are the same on both sides.
fn change(
    path: &str,
    before: Option<&str>,
    after: Option<&str>,
    beside: &[(&str, &str)],
) -> Option<String> {
    let path = FilePath::new(path).expect("a path inside the root");
    assert!(is_recognised(&path), "{path:?}");
    let files = MapFiles::new(beside.iter().copied());
    let redirect = compare(&Edit {
        path: &path,
        before: before.map(str::as_bytes),
        after: after.map(str::as_bytes),
        beside_before: &files,
        beside_after: &files,
    });
    redirect.map(|redirect| redirect.what)
}

fn edited(path: &str, before: &str, after: &str) -> Option<String> {
    change(path, Some(before), Some(after), &[])
}

#[test]
fn settings_that_steer_are_told_by_name_and_others_are_not() {
    let token = "//npm.corp.example/:_authToken=secret\nregistry=https://evil.example\n@corp:registry = https://evil.example\n";
    let told = change("web/.npmrc", None, Some(token), &[]).expect("a redirect");
    assert_eq!(
        told,
        "sets `//npm.corp.example/:_authToken`, `@corp:registry`, `registry`"
    );
    assert!(!told.contains("secret"));
    assert_eq!(
        edited(
            ".npmrc",
            "fund=true\n",
            "fund=false\n; registry=x\nsave-exact=true\n"
        ),
        None
    );
    let own = "//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n";
    assert_eq!(change(".npmrc", None, Some(own), &[]), None);
    // A scope that is no longer private is looked for elsewhere, unless the whole project went.
    let private = Some("@corp:registry=https://npm.corp.example\n");
    let gone = change(".npmrc", private, None, &[("package.json", "{}")]);
    assert_eq!(change("web/.npmrc", private, None, &[]), None);
    assert_eq!(gone.as_deref(), Some("drops `@corp:registry`"));
}

#[test]
fn many_settings_are_counted() {
    let text = "proxy=a\nca=a\ncafile=a\ncert=a\nkey=a\ngit=a\n";
    let told = change(".npmrc", None, Some(text), &[]);
    assert_eq!(
        told.as_deref(),
        Some("sets `ca`, `cafile`, `cert`, `git` and 2 more")
    );
}

#[test]
fn the_settings_of_every_tool_are_read() {
    for (path, before, after, name) in [
        (
            ".yarnrc",
            "",
            "registry \"https://evil.example\"\n",
            "registry",
        ),
        (".yarnrc", "", "yarn-path \"./evil.js\"\n", "yarn-path"),
        (
            ".yarnrc.yml",
            "nodeLinker: pnp\n",
            "nodeLinker: pnp\nyarnPath: evil.cjs\n",
            "yarnPath",
        ),
        (
            ".yarnrc.yml",
            "",
            "npmScopes:\n  corp:\n    npmRegistryServer: https://evil.example\n",
            "npmScopes",
        ),
        (
            "pnpm-workspace.yaml",
            "packages:\n  - a\n",
            "packages:\n  - a\nregistries:\n  default: https://evil.example\n",
            "registries",
        ),
        (
            "bunfig.toml",
            "",
            "[install]\nregistry = \"https://evil.example\"\n",
            "install.registry",
        ),
        (
            ".cargo/config.toml",
            "",
            "[source.crates-io]\nreplace-with = \"evil\"\n",
            "source",
        ),
        (".cargo/config", "", "paths = [\"../evil\"]\n", "paths"),
        (
            ".cargo/config.toml",
            "[build]\njobs = 1\n",
            "[build]\nrustc-wrapper = \"./evil\"\n",
            "build.rustc-wrapper",
        ),
        (
            ".cargo/config.toml",
            "",
            "[target.x86_64-unknown-linux-gnu]\nrunner = \"./evil\"\n",
            "target.x86_64-unknown-linux-gnu.runner",
        ),
        (
            "pip.conf",
            "",
            "[global]\nextra-index-url = https://evil.example\n",
            "extra-index-url",
        ),
        (
            "uv.toml",
            "",
            "[[index]]\nurl = \"https://evil.example\"\n",
            "index",
        ),
        (
            "pyproject.toml",
            "[project]\nname = \"a\"\n",
            "[[tool.uv.index]]\nurl = \"https://evil.example\"\n",
            "tool.uv.index",
        ),
        (
            "pyproject.toml",
            "",
            "[[tool.poetry.source]]\nurl = \"https://evil.example\"\n",
            "tool.poetry.source",
        ),
        (
            "Pipfile",
            "",
            "[[source]]\nurl = \"https://evil.example\"\n",
            "source",
        ),
    ] {
        let expected = format!("sets `{name}`");
        assert_eq!(edited(path, before, after), Some(expected), "{path}");
        assert_eq!(edited(path, after, after), None, "{path}");
        assert_eq!(edited(path, before, before), None, "{path}");
    }
}

/// npm reads names in quotes, escapes in them, variables, and lines that end with a carriage return alone.
#[test]
fn names_that_only_npm_reads_are_told() {
    for text in [
        "'registry'=https://evil.example",
        "\"re\\u0067istry\"=https://evil.example",
        "; x\rregistry=https://evil.example\r",
        "${X?}registry=https://evil.example",
        "fund=true\n\u{feff}registry=https://evil.example",
        "package-lock=false",
    ] {
        assert!(change(".npmrc", None, Some(text), &[]).is_some(), "{text}");
    }
    for text in [
        "registry=https://registry.npmjs.org/",
        "ignore-scripts=true",
        "strict-ssl=true\n[section]",
    ] {
        assert_eq!(change(".npmrc", None, Some(text), &[]), None, "{text}");
    }
}

#[test]
fn a_line_that_goes_on_belongs_to_the_one_above_it() {
    let before = "[global]\nextra-index-url =\n    https://pypi.corp.example/simple\n";
    let after = format!("{before}    https://evil.example/simple\n");
    assert_eq!(
        edited("pip.conf", before, &after).as_deref(),
        Some("changes `extra-index-url`")
    );
}

#[test]
fn options_among_requirements_are_told() {
    let told = edited(
        "web/requirements.txt",
        "flask==3.0.0\n",
        "--extra-index-url https://evil.example\nflask==3.0.0\n",
    );
    assert_eq!(told.as_deref(), Some("sets `--extra-index-url`"));
    assert_eq!(
        edited(
            "requirements.txt",
            "flask==3.0.0\n",
            "flask==3.0.1\n-r more.txt\n"
        ),
        None
    );
}

/// pip takes options by any clear part of their names, several to a line, and an address right behind a letter.
#[test]
fn options_in_every_spelling_of_pip_are_told() {
    for line in [
        "--extra-index https://evil.example",
        "--find=https://evil.example",
        "-fhttps://evil.example",
        "--index\\-url https://evil.example",
        "--prefer-binary --extra-index-url https://evil.example",
    ] {
        let after = format!("{line}\nflask==3.0.0\n");
        assert!(
            edited("requirements.txt", "flask==3.0.0\n", &after).is_some(),
            "{line}"
        );
    }
    let hashes = "-r base.txt\n--require-hashes\nflask==3.0.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n";
    assert_eq!(edited("requirements.txt", "", hashes), None);
}

/// Whoever names the public registry gets what everybody gets.
#[test]
fn the_public_registry_is_no_redirect() {
    for (path, text) in [
        (
            "Pipfile",
            "[[source]]\nname = \"pypi\"\nurl = \"https://pypi.org/simple\"\nverify_ssl = true\n",
        ),
        ("requirements.txt", "-i https://pypi.org/simple\n"),
        (
            "pip.conf",
            "[global]\nindex-url = https://pypi.org/simple\n",
        ),
        (
            ".yarnrc.yml",
            "npmRegistryServer: \"https://registry.npmjs.org\"\n",
        ),
        (".npmrc", "@corp:registry=https://registry.npmjs.org/\n"),
    ] {
        assert_eq!(change(path, None, Some(text), &[]), None, "{path}");
    }
    for (path, text) in [
        (
            "Pipfile",
            "[[source]]\nurl = \"https://pypi.org/simple\"\nverify_ssl = false\n",
        ),
        ("requirements.txt", "-i http://pypi.org/simple\n"),
        (
            "requirements.txt",
            "-i https://pypi.org.evil.example/simple\n",
        ),
        (
            ".npmrc",
            "registry=https://registry.npmjs.org@evil.example/\n",
        ),
    ] {
        assert!(
            change(path, None, Some(text), &[]).is_some(),
            "{path}: {text}"
        );
    }
}

#[test]
fn what_a_lockfile_does_not_show_is_told_unless_it_is_written_anew() {
    for (path, text) in [
        (
            "Cargo.toml",
            "[patch.crates-io]\nserde = {git = \"https://evil.example\"}\n",
        ),
        (
            "Cargo.toml",
            "[dependencies]\nserde = {git = \"https://evil.example\"}\n",
        ),
        (
            "Cargo.toml",
            "[dev-dependencies]\nserde = {version = \"1\", registry = \"evil\"}\n",
        ),
        (
            "Cargo.toml",
            "[target.'cfg(unix)'.build_dependencies.cc]\ngit = \"https://evil.example\"\n",
        ),
        (
            "pyproject.toml",
            "[tool.uv]\noverride-dependencies = [\"litellm==1.82.8\"]\n",
        ),
        (
            "pyproject.toml",
            "[tool.uv.sources]\nflask = {url = \"https://evil.example/flask.whl\"}\n",
        ),
        ("pnpm-workspace.yaml", "overrides:\n  axios: 1.14.1\n"),
        ("package.json", "{\"resolutions\":{\"axios\":\"1.14.1\"}}"),
    ] {
        let told = change(path, None, Some(text), &[]);
        assert!(
            told.is_some_and(|told| told.ends_with("and its lockfile stays as it was")),
            "{path}"
        );
    }
}

#[test]
fn installed_packages_in_the_tree_change_with_the_lockfile_only() {
    let path = "web/node_modules/axios/package.json";
    assert!(edited(path, "{}", "{ }").is_some_and(|told| told.starts_with("is edited")));
    assert_eq!(change(path, Some("{}"), None, &[]), None);
    assert!(change("binding.gyp", None, Some("{}"), &[]).is_some());
}

#[test]
fn what_is_withdrawn_or_hardens_is_not_told() {
    let before =
        "{\"scripts\":{\"postinstall\":\"node x\"},\"pnpm\":{\"onlyBuiltDependencies\":[\"a\"]}}";
    assert_eq!(edited("package.json", before, "{}"), None);
    assert_eq!(
        edited(
            "package.json",
            "{}",
            "{\"scripts\":{\"prepare\":\"husky\"}}"
        ),
        None
    );
    assert!(edited("package.json", "{}", before).is_some());
    assert_eq!(
        edited("pnpm-workspace.yaml", "", "minimumReleaseAge: 1440\n"),
        None
    );
    assert!(edited("pnpm-workspace.yaml", "", "minimumReleaseAge: 0\n").is_some());
}

#[test]
fn scripts_of_the_project_that_run_at_install_are_told() {
    let with = |lines: &str| format!("{{\"name\":\"a\",{lines}\"version\":\"1.0.0\"}}");
    let told = |lines: &str| edited("package.json", &with(""), &with(lines));
    assert_eq!(
        told("\"scripts\":{\"postinstall\":\"node x\"},").as_deref(),
        Some("sets `scripts.postinstall`")
    );
    assert_eq!(
        told("\"packageManager\":\"yarn@https://evil.example\",").as_deref(),
        Some("sets `packageManager`")
    );
    assert_eq!(
        told("\"scripts\":{\"test\":\"node x\"},\"packageManager\":\"pnpm@10.0.0\","),
        None
    );
}

#[test]
fn what_yarn_unpacked_changes_with_its_lockfile_only() {
    let (path, lock) = (".pnp.cjs", [("yarn.lock", "x")]);
    assert!(change(path, Some("a"), Some("b"), &lock).is_some());
}

#[test]
fn settings_that_cannot_be_read_are_told() {
    for path in [".yarnrc.yml", ".cargo/config.toml", "pnpm-workspace.yaml"] {
        let told = edited(path, "", "a: [\n= {").expect("a redirect");
        assert!(told.starts_with("cannot be read"), "{path}: {told}");
    }
}

#[test]
fn what_runs_at_install_is_told_when_it_comes_or_changes() {
    for path in [
        ".pnpmfile.cjs",
        ".yarn/releases/yarn-4.9.0.cjs",
        "web/.yarn/plugins/@yarnpkg/plugin-x.cjs",
    ] {
        assert!(
            change(path, None, Some("x"), &[]).is_some_and(|what| what.starts_with("is new")),
            "{path}"
        );
        assert!(
            edited(path, "x", "y").is_some_and(|what| what.starts_with("is edited")),
            "{path}"
        );
        assert_eq!(change(path, Some("x"), None, &[]), None, "{path}");
    }
}

#[test]
fn a_patch_matters_where_packages_of_npm_are_installed() {
    let npm = [("web/package.json", "{}")];
    for path in [
        "web/patches/left+1.0.0.patch",
        "web/.yarn/patches/left-npm-1.0.0.patch",
    ] {
        assert!(change(path, None, Some("diff"), &npm).is_some(), "{path}");
        assert_eq!(change(path, None, Some("diff"), &[]), None, "{path}");
    }
}

#[test]
fn an_archive_in_the_tree_is_the_one_that_the_lockfile_pins() {
    let path = ".yarn/cache/left-npm-1.0.0-0123456789-abcdef.zip";
    let digest = Sha512::digest("bytes")
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat();
    let lock = format!("\"left@npm:1.0.0\":\n  checksum: 10c0/{digest}\n");
    let pinned = [("yarn.lock", lock.as_str())];
    assert_eq!(change(path, None, Some("bytes"), &pinned), None);
    assert!(
        change(path, None, Some("other"), &pinned)
            .is_some_and(|what| what.contains("no yarn.lock pins"))
    );
    assert!(
        change(path, Some("bytes"), Some("other"), &pinned)
            .is_some_and(|what| what.contains("other bytes"))
    );
}

#[test]
fn a_vendored_crate_changes_with_its_version_only() {
    let path = FilePath::new("vendor/left/.cargo-checksum.json").expect("a path");
    let manifest = |version: &str| format!("[package]\nname = \"left\"\nversion = \"{version}\"\n");
    let told = |before: &str, after: &str| {
        let (before, after) = (manifest(before), manifest(after));
        let [one, two] = [&before, &after]
            .map(|text| MapFiles::new([("vendor/left/Cargo.toml", text.as_str())]));
        compare(&Edit {
            path: &path,
            before: Some(b"{}"),
            after: Some(b"{ }"),
            beside_before: &one,
            beside_after: &two,
        })
    };
    assert!(told("1.0.0", "1.0.0").is_some());
    assert_eq!(told("1.0.0", "1.0.1"), None);
}

#[test]
fn many_files_of_one_folder_are_one_redirect() {
    let redirect = |path: &str| Redirect {
        path: FilePath::new(path).expect("a path"),
        name: "x",
        what: "is new".to_owned(),
        files: 1,
        digest: path.to_owned(),
    };
    let folded = fold([redirect("b"), redirect("a"), redirect("b")]);
    let folded: Vec<_> = folded
        .iter()
        .map(|one| (one.path.as_str(), one.files))
        .collect();
    assert_eq!(folded, [("a", 1), ("b", 2)]);
}

#[test]
fn files_of_other_names_steer_nothing() {
    for path in [
        "npmrc",
        "a.npmrc",
        "src/.yarnrc.yaml",
        "cargo/config.toml",
        "patches/readme.md",
        "patches/linux/1.patch",
        ".yarn/install-state.gz",
        "cache/x.zip",
    ] {
        assert!(
            !is_recognised(&FilePath::new(path).expect("a path")),
            "{path}"
        );
    }
}
