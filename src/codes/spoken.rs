//! The one name of a code that a known stack returned, and how that stack's people write its number.
//!
//! In: the family of a stack as a decoder found it, and a number. Out: [`SpokenCode`], or nothing where
//! the stack's tables have no such row. Must not guess: a number of an unknown stack has no name here.

use crate::knowledge::codes::{StackKind, stack_tables, tables};

use super::{StackHint, mbedtls_error_names};

/// Module errors of Mbed TLS begin here; smaller unknown numbers are a caller's own.
const FIRST_MODULE_ERROR: i64 = -0x1000;

/// A code as people of its stack write and name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpokenCode {
    /// The number: `−0x2700`, `−188`, `0x85`.
    pub shown: String,
    /// Its name, such as `X509_CERT_VERIFY_FAILED`.
    pub name: String,
    /// An error of TLS itself, not one that an operating system or a caller made of it.
    pub of_tls: bool,
}

/// The name of a code in this stack.
#[must_use]
pub fn spoken_code(stack: &str, code: i64) -> Option<SpokenCode> {
    let hint = StackHint {
        family: stack.split(' ').next().unwrap_or_default().to_owned(),
        version: None,
    };
    // Small numbers are everybody's: without a stack only module errors have a name.
    let unsaid = stack.is_empty() && code <= FIRST_MODULE_ERROR;
    if unsaid || hint.names("Mbed TLS") {
        let names = mbedtls_error_names(code, None);
        let name = match names.as_slice() {
            [] => None,
            [one] => Some((*one).to_owned()),
            [first, ..] => Some(format!("{first} or another name")),
        };
        if let Some(name) = name {
            return Some(SpokenCode {
                shown: hexadecimal(code),
                name,
                of_tls: true,
            });
        }
    }
    let of_stack = stack_tables()
        .iter()
        .filter(|t| t.kind == StackKind::StackError && hint.names(&t.stack))
        .find_map(|t| t.row(code));
    if let Some(row) = of_stack {
        return Some(SpokenCode {
            shown: shown_code(code),
            name: row.name.clone(),
            of_tls: true,
        });
    }
    // Functions of a system return its error numbers with a minus in front.
    let mut of_device = tables()
        .devices
        .iter()
        .filter(|t| !t.numbering && hint.names(&t.stack));
    let (table, row) = of_device.find_map(|t| Some((t, t.row(code).or_else(|| t.row(-code))?)))?;
    Some(SpokenCode {
        shown: if code < 0 {
            shown_code(code)
        } else {
            table.written(code)
        },
        name: row.name.clone(),
        of_tls: false,
    })
}

/// A number whose stack does not name it: module errors of Mbed TLS in hex, all others plain.
#[must_use]
pub fn shown_code(code: i64) -> String {
    if code <= FIRST_MODULE_ERROR {
        hexadecimal(code)
    } else if code < 0 {
        format!("\u{2212}{}", code.unsigned_abs())
    } else {
        code.to_string()
    }
}

fn hexadecimal(code: i64) -> String {
    if code < 0 {
        format!("\u{2212}0x{:04X}", code.unsigned_abs())
    } else {
        code.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::{shown_code, spoken_code};

    fn said(stack: &str, code: i64) -> Option<(String, String)> {
        spoken_code(stack, code).map(|c| (c.shown, c.name))
    }

    #[test]
    fn each_stack_names_its_own_numbers() {
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(
            said("mbedtls", -0x2700),
            pair("\u{2212}0x2700", "X509_CERT_VERIFY_FAILED")
        );
        assert_eq!(
            said("wolfssl", -188),
            pair("\u{2212}188", "ASN_NO_SIGNER_E")
        );
        assert_eq!(
            said("zephyr", -0x7200),
            pair("\u{2212}0x7200", "SSL_INVALID_RECORD")
        );
        assert_eq!(said("zephyr", -113), pair("\u{2212}113", "ECONNABORTED"));
        assert_eq!(said("", -0x2700), said("mbedtls", -0x2700));
        assert_eq!(said("", -13), None);
        assert_eq!(said("openssl", -113), None);
        assert_eq!(said("a stack of nobody", -188), None);
    }

    #[test]
    fn unknown_numbers_are_written_as_their_callers_do() {
        assert_eq!(shown_code(-113), "\u{2212}113");
        assert_eq!(shown_code(-0x7F00), "\u{2212}0x7F00");
        assert_eq!(shown_code(7), "7");
    }
}
