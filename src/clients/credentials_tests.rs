use super::*;

fn credentials(tokens: &[(&str, &str)]) -> Credentials {
    let mut credentials = Credentials::default();
    for (address, token) in tokens {
        let address = RemoteAddress::new(address).expect("an address");
        let secret = Secret::bare(token).expect("a token");
        credentials.add(address, secret).expect("few credentials");
    }
    credentials
}

fn sent(credentials: &Credentials, address: &str) -> Option<String> {
    let address = Url::parse(address).expect("an address");
    let secret = credentials.for_address(&address)?;
    Some(secret.header_value().to_owned())
}

#[test]
fn a_secret_goes_to_its_own_scheme_host_port_and_path_only() {
    let credentials = credentials(&[("https://npm.example/api/npm/", "t")]);
    for address in [
        "https://npm.example/api/npm/",
        "https://npm.example/api/npm",
        "https://npm.example:443/api/npm/left-pad",
        "https://NPM.Example/api/npm/@a%2Fb",
        "https://npm.example/api/npm/?a=b",
        "https://npm.example/api/x/../npm/a",
    ] {
        assert_eq!(
            sent(&credentials, address).as_deref(),
            Some("t"),
            "{address}"
        );
    }
    for address in [
        "http://npm.example/api/npm/a",
        "https://npm.example:8443/api/npm/a",
        "https://npm.example.evil.example/api/npm/a",
        "https://evil.example/npm.example/api/npm/a",
        "https://npm.example@evil.example/api/npm/a",
        "https://a.npm.example/api/npm/a",
        "https://npm.example./api/npm/a",
        "https://npm.example/api/npm-evil/a",
        "https://npm.example/api/npm/../evil",
        "https://npm.example/api/npm/%2e%2e/evil",
        "https://npm.example/API/NPM/a",
        "https://npm.example/",
        "ftp://npm.example/api/npm/a",
        "data:npm.example/api/npm/a",
    ] {
        assert_eq!(sent(&credentials, address), None, "{address}");
    }
}

#[test]
fn http_is_for_this_machine_and_its_own_port() {
    let credentials = credentials(&[("http://127.0.0.1:4873/", "t")]);
    assert_eq!(
        sent(&credentials, "http://127.0.0.1:4873/a").as_deref(),
        Some("t")
    );
    for address in [
        "https://127.0.0.1:4873/a",
        "http://127.0.0.1/a",
        "http://127.0.0.2:4873/a",
        "http://localhost:4873/a",
    ] {
        assert_eq!(sent(&credentials, address), None, "{address}");
    }
}

#[test]
fn the_longest_path_wins_and_then_the_first_one() {
    let credentials = credentials(&[
        ("https://a.example/b", "first"),
        ("https://a.example/", "host"),
        ("https://a.example/b/c/", "long"),
        ("https://a.example/b/", "second"),
    ]);
    for (address, token) in [
        ("https://a.example/x", "host"),
        ("https://a.example/b/x", "first"),
        ("https://a.example/b/c/x", "long"),
    ] {
        assert_eq!(
            sent(&credentials, address).as_deref(),
            Some(token),
            "{address}"
        );
    }
}

#[test]
fn only_what_can_stand_in_a_header_is_a_secret() {
    for token in ["", " ", "a\nb", "a\r\nHost: b", "ä", "\u{7f}"] {
        assert_eq!(
            Secret::bare(token),
            Err(CredentialError::NotAHeader),
            "{token:?}"
        );
        assert_eq!(
            Secret::bearer(token),
            Err(CredentialError::NotAHeader),
            "{token:?}"
        );
    }
    assert_eq!(
        Secret::bare(" Basic abc ").map(|secret| secret.header_value().to_owned()),
        Ok("Basic abc".to_owned())
    );
}

#[test]
fn an_encoded_login_is_checked_and_may_lack_its_padding() {
    for encoded in ["dTpwdw==", "dTpwdw"] {
        assert_eq!(
            Secret::basic_encoded(encoded),
            Ok(Secret("Basic dTpwdw==".to_owned())),
            "{encoded}"
        );
    }
    assert_eq!(
        Secret::basic_encoded("u:pw"),
        Err(CredentialError::NotBase64)
    );
    assert_eq!(
        Secret::basic_encoded("dXB3"),
        Err(CredentialError::Incomplete)
    );
}

#[test]
fn a_login_is_parted_from_its_address() {
    let (address, secret) =
        without_login("https://us%40er:p%3Aw@a.example:8443/simple/").expect("an address");
    assert_eq!(address.as_str(), "https://a.example:8443/simple/");
    assert_eq!(secret, Some(Secret::basic(b"us@er", b"p:w")));
    let (_, secret) = without_login("https://token@a.example/").expect("an address");
    assert_eq!(secret, Some(Secret::basic(b"token", b"")));
    let (_, secret) = without_login("https://a.example/").expect("an address");
    assert_eq!(secret, None);
}

#[test]
fn an_address_that_may_not_be_asked_gives_no_login_either() {
    for (text, expected) in [
        ("http://u:p@a.example/", AddressError::Plain),
        ("https://u:p@a.example/?a", AddressError::Secret),
        ("/srv/simple", AddressError::NotAnAddress),
        ("file:///srv/simple", AddressError::NotAnAddress),
        ("mailto:u@a.example", AddressError::NotAnAddress),
    ] {
        assert_eq!(without_login(text).map(drop), Err(expected), "{text}");
    }
}
