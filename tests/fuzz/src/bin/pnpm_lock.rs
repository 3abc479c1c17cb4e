//! Bytes as pnpm-lock.yaml.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| linchpin_fuzz::read(
    "pnpm-lock.yaml",
    "pnpm-lock",
    bytes
));
