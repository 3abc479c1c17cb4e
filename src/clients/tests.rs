use proptest::prelude::*;

use super::testing::{CANARY, MadeUpUser, any_text, configuration, header, remarks, shown};
use super::*;

#[test]
fn who_configured_nothing_asks_nobody_else_and_has_no_secret() {
    let configuration = configuration(&[], &[]);
    assert_eq!(configuration.npm, None);
    assert_eq!(configuration.pypi_index, None);
    assert_eq!(configuration.crates_index, None);
    assert_eq!(configuration.scoped, []);
    assert!(configuration.unusable.is_empty());
    assert!(configuration.credentials.is_empty());
    assert_eq!(remarks(&configuration), Vec::<&str>::new());
}

#[test]
fn a_user_without_a_home_is_asked_by_variables_only() {
    struct Homeless;
    impl UserFiles for Homeless {
        fn read(&self, path: &Utf8Path) -> Option<String> {
            panic!("{path} is read")
        }
        fn home(&self) -> Option<Utf8PathBuf> {
            None
        }
    }
    let configuration = ClientConfiguration::read(&Homeless, &|name| {
        (name == "PIP_INDEX_URL").then(|| "https://a.example/simple".to_owned())
    });
    assert_eq!(
        shown(configuration.pypi_index.as_ref()),
        Some("https://a.example/simple")
    );
}

#[test]
fn a_path_that_is_not_complete_would_lead_into_the_audited_tree_and_is_refused() {
    struct Relative;
    impl UserFiles for Relative {
        fn read(&self, path: &Utf8Path) -> Option<String> {
            panic!("{path} is read")
        }
        fn home(&self) -> Option<Utf8PathBuf> {
            Some("home".into())
        }
    }
    let names = [
        "NPM_CONFIG_USERCONFIG",
        "PIP_CONFIG_FILE",
        "XDG_CONFIG_HOME",
        "APPDATA",
        "CARGO_HOME",
        "NETRC",
    ];
    let configuration = ClientConfiguration::read(&Relative, &|name| {
        names.contains(&name).then(|| "./here".to_owned())
    });
    let mut expected = names.map(|name| format!("{name}: it is no complete path and is not used"));
    let mut remarks = remarks(&configuration);
    expected.sort_unstable();
    remarks.sort_unstable();
    assert_eq!(remarks, expected);
}

#[test]
fn a_file_that_is_too_long_is_not_read() {
    let text = format!("registry=https://a.example/\n;{}", "a".repeat(FILE_BYTES));
    let configuration = configuration(&[("/home/u/.npmrc", &text)], &[]);
    assert_eq!(configuration.npm, None);
    assert_eq!(
        remarks(&configuration),
        ["/home/u/.npmrc: it is longer than 1 MiB and is not read"]
    );
}

#[test]
fn remarks_and_credentials_are_bounded() {
    use std::fmt::Write;
    let (mut tokens, mut unset) = (String::new(), String::new());
    for number in 0..3_000 {
        writeln!(tokens, "//a{number}.example/:_authToken=t").expect("a string");
        writeln!(unset, "@a{number}:registry=${{UNSET}}").expect("a string");
    }
    let text = tokens + &unset;
    let configuration = configuration(&[("/home/u/.npmrc", &text)], &[]);
    assert_eq!(configuration.remarks.len(), REMARKS);
    let addresses = (0..3_000).map(|number| format!("https://a{number}.example/"));
    let kept = addresses.filter(|address| header(&configuration, address).is_some());
    assert_eq!(kept.count(), 1_000);
}

