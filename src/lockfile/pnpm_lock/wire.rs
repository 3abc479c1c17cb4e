//! What pnpm-lock.yaml and pnpm-workspace.yaml say, as it stands: wire types of every version.
//!
//! A field of an odd type never costs the file: it is [`Mapping::Odd`] or a text that is not there, and told.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::lockfile::json::{Expected, Field, Flag, Pairs};
use crate::text::Untrusted;

/// A table of texts by name.
pub(super) type Texts<'a> = Mapping<Pairs<'a, Field<'a>>>;

/// A table of dependencies of the project's own.
pub(super) type AskedTable<'a> = Mapping<Pairs<'a, Asked<'a>>>;

/// One YAML document of a lockfile.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document<'a> {
    #[serde(default, borrow)]
    pub(super) lockfile_version: Option<Untrusted<'a>>,
    #[serde(default, borrow)]
    pub(super) importers: Mapping<Pairs<'a, Mapping<Importer<'a>>>>,
    #[serde(default, borrow)]
    pub(super) packages: Mapping<Pairs<'a, Mapping<Package<'a>>>>,
    #[serde(default, borrow)]
    pub(super) snapshots: Mapping<Pairs<'a, Mapping<Snapshot<'a>>>>,
    #[serde(default, borrow)]
    pub(super) catalogs: Mapping<Pairs<'a, AskedTable<'a>>>,
    #[serde(default, borrow)]
    pub(super) overrides: Texts<'a>,
    #[serde(default, borrow)]
    pub(super) patched_dependencies: Texts<'a>,
    #[serde(default, borrow)]
    pub(super) ignored_optional_dependencies: List<'a>,
    #[serde(default)]
    pub(super) pnpmfile_checksum: Option<IgnoredAny>,
    #[serde(default, borrow)]
    specifiers: Texts<'a>,
    #[serde(default, borrow)]
    dependencies: AskedTable<'a>,
    #[serde(default, borrow)]
    dev_dependencies: AskedTable<'a>,
    #[serde(default, borrow)]
    optional_dependencies: AskedTable<'a>,
}

/// A package of the project's own: its root or a member of its workspace.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Importer<'a> {
    #[serde(default, borrow)]
    pub(super) specifiers: Texts<'a>,
    #[serde(default, borrow)]
    pub(super) dependencies: AskedTable<'a>,
    #[serde(default, borrow)]
    pub(super) dev_dependencies: AskedTable<'a>,
    #[serde(default, borrow)]
    pub(super) optional_dependencies: AskedTable<'a>,
    #[serde(default, borrow)]
    pub(super) config_dependencies: AskedTable<'a>,
    #[serde(default, borrow)]
    pub(super) package_manager_dependencies: AskedTable<'a>,
}

/// A value of `packages`; since 9.0 what depends on peers stands in `snapshots`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Package<'a> {
    #[serde(default, borrow)]
    pub(super) resolution: Mapping<Resolution<'a>>,
    #[serde(default, borrow)]
    pub(super) name: Field<'a>,
    #[serde(default, borrow)]
    pub(super) version: Field<'a>,
    #[serde(default, borrow)]
    pub(super) deprecated: Field<'a>,
    #[serde(default)]
    pub(super) requires_build: Flag,
    #[serde(default, borrow)]
    pub(super) peer_dependencies: Texts<'a>,
    #[serde(default, borrow)]
    pub(super) dependencies: Texts<'a>,
    #[serde(default, borrow)]
    pub(super) optional_dependencies: Texts<'a>,
    #[serde(default)]
    pub(super) bundled_dependencies: Option<IgnoredAny>,
}

/// A value of `snapshots`: a package with its peers.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Snapshot<'a> {
    #[serde(default, borrow)]
    pub(super) dependencies: Texts<'a>,
    #[serde(default, borrow)]
    pub(super) optional_dependencies: Texts<'a>,
}

/// Where a package's bytes come from.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Resolution<'a> {
    #[serde(default, borrow)]
    pub(super) integrity: Stated<'a>,
    #[serde(default, borrow)]
    pub(super) tarball: Stated<'a>,
    #[serde(default, borrow)]
    pub(super) url: Stated<'a>,
    #[serde(default, borrow)]
    pub(super) registry: Stated<'a>,
    #[serde(default, borrow, rename = "type")]
    pub(super) kind: Stated<'a>,
    #[serde(default, borrow)]
    pub(super) repo: Stated<'a>,
    #[serde(default, borrow)]
    pub(super) commit: Stated<'a>,
    #[serde(default, borrow)]
    pub(super) directory: Stated<'a>,
}

