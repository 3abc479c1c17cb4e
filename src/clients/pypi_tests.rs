use super::*;
use crate::clients::testing::{configuration, header, remarks, shown};

const PIP: &str = "/home/u/.config/pip/pip.conf";
const UV: &str = "/home/u/.config/uv/uv.toml";

fn index(files: &[(&str, &str)], variables: &[(&str, &str)]) -> Option<String> {
    let configuration = configuration(files, variables);
    shown(configuration.pypi_index.as_ref()).map(str::to_owned)
}

#[test]
fn the_first_place_that_names_an_index_decides() {
    let files = [
        ("/etc/pip", "[global]\nindex-url = https://named.example/"),
        (PIP, "[global]\nindex-url = https://pip.example/"),
        (
            "/home/u/.pip/pip.conf",
            "[global]\nindex-url = https://legacy.example/",
        ),
        (UV, "index-url = \"https://uv.example/\""),
    ];
    let variables = [
        ("PIP_INDEX_URL", "https://1.example/"),
        ("UV_DEFAULT_INDEX", "https://2.example/"),
        ("UV_INDEX_URL", "https://3.example/"),
        ("PIP_CONFIG_FILE", "/etc/pip"),
    ];
    for (skipped, expected) in [
        (0, "https://1.example/"),
        (1, "https://2.example/"),
        (2, "https://3.example/"),
        (3, "https://named.example/"),
        (4, "https://pip.example/"),
    ] {
        assert_eq!(
            index(&files, &variables[skipped..]).as_deref(),
            Some(expected)
        );
    }
    for (skipped, expected) in [
        (2, Some("https://legacy.example/")),
        (3, Some("https://uv.example/")),
        (4, None),
    ] {
        assert_eq!(index(&files[skipped..], &[]).as_deref(), expected);
    }
}

#[test]
fn the_address_is_that_of_the_simple_index_as_it_stands() {
    for text in [
        "https://a.example/root/pypi/+simple/",
        "https://a.example/simple",
        "http://127.0.0.1:3141/root/pypi/+simple/",
    ] {
        assert_eq!(
            index(&[], &[("PIP_INDEX_URL", text)]).as_deref(),
            Some(text)
        );
    }
}

#[test]
fn files_of_pip_are_read_as_pip_reads_them() {
    for text in [
        "[global]\nindex-url = https://a.example/",
        "[global]\r\nindex_url: https://a.example/\r\n",
        "# a\n; b\n[install]\nindex-url=https://b.example/\n[global]\ntimeout = 1\n--INDEX-URL=https://a.example/",
        "[global]\nindex-url =\n\n    https://a.example/\n[install]\n",
        "[global]\nindex-url=https://b.example/\nindex-url=https://a.example/",
    ] {
        assert_eq!(
            index(&[(PIP, text)], &[]).as_deref(),
            Some("https://a.example/"),
            "{text}"
        );
    }
    for text in [
        "",
        "index-url = https://a.example/",
        "[install]\nindex-url = https://a.example/",
        "[Global]\nindex-url = https://a.example/",
        "[global]\n# index-url = https://a.example/",
        "[global]\nextra-index-url = https://a.example/",
        "[global]\ntimeout = 1\n  index-url = https://a.example/",
        "[global]\nindex-url =",
    ] {
        let configuration = configuration(&[(PIP, text)], &[]);
        assert_eq!(configuration.pypi_index, None, "{text}");
        assert!(configuration.unusable.is_empty(), "{text}");
    }
}

#[test]
fn a_named_file_of_pip_replaces_the_usual_ones_if_it_is_there() {
    let files = [(PIP, "[global]\nindex-url = https://pip.example/")];
    assert_eq!(index(&files, &[("PIP_CONFIG_FILE", "/dev/null")]), None);
    let missing = configuration(&files, &[("PIP_CONFIG_FILE", "/etc/missing")]);
    assert_eq!(
        shown(missing.pypi_index.as_ref()),
        Some("https://pip.example/")
    );
    assert_eq!(remarks(&missing).len(), 1);
    let files = [files[0], ("/etc/pip", "[global]\ntimeout = 1")];
    assert_eq!(index(&files, &[("PIP_CONFIG_FILE", "/etc/pip")]), None);
}

