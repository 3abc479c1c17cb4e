//! `too-new` through the whole program.
