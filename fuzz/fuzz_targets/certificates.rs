//! Any bytes as a file of certificates, keys or containers: read, linted, inspected.
#![no_main]

use handlens::cert::{self, Inspection, Passwords, Question};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut passwords = Passwords::none();
    passwords.add(b"handlens");
    let files = [cert::read_with("fuzz", bytes, &passwords)];
    for certificate in files[0].certificates() {
        assert!(certificate.size_tree.adds_up());
        let _ = cert::lints(certificate);
    }
    let question = Question {
        trusted: &files,
        host: Some("device.example.com"),
        at_unix_s: 1_700_000_000,
        ..Question::default()
    };
    let _ = Inspection::of(&files, &question);
});
