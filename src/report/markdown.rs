//! A page as Markdown. Log text is hostile: everything that Markdown or HTML could take for markup is
//! escaped, code spans are fenced longer than what they hold.

use std::fmt::Write as _;

use super::page::{Block, Page};

/// Writes the page.
#[must_use]
pub fn markdown(page: &Page) -> String {
    let mut out = String::new();
    let mut last_was_row = false;
    let mut raw: Vec<&str> = Vec::new();
    for block in &page.blocks {
        if let Block::Raw(line) = block {
            raw.push(line);
            continue;
        }
        fenced(&mut out, &std::mem::take(&mut raw));
        let is_row = matches!(block, Block::Row { .. } | Block::Line(_));
        if last_was_row && !is_row {
            out.push('\n');
        }
        last_was_row = is_row;
        match block {
            Block::Title(t) => push(&mut out, format_args!("# {}\n\n", escape(t))),
            Block::Remark(t) | Block::Text(t) => push(&mut out, format_args!("{}\n\n", escape(t))),
            Block::Lead {
                word,
                sentence,
                second,
                ..
            } => {
                push(
                    &mut out,
                    format_args!("> **{}**: {}\n", escape(word), escape(sentence)),
                );
                if !second.is_empty() {
                    push(&mut out, format_args!(">\n> {}\n", escape(second)));
                }
                out.push('\n');
            }
            Block::Heading(t) => push(&mut out, format_args!("## {}\n\n", escape(t))),
            Block::Row { label, text } => push(
                &mut out,
                format_args!("- **{}**: {}\n", escape(label), escape(text)),
            ),
            Block::Item { number, text } => {
                push(&mut out, format_args!("{number}. {}\n\n", escape(text)));
            }
            Block::Line(t) => push(&mut out, format_args!("  - {}\n", code(t))),
            Block::Raw(_) => {}
            Block::Table {
                head,
                rows,
                figures,
            } => table(&mut out, head, rows, figures),
        }
    }
    fenced(&mut out, &raw);
    out
}

/// Lines of the raw log as one block, fenced longer than what they hold.
fn fenced(out: &mut String, lines: &[&str]) {
    if lines.is_empty() {
        return;
    }
    let lines: Vec<String> = lines.iter().map(|l| shown(l)).collect();
    let longest = lines.iter().map(|l| longest_run(l)).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    push(
        out,
        format_args!("{fence}text\n{}\n{fence}\n\n", lines.join("\n")),
    );
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing into a String cannot fail.
    let _ = out.write_fmt(text);
}

fn table(out: &mut String, head: &[String], rows: &[Vec<String>], figures: &[usize]) {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|c| escape(c)).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    out.push_str(&line(head));
    let rule: Vec<&str> = (0..head.len())
        .map(|i| if figures.contains(&i) { "---:" } else { "---" })
        .collect();
    push(out, format_args!("| {} |\n", rule.join(" | ")));
    for row in rows {
        out.push_str(&line(row));
    }
    out.push('\n');
}

/// Text that stays text in every Markdown flavour.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '!' | '~' | '{' | '}' => {
                out.push('\\');
                out.push(c);
            }
            c if super::hostile(c) => out.push_str(&super::visible(c)),
            c => out.push(c),
        }
    }
    // "http://…" would become a link by itself.
    out.replace("://", ":&#8203;//")
}

/// A code span around any text.
fn code(text: &str) -> String {
    let text = shown(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    format!("{fence} {text} {fence}")
}

/// What steers a terminal or the direction of writing becomes its name.
fn shown(text: &str) -> String {
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

/// Most backticks in a row.
fn longest_run(text: &str) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}
