//! Identity: what a package is called, where it comes from and which bytes it should be. No I/O.
//!
//! A package is ecosystem + normalised name + version + source; the digests that a lockfile pins for it
//! are [`Integrity`]. Everything later in the flow speaks in these types.

pub mod address;
pub mod artifact;
pub mod ecosystem;
pub mod endpoints;
pub mod hosts;
pub mod integrity;
pub mod name;
pub mod purl;
pub mod remote;
pub mod role;
pub mod source;
pub mod version;
pub mod wanted;

pub use ecosystem::Ecosystem;
pub use integrity::{Algorithm, Digest, Integrity};
pub use name::PackageName;
pub use purl::Purl;
pub use remote::RemoteAddress;
pub use source::{Host, Source};
pub use version::Version;
