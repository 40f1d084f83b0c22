//! Files that a question is made of: roots, the client's certificate and key, a `ClientHello`.
//!
//! In: paths. Out: values, or one sentence that says what is wrong with the file. Keys stay in memory.

use std::fs;
use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::device_hello::{DeviceHello, known_devices};
use super::library::Identity;

/// Larger files hold no single `ClientHello`.
const LARGEST_HELLO: u64 = 1_000_000;

/// The certificates of a file in PEM.
///
/// # Errors
/// One sentence.
pub fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let list: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|e| format!("{} cannot be read as PEM. ({e})", path.display()))?;
    if list.is_empty() {
        return Err(format!("{} holds no certificate in PEM.", path.display()));
    }
    Ok(list)
}

/// The client's own certificate and key.
///
/// # Errors
/// One sentence.
pub fn read_identity(chain: &Path, key: &Path) -> Result<Identity, String> {
    Ok(Identity {
        chain: read_certificates(chain)?,
        key: PrivateKeyDer::from_pem_file(key).map_err(|e| {
            format!(
                "{} holds no private key in PEM that can be read. ({e})",
                key.display()
            )
        })?,
    })
}

/// A `ClientHello`: a known build by id, else a file.
///
/// # Errors
/// One sentence that names the known builds.
pub fn read_hello(text: &str) -> Result<DeviceHello, String> {
    if let Some(device) = DeviceHello::known(text) {
        return Ok(device);
    }
    let known = known_devices().join(", ");
    let size = fs::metadata(text).map(|m| m.len());
    match size {
        Ok(size) if size <= LARGEST_HELLO => {
            let content = fs::read(text).map_err(|e| format!("{text} cannot be read. ({e})"))?;
            DeviceHello::from_file(text, &content)
                .map_err(|e| format!("{text} holds no ClientHello: {e}."))
        }
        Ok(_) => Err(format!("{text} is too large to be one ClientHello.")),
        Err(_) => Err(format!(
            "No ClientHello of \u{201c}{text}\u{201d} is known and no file has that name. Known: {known}."
        )),
    }
}
