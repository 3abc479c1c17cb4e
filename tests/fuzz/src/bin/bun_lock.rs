//! Bytes as bun.lock.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| linchpin_fuzz::read("bun.lock", "bun-lock", bytes));
