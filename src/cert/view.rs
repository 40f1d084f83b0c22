//! A certificate as lints and signature checks see it: its fields with their places.
//!
//! In: a certificate. Out: [`View`]. Reads the DER once more, because checks ask how a field is
//! written and not only what it says.

use crate::cert::certificate::Certificate;
use crate::cert::extensions::Extension;
use crate::cert::tlv::{self, Tlv, tag};

/// The certificate and the places of its fields.
pub(super) struct View<'a> {
    pub c: &'a Certificate,
    pub der: &'a [u8],
    /// Content octets of the serial number.
    pub serial: &'a [u8],
    /// The algorithm inside the signed part and the one behind it, as elements.
    pub algorithms: [Option<Tlv>; 2],
    pub issuer: Option<Tlv>,
    pub subject: Option<Tlv>,
    pub dates: [Option<Tlv>; 2],
    /// Algorithm and bits of the key.
    pub key: Option<(Tlv, Tlv)>,
    pub unique_id: bool,
}

impl<'a> View<'a> {
    pub fn of(c: &'a Certificate) -> Self {
        let der = c.der.as_slice();
        let mut view = Self {
            c,
            der,
            serial: &[],
            algorithms: [None, None],
            issuer: None,
            subject: None,
            dates: [None, None],
            key: None,
            unique_id: false,
        };
        let Ok(outer) = tlv::read(der, 0, der.len()) else {
            return view;
        };
        let (parts, _) = tlv::children(der, &outer);
        let Some(tbs) = parts.first() else {
            return view;
        };
        view.algorithms[1] = parts.get(1).copied();
        let (fields, _) = tlv::children(der, tbs);
        let mut fields = fields.into_iter().peekable();
        fields.next_if(|f| f.tag == 0xA0);
        view.serial = fields.next().map_or(&[], |f| f.value(der));
        view.algorithms[0] = fields.next();
        view.issuer = fields.next();
        if let Some(validity) = fields.next() {
            let (dates, _) = tlv::children(der, &validity);
            view.dates = [dates.first().copied(), dates.get(1).copied()];
        }
        view.subject = fields.next();
        if let Some(spki) = fields.next() {
            let (elements, _) = tlv::children(der, &spki);
            if let [algorithm, bits, ..] = elements.as_slice() {
                view.key = Some((*algorithm, *bits));
            }
        }
        view.unique_id = fields.any(|f| matches!(f.tag, 0x81 | 0x82 | 0xA1 | 0xA2));
        view
    }

    /// Says that it is a CA, or is a self-signed one of a version that cannot say it.
    pub fn ca(&self) -> bool {
        self.c.extensions.ca == Some(true)
            || self.c.version.is_some_and(|v| v < 3) && self.c.self_issued()
    }

    pub fn root(&self) -> bool {
        self.ca() && self.c.self_issued()
    }

    /// Could be meant for a TLS server: no CA, and the extended use does not forbid it.
    pub fn server(&self) -> bool {
        !self.ca() && self.usage_allows("serverAuth")
    }

    pub fn usage_allows(&self, usage: &str) -> bool {
        self.c.extensions.ext_key_usage.as_ref().is_none_or(|list| {
            list.iter()
                .any(|u| u == usage || u == "anyExtendedKeyUsage")
        })
    }

    pub fn extension(&self, name: &str) -> Option<&'a Extension> {
        self.c.extensions.list.iter().find(|e| e.name == name)
    }

    /// The extension is there, and critical as asked.
    pub fn is_critical(&self, name: &str) -> Option<bool> {
        self.extension(name).map(|e| e.critical)
    }

    /// The outermost element inside an extension, with its parts.
    pub fn inside(&self, name: &str) -> Option<(Tlv, Vec<Tlv>)> {
        let range = self.extension(name)?.value.clone();
        let outer = tlv::read(self.der, range.start, range.end).ok()?;
        let parts = tlv::children(self.der, &outer).0;
        Some((outer, parts))
    }

    pub fn value(&self, element: &Tlv) -> &'a [u8] {
        element.value(self.der)
    }

    /// The parameters of an algorithm: `None` where there are none.
    pub fn parameters(&self, algorithm: &Tlv) -> Option<Tlv> {
        let (parts, _) = tlv::children(self.der, algorithm);
        parts.first().filter(|p| p.tag == tag::OID)?;
        parts.get(1).copied()
    }
}
