//! The `mbedtls_ssl_conf_…` calls of a C file: what the application sets at run time.
//!
//! In: C text. Out: [`Calls`] with the line of each. Lists are looked up in the same file by name.
//! Code is not run: of two calls the later in the file counts.

use super::constant::number;
use super::header::strip_comments;
use super::line_number;
use crate::tls::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};

/// A value that a call sets, and its line, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// The line.
    pub line: u32,
}

/// What the device does with the peer's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyMode {
    /// `MBEDTLS_SSL_VERIFY_NONE`.
    None,
    /// `MBEDTLS_SSL_VERIFY_OPTIONAL`: checked, and the handshake goes on.
    Optional,
    /// `MBEDTLS_SSL_VERIFY_REQUIRED`.
    Required,
}

/// What the calls of an application set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// `mbedtls_ssl_config_defaults`: is it a server?
    pub server: Option<Setting<bool>>,
    /// `MBEDTLS_SSL_PRESET_SUITEB`.
    pub suite_b: Option<Setting<bool>>,
    /// `mbedtls_ssl_conf_ciphersuites`.
    pub suites: Option<Setting<Vec<CipherSuite>>>,
    /// `mbedtls_ssl_conf_curves` or `mbedtls_ssl_conf_groups`.
    pub groups: Option<Setting<Vec<NamedGroup>>>,
    /// `mbedtls_ssl_conf_sig_hashes`: hashes by their TLS 1.2 number.
    pub hashes: Option<Setting<Vec<u8>>>,
    /// `mbedtls_ssl_conf_sig_algs`.
    pub schemes: Option<Setting<Vec<SignatureScheme>>>,
    /// Lowest version.
    pub min_version: Option<Setting<ProtocolVersion>>,
    /// Highest version.
    pub max_version: Option<Setting<ProtocolVersion>>,
    /// `mbedtls_ssl_conf_max_frag_len`: the code of the extension, 0 for none.
    pub max_fragment_length: Option<Setting<u8>>,
    /// `mbedtls_ssl_conf_authmode`.
    pub verify: Option<Setting<VerifyMode>>,
    /// `mbedtls_ssl_conf_alpn_protocols`.
    pub alpn: Option<Setting<Vec<String>>>,
    /// `mbedtls_ssl_set_hostname` is called; with a text where it is a literal.
    pub host_name: Option<Setting<Option<String>>>,
    /// `mbedtls_ssl_conf_psk`.
    pub psk: Option<Setting<bool>>,
    /// `mbedtls_ssl_conf_session_tickets`.
    pub session_tickets: Option<Setting<bool>>,
    /// `mbedtls_ssl_conf_encrypt_then_mac`.
    pub encrypt_then_mac: Option<Setting<bool>>,
    /// `mbedtls_ssl_conf_extended_master_secret`.
    pub extended_master_secret: Option<Setting<bool>>,
    /// `mbedtls_ssl_conf_preference_order`: does the client's order count?
    pub client_order: Option<Setting<bool>>,
    /// `mbedtls_ssl_conf_own_cert` is called.
    pub own_certificate: Option<u32>,
}

impl Calls {
    /// Does the file set nothing of all this?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Largest text between the brackets of a call or list that is read, in bytes.
const LONGEST: usize = 16_384;

pub(super) fn read_calls(text: &str) -> Calls {
    let mut calls = Calls::default();
    if !text.contains("mbedtls_ssl_") {
        return calls;
    }
    let mut in_comment = false;
    let plain: Vec<String> = text
        .lines()
        .map(|l| strip_comments(l, &mut in_comment))
        .collect();
    let code = plain.join("\n");
    let mut from = 0;
    while let Some(found) = code.get(from..).and_then(|c| c.find("mbedtls_ssl_")) {
        let start = from + found;
        let rest = code.get(start..).unwrap_or_default();
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        from = start + end.max(1);
        let Some(inside) = bracketed(after.trim_start(), '(', ')') else {
            continue;
        };
        let line = line_number(code.get(..start).unwrap_or_default().matches('\n').count());
        calls.take(name, &arguments(inside), line, &code);
    }
    calls
}

/// What stands between the bracket that the text begins with and its partner.
fn bracketed(text: &str, open: char, close: char) -> Option<&str> {
    let body = text.strip_prefix(open)?;
    let mut depth = 1_usize;
    for (at, c) in body.char_indices().take(LONGEST) {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return body.get(..at);
            }
        }
    }
    None
}