#[test]
fn the_folder_of_configurations_is_respected() {
    let files = [
        (PIP, "[global]\nindex-url = https://usual.example/"),
        (
            "/x/pip/pip.conf",
            "[global]\nindex-url = https://x.example/",
        ),
    ];
    assert_eq!(
        index(&files, &[("XDG_CONFIG_HOME", "/x")]).as_deref(),
        Some("https://x.example/")
    );
    let files = [("/x/uv/uv.toml", "index-url = \"https://uv.example/\"")];
    assert_eq!(
        index(&files, &[("XDG_CONFIG_HOME", "/x")]).as_deref(),
        Some("https://uv.example/")
    );
}

#[test]
fn the_default_index_of_uv_goes_before_its_older_spelling() {
    let default = "index-url = \"https://old.example/\"\n[[index]]\nurl = \"https://b.example/\"\n[[index]]\nname = \"a\"\nurl = \"https://a.example/\"\ndefault = true\n";
    assert_eq!(
        index(&[(UV, default)], &[]).as_deref(),
        Some("https://a.example/")
    );
    let none = "[[index]]\nurl = \"https://b.example/\"\n[[index]]\nurl = \"https://c.example/\"\ndefault = false\n";
    assert_eq!(index(&[(UV, none)], &[]), None);
    for odd in [
        "index = 1",
        "[[index]]\ndefault = true\nurl = 1",
        "index-url = []",
        "[index]\ndefault = true",
    ] {
        assert_eq!(index(&[(UV, odd)], &[]), None, "{odd}");
    }
}

#[test]
fn an_index_of_uv_may_have_a_name() {
    for (text, expected) in [
        ("company=https://a.example/", "https://a.example/"),
        ("https://a.example/b=c/", "https://a.example/b=c/"),
    ] {
        assert_eq!(
            index(&[], &[("UV_DEFAULT_INDEX", text)]).as_deref(),
            Some(expected)
        );
    }
}

#[test]
fn broken_toml_is_told_by_its_line() {
    let configuration = configuration(&[(UV, "\nindex-url = \"https://u:p@a.example/")], &[]);
    assert_eq!(configuration.pypi_index, None);
    assert_eq!(
        remarks(&configuration),
        ["/home/u/.config/uv/uv.toml, line 2: it is no valid TOML; nothing of it is used"]
    );
}

#[test]
fn a_login_in_the_address_becomes_the_credential_of_its_host() {
    let configuration = configuration(
        &[],
        &[("PIP_INDEX_URL", "https://u:p@a.example:8443/root/+simple/")],
    );
    assert_eq!(
        shown(configuration.pypi_index.as_ref()),
        Some("https://a.example:8443/root/+simple/")
    );
    for address in [
        "https://a.example:8443/root/+simple/flask/",
        "https://a.example:8443/files/flask.whl",
    ] {
        assert_eq!(
            header(&configuration, address).as_deref(),
            Some("Basic dTpw")
        );
    }
    for address in [
        "https://a.example/root/+simple/",
        "https://b.example:8443/root/+simple/",
    ] {
        assert_eq!(header(&configuration, address), None, "{address}");
    }
}

#[test]
fn an_index_that_cannot_be_asked_is_remembered_and_no_other_place_decides() {
    for (text, expected) in [
        (
            "http://u:p@devpi.example/",
            "plain http is spoken with this machine only; write https",
        ),
        ("/srv/simple", "it is no address such as https://host/path"),
        (
            "https://a.example/?token=t",
            "it may hold a scheme, a host, a port and a path, and nothing else",
        ),
    ] {
        let files = [(PIP, "[global]\nindex-url = https://pip.example/")];
        let configuration = configuration(&files, &[("PIP_INDEX_URL", text)]);
        assert_eq!(configuration.pypi_index, None, "{text}");
        assert!(
            configuration.unusable.contains_key(&Ecosystem::Pypi),
            "{text}"
        );
        assert!(configuration.credentials.is_empty(), "{text}");
        assert_eq!(
            remarks(&configuration),
            [format!(
                "PIP_INDEX_URL: the address is not asked: {expected}"
            )],
            "{text}"
        );
    }
}
