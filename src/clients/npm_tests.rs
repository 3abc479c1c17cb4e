use super::*;
use crate::clients::testing::{configuration, header, remarks, shown};

const FILE: &str = "/home/u/.npmrc";
const SCRIPT: (&str, &str) = ("npm_lifecycle_event", "audit");

fn of_file(text: &str, variables: &[(&str, &str)]) -> ClientConfiguration {
    configuration(&[(FILE, text)], variables)
}

fn registry(text: &str, variables: &[(&str, &str)]) -> Option<String> {
    let configuration = of_file(text, variables);
    shown(configuration.npm.as_ref()).map(str::to_owned)
}

#[test]
fn the_registry_is_read_as_npm_reads_it() {
    for text in [
        "registry=https://a.example/npm/",
        "\u{feff}registry = https://a.example/npm/\r\n",
        "registry = \"https://a.example/npm/\"",
        "registry = 'https://a.example/npm/'",
        "; a\n# b\n  registry=https://a.example/npm/ ; c",
        "\"registry\"=https://a.example/npm/",
        "registry=https://b.example/\nregistry=https://a.example/npm/",
        "registry\nregistry=https://a.example/npm/\n[a]\nregistry=https://b.example/",
        "registry=https://${HOST}/npm/",
        "registry=https://a.example/npm/${MISSING?}",
    ] {
        assert_eq!(
            registry(text, &[("HOST", "a.example")]).as_deref(),
            Some("https://a.example/npm/"),
            "{text}"
        );
    }
    for text in [
        "",
        "; registry=https://a.example/",
        "[a]\nregistry=https://a.example/",
        "Registry=https://a.example/",
        "registry",
    ] {
        let configuration = of_file(text, &[]);
        assert_eq!(configuration.npm, None, "{text}");
        assert!(configuration.unusable.is_empty(), "{text}");
    }
}

#[test]
fn a_registry_that_cannot_be_asked_is_remembered() {
    for (text, remark) in [
        (
            "\nregistry=http://a.example/",
            "/home/u/.npmrc, line 2: the address is not asked: plain http is spoken with this machine only; write https",
        ),
        (
            "registry=a.example",
            "/home/u/.npmrc, line 1: the address is not asked: it is no address such as https://host/path",
        ),
        (
            "registry=https://${UNSET}/",
            "/home/u/.npmrc, line 1: it names a variable that is not set, and is not used",
        ),
    ] {
        let configuration = of_file(text, &[]);
        assert_eq!(configuration.npm, None, "{text}");
        let why = configuration.unusable.get(&Ecosystem::Npm);
        assert_eq!(why.map(Untrusted::as_str), Some(remark), "{text}");
        assert_eq!(remarks(&configuration), [remark], "{text}");
    }
}

#[test]
fn a_variable_goes_before_the_file_unless_it_is_empty() {
    let text = "registry=https://file.example/";
    for name in ["npm_config_registry", "NPM_CONFIG_REGISTRY"] {
        assert_eq!(
            registry(text, &[(name, "https://variable.example/")]).as_deref(),
            Some("https://variable.example/")
        );
        assert_eq!(
            registry(text, &[(name, "")]).as_deref(),
            Some("https://file.example/")
        );
    }
    let configuration = of_file(
        "registry=https://${UNSET}/",
        &[("npm_config_registry", "https://variable.example/")],
    );
    assert!(configuration.unusable.is_empty());
}

#[cfg(not(windows))]
#[test]
fn what_npm_sets_for_scripts_may_be_the_projects_and_is_not_believed() {
    let evil = ("npm_config_registry", "https://evil.example/");
    let told = of_file("registry=https://file.example/", &[SCRIPT, evil]);
    assert_eq!(shown(told.npm.as_ref()), Some("https://file.example/"));
    assert_eq!(
        remarks(&told),
        [
            "npm_config_registry: npm sets it for scripts, from the .npmrc of the project too, so it is not used; if it is yours, set NPM_CONFIG_REGISTRY"
        ]
    );
    let own = ("NPM_CONFIG_REGISTRY", "https://own.example/");
    assert_eq!(
        registry("", &[SCRIPT, evil, own]).as_deref(),
        Some("https://own.example/")
    );
    assert_eq!(registry("", &[SCRIPT, evil]), None);
    let files = [
        (FILE, "registry=https://own.example/"),
        ("/evil", "registry=https://evil.example/"),
    ];
    let elsewhere = configuration(&files, &[SCRIPT, ("npm_config_userconfig", "/evil")]);
    assert_eq!(shown(elsewhere.npm.as_ref()), Some("https://own.example/"));
}