#[test]
fn nothing_shows_a_secret() {
    let npmrc = format!(
        "//a.example/:_authToken={CANARY}\n//b.example/:_authToken=\"{CANARY}\\n\"\n_authToken={CANARY}\n\
         //c.example/:_auth={CANARY}\n//u:{CANARY}@d.example/:_authToken={CANARY}\n\
         registry=http://u:{CANARY}@e.example/?{CANARY}\n@a:registry=https://u:{CANARY}@f.example/\n\
         //g.example/:username={CANARY}\n//h.example/:_authToken=${{UNSET}}{CANARY}\n"
    );
    let pip = format!("[global]\nindex-url = https://u:{CANARY}@i.example/#{CANARY}\n");
    let cargo = format!(
        "[source.crates-io]\nreplace-with = \"a\"\n[source.a]\nregistry = \"sparse+https://u:{CANARY}@j.example/\"\n"
    );
    let credentials = format!("[registries.a]\ntoken = \"{CANARY}");
    let netrc = format!(
        "machine k.example login u password {CANARY}\nmachine {CANARY}@ password {CANARY}\n{CANARY}"
    );
    let configuration = configuration(
        &[
            ("/home/u/.npmrc", &npmrc),
            ("/home/u/.config/pip/pip.conf", &pip),
            ("/home/u/.cargo/config.toml", &cargo),
            ("/home/u/.cargo/credentials.toml", &credentials),
            ("/home/u/.netrc", &netrc),
        ],
        &[],
    );
    assert_eq!(
        header(&configuration, "https://a.example/x"),
        Some(format!("Bearer {CANARY}"))
    );
    assert!(configuration.remarks.len() >= 8, "{configuration:?}");
    let shown = format!("{configuration:?}{configuration:#?}");
    assert!(!shown.contains(CANARY), "{shown}");
    let secret = Secret::bearer(CANARY).expect("a token");
    assert_eq!(format!("{secret} {secret:?}"), "(hidden) Secret(hidden)");
}

#[test]
fn the_client_that_has_a_secret_for_an_address_goes_before_netrc() {
    let configuration = configuration(
        &[
            ("/home/u/.npmrc", "//a.example/:_authToken=t"),
            ("/home/u/.netrc", "machine a.example login u password p"),
        ],
        &[],
    );
    assert_eq!(
        header(&configuration, "https://a.example/").as_deref(),
        Some("Bearer t")
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_a_reader(text in any_text(), other in any_text()) {
        let paths = [
            "/home/u/.npmrc", "/home/u/.config/pip/pip.conf", "/home/u/.config/uv/uv.toml",
            "/home/u/.cargo/config.toml", "/home/u/.cargo/credentials.toml", "/home/u/.netrc",
        ];
        let files = paths.map(|path| (path, text.as_str()));
        let variables = [("A", other.as_str()), ("npm_config_registry", &other), ("UV_DEFAULT_INDEX", &other), ("CARGO_REGISTRIES_A_TOKEN", &other)];
        for variables in [&variables[..1], &variables] {
            let configuration = MadeUpUser::new(&files, variables).configuration();
            prop_assert!(configuration.remarks.len() <= REMARKS);
        }
    }

    #[test]
    fn a_token_among_any_text_is_never_shown(before in any_text(), behind in any_text()) {
        let with = |line: &str| format!("{before}\n{line}\n{behind}");
        let npmrc = with(&format!("//a.example/:_authToken={CANARY}\n_authToken={CANARY}"));
        let pip = with(&format!("[global]\nindex-url=https://u:{CANARY}@a.example/"));
        let toml = with(&format!("[registries.a]\ntoken = \"{CANARY}\""));
        let netrc = with(&format!("machine a.example password {CANARY}"));
        let files = [
            ("/home/u/.npmrc", npmrc.as_str()),
            ("/home/u/.config/pip/pip.conf", &pip),
            ("/home/u/.cargo/config.toml", &toml),
            ("/home/u/.cargo/credentials.toml", &toml),
            ("/home/u/.netrc", &netrc),
        ];
        let shown = format!("{:?}", MadeUpUser::new(&files, &[]).configuration());
        prop_assert!(!shown.contains(CANARY), "{}", shown);
    }
}
