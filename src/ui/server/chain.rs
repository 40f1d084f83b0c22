//! The chain as sent: sizes, records, and the way into the certificate workbench.

use egui::{Id, Rect, ScrollArea, Ui, vec2};

use crate::server::see_chain;
use crate::session::ServerSeen;
use crate::ui::certificates::table;
use crate::ui::command::Command;
use crate::ui::font::Face;
use crate::ui::icon::Icon;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::view::{View, inside};
use crate::ui::widget::Button;
use crate::ui::words;

/// The part in `rect`.
pub fn chain(ui: &mut Ui, rect: Rect, view: &mut View<'_>, seen: &ServerSeen) {
    inside(ui, rect, "server chain", |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let (Some(probe), Some(run)) = (seen.probe(), &seen.run) else {
            nothing(ui, "The server was not asked for its chain yet.");
            return;
        };
        let reply = probe.offer.chain_reply.as_ref();
        let list = see_chain(probe.chain(), reply);
        if list.is_empty() {
            nothing(ui, "No certificate came.");
            return;
        }
        let w = rect.width();
        let (bytes, key, records) = (w * 0.60, w * 0.64, w * 0.80);
        table::head(
            ui,
            &[
                ("Certificate", 10.0, Hold::Left),
                ("Bytes", bytes, Hold::Right),
                ("Key", key, Hold::Left),
                ("In record", records, Hold::Left),
            ],
        );
        let scroll = ScrollArea::vertical().auto_shrink([false, false]);
        scroll.show(ui, |ui| {
            for (i, one) in list.iter().enumerate() {
                let subject = one.subject_cn.as_deref().unwrap_or(one.subject.as_str());
                let subject = if one.readable {
                    subject
                } else {
                    "cannot be read"
                };
                let subject = words::visible(subject);
                let size = words::grouped(one.der_bytes as u64);
                let kind = if one.key_bits > 0 {
                    format!("{} {}", one.key_type, one.key_bits)
                } else {
                    one.key_type.to_owned()
                };
                let place = match one.records {
                    Some((first, last)) if first == last => format!("{}", first + 1),
                    Some((first, last)) => format!("{} to {}", first + 1, last + 1),
                    None => "encrypted".to_owned(),
                };
                let spoken = format!("{subject}, {size} bytes, {kind}, record {place}");
                let id = Id::unique(("sent certificate", i));
                let (line, response) = table::row(ui, table::ROW, id, false, &spoken);
                let room = bytes - 70.0;
                let short = text::fit_middle(ui.painter(), &subject, &Face::Table.id(), room);
                table::cell(ui, line, 10.0, Hold::Left, &short, Role::Text, room);
                table::figure(ui, line, bytes, &size, Role::Text, 60.0);
                table::cell(
                    ui,
                    line,
                    key,
                    Hold::Left,
                    &kind,
                    Role::Text2,
                    records - key - 8.0,
                );
                let room = w - records - 8.0;
                table::cell(ui, line, records, Hold::Left, &place, Role::Text2, room);
                let more = words::visible(&one.subject);
                response.on_hover_text(format!("{more}\nSHA-256 {}", one.sha256));
            }
            ui.add_space(8.0);
            ui.horizontal(|ui| {
                ui.add_space(10.0);
                let open = Button::new("Open in Certificates")
                    .icon(Icon::Cert)
                    .hint("Byte map, names, dates and the fit against the device");
                if ui.add(open).clicked() {
                    view.session(Command::OpenProbeChain(run.number));
                }
                let p = Palette::current(ui);
                let message = reply.and_then(|r| r.certificate_message_bytes);
                let total: usize = list.iter().map(|c| c.der_bytes).sum();
                let sum = match message {
                    Some(bytes) => {
                        let bytes = words::bytes(bytes as u64);
                        format!("Certificate message {bytes}")
                    }
                    None => format!("{} of DER", words::bytes(total as u64)),
                };
                let run = [(sum.as_str(), Face::Small.id(), p.get(Role::Text2))];
                text::label(ui, &run, 16.0);
            });
            let leaves = probe.offer.chains.len();
            if leaves > 1 {
                let words = format!(
                    "The server holds {leaves} different leaves, by suite: RSA and EC clients see \
                     different chains."
                );
                nothing(ui, &words);
            }
        });
    });
}

/// A sentence where there is no table.
pub fn nothing(ui: &mut Ui, words: &str) {
    let p = Palette::current(ui);
    let room = ui.available_rect_before_wrap().shrink2(vec2(12.0, 10.0));
    inside(ui, room, words, |ui| {
        text::label(ui, &[(words, Face::Body.id(), p.get(Role::Text2))], 18.0);
    });
}
