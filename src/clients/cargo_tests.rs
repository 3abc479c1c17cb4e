use super::*;
use crate::clients::testing::{configuration, header, remarks, shown};

const CONFIG: &str = "/home/u/.cargo/config.toml";
const CREDENTIALS: &str = "/home/u/.cargo/credentials.toml";
const MIRROR: &str = "[source.crates-io]\nreplace-with = \"mirror\"\n[source.mirror]\nregistry = \"sparse+https://mirror.example/index/\"\n";
const COMPANY: &str = "[registries.my-own]\nindex = \"sparse+https://own.example/index/\"\n";

fn of_file(text: &str) -> ClientConfiguration {
    configuration(&[(CONFIG, text)], &[])
}

fn index(text: &str) -> Option<String> {
    shown(of_file(text).crates_index.as_ref()).map(str::to_owned)
}

/// Makes a chain of sources that is that many steps long.
fn chain(steps: usize) -> String {
    use std::fmt::Write;
    let mut text = "[source.crates-io]\nreplace-with = \"s1\"\n".to_owned();
    for step in 1..steps {
        let next = step + 1;
        writeln!(text, "[source.s{step}]\nreplace-with = \"s{next}\"").expect("a string");
    }
    writeln!(
        text,
        "[source.s{steps}]\nregistry = \"sparse+https://a.example/\""
    )
    .expect("a string");
    text
}

#[test]
fn what_takes_the_place_of_crates_io_is_followed() {
    assert_eq!(
        index(MIRROR).as_deref(),
        Some("https://mirror.example/index/")
    );
    let registry = format!("{COMPANY}[source.crates-io]\nreplace-with = \"my-own\"\n");
    assert_eq!(
        index(&registry).as_deref(),
        Some("https://own.example/index/")
    );
    assert_eq!(index(&chain(10)).as_deref(), Some("https://a.example/"));
    let itself = "[source.crates-io]\nregistry = \"sparse+https://a.example/\"\n";
    assert_eq!(index(itself).as_deref(), Some("https://a.example/"));
}

