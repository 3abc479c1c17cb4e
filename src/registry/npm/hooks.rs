//! Which commands npm runs when a package is installed: as its packument tells, and as its archive holds.

use rustc_hash::FxHashSet;
use serde::Deserialize;
use serde_json::Value;

use crate::archive::hook::{HookReport, look_bundled, run_in};
use crate::archive::path::{package_of, passes_for};
use crate::archive::tarball::Tarball;
use crate::registry::history::{Hook, HookEvent};

/// The manifest of a package.
const MANIFEST: &str = "package.json";

/// What makes npm build a package.
const BINDING: &str = "binding.gyp";

/// What npm keeps of an installation; no package ships one.
const HIDDEN_LOCKFILE: &str = ".package-lock.json";

/// Whether npm finds something to build.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Binding {
    Present,
    Missing,
}

/// Lists the hooks among scripts; something to build makes npm do so, unless a script says what to do instead.
pub(super) fn hooks(script: impl Fn(HookEvent) -> Option<String>, binding: Binding) -> Vec<Hook> {
    let hooks = HookEvent::ALL.into_iter().filter_map(|event| {
        let command = script(event).filter(|command| !command.trim().is_empty())?;
        Some(Hook { event, command })
    });
    let mut hooks: Vec<Hook> = hooks.collect();
    let is_told = hooks
        .iter()
        .any(|hook| hook.event != HookEvent::Postinstall);
    if binding == Binding::Present && !is_told {
        hooks.insert(0, Hook::implied());
    }
    hooks
}

/// The install scripts that an archive holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArchivedScripts {
    /// Those of the package itself.
    pub own: Vec<Hook>,
    /// Those of packages that are bundled in it, in the order of the archive.
    pub bundled: Vec<BundledHooks>,
}

/// The install scripts of a package that is bundled in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundledHooks {
    /// The folder of the package; never the root.
    pub folder: String,
    /// Its scripts, as its manifest has them.
    pub hooks: Vec<Hook>,
}

impl BundledHooks {
    /// Returns them as scripts of the whole package, which run in a folder of it.
    pub fn hooks_of_package(&self) -> impl Iterator<Item = Hook> {
        self.hooks.iter().map(|hook| Hook {
            event: hook.event,
            command: run_in(&self.folder, &hook.command),
        })
    }

    /// Looks at them.
    pub fn look(&self, tarball: &Tarball) -> Vec<HookReport> {
        let hooks = self.hooks.iter();
        let hooks = hooks.map(|hook| (hook.event.id(), hook.command.as_str()));
        look_bundled(&hooks.collect::<Vec<_>>(), &self.folder, tarball)
    }
}

/// What counts of the manifest in an archive.
#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    scripts: Value,
    #[serde(default)]
    gypfile: Value,
    #[serde(default)]
    workspaces: Value,
}

/// Lists the install scripts that an archive of npm holds: its own, and those of packages that it bundles.
///
/// None if a package has no manifest, or none that everybody would read alike, and where the archive holds a lockfile of
/// an installation, by which npm finds packages anywhere. O(files).
pub fn archived_hooks(tarball: &Tarball) -> Option<ArchivedScripts> {
    let files = tarball.files.iter().map(|file| file.path.as_str());
    if files
        .clone()
        .any(|path| is_named(path, HIDDEN_LOCKFILE) || passes_for_another(path))
    {
        return None;
    }
    let mut own = files
        .clone()
        .filter(|path| path.eq_ignore_ascii_case(MANIFEST));
    let manifest = read(own.next()?, tarball)?;
    // npm takes the members of a bundled workspace for packages, wherever they lie.
    let folder_of = if manifest.workspaces.is_null() {
        package_of
    } else {
        folder_of_any
    };
    // Where names have no case, another spelling is the same file.
    let bindings = files.clone().filter_map(|path| folder_of(path, BINDING));
    let bindings: FxHashSet<String> = bindings.map(str::to_lowercase).collect();
    let mut known = FxHashSet::default();
    let mut all = ArchivedScripts::default();
    for (folder, path) in files.filter_map(|path| Some((folder_of(path, MANIFEST)?, path))) {
        let lower = folder.to_lowercase();
        let binding = if bindings.contains(&lower) {
            Binding::Present
        } else {
            Binding::Missing
        };
        let hooks = read(path, tarball)?.hooks(binding);
        match folder {
            "" => all.own = hooks,
            _ if hooks.is_empty() => {}
            folder => all.bundled.push(BundledHooks {
                folder: folder.to_owned(),
                hooks,
            }),
        }
        if !known.insert(lower) {
            return None;
        }
    }
    Some(all)
}

/// Says whether a path may be taken for that of a file which decides what runs.
fn passes_for_another(path: &str) -> bool {
    let mut parts = path.split('/');
    let name = parts.next_back().unwrap_or_default();
    let is_modules = |part: &str| passes_for(part, "node_modules");
    passes_for(name, MANIFEST) || passes_for(name, BINDING) || parts.any(is_modules)
}

/// Returns the folder of a file of that name, wherever it lies.
fn folder_of_any<'p>(path: &'p str, name: &str) -> Option<&'p str> {
    is_named(path, name).then(|| path.rsplit_once('/').map_or("", |(folder, _)| folder))
}

fn is_named(path: &str, name: &str) -> bool {
    let own = path.rsplit('/').next();
    own.is_some_and(|own| own.eq_ignore_ascii_case(name))
}

/// Reads a manifest; none if not all of it is there, or it is none.
fn read(path: &str, tarball: &Tarball) -> Option<Manifest> {
    let text = tarball
        .kept
        .get(path)
        .filter(|_| !tarball.cut.contains(path))?;
    let text = String::from_utf8_lossy(text);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    serde_json::from_str(text).ok()
}

impl Manifest {
    fn hooks(&self, binding: Binding) -> Vec<Hook> {
        let script = |event: HookEvent| {
            let command = self.scripts.get(event.id())?.as_str()?;
            Some(command.to_owned())
        };
        let is_switched_off = self.gypfile == Value::Bool(false);
        let binding = if is_switched_off {
            Binding::Missing
        } else {
            binding
        };
        hooks(script, binding)
    }
}
