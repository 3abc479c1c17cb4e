use super::*;

fn npm(url: &str, name: &str, version: &str) -> Agreement {
    compare(Ecosystem::Npm, url, name, version)
}

fn claim(name: &str, version: &str) -> Agreement {
    Agreement::Other(Claim {
        name: name.to_owned(),
        version: version.to_owned(),
    })
}

#[test]
fn npm_addresses_of_every_registry_agree() {
    for (url, name, version) in [
        (
            "https://registry.npmjs.org/axios/-/axios-1.14.0.tgz",
            "axios",
            "1.14.0",
        ),
        (
            "https://registry.npmjs.org/@babel/core/-/core-7.0.0-beta.1.tgz",
            "@babel/core",
            "7.0.0-beta.1",
        ),
        (
            "https://npm.example.org/@babel%2fcore/-/core-7.0.0.tgz?x=1",
            "@babel/core",
            "7.0.0",
        ),
        (
            "https://git.example.org/api/packages/npm/@a/b/-/@a/b-1.0.0.tgz",
            "@a/b",
            "1.0.0",
        ),
    ] {
        assert_eq!(npm(url, name, version), Agreement::Same, "{url}");
    }
}

#[test]
fn another_version_or_name_in_an_npm_address_is_told() {
    let url = "https://registry.npmjs.org/axios/-/axios-1.14.1.tgz";
    assert_eq!(npm(url, "axios", "1.14.0"), claim("axios", "1.14.1"));
    assert_eq!(npm(url, "left-pad", "1.14.1"), claim("axios", "1.14.1"));
    let swapped = "https://registry.npmjs.org/axios/-/evil-tool-2.0.0.tgz";
    assert_eq!(npm(swapped, "axios", "1.14.0"), claim("evil-tool", "2.0.0"));
}

/// The registry serves what lies in the folder, whatever the file is called.
#[test]
fn a_folder_of_another_package_is_told_though_the_file_is_the_entrys() {
    for (url, name, version, expected) in [
        (
            "https://registry.npmjs.org/axios/-/left-1.0.0.tgz",
            "left",
            "1.0.0",
            claim("axios", "1.0.0"),
        ),
        (
            "https://mirror.example/artifactory/api/npm/npm-remote/axios/-/left-2d-1.0.0.tgz",
            "left-2d",
            "1.0.0",
            claim("axios", "1.0.0"),
        ),
        (
            "https://registry.npmjs.org/@evil/axios/-/left-1.0.0.tgz",
            "@acme/left",
            "1.0.0",
            claim("@evil/axios", "1.0.0"),
        ),
        (
            "https://registry.npmjs.org/@evil/left/-/left-1.0.0.tgz",
            "@acme/left",
            "1.0.0",
            claim("@evil/left", "1.0.0"),
        ),
        (
            "https://mirror.example/artifactory/api/npm/npm-remote/left/-/left-1.0.0.tgz",
            "left",
            "1.0.0",
            Agreement::Same,
        ),
        (
            "https://npm.example/@acme/left/-/1.0.0/left-1.0.0.tgz",
            "@acme/left",
            "1.0.0",
            Agreement::Same,
        ),
    ] {
        assert_eq!(npm(url, name, version), expected, "{url}");
    }
}

#[test]
fn addresses_without_a_package_are_silent() {
    assert_eq!(
        npm("https://codeload.example.org/a/b/tar.gz/abc", "b", "1.0.0"),
        Agreement::Silent
    );
    assert_eq!(
        compare(Ecosystem::Pypi, "https://example.org/download", "a", "1"),
        Agreement::Silent
    );
}

#[test]
fn python_file_names_agree_in_every_spelling() {
    for (file, name, version) in [
        ("litellm-1.82.6-py3-none-any.whl", "litellm", "1.82.6"),
        ("ruamel.yaml-0.18.6.tar.gz", "ruamel-yaml", "0.18.6"),
        (
            "torch-2.7.0%2Bcu128-cp311-cp311-linux_x86_64.whl",
            "torch",
            "2.7.0+cu128",
        ),
        ("Flask-SQLAlchemy-3.0.tar.gz", "flask-sqlalchemy", "3.0.0"),
        ("pytz-2013b.zip", "pytz", "2013b"),
    ] {
        let url = format!("https://files.pythonhosted.org/packages/aa/{file}#sha256=0");
        assert_eq!(
            compare(Ecosystem::Pypi, &url, name, version),
            Agreement::Same,
            "{file}"
        );
    }
}

