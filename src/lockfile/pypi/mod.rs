//! What the lockfiles of Python's tools share: requirements (PEP 508), extras, what a project's manifest asks for. Pure.

pub(super) mod extras;
pub(super) mod project;
pub(super) mod requirement;
