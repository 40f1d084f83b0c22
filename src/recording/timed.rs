//! The simplest format with times, as a small capture tool can write it: for each read
//! `[u64 LE microseconds since the start][u32 LE length][bytes]`, nothing else.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::evidence::{Chunk, ChunkDirection, Micros};

/// Why such a file could not be converted. The text is the sentence for the person.
#[derive(Debug, thiserror::Error)]
pub enum TimedError {
    /// The bytes do not end with a whole entry.
    #[error("The timed file is cut off: the entry at byte {offset} is not whole.")]
    Torn {
        /// Where the entry starts, in bytes.
        offset: usize,
    },
    /// The recording cannot be written; existing files are never overwritten.
    #[error("{path} cannot be written: {source}. Choose another name.")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Reads the entries. `started_us`: the moment of time 0, microseconds since 1970 UTC.
///
/// # Errors
/// The last entry is not whole.
pub fn read_timed(timed: &[u8], started_us: Micros) -> Result<Vec<Chunk>, TimedError> {
    let mut chunks = Vec::new();
    let mut rest = timed;
    while !rest.is_empty() {
        let torn = TimedError::Torn {
            offset: timed.len() - rest.len(),
        };
        let Some((time, after)) = rest.split_first_chunk::<8>() else {
            return Err(torn);
        };
        let Some((len, after)) = after.split_first_chunk::<4>() else {
            return Err(torn);
        };
        let Some((bytes, after)) = after.split_at_checked(u32::from_le_bytes(*len) as usize) else {
            return Err(torn);
        };
        rest = after;
        let at = Micros::try_from(u64::from_le_bytes(*time)).unwrap_or(Micros::MAX);
        if !bytes.is_empty() {
            chunks.push(Chunk {
                at,
                received_us: started_us.saturating_add(at),
                live: true,
                direction: ChunkDirection::FromDevice,
                bytes: bytes.to_vec(),
            });
        }
    }
    Ok(chunks)
}

/// Converts entries into a recording of `port` at `out`; returns the number of chunks.
///
/// # Errors
/// The last entry is not whole, `out` exists or cannot be written.
pub fn convert_timed(
    timed: &[u8],
    started_us: Micros,
    port: &str,
    line: &str,
    out: &Path,
) -> Result<usize, TimedError> {
    let chunks = read_timed(timed, started_us)?;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(out)
        .and_then(|mut file| {
            file.write_all(&super::encode_recording(port, line, &chunks))?;
            file.sync_all()
        })
        .map_err(|source| TimedError::Write {
            path: out.to_owned(),
            source,
        })?;
    Ok(chunks.len())
}