#[test]
fn what_npm_repeats_for_scripts_needs_no_remark() {
    let configuration = of_file(
        "registry=https://file.example/",
        &[SCRIPT, ("npm_config_registry", "https://file.example")],
    );
    assert_eq!(remarks(&configuration), Vec::<&str>::new());
}

#[test]
fn a_variable_may_name_another_file_and_then_the_usual_one_is_not_read() {
    let files = [
        (FILE, "registry=https://usual.example/"),
        ("/etc/own", "registry=https://own.example/"),
    ];
    for name in ["NPM_CONFIG_USERCONFIG", "npm_config_userconfig"] {
        let configuration = configuration(&files, &[(name, "/etc/own")]);
        assert_eq!(
            shown(configuration.npm.as_ref()),
            Some("https://own.example/")
        );
    }
    let missing = configuration(&files, &[("NPM_CONFIG_USERCONFIG", "/etc/missing")]);
    assert_eq!(missing.npm, None);
    assert_eq!(
        remarks(&missing),
        [
            "NPM_CONFIG_USERCONFIG: it names no file that is read: a regular file of text, at most 1 MiB long, outside the audited tree"
        ]
    );
    let nothing = configuration(&files, &[("NPM_CONFIG_USERCONFIG", "/dev/null")]);
    assert_eq!(nothing.npm, None);
    assert_eq!(remarks(&nothing), Vec::<&str>::new());
}

#[test]
fn scopes_have_registries_of_their_own() {
    let configuration = of_file(
        "@b:registry=https://b.example/\n@a:registry=https://u:p@a.example/npm/\n@b:registry=https://c.example/\n\
         @:registry=https://d.example/\n@e/f:registry=https://d.example/\n@g:registry=http://d.example/\n@h:other=https://d.example/",
        &[],
    );
    let scopes: Vec<&str> = configuration.scopes.iter().map(String::as_str).collect();
    let scoped: Vec<_> = configuration
        .scoped
        .iter()
        .map(|(scope, address)| (scope.as_str(), address.as_str()))
        .collect();
    assert_eq!(
        scoped,
        [
            ("@a", "https://a.example/npm/"),
            ("@b", "https://c.example/")
        ]
    );
    // The names are nobody else's, whether their registry can be asked or not.
    assert_eq!(scopes, ["@a", "@b", "@g"]);
    assert_eq!(
        remarks(&configuration),
        [
            "/home/u/.npmrc, line 4: it names no scope such as @company, and is not used",
            "/home/u/.npmrc, line 5: it names no scope such as @company, and is not used",
            "/home/u/.npmrc, line 6: the address is not asked: plain http is spoken with this machine only; write https",
        ]
    );
    assert!(configuration.unusable.is_empty());
    assert_eq!(
        header(&configuration, "https://a.example/").as_deref(),
        Some("Basic dTpw")
    );
}

