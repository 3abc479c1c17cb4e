//! uv.lock as written. Unknown keys are later revisions' business.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::package::{Ecosystem, Source};

#[derive(Debug, Deserialize)]
pub(super) struct Document<'a> {
    pub(super) version: Option<u32>,
    #[serde(default, borrow)]
    pub(super) manifest: Manifest<'a>,
    #[serde(default, borrow)]
    pub(super) package: Vec<Package<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Manifest<'a> {
    #[serde(borrow)]
    pub(super) members: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) requirements: Vec<Requirement<'a>>,
    #[serde(borrow)]
    pub(super) overrides: Vec<Requirement<'a>>,
    #[serde(borrow)]
    pub(super) dependency_groups: BTreeMap<Cow<'a, str>, Vec<Requirement<'a>>>,
}

/// What a project or script asks for, before it was resolved.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Requirement<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) specifier: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) marker: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) extras: Vec<Cow<'a, str>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Package<'a> {
    #[serde(borrow)]
    pub(super) name: Spanned<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) source: WireSource<'a>,
    #[serde(default, borrow)]
    pub(super) dependencies: Vec<Edge<'a>>,
    #[serde(default, borrow)]
    pub(super) optional_dependencies: BTreeMap<Cow<'a, str>, Vec<Edge<'a>>>,
    #[serde(default, borrow)]
    pub(super) dev_dependencies: BTreeMap<Cow<'a, str>, Vec<Edge<'a>>>,
    #[serde(borrow)]
    pub(super) sdist: Option<File<'a>>,
    #[serde(default, borrow)]
    pub(super) wheels: Vec<File<'a>>,
    #[serde(default, borrow)]
    pub(super) metadata: Metadata<'a>,
}

/// The requirements of a first-party package.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Metadata<'a> {
    #[serde(borrow)]
    pub(super) requires_dist: Vec<Requirement<'a>>,
    #[serde(borrow)]
    pub(super) requires_dev: BTreeMap<Cow<'a, str>, Vec<Requirement<'a>>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Edge<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) source: Option<WireSource<'a>>,
    #[serde(borrow)]
    pub(super) marker: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    pub(super) extra: Vec<Cow<'a, str>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct File<'a> {
    #[serde(borrow)]
    pub(super) url: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) path: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) filename: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) hash: Option<Cow<'a, str>>,
}

/// Where a package comes from: just one of the keys is set.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct WireSource<'a> {
    #[serde(borrow)]
    registry: Option<Cow<'a, str>>,
    #[serde(borrow)]
    git: Option<Cow<'a, str>>,
    #[serde(borrow)]
    url: Option<Cow<'a, str>>,
    #[serde(borrow)]
    path: Option<Cow<'a, str>>,
    #[serde(borrow)]
    directory: Option<Cow<'a, str>>,
    #[serde(borrow)]
    editable: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "virtual")]
    virtual_folder: Option<Cow<'a, str>>,
}

impl<'a> WireSource<'a> {
    /// Counts the keys that are set; a source that says two things, or nothing known, is not to be trusted.
    pub(super) fn stated(&self) -> usize {
        let keys = [
            &self.registry,
            &self.git,
            &self.url,
            &self.path,
            &self.directory,
            &self.editable,
            &self.virtual_folder,
        ];
        keys.into_iter().filter(|key| key.is_some()).count()
    }

    /// Returns the folder of a package that the project itself has; uv looks for the other kinds of source first.
    pub(super) fn own_folder(&self) -> Option<&str> {
        let elsewhere = [&self.registry, &self.git, &self.url, &self.path];
        if elsewhere.into_iter().any(Option::is_some) {
            return None;
        }
        let folders = [&self.directory, &self.editable, &self.virtual_folder];
        folders.into_iter().find_map(|folder| folder.as_deref())
    }

    /// Returns the address of an archive that is the source itself.
    pub(super) fn archive(&self) -> Option<&Cow<'a, str>> {
        let is_elsewhere = self.registry.is_some() || self.git.is_some();
        self.url
            .as_ref()
            .or(self.path.as_ref())
            .filter(|_| !is_elsewhere)
    }

    pub(super) fn to_source(&self) -> Source<'a> {
        if let Some(registry) = &self.registry {
            return Source::registry(Ecosystem::Pypi, registry.clone().into());
        }
        if let Some(git) = &self.git {
            return git_source(git);
        }
        if let Some(url) = self.archive() {
            return Source::archive(Ecosystem::Pypi, url.clone().into());
        }
        Source::Path(self.own_folder().unwrap_or(".").to_owned().into())
    }
}

/// Splits `https://host/repository?rev=main#commit`; the query is how it was asked for, not what it is.
fn git_source<'a>(git: &Cow<'a, str>) -> Source<'a> {
    let (address, commit) = match git.split_once('#') {
        Some((address, commit)) => (address, Some(commit.to_owned().into())),
        None => (&**git, None),
    };
    let url = address.split('?').next().unwrap_or_default();
    Source::Git {
        url: url.to_owned().into(),
        commit,
    }
}
