//! The info column of a row of TLS: `Server Hello, Certificate, Server Hello Done` (Wireshark
//! `packet-tls-utils.c`, `ssl_31_handshake_type` and `ssl_31_alert_description`).

use crate::tls::Alert;

/// What is no message and no alert in the clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    ChangeCipherSpec,
    HiddenAlert,
    Data,
    Other,
}

/// One part of the column.
#[derive(Debug)]
pub(super) struct Item<'a> {
    pub(super) kind: Kind,
    /// Handshake type.
    pub(super) message: Option<u8>,
    /// Level and number.
    pub(super) alert: Option<(u8, u8)>,
    pub(super) server_name: Option<&'a str>,
    /// Whose message it is by its type, where only one end sends it.
    pub(super) by_client: Option<bool>,
}

/// Name, type, and whether the client sends it.
const MESSAGES: [(&str, u8, Option<bool>); 17] = [
    ("Hello Request", 0, Some(false)),
    ("Client Hello", 1, Some(true)),
    ("Server Hello", 2, Some(false)),
    ("Hello Verify Request", 3, Some(false)),
    ("New Session Ticket", 4, Some(false)),
    ("Hello Retry Request", 6, Some(false)),
    ("Encrypted Extensions", 8, Some(false)),
    ("Certificate", 11, None),
    ("Server Key Exchange", 12, Some(false)),
    ("Certificate Request", 13, Some(false)),
    ("Server Hello Done", 14, Some(false)),
    ("Certificate Verify", 15, None),
    ("Client Key Exchange", 16, Some(true)),
    ("Finished", 20, None),
    ("Encrypted Handshake Message", 20, None),
    ("Certificate Status", 22, Some(false)),
    ("Key Update", 24, None),
];

/// Takes the column apart.
pub(super) fn items(info: &str) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    // An alert has a comma of its own.
    let mut rest = info;
    while !rest.is_empty() {
        let depth = |at: usize| {
            let before = rest.get(..at).unwrap_or_default();
            before.matches('(').count() > before.matches(')').count()
        };
        let end = rest
            .match_indices(',')
            .map(|(at, _)| at)
            .find(|at| !depth(*at))
            .unwrap_or(rest.len());
        let part = rest.get(..end).unwrap_or_default();
        rest = rest.get(end + 1..).unwrap_or_default();
        items.extend(item(part.trim()));
    }
    items
}

fn item(part: &str) -> Option<Item<'_>> {
    // `[TCP segment of a reassembled PDU]` and the like are of TCP.
    let part = part.split(" [").next().unwrap_or(part).trim();
    let mut out = Item {
        kind: Kind::Other,
        message: None,
        alert: None,
        server_name: None,
        by_client: None,
    };
    if let Some(words) = part.strip_prefix("Alert (Level: ") {
        let (level, name) = words.strip_suffix(')')?.split_once(", Description: ")?;
        let level = match level {
            "Fatal" => 2,
            _ => 1,
        };
        let name = name.to_ascii_lowercase().replace(' ', "_");
        out.alert = Some((level, Alert::from_name(&name)?.0));
        return Some(out);
    }
    // Parts of a message that is not whole yet.
    if part.ends_with("(Fragment)") {
        return None;
    }
    let part = part.trim_end_matches(" (Reassembled)");
    let (name, detail) = part.split_once(" (").unwrap_or((part, ""));
    match name {
        "Change Cipher Spec" => out.kind = Kind::ChangeCipherSpec,
        "Encrypted Alert" => out.kind = Kind::HiddenAlert,
        "Application Data" => out.kind = Kind::Data,
        _ => {
            let row = MESSAGES.iter().find(|(known, ..)| *known == name)?;
            out.message = Some(row.1);
            out.by_client = row.2;
            let name = detail.strip_prefix("SNI=").map(|n| n.trim_end_matches(')'));
            out.server_name = name.filter(|n| !n.is_empty());
        }
    }
    Some(out)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_column_is_taken_apart() {
        let all = items(
            "Server Hello, Certificate (Fragment), Certificate [TCP segment of a reassembled PDU], Server Hello Done",
        );
        let types: Vec<Option<u8>> = all.iter().map(|i| i.message).collect();
        assert_eq!(types, [Some(2), Some(11), Some(14)]);
        let all = items("Alert (Level: Fatal, Description: Unknown CA)");
        assert_eq!(all[0].alert, Some((2, 48)));
        let all = items("Client Hello (SNI=broker.example)");
        assert_eq!(all[0].server_name, Some("broker.example"));
        let all = items("Client Key Exchange, Change Cipher Spec, Encrypted Handshake Message");
        assert_eq!(all.len(), 3);
        assert_eq!(
            (all[1].kind, all[2].message),
            (Kind::ChangeCipherSpec, Some(20))
        );
        assert!(items("Ignored Unknown Record").is_empty());
    }
}
