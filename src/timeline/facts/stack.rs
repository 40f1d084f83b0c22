//! Which TLS library the device runs, and which version of it.
//!
//! In: what the decoder named. Out: the facts `stack.*`. Must not know what a version can do.

use super::Teller;

impl Teller<'_> {
    pub(super) fn stack(&mut self) {
        let a = self.a;
        if let Some(stack) = &a.stack {
            self.text("stack.family", stack, a.first_line);
        }
        if let Some(version) = &a.stack_version {
            let plain = version.split(" (").next().unwrap_or(version);
            self.text("stack.version", plain, a.first_line);
            if let Some(major) = plain.split('.').next().and_then(|m| m.parse().ok()) {
                self.int("stack.major", major, a.first_line);
            }
            self.yes("stack.patched", version.contains("patched"), a.first_line);
        }
    }
}
