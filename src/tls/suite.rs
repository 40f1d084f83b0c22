//! Cipher suites by number. The names are in [`suite_table`](self), from the IANA registry.

use std::fmt;

/// A cipher suite by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CipherSuite(pub u16);

impl CipherSuite {
    /// The IANA name, or `None` for a number without one.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        None
    }
}

impl fmt::Display for CipherSuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "0x{:04X}", self.0),
        }
    }
}
