//! How a name looks to people, and what may deceive them: international labels decoded, mixed
//! scripts, letters that look like others, characters that steer the direction of text.
//!
//! In: a name of a certificate or a host. Out: [`NameLook`]. Names are compared as bytes elsewhere;
//! nothing here decides a match.

use super::problem::{Problem, Severity};

/// What a person sees of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameLook {
    /// The name with its `xn--` labels decoded (RFC 3492); `None` where it has none.
    pub unicode: Option<String>,
    /// What is odd about it; ids `name.…`.
    pub problems: Vec<Problem>,
}

/// Longest common name that X.520 allows, in characters (RFC 5280 appendix A.1, `ub-common-name`).
pub const LONGEST_COMMON_NAME: usize = 64;

/// Looks at a name.
#[must_use]
pub fn name_look(name: &str) -> NameLook {
    let mut out = NameLook::default();
    let mut tell = |id, severity, sentence: String| {
        out.problems.push(Problem::new(id, severity, sentence));
    };
    let mut labels = Vec::new();
    let mut decoded_any = false;
    for label in name.split('.') {
        let lower = label.to_ascii_lowercase();
        let Some(rest) = lower.strip_prefix("xn--") else {
            labels.push(label.to_owned());
            continue;
        };
        if let Some(decoded) = decode(rest) {
            decoded_any = true;
            labels.push(decoded);
        } else {
            tell(
                "name.punycode",
                Severity::Warning,
                format!(
                    "The label \u{201c}{label}\u{201d} begins like an international one and is none."
                ),
            );
            labels.push(label.to_owned());
        }
    }
    for label in &labels {
        if let Some(c) = label.chars().find(|c| steers(*c)) {
            tell(
                "name.direction",
                Severity::Error,
                format!(
                    "It holds the invisible character U+{:04X}, which changes what is read.",
                    u32::from(c)
                ),
            );
        }
        let scripts = scripts(label);
        if scripts.len() > 1 && !is_usual_mix(&scripts) {
            tell(
                "name.mixed_scripts",
                Severity::Warning,
                format!(
                    "The label \u{201c}{label}\u{201d} mixes {} letters.",
                    scripts.join(" and ")
                ),
            );
        } else if let Some(looks) = latin_twin(label) {
            tell(
                "name.look_alike",
                Severity::Warning,
                format!(
                    "Its letters are {}; the label looks like \u{201c}{looks}\u{201d}.",
                    scripts.join(" and ")
                ),
            );
        }
        if scripts.iter().any(|s| matches!(*s, "Arabic" | "Hebrew")) {
            tell(
                "name.right_to_left",
                Severity::Note,
                "It is written from right to left and shown in the order of its bytes.".into(),
            );
        }
    }
    out.unicode = decoded_any.then(|| labels.join("."));
    out
}

/// Characters that steer direction or show nothing (UAX 9; General Category Cf).
fn steers(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}'
            | '\u{061C}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2069}'
            | '\u{FEFF}'
    )
}

/// Scripts of the letters, by the blocks of Unicode that names use.
fn scripts(label: &str) -> Vec<&'static str> {
    let mut out: Vec<&'static str> = Vec::new();
    for c in label.chars().filter(|c| c.is_alphabetic()) {
        let script = match c {
            '\u{0000}'..='\u{024F}' | '\u{1E00}'..='\u{1EFF}' => "Latin",
            '\u{0370}'..='\u{03FF}' | '\u{1F00}'..='\u{1FFF}' => "Greek",
            '\u{0400}'..='\u{052F}' | '\u{2DE0}'..='\u{2DFF}' => "Cyrillic",
            '\u{0530}'..='\u{058F}' => "Armenian",
            '\u{0590}'..='\u{05FF}' => "Hebrew",
            '\u{0600}'..='\u{06FF}' | '\u{0750}'..='\u{077F}' => "Arabic",
            '\u{3040}'..='\u{309F}' => "Hiragana",
            '\u{30A0}'..='\u{30FF}' => "Katakana",
            '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' => "Han",
            '\u{AC00}'..='\u{D7AF}' | '\u{1100}'..='\u{11FF}' => "Hangul",
            _ => "other",
        };
        if !out.contains(&script) {
            out.push(script);
        }
    }
    out
}

/// Scripts that are written together (UTS 39, "highly restrictive").
fn is_usual_mix(scripts: &[&str]) -> bool {
    scripts
        .iter()
        .all(|s| matches!(*s, "Latin" | "Han" | "Hiragana" | "Katakana" | "Hangul"))
}

