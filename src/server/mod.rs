//! The server's side, asked as the device would ask it.
//!
//! A host and a port come in; what the server offers, sends and demands goes out. Two engines,
//! always named: the raw one sends any `ClientHello` and reads the server's first flight in the clear;
//! the library one completes a handshake with rustls. Connects only where the user said. This room
//! must not know sessions, logs or the window, and keeps no keys.

mod build_hello;
mod by_hand;
mod chain;
mod clear_alert;
mod device_hello;
mod dns;
mod exchange;
mod facts;
mod files;
mod flight;
mod fragments;
mod key_check;
mod key_share;
mod library;
mod library_run;
mod naming;
mod not_tls;
mod offer;
mod overlap;
mod path;
pub mod predict;
mod probe;
mod prober;
mod question;
mod reach;
mod recorder;
mod reply;
mod resumption;
mod sentences;
mod stage;
mod starttls;
mod survey;
mod target;
mod waiting;

pub use by_hand::{ByHand, by_hand};
pub use chain::{CertificateSeen, hexadecimal, see_chain};
pub use device_hello::{DeviceHello, known_devices, known_hellos};
pub use dns::{Alias, DnsAnswer, DnsTrouble, dns_server};
pub use exchange::Limits;
pub use facts::probe_facts;
pub use files::{read_certificates, read_hello, read_identity};
pub use fragments::{FragmentTry, Verdict};
pub use key_check::{Checked, KeyCheck, check_key_exchange};
pub use library::{
    ClientDemand, Identity, LibraryEnding, LibraryQuestion, LibraryReply, ask_library,
};
pub use naming::{NameKind, NameTry};
pub use not_tls::NotTls;
pub use offer::{Extensions, Offer, Order};
pub use overlap::{Overlap, OverlapRow, SideSuites, common_version};
pub use path::PathSeen;
pub use probe::{DeviceReply, NameChoice, Probe, ProbeQuestion, probe};
pub use prober::{Manners, Progress, Refusals, Stop};
pub use reach::AddressTry;
pub use recorder::StrictRefusal;
pub use reply::{Ending, RecordSeen, Reply, StepSeen};
pub use resumption::Resumption;
pub use sentences::{name_text, scheme_name};
pub use stage::Stage;
pub use starttls::StartTls;
pub use target::{Target, TargetError};
