//! What every dialect of whole lines has in common.
//!
//! A dialect sees each line that is not the Mbed TLS trace, free of times and console decoration.
//! The first that claims a line has it; the patterns for applications see every line.

use super::prefilter::Anchors;
use crate::evidence::{Event, Lane};

/// A dialect that reads whole lines. It keeps its own state; nothing else does.
pub(crate) trait Dialect: std::fmt::Debug + Send {
    /// Name of the stack or program, as `stack.family` and the list of dialects show it.
    fn name(&self) -> &'static str;

    /// Are these the words of the device's peer (a server's log)?
    fn of_peer(&self) -> bool {
        false
    }

    /// Is this the stack of the device (not a server's log or a tool's output)?
    fn is_stack(&self) -> bool {
        !self.of_peer()
    }

    /// Whose words these are: the device's, or those of its peer.
    fn lane(&self) -> Lane {
        if self.of_peer() {
            Lane::Peer
        } else {
            Lane::Device
        }
    }

    /// Says everything that its lines say, so that the patterns for applications, which cannot know
    /// whose words they read, leave them alone.
    fn exclusive(&self) -> bool {
        false
    }

    /// The line that was just taken quotes another library, whose dialect reads it too.
    fn quotes(&self) -> bool {
        false
    }

    /// Version of the stack, where its lines tell.
    fn version(&self) -> Option<String> {
        None
    }

    /// Is it the dialect of this name, or may it be? One decoder reads several kinds of server.
    fn answers_to(&self, name: &str) -> bool {
        self.name() == name
    }

    /// A person says that the input is of this dialect.
    fn choose(&mut self, _name: &str) {}

    /// Texts without which a line is none of its own, says nothing to it and changes nothing in it,
    /// unless it is [`Dialect::open`].
    fn anchors(&self) -> Vec<Anchors>;

    /// What was read so far makes lines without an anchor matter too.
    fn open(&self) -> bool {
        false
    }

    /// Reads one line; `true` when it is one of its own. Lines of others must be refused fast.
    fn take(&mut self, line: &[u8], emit: &mut dyn FnMut(Event)) -> bool;
}

/// The dialects of one input, in the order in which they may claim a line.
pub(crate) fn all() -> Vec<Box<dyn Dialect>> {
    vec![
        Box::new(super::packet_list::PacketList::default()),
        Box::new(super::server_log::ServerLog::default()),
        Box::new(super::curl::Curl::default()),
        Box::new(super::openssl::OpenSsl::default()),
        Box::new(super::wolfssl::WolfSsl::default()),
        Box::new(super::gnutls::GnuTls::default()),
        Box::new(super::rustls::Rustls::default()),
        Box::new(super::esp8266_socket::Esp8266Socket::default()),
        Box::new(super::stack_words::StackWords::default()),
        Box::new(super::x509_text::X509Text::default()),
        Box::new(super::scan::Scan::default()),
    ]
}
