//! Which commands npm runs when a package is installed: as its packument tells, and as its archive holds.

use rustc_hash::FxHashSet;
use serde::Deserialize;
use serde_json::Value;

use crate::archive::hook::{HookReport, look_bundled, run_in};
use crate::archive::path::package_of;
use crate::archive::tarball::Tarball;
use crate::registry::history::{Hook, HookEvent};

/// The manifest of a package.
const MANIFEST: &str = "package.json";

/// What makes npm build a package.
const BINDING: &str = "binding.gyp";

/// The most scripts of bundled packages; those that bundle many bundle few that build anything.
const BUNDLED: usize = 64;

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

/// An install script that an archive holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivedHook {
    /// The folder of the package that has it: the root, which is the empty text, or that of a bundled one.
    pub folder: String,
    /// The script, as the manifest in that folder has it.
    pub hook: Hook,
}

impl ArchivedHook {
    /// Returns the script as one of the whole package: of a bundled one with its folder.
    pub fn hook_of_package(&self) -> Hook {
        let command = match &*self.folder {
            "" => self.hook.command.clone(),
            folder => run_in(folder, &self.hook.command),
        };
        let event = self.hook.event;
        Hook { event, command }
    }

    /// Looks at it.
    pub fn look(&self, tarball: &Tarball) -> HookReport {
        let (event, command) = (self.hook.event.id(), &self.hook.command);
        look_bundled(event, command, &self.folder, tarball)
    }
}

/// What counts of the manifest in an archive.
#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    scripts: Value,
    #[serde(default)]
    gypfile: Value,
}

/// Lists the install scripts that an archive of npm holds: its own, and those of packages that it bundles.
///
/// None if a package has no manifest, or none that everybody would read alike, or if there are more than 64
/// scripts of bundled ones. In the order of the archive. O(files).
pub fn archived_hooks(tarball: &Tarball) -> Option<Vec<ArchivedHook>> {
    let files = tarball.files.iter().map(|file| file.path.as_str());
    // Where names have no case, another spelling is the same file.
    let bindings = files.clone().filter_map(|path| package_of(path, BINDING));
    let bindings: FxHashSet<String> = bindings.map(str::to_lowercase).collect();
    let mut known = FxHashSet::default();
    let mut all = Vec::new();
    for (folder, path) in files.filter_map(|path| Some((package_of(path, MANIFEST)?, path))) {
        let lower = folder.to_lowercase();
        let binding = if bindings.contains(&lower) {
            Binding::Present
        } else {
            Binding::Missing
        };
        let hooks = hooks_of(path, binding, tarball)?.into_iter();
        all.extend(hooks.map(|hook| ArchivedHook {
            folder: folder.to_owned(),
            hook,
        }));
        if !known.insert(lower) {
            return None;
        }
    }
    if !known.contains("") {
        return None;
    }
    let bundled = all.iter().filter(|one| !one.folder.is_empty());
    (bundled.count() <= BUNDLED).then_some(all)
}

/// Lists the install scripts of one manifest; none if it cannot be read.
fn hooks_of(path: &str, binding: Binding, tarball: &Tarball) -> Option<Vec<Hook>> {
    let text = tarball
        .kept
        .get(path)
        .filter(|_| !tarball.cut.contains(path))?;
    let text = String::from_utf8_lossy(text);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let manifest: Manifest = serde_json::from_str(text).ok()?;
    let script = |event: HookEvent| {
        let command = manifest.scripts.get(event.id())?.as_str()?;
        Some(command.to_owned())
    };
    let is_switched_off = manifest.gypfile == Value::Bool(false);
    let binding = if is_switched_off {
        Binding::Missing
    } else {
        binding
    };
    Some(hooks(script, binding))
}
