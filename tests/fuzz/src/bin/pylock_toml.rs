//! Bytes as pylock.toml.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| linchpin_fuzz::read(
    "pylock.toml",
    "pylock-toml",
    bytes
));
