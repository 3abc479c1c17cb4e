//! Small projects that the real tools locked (`fixtures/lockfiles`): each is read as the format that it is, and what
//! is in it is held by a snapshot.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use linchpin::files::MapFiles;
use linchpin::graph::unify;
use linchpin::lockfile::{DependencyKind, Lockfile, ProblemSeverity, format_of_path};

use crate::support::{files_below, path, read, source};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/lockfiles")
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let names = std::fs::read_dir(of).expect("a folder of fixtures");
    let mut folders: Vec<PathBuf> = names
        .map(|name| name.expect("a name").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// `uv.lock: 9 packages, 3 + 12 edges (normal 14, dev 1)`, and a line for each problem.
fn tell(lockfile: Lockfile<'_>) -> String {
    let name = lockfile.path.as_str().to_owned();
    let unjudged: usize = lockfile
        .unjudged
        .iter()
        .map(|unjudged| unjudged.count)
        .sum();
    let problems = lockfile.problems.clone();
    let lockfiles = [lockfile];
    let graph = unify(&lockfiles);
    let mut kinds: BTreeMap<DependencyKind, usize> = BTreeMap::new();
    let mut scopes: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, _, edge) in graph.edges() {
        *kinds.entry(edge.kind).or_default() += 1;
    }
    for node in graph.nodes().skip(1) {
        *scopes.entry(graph.scope(node).id()).or_default() += 1;
    }
    let kinds = kinds
        .iter()
        .map(|(kind, count)| format!("{} {count}", kind.id()));
    let scopes = scopes
        .iter()
        .map(|(scope, count)| format!("{scope} {count}"));
    let (kinds, scopes): (Vec<_>, Vec<_>) = (kinds.collect(), scopes.collect());
    let mut told = format!(
        "{name}: {} entries ({}); {} edges ({})",
        graph.lockfiles()[0].entries,
        scopes.join(", "),
        graph.edges().count(),
        kinds.join(", ")
    );
    if unjudged > 0 {
        write!(told, "; {unjudged} not judged").expect("a string takes all");
    }
    for problem in problems.iter().chain(graph.problems()) {
        if problem.severity <= ProblemSeverity::Warning {
            let place = problem.path.as_str();
            write!(told, "\n    {place}: {}", problem.message.as_str())
                .expect("a string takes all");
        }
    }
    told
}

