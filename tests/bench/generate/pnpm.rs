//! pnpm-lock.yaml.

use std::fmt::{self, Write};

use super::npm::npm_name;
use super::{Numbers, Project, direct, version};

/// Writes a pnpm-lock.yaml of version 9.0 and its package.json; one package of five stands with a peer.
pub(crate) fn pnpm_lock(count: usize, seed: u64) -> Result<Project, fmt::Error> {
    let mut numbers = Numbers::new(seed);
    let mut lockfile = String::from(
        "lockfileVersion: '9.0'\n\nsettings:\n  autoInstallPeers: true\n  excludeLinksFromLockfile: false\n\nimporters:\n\n  .:\n    dependencies:\n",
    );
    let mut direct_of_manifest = Vec::new();
    for index in direct(count) {
        let (name, version) = (npm_name(index), pnpm_version(index, count, seed));
        writeln!(
            lockfile,
            "      {}:\n        specifier: ^1.0.0\n        version: {version}",
            pnpm_scalar(&name)
        )?;
        direct_of_manifest.push(format!("    \"{name}\": \"^1.0.0\""));
    }
    lockfile.push_str("\npackages:\n");
    for index in 0..count {
        let key = format!("{}@{}", npm_name(index), version(index, seed));
        write!(
            lockfile,
            "\n  {}:\n    resolution: {{integrity: {}}}\n    engines: {{node: '>=18'}}\n",
            pnpm_scalar(&key),
            numbers.sha512()
        )?;
        if let Some(peer) = pnpm_peer(index, count) {
            let peer = npm_name(peer);
            writeln!(
                lockfile,
                "    peerDependencies:\n      {}: ^1.0.0",
                pnpm_scalar(&peer)
            )?;
        }
    }
    lockfile.push_str("\nsnapshots:\n");
    for index in 0..count {
        pnpm_snapshot(&mut lockfile, &mut numbers, index, count, seed)?;
    }
    Ok(Project {
        lockfile_name: "pnpm-lock.yaml",
        lockfile,
        manifest_name: "package.json",
        manifest: format!(
            "{{\n  \"name\": \"application\",\n  \"dependencies\": {{\n{}\n  }}\n}}\n",
            direct_of_manifest.join(",\n")
        ),
    })
}

fn pnpm_snapshot(
    lockfile: &mut String,
    numbers: &mut Numbers,
    index: usize,
    count: usize,
    seed: u64,
) -> fmt::Result {
    let key = format!("{}@{}", npm_name(index), pnpm_version(index, count, seed));
    let mut dependencies = numbers.dependencies(index, count);
    dependencies.extend(pnpm_peer(index, count));
    dependencies.sort_unstable();
    dependencies.dedup();
    if dependencies.is_empty() {
        return write!(lockfile, "\n  {}: {{}}\n", pnpm_scalar(&key));
    }
    write!(lockfile, "\n  {}:\n    dependencies:\n", pnpm_scalar(&key))?;
    for dependency in dependencies {
        let (name, version) = (npm_name(dependency), pnpm_version(dependency, count, seed));
        writeln!(lockfile, "      {}: {version}", pnpm_scalar(&name))?;
    }
    Ok(())
}

/// The package that a package was installed with.
fn pnpm_peer(index: usize, count: usize) -> Option<usize> {
    (index % 5 == 1 && index + 1 < count).then_some(index + 1)
}

/// A version with the peer behind it.
fn pnpm_version(index: usize, count: usize, seed: u64) -> String {
    let own = version(index, seed);
    match pnpm_peer(index, count) {
        Some(peer) => format!("{own}({}@{})", npm_name(peer), version(peer, seed)),
        None => own,
    }
}

/// Quotes what YAML would not read as a text.
fn pnpm_scalar(text: &str) -> String {
    if text.starts_with('@') {
        format!("'{text}'")
    } else {
        text.to_owned()
    }
}
