//! What a person and a program see of the real binary.

mod accept;
mod audit;
mod config;
mod demo;
mod determinism;
mod explain;
mod graph;
mod output;
mod why;
