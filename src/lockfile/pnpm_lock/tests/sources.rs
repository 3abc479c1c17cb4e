//! Where packages come from, and what is no package of a registry.

use super::*;

/// A lockfile whose root asks for packages by their keys, with a `packages` of such records.
fn of_records(records: &[(&str, &str)]) -> String {
    let asked = records.iter().enumerate().map(|(number, (key, _))| {
        format!("      x{number}: {{specifier: '*', version: '{key}'}}\n")
    });
    let asked: String = asked.collect();
    let described = records
        .iter()
        .map(|(key, record)| format!("  '{key}': {record}\n"));
    let described: String = described.collect();
    let snapshots = records.iter().map(|(key, _)| format!("  '{key}': {{}}\n"));
    let snapshots: String = snapshots.collect();
    format!(
        "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n{asked}packages:\n{described}snapshots:\n{snapshots}"
    )
}

#[test]
fn sources_are_told_apart() {
    let codeload = format!("https://codeload.github.com/o/r/tar.gz/{SHA}");
    let records = [
        (
            "a@1.0.0".to_owned(),
            "{resolution: {integrity: x}}".to_owned(),
        ),
        (
            "b@1.0.0".to_owned(),
            "{resolution: {tarball: 'https://h.example/b/-/b-1.0.0.tgz'}}".to_owned(),
        ),
        (
            "c@work:1.0.0".to_owned(),
            "{resolution: {integrity: x}}".to_owned(),
        ),
        (
            "d@gh:1.0.0".to_owned(),
            "{resolution: {integrity: x}}".to_owned(),
        ),
        (
            format!("e@{codeload}"),
            format!("{{resolution: {{tarball: '{codeload}'}}, version: 2.0.0}}"),
        ),
        (
            format!("f@git+ssh://git@h.example/f.git#{SHA}"),
            format!(
                "{{resolution: {{type: git, repo: 'ssh://git@h.example/f.git', commit: {SHA}}}, version: 3.0.0}}"
            ),
        ),
        (
            "g@https://h.example/g.tgz".to_owned(),
            "{resolution: {tarball: 'https://h.example/g.tgz', integrity: x}, version: 4.0.0}"
                .to_owned(),
        ),
        (
            "h@file:../../h.tgz".to_owned(),
            "{resolution: {tarball: 'file:../../h.tgz', integrity: x}, version: 5.0.0}".to_owned(),
        ),
        (
            "i@file:folders/i".to_owned(),
            "{resolution: {type: directory, directory: folders/i}}".to_owned(),
        ),
        (
            "j@1.0.0".to_owned(),
            "{resolution: {type: 'custom:cdn', integrity: x}}".to_owned(),
        ),
    ];
    let records: Vec<_> = records
        .iter()
        .map(|(key, record)| (&**key, &**record))
        .collect();
    let file = file(&of_records(&records));
    let lockfile = read(&file);
    assert_eq!(
        packages(&lockfile),
        [
            "a 1.0.0 registry public",
            "b 1.0.0 registry https://h.example/",
            "c 1.0.0 registry work",
            "d 1.0.0 registry https://npm.pkg.github.com/",
            "e 2.0.0 git https://codeload.github.com/o/r",
            "f 3.0.0 git ssh://git@h.example/f.git",
            "g 4.0.0 archive https://h.example/g.tgz",
            "h 5.0.0 archive file:../../h.tgz",
            "i - path folders/i",
            "j 1.0.0 archive custom:cdn",
        ]
    );
    assert_eq!(lockfile.dependencies.len(), records.len());
    assert_eq!(lockfile.entries[9].kind, EntryKind::Workspace);
    assert!(matches!(
        &lockfile.entries[5].source,
        Source::Git { commit: Some(commit), .. } if commit.as_str() == SHA
    ));
}

