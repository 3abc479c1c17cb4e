//! `typosquat` through the whole program.
