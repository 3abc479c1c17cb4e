//! Bytes as Cargo.lock.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| linchpin_fuzz::read("Cargo.lock", "cargo-lock", bytes));
