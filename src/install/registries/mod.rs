//! Where a tree's own settings say that packages come from, which many lockfiles leave out.
//!
//! Nobody is asked at these addresses: a tree names no host to contact. What they are good for is silence, because the
//! names that other registries serve are nobody else's business. Each tool reads its own files; of Python's those of
//! PDM are read, because all others that leave it out ask the public index about every name themselves.
//!
//! References: <https://docs.npmjs.com/cli/v11/using-npm/scope>, <https://pnpm.io/registries>,
//! <https://classic.yarnpkg.com/en/docs/yarnrc>, <https://yarnpkg.com/configuration/yarnrc>,
//! <https://bun.com/docs/runtime/bunfig>, <https://pdm-project.org/latest/usage/config/>

mod named;

use std::borrow::Cow;
use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use self::named::Named;
use super::above;
use crate::files::Files;
use crate::lockfile::FormatId;
use crate::package::endpoints::NPM_HOST;
use crate::package::hosts::Hosts;
use crate::package::source::Host;
use crate::package::{Ecosystem, PackageName};
use crate::path::FilePath;

/// How long a file of settings may be, in bytes; a longer one is not read, and may say anything.
const LONGEST: usize = 1 << 20;

/// A kind of file that names registries.
#[derive(Clone, Copy)]
struct SettingsFile {
    name: &'static str,
    form: Form,
    /// Where its tool looks for it.
    reach: Reach,
    /// Whose packages it is about.
    ecosystem: Ecosystem,
    /// What stands in it wherever it names a registry, in small letters.
    word: &'static str,
}

/// How a file is written.
#[derive(Clone, Copy)]
enum Form {
    /// In lines, of which each stands for itself.
    Lines(fn(&str) -> Named),
    /// As a document, which may be none.
    Document(fn(&str) -> Option<Named>),
}

impl Form {
    /// Reads a file; none if it is no such file.
    fn read(self, text: &str) -> Option<Named> {
        match self {
            Self::Lines(read) => Some(read(text)),
            Self::Document(read) => read(text),
        }
    }
}

/// Where a tool looks for its settings.
#[derive(Clone, Copy)]
enum Reach {
    /// Beside the lockfile.
    Beside,
    /// In each folder from there up to the root; the nearest counts.
    Above,
}

const NPM: SettingsFile = SettingsFile {
    name: ".npmrc",
    form: Form::Lines(named::read_npm),
    reach: Reach::Beside,
    ecosystem: Ecosystem::Npm,
    word: "registr",
};

const NPM_ABOVE: SettingsFile = SettingsFile {
    reach: Reach::Above,
    ..NPM
};

const PNPM: SettingsFile = SettingsFile {
    name: "pnpm-workspace.yaml",
    form: Form::Document(named::read_pnpm),
    reach: Reach::Above,
    ..NPM
};

const YARN_1: SettingsFile = SettingsFile {
    name: ".yarnrc",
    form: Form::Lines(named::read_yarn_1),
    reach: Reach::Above,
    ..NPM
};

const YARN: SettingsFile = SettingsFile {
    name: ".yarnrc.yml",
    form: Form::Document(named::read_yarn),
    reach: Reach::Above,
    ..NPM
};

const BUN: SettingsFile = SettingsFile {
    name: "bunfig.toml",
    form: Form::Document(named::read_bun),
    reach: Reach::Beside,
    ..NPM
};

const PDM: SettingsFile = SettingsFile {
    name: "pyproject.toml",
    form: Form::Document(named::read_pdm),
    reach: Reach::Beside,
    ecosystem: Ecosystem::Pypi,
    word: "source",
};

/// The format of npm's own lockfiles.
const NPM_LOCK: FormatId = FormatId("npm-lock");

/// Returns the files that the tool of a lockfile reads.
fn files_of(format: FormatId) -> &'static [SettingsFile] {
    match format.0 {
        "npm-lock" | "deno-lock" => &[NPM],
        "pnpm-lock" => &[NPM_ABOVE, PNPM],
        "yarn-v1" => &[NPM_ABOVE, YARN_1],
        "yarn-berry" | "yarn-zpm" => &[YARN],
        "bun-lock" => &[NPM, BUN],
        "pdm-lock" => &[PDM],
        _ => &[],
    }
}

/// Reads settings, each file once however many lockfiles it is for.
pub struct SettingsReader<'t> {
    files: &'t dyn Files,
    hosts: &'t Hosts,
    read: FxHashMap<FilePath, Content>,
}

/// What a file of settings says.
#[derive(Clone)]
enum Content {
    /// It is not there.
    Absent,
    /// It names these.
    Known(Named),
    /// It cannot be read, and may name any registry.
    Unread,
}

impl<'t> SettingsReader<'t> {
    /// Reads files of a tree; `hosts` says whose they are that settings name.
    pub fn new(files: &'t dyn Files, hosts: &'t Hosts) -> Self {
        let read = FxHashMap::default();
        Self { files, hosts, read }
    }

    /// Reads what the settings of its tool say of the packages of a lockfile.
    pub fn of(&mut self, lockfile: &FilePath, format: FormatId) -> NamedRegistries {
        let files = files_of(format).iter();
        let settings = files.map(|file| self.settings(lockfile, *file));
        NamedRegistries {
            settings: settings.filter(|settings| !settings.is_silent()).collect(),
            placeholder: (format == NPM_LOCK).then_some(NPM_HOST),
        }
    }