#[test]
fn every_case_is_read_as_its_format_and_holds_what_it_held() {
    let mut told = String::new();
    for format in folders(&root()) {
        let id = format
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        for case in folders(&format) {
            let texts = files_below(&case);
            let pairs = texts
                .iter()
                .map(|(name, text)| (name.as_str(), text.as_str()));
            let files = MapFiles::new(pairs);
            let named = texts
                .iter()
                .filter(|(name, _)| format_of_path(&path(name)).is_some());
            let mut locked = 0;
            for (name, text) in named {
                let file = source(name, text);
                let lockfile = read(&file, &files).expect("a readable lockfile");
                assert_eq!(lockfile.format.0, id, "{}/{name}", case.display());
                let case = case.file_name().expect("a name").to_string_lossy();
                writeln!(told, "{id}/{case}/{}", tell(lockfile)).expect("a string takes all");
                locked += 1;
            }
            assert!(locked > 0, "{} holds a lockfile", case.display());
        }
    }
    insta::assert_snapshot!(told, @"
    bun-lock/v0/bun.lock: 25 entries (dev 5, optional 1, prod 19); 39 edges (normal 32, peer 3, optional 1, dev 3)
    bun-lock/v1/bun.lock: 25 entries (dev 5, optional 1, prod 19); 39 edges (normal 32, peer 3, optional 1, dev 3)
    bun-lock/v2/bun.lock: 25 entries (dev 5, optional 1, prod 19); 39 edges (normal 32, peer 3, optional 1, dev 3)
    bun-lock/v3-nested-overrides/bun.lock: 25 entries (dev 5, optional 1, prod 19); 39 edges (normal 32, peer 3, optional 1, dev 3)
    deno-lock/v3/deno.lock: 14 entries (prod 14); 18 edges (normal 18)
    deno-lock/v4/deno.lock: 14 entries (prod 14); 18 edges (normal 18)
    deno-lock/v4-package-json/deno.lock: 27 entries (dev 9, prod 18); 37 edges (normal 36, dev 1)
    deno-lock/v5/deno.lock: 27 entries (dev 9, prod 18); 37 edges (normal 28, optional 8, dev 1)
    npm-lock/shrinkwrap-bundled/npm-shrinkwrap.json: 10 entries (optional 7, prod 3); 18 edges (normal 17, optional 1)
    npm-lock/v1/package-lock.json: 25 entries (dev 7, optional 1, prod 17); 32 edges (normal 28, optional 1, dev 2, unattached 1)
        package-lock.json: `node_modules/banner` is a link to `file:tools/banner`, which this lockfile does not describe; what it depends on is unknown
        package-lock.json: nothing depends on the entry `node_modules/ansi-regex`; it is judged as if the project did
    npm-lock/v2/package-lock.json: 25 entries (dev 5, optional 1, prod 19); 39 edges (normal 32, peer 3, optional 1, dev 3)
    npm-lock/v3/package-lock.json: 25 entries (dev 5, optional 1, prod 19); 39 edges (normal 32, peer 3, optional 1, dev 3)
    npm-lock/v3-no-resolved/package-lock.json: 25 entries (dev 5, optional 1, prod 19); 39 edges (normal 32, peer 3, optional 1, dev 3)
    pdm-lock/static-urls/pdm.lock: 9 entries (prod 9); 9 edges (normal 8, optional 1)
    pdm-lock/v4.5.1/pdm.lock: 27 entries (dev 9, optional 7, prod 11); 36 edges (normal 27, optional 5, dev 4)
    pipfile-lock/categories/Pipfile.lock: 19 entries (dev 5, optional 2, prod 12); 19 edges (normal 7, optional 2, dev 2, unattached 8)
    pnpm-lock/v5.3/pnpm-lock.yaml: 24 entries (dev 4, optional 1, prod 19); 38 edges (normal 32, peer 3, optional 1, dev 2)
        pnpm-lock.yaml: `banner` is a link to `vendor/banner`, which this lockfile does not describe; what it depends on is unknown
    pnpm-lock/v5.4/pnpm-lock.yaml: 25 entries (dev 4, optional 1, prod 20); 39 edges (normal 33, peer 3, optional 1, dev 2)
    pnpm-lock/v5.4-inline-specifiers/pnpm-lock.yaml: 25 entries (dev 4, optional 1, prod 20); 39 edges (normal 33, peer 3, optional 1, dev 2)
    pnpm-lock/v6.0/pnpm-lock.yaml: 26 entries (dev 4, optional 1, prod 21); 40 edges (normal 34, peer 3, optional 1, dev 2)
    pnpm-lock/v9.0-catalogs/pnpm-lock.yaml: 26 entries (dev 4, optional 1, prod 21); 40 edges (normal 34, peer 3, optional 1, dev 2)
    pnpm-lock/v9.0-config-dependencies/pnpm-lock.yaml: 27 entries (build 1, dev 4, optional 1, prod 21); 41 edges (normal 34, peer 3, build 1, optional 1, dev 2)
    pnpm-lock/v9.0-no-project-document/pnpm-lock.yaml: 15 entries (build 1, optional 14); 15 edges (build 1, optional 14)
        package.json: it asks for `is-number-tarball`, which this lockfile does not hold for it
        package.json: it asks for `is-even`, which this lockfile does not hold for it
        packages/api/package.json: it is a member of the workspace, but the lockfile knows nothing of it
        packages/ui/package.json: it is a member of the workspace, but the lockfile knows nothing of it
    pnpm-lock/v9.0-pnpm9/pnpm-lock.yaml: 26 entries (dev 4, optional 1, prod 21); 40 edges (normal 34, peer 3, optional 1, dev 2)
    pnpm-lock/v9.0-two-documents/pnpm-lock.yaml: 41 entries (build 1, dev 4, optional 15, prod 21); 55 edges (normal 34, peer 3, build 1, optional 15, dev 2)
    poetry-lock/v1.1/poetry.lock: 7 entries (dev 2, optional 1, prod 4); 8 edges (normal 5, optional 1, dev 2)
    poetry-lock/v2.0/poetry.lock: 8 entries (dev 2, optional 1, prod 5); 11 edges (normal 8, optional 1, dev 2)
    poetry-lock/v2.1/poetry.lock: 36 entries (dev 8, optional 19, prod 9); 48 edges (normal 39, optional 6, dev 3)
    pylock-toml/pdm/pylock.toml: 19 entries (dev 7, optional 6, prod 6); 19 edges (normal 5, optional 2, dev 3, unattached 9)
    pylock-toml/pip/pylock.toml: 10 entries (prod 10); 10 edges (unattached 10)
    pylock-toml/pipenv/pylock.toml: 3 entries (dev 1, prod 2); 3 edges (unattached 3)
    pylock-toml/uv/pylock.toml: 25 entries (dev 3, optional 2, prod 20); 27 edges (normal 9, optional 2, dev 3, unattached 13)
    pylock-toml/uv-pip-compile/pylock.mail.toml: 9 entries (prod 9); 9 edges (unattached 9)
    requirements-txt/pip-compile/requirements.txt: 13 entries (prod 13); 14 edges (normal 14)
    requirements-txt/pip-freeze/requirements.txt: 8 entries (prod 8); 8 edges (unattached 8)
    requirements-txt/uv/requirements.txt: 13 entries (prod 13); 16 edges (normal 16)
    requirements-txt/uv-export/requirements.txt: 25 entries (prod 25); 25 edges (unattached 25)
    uv-lock/conflicts/uv.lock: 4 entries (dev 1, optional 2, prod 1); 6 edges (normal 3, optional 2, dev 1)
    uv-lock/script/mail.py.lock: 9 entries (prod 9); 9 edges (normal 8, optional 1)
    uv-lock/virtual-root/uv.lock: 3 entries (dev 1, prod 2); 3 edges (normal 2, dev 1)
    uv-lock/workspace/uv.lock: 27 entries (dev 10, optional 6, prod 11); 38 edges (normal 29, optional 4, dev 5)
    yarn-berry/v10/yarn.lock: 49 entries (dev 28, optional 1, prod 20); 65 edges (normal 60, optional 1, dev 4)
    yarn-berry/v4/yarn.lock: 49 entries (dev 28, optional 1, prod 20); 65 edges (normal 60, optional 1, dev 4)
    yarn-berry/v6/yarn.lock: 49 entries (dev 28, optional 1, prod 20); 65 edges (normal 60, optional 1, dev 4)
    yarn-berry/v8/yarn.lock: 49 entries (dev 28, optional 1, prod 20); 64 edges (normal 59, optional 1, dev 4)
    yarn-v1/workspaces/yarn.lock: 30 entries (dev 8, optional 1, prod 21); 41 edges (normal 35, optional 1, dev 4, unattached 1)
        yarn.lock: nothing depends on the entry `panel@link:./tools/panel`; it is judged as if the project did
    ");
}
