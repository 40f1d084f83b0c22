//! The host and the names of the leaf, with how each looks.

use crate::cert::{self, AltName, Certificate};
use crate::session::Tone;
use crate::ui::words;

/// A name of the leaf, or the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameRow {
    /// `host`, `CN`, `DNS`, `IP` …
    pub kind: String,
    /// As written.
    pub text: String,
    /// With its international labels decoded.
    pub unicode: Option<String>,
    /// How it stands.
    pub tone: Tone,
    /// What is odd about it.
    pub said: Vec<String>,
}

/// The host, the common names and the alternative names, with how they look.
pub(super) fn name_rows(host: Option<&str>, leaf: Option<&Certificate>) -> Vec<NameRow> {
    let mut names: Vec<(&str, String)> = Vec::new();
    names.extend(host.map(|h| ("host", h.to_owned())));
    if let Some(leaf) = leaf {
        names.extend(leaf.subject.common_names().map(|n| ("CN", n.to_owned())));
        for name in leaf.extensions.alt_names.iter().flatten() {
            names.push(match name {
                AltName::Dns(text) => ("DNS", text.clone()),
                AltName::Ip(bytes) => ("IP", cert::address_text(bytes)),
                AltName::Email(text) => ("email", text.clone()),
                AltName::Uri(text) => ("URI", text.clone()),
                AltName::Other(kind) => ("other", (*kind).to_owned()),
            });
        }
    }
    let no_names = leaf.is_some_and(|l| l.extensions.alt_names.is_none());
    names
        .into_iter()
        .map(|(kind, text)| name_row(kind, &text, no_names))
        .collect()
}

fn name_row(kind: &str, text: &str, no_names: bool) -> NameRow {
    let look = cert::name_look(text);
    let mut tone = Tone::Ok;
    let mut said = Vec::new();
    for problem in &look.problems {
        tone = match (problem.severity, tone) {
            (cert::Severity::Error, _) => Tone::Fail,
            (cert::Severity::Warning, Tone::Ok | Tone::Unknown) => Tone::Warn,
            (_, tone) => tone,
        };
        said.push(words::visible(&problem.sentence));
    }
    let length = text.chars().count();
    let address = text.parse::<std::net::IpAddr>().is_ok();
    let mut warn = |sentence: String| {
        said.push(sentence);
        if tone == Tone::Ok {
            tone = Tone::Warn;
        }
    };
    if kind == "CN" && length > cert::LONGEST_COMMON_NAME {
        warn(format!(
            "{length} characters; X.520 allows {} in a common name (RFC 5280 appendix A.1).",
            cert::LONGEST_COMMON_NAME
        ));
    } else if kind == "CN" && length > 31 {
        warn(format!(
            "{length} characters: more than the 31 that an XBee 3 Cellular takes (its user guide)."
        ));
    }
    if kind == "CN" && address {
        warn(if no_names {
            "An address as common name, and no subjectAltName: most stacks do not compare it (RFC 6125 section 6.4.4).".into()
        } else {
            "An address as common name.".into()
        });
    }
    if kind == "DNS" && address {
        warn("An address in a dNSName: stacks that ask for an iPAddress do not see it (RFC 5280 section 4.2.1.6).".into());
    }
    NameRow {
        kind: kind.to_owned(),
        text: words::visible(text),
        unicode: look.unicode.map(|u| words::visible(&u)),
        tone,
        said,
    }
}