#[test]
fn another_release_in_a_python_file_name_is_told() {
    let url = "https://files.pythonhosted.org/packages/aa/litellm-1.82.8-py3-none-any.whl";
    assert_eq!(
        compare(Ecosystem::Pypi, url, "litellm", "1.82.6"),
        claim("litellm", "1.82.8")
    );
    let sdist = "https://files.pythonhosted.org/packages/aa/litellm-1.82.8.tar.gz";
    assert_eq!(
        compare(Ecosystem::Pypi, sdist, "litellm", "1.82.6"),
        claim("litellm", "1.82.8")
    );
}

/// npm asks for each of these under the name axios-1.14.1.
#[test]
fn odd_spellings_of_a_public_address_hide_nothing() {
    for address in [
        "https:\\\\registry.npmjs.org\\axios\\-\\axios-1.14.1.tgz",
        "https://registry.npmjs.org/axios/-\\axios-1.14.1.tgz",
        "https://registry.npmjs.org/axios/-/axios-1.14.1.tgz ",
        "https://registry.npmjs.org/axios/%2d/axios-1.14.1.tgz",
        "https://registry.npmjs.org/%61xios/-/axios-1.14.1.TGZ",
    ] {
        assert_eq!(
            npm(address, "axios", "1.14.0"),
            claim("axios", "1.14.1"),
            "{address}"
        );
    }
    for address in [
        "https://registry.npmjs.org/axios/-/axios-1.14.1.tgz/",
        "https://registry.npmjs.org/axios/-/axios-1.14.1.tgz/-/..",
        "https://registry.npmjs.org/axios/-/axios-1.14.1.tgz/x/-/axios-1.14.0.tgz/../../..",
        "https://registry.npmjs.org/axios",
    ] {
        assert_eq!(npm(address, "axios", "1.14.0"), Agreement::Odd, "{address}");
    }
}

#[test]
fn archives_outside_registries_are_read_by_their_file_name() {
    let address = "https://cdn.example.org/packages/axios/1.14.1/axios-1.14.1.tgz";
    assert_eq!(npm(address, "axios", "1.14.0"), claim("axios", "1.14.1"));
    assert_eq!(npm(address, "axios", "1.14.1"), Agreement::Same);
}

/// Anybody may call a file so, except the public registry.
#[test]
fn a_bare_file_that_is_named_like_another_package_is_told_apart() {
    let lookalike = |name: &str, version: &str| match claim(name, version) {
        Agreement::Other(claim) => Agreement::Lookalike(claim),
        other => other,
    };
    for (address, expected) in [
        (
            "https://evil.example/axios-1.14.1.tgz",
            lookalike("axios", "1.14.1"),
        ),
        (
            "file:vendor/left-pad-1.0.0-rc.1.tgz",
            lookalike("left-pad", "1.0.0-rc.1"),
        ),
        (
            "https://registry.npmjs.org/axios-1.14.1.tgz",
            claim("axios", "1.14.1"),
        ),
        ("https://evil.example/axios.tgz", Agreement::Silent),
        ("https://evil.example/-1.0.0.tgz", Agreement::Silent),
        ("https://evil.example/axios-latest.tgz", Agreement::Silent),
    ] {
        assert_eq!(npm(address, "left", "1.0.0"), expected, "{address}");
    }
}

#[test]
fn specifiers_in_place_of_addresses_are_what_npm_would_ask_for() {
    for address in ["npm:axios@1.14.1", "axios@1.14.1", "1.14.1"] {
        assert_eq!(
            npm(address, "axios", "1.14.0"),
            claim("axios", "1.14.1"),
            "{address}"
        );
    }
}

#[test]
fn an_entry_without_a_version_is_what_its_archive_says() {
    let address = "https://registry.npmjs.org/axios/-/axios-1.14.1.tgz";
    assert_eq!(npm(address, "axios", ""), claim("axios", "1.14.1"));
}

#[test]
fn odd_spellings_of_a_python_archive_hide_nothing() {
    let base = "https://files.pythonhosted.org/packages/aa/litellm-1.82.8";
    for ending in [
        "-py3-none-any.whl/",
        "-py3-none-any.whl ",
        "-py3-none-any.WHL",
        ".TAR.GZ",
        ".tar.xz",
    ] {
        let found = compare(
            Ecosystem::Pypi,
            &format!("{base}{ending}"),
            "litellm",
            "1.82.6",
        );
        assert_eq!(found, claim("litellm", "1.82.8"), "{ending}");
    }
}
