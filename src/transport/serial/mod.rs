//! Serial ports: list, settings, the thread that owns a port, the wrong-speed detector.
//!
//! Comes in: a port's path and line settings. Goes out: [`super::SourceEvent`]s. It must not know
//! what the bytes mean, except whether they look like any text at all.
//!
//! Tried on Linux against pseudo-terminals. Written for Windows and macOS as well, but not tried
//! there; nor have the control lines of a real adapter been measured.

mod open;
mod outgoing;
mod pins;
mod port;
mod ports;
mod settings;
pub mod speed;

pub use open::OpenError;
pub use port::open;
#[cfg(target_os = "linux")]
pub(super) use port::{Simulated, run_simulated};
pub use ports::{PortInfo, UsbInfo, list_ports};
pub use settings::{FlowControl, LineSettings, LineSettingsError, Parity, PortSettings};
