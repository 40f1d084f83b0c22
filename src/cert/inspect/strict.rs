//! The path by the strict engine, for each of its profiles.
//!
//! In: leaf, certificates and CRLs at hand, what is trusted. Out: an answer a profile. Must not know
//! the device.

use super::{Inspection, Question};
use crate::cert::certificate::Certificate;
use crate::cert::crl::Crl;
use crate::cert::file::{CertFile, Content};
use crate::cert::lint::Profile;
use crate::cert::path::{PathUse, StrictQuestion, check_strictly};

impl Inspection<'_> {
    pub(super) fn check_strictly(
        &mut self,
        files: &[CertFile],
        question: &Question<'_>,
        leaf: &Certificate,
        others: &[&Certificate],
    ) {
        if self.trusted.is_empty() {
            return;
        }
        let crls: Vec<&Crl> = files
            .iter()
            .chain(question.trusted)
            .flat_map(|f| &f.objects)
            .filter_map(|o| match &o.content {
                Content::Crl(crl) => Some(&**crl),
                _ => None,
            })
            .collect();
        self.strict = [Profile::Rfc5280, Profile::WebPki]
            .into_iter()
            .map(|profile| {
                let answer = check_strictly(&StrictQuestion {
                    leaf,
                    others,
                    trusted: &self.trusted,
                    crls: &crls,
                    at_unix_s: question.at_unix_s,
                    host: question.host,
                    usage: PathUse::Server,
                    profile,
                    most_between: None,
                });
                (profile, answer)
            })
            .collect();
    }
}
