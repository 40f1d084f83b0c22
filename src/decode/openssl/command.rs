//! The command line of `s_client` where a log shows it, for what it says of the ClientHello
//! (OpenSSL, `apps/s_client.c`, options).

use crate::evidence::Event;
use crate::tls::NamedGroup;

/// The words behind `openssl s_client`, where the line is such a command.
pub(super) fn s_client(text: &str) -> Option<Vec<&str>> {
    let (front, rest) = text.split_once("openssl s_client ")?;
    // A prompt may stand in front, a sentence must not.
    if front.len() > 40 || !rest.contains("-connect") {
        return None;
    }
    Some(rest.split_ascii_whitespace().collect())
}

/// Hands on what the options ask for.
pub(super) fn options(words: &[&str], emit: &mut dyn FnMut(Event)) {
    for (i, word) in words.iter().enumerate() {
        let value = words.get(i + 1).copied().unwrap_or("").trim_matches('"');
        match *word {
            "-connect" => {
                let host = value.rsplit_once(':').map_or(value, |(host, _)| host);
                if !host.is_empty() {
                    emit(Event::Target(host.to_owned()));
                }
            }
            "-servername" => emit(Event::ServerName(value.to_owned())),
            "-noservername" => emit(Event::Condition {
                name: "no_server_name",
                value: None,
            }),
            "-tls1" | "-tls1_0" => only(0x0301, emit),
            "-tls1_1" => only(0x0302, emit),
            "-tls1_2" => only(0x0303, emit),
            "-tls1_3" => only(0x0304, emit),
            "-curves" | "-groups" => {
                for name in value.split(':') {
                    let name = match name {
                        "P-256" | "prime256v1" => "secp256r1".to_owned(),
                        "P-384" => "secp384r1".to_owned(),
                        "P-521" => "secp521r1".to_owned(),
                        other => other.to_ascii_lowercase(),
                    };
                    if let Some(group) = NamedGroup::from_name(&name) {
                        emit(Event::OfferedGroup(group.0));
                    }
                }
            }
            _ => {}
        }
    }
}

fn only(version: u16, emit: &mut dyn FnMut(Event)) {
    emit(Event::OfferedVersion {
        min: Some(version),
        max: Some(version),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_a_command() {
        let words = s_client(
            "$ openssl s_client -connect a.example:443 -tls1_2 -groups X25519 -noservername",
        )
        .unwrap();
        let mut got = Vec::new();
        options(&words, &mut |e| got.push(e));
        assert!(got.contains(&Event::Target("a.example".into())));
        assert!(got.contains(&Event::OfferedGroup(29)));
        assert!(got.contains(&Event::OfferedVersion {
            min: Some(0x0303),
            max: Some(0x0303)
        }));
        assert_eq!(s_client("use openssl s_client to see"), None);
    }
}
