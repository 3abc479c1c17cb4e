//! What the lockfiles of Python's tools share: requirements (PEP 508), addresses, markers, extras, what a project's manifest asks for. Pure.

pub(super) mod address;
pub(super) mod choice;
pub(super) mod document;
pub(super) mod extras;
pub(super) mod files;
pub(super) mod manifest;
pub(super) mod markers;
pub(super) mod namesakes;
pub(super) mod pieces;
pub(super) mod problems;
pub(super) mod project;
pub(super) mod requirement;
pub(super) mod roots;
