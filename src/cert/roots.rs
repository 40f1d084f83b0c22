//! The roots that the operating system trusts.
//!
//! In: nothing; the system is asked when the user wants it. Out: [`PlatformRoots`]. On Unix the
//! variables `SSL_CERT_FILE` and `SSL_CERT_DIR` are heeded, as OpenSSL does.

use super::certificate::Certificate;
use super::file::{CertFile, Content, Encoding, Object};

/// What the system trusts.
#[derive(Clone, Debug, PartialEq)]
pub struct PlatformRoots {
    /// The roots as one file, for use as `trusted` of a question.
    pub file: CertFile,
    /// What could not be read, in the words of the system.
    pub errors: Vec<String>,
}

/// Asks the system. Reads files; not for the thread of a window.
#[must_use]
pub fn platform_roots() -> PlatformRoots {
    let found = rustls_native_certs::load_native_certs();
    let objects: Vec<Object> = found
        .certs
        .iter()
        .filter_map(|der| Certificate::read(der))
        .map(|certificate| Object {
            encoding: Encoding::Der,
            label: None,
            offset: 0,
            file_bytes: certificate.der_bytes(),
            der_bytes: certificate.der_bytes(),
            content: Content::Certificate(Box::new(certificate)),
        })
        .collect();
    PlatformRoots {
        file: CertFile {
            name: "roots of this system".into(),
            size_bytes: objects.iter().map(|o| o.der_bytes).sum(),
            objects,
            problems: Vec::new(),
        },
        errors: found.errors.iter().map(ToString::to_string).collect(),
    }
}