/// Arguments or elements, at the commas that are in no bracket and in no text.
fn arguments(inside: &str) -> Vec<&str> {
    let (mut out, mut depth, mut quoted, mut from) = (Vec::new(), 0_usize, false, 0);
    for (at, c) in inside.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' | '{' if !quoted => depth += 1,
            ')' | '}' if !quoted => depth = depth.saturating_sub(1),
            ',' if !quoted && depth == 0 => {
                out.push(inside.get(from..at).unwrap_or_default().trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    out.push(inside.get(from..).unwrap_or_default().trim());
    out.retain(|a| !a.is_empty());
    out
}

/// The elements of the array with this name, or of a list in place.
fn elements<'c>(argument: &str, code: &'c str) -> Option<Vec<&'c str>> {
    let name = argument
        .rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .find(|w| !w.is_empty())?;
    let mut from = 0;
    while let Some(found) = code.get(from..)?.find(name) {
        let at = from + found;
        from = at + name.len();
        let before = code.get(..at)?.chars().next_back();
        if before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
            continue;
        }
        let after = code.get(from..)?.trim_start();
        if !after.starts_with('[') {
            continue;
        }
        let Some((_, value)) = after.split_once('=') else {
            continue;
        };
        if let Some(inside) = bracketed(value.trim_start(), '{', '}') {
            return Some(arguments(inside));
        }
    }
    None
}

fn version(words: &[&str]) -> Option<ProtocolVersion> {
    let last = words.last()?;
    Some(match last.trim_start_matches("MBEDTLS_SSL_") {
        "MINOR_VERSION_1" | "1" => ProtocolVersion::TLS10,
        "MINOR_VERSION_2" | "2" => ProtocolVersion::TLS11,
        "MINOR_VERSION_3" | "VERSION_TLS1_2" | "3" => ProtocolVersion::TLS12,
        "MINOR_VERSION_4" | "VERSION_TLS1_3" | "4" => ProtocolVersion::TLS13,
        _ => return None,
    })
}

/// A group as `mbedtls_ssl_conf_curves` or `mbedtls_ssl_conf_groups` names it.
fn group(word: &str) -> Option<NamedGroup> {
    let word = word
        .trim_start_matches("MBEDTLS_")
        .trim_start_matches("SSL_IANA_TLS_GROUP_")
        .trim_start_matches("ECP_DP_");
    let name = match word {
        "BP256R1" => "brainpoolP256r1",
        "BP384R1" => "brainpoolP384r1",
        "BP512R1" => "brainpoolP512r1",
        "CURVE25519" => "x25519",
        "CURVE448" => "x448",
        other => other,
    };
    NamedGroup::from_name(name)
}

fn hash(word: &str) -> Option<u8> {
    Some(match word.trim_start_matches("MBEDTLS_MD_") {
        "MD5" => 1,
        "SHA1" => 2,
        "SHA224" => 3,
        "SHA256" => 4,
        "SHA384" => 5,
        "SHA512" => 6,
        _ => return None,
    })
}

fn scheme(word: &str) -> Option<SignatureScheme> {
    if let Some(name) = word.strip_prefix("MBEDTLS_TLS1_3_SIG_") {
        return SignatureScheme::from_name(&name.to_ascii_lowercase());
    }
    number(word)
        .and_then(|n| u16::try_from(n).ok())
        .map(SignatureScheme)
}

/// A suite by the library's macro or by its number.
pub(crate) fn suite(word: &str) -> Option<CipherSuite> {
    let word = word.trim();
    if let Some(value) = number(word) {
        return u16::try_from(value).ok().map(CipherSuite);
    }
    let name = word.strip_prefix("MBEDTLS_").unwrap_or(word);
    CipherSuite::from_name(&name.replace("TLS1_3_", "TLS_"))
}

