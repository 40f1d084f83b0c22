#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| handlens_fuzz::run("certificates", bytes));