#[test]
fn what_is_no_package_of_a_registry_is_never_taken_for_one() {
    for (record, source) in [
        (
            "{type: binary, url: 'https://h.example/a.zip', integrity: x}",
            "archive https://h.example/a.zip",
        ),
        (
            "{tarball: '//h.example/a.tgz'}",
            "archive //h.example/a.tgz",
        ),
        (
            r"{tarball: '\\h.example/a.tgz'}",
            r"archive \\h.example/a.tgz",
        ),
        ("{tarball: 'a/-/a-1.0.0.tgz'}", "registry public"),
    ] {
        let file = file(&of_records(&[(
            "a@1.0.0",
            &format!("{{resolution: {record}}}"),
        )]));
        let lockfile = read(&file);
        assert_eq!(packages(&lockfile), [format!("a 1.0.0 {source}")]);
        let errors = problems(&lockfile);
        assert!(
            errors.iter().all(|told| !told.starts_with("error")),
            "{record}"
        );
    }
}

#[test]
fn a_resolution_of_an_unknown_form_is_an_error_and_the_package_stays() {
    for (record, source) in [
        ("{type: variations, variants: []}", "archive variations"),
        ("{type: binary}", "archive binary"),
        ("{type: other, integrity: x}", "archive other"),
        ("{type: [x], integrity: x}", "archive "),
        ("{tarball: ['https://h.example/a.tgz']}", "registry public"),
        ("{tarball: 1}", "registry public"),
        ("{integrity: {x: y}}", "registry public"),
    ] {
        let file = file(&of_records(&[(
            "a@1.0.0",
            &format!("{{resolution: {record}}}"),
        )]));
        let lockfile = read(&file);
        assert_eq!(
            packages(&lockfile),
            [format!("a 1.0.0 {source}")],
            "{record}"
        );
        let expected = "error 9 `a@1.0.0` does not say in a way that is known where it comes from";
        assert!(
            problems(&lockfile).iter().any(|told| told == expected),
            "{record}"
        );
    }
}

#[test]
fn an_address_in_the_key_is_that_of_the_archive() {
    let file = file(&of_records(&[(
        "g@https://h.example/g.tgz",
        "{resolution: {integrity: x}, version: 4.0.0}",
    )]));
    let lockfile = read(&file);
    let url = lockfile.entries[1].artifacts[0].url.as_ref();
    assert_eq!(url.map(Untrusted::as_str), Some("https://h.example/g.tgz"));
}

#[test]
fn a_runtime_with_an_archive_of_its_own_is_judged() {
    let record = "{resolution: {tarball: 'https://h.example/n.tgz'}, version: 22.0.0}";
    let file = file(&of_records(&[("node@runtime:22.0.0", record)]));
    let lockfile = read(&file);
    assert_eq!(
        packages(&lockfile),
        ["node 22.0.0 archive https://h.example/n.tgz"]
    );
    assert!(lockfile.unjudged.is_empty());
}

#[test]
fn named_registries_have_the_address_that_the_workspace_gives_them() {
    let file = file(&of_records(&[(
        "c@work:1.0.0",
        "{resolution: {integrity: x}}",
    )]));
    let workspace = "namedRegistries:\n  work: https://npm.work.example/\n";
    let lockfile = read_beside(&file, &[("web/pnpm-workspace.yaml", workspace)]);
    assert_eq!(
        lockfile.entries[1].source,
        Source::Registry(Registry::Other("https://npm.work.example/".into()))
    );
}

#[test]
fn runtimes_are_counted_and_never_judged() {
    let record = "{resolution: {type: variations, variants: []}, version: 22.0.0}";
    let runtime = of_records(&[("node@runtime:22.0.0", record)]);
    let file_of_runtime = file(&runtime);
    let lockfile = read(&file_of_runtime);
    assert_eq!(
        (lockfile.entries.len(), lockfile.dependencies.len()),
        (1, 0)
    );
    assert_eq!(lockfile.unjudged.len(), 1);
    assert_eq!(
        (lockfile.unjudged[0].what, lockfile.unjudged[0].count),
        ("language runtimes", 1)
    );
    assert_eq!(problems(&lockfile), [""; 0]);
    // Nobody hides a package by calling it a runtime.
    let file_of_package = file(&runtime.replace("node@", "left@"));
    assert_eq!(read(&file_of_package).entries.len(), 2);
}
