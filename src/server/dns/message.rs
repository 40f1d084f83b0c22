//! The bytes of one DNS question and of its answer (RFC 1035 section 4).
//!
//! In: a host name, bytes of an answer. Out: the question's bytes, [`Heard`].

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE};

use super::{Alias, DnsTrouble};
use crate::server::key_share::random_bytes;

/// Which addresses are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    A,
    Aaaa,
}

impl Kind {
    fn number(self) -> TYPE {
        match self {
            Self::A => TYPE::A,
            Self::Aaaa => TYPE::AAAA,
        }
    }
}

/// A question that was asked.
#[derive(Debug)]
pub(super) struct Asked {
    host: String,
    kind: Kind,
    id: u16,
    pub bytes: Vec<u8>,
}

/// What one answer says.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub aliases: Vec<Alias>,
    /// Owner, address, seconds to live.
    pub addresses: Vec<(String, IpAddr, u32)>,
    pub trouble: Option<DnsTrouble>,
    /// The answer did not fit into the datagram.
    pub cut: bool,
}

impl Asked {
    /// `None` for a text that is no name of the DNS.
    pub fn new(host: &str, kind: Kind) -> Option<Self> {
        let host = host.trim_end_matches('.').to_owned();
        // An identifier that cannot be guessed (RFC 5452 section 9.2).
        let id = u16::from_be_bytes(random_bytes()?);
        let bytes = {
            let mut packet = Packet::new_query(id);
            packet.set_flags(PacketFlag::RECURSION_DESIRED);
            packet.questions.push(Question::new(
                Name::new(&host).ok()?,
                QTYPE::TYPE(kind.number()),
                QCLASS::CLASS(CLASS::IN),
                false,
            ));
            packet.build_bytes_vec().ok()?
        };
        Some(Self {
            host,
            kind,
            id,
            bytes,
        })
    }

    /// Is it the answer to this question: same identifier, name and type?
    pub fn is_answered_by(&self, bytes: &[u8]) -> bool {
        let Ok(packet) = Packet::parse(bytes) else {
            return false;
        };
        let same = |q: &Question<'_>| {
            q.qtype == QTYPE::TYPE(self.kind.number())
                && q.qname.to_string().eq_ignore_ascii_case(&self.host)
        };
        packet.id() == self.id
            && packet.has_flags(PacketFlag::RESPONSE)
            && packet.questions.first().is_some_and(same)
    }

    /// Reads an answer; `None` where the bytes are none.
    pub fn read(bytes: &[u8]) -> Option<Heard> {
        let packet = Packet::parse(bytes).ok()?;
        let mut heard = Heard {
            cut: packet.has_flags(PacketFlag::TRUNCATION),
            trouble: match packet.rcode() {
                RCODE::NoError => None,
                RCODE::NameError => Some(DnsTrouble::NoSuchName),
                other => Some(DnsTrouble::Refused(word(other).to_owned())),
            },
            ..Heard::default()
        };
        for record in &packet.answers {
            let owner = plain(&record.name);
            match &record.rdata {
                RData::CNAME(target) => heard.aliases.push(Alias {
                    name: owner,
                    target: plain(&target.0),
                    ttl_s: record.ttl,
                }),
                RData::A(a) => {
                    let address = Ipv4Addr::from(a.address).into();
                    heard.addresses.push((owner, address, record.ttl));
                }
                RData::AAAA(a) => {
                    let address = Ipv6Addr::from(a.address).into();
                    heard.addresses.push((owner, address, record.ttl));
                }
                _ => {}
            }
        }
        Some(heard)
    }
}

/// A name as text; a server may put any byte into it.
fn plain(name: &Name<'_>) -> String {
    let shown = |c: char| if c.is_control() { '?' } else { c };
    name.to_string().chars().map(shown).collect()
}

/// The word of RFC 6895 section 2.3.
fn word(code: RCODE) -> &'static str {
    match code {
        RCODE::FormatError => "FORMERR",
        RCODE::ServerFailure => "SERVFAIL",
        RCODE::NotImplemented => "NOTIMP",
        RCODE::Refused => "REFUSED",
        _ => "another response code",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_answers_and_noise_are_let_go() {
        let asked = Asked::new("a.example", Kind::A).expect("a question");
        assert!(!asked.is_answered_by(&[]));
        assert!(!asked.is_answered_by(&asked.bytes), "the question itself");
        let mut answer = asked.bytes.clone();
        answer[2] |= 0x80;
        assert!(asked.is_answered_by(&answer));
        answer[0] ^= 1;
        assert!(!asked.is_answered_by(&answer), "another identifier");
        let other = Asked::new("b.example", Kind::A).expect("a question");
        assert!(!asked.is_answered_by(&other.bytes));
    }

    #[test]
    fn any_cut_of_an_answer_is_read_or_refused() {
        let asked = Asked::new("a.example", Kind::Aaaa).expect("a question");
        let mut answer = asked.bytes.clone();
        answer[2] |= 0x80;
        answer[7] = 1;
        // A name that points at itself.
        answer.extend([0xC0, 0x1B, 0, 5, 0, 1, 0, 0, 0, 9, 0, 2, 0xC0, 0x1B]);
        for end in 0..=answer.len() {
            let _ = Asked::read(&answer[..end]);
        }
    }
}
