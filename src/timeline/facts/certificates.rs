//! The certificates that the peer showed, as the device printed them.
//!
//! In: the certificates of the attempt, the host and the time of judgement. Out: the facts `cert.*`.
//! Must not know a trust store, nor limits of a device.

use super::{FactContext, Teller};
use crate::evidence::{Direction, PeerCertificate};
use crate::timeline::names;
use crate::tls::StepName;

impl Teller<'_> {
    pub(super) fn certificates(&mut self, ctx: &FactContext<'_>) {
        let a = self.a;
        let certs = &a.certificates;
        let Some(leaf) = certs.iter().min_by_key(|c| c.index) else {
            return;
        };
        let line = self
            .step_line(StepName::Certificate, Direction::Received)
            .unwrap_or(a.first_line);
        let expired = |c: &PeerCertificate| c.not_after.is_some_and(|t| t < ctx.judged_at);
        let early = |c: &PeerCertificate| c.not_before.is_some_and(|t| t > ctx.judged_at);
        self.yes("cert.any_expired", certs.iter().any(expired), line);
        self.yes("cert.any_not_yet_valid", certs.iter().any(early), line);
        // The description of the leaf was lost: what stands first is another.
        if leaf.index > 1 {
            return;
        }
        self.int("cert.count", i64::try_from(certs.len()).unwrap_or(0), line);
        self.text("cert.leaf.subject", &leaf.subject, line);
        self.text("cert.leaf.issuer", &leaf.issuer, line);
        if let Some(top) = certs.iter().max_by_key(|c| c.index) {
            let named = names::common_name(&top.issuer).is_some_and(names::is_root_name);
            self.yes("cert.top_issuer_named_root", named, line);
        }
        let cn = names::common_name(&leaf.subject);
        if let Some(cn) = cn {
            self.text("cert.leaf.cn", cn, line);
            self.yes(
                "cert.leaf.cn_is_ip",
                names::is_ip(cn) && !leaf.alt_names.iter().any(|n| names::is_ip(n)),
                line,
            );
        }
        if !leaf.key_type.is_empty() {
            self.text(
                "cert.leaf.key_type",
                if leaf.key_type.starts_with("EC") {
                    "EC"
                } else {
                    "RSA"
                },
                line,
            );
        }
        self.text("cert.leaf.signed_using", &leaf.signed_using, line);
        self.yes("cert.leaf.sha1", leaf.signed_using.ends_with("SHA1"), line);
        self.yes(
            "cert.leaf.sha512",
            leaf.signed_using.contains("SHA512") || leaf.signed_using.contains("SHA-512"),
            line,
        );
        self.words("cert.leaf.names", leaf.alt_names.clone(), line);
        if let Some(bits) = leaf.key_bits {
            self.int("cert.leaf.key_bits", i64::from(bits), line);
        }
        self.yes("cert.leaf.self_signed", leaf.issuer == leaf.subject, line);
        if let Some(is_ca) = leaf.is_ca {
            self.yes("cert.leaf.is_ca", is_ca, line);
        }
        self.usages(leaf, line);
        self.yes("cert.leaf.expired", expired(leaf), line);
        self.yes("cert.leaf.not_yet_valid", early(leaf), line);
        self.yes(
            "cert.date_over_2038",
            certs
                .iter()
                .any(|c| c.not_after.is_some_and(|t| t > 2_147_483_647_000_000)),
            line,
        );
        if let Some(host) = self.host(ctx) {
            self.yes(
                "cert.leaf.matches_host",
                names::matches(leaf, cn, &host),
                line,
            );
        }
        if certs.iter().any(|c| names::inspecting_proxy(&c.issuer)) {
            self.word("conditions", "proxy_issuer", line);
        }
        self.chain(line);
    }

    fn usages(&mut self, leaf: &PeerCertificate, line: u32) {
        if leaf.ext_key_usage.is_empty() {
            let origin = self.line(line);
            self.out.absent("cert.leaf.ext_key_usage", origin);
        } else {
            self.words("cert.leaf.ext_key_usage", leaf.ext_key_usage.clone(), line);
        }
        let server = |u: &String| u.contains("Web Server") || u.contains("Any Extended");
        self.yes(
            "cert.leaf.server_auth",
            leaf.ext_key_usage.is_empty() || leaf.ext_key_usage.iter().any(server),
            line,
        );
        if leaf.key_usage.is_empty() {
            let origin = self.line(line);
            self.out.absent("cert.leaf.key_usage", origin);
        } else {
            self.words("cert.leaf.key_usage", leaf.key_usage.clone(), line);
        }
        let signs = |u: &String| {
            ["Digital Signature", "Key Encipherment", "Key Agreement"].contains(&u.as_str())
        };
        self.yes(
            "cert.leaf.may_sign",
            leaf.key_usage.is_empty() || leaf.key_usage.iter().any(signs),
            line,
        );
    }

    fn chain(&mut self, line: u32) {
        let mut certs: Vec<&PeerCertificate> = self.a.certificates.iter().collect();
        certs.sort_by_key(|c| c.index);
        let (Some(leaf), Some(top)) = (certs.first(), certs.last()) else {
            return;
        };
        if let Some(bits) = certs.iter().filter_map(|c| c.key_bits).max() {
            self.int("cert.max_key_bits", i64::from(bits), line);
        }
        if let Some(t) = leaf.not_before {
            self.int("cert.not_before", t / 1_000_000, line);
        }
        if let Some(t) = leaf.not_after {
            self.int("cert.not_after", t / 1_000_000, line);
        }
        // One was not printed whole: what is missing between the others cannot be said.
        let gap = certs.windows(2).any(|w| w[1].index > w[0].index + 1);
        let nameless = certs.iter().any(|c| c.issuer.is_empty())
            || certs[1..].iter().any(|c| c.subject.is_empty());
        if gap || nameless {
            return;
        }
        if certs.len() > 1 {
            let links = certs.windows(2).all(|w| w[0].issuer == w[1].subject);
            self.yes("cert.chain_links", links, line);
            if !links {
                // From the leaf upwards by names: does a chain come out when order is ignored?
                let next = certs[1..].iter().any(|c| c.subject == leaf.issuer);
                self.yes("cert.chain_reorders", next, line);
            }
        }
        let issuer_sent =
            leaf.issuer != leaf.subject && certs[1..].iter().any(|c| c.subject == leaf.issuer);
        self.yes("cert.issuer_sent", issuer_sent, line);
        if let Some(is_ca) = certs[1..]
            .iter()
            .find(|c| c.subject == leaf.issuer)
            .and_then(|c| c.is_ca)
        {
            self.yes("cert.issuer_is_ca", is_ca, line);
        }
        let root = certs.len() > 1 && top.issuer == top.subject;
        self.yes(
            "cert.chain_top_self_signed",
            top.issuer == top.subject,
            line,
        );
        let intermediates = certs.len() - 1 - usize::from(root);
        self.int(
            "cert.intermediates",
            i64::try_from(intermediates).unwrap_or(0),
            line,
        );
        self.text("cert.top_issuer", &top.issuer, line);
    }

    fn host(&self, ctx: &FactContext<'_>) -> Option<String> {
        ctx.stated
            .text("host")
            .or_else(|| self.out.text("host"))
            .map(str::to_owned)
    }
}
