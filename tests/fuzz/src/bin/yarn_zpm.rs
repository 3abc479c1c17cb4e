//! Bytes as the yarn.lock of Yarn 6.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| linchpin_fuzz::read("yarn.lock", "yarn-zpm", bytes));