#[test]
fn registries_beside_crates_io_do_not_take_its_place() {
    for text in [
        "",
        COMPANY,
        "[source.mirror]\nregistry = \"sparse+https://mirror.example/\"\n",
        "[registries.crates-io]\nindex = \"sparse+https://a.example/\"\nprotocol = \"sparse\"\n",
        "source = 1",
        "[source]\ncrates-io = []",
        "[source.crates-io]\nreplace-with = 1",
        "[source.crates-io]\nreplace-with = \"\"",
    ] {
        let configuration = of_file(text);
        assert_eq!(configuration.crates_index, None, "{text}");
        assert!(configuration.unusable.is_empty(), "{text}");
        assert_eq!(remarks(&configuration), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn only_sparse_registries_are_asked() {
    let replaced = "[source.crates-io]\nreplace-with = \"a\"\n";
    let git =
        "crates.io is replaced by a git index, which is not asked; only a sparse+https:// one is";
    let folder = "crates.io is replaced by a folder, which is not asked";
    let undefined = "a source that takes the place of crates.io is not defined";
    let circle = "more than 10 sources take the place of one another; crates.io is not replaced";
    for (text, expected) in [
        (
            "[source.a]\nregistry = \"https://a.example/index.git\"",
            git,
        ),
        ("[source.a]\ngit = \"https://a.example/index.git\"", git),
        ("[registries.a]\nindex = \"ssh://git@a.example/index\"", git),
        ("[source.a]\ndirectory = \"vendor\"", folder),
        ("[source.a]\nlocal-registry = \"vendor\"", folder),
        ("[source.a]\n", undefined),
        ("", undefined),
        (
            "[source.a]\nreplace-with = \"b\"\n[source.b]\nreplace-with = \"a\"",
            circle,
        ),
        (
            "[source.a]\nregistry = \"sparse+http://a.example/\"",
            "what takes the place of crates.io is not asked: plain http is spoken with this machine only; write https",
        ),
        (
            "[source.a]\nregistry = \"sparse+https://u:p@a.example/\"",
            "what takes the place of crates.io is not asked: it may hold a scheme, a host, a port and a path, and nothing else",
        ),
    ] {
        let configuration = of_file(&format!("{replaced}{text}"));
        assert_eq!(configuration.crates_index, None, "{text}");
        assert!(
            configuration.unusable.contains_key(&Ecosystem::Cargo),
            "{text}"
        );
        assert_eq!(
            remarks(&configuration),
            [format!("{CONFIG}: {expected}")],
            "{text}"
        );
    }
    assert_eq!(
        remarks(&of_file(&chain(11))),
        [format!("{CONFIG}: {circle}")]
    );
}

#[test]
fn the_home_of_cargo_and_the_old_name_go_first() {
    let other = MIRROR.replace("mirror.example", "other.example");
    let old = configuration(&[(CONFIG, MIRROR), ("/home/u/.cargo/config", &other)], &[]);
    assert_eq!(
        shown(old.crates_index.as_ref()),
        Some("https://other.example/index/")
    );
    let home = configuration(
        &[(CONFIG, MIRROR), ("/c/config.toml", &other)],
        &[("CARGO_HOME", "/c")],
    );
    assert_eq!(
        shown(home.crates_index.as_ref()),
        Some("https://other.example/index/")
    );
}

#[test]
fn a_registry_has_its_token_from_a_variable_or_a_file() {
    let credentials = "[registries.my-own]\ntoken = \"file\"\n";
    let files = [(CONFIG, COMPANY), (CREDENTIALS, credentials)];
    let variable = ("CARGO_REGISTRIES_MY_OWN_TOKEN", "variable");
    let old = [
        (CONFIG, COMPANY),
        ("/home/u/.cargo/credentials", credentials),
    ];
    let address = "https://own.example/index/se/rd/serde";
    for (files, variables, expected) in [
        (&files[..], &[][..], Some("file")),
        (&old, &[], Some("file")),
        (&files, &[variable], Some("variable")),
        (&files[..1], &[variable], Some("variable")),
        (&files[..1], &[], None),
        (&files[1..], &[variable], None),
    ] {
        let configuration = configuration(files, variables);
        assert_eq!(header(&configuration, address).as_deref(), expected);
        assert_eq!(header(&configuration, "https://crates.io/api"), None);
    }
}

#[test]
fn a_variable_that_moves_a_registry_moves_its_token() {
    let configuration = configuration(
        &[
            (CONFIG, COMPANY),
            (CREDENTIALS, "[registries.my-own]\ntoken = \"t\"\n"),
        ],
        &[(
            "CARGO_REGISTRIES_MY_OWN_INDEX",
            "sparse+https://new.example/",
        )],
    );
    assert_eq!(
        header(&configuration, "https://new.example/a").as_deref(),
        Some("t")
    );
    assert_eq!(header(&configuration, "https://own.example/index/a"), None);
}

#[test]
fn a_token_is_the_registrys_and_not_that_of_a_source_of_the_same_name() {
    let source = "[source.my-own]\nregistry = \"sparse+https://source.example/\"\n";
    let credentials = (CREDENTIALS, "[registries.my-own]\ntoken = \"t\"\n");
    let both = format!("{COMPANY}{source}");
    let both = configuration(&[(CONFIG, &both), credentials], &[]);
    assert_eq!(
        header(&both, "https://own.example/api").as_deref(),
        Some("t")
    );
    assert_eq!(header(&both, "https://source.example/"), None);
    let alone = configuration(&[(CONFIG, source), credentials], &[]);
    assert_eq!(
        header(&alone, "https://source.example/").as_deref(),
        Some("t")
    );
}

#[test]
fn the_token_of_crates_io_goes_nowhere() {
    let configuration = configuration(
        &[
            (
                CONFIG,
                "[source.crates-io]\nregistry = \"sparse+https://a.example/\"\n",
            ),
            (
                CREDENTIALS,
                "[registry]\ntoken = \"t\"\n[registries.crates-io]\ntoken = \"t\"\n",
            ),
        ],
        &[
            ("CARGO_REGISTRY_TOKEN", "t"),
            ("CARGO_REGISTRIES_CRATES_IO_TOKEN", "t"),
        ],
    );
    assert!(configuration.credentials.is_empty());
}

#[test]
fn a_token_that_no_request_can_carry_is_remarked() {
    let configuration = configuration(
        &[
            (CONFIG, COMPANY),
            (CREDENTIALS, "[registries.my-own]\ntoken = \"a\\nb\"\n"),
        ],
        &[],
    );
    assert!(configuration.credentials.is_empty());
    assert_eq!(
        remarks(&configuration),
        [
            "the token of cargo's registry `my-own`: the token holds characters that no request can carry, and is not used"
        ]
    );
}
