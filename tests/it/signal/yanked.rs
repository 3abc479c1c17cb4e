//! `yanked` through the whole program.
