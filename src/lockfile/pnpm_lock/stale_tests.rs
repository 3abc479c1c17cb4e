use super::PnpmLock;
use super::tests::{NINE, file, problems, read_beside};
use crate::files::MapFiles;
use crate::lockfile::{Limits, LockfileFormat};

#[test]
fn the_document_of_the_package_manager_alone_is_behind_the_manifest() {
    let file = file(
        "lockfileVersion: '9.0'\nimporters:\n  .:\n    packageManagerDependencies: {}\n---\n# nothing\n",
    );
    let manifest = r#"{"dependencies":{"left":"1"}}"#;
    let lockfile = read_beside(&file, &[("web/package.json", manifest)]);
    assert_eq!(
        problems(&lockfile),
        ["error 0 it asks for `left`, which this lockfile does not hold for it"]
    );
}

#[test]
fn manifests_that_moved_on_are_told() {
    let file = file(NINE);
    let root = r#"{"name":"app","dependencies":{"react":"catalog:","@s/ui":"workspace:*","new":"1","folder":"link:x"},"devDependencies":{"left-alias":"npm:left@^2"}}"#;
    let ui = r#"{"name":"@s/ui","dependencies":{"dom":"^18","app":"workspace:*"},"optionalDependencies":{"left":"catalog:old"}}"#;
    let workspace = "packages: ['packages/*', '!packages/out']\ncatalog: {react: ^19.0.0}\ncatalogs: {old: {left: ^1.0.0}}\n";
    let lockfile = read_beside(
        &file,
        &[
            ("web/package.json", root),
            ("web/packages/ui/package.json", ui),
            ("web/packages/none/package.json", r#"{"name":"none"}"#),
            (
                "web/packages/new/package.json",
                r#"{"dependencies":{"left":"1"}}"#,
            ),
            (
                "web/packages/out/package.json",
                r#"{"dependencies":{"left":"1"}}"#,
            ),
            (
                "web/packages/own/package.json",
                r#"{"dependencies":{"left":"1"}}"#,
            ),
            ("web/packages/own/pnpm-lock.yaml", ""),
            ("web/pnpm-workspace.yaml", workspace),
        ],
    );
    let told: Vec<_> = lockfile
        .problems
        .iter()
        .map(|problem| format!("{} {:?}", problem.path.as_str(), problem.severity))
        .zip(problems(&lockfile))
        .collect();
    let told: Vec<(&str, &str)> = told
        .iter()
        .map(|(place, text)| (&**place, &**text))
        .collect();
    assert_eq!(
        told,
        [
            (
                "web/package.json Error",
                "error 0 it asks for `new`, which this lockfile does not hold for it"
            ),
            (
                "web/packages/new/package.json Error",
                "error 0 it is a member of the workspace, but the lockfile knows nothing of it"
            ),
            (
                "web/package.json Warning",
                "warning 0 it asks for another range of `left-alias` than the lockfile was made for"
            ),
            (
                "web/pnpm-workspace.yaml Warning",
                "warning 0 its catalog `default` asks for another range of `react` than the lockfile was made for"
            ),
        ]
    );
    assert_eq!(lockfile.entries[0].name.as_str(), "app");
    assert_eq!(lockfile.entries[1].name.as_str(), "@s/ui");
}

#[test]
fn overrides_hooks_and_left_out_dependencies_are_no_staleness() {
    let file = file(
        r"lockfileVersion: '9.0'
overrides:
  a: 2.0.0
  parent>b@1: '-'
ignoredOptionalDependencies: [c]
importers:
  .:
    dependencies:
      a: {specifier: 2.0.0, version: 2.0.0}
packages:
  a@2.0.0: {resolution: {}}
snapshots:
  a@2.0.0: {}
",
    );
    let manifest =
        r#"{"dependencies":{"a":"^1","b":"1"},"optionalDependencies":{"c":"1","d":"1"}}"#;
    let lockfile = read_beside(&file, &[("web/package.json", manifest)]);
    assert_eq!(
        problems(&lockfile),
        ["error 0 it asks for `d`, which this lockfile does not hold for it"]
    );
}

#[test]
fn importers_beyond_the_bound_of_manifests_are_told() {
    let file = file(NINE);
    let limits = Limits {
        manifests: 1,
        ..Limits::default()
    };
    let lockfile = PnpmLock
        .parse(&file, &MapFiles::default(), &limits)
        .expect("a readable lockfile");
    assert_eq!(
        problems(&lockfile),
        ["warning 0 only the manifests of the first 1 importers were compared with this lockfile"]
    );
}