/// A text, or something else that is told: a source must not be hidden by its type.
pub(super) type Stated<'a> = Expected<'a, IgnoredAny>;

/// The kinds of [`Resolution`], as its `type` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResolutionKind {
    /// An archive, of a registry or from elsewhere.
    Archive,
    /// A folder.
    Directory,
    /// A repository.
    Git,
    /// One archive that is no package of a registry, at `url`.
    Binary,
    /// Archives for several platforms, which only runtimes have.
    Variations,
    /// What a resolver of the project's own hands out.
    Custom,
    /// None that is known.
    Unknown,
}

impl Resolution<'_> {
    /// Tells the kind.
    pub(super) fn kind(&self) -> ResolutionKind {
        let kind = match &self.kind {
            Expected::Absent => return ResolutionKind::Archive,
            Expected::Text(kind) => kind.as_str(),
            Expected::Object(_) | Expected::Other => return ResolutionKind::Unknown,
        };
        match kind {
            "directory" => ResolutionKind::Directory,
            "git" => ResolutionKind::Git,
            "binary" if self.url.text().is_some() => ResolutionKind::Binary,
            "variations" => ResolutionKind::Variations,
            kind if kind.starts_with("custom:") => ResolutionKind::Custom,
            _ => ResolutionKind::Unknown,
        }
    }

    /// Says whether where the package comes from is not said in a way that is known.
    pub(super) fn is_odd(&self) -> bool {
        let fields = [
            &self.integrity,
            &self.tarball,
            &self.url,
            &self.registry,
            &self.repo,
            &self.commit,
            &self.directory,
        ];
        let is_known = !matches!(
            self.kind(),
            ResolutionKind::Variations | ResolutionKind::Unknown
        );
        let is_odd = |field: &&Stated<'_>| matches!(field, Expected::Object(_) | Expected::Other);
        !is_known || fields.iter().any(is_odd)
    }
}

/// The settings of a workspace, as far as they say what is locked.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WorkspaceFile<'a> {
    #[serde(default, borrow)]
    pub(super) packages: List<'a>,
    #[serde(default, borrow)]
    pub(super) catalog: Texts<'a>,
    #[serde(default, borrow)]
    pub(super) catalogs: Mapping<Pairs<'a, Texts<'a>>>,
    #[serde(default, borrow)]
    pub(super) named_registries: Texts<'a>,
    #[serde(default, borrow)]
    pub(super) shared_workspace_lockfile: Field<'a>,
}

impl<'a> Document<'a> {
    /// Lists the packages of the project; the tables of a lockfile without `importers` are those of its root.
    pub(super) fn take_importers(&mut self) -> Vec<(Untrusted<'a>, Mapping<Importer<'a>>)> {
        match std::mem::take(&mut self.importers) {
            Mapping::Read(importers) => importers.0,
            Mapping::Odd => vec![(Untrusted::borrowed("."), Mapping::Odd)],
            Mapping::Absent => {
                let root = Importer {
                    specifiers: std::mem::take(&mut self.specifiers),
                    dependencies: std::mem::take(&mut self.dependencies),
                    dev_dependencies: std::mem::take(&mut self.dev_dependencies),
                    optional_dependencies: std::mem::take(&mut self.optional_dependencies),
                    ..Importer::default()
                };
                vec![(Untrusted::borrowed("."), Mapping::Read(root))]
            }
        }
    }
}

impl<'a> Importer<'a> {
    /// Returns the tables that package.json has too.
    pub(super) const fn declared(&self) -> [&AskedTable<'a>; 3] {
        [
            &self.dependencies,
            &self.optional_dependencies,
            &self.dev_dependencies,
        ]
    }

    /// Says whether a table is none.
    pub(super) fn is_odd(&self) -> bool {
        let others = [
            &self.config_dependencies,
            &self.package_manager_dependencies,
        ];
        self.specifiers.is_odd()
            || self
                .declared()
                .into_iter()
                .chain(others)
                .any(Mapping::is_odd)
    }
}

impl Package<'_> {
    /// Says whether a part of the record has a form that no pnpm writes.
    pub(super) fn is_odd(&self) -> bool {
        let tables = [
            &self.peer_dependencies,
            &self.dependencies,
            &self.optional_dependencies,
        ];
        self.resolution.is_odd() || tables.into_iter().any(Mapping::is_odd)
    }
}

/// A mapping, where one belongs.
#[derive(Debug, Default)]
pub(super) enum Mapping<V> {
    /// There is none, or it is empty.
    #[default]
    Absent,
    /// It was read.
    Read(V),
    /// A scalar or a list stands in its place.
    Odd,
}

