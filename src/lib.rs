//! Linchpin.
pub mod advisory;
pub mod assessment;
pub mod config;
pub mod evidence;
pub mod files;
pub mod graph;
pub mod lockfile;
pub mod package;
pub mod path;
pub mod signal;
pub mod text;
pub mod report;
