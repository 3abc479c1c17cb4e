//! A user made up for the tests of this module.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use url::Url;

use super::{ClientConfiguration, RemoteAddress, UserFiles};

/// A secret that must not be seen anywhere.
pub(super) const CANARY: &str = "canary-5f1d";

/// Files by their paths, and variables by their names.
pub(super) struct MadeUpUser<'a> {
    files: BTreeMap<&'a str, &'a str>,
    variables: BTreeMap<&'a str, &'a str>,
}

impl<'a> MadeUpUser<'a> {
    /// Makes a user whose home is `/home/u`.
    pub(super) fn new(files: &[(&'a str, &'a str)], variables: &[(&'a str, &'a str)]) -> Self {
        Self {
            files: files.iter().copied().collect(),
            variables: variables.iter().copied().collect(),
        }
    }

    /// Reads what the user has configured.
    pub(super) fn configuration(&self) -> ClientConfiguration {
        ClientConfiguration::read(self, &|name| {
            self.variables.get(name).map(|value| (*value).to_owned())
        })
    }
}

impl UserFiles for MadeUpUser<'_> {
    fn read(&self, path: &Utf8Path) -> Option<String> {
        self.files.get(path.as_str()).map(|text| (*text).to_owned())
    }

    fn home(&self) -> Option<Utf8PathBuf> {
        Some("/home/u".into())
    }
}

/// Reads what a user with these files and variables has configured.
pub(super) fn configuration(
    files: &[(&str, &str)],
    variables: &[(&str, &str)],
) -> ClientConfiguration {
    MadeUpUser::new(files, variables).configuration()
}

/// Returns the header that goes with a request, or nothing.
pub(super) fn header(configuration: &ClientConfiguration, address: &str) -> Option<String> {
    let address = Url::parse(address).expect("an address");
    let secret = configuration.credentials.for_address(&address)?;
    Some(secret.header_value().to_owned())
}

/// Returns an address as text.
pub(super) fn shown(address: Option<&RemoteAddress>) -> Option<&str> {
    address.map(RemoteAddress::as_str)
}

/// Returns the remarks.
pub(super) fn remarks(configuration: &ClientConfiguration) -> Vec<&str> {
    configuration
        .remarks
        .iter()
        .map(crate::text::Untrusted::as_str)
        .collect()
}

/// Returns text like that of configurations, and quite other text.
pub(super) fn any_text() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let word = prop::sample::select(vec![
        "registry",
        "@a:registry",
        "//a.example/",
        ":_authToken",
        ":_auth",
        ":username",
        ":_password",
        "=",
        "${",
        "}",
        "${A}",
        "\\",
        "\"",
        "'",
        ";",
        "#",
        "\n",
        "\r\n",
        " ",
        "\t",
        "[",
        "]",
        "[global]",
        "index-url",
        "[[index]]",
        "url",
        "default",
        "true",
        "https://",
        "a.example",
        "/",
        ":",
        "@",
        "u:p@",
        "machine",
        "login",
        "password",
        "macdef",
        "account",
        "[source.crates-io]",
        "[source.a]",
        "replace-with",
        "\"a\"",
        "\"crates-io\"",
        "[registries.a]",
        "index",
        "token",
        "\"sparse+https://a.example/\"",
        "\u{feff}",
        "ä",
        "\u{202e}",
        "\0",
        "?",
        "%",
    ]);
    let words = prop::collection::vec(word, 0..40).prop_map(|words| words.concat());
    prop_oneof![words, any::<String>()]
}
