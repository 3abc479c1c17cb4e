//! The packument as the registry sends it: each field in whatever form, read without copying.

use std::borrow::Cow;

use serde::Deserialize;

use crate::registry::lenient::{Table, Text, Texts, field};

#[derive(Deserialize)]
pub(super) struct Packument<'d> {
    #[serde(borrow)]
    pub(super) name: Option<Text<'d>>,
    #[serde(borrow, default, deserialize_with = "field")]
    pub(super) versions: Option<Table<'d, Lenient<'d>>>,
    #[serde(borrow, default, deserialize_with = "field")]
    pub(super) time: Option<Times<'d>>,
    #[serde(borrow, default, deserialize_with = "field")]
    pub(super) maintainers: Option<Vec<Person<'d>>>,
}

/// A version in whatever form.
pub(super) struct Lenient<'d>(pub(super) Option<VersionRecord<'d>>);

impl<'de> Deserialize<'de> for Lenient<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        field(deserializer).map(Self)
    }
}

/// The times of versions, and of what became of the package.
pub(super) struct Times<'d> {
    pub(super) versions: Vec<(Cow<'d, str>, Cow<'d, str>)>,
    pub(super) is_unpublished: Option<()>,
}

impl<'de> Deserialize<'de> for Times<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let table = Table::<'de, &'de serde_json::value::RawValue>::deserialize(deserializer)?;
        let mut times = Self {
            versions: Vec::with_capacity(table.0.len()),
            is_unpublished: None,
        };
        for (key, raw) in table.0 {
            match key.as_ref() {
                "created" | "modified" => {}
                "unpublished" => times.is_unpublished = Some(()),
                _ => {
                    if let Ok(text) = serde_json::from_str::<Text<'de>>(raw.get()) {
                        times.versions.push((key, text.0));
                    }
                }
            }
        }
        Ok(times)
    }
}

#[derive(Deserialize)]
pub(super) struct VersionRecord<'d> {
    #[serde(borrow, default, deserialize_with = "field")]
    pub(super) scripts: Option<Texts<'d>>,
    #[serde(borrow, default, deserialize_with = "field")]
    pub(super) dependencies: Option<Texts<'d>>,
    #[serde(
        borrow,
        default,
        rename = "optionalDependencies",
        deserialize_with = "field"
    )]
    pub(super) optional: Option<Texts<'d>>,
    #[serde(
        borrow,
        default,
        rename = "peerDependencies",
        deserialize_with = "field"
    )]
    pub(super) peers: Option<Texts<'d>>,
    #[serde(
        borrow,
        default,
        rename = "peerDependenciesMeta",
        deserialize_with = "field"
    )]
    pub(super) peer_marks: Option<Table<'d, &'d serde_json::value::RawValue>>,
    #[serde(borrow, default, deserialize_with = "field")]
    pub(super) maintainers: Option<Vec<Person<'d>>>,
    #[serde(borrow, default, rename = "_npmUser", deserialize_with = "field")]
    pub(super) user: Option<User<'d>>,
    #[serde(borrow, default, rename = "gitHead", deserialize_with = "field")]
    pub(super) revision: Option<Text<'d>>,
    #[serde(borrow, default, deserialize_with = "field")]
    pub(super) deprecated: Option<Text<'d>>,
    #[serde(default, deserialize_with = "field")]
    pub(super) gypfile: Option<bool>,
    #[serde(borrow, default, deserialize_with = "field")]
    pub(super) dist: Option<Dist<'d>>,
}

/// What is said of a peer dependency.
#[derive(Deserialize)]
pub(super) struct PeerMark {
    #[serde(default, deserialize_with = "field")]
    pub(super) optional: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct Person<'d> {
    #[serde(borrow, default, deserialize_with = "field")]
    pub(super) name: Option<Text<'d>>,
    #[serde(borrow, default, deserialize_with = "field")]
    pub(super) email: Option<Text<'d>>,
}

#[derive(Deserialize)]
pub(super) struct User<'d> {
    #[serde(borrow, default, deserialize_with = "field")]
    pub(super) name: Option<Text<'d>>,
    #[serde(borrow, default, deserialize_with = "field")]
    pub(super) email: Option<Text<'d>>,
    #[serde(
        borrow,
        default,
        rename = "trustedPublisher",
        deserialize_with = "field"
    )]
    pub(super) pipeline: Option<TrustedPublisher<'d>>,
    #[serde(borrow, default, deserialize_with = "field")]
    pub(super) approver: Option<Person<'d>>,
}

#[derive(Deserialize)]
pub(super) struct TrustedPublisher<'d> {
    #[serde(borrow, default, deserialize_with = "field")]
    pub(super) id: Option<Text<'d>>,
    #[serde(borrow, default, rename = "oidcConfigId", deserialize_with = "field")]
    pub(super) configuration: Option<Text<'d>>,
}

#[derive(Deserialize)]
pub(super) struct Dist<'d> {
    #[serde(borrow, default, deserialize_with = "field")]
    pub(super) integrity: Option<Text<'d>>,
    #[serde(borrow, default, deserialize_with = "field")]
    pub(super) shasum: Option<Text<'d>>,
    #[serde(default, rename = "unpackedSize", deserialize_with = "field")]
    pub(super) size: Option<u64>,
    #[serde(borrow, default, deserialize_with = "field")]
    pub(super) signatures: Option<Vec<&'d serde_json::value::RawValue>>,
    #[serde(borrow, default, deserialize_with = "field")]
    pub(super) attestations: Option<AttestationMark<'d>>,
}

#[derive(Deserialize)]
pub(super) struct AttestationMark<'d> {
    #[serde(borrow, default, deserialize_with = "field")]
    pub(super) provenance: Option<Provenance<'d>>,
}

#[derive(Deserialize)]
pub(super) struct Provenance<'d> {
    #[serde(borrow, default, rename = "predicateType", deserialize_with = "field")]
    pub(super) kind: Option<Text<'d>>,
}
