//! cargo: what takes the place of crates.io, and the tokens of registries.
//!
//! References: <https://doc.rust-lang.org/cargo/reference/source-replacement.html> and
//! <https://doc.rust-lang.org/cargo/reference/registry-authentication.html>. Credential providers are programs and are
//! never run.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;
use thiserror::Error;
use toml::{Table, Value};

use super::credentials::Secret;
use super::{ClientConfiguration, Setting, User};
use crate::package::remote::AddressError;
use crate::package::{Ecosystem, RemoteAddress};

/// The source that others take the place of.
const CRATES_IO: &str = "crates-io";

/// How many times one source may take the place of another.
const STEPS: usize = 10;

/// What the address of a sparse index begins with.
const SPARSE: &str = "sparse+";

/// Why what takes the place of crates.io is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
enum Refusal {
    #[error("more than 10 sources take the place of one another; crates.io is not replaced")]
    Circle,
    #[error("a source that takes the place of crates.io is not defined")]
    Undefined,
    #[error(
        "crates.io is replaced by a git index, which is not asked; only a sparse+https:// one is"
    )]
    Git,
    #[error("crates.io is replaced by a folder, which is not asked")]
    Folder,
    #[error("what takes the place of crates.io is not asked: {0}")]
    Address(#[from] AddressError),
}

/// What cargo's own files say.
struct Settings {
    /// Where the configuration stands, in words.
    place: String,
    configuration: Table,
    credentials: Table,
}

pub(super) fn read(user: &User<'_>, configuration: &mut ClientConfiguration) {
    let folder = user
        .path("CARGO_HOME", configuration)
        .or_else(|| user.in_home(".cargo"));
    let Some(folder) = folder else {
        return;
    };
    let settings = Settings::read(&folder, user, configuration);
    match settings.replacement(user) {
        Ok(index) => configuration.crates_index = index,
        Err(refusal) => {
            let why = configuration.remarked(&settings.place, refusal);
            configuration.unusable.insert(Ecosystem::Cargo, why);
        }
    }
    settings.read_tokens(user, configuration);
}

impl Settings {
    fn read(
        folder: &Utf8PathBuf,
        user: &User<'_>,
        configuration: &mut ClientConfiguration,
    ) -> Self {
        // Where both lie, cargo reads the old name.
        let mut document = |name: &str| {
            let paths = [folder.join(name), folder.join(format!("{name}.toml"))];
            let path = paths.iter().find(|path| user.files.read(path).is_some())?;
            Some((path.to_string(), user.read_toml(path, configuration)?))
        };
        let (place, table) = document("config").unwrap_or_default();
        let (_, credentials) = document("credentials").unwrap_or_default();
        Self {
            place,
            configuration: table,
            credentials,
        }
    }

    /// Follows what takes the place of crates.io; none if nothing does.
    fn replacement(&self, user: &User<'_>) -> Result<Option<RemoteAddress>, Refusal> {
        let mut name = CRATES_IO;
        for _ in 0..=STEPS {
            match self.source(name, "replace-with") {
                Some(next) => name = next,
                None => return self.end(name, user),
            }
        }
        Err(Refusal::Circle)
    }

    /// Reads the source that takes the place of all others.
    fn end(&self, name: &str, user: &User<'_>) -> Result<Option<RemoteAddress>, Refusal> {
        let has = |key| self.source(name, key).is_some();
        if has("directory") || has("local-registry") {
            return Err(Refusal::Folder);
        }
        if has("git") {
            return Err(Refusal::Git);
        }
        match self.index(name, user) {
            Some(index) => sparse(&index).map(Some),
            None if name == CRATES_IO => Ok(None),
            None => Err(Refusal::Undefined),
        }
    }

    /// Returns the address of a source or, if there is none of that name, of a registry, as it stands there.
    fn index(&self, name: &str, user: &User<'_>) -> Option<String> {
        let source = self.source(name, "registry").map(str::to_owned);
        // crates.io itself is no registry that somebody defines.
        if name == CRATES_IO {
            return source;
        }
        source.or_else(|| self.registry(name, user))
    }

    /// Returns the address of a registry, as it stands there.
    fn registry(&self, name: &str, user: &User<'_>) -> Option<String> {
        let index = || text(&self.configuration, ["registries", name, "index"]);
        user.variable(&variable(name, "INDEX"))
            .or_else(|| index().map(str::to_owned))
    }

    fn source(&self, name: &str, key: &str) -> Option<&str> {
        text(&self.configuration, ["source", name, key])
    }

    /// Gives each sparse registry its token.
    ///
    /// A token is that of a registry; it is a source's only where no registry has the name. The token of crates.io is
    /// for publishing there, and no other host gets it.
    fn read_tokens(&self, user: &User<'_>, configuration: &mut ClientConfiguration) {
        for name in self.names().into_iter().filter(|name| *name != CRATES_IO) {
            let index = self.registry(name, user);
            let index = index.or_else(|| self.index(name, user));
            let Some(address) = index.and_then(|index| sparse(&index).ok()) else {
                continue;
            };
            let Some(token) = self.token(name, user) else {
                continue;
            };
            match Secret::bare(&token.text) {
                Ok(secret) => configuration.credential_of_host(&token.place, &address, &secret),
                Err(error) => configuration.remark(&token.place, error),
            }
        }
    }

    /// Returns the names of all sources and registries.
    fn names(&self) -> BTreeSet<&str> {
        let tables = ["registries", "source"].map(|key| self.configuration.get(key));
        let tables = tables.into_iter().flatten().filter_map(Value::as_table);
        tables.flat_map(Table::keys).map(String::as_str).collect()
    }

    fn token(&self, name: &str, user: &User<'_>) -> Option<Setting> {
        let of_file = |table| {
            Some(Setting {
                text: text(table, ["registries", name, "token"])?.to_owned(),
                place: format!("the token of cargo's registry `{name}`"),
            })
        };
        user.setting(&variable(name, "TOKEN"))
            .or_else(|| of_file(&self.credentials))
            .or_else(|| of_file(&self.configuration))
    }
}

/// Returns the variable that goes before a key of a registry.
fn variable(name: &str, key: &str) -> String {
    let name = name.to_uppercase().replace(['-', '.'], "_");
    format!("CARGO_REGISTRIES_{name}_{key}")
}

/// Reads the address of a sparse index.
fn sparse(index: &str) -> Result<RemoteAddress, Refusal> {
    let address = index.trim().strip_prefix(SPARSE).ok_or(Refusal::Git)?;
    Ok(RemoteAddress::new(address)?)
}

/// Returns the text at a path of keys.
fn text<'a>(document: &'a Table, [first, second, third]: [&str; 3]) -> Option<&'a str> {
    let text = document.get(first)?.get(second)?.get(third)?.as_str();
    text.filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
#[path = "cargo_tests.rs"]
mod tests;
