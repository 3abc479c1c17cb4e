//! Bytes as poetry.lock.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| linchpin_fuzz::read(
    "poetry.lock",
    "poetry-lock",
    bytes
));
