//! The form of deno.lock on the wire, all versions in one: what one odd value stands in costs only itself.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::lockfile::json::{Expected, Field, Flag, List, Object, Pairs, pass_over_scalars};
use crate::text::Untrusted;

/// The whole file.
#[derive(Deserialize)]
pub(super) struct Document<'a> {
    #[serde(default, borrow)]
    pub(super) version: Field<'a>,
    /// Versions 4 and 5.
    #[serde(default, borrow)]
    pub(super) specifiers: Specifiers<'a>,
    /// All versions but 3.
    #[serde(default, borrow)]
    pub(super) npm: Option<Npm<'a>>,
    /// Versions 4 and 5.
    #[serde(default, borrow)]
    pub(super) jsr: Jsr<'a>,
    /// Version 3, which has these three inside.
    #[serde(default, borrow)]
    pub(super) packages: Option<Object<Packages<'a>>>,
    #[serde(default, borrow)]
    pub(super) remote: Option<Pairs<'a, IgnoredAny>>,
    #[serde(default, borrow)]
    pub(super) workspace: Option<Object<Workspace<'a>>>,
}

/// What was asked for, and which version answers.
pub(super) type Specifiers<'a> = Pairs<'a, Field<'a>>;

/// Packages of JSR, by `name@version`.
pub(super) type Jsr<'a> = Pairs<'a, Expected<'a, JsrRecord<'a>>>;

/// The packages of version 3.
#[derive(Default, Deserialize)]
pub(super) struct Packages<'a> {
    #[serde(default, borrow)]
    pub(super) specifiers: Specifiers<'a>,
    #[serde(default, borrow)]
    pub(super) npm: Option<Npm<'a>>,
    #[serde(default, borrow)]
    pub(super) jsr: Jsr<'a>,
}

/// A package of JSR.
#[derive(Deserialize)]
pub(super) struct JsrRecord<'a> {
    #[serde(default, borrow)]
    pub(super) dependencies: List<Vec<Field<'a>>, Field<'a>>,
}

/// What the project asks for, its members included.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Workspace<'a> {
    #[serde(default, borrow)]
    pub(super) dependencies: Specified<'a>,
    #[serde(default, borrow)]
    pub(super) package_json: Expected<'a, PackageJson<'a>>,
    #[serde(default, borrow)]
    pub(super) members: Expected<'a, Pairs<'a, Expected<'a, Member<'a>>>>,
    #[serde(default, borrow)]
    pub(super) links: Expected<'a, Pairs<'a, IgnoredAny>>,
    /// What links were called before.
    #[serde(default, borrow)]
    pub(super) patches: Expected<'a, Pairs<'a, IgnoredAny>>,
}

/// A list of specifiers.
pub(super) type Specified<'a> = List<Vec<Field<'a>>, Field<'a>>;

/// A member of the workspace.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Member<'a> {
    #[serde(default, borrow)]
    pub(super) dependencies: Specified<'a>,
    #[serde(default, borrow)]
    pub(super) package_json: Expected<'a, PackageJson<'a>>,
}

/// What a package.json asks for.
#[derive(Deserialize)]
pub(super) struct PackageJson<'a> {
    #[serde(default, borrow)]
    pub(super) dependencies: Specified<'a>,
}

/// A package of npm.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record<'a> {
    #[serde(default, borrow)]
    pub(super) integrity: Field<'a>,
    #[serde(default, borrow)]
    pub(super) dependencies: Targets<'a>,
    #[serde(default, borrow)]
    pub(super) optional_dependencies: Targets<'a>,
    #[serde(default, borrow)]
    pub(super) optional_peers: Targets<'a>,
    #[serde(default, borrow)]
    pub(super) tarball: Field<'a>,
    #[serde(default)]
    pub(super) deprecated: Flag,
    #[serde(default)]
    pub(super) scripts: Flag,
}

/// The packages of npm; version 2 has its specifiers beside them, all others have nothing but packages.
#[derive(Default)]
pub(super) struct Npm<'a> {
    pub(super) specifiers: Specifiers<'a>,
    pub(super) packages: Vec<(Untrusted<'a>, Expected<'a, Record<'a>>)>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Npm<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(NpmVisitor)
    }
}

struct NpmVisitor;

impl<'de> Visitor<'de> for NpmVisitor {
    type Value = Npm<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of packages")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut npm = Npm::default();
        while let Some(key) = map.next_key::<Untrusted<'de>>()? {
            match key.as_str() {
                "specifiers" => npm
                    .specifiers
                    .0
                    .extend(map.next_value::<Specifiers<'de>>()?.0),
                "packages" => npm.packages.extend(map.next_value::<Pairs<'de, _>>()?.0),
                _ => npm.packages.push((key, map.next_value()?)),
            }
        }
        Ok(npm)
    }
}

/// The packages that one depends on: a list of them, in versions 2 and 3 the values of an object.
#[derive(Debug, Default)]
pub(super) struct Targets<'a> {
    pub(super) all: Vec<Untrusted<'a>>,
    /// Whether something else was found, so that they are not all known.
    pub(super) is_odd: bool,
}

impl<'a> Targets<'a> {
    fn push(&mut self, target: Field<'a>) {
        match target {
            Field::Text(target) => self.all.push(target),
            Field::Flag(_) | Field::Other => self.is_odd = true,
        }
    }

    fn odd() -> Self {
        Self {
            all: Vec::new(),
            is_odd: true,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Targets<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TargetsVisitor)
    }
}

struct TargetsVisitor;

impl<'de> Visitor<'de> for TargetsVisitor {
    type Value = Targets<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut targets = Targets::default();
        while let Some(target) = list.next_element()? {
            targets.push(target);
        }
        Ok(targets)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut targets = Targets::default();
        while let Some((_, target)) = map.next_entry::<IgnoredAny, _>()? {
            targets.push(target);
        }
        Ok(targets)
    }

    fn visit_str<E: Error>(self, _text: &str) -> Result<Self::Value, E> {
        Ok(Targets::odd())
    }

    pass_over_scalars!(Targets::odd());
}
