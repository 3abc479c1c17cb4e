//! Which commands npm runs when a package is installed: as its packument tells, and as its archive holds.

use serde::Deserialize;
use serde_json::Value;

use crate::archive::tarball::Tarball;
use crate::registry::history::{Hook, HookEvent};

/// The manifest of a package.
const MANIFEST: &str = "package.json";

/// What makes npm build a package.
const BINDING: &str = "binding.gyp";

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

/// What counts of the manifest in an archive.
#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    scripts: Value,
    #[serde(default)]
    gypfile: Value,
}

/// Lists the install scripts that an archive of npm holds.
///
/// None if it has no manifest, or none that everybody would read alike.
pub fn archived_hooks(tarball: &Tarball) -> Option<Vec<Hook>> {
    let text = tarball.kept.get(MANIFEST)?;
    if files_named(tarball, MANIFEST) != 1 || tarball.cut.contains(MANIFEST) {
        return None;
    }
    let text = String::from_utf8_lossy(text);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let manifest: Manifest = serde_json::from_str(text).ok()?;
    let script = |event: HookEvent| {
        let command = manifest.scripts.get(event.id())?.as_str()?;
        Some(command.to_owned())
    };
    let is_switched_off = manifest.gypfile == Value::Bool(false);
    let binding = if files_named(tarball, BINDING) > 0 && !is_switched_off {
        Binding::Present
    } else {
        Binding::Missing
    };
    Some(hooks(script, binding))
}

/// Counts the files of a name; where names have no case, another spelling is the same file.
fn files_named(tarball: &Tarball, name: &str) -> usize {
    let files = tarball.files.iter();
    files
        .filter(|file| file.path.eq_ignore_ascii_case(name))
        .count()
}
