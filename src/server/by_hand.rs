//! The same questions for `openssl s_client` and `nmap`, to repeat them without this program.
//!
//! In: a [`Probe`]. Out: one command line for each question that was asked, safe to paste into a
//! shell. Sources: `openssl-s_client(1)` of OpenSSL 3.0, nmap's script `ssl-enum-ciphers`.

use std::borrow::Cow;

use super::naming::NameKind;
use super::probe::Probe;
use super::sentences::scheme_name;
use super::stage::Stage;
use crate::tls::hello::ClientHello;
use crate::tls::{NamedGroup, ProtocolVersion, SignatureScheme};

/// A command line that asks one of the questions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByHand {
    /// Which question.
    pub stage: Stage,
    /// What it shows, in a few words.
    pub shows: &'static str,
    /// The command line.
    pub command: String,
}

/// Longest list of arguments that is still worth pasting, in bytes.
const LONGEST: usize = 4_000;

/// The command lines for what this probe asked, in its order.
#[must_use]
pub fn by_hand(found: &Probe) -> Vec<ByHand> {
    let mut out = Vec::new();
    if let Some(dns) = &found.dns {
        let host = quoted(&found.target.host);
        let server = dns
            .server
            .map_or_else(String::new, |s| format!("-p {} @{} ", s.port(), s.ip()));
        out.push(ByHand {
            stage: Stage::Addresses,
            shows: "the chain of CNAMEs and all addresses",
            command: format!("dig {server}+noall +answer {host} A {host} AAAA"),
        });
    }
    if found.asked.is_none() {
        return out;
    }
    let host = quoted(&found.target.host);
    let port = found.target.port;
    let version = version_option(found.offer.highest(ProtocolVersion::TLS13));
    let own = name_option(found.name.as_deref());
    let client = client(found);
    let mut add = |stage, shows, command| {
        out.push(ByHand {
            stage,
            shows,
            command,
        });
    };
    add(
        Stage::FirstAnswer,
        "the answer and the chain as sent",
        format!("{client} {own}{version} -showcerts </dev/null"),
    );
    if let Some(device) = &found.device
        && let Some(options) = hello_options(&device.device.fresh(None))
    {
        add(
            Stage::AsDevice,
            "the device\u{2019}s suites, groups and algorithms; OpenSSL\u{2019}s own extensions and order of them",
            format!("{client} {own} {options} </dev/null"),
        );
    }
    if found.not_tls.is_some() {
        return out;
    }
    let six = if found.target.host.contains(':') {
        "-6 "
    } else {
        ""
    };
    add(
        Stage::Suites,
        "versions, suites and whose order counts; TLS 1.3 from nmap 7.92 on",
        format!("nmap {six}-Pn -sV --script ssl-enum-ciphers -p {port} {host}"),
    );
    if let Some(group) = found.offer.groups.iter().find_map(|g| group_word(*g)) {
        add(
            Stage::Groups,
            "one group at a time",
            format!("{client} {own}{version} -groups {group} </dev/null"),
        );
    }
    if let Some(scheme) = found.offer.schemes.first() {
        add(
            Stage::Signatures,
            "one signature algorithm at a time",
            format!(
                "{client} {own}{version} -sigalgs {} </dev/null",
                scheme_word(*scheme)
            ),
        );
    }
    if found.reached_tls() {
        add(
            Stage::Extensions,
            "answers to extensions, OCSP, ALPN",
            format!(
                "{client} {own}{} -tlsextdebug -status -alpn h2,http/1.1,mqtt </dev/null",
                version_option(found.offer.highest(ProtocolVersion::TLS12))
            ),
        );
    }
    for tried in &found.names {
        if tried.kind != NameKind::Own {
            add(
                Stage::Names,
                match tried.kind {
                    NameKind::None => "without SNI",
                    NameKind::Address => "the address as SNI",
                    NameKind::Other | NameKind::Own => "a name that no server has",
                },
                format!(
                    "{client} {}{version} -showcerts </dev/null",
                    name_option(tried.name.as_deref())
                ),
            );
        }
    }
    if !found.fragments.is_empty() {
        add(
            Stage::Fragments,
            "max_fragment_length 512; the sizes of the records",
            format!("{client} {own}{version} -maxfraglen 512 -msg </dev/null"),
        );
    }
    if found.library.is_some() {
        if found.resumption.psk.is_some() {
            // The ticket comes behind the handshake: the connection is kept open for a moment.
            add(
                Stage::Resumption,
                "\u{201c}Reused\u{201d} where a session of TLS 1.3 is taken up again",
                format!(
                    "sleep 1 | {client} {own} -tls1_3 -sess_out session.pem >/dev/null && \
                     {client} {own} -tls1_3 -sess_in session.pem </dev/null"
                ),
            );
        }
        if found
            .resumption
            .ticket
            .or(found.resumption.session_id)
            .is_some()
        {
            add(
                Stage::Resumption,
                "\u{201c}Reused\u{201d} where a session of TLS 1.2 is taken up again; add -no_ticket for session ids",
                format!("{client} {own} -tls1_2 -reconnect </dev/null"),
            );
        }
        let expected = found.name.as_deref().unwrap_or(&found.target.host);
        let kind = if expected.parse::<std::net::IpAddr>().is_ok() {
            "-verify_ip"
        } else {
            "-verify_hostname"
        };
        add(
            Stage::Handshake,
            "chain and name checked; put your root for ROOT.pem",
            format!(
                "{client} {own} -CAfile ROOT.pem {kind} {} -verify_return_error </dev/null",
                quoted(expected)
            ),
        );
    }
    out
}

