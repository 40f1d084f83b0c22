//! A page as one HTML file: no script, no external resource, a content security policy that forbids
//! both, and a style that prints. maud escapes every text.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::page::{Block, Page};
use crate::session::Tone;

/// Nothing may be loaded, sent or run; the style below is the only one.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'none'; form-action 'none'; base-uri 'none'";

const STYLE: &str = "
:root{color-scheme:light}
body{margin:0;background:#edf0f3;color:#12171c;font:14px/1.45 'Noto Sans',system-ui,sans-serif}
main{max-width:860px;margin:24px auto;background:#fff;padding:32px 40px;border:1px solid #c6cfd8;border-radius:6px}
h1{font-size:22px;margin:0 0 2px}
h2{font-size:15px;margin:20px 0 6px;padding-top:12px;border-top:1px solid #c6cfd8}
p{margin:4px 0}
.remark{color:#3d4853;font-size:12.5px}
.lead{display:flex;gap:12px;border-radius:5px;padding:10px 12px;margin:14px 0;font-size:15px}
.lead b{white-space:nowrap}
.lead small{display:block;font-size:13px;color:#3d4853}
.ok{background:#ddf2e5}.ok b{color:#16703c}
.warn{background:#fbebc8}.warn b{color:#855600}
.fail{background:#fbe0dd}.fail b{color:#b8241b}
.unknown,.waiting{background:#e4e9ee}
.row{display:grid;grid-template-columns:110px 1fr;gap:12px;margin:3px 0}
.row span:first-child{color:#3d4853}
.item{display:grid;grid-template-columns:18px 1fr;gap:8px;margin:5px 0}
.item span:first-child{font-weight:600}
code{display:block;font:12px/1.4 Hack,ui-monospace,monospace;background:#f3f5f8;padding:2px 8px;margin:2px 0 4px 122px;overflow-wrap:anywhere;white-space:pre-wrap}
pre{font:12px/1.4 Hack,ui-monospace,monospace;margin:4px 0;overflow-wrap:anywhere;white-space:pre-wrap}
table{border-collapse:collapse;width:100%;font-size:12.5px}
th{text-align:left;color:#3d4853;font-weight:600}
th,td{padding:3px 10px 3px 0;border-bottom:1px solid #dfe5eb;vertical-align:top;overflow-wrap:break-word}
th,.n,.k{white-space:nowrap}
.b{overflow-wrap:anywhere;min-width:11em}
td:last-child:not(.n){min-width:13em}
.n{text-align:right;font-variant-numeric:tabular-nums}
@page{margin:14mm}
@media print{body{background:#fff;font-size:12px}main{border:0;margin:0;max-width:none;padding:0}table,code,pre{font-size:10.5px}.lead,tr,.item{break-inside:avoid}h2{break-after:avoid}}
";

/// Writes the page.
#[must_use]
pub fn html_page(page: &Page) -> String {
    let title = page
        .blocks
        .iter()
        .find_map(|b| match b {
            Block::Title(t) => Some(t.as_str()),
            _ => None,
        })
        .unwrap_or("TLS handshake report");
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="referrer" content="no-referrer";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content=(concat!("Handlens ", env!("CARGO_PKG_VERSION")));
                title { (visible(title)) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { @for run in runs(&page.blocks) { (write_run(run)) } } }
        }
    };
    markup.into_string()
}

/// Lines of the raw log belong together, everything else stands alone.
fn runs(blocks: &[Block]) -> impl Iterator<Item = &[Block]> {
    let raw = |b: &Block| matches!(b, Block::Raw(_));
    blocks.chunk_by(move |a, b| raw(a) && raw(b))
}

fn write_run(run: &[Block]) -> Markup {
    match run {
        [Block::Raw(_), ..] => html! {
            pre { @for block in run { @if let Block::Raw(t) = block { (visible(t)) "\n" } } }
        },
        other => html! { @for block in other { (write(block)) } },
    }
}

fn write(block: &Block) -> Markup {
    match block {
        Block::Title(t) => html! { h1 { (visible(t)) } },
        Block::Remark(t) => html! { p.remark { (visible(t)) } },
        Block::Lead {
            tone,
            word,
            sentence,
            second,
        } => html! {
            div class={ "lead " (class(*tone)) } role="status" {
                b { (mark(*tone)) " " (visible(word)) }
                span {
                    (visible(sentence))
                    @if !second.is_empty() { small { (visible(second)) } }
                }
            }
        },
        Block::Heading(t) => html! { h2 { (visible(t)) } },
        Block::Text(t) => html! { p { (visible(t)) } },
        Block::Row { label, text } => html! {
            div.row { span { (visible(label)) } span { (visible(text)) } }
        },
        Block::Item { number, text } => html! {
            div.item { span { (number) } span { (visible(text)) } }
        },
        Block::Line(t) | Block::Raw(t) => html! { code { (visible(t)) } },
        Block::Table {
            head,
            rows,
            figures,
        } => html! {
            table {
                thead { tr { @for (i, h) in head.iter().enumerate() {
                    th class=[figures.contains(&i).then_some("n")] scope="col" { (visible(h)) }
                } } }
                tbody { @for row in rows { tr { @for (i, cell) in row.iter().enumerate() {
                    td class=[cell_class(cell, figures.contains(&i))] { (visible(cell)) }
                } } } }
            }
        },
    }
}

/// Figures and short words are not broken; a hash may be broken anywhere.
fn cell_class(cell: &str, figure: bool) -> Option<&'static str> {
    let longest = cell.split_whitespace().map(str::len).max().unwrap_or(0);
    match (figure, longest) {
        (true, _) => Some("n"),
        (_, 33..) => Some("b"),
        _ if cell.len() <= 18 => Some("k"),
        _ => None,
    }
}

/// Colour is never alone: a mark and a word stand beside it.
fn mark(tone: Tone) -> &'static str {
    match tone {
        Tone::Ok => "\u{2713}",
        Tone::Warn => "\u{25b3}",
        Tone::Fail => "\u{2716}",
        Tone::Unknown => "\u{25c7}",
        Tone::Waiting => "\u{29d6}",
    }
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Ok => "ok",
        Tone::Warn => "warn",
        Tone::Fail => "fail",
        Tone::Unknown => "unknown",
        Tone::Waiting => "waiting",
    }
}

fn visible(text: &str) -> String {
    if !text.chars().any(super::hostile) {
        return text.to_owned();
    }
    text.chars()
        .map(|c| {
            if super::hostile(c) {
                super::visible(c)
            } else {
                c.to_string()
            }
        })
        .collect()
}