/// The Latin word that a label without any Latin letter looks like, letter by letter (UTS 39,
/// confusables).
fn latin_twin(label: &str) -> Option<String> {
    const TWINS: [(char, char); 26] = [
        ('а', 'a'),
        ('с', 'c'),
        ('ԁ', 'd'),
        ('е', 'e'),
        ('һ', 'h'),
        ('і', 'i'),
        ('ј', 'j'),
        ('ӏ', 'l'),
        ('о', 'o'),
        ('р', 'p'),
        ('ԛ', 'q'),
        ('ѕ', 's'),
        ('ԝ', 'w'),
        ('х', 'x'),
        ('у', 'y'),
        ('ѵ', 'v'),
        ('к', 'k'),
        ('α', 'a'),
        ('ι', 'i'),
        ('κ', 'k'),
        ('ν', 'v'),
        ('ο', 'o'),
        ('ρ', 'p'),
        ('τ', 't'),
        ('υ', 'u'),
        ('χ', 'x'),
    ];
    let mut any = false;
    let twin: Option<String> = label
        .chars()
        .map(|c| {
            if !c.is_alphabetic() {
                return Some(c);
            }
            any = true;
            TWINS.iter().find(|(from, _)| *from == c).map(|(_, to)| *to)
        })
        .collect();
    twin.filter(|_| any)
}

/// Punycode of one label without its `xn--` (RFC 3492 section 6.2).
fn decode(text: &str) -> Option<String> {
    const BASE: u32 = 36;
    const T_MIN: u32 = 1;
    const T_MAX: u32 = 26;
    const SKEW: u32 = 38;
    const DAMP: u32 = 700;
    let (basic, rest) = match text.rfind('-') {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?),
        None => ("", text),
    };
    if !text.is_ascii() || rest.is_empty() || text.len() > 63 {
        return None;
    }
    let mut out: Vec<char> = basic.chars().collect();
    let (mut n, mut i, mut bias) = (128_u32, 0_u32, 72_u32);
    let mut digits = rest.bytes().peekable();
    while digits.peek().is_some() {
        let before = i;
        let (mut weight, mut k) = (1_u32, BASE);
        loop {
            let digit = match digits.next()? {
                b @ b'a'..=b'z' => u32::from(b - b'a'),
                b @ b'0'..=b'9' => u32::from(b - b'0') + 26,
                _ => return None,
            };
            i = i.checked_add(digit.checked_mul(weight)?)?;
            let threshold = k.saturating_sub(bias).clamp(T_MIN, T_MAX);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
            k += BASE;
        }
        let count = u32::try_from(out.len()).ok()? + 1;
        // Section 6.1.
        let mut delta = (i - before) / if before == 0 { DAMP } else { 2 };
        delta += delta / count;
        let mut steps = 0;
        while delta > ((BASE - T_MIN) * T_MAX) / 2 {
            delta /= BASE - T_MIN;
            steps += BASE;
        }
        bias = steps + (BASE - T_MIN + 1) * delta / (delta + SKEW);
        n = n.checked_add(i / count)?;
        i %= count;
        out.insert(usize::try_from(i).ok()?, char::from_u32(n)?);
        i += 1;
    }
    Some(out.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(name: &str) -> Vec<&'static str> {
        name_look(name).problems.iter().map(|p| p.id).collect()
    }

    #[test]
    fn labels_are_decoded_as_rfc_3492_and_the_registries_write_them() {
        for (label, wanted) in [
            ("bcher-kva", "bücher"),
            ("mnchen-3ya", "münchen"),
            ("fiqs8s", "中国"),
            ("p1ai", "рф"),
            ("e1afmkfd", "пример"),
        ] {
            assert_eq!(decode(label).as_deref(), Some(wanted), "{label}");
        }
        assert_eq!(
            name_look("www.xn--bcher-kva.example").unicode.as_deref(),
            Some("www.bücher.example")
        );
        assert_eq!(name_look("www.example.com"), NameLook::default());
        for bad in ["", "a-", "!!!", "99999999999999999999", "é"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
        assert_eq!(ids("xn--a-.example"), ["name.punycode"]);
    }

    #[test]
    fn what_deceives_is_named() {
        // Cyrillic а between Latin letters.
        assert_eq!(ids("pаypal.example"), ["name.mixed_scripts"]);
        // All Cyrillic, all with Latin twins.
        assert_eq!(ids("xn--80ak6aa92e.com"), ["name.look_alike"]);
        assert_eq!(ids("пример.example"), Vec::<&str>::new());
        assert_eq!(ids("日本語ドメイン.example"), Vec::<&str>::new());
        assert_eq!(ids("a\u{202e}b.example"), ["name.direction"]);
        assert_eq!(ids("דוגמה.example"), ["name.right_to_left"]);
    }
}
