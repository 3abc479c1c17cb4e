//! What the lockfiles of npm, pnpm, Yarn, Bun and Deno share: addresses, specifiers, manifests. Pure.

pub(super) mod address;
pub(super) mod declared;
pub(super) mod members;
pub(super) mod oddities;
pub(super) mod specifier;
pub(super) mod unmet;
