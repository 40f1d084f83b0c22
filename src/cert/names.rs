//! Names inside certificates: distinguished names and the entries of subjectAltName.
//!
//! In: DER elements. Out: [`DistinguishedName`] and [`AltName`], as text that loses nothing a
//! person needs. Names are what the peer wrote: no case is changed, nothing is converted to or from
//! Punycode. Must not know hosts or stacks.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::oids;
use super::tlv::{self, Tlv, tag};

/// One attribute of a distinguished name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// `CN`, `O`, … or the dotted identifier.
    pub key: Cow<'static, str>,
    /// Its text.
    pub value: String,
    /// Characters as encoded, in bytes.
    pub bytes: usize,
    /// ASN.1 string type: `UTF8String`, `PrintableString`, `IA5String`, `T61String` …
    pub string_type: &'static str,
}

/// A subject or issuer, in the order of the certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DistinguishedName {
    /// Attributes in the order of the certificate.
    pub attributes: Vec<Attribute>,
    /// The encoded name: two names are the same for chain building when these bytes are.
    pub der: Vec<u8>,
}

impl DistinguishedName {
    pub(super) fn read(der: &[u8], name: &Tlv) -> Self {
        let mut attributes = Vec::new();
        for rdn in tlv::children(der, name).0 {
            for attribute in tlv::children(der, &rdn).0 {
                let (elements, _) = tlv::children(der, &attribute);
                if let [oid, value, ..] = elements.as_slice() {
                    attributes.push(Attribute {
                        key: oids::attribute(oid.value(der)),
                        value: string(value.tag, value.value(der)),
                        bytes: value.len,
                        string_type: string_type(value.tag),
                    });
                }
            }
        }
        Self {
            attributes,
            der: name.bytes(der).to_vec(),
        }
    }

    /// The most specific common name, if there is one.
    #[must_use]
    pub fn common_name(&self) -> Option<&str> {
        self.common_names().last()
    }

    /// All common names, in the order of the certificate.
    pub fn common_names(&self) -> impl Iterator<Item = &str> {
        self.attributes
            .iter()
            .filter(|a| a.key == "CN")
            .map(|a| a.value.as_str())
    }

    /// RFC 4514: most specific first, `CN=localhost,O=Example,C=NL`.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for attribute in self.attributes.iter().rev() {
            if !out.is_empty() {
                out.push(',');
            }
            out.push_str(&attribute.key);
            out.push('=');
            let mut rest = attribute.value.as_str();
            while let Some(at) = rest.find([',', '+', '"', '\\', '<', '>', ';']) {
                let (plain, special) = rest.split_at(at);
                out.push_str(plain);
                out.push('\\');
                out.push_str(&special[..1]);
                rest = &special[1..];
            }
            out.push_str(rest);
        }
        out
    }
}

/// One entry of a subjectAltName extension (RFC 5280 section 4.2.1.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AltName {
    /// dNSName.
    Dns(String),
    /// iPAddress, 4 or 16 bytes by the rule; others are kept.
    Ip(Vec<u8>),
    /// rfc822Name.
    Email(String),
    /// uniformResourceIdentifier.
    Uri(String),
    /// Another kind, named.
    Other(&'static str),
}

impl AltName {
    pub(super) fn read(der: &[u8], name: &Tlv) -> Self {
        let value = name.value(der);
        let text = || String::from_utf8_lossy(value).into_owned();
        match name.tag & 0x1F {
            1 => Self::Email(text()),
            2 => Self::Dns(text()),
            6 => Self::Uri(text()),
            7 => Self::Ip(value.to_vec()),
            0 => Self::Other("otherName"),
            3 => Self::Other("x400Address"),
            4 => Self::Other("directoryName"),
            5 => Self::Other("ediPartyName"),
            8 => Self::Other("registeredID"),
            _ => Self::Other("unknown"),
        }
    }

    /// Its size in a subjectAltName list, in bytes.
    #[must_use]
    pub fn bytes(&self) -> Option<usize> {
        Some(tlv::element_bytes(match self {
            Self::Dns(t) | Self::Email(t) | Self::Uri(t) => t.len(),
            Self::Ip(bytes) => bytes.len(),
            Self::Other(_) => return None,
        }))
    }
}

/// `66.230.114.174`, `::1`, or hexadecimal digits where the length is neither 4 nor 16.
#[must_use]
pub fn address_text(bytes: &[u8]) -> String {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Ipv4Addr::from(four).to_string();
    }
    if let Ok(sixteen) = <[u8; 16]>::try_from(bytes) {
        return Ipv6Addr::from(sixteen).to_string();
    }
    data_encoding::HEXLOWER.encode(bytes)
}

fn string(tag_number: u8, bytes: &[u8]) -> String {
    match tag_number {
        // T61String is read as Latin-1, as OpenSSL does.
        0x14 => bytes.iter().map(|b| char::from(*b)).collect(),
        0x1E => {
            let units: Vec<u16> = bytes
                .chunks_exact(2)
                .map(|c| u16::from_be_bytes([c[0], c[1]]))
                .collect();
            String::from_utf16_lossy(&units)
        }
        0x1C => bytes
            .chunks_exact(4)
            .map(|c| {
                char::from_u32(u32::from_be_bytes([c[0], c[1], c[2], c[3]]))
                    .unwrap_or(char::REPLACEMENT_CHARACTER)
            })
            .collect(),
        tag::SEQUENCE | tag::SET => String::new(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn string_type(tag_number: u8) -> &'static str {
    match tag_number {
        0x0C => "UTF8String",
        0x12 => "NumericString",
        0x13 => "PrintableString",
        0x14 => "T61String",
        0x16 => "IA5String",
        0x1A => "VisibleString",
        0x1C => "UniversalString",
        0x1E => "BMPString",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read_as_people_write_them() {
        assert_eq!(address_text(&[66, 230, 114, 174]), "66.230.114.174");
        assert_eq!(
            address_text(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            "::1"
        );
        assert_eq!(address_text(&[1, 2]), "0102");
    }

    #[test]
    fn old_string_types_are_read() {
        assert_eq!(string(0x1E, &[0, b'H', 0, b'i']), "Hi");
        assert_eq!(string(0x14, &[0xE9]), "é");
        assert_eq!(AltName::Dns("a.b".into()).bytes(), Some(5));
    }
}
