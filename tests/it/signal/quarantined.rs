//! `quarantined` through the whole program.
