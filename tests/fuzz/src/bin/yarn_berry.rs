//! Bytes as the yarn.lock of Yarn 2 to 4.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| linchpin_fuzz::read("yarn.lock", "yarn-berry", bytes));
