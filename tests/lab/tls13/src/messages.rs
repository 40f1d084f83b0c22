//! What the server lists with `-msg`: the only witness of encrypted messages.

use handlens_lab_common::wire::{Alert, Direction, Tap, alert_number};

/// An encrypted message as the server named it.
struct Listed {
    direction: Direction,
    name: String,
    alert: Option<Alert>,
}

/// Gives the records that the tap could not read the names the server lists for them.
pub fn name_encrypted(tap: &mut Tap, list: &str) {
    let lines: Vec<&str> = list.lines().collect();
    let mut listed: Vec<Listed> = lines.windows(2).filter_map(|pair| parse(pair[0], pair[1])).collect();
    for step in &mut tap.steps {
        let next = listed.iter().position(|message| message.direction == step.direction);
        if step.name == "change_cipher_spec" {
            continue;
        }
        let Some(position) = next else {
            // The server stopped listening at the device's certificate; the rest of that flight follows.
            if step.direction == Direction::Sent {
                step.name = "finished";
            }
            continue;
        };
        let message = listed.remove(position);
        if step.name != "application_data" {
            // The tap has read it by itself.
            continue;
        }
        step.name = known(&message.name);
        tap.alerts.extend(message.alert);
    }
}

/// Takes a line such as `>>> TLS 1.3, Handshake [length 0062], EncryptedExtensions` and the bytes below it.
fn parse(line: &str, bytes: &str) -> Option<Listed> {
    let (arrow, rest) = line.split_once(' ')?;
    let direction = match arrow {
        ">>>" => Direction::Received,
        "<<<" => Direction::Sent,
        _ => return None,
    };
    let mut parts = rest.split(", ");
    let kind = parts.nth(1)?;
    if kind.starts_with("InnerContent") && bytes.trim() == "17" {
        return Some(Listed {
            direction,
            name: "application_data".to_owned(),
            alert: None,
        });
    }
    let what = parts.next()?;
    if kind.starts_with("Handshake") {
        return Some(Listed {
            direction,
            name: snake_case(what),
            alert: None,
        });
    }
    let (level, name) = what.split_once(' ').filter(|_| kind.starts_with("Alert"))?;
    let level = if level == "fatal" { 2 } else { 1 };
    let alert = alert_number(name).map(|number| Alert {
        direction,
        level,
        number,
    });
    Some(Listed {
        direction,
        name: "alert".to_owned(),
        alert,
    })
}

fn snake_case(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

/// The message's name among those that TLS 1.3 encrypts.
fn known(name: &str) -> &'static str {
    const NAMES: [&str; 8] = [
        "encrypted_extensions",
        "certificate_request",
        "certificate",
        "certificate_verify",
        "finished",
        "new_session_ticket",
        "alert",
        "application_data",
    ];
    NAMES.into_iter().find(|known| *known == name).unwrap_or("unknown")
}

#[cfg(test)]
mod tests {
    use handlens_lab_common::wire::alert_name;

    use super::parse;

    #[test]
    fn lines_of_the_server() {
        let message = parse(">>> TLS 1.3, Handshake [length 0062], EncryptedExtensions", "    08").expect("a message");
        assert_eq!(message.name, "encrypted_extensions");
        let alert =
            parse("<<< TLS 1.3, Alert [length 0002], fatal unknown_ca", "    02 30").and_then(|message| message.alert);
        assert_eq!(alert.map(|alert| alert_name(alert.number)), Some("unknown_ca"));
        assert!(parse(">>> TLS 1.0, RecordHeader [length 0005]", "    17 03 03 00 13").is_none());
    }
}
