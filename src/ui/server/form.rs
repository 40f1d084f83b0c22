//! The form behind the address row: filled from the session, made into a wish.

use super::state::{ServerState, Sni};
use crate::evidence::FactValue;
use crate::server::{NameChoice, StartTls, dns_server};
use crate::session::{AskAs, ProbeWish, wish_target};
use crate::ui::view::View;

/// Fills host and port with what the session knows, whenever that changes.
pub fn fill(view: &mut View<'_>) {
    let facts = &view.snap.facts;
    let port = match facts.value("peer.port") {
        Some(FactValue::Int(port)) => Some(*port),
        _ => None,
    };
    let Some(host) = facts.text("host").map(str::to_owned) else {
        return;
    };
    let state = &mut view.state.server;
    let known = (host, port);
    if state.filled.as_ref() == Some(&known) {
        return;
    }
    state.host.clone_from(&known.0);
    if let Some(port) = known.1 {
        state.port = port.to_string();
    }
    state.filled = Some(known);
}

/// The wish.
///
/// # Errors
/// One sentence that says what is missing or wrong.
pub fn wish(state: &ServerState) -> Result<ProbeWish, String> {
    let target = wish_target(&state.host, &state.port)?;
    let name = match state.sni {
        Sni::Host => NameChoice::Host,
        Sni::None => NameChoice::None,
        Sni::Other if state.other_name.trim().is_empty() => {
            return Err("Type the name to send in SNI.".to_owned());
        }
        Sni::Other => NameChoice::Given(state.other_name.trim().to_owned()),
    };
    let path = |text: &str| (!text.trim().is_empty()).then(|| text.trim().into());
    let identity = match (path(&state.chain), path(&state.key)) {
        (Some(chain), Some(key)) => Some((chain, key)),
        (None, None) => None,
        _ => {
            return Err("A client certificate needs both files: chain and key.".to_owned());
        }
    };
    let ask_as = match &state.ask_as {
        AskAs::File(_) if state.file.trim().is_empty() => {
            return Err("Type the path of the file with the ClientHello.".to_owned());
        }
        AskAs::File(_) => AskAs::File(state.file.trim().into()),
        other => other.clone(),
    };
    Ok(ProbeWish {
        target,
        name,
        ask_as,
        starttls: state.starttls,
        seconds: state.seconds,
        roots: path(&state.roots),
        identity,
        dns_server: (!state.dns.trim().is_empty())
            .then(|| dns_server(&state.dns))
            .transpose()?,
    })
}

/// Dialogues before TLS, with their words.
pub const STARTTLS: [(Option<StartTls>, &str); 4] = [
    (None, "TLS at once"),
    (Some(StartTls::Smtp), "STARTTLS, SMTP"),
    (Some(StartTls::Imap), "STARTTLS, IMAP"),
    (Some(StartTls::Pop3), "STARTTLS, POP3"),
];
