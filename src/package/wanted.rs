//! Package URLs as people write them: which packages they mean.

use std::collections::BTreeMap;

use packageurl::PackageUrl;

use super::version::is_same_release;
use super::{Ecosystem, PackageName};

/// The packages that a written package URL means: with a version one release, without one all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedPackage {
    written: String,
    ecosystem: Ecosystem,
    name: String,
    version: Option<String>,
    /// What says that it is not from the public registry.
    source: BTreeMap<String, String>,
}

impl WantedPackage {
    /// Reads a package URL; a sentence's end on what is wrong with it otherwise.
    pub fn parse(text: &str) -> Result<Self, String> {
        let purl: PackageUrl<'_> = text
            .parse()
            .map_err(|error: packageurl::Error| error.to_string())?;
        let mut known = Ecosystem::ALL.into_iter();
        let ecosystem = known
            .find(|ecosystem| ecosystem.id() == purl.ty())
            .ok_or_else(|| format!("the ecosystem `{}` is not audited", purl.ty()))?;
        let name = match purl.namespace() {
            Some(namespace) => format!("{namespace}/{}", purl.name()),
            None => purl.name().to_owned(),
        };
        let name = PackageName::new(ecosystem, name.into());
        let source = purl.qualifiers().iter();
        let source = source.map(|(key, value)| (key.to_string(), value.to_string()));
        Ok(Self {
            written: text.to_owned(),
            ecosystem,
            name: name.as_str().to_owned(),
            version: purl.version().map(str::to_owned),
            source: source.collect(),
        })
    }

    /// Says whether the URL is spelt as a [`Purl`](super::Purl) spells it: its type and name, and what is escaped.
    ///
    /// It looks at the text alone, because strange versions do not come back from a parser as they were.
    pub fn is_canonical(&self) -> bool {
        let head = format!("pkg:{}/", self.ecosystem);
        let Some(rest) = self.written.strip_prefix(&head) else {
            return false;
        };
        let name = rest.split(['@', '?']).next().unwrap_or_default();
        let is_normal = || PackageName::new(self.ecosystem, name.into()).as_str() == name;
        !name.is_empty()
            && !rest.contains('#')
            && (name.contains('%') || is_normal())
            && rest.split('%').skip(1).all(is_due_escape)
    }

    /// Returns the ecosystem.
    pub const fn ecosystem(&self) -> Ecosystem {
        self.ecosystem
    }

    /// Returns the name, as the registry compares it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Says whether it is meant to be from the public registry: nothing says otherwise.
    pub fn is_public(&self) -> bool {
        self.source.is_empty()
    }

    /// Returns the version, if one is meant.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Says whether one release is meant.
    pub fn has_version(&self) -> bool {
        self.version.is_some()
    }

    /// Says whether a package is meant, given by its own URL. A package from elsewhere is meant only if the URL says from where.
    pub fn means(&self, own: &Self) -> bool {
        own.ecosystem == self.ecosystem
            && own.name == self.name
            && own.source == self.source
            && self.means_version(own.version.as_deref())
    }

    fn means_version(&self, own: Option<&str>) -> bool {
        match (&self.version, own) {
            (None, _) => true,
            (Some(wanted), Some(own)) => is_same_release(self.ecosystem, wanted, own),
            (Some(_), None) => false,
        }
    }

    /// Returns the URL as it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }
}

/// Says whether what follows a `%` is an escape in capitals, of a character that needs one.
fn is_due_escape(after: &str) -> bool {
    let digits = after.get(..2).unwrap_or_default();
    let is_capital = |digit: u8| digit.is_ascii_digit() || (b'A'..=b'F').contains(&digit);
    let byte = u8::from_str_radix(digits, 16);
    digits.bytes().all(is_capital) && byte.is_ok_and(|byte| !byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::{Purl, Source, Version, source::Registry};

    fn purl(ecosystem: Ecosystem, name: &str, version: &str, source: &Source<'_>) -> Purl {
        let (name, version) = (
            PackageName::new(ecosystem, name.into()),
            Version::new(version.into()),
        );
        Purl::new(ecosystem, &name, Some(&version), source)
    }

    fn means(written: &str, purl: &Purl) -> bool {
        let own = WantedPackage::parse(purl.as_str()).expect("our own URLs are valid");
        WantedPackage::parse(written).is_ok_and(|wanted| wanted.means(&own))
    }

    #[test]
    fn a_version_narrows_and_its_absence_does_not() {
        let public = Source::Registry(Registry::Public);
        let scoped = purl(Ecosystem::Npm, "@a/b", "1.0.0", &public);
        for written in [
            "pkg:npm/%40a/b",
            "pkg:npm/@a/b@1.0.0",
            "pkg:npm/%40a/b@1.0.0",
        ] {
            assert!(means(written, &scoped), "{written}");
        }
        for written in [
            "pkg:npm/%40a/b@1.0.1",
            "pkg:npm/b",
            "pkg:pypi/b@1.0.0",
            "npm/b",
            "pkg:gem/b",
        ] {
            assert!(!means(written, &scoped), "{written}");
        }
        let python = purl(Ecosystem::Pypi, "Zope.Interface", "1.0", &public);
        assert!(means("pkg:pypi/zope_interface@1.0.0", &python));
    }

    #[test]
    fn a_package_from_elsewhere_is_not_its_public_namesake() {
        let other = Source::Registry(Registry::Other("https://own.example/".into()));
        let own = purl(Ecosystem::Npm, "a", "1.0.0", &other);
        assert!(!means("pkg:npm/a@1.0.0", &own));
        assert!(means(own.as_str(), &own));
        let public = purl(
            Ecosystem::Npm,
            "a",
            "1.0.0",
            &Source::Registry(Registry::Public),
        );
        assert!(!means(own.as_str(), &public));
    }

    #[test]
    fn our_own_urls_are_canonical_and_other_spellings_are_not() {
        let sources = [
            Source::Registry(Registry::Public),
            Source::Registry(Registry::Other("https://a.example/x y?b=1&c#d%41".into())),
            Source::Git {
                url: "https://u:p@example.org/r é".into(),
                commit: Some("abc".into()),
            },
            Source::Path("../crates/ser de%2F".into()),
            Source::Archive("http://[::1]/a+b@c.tgz".into()),
        ];
        let names = [
            "axios",
            "@a/b",
            "Foo_Bar.x",
            "../evil",
            "a/b/c",
            "a\u{1b}[31m",
            "@x",
            "a b?c#d",
            "%41",
            "ä\u{202e}",
            "@A/B",
            "a//b",
            "/a",
            "a/",
            "a/../b",
        ];
        for ecosystem in Ecosystem::ALL {
            for (name, source) in names
                .iter()
                .flat_map(|name| sources.iter().map(move |of| (name, of)))
            {
                for version in ["1.0.0+build", "", "1/2", "1 @:/?#%41", "é"] {
                    let url = purl(ecosystem, name, version, source);
                    if let Ok(wanted) = WantedPackage::parse(url.as_str()) {
                        assert!(wanted.is_canonical(), "{url}");
                    }
                }
            }
        }
        for other in [
            "pkg:npm/@a/b",
            "pkg:npm/%61xios",
            "pkg:npm/%40a%2fb",
            "pkg:pypi/Foo_Bar",
            "pkg:npm/axios#sub",
            "pkg:NPM/axios",
            "pkg://npm/axios",
        ] {
            let wanted = WantedPackage::parse(other);
            assert!(!wanted.is_ok_and(|wanted| wanted.is_canonical()), "{other}");
        }
    }
}
