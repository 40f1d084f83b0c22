//! What lies on the device itself, and how all of it fits.
//!
//! In: the inspection, files and a device profile. Out: the fit of every limit. Must not know paths
//! nor names.

use super::Inspection;
use crate::cert::certificate::Certificate;
use crate::cert::chain::chain;
use crate::cert::file::CertFile;
use crate::cert::fit::{Fit, fit};
use crate::device::DeviceProfile;

impl Inspection<'_> {
    /// With its private key at hand the chain is the device's own.
    fn is_own(&self) -> bool {
        let leaf = self
            .chain
            .as_ref()
            .and_then(|c| c.found.first())
            .and_then(|i| self.certificates.get(*i))
            .map(|(f, o, _)| (*f, *o));
        self.pairs
            .iter()
            .any(|p| p.kind == "private_key" && leaf.is_some_and(|l| p.certificates.contains(&l)))
    }

    /// May this file lie on the device? What holds a server's certificate does not: one that is no
    /// CA, has no private key here and may not only act as a client (RFC 5280 section 4.2.1.12).
    fn may_be_stored(&self, index: usize, file: &CertFile) -> bool {
        let paired = self
            .pairs
            .iter()
            .any(|p| p.kind == "private_key" && p.certificates.iter().any(|(f, _)| *f == index));
        let client_only = |c: &Certificate| {
            let uses = c.extensions.ext_key_usage.as_ref();
            uses.is_some_and(|u| {
                u.iter().any(|u| u == "clientAuth")
                    && !u
                        .iter()
                        .any(|u| u == "serverAuth" || u == "anyExtendedKeyUsage")
            })
        };
        paired || !file.certificates().any(|c| !c.is_ca() && !client_only(c))
    }

    /// Every limit of a device against what is sent and what may lie on the device: its own chain,
    /// keys and files of CAs.
    #[must_use]
    pub fn fit_of(
        &self,
        files: &[CertFile],
        trusted: &[CertFile],
        profile: &DeviceProfile,
    ) -> Vec<Fit> {
        let sent: Vec<&Certificate> = self
            .sent
            .iter()
            .filter_map(|i| self.certificate(*i))
            .collect();
        let own = self.is_own();
        let first = self.sent.first().and_then(|i| self.certificates.get(*i));
        let of_server = first.map(|(file, ..)| *file).filter(|_| !own);
        let lies_there = |i: usize, f: &CertFile| Some(i) != of_server && self.may_be_stored(i, f);
        let stored: Vec<&CertFile> = files
            .iter()
            .enumerate()
            .filter(|(i, f)| lies_there(*i, f))
            .map(|(_, f)| f)
            .chain(trusted)
            .collect();
        fit(&sent, chain(&sent).as_ref(), &stored, profile, own)
    }
}