#[test]
fn every_kind_of_secret_becomes_a_header() {
    for (text, expected) in [
        ("//a.example/:_authToken=t=", "Bearer t="),
        ("//a.example:_authToken=t", "Bearer t"),
        ("//A.example/:_authToken = \"t#1\"", "Bearer t#1"),
        ("//a.example/:_authToken=t\\#1 # own", "Bearer t#1"),
        ("//a.example/:_authToken=a\\b", "Bearer a\\b"),
        ("//a.example/:_authToken=${TOKEN}", "Bearer from-variable"),
        ("//${HOST}/:_authToken=t", "Bearer t"),
        ("//a.example/:_authToken=\\${TOKEN}", "Bearer ${TOKEN}"),
        (
            "//a.example/:_authToken=${a${TOKEN}",
            "Bearer ${afrom-variable",
        ),
        ("//a.example/:_authToken=${}${", "Bearer ${}${"),
        ("//a.example/:_auth=dTpw", "Basic dTpw"),
        (
            "//a.example/:username=u\n//a.example/:_password=cA==",
            "Basic dTpw",
        ),
        (
            "//a.example/:username=u\n//a.example/:_authToken=t",
            "Bearer t",
        ),
    ] {
        let configuration = of_file(text, &[("TOKEN", "from-variable"), ("HOST", "a.example")]);
        assert_eq!(
            header(&configuration, "https://a.example/left-pad").as_deref(),
            Some(expected),
            "{text}"
        );
        assert_eq!(remarks(&configuration), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn a_token_goes_to_its_host_only() {
    let configuration = of_file("//npm.example/:_authToken=t", &[]);
    assert_eq!(
        header(&configuration, "https://npm.example/a").as_deref(),
        Some("Bearer t")
    );
    for address in [
        "https://npm.example.evil.example/a",
        "https://npm.example:8443/a",
        "http://npm.example/a",
        "https://evil.example/npm.example/",
    ] {
        assert_eq!(header(&configuration, address), None, "{address}");
    }
}

#[test]
fn a_token_for_this_machine_goes_over_http_too() {
    let configuration = of_file("//localhost:4873/:_authToken=t", &[]);
    for address in ["http://localhost:4873/a", "https://localhost:4873/a"] {
        assert_eq!(header(&configuration, address).as_deref(), Some("Bearer t"));
    }
    assert_eq!(header(&configuration, "http://localhost/a"), None);
}

#[test]
fn secrets_that_are_of_no_use_are_remarked() {
    let homeless = "the token belongs to no host and is not used, as npm does not use it";
    let login = "a user without a password, or a password without a user, is not used";
    for (text, expected) in [
        ("_authToken=t", homeless),
        ("_auth=dTpw", homeless),
        ("//a.example/:username=u", login),
        ("//a.example/:_password=cA==", login),
        (
            "//a.example/:_auth=%%%",
            "the credential is no base64, and is not used",
        ),
        (
            "//a.example/:_authToken=\"a\\r\\nb\"",
            "the token holds characters that no request can carry, and is not used",
        ),
        (
            "//a.example/:_authToken=${UNSET}",
            "it names a variable that is not set, and is not used",
        ),
        (
            "//${UNSET}/:_authToken=t",
            "it names a variable that is not set, and is not used",
        ),
        (
            "//u@a.example/:_authToken=t",
            "the address is not asked: it may hold a scheme, a host, a port and a path, and nothing else",
        ),
    ] {
        let configuration = of_file(text, &[]);
        assert!(configuration.credentials.is_empty(), "{text}");
        assert_eq!(
            remarks(&configuration),
            [format!("/home/u/.npmrc, line 1: {expected}")],
            "{text}"
        );
    }
}

#[test]
fn other_settings_are_nobodys_business() {
    let configuration = of_file(
        "cache=${UNSET}\n//a.example/:certfile=${UNSET}\n//a.example/:email=a\nalways-auth",
        &[],
    );
    assert_eq!(remarks(&configuration), Vec::<&str>::new());
    assert!(configuration.credentials.is_empty());
}

#[test]
fn the_token_of_an_address_goes_before_a_login_in_it() {
    let configuration = of_file(
        "registry=https://u:p@a.example/\n//a.example/:_authToken=t",
        &[],
    );
    assert_eq!(
        header(&configuration, "https://a.example/a").as_deref(),
        Some("Bearer t")
    );
    let configuration = of_file("registry=https://u:p@a.example/", &[]);
    assert_eq!(
        header(&configuration, "https://a.example/a").as_deref(),
        Some("Basic dTpw")
    );
}