/// `openssl s_client -connect HOST:PORT`, with STARTTLS.
fn client(found: &Probe) -> String {
    let host = &found.target.host;
    let to = if host.contains(':') {
        format!("[{host}]:{}", found.target.port)
    } else {
        format!("{host}:{}", found.target.port)
    };
    let starttls = found
        .starttls
        .map_or_else(String::new, |s| format!(" -starttls {}", s.as_str()));
    format!("openssl s_client -connect {}{starttls}", quoted(&to))
}

fn name_option(name: Option<&str>) -> String {
    name.map_or_else(
        || "-noservername".to_owned(),
        |n| format!("-servername {}", quoted(n)),
    )
}

/// Versions below 1.2 need security level 0 in OpenSSL 3.
fn version_option(version: Option<ProtocolVersion>) -> &'static str {
    match version {
        Some(ProtocolVersion::TLS13) => " -tls1_3",
        Some(ProtocolVersion::TLS12) => " -tls1_2",
        Some(ProtocolVersion::TLS11) => " -tls1_1 -cipher DEFAULT@SECLEVEL=0",
        Some(ProtocolVersion::TLS10) => " -tls1 -cipher DEFAULT@SECLEVEL=0",
        _ => "",
    }
}

/// What OpenSSL can say of this `ClientHello`; `None` where it knows none of its suites.
fn hello_options(hello: &ClientHello) -> Option<String> {
    let (new, old): (Vec<_>, Vec<_>) = hello.cipher_suites.iter().partition(|s| s.is_tls13());
    let words = |list: &[crate::tls::CipherSuite]| -> Vec<&'static str> {
        list.iter().filter_map(|s| s.openssl_name()).collect()
    };
    let (new, old) = (words(&new), words(&old));
    if new.is_empty() && old.is_empty() {
        return None;
    }
    let mut options = Vec::new();
    if new.is_empty() {
        options.push("-no_tls1_3".to_owned());
    } else {
        options.push(format!("-ciphersuites {}", new.join(":")));
    }
    if old.is_empty() {
        options.push("-tls1_3".to_owned());
    } else {
        options.push(format!("-cipher {}:@SECLEVEL=0", old.join(":")));
    }
    let groups: Vec<&str> = hello
        .groups()
        .iter()
        .filter_map(|g| group_word(*g))
        .collect();
    if !groups.is_empty() {
        options.push(format!("-groups {}", groups.join(":")));
    }
    let schemes: Vec<Cow<'static, str>> = hello
        .signature_schemes()
        .iter()
        .map(|s| scheme_word(*s))
        .collect();
    if !schemes.is_empty() {
        options.push(format!("-sigalgs {}", schemes.join(":")));
    }
    let options = options.join(" ");
    (options.len() <= LONGEST).then_some(options)
}

/// Name of a group that OpenSSL 3.0 takes for `-groups`.
fn group_word(group: NamedGroup) -> Option<&'static str> {
    Some(match group.0 {
        0x0013 => "prime192v1",
        0x0015 => "secp224r1",
        0x0016 => "secp256k1",
        0x0017 => "prime256v1",
        0x0018 => "secp384r1",
        0x0019 => "secp521r1",
        0x001A => "brainpoolP256r1",
        0x001B => "brainpoolP384r1",
        0x001C => "brainpoolP512r1",
        0x001D => "x25519",
        0x001E => "x448",
        0x0100 => "ffdhe2048",
        0x0101 => "ffdhe3072",
        0x0102 => "ffdhe4096",
        _ => return None,
    })
}

/// A signature algorithm as `-sigalgs` takes it: the name of TLS 1.3, else KEY+HASH.
fn scheme_word(scheme: SignatureScheme) -> Cow<'static, str> {
    let [hash, key] = scheme.0.to_be_bytes();
    let hash = match hash {
        1 => "MD5",
        2 => "SHA1",
        3 => "SHA224",
        _ => return scheme_name(scheme).into(),
    };
    match key {
        1 => format!("RSA+{hash}").into(),
        2 => format!("DSA+{hash}").into(),
        3 => format!("ECDSA+{hash}").into(),
        _ => scheme_name(scheme).into(),
    }
}

/// The word as a shell takes it for one argument.
fn quoted(word: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-:[]".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        Cow::Borrowed(word)
    } else {
        let word: String = word.chars().filter(|c| !c.is_control()).collect();
        Cow::Owned(format!("'{}'", word.replace('\'', "'\\''")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_safe_for_a_shell() {
        assert_eq!(quoted("a.example"), "a.example");
        assert_eq!(quoted("a'; rm -rf b"), "'a'\\''; rm -rf b'");
        assert_eq!(quoted("a\nb"), "'ab'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn algorithms_as_openssl_takes_them() {
        assert_eq!(scheme_word(SignatureScheme(0x0201)), "RSA+SHA1");
        assert_eq!(scheme_word(SignatureScheme(0x0303)), "ECDSA+SHA224");
        assert_eq!(scheme_word(SignatureScheme(0x0804)), "rsa_pss_rsae_sha256");
    }
}
