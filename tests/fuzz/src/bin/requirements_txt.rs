//! Bytes as requirements.txt.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| linchpin_fuzz::read(
    "requirements.txt",
    "requirements-txt",
    bytes
));