impl<V> Mapping<V> {
    /// Returns what was read.
    pub(super) const fn get(&self) -> Option<&V> {
        match self {
            Self::Read(value) => Some(value),
            Self::Absent | Self::Odd => None,
        }
    }

    /// Says whether something else stands in the mapping's place.
    pub(super) const fn is_odd(&self) -> bool {
        matches!(self, Self::Odd)
    }
}

impl<'a, V> Mapping<Pairs<'a, V>> {
    /// Returns the pairs in the order of the file.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(Untrusted<'a>, V)> {
        self.get().into_iter().flat_map(Pairs::iter)
    }

    /// Returns how many pairs there are.
    pub(super) fn len(&self) -> usize {
        self.get().map_or(0, |pairs| pairs.0.len())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Mapping<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MappingVisitor(PhantomData))
    }
}

struct MappingVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for MappingVisitor<V> {
    type Value = Mapping<V>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        V::deserialize(MapAccessDeserializer::new(map)).map(Mapping::Read)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Mapping::Absent)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Mapping::Odd)
    }

    fn visit_str<E: Error>(self, _text: &str) -> Result<Self::Value, E> {
        Ok(Mapping::Odd)
    }

    fn visit_bool<E: Error>(self, _flag: bool) -> Result<Self::Value, E> {
        Ok(Mapping::Odd)
    }

    fn visit_i64<E: Error>(self, _number: i64) -> Result<Self::Value, E> {
        Ok(Mapping::Odd)
    }

    fn visit_u64<E: Error>(self, _number: u64) -> Result<Self::Value, E> {
        Ok(Mapping::Odd)
    }

    fn visit_f64<E: Error>(self, _number: f64) -> Result<Self::Value, E> {
        Ok(Mapping::Odd)
    }
}

/// A dependency of the project's own: a version, since 6.0 (and with inline specifiers) beside the range.
#[derive(Debug, Default)]
pub(super) struct Asked<'a> {
    pub(super) specifier: Field<'a>,
    /// No text if it is a number or no scalar.
    pub(super) version: Field<'a>,
}

/// The form of [`Asked`] that holds the range.
#[derive(Default, Deserialize)]
struct Inline<'a> {
    #[serde(default, borrow)]
    specifier: Field<'a>,
    #[serde(default, borrow)]
    version: Field<'a>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Asked<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AskedVisitor)
    }
}

struct AskedVisitor;

impl<'de> Visitor<'de> for AskedVisitor {
    type Value = Asked<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a version, or a mapping with one")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let inline = Inline::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Asked {
            specifier: inline.specifier,
            version: inline.version,
        })
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Asked {
            specifier: Field::Other,
            version: Field::Text(Untrusted::borrowed(text)),
        })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Asked {
            specifier: Field::Other,
            version: Field::Text(text.to_owned().into()),
        })
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Asked::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Asked::default())
    }

    fn visit_bool<E: Error>(self, _flag: bool) -> Result<Self::Value, E> {
        Ok(Asked::default())
    }

    fn visit_i64<E: Error>(self, _number: i64) -> Result<Self::Value, E> {
        Ok(Asked::default())
    }

    fn visit_u64<E: Error>(self, _number: u64) -> Result<Self::Value, E> {
        Ok(Asked::default())
    }

    fn visit_f64<E: Error>(self, _number: f64) -> Result<Self::Value, E> {
        Ok(Asked::default())
    }
}

/// The texts of a list; whatever else stands there holds none.
#[derive(Debug, Default)]
pub(super) struct List<'a>(pub(super) Vec<Untrusted<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for List<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor)
    }
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = List<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of texts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut texts = Vec::new();
        while let Some(text) = list.next_element::<Field<'de>>()? {
            texts.extend(text.text().cloned());
        }
        Ok(List(texts))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(List::default())
    }

    fn visit_str<E: Error>(self, _text: &str) -> Result<Self::Value, E> {
        Ok(List::default())
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(List::default())
    }

    fn visit_bool<E: Error>(self, _flag: bool) -> Result<Self::Value, E> {
        Ok(List::default())
    }

    fn visit_i64<E: Error>(self, _number: i64) -> Result<Self::Value, E> {
        Ok(List::default())
    }

    fn visit_u64<E: Error>(self, _number: u64) -> Result<Self::Value, E> {
        Ok(List::default())
    }

    fn visit_f64<E: Error>(self, _number: f64) -> Result<Self::Value, E> {
        Ok(List::default())
    }
}
