//! Lockfiles of any size, in the form that their tools write and about as long a package.
//!
//! The same seed makes the same bytes. A package depends on packages behind it in the file, most of them
//! near, so that the graph is as deep and as wide as real ones are.

mod cargo;
mod npm;
mod pip;
mod pnpm;
mod python;
mod uv;
mod yarn;

use std::fmt;

pub(crate) use cargo::cargo;
pub(crate) use npm::npm;
pub(crate) use uv::uv;

/// Makes a lockfile of so many packages, and other packages with another seed.
pub(crate) type Generator = fn(usize, u64) -> Result<Project, fmt::Error>;

/// One generator for each form that a lockfile can have.
pub(crate) const GENERATORS: [Generator; 13] = [
    cargo,
    npm,
    pnpm::pnpm_lock,
    npm::bun_lock,
    npm::deno_lock,
    uv,
    yarn::yarn_v1,
    yarn::yarn_berry,
    python::poetry,
    python::pdm,
    pip::pipfile,
    pip::pylock,
    pip::requirements,
];

/// How many dependencies a package has at most; the mean is half of it.
const DEPENDENCIES: usize = 8;

/// How far behind a package its dependencies lie.
const REACH: usize = 600;

/// How many wheels a Python package has at most.
const WHEELS: usize = 6;

const HEX: &[u8; 16] = b"0123456789abcdef";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A lockfile, and the manifest that stands beside it.
pub(crate) struct Project {
    /// The lockfile's customary name.
    pub(crate) lockfile_name: &'static str,
    /// The lockfile.
    pub(crate) lockfile: String,
    /// The manifest's name.
    pub(crate) manifest_name: &'static str,
    /// The manifest.
    pub(crate) manifest: String,
}

/// Numbers that only look random: the generator `SplitMix64` of Steele, Lea and Flood (2014).
pub(crate) struct Numbers(u64);

impl Numbers {
    /// Starts a sequence.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Draws a number below a bound, which must not be zero.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap_or(0)
    }

    fn hex(&mut self, digits: usize) -> String {
        (0..digits)
            .map(|_| char::from(HEX[self.below(HEX.len())]))
            .collect()
    }

    /// Spells 64 bytes as subresource integrity does; the last letter holds only two bits of them.
    fn sha512(&mut self) -> String {
        let digits = (0..85).map(|_| char::from(BASE64[self.below(BASE64.len())]));
        let digits: String = digits.collect();
        format!("sha512-{digits}Q==")
    }

    /// Draws what package `from` of `count` depends on: each once, in order, all behind it.
    pub(crate) fn dependencies(&mut self, from: usize, count: usize) -> Vec<usize> {
        let behind = (count - from - 1).min(REACH);
        if behind == 0 {
            return Vec::new();
        }
        let wanted = self.below(DEPENDENCIES + 1);
        let mut drawn: Vec<usize> = (0..wanted)
            .map(|_| from + 1 + self.below(behind).min(self.below(behind)))
            .collect();
        drawn.sort_unstable();
        drawn.dedup();
        drawn
    }
}

/// Names a package; namesakes in lockfiles of other seeds are partly the same package.
fn version(index: usize, seed: u64) -> String {
    let minor = if index.is_multiple_of(2) { 0 } else { seed };
    format!("1.{minor}.{}", index % 17)
}

/// Lists what the root of a lockfile depends on: enough that most packages are reached.
fn direct(count: usize) -> impl Iterator<Item = usize> {
    (0..count).step_by(50)
}
