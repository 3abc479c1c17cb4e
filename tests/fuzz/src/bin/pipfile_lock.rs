//! Bytes as Pipfile.lock.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| linchpin_fuzz::read(
    "Pipfile.lock",
    "pipfile-lock",
    bytes
));
