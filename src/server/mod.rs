//! The server's side, asked as the device would ask it.
//!
//! A host and a port come in; what the server offers, sends and demands goes out. Two engines,
//! always named: the raw one sends any ClientHello and reads the server's first flight in the clear;
//! the library one completes a handshake with rustls. Connects only where the user said. This room
//! must not know sessions, logs or the window, and keeps no keys.

mod exchange;
mod flight;
mod key_share;
mod not_tls;
mod offer;
mod prober;
mod question;
mod reply;
mod starttls;
mod target;

pub use exchange::Limits;
pub use not_tls::NotTls;
pub use offer::{Extensions, Offer, Order, survey};
pub use prober::{Manners, Prober, Progress, Stop};
pub use reply::{Ending, RecordSeen, Reply, StepSeen};
pub use starttls::StartTls;
pub use target::{Target, TargetError};
