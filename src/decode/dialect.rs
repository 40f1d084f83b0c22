//! What every dialect of whole lines has in common.
//!
//! A dialect sees each line that is not the Mbed TLS trace, free of times and console decoration.
//! The first that claims a line has it; the patterns for applications see every line.

use crate::evidence::Event;

/// A dialect that reads whole lines. It keeps its own state; nothing else does.
pub(crate) trait Dialect: std::fmt::Debug + Send {
    /// Name of the stack or program, as `stack.family` and the list of dialects show it.
    fn name(&self) -> &'static str;

    /// Is this the stack of the device (not a server's log or a tool's output)?
    fn is_stack(&self) -> bool {
        true
    }

    /// Version of the stack, where its lines tell.
    fn version(&self) -> Option<String> {
        None
    }

    /// Reads one line; `true` when it is one of its own. Lines of others must be refused fast.
    fn take(&mut self, line: &[u8], emit: &mut dyn FnMut(Event)) -> bool;
}

/// The dialects of one input, in the order in which they may claim a line.
pub(crate) fn all() -> Vec<Box<dyn Dialect>> {
    Vec::new()
}
