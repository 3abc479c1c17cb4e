//! Bytes as pdm.lock.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| linchpin_fuzz::read("pdm.lock", "pdm-lock", bytes));
