//! The limits of a build as a profile, so that certificates are held against it like against any
//! other device.

use super::Build;
use crate::device::profile::{Ability, DeviceProfile, Limit, LimitKind};

/// RSA keys of certificates (`mbedtls_x509_crt_profile_default`, 2.4 to 3.6), in bits.
const SMALLEST_RSA_BITS: u64 = 2_048;

impl Build {
    /// Its limits, each with the option that sets it.
    #[must_use]
    pub fn profile(&self) -> DeviceProfile {
        let mut out = DeviceProfile {
            id: "config".into(),
            name: self.name.clone(),
            stack: if self.since_3() {
                "mbedtls-new"
            } else {
                "mbedtls-old"
            }
            .into(),
            about: format!("A build of {}.", self.generation.name),
            ..DeviceProfile::default()
        };
        let buffers = &self.buffers;
        let content = |name: &str| {
            if self.macros.is_on(name) || self.since_3() {
                self.macros.place(name)
            } else {
                self.macros.place("SSL_MAX_CONTENT_LEN")
            }
        };
        out.limits.push(most(
            LimitKind::RecordBytes,
            buffers.in_content,
            format!(
                "An incoming record holds at most {} bytes; a Certificate message must fit it whole.",
                buffers.in_content
            ),
            content("SSL_IN_CONTENT_LEN"),
        ));
        out.limits.push(most(
            LimitKind::OutRecordBytes,
            buffers.out_content,
            format!(
                "The own Certificate message must fit {} bytes.",
                buffers.out_content
            ),
            content("SSL_OUT_CONTENT_LEN"),
        ));
        out.limits.push(most(
            LimitKind::IntermediateCount,
            buffers.intermediates,
            format!(
                "At most {} intermediate certificates; a longer chain gives -0x3000.",
                buffers.intermediates
            ),
            self.macros.place("X509_MAX_INTERMEDIATE_CA"),
        ));
        if self.macros.is_on("RSA_C") {
            let bits = buffers.largest_number.saturating_mul(8);
            out.limits.push(Limit {
                at_least: Some(SMALLEST_RSA_BITS),
                ..most(
                    LimitKind::RsaBits,
                    bits,
                    format!("RSA keys from {SMALLEST_RSA_BITS} bits (default profile) to {bits} bits (numbers of {} bytes).", buffers.largest_number),
                    format!("{}; library/x509_crt.c (mbedtls_x509_crt_profile_default)", self.macros.place("MPI_MAX_SIZE")),
                )
            });
        }
        self.lists(&mut out);
        out.abilities.push(Ability {
            what: "date_check".into(),
            says: if self.macros.is_on("HAVE_TIME_DATE") {
                "Dates of certificates are checked."
            } else {
                "Dates of certificates are not checked."
            }
            .into(),
            source: self.macros.place("HAVE_TIME_DATE"),
        });
        out
    }

    fn lists(&self, out: &mut DeviceProfile) {
        let curves: Vec<String> = self
            .generation
            .groups
            .iter()
            .filter(|g| super::suites::curve_option(**g).is_some_and(|o| self.macros.is_on(o)))
            // The default profile of 3.x takes no curve below 256 bits and not secp256k1; keys on
            // Montgomery curves do not sign.
            .filter(|g| !matches!(g.0, 0x001D | 0x001E))
            .filter(|g| !self.since_3() || g.0 >= 0x0017)
            .filter_map(|g| g.name().map(str::to_owned))
            .collect();
        if self.macros.is_on("ECP_C") && !curves.is_empty() {
            out.limits.push(list(
                LimitKind::EcCurves,
                curves,
                "Curves that are built in and that the default profile accepts.",
                self.source("groups").to_owned(),
            ));
        }
        let hashes: Vec<String> = [
            (2, "SHA-1"),
            (3, "SHA-224"),
            (4, "SHA-256"),
            (5, "SHA-384"),
            (6, "SHA-512"),
        ]
        .into_iter()
        .filter(|(number, _)| self.has_hash(*number))
        .filter(|(number, _)| match number {
            2 => self.macros.is_on("TLS_DEFAULT_ALLOW_SHA1_IN_CERTIFICATES"),
            3 => !self.since_3(),
            _ => true,
        })
        .map(|(_, name)| name.to_owned())
        .collect();
        if !hashes.is_empty() {
            out.limits.push(list(
                LimitKind::SignatureHashes,
                hashes,
                "Hashes that are built in and that the default profile accepts.",
                "library/x509_crt.c (mbedtls_x509_crt_profile_default) and MBEDTLS_SHA…_C".into(),
            ));
        }
    }
}

fn most(what: LimitKind, n: u64, says: String, source: String) -> Limit {
    Limit {
        what,
        at_most: vec![n],
        at_least: None,
        floor: false,
        one_of: Vec::new(),
        says,
        source,
    }
}

fn list(what: LimitKind, one_of: Vec<String>, says: &str, source: String) -> Limit {
    Limit {
        what,
        at_most: Vec::new(),
        at_least: None,
        floor: false,
        one_of,
        says: says.to_owned(),
        source,
    }
}
