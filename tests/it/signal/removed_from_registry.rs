//! `removed-from-registry` through the whole program.
