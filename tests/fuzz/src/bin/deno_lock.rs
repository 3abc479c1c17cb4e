//! Bytes as deno.lock.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| linchpin_fuzz::read("deno.lock", "deno-lock", bytes));
