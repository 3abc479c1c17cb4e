//! Package URLs (<https://github.com/package-url/purl-spec>), the public name of a package in every report.

use std::fmt;

use packageurl::PackageUrl;
use serde::{Serialize, Serializer};

use super::address::redact;
use super::source::Registry;
use super::{Ecosystem, PackageName, Source, Version};

/// A package URL: `pkg:npm/axios@1.14.1`.
///
/// A source other than the public registry stands in a qualifier, so that a local or private package never
/// bears the URL of its public namesake. Percent-encoding leaves nothing in it that needs an escape.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purl(Box<str>);

impl Purl {
    /// Names a package.
    pub fn new(
        ecosystem: Ecosystem,
        name: &PackageName<'_>,
        version: Option<&Version<'_>>,
        source: &Source<'_>,
    ) -> Self {
        let (namespace, base) = match name.as_str().rsplit_once('/') {
            Some((namespace, base)) if ecosystem == Ecosystem::Npm => (Some(namespace), base),
            _ => (None, name.as_str()),
        };
        Self::assemble(ecosystem, namespace, base, version, source)
            .unwrap_or_else(|| Self(format!("pkg:{ecosystem}/{}", encode(name.as_str())).into()))
    }

    fn assemble(
        ecosystem: Ecosystem,
        namespace: Option<&str>,
        name: &str,
        version: Option<&Version<'_>>,
        source: &Source<'_>,
    ) -> Option<Self> {
        let mut purl = PackageUrl::new(ecosystem.id(), name).ok()?;
        if let Some(namespace) = namespace {
            purl.with_namespace(namespace).ok()?;
        }
        if let Some(version) = version.filter(|version| !version.as_str().is_empty()) {
            purl.with_version(version.as_str()).ok()?;
        }
        if let Some((key, value)) = qualifier(source) {
            purl.add_qualifier(key, value).ok()?;
        }
        Some(Self(purl.to_string().into()))
    }

    /// Returns the URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Purl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Serialize for Purl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

fn qualifier(source: &Source<'_>) -> Option<(&'static str, String)> {
    match source {
        Source::Registry(Registry::Public) => None,
        Source::Registry(Registry::Other(url)) => Some(("repository_url", redact(url.as_str()))),
        Source::Git { url, commit } => {
            let commit = commit
                .as_ref()
                .map_or(String::new(), |commit| format!("@{}", commit.as_str()));
            Some(("vcs_url", format!("{}{commit}", redact(url.as_str()))))
        }
        Source::Path(path) => Some(("download_url", format!("file:{}", path.as_str()))),
        Source::Archive(url) => Some(("download_url", redact(url.as_str()))),
    }
}

/// Percent-encodes a name that no package URL can hold as it is.
fn encode(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purl(ecosystem: Ecosystem, name: &str, version: &str, source: &Source<'_>) -> String {
        let version = Version::new(version.into());
        Purl::new(
            ecosystem,
            &PackageName::new(ecosystem, name.into()),
            Some(&version),
            source,
        )
        .to_string()
    }

    #[test]
    fn public_packages_have_plain_urls() {
        let public = Source::Registry(Registry::Public);
        assert_eq!(
            purl(Ecosystem::Npm, "axios", "1.14.1", &public),
            "pkg:npm/axios@1.14.1"
        );
        assert_eq!(
            purl(Ecosystem::Npm, "@babel/core", "7.0.0", &public),
            "pkg:npm/%40babel/core@7.0.0"
        );
        assert_eq!(
            purl(Ecosystem::Pypi, "Ruamel_Yaml", "1.0+cu128", &public),
            "pkg:pypi/ruamel-yaml@1.0%2Bcu128"
        );
    }

    #[test]
    fn another_source_is_another_url() {
        let git = Source::Git {
            url: "https://u:p@example.org/r".into(),
            commit: Some("abc".into()),
        };
        assert_eq!(
            purl(Ecosystem::Cargo, "serde", "1.0.0", &git),
            "pkg:cargo/serde@1.0.0?vcs_url=https:%2F%2Fexample.org%2Fr%40abc"
        );
        let path = Source::Path("crates/serde".into());
        assert_eq!(
            purl(Ecosystem::Cargo, "serde", "1.0.0", &path),
            "pkg:cargo/serde@1.0.0?download_url=file:crates%2Fserde"
        );
    }

    #[test]
    fn hostile_names_are_percent_encoded() {
        let public = Source::Registry(Registry::Public);
        for name in ["../evil", "a\u{1b}[31m", "@x", "a b?c#d"] {
            let purl = purl(Ecosystem::Npm, name, "1", &public);
            assert!(purl.bytes().all(|byte| byte.is_ascii_graphic()), "{purl}");
        }
    }
}
