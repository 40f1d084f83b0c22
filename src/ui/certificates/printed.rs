//! Certificates that a log printed in words, as the log printed them.

use egui::{Stroke, Ui, pos2, vec2};

use crate::evidence::PeerCertificate;
use crate::ui::font::Face;
use crate::ui::text::{self, Hold};
use crate::ui::theme::{Palette, Role};
use crate::ui::words;

/// One certificate of the peer.
pub fn card(ui: &mut Ui, c: &PeerCertificate) {
    let p = Palette::current(ui);
    let title = match c.index {
        1 => "Leaf".to_owned(),
        n => format!("Certificate {n} of the chain"),
    };
    text::label(ui, &[(&title, Face::Row.bold(), p.get(Role::Text))], 19.0);
    let mut rows: Vec<(&str, String)> = vec![
        ("Subject", words::visible(&c.subject)),
        ("Issuer", words::visible(&c.issuer)),
    ];
    let dates = match (c.not_before, c.not_after) {
        (Some(from), Some(to)) => format!("{} to {}", words::date(from), words::date(to)),
        (Some(from), None) => format!("from {}", words::date(from)),
        (None, Some(to)) => format!("until {}", words::date(to)),
        (None, None) => String::new(),
    };
    rows.push(("Valid", dates));
    let key = match c.key_bits {
        Some(bits) => format!("{} {bits} bits", c.key_type),
        None => c.key_type.clone(),
    };
    rows.push(("Key", key));
    rows.push(("Signed using", c.signed_using.clone()));
    rows.push(("Names", words::visible(&c.alt_names.join(", "))));
    rows.push(("Serial", c.serial.clone()));
    rows.push((
        "CA",
        match c.is_ca {
            Some(true) => "yes".into(),
            Some(false) => "no".into(),
            None => String::new(),
        },
    ));
    rows.push(("Key usage", c.key_usage.join(", ")));
    rows.push(("Extended usage", c.ext_key_usage.join(", ")));
    for (label, value) in rows {
        if value.trim().is_empty() {
            continue;
        }
        let width = ui.available_width();
        let run = [(value.as_str(), Face::Mono.id(), p.get(Role::Text))];
        let galley = text::paragraph(ui.painter(), &run, width - 132.0, 17.0, 6);
        let height = galley.size().y.max(18.0) + 9.0;
        let (rect, response) = ui.allocate_exact_size(vec2(width, height), egui::Sense::hover());
        let spoken = format!("{label}: {value}");
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &spoken));
        let painter = ui.painter().clone();
        let at = pos2(rect.left(), rect.top() + 14.0);
        let run = (label, Face::Small.id(), p.get(Role::Text3));
        text::mid(&painter, at, Hold::Left, run, 124.0);
        let min = pos2(rect.left() + 132.0, rect.top() + 5.0);
        painter.galley(min, galley, p.get(Role::Text));
        let line = Stroke::new(1.0, p.get(Role::Line));
        painter.hline(rect.x_range(), rect.bottom() + 4.0, line);
    }
    ui.add_space(12.0);
}
