//! What the lockfiles of Python's tools share: requirements (PEP 508), addresses, and what a project's manifest asks for. Pure.

pub(super) mod address;
pub(super) mod project;
pub(super) mod requirement;
