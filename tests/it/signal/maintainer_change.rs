//! `maintainer-change` through the whole program.
