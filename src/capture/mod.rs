//! Network captures: pcap and pcapng → the same observations that a log gives, from the wire.
//!
//! In: the bytes of a capture, in pieces of any size, and a key log. Out: [`Observation`]s of each
//! connection, its certificates, and the list of connections. Must not know what an attempt or a
//! cause is. Any bytes may come in: what cannot be read is told in
//! [`CaptureSummary::problems`] and in the entries of the list, and nothing panics.
//!
//! * TLS is found by its content, never by a port. DTLS 1.2 is read over UDP.
//! * TCP is put together: any order, overlaps, repeated segments; missing bytes are told as a gap.
//! * [`Observation::line`] is the number of the frame, as other programs show it;
//!   [`Observation::at`] is Unix time in microseconds.
//! * Directions are those of the device, which is the TCP client unless [`DeviceSide`] says otherwise.
//! * Encrypted records are opened with an NSS key log (AES-GCM and ChaCha20-Poly1305), else shown as
//!   what they are.
//!
//! [`Observation`]: crate::evidence::Observation
//! [`Observation::line`]: crate::evidence::Observation::line
//! [`Observation::at`]: crate::evidence::Observation::at

mod connection;
mod datagram;
mod decoder;
mod file;
mod icmp;
mod keylog;
mod links;
mod messages;
mod opener;
mod output;
mod packet;
mod plain;
mod records;
mod stream;
mod talk;

use std::io::Read;

pub use decoder::CaptureDecoder;
pub use keylog::KeyLog;
pub use output::{
    CaptureOptions, CaptureSink, CaptureSummary, CarriedCertificate, Connection, ConnectionEnd,
    ConnectionFilter, ConnectionId, DeviceSide, EndSigns, Protocol, Sealed,
};

/// Bytes read at once.
const PIECE: usize = 1 << 20;

/// Why a capture could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The system refused.
    #[error("the capture cannot be read")]
    Read(#[from] std::io::Error),
    /// The sink asked to stop.
    #[error("reading the capture was stopped")]
    Stopped,
}

/// Reads a capture to its end. `keylog` is the text of an NSS key log file.
///
/// # Errors
/// When reading fails, or the sink's `progress` says `Break`. What is wrong with the capture itself is
/// no error: it stands in the summary.
pub fn read(
    mut bytes: impl Read,
    keylog: Option<&str>,
    options: CaptureOptions,
    sink: &mut dyn CaptureSink,
) -> Result<CaptureSummary, CaptureError> {
    let mut decoder = CaptureDecoder::new(keylog, options);
    let mut piece = vec![0; PIECE];
    let mut done = 0_u64;
    loop {
        let len = match bytes.read(&mut piece) {
            Ok(0) => break,
            Ok(len) => len,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e.into()),
        };
        decoder.push(piece.get(..len).unwrap_or_default(), sink);
        done += len as u64;
        if sink.progress(done).is_break() {
            return Err(CaptureError::Stopped);
        }
    }
    Ok(decoder.finish(sink))
}
