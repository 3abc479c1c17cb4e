//! Bytes as uv.lock.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| linchpin_fuzz::read("uv.lock", "uv-lock", bytes));
