//! package.json: the root's dependencies, which npm prefers over the copy in the lockfile, and workspaces.

use serde::Deserialize;

use super::super::json::{Field, Flag, Object, Pairs, syntax_error};
use super::super::model::LockfileError;
use crate::text::Untrusted;

/// The parts of a package.json, or of a record in package-lock.json, that say what it depends on.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PackageJson<'a> {
    #[serde(default, borrow)]
    pub(crate) name: Field<'a>,
    #[serde(default, borrow)]
    pub(crate) version: Field<'a>,
    #[serde(default, borrow)]
    pub(crate) dependencies: Pairs<'a, Field<'a>>,
    #[serde(default, borrow)]
    pub(crate) dev_dependencies: Pairs<'a, Field<'a>>,
    #[serde(default, borrow)]
    pub(crate) optional_dependencies: Pairs<'a, Field<'a>>,
    #[serde(default, borrow)]
    pub(crate) peer_dependencies: Pairs<'a, Field<'a>>,
    #[serde(default, borrow)]
    pub(crate) peer_dependencies_meta: Pairs<'a, PeerMeta>,
    #[serde(default, borrow)]
    pub(crate) package_manager: Field<'a>,
    #[serde(default, borrow)]
    pub(crate) workspaces: Workspaces<'a>,
    /// Ranges that Yarn takes in place of what packages ask for.
    #[serde(default, borrow)]
    pub(crate) resolutions: Pairs<'a, Field<'a>>,
}

/// What `peerDependenciesMeta` says of one peer.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct PeerMeta {
    #[serde(default)]
    pub(crate) optional: Flag,
}

/// Workspace globs: a list, or an object with the list under `packages`.
#[derive(Debug, Default)]
pub(crate) struct Workspaces<'a>(pub(crate) Vec<Untrusted<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Workspaces<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WorkspacesVisitor)
    }
}

struct WorkspacesVisitor;

impl<'de> serde::de::Visitor<'de> for WorkspacesVisitor {
    type Value = Workspaces<'de>;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a list of globs, or an object with `packages`")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(Workspaces::default())
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut globs = Vec::new();
        while let Some(glob) = list.next_element::<Field<'de>>()? {
            globs.extend(glob.text().cloned());
        }
        Ok(Workspaces(globs))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut workspaces = Workspaces::default();
        while let Some(key) = map.next_key::<Untrusted<'de>>()? {
            if key.as_str() == "packages" {
                workspaces = map.next_value()?;
            } else {
                map.next_value::<serde::de::IgnoredAny>()?;
            }
        }
        Ok(workspaces)
    }
}

/// Reads a package.json.
pub(crate) fn read(text: &str) -> Result<PackageJson<'_>, LockfileError> {
    serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map(|Object(manifest)| manifest)
        .map_err(|error| syntax_error(&error))
}

/// Says whether a manifest asks for packages from elsewhere; none if it is not JSON.
pub fn asks_for_packages(text: &str) -> Option<bool> {
    let manifest = read(text).ok()?;
    let tables = [
        &manifest.dependencies,
        &manifest.dev_dependencies,
        &manifest.optional_dependencies,
        &manifest.peer_dependencies,
    ];
    let is_folder = |range: &str| {
        let local = ["file:", "link:", "workspace:"];
        local.iter().any(|local| range.starts_with(local)) && range.strip_suffix(".tgz").is_none()
    };
    let mut ranges = tables
        .into_iter()
        .flat_map(Pairs::iter)
        .filter_map(|(_, range)| range.text());
    Some(ranges.any(|range| !is_folder(range.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workspaces_are_a_list_or_an_object() {
        for text in [
            r#"{"workspaces":["a/*"]}"#,
            r#"{"workspaces":{"packages":["a/*"],"nohoist":["x"]}}"#,
        ] {
            let globs = read(text).expect("valid JSON").workspaces.0;
            assert_eq!(
                globs.iter().map(Untrusted::as_str).collect::<Vec<_>>(),
                ["a/*"],
                "{text}"
            );
        }
    }

    #[test]
    fn a_list_is_no_manifest() {
        assert!(read(r#"["a","1.0.0",{"b":"1"}]"#).is_err());
        assert!(read(r#"{"dependencies":true}"#).is_err());
        assert!(read("{}").is_ok());
    }

    #[test]
    fn only_packages_from_elsewhere_need_a_lockfile() {
        assert_eq!(asks_for_packages(r#"{"name":"a"}"#), Some(false));
        assert_eq!(
            asks_for_packages(r#"{"dependencies":{"b":"file:../b"}}"#),
            Some(false)
        );
        assert_eq!(
            asks_for_packages(r#"{"devDependencies":{"b":"^1"}}"#),
            Some(true)
        );
        assert_eq!(asks_for_packages("{"), None);
    }
}