    /// Reads one kind of file, in all the folders in which its tool looks for it.
    fn settings(&mut self, lockfile: &FilePath, file: SettingsFile) -> Settings {
        let folders = match file.reach {
            Reach::Beside => 1,
            Reach::Above => usize::MAX,
        };
        let mut settings = Settings::default();
        for path in above(lockfile)
            .take(folders)
            .filter_map(|folder| folder.join(file.name))
        {
            match self.content(&path, file) {
                Content::Absent => {}
                Content::Known(named) => settings.add(&named, file.ecosystem, self.hosts),
                Content::Unread => {
                    let anywhere = || default_host("", file.ecosystem, self.hosts);
                    settings.default.get_or_insert_with(anywhere);
                }
            }
        }
        settings
    }

    fn content(&mut self, path: &FilePath, file: SettingsFile) -> Content {
        if let Some(known) = self.read.get(path) {
            return known.clone();
        }
        let content = match self.files.read(path) {
            Ok(None) => Content::Absent,
            Ok(Some(text)) => read(&text, file),
            Err(_) => Content::Unread,
        };
        self.read.insert(path.clone(), content.clone());
        content
    }
}

/// Reads a file; one that is not understood names no registry if it holds no word of any.
fn read(text: &str, file: SettingsFile) -> Content {
    let named = Some(text)
        .filter(|text| text.len() <= LONGEST)
        .and_then(|text| file.form.read(text));
    match named {
        Some(named) => Content::Known(named),
        None if text.to_ascii_lowercase().contains(file.word) => Content::Unread,
        None => Content::Absent,
    }
}

/// Whose registries serve packages, as one kind of file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Settings {
    default: Option<Host>,
    scopes: BTreeMap<String, Host>,
}

impl Settings {
    fn is_silent(&self) -> bool {
        self.default.is_none() && self.scopes.is_empty()
    }

    /// Adds a file that lies above those that were added.
    fn add(&mut self, named: &Named, ecosystem: Ecosystem, hosts: &Hosts) {
        if let Some(address) = &named.default {
            let host = || default_host(address, ecosystem, hosts);
            self.default.get_or_insert_with(host);
        }
        for (scope, address) in &named.scopes {
            let host = || scope_host(scope, address, hosts);
            self.scopes.entry(scope.clone()).or_insert_with(host);
        }
    }

    fn host(&self, name: &PackageName<'_>) -> Option<Host> {
        let of_scope = name.scope().and_then(|scope| self.scopes.get(scope));
        of_scope.copied().or(self.default)
    }
}

/// Whoever has a registry asked in the place of the public one has everything asked there, whatever a tree calls it.
fn default_host(address: &str, ecosystem: Ecosystem, hosts: &Hosts) -> Host {
    match host(address, ecosystem, hosts) {
        Host::Unknown if hosts.asked.registry(ecosystem).is_some() => Host::Mirror,
        host => host,
    }
}

/// A scope that the user's own client takes from elsewhere is so by the user's word.
fn scope_host(scope: &str, address: &str, hosts: &Hosts) -> Host {
    if hosts.asked.scopes.contains(scope) {
        return Host::Private;
    }
    host(address, Ecosystem::Npm, hosts)
}

fn host(address: &str, ecosystem: Ecosystem, hosts: &Hosts) -> Host {
    let asked = hosts.asked.registry(ecosystem);
    if asked.is_some_and(|asked| asked.holds(address)) {
        return Host::Mirror;
    }
    // What stands in a variable may be anywhere.
    hosts.of(ecosystem, address).unwrap_or(Host::Unknown)
}

/// Whose registries serve the packages of one lockfile, as far as settings say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedRegistries {
    settings: Vec<Settings>,
    /// The host that stands in the lockfile for whichever registry is the default one.
    placeholder: Option<&'static str>,
}

impl NamedRegistries {
    /// Says whether nothing names a registry.
    pub fn is_silent(&self) -> bool {
        self.settings.is_empty()
    }

    /// Returns whose registry serves a package; none if no setting says so. Of several that say so, the least known.
    pub fn host(&self, name: &PackageName<'_>) -> Option<Host> {
        let hosts = self.settings.iter();
        hosts.filter_map(|settings| settings.host(name)).max()
    }

    /// Returns whose registry serves an entry whose archives lie at these hosts, as its lockfile says; none if the lockfile
    /// names its registry, or no setting does.
    ///
    /// In a lockfile of npm the host of its own registry stands for the one that is configured (npm docs, config,
    /// `replace-registry-host`).
    pub fn host_of<'h>(
        &self,
        name: &PackageName<'_>,
        stated: impl Iterator<Item = Cow<'h, str>>,
    ) -> Option<Host> {
        let mut stated = stated.peekable();
        if stated.peek().is_none() {
            return self.host(name);
        }
        let is_default = stated.all(|host| Some(&*host) == self.placeholder);
        let defaults = self.settings.iter().filter_map(|settings| settings.default);
        defaults.max().filter(|_| is_default)
    }
}

#[cfg(test)]
mod tests;
