//! Bytes as package-lock.json.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| linchpin_fuzz::read(
    "package-lock.json",
    "npm-lock",
    bytes
));