impl Calls {
    fn take(&mut self, name: &str, arguments: &[&str], line: u32, code: &str) {
        let last = arguments.last().copied().unwrap_or_default();
        let list = || elements(last, code).unwrap_or_default();
        let on = |word: &str| !(word.ends_with("DISABLED") || word == "0");
        match name {
            "mbedtls_ssl_config_defaults" => {
                if let Some(end) = arguments.get(1) {
                    let server = end.ends_with("IS_SERVER");
                    if server || end.ends_with("IS_CLIENT") {
                        set(&mut self.server, Some(server), line);
                    }
                }
                set(&mut self.suite_b, Some(last.ends_with("SUITEB")), line);
            }
            "mbedtls_ssl_conf_ciphersuites" => {
                let found: Vec<_> = list().into_iter().filter_map(suite).collect();
                set(&mut self.suites, some(found), line);
            }
            "mbedtls_ssl_conf_curves" | "mbedtls_ssl_conf_groups" => {
                let found: Vec<_> = list().into_iter().filter_map(group).collect();
                set(&mut self.groups, some(found), line);
            }
            "mbedtls_ssl_conf_sig_hashes" => {
                let found: Vec<_> = list().into_iter().filter_map(hash).collect();
                set(&mut self.hashes, some(found), line);
            }
            "mbedtls_ssl_conf_sig_algs" => {
                let found: Vec<_> = list().into_iter().filter_map(scheme).collect();
                set(&mut self.schemes, some(found), line);
            }
            "mbedtls_ssl_conf_min_version" | "mbedtls_ssl_conf_min_tls_version" => {
                set(&mut self.min_version, version(arguments), line);
            }
            "mbedtls_ssl_conf_max_version" | "mbedtls_ssl_conf_max_tls_version" => {
                set(&mut self.max_version, version(arguments), line);
            }
            "mbedtls_ssl_conf_max_frag_len" => {
                let code = match last.trim_start_matches("MBEDTLS_SSL_MAX_FRAG_LEN_") {
                    "NONE" | "0" => Some(0),
                    "512" | "1" => Some(1),
                    "1024" | "2" => Some(2),
                    "2048" | "3" => Some(3),
                    "4096" | "4" => Some(4),
                    _ => None,
                };
                set(&mut self.max_fragment_length, code, line);
            }
            "mbedtls_ssl_conf_authmode" => {
                let mode = match last.trim_start_matches("MBEDTLS_SSL_VERIFY_") {
                    "NONE" | "0" => Some(VerifyMode::None),
                    "OPTIONAL" | "1" => Some(VerifyMode::Optional),
                    "REQUIRED" | "2" => Some(VerifyMode::Required),
                    _ => None,
                };
                set(&mut self.verify, mode, line);
            }
            "mbedtls_ssl_conf_alpn_protocols" => {
                let names: Vec<String> = list()
                    .into_iter()
                    .filter_map(|w| w.strip_prefix('"')?.strip_suffix('"'))
                    .map(str::to_owned)
                    .collect();
                set(&mut self.alpn, some(names), line);
            }
            "mbedtls_ssl_set_hostname" => {
                let literal = last.strip_prefix('"').and_then(|w| w.strip_suffix('"'));
                let value = (last != "NULL").then(|| literal.map(str::to_owned));
                set(&mut self.host_name, value, line);
            }
            "mbedtls_ssl_conf_psk" => set(&mut self.psk, Some(true), line),
            "mbedtls_ssl_conf_session_tickets" => {
                set(&mut self.session_tickets, Some(on(last)), line);
            }
            "mbedtls_ssl_conf_encrypt_then_mac" => {
                set(&mut self.encrypt_then_mac, Some(on(last)), line);
            }
            "mbedtls_ssl_conf_extended_master_secret" => {
                set(&mut self.extended_master_secret, Some(on(last)), line);
            }
            "mbedtls_ssl_conf_preference_order" => {
                set(&mut self.client_order, Some(last.ends_with("CLIENT")), line);
            }
            "mbedtls_ssl_conf_own_cert" => self.own_certificate = Some(line),
            _ => {}
        }
    }
}

fn set<T>(place: &mut Option<Setting<T>>, value: Option<T>, line: u32) {
    if let Some(value) = value {
        *place = Some(Setting { value, line });
    }
}

/// An empty list was not understood; it sets nothing.
fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn calls_and_the_lists_they_name_are_read() {
        let calls = read_calls(
            "static const int suites[] = {\n  MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, /* first */\n  0xC02B, 0 };\n\
             const mbedtls_ecp_group_id my_curves[] = { MBEDTLS_ECP_DP_SECP384R1, MBEDTLS_ECP_DP_CURVE25519, MBEDTLS_ECP_DP_NONE };\n\
             const char *protocols[] = { \"mqtt\", \"a,b\", NULL };\n\
             // mbedtls_ssl_conf_max_frag_len(&conf, MBEDTLS_SSL_MAX_FRAG_LEN_512);\n\
             mbedtls_ssl_config_defaults(&conf, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);\n\
             mbedtls_ssl_conf_ciphersuites( &conf, suites );\n mbedtls_ssl_conf_curves(&conf, my_curves);\n\
             mbedtls_ssl_conf_max_frag_len(&conf, MBEDTLS_SSL_MAX_FRAG_LEN_1024);\n\
             mbedtls_ssl_conf_min_version(&conf, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);\n\
             mbedtls_ssl_conf_authmode(&conf, MBEDTLS_SSL_VERIFY_OPTIONAL);\n\
             mbedtls_ssl_conf_alpn_protocols(&conf, protocols);\n\
             mbedtls_ssl_set_hostname(&ssl, \"broker.example\");\n",
        );
        assert_eq!(
            calls.suites.unwrap(),
            Setting {
                value: vec![CipherSuite(0xC02F), CipherSuite(0xC02B), CipherSuite(0)],
                line: 8
            }
        );
        assert_eq!(
            calls.groups.unwrap().value,
            [NamedGroup::SECP384R1, NamedGroup::X25519]
        );
        assert_eq!(calls.max_fragment_length.unwrap().value, 2);
        assert_eq!(calls.min_version.unwrap().value, ProtocolVersion::TLS12);
        assert_eq!(calls.verify.unwrap().value, VerifyMode::Optional);
        assert_eq!(calls.alpn.unwrap().value, ["mqtt", "a,b"]);
        assert_eq!(
            calls.host_name.unwrap().value,
            Some("broker.example".to_owned())
        );
        assert!(!calls.server.unwrap().value);
    }

    #[test]
    fn no_text_is_too_odd() {
        for text in [
            "mbedtls_ssl_",
            "mbedtls_ssl_conf_ciphersuites(",
            "mbedtls_ssl_conf_ciphersuites(&c, x)\nx[",
            "mbedtls_ssl_conf_curves((((",
            "mbedtls_ssl_\u{e9}(\u{e9})",
        ] {
            read_calls(text);
        }
    }
}
