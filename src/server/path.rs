//! What the system knows of the path of a connection: the segments that fit, and the path's MTU.
//!
//! In: a connected socket. Out: [`PathSeen`]; what this system does not tell stays unknown.

use std::net::TcpStream;

use serde::{Deserialize, Serialize};

/// Sizes of a TCP connection as the system tells them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathSeen {
    /// Largest segment that is sent on it, in bytes (`TCP_MAXSEG`): what both ends announced and the
    /// path takes, without the options of each segment.
    pub mss: Option<u32>,
    /// MTU of the path as known so far, in bytes (`IP_MTU`; IPv4 on Linux).
    pub path_mtu: Option<u32>,
}

impl PathSeen {
    /// Asks the system.
    #[cfg(unix)]
    pub(super) fn of(stream: &TcpStream) -> Self {
        use nix::sys::socket::{getsockopt, sockopt};
        use std::os::fd::AsRawFd;
        let socket = stream.as_raw_fd();
        Self {
            mss: getsockopt(socket, sockopt::TcpMaxSeg).ok(),
            #[cfg(any(target_os = "linux", target_os = "android"))]
            path_mtu: getsockopt(socket, sockopt::IpMtu)
                .ok()
                .and_then(|n| u32::try_from(n).ok()),
            #[cfg(not(any(target_os = "linux", target_os = "android")))]
            path_mtu: None,
        }
    }

    /// This system does not tell.
    #[cfg(not(unix))]
    pub(super) fn of(_: &TcpStream) -> Self {
        Self::default()
    }

    /// Such as `MSS 1,448 bytes, path MTU 1,500 bytes`; `None` where nothing is known.
    #[must_use]
    pub fn words(self) -> Option<String> {
        let mut parts = Vec::new();
        if let Some(mss) = self.mss {
            parts.push(format!("MSS {mss} bytes"));
        }
        if let Some(mtu) = self.path_mtu {
            parts.push(format!("path MTU {mtu} bytes"));
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}
