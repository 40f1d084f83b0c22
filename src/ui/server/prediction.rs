//! What the rules expect of this device at this server: who decides what, which certificates it can
//! check, what fits its buffers, traps of its configuration.

use egui::{Rect, ScrollArea, Ui, vec2};

use super::agree::line;
use super::chain::nothing;
use crate::server::predict::{Prediction, SizeVerdict};
use crate::session::{ServerSeen, Tone};
use crate::ui::view::inside;
use crate::ui::words;

/// The part in `rect`.
pub fn prediction(ui: &mut Ui, rect: Rect, seen: &ServerSeen) {
    inside(ui, rect.shrink2(vec2(12.0, 6.0)), "prediction", |ui| {
        let scroll = ScrollArea::vertical().auto_shrink([false, false]);
        scroll.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            match &seen.prediction {
                Some(prediction) => rows(ui, prediction),
                None => nothing(
                    ui,
                    "A prediction needs both: whose ClientHello (ask as, or a configuration file in \
                     this session), and a server that was asked or listed.",
                ),
            }
        });
    });
}

fn rows(ui: &mut Ui, of: &Prediction) {
    line(ui, "Device", None, &words::visible(&of.device));
    if let Some(asked) = &of.asked {
        let (tone, words) = if asked.as_predicted {
            (Tone::Ok, "the rules say what the server really did")
        } else {
            (Tone::Warn, "the server did otherwise than the rules say")
        };
        line(ui, "Asked", Some(tone), words);
    }
    if let Some(fails) = &of.agreement.fails {
        line(ui, "Ends", Some(Tone::Fail), &words::visible(fails));
    }
    if of.agreement.unsure {
        let words = "what is known leaves another choice open";
        line(ui, "Unsure", Some(Tone::Unknown), words);
    }
    for reason in &of.reasons {
        let other = words::sentence_case(reason.about);
        let label = match reason.about {
            "version" => "Version",
            "cipher_suite" => "Cipher suite",
            "group" => "Group",
            "signature_algorithm" => "Signature",
            "order" => "Order",
            "buffers" => "Buffers",
            _ => other.as_str(),
        };
        let words = format!("{} ({})", reason.sentence, reason.source);
        line(ui, label, None, &words::visible(&words));
    }
    for one in &of.certificates {
        let tone = match one.verifies {
            Some(true) => Tone::Ok,
            Some(false) => Tone::Fail,
            None => Tone::Unknown,
        };
        let why = one.why.join(" ");
        let words = format!(
            "{}, {}. {why}",
            one.title,
            words::bytes(one.der_bytes as u64)
        );
        line(ui, "Certificate", Some(tone), &words::visible(&words));
    }
    for fit in &of.fits {
        let tone = match fit.verdict {
            SizeVerdict::Fits => Tone::Ok,
            SizeVerdict::TooLarge => Tone::Fail,
            SizeVerdict::Risk | SizeVerdict::BetweenReadings => Tone::Warn,
        };
        let words = format!(
            "{}: {} of {}. {}",
            fit.what,
            words::grouped(fit.bytes),
            words::bytes(fit.limit_bytes),
            fit.says
        );
        line(ui, "Size", Some(tone), &words);
    }
    if let Some(memory) = &of.memory {
        let words = format!(
            "{}: in {}, out {}, certificates {}",
            words::bytes(memory.total()),
            words::grouped(memory.in_buffer),
            words::grouped(memory.out_buffer),
            words::grouped(memory.peer_chain)
        );
        line(ui, "Memory", None, &words);
    }
    for trap in &of.traps {
        let words = format!("{}, line {}: {}", trap.name, trap.line, trap.sentence);
        line(ui, "Trap", Some(Tone::Warn), &words::visible(&words));
    }
    for addition in &of.additions {
        line(ui, "Would help", None, &words::visible(&addition.sentence));
    }
}
