//! Two certificates out of any bytes: signatures and both path engines between them.
#![no_main]

use handlens::cert::{
    Certificate, PathUse, Profile, StrictQuestion, check_path, check_signature, check_strictly,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (first, second) = bytes.split_at(bytes.len() / 2);
    let (Some(leaf), Some(issuer)) = (Certificate::read(first), Certificate::read(second)) else {
        return;
    };
    let _ = check_signature(&leaf, &issuer);
    let _ = check_path(&leaf, &[], &[&issuer], 1_700_000_000, Some("a.example"));
    for profile in [Profile::Rfc5280, Profile::WebPki] {
        let _ = check_strictly(&StrictQuestion {
            leaf: &leaf,
            others: &[&issuer],
            trusted: &[&issuer],
            crls: &[],
            at_unix_s: 1_700_000_000,
            host: Some("a.example"),
            usage: PathUse::Server,
            profile,
            most_between: None,
        });
    }
});
