//! Linchpin.
pub mod files;
pub mod lockfile;
pub mod package;
pub mod path;
pub mod text;
