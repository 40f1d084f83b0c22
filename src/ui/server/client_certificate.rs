//! What the server asks of the client's certificate, and what it made of the one shown.

use egui::{Rect, ScrollArea, Ui, vec2};

use super::agree::line;
use super::chain::nothing;
use crate::server::{LibraryEnding, Probe, name_text, scheme_name};
use crate::session::{ServerSeen, Tone};
use crate::ui::view::inside;
use crate::ui::words;

/// Authorities that are listed; the number of the others is said.
const MOST: usize = 40;

/// The part in `rect`.
pub fn client_certificate(ui: &mut Ui, rect: Rect, seen: &ServerSeen) {
    inside(
        ui,
        rect.shrink2(vec2(12.0, 6.0)),
        "client certificate",
        |ui| {
            let scroll = ScrollArea::vertical().auto_shrink([false, false]);
            scroll.show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 1.0;
                match seen.probe().filter(|p| p.reached_tls()) {
                    Some(probe) => rows(ui, probe),
                    None => nothing(ui, "The server was not asked whether it wants one yet."),
                }
            });
        },
    );
}

fn rows(ui: &mut Ui, probe: &Probe) {
    let request = probe.offer.request.as_ref();
    let demand = probe.library.as_ref().and_then(|l| l.demand.as_ref());
    if request.is_none() && demand.is_none() {
        let words = if probe.library.is_some() {
            "not asked for"
        } else {
            "not asked for in the clear; no complete handshake was made"
        };
        line(ui, "Certificate", Some(Tone::Ok), words);
        return;
    }
    line(
        ui,
        "Certificate",
        Some(Tone::Warn),
        "the server asks for one",
    );
    if let Some(request) = request {
        let kinds: Vec<String> = request.types.iter().map(|t| kind(*t)).collect();
        line(ui, "Types", None, &kinds.join(", "));
    }
    let schemes = match (request, demand) {
        (Some(r), _) if !r.signature_algorithms.is_empty() => r.signature_algorithms.as_slice(),
        (_, Some(d)) => d.schemes.as_slice(),
        _ => &[],
    };
    if !schemes.is_empty() {
        let names: Vec<String> = schemes.iter().map(|s| scheme_name(*s)).collect();
        line(ui, "Algorithms", None, &names.join(", "));
    }
    if let Some(request) = request {
        let bytes: usize = request.authorities.iter().map(|a| a.len() + 2).sum();
        let words = format!(
            "{}; the names take {}",
            words::bytes(request.message_bytes as u64),
            words::bytes(bytes as u64)
        );
        line(ui, "Message", None, &words);
    }
    let authorities = match (request, demand) {
        (Some(r), _) => r.authorities.as_slice(),
        (None, Some(d)) => d.authorities.as_slice(),
        (None, None) => &[],
    };
    if authorities.is_empty() {
        line(ui, "Authorities", None, "no list: any issuer may be shown");
    }
    for (i, name) in authorities.iter().take(MOST).enumerate() {
        let label = if i == 0 { "Authorities" } else { "" };
        line(ui, label, None, &words::visible(&name_text(name)));
    }
    if let Some(more) = authorities.len().checked_sub(MOST).filter(|n| *n > 0) {
        line(ui, "", None, &format!("and {more} more"));
    }
    judged(ui, probe);
}

/// What became of the certificate that was shown, or of none.
fn judged(ui: &mut Ui, probe: &Probe) {
    let Some(library) = &probe.library else {
        return;
    };
    let (tone, words) = match &library.ending {
        Some(LibraryEnding::Completed) => (Tone::Ok, "accepted: the handshake completed".into()),
        Some(LibraryEnding::Alert(alert)) => {
            (Tone::Fail, format!("refused during the handshake: {alert}"))
        }
        Some(LibraryEnding::AlertAfter(alert)) => (
            Tone::Fail,
            format!("refused after the handshake, as TLS 1.3 does: {alert}"),
        ),
        _ => match library.sentence() {
            Some(words) => (Tone::Unknown, words),
            None => return,
        },
    };
    line(ui, "Shown one", Some(tone), &words);
}

/// Name of a client certificate type (RFC 5246 section 7.4.4, RFC 8422 section 5.5).
fn kind(number: u8) -> String {
    match number {
        1 => "RSA".to_owned(),
        2 => "DSS".to_owned(),
        3 => "RSA with fixed DH".to_owned(),
        4 => "DSS with fixed DH".to_owned(),
        64 => "ECDSA".to_owned(),
        65 => "RSA with fixed ECDH".to_owned(),
        66 => "ECDSA with fixed ECDH".to_owned(),
        other => format!("type {other}"),
    }
}
