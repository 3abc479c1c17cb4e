//! What is found in a tree, and what is taken from caches, through the real program.

mod caches;
mod tree;
