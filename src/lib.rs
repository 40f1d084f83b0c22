//! Handlens finds out why an embedded device's TLS handshake fails.
//!
//! # Architecture
//!
//! One way through the house; data flows left to right only:
//!
//! ```text
//!  bytes in        meaning out      joined         judged            shown
//!  transport   →   decode       →   timeline   →   diagnose      →   ui
//!  recording                        (attempts,     (facts →          report
//!                                    two lanes)     causes, tree)    cli
//! ```
//!
//! * [`evidence`]: the types that all rooms hand on: lanes, times, origins, observations, facts.
//! * [`tls`]: the protocol's vocabulary, newtypes over numbers, so that unknown values survive.
//! * [`transport`]: ports, files, pasted text, simulated devices become chunks of bytes.
//! * [`recording`]: every chunk is on disk before it is decoded; replay of it.
//! * [`knowledge`]: `assets/` and the user's folder, loaded and checked.
//! * [`cert`]: files → certificates, keys, sizes, chain, names, fit against a device.
//! * [`device`]: profiles and configurations → abilities and limits with sources.
//! * [`codes`]: any code as people write it → every meaning of it.
//! * [`decode`]: chunks → observations; one file a dialect; no I/O, any split.
//! * [`capture`]: pcap and pcapng → the same observations, from the wire.
//! * [`timeline`]: observations → attempts, steps on two lanes, and the facts they prove.
//! * [`diagnose`]: facts → phase, eliminations, ranked causes, state of the guided tree.
//! * [`server`]: host and port → what the server offers, sends and demands; two engines.
//! * [`session`]: the live driver: threads, jobs, recompute, save and open.
//! * [`report`]: a session as HTML, Markdown or JSON; redaction.
//! * [`cli`]: the headless commands.
//! * `ui` (feature `gui`): the window; nothing is parsed or decided there.
//!
//! Which room may import which stands once, in `tests/architecture.rs`. Every value on the right
//! can point back to what proves it on the left ([`evidence::Origin`]). Timeline and findings are
//! always rebuilt from the bytes: there is no other truth to lose.

pub mod capture;
pub mod cert;
pub mod cli;
pub mod codes;
pub mod decode;
pub mod device;
pub mod diagnose;
pub mod evidence;
pub mod knowledge;
pub mod recording;
pub mod report;
pub mod server;
pub mod session;
pub mod timeline;
pub mod tls;
pub mod transport;
#[cfg(feature = "gui")]
pub mod ui;
