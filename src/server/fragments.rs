//! Are `max_fragment_length` (RFC 6066) and `record_size_limit` (RFC 8449) honoured? Measured by the
//! records that come back, not by the server's word alone.
//!
//! In: a [`Prober`] and the offer. Out: a [`Verdict`] for each size.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::key_share::public_key;
use super::offer::Offer;
use super::prober::{Patience, Prober, Stop};
use super::question::Question;
use super::reply::{Ending, Reply};
use super::stage::Stage;
use crate::tls::hello::{HelloExtension, extension};
use crate::tls::{ContentType, ProtocolVersion};

/// What became of the wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// No record is larger than asked, and the server says that it agrees.
    Honoured,
    /// The server does not answer the extension, or sends larger records all the same.
    Ignored,
    /// The server ends the handshake.
    Refused,
}

impl Verdict {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Honoured => "honoured",
            Self::Ignored => "ignored",
            Self::Refused => "refused",
        }
    }
}

/// One measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FragmentTry {
    /// Code 1 to 4 of `max_fragment_length`; `None` for `record_size_limit`.
    pub code: Option<u8>,
    /// Bytes that were asked for.
    pub size: usize,
    /// What became of it; `None` where the flight is too small to tell.
    pub verdict: Option<Verdict>,
    /// Largest record of the server's flight.
    pub largest_record: Option<usize>,
}

/// Measures 512 to 4096 bytes, and `record_size_limit` with 1024. A server that ignores both ends of
/// the list does not know `max_fragment_length`: what lies between is not asked for any more.
pub(super) fn measure_fragments(
    prober: &mut Prober<'_>,
    offer: &Offer,
    name: Option<&str>,
) -> Result<Vec<FragmentTry>, Stop> {
    prober.now(Stage::Fragments);
    let Some(version) = offer
        .highest(ProtocolVersion::TLS12)
        .or(offer.highest(ProtocolVersion::TLS13))
    else {
        return Ok(Vec::new());
    };
    let wishes = [
        (Some(1), 512),
        (Some(4), 4096),
        (Some(2), 1024),
        (Some(3), 2048),
        (None, 1024),
    ];
    let mut tries: Vec<FragmentTry> = Vec::new();
    for (code, size) in wishes {
        let ignored = |t: &FragmentTry| t.verdict == Some(Verdict::Ignored);
        if matches!(code, Some(2 | 3)) && tries.iter().all(ignored) {
            tries.push(FragmentTry {
                code,
                size,
                verdict: Some(Verdict::Ignored),
                largest_record: None,
            });
            continue;
        }
        tries.push(measure(prober, offer, version, name, code, size)?);
    }
    tries.sort_by_key(|t| t.code.unwrap_or(u8::MAX));
    let honoured = tries
        .iter()
        .filter(|t| t.verdict == Some(Verdict::Honoured))
        .count();
    prober.found(&format!("{honoured} of {} honoured", tries.len()));
    Ok(tries)
}

fn measure(
    prober: &mut Prober<'_>,
    offer: &Offer,
    version: ProtocolVersion,
    name: Option<&str>,
    code: Option<u8>,
    size: usize,
) -> Result<FragmentTry, Stop> {
    let mut question = Question::all(version, name);
    question.more.push(match code {
        Some(code) => HelloExtension::max_fragment_length(code),
        None => HelloExtension::record_size_limit(1024),
    });
    let mut hello = question.hello();
    let is_13 = version >= ProtocolVersion::TLS13;
    let reply = if is_13 {
        // The flight is only sent when the key is there at once.
        let group = offer.groups.iter().find_map(|&g| Some((g, public_key(g)?)));
        hello.set_extension(HelloExtension::key_share(group.as_slice()));
        let patience = Patience {
            linger: Duration::from_millis(150),
            enough: size + ENCRYPTION,
        };
        prober.ask_patiently(&hello, patience)?
    } else {
        prober.ask(&hello)?
    };
    let largest_record = reply.largest_record(if is_13 {
        ContentType::APPLICATION_DATA
    } else {
        ContentType::HANDSHAKE
    });
    Ok(FragmentTry {
        code,
        size,
        verdict: judge(&reply, code, size, is_13, largest_record),
        largest_record,
    })
}

/// Content type, tag and padding add up to at most this in an encrypted record (RFC 8446 section 5.2).
const ENCRYPTION: usize = 256;

fn judge(
    reply: &Reply,
    code: Option<u8>,
    size: usize,
    is_13: bool,
    largest: Option<usize>,
) -> Option<Verdict> {
    if !reply.agreed() {
        return matches!(
            reply.ending,
            Ending::Alert(_) | Ending::Closed | Ending::Reset
        )
        .then_some(Verdict::Refused);
    }
    let largest = largest?;
    if is_13 {
        let payload: usize = reply
            .records
            .iter()
            .filter(|r| r.kind == ContentType::APPLICATION_DATA)
            .map(|r| r.bytes)
            .sum();
        return if largest > size + ENCRYPTION {
            Some(Verdict::Ignored)
        } else if payload > size + ENCRYPTION {
            Some(Verdict::Honoured)
        } else {
            None
        };
    }
    let hello = reply.hello.as_ref()?;
    let echoed = match code {
        Some(code) => hello.extension(extension::MAX_FRAGMENT_LENGTH) == Some(&[code]),
        None => hello.extension(extension::RECORD_SIZE_LIMIT).is_some(),
    };
    Some(if echoed && largest <= size {
        Verdict::Honoured
    } else {
        Verdict::Ignored
    })
}
