//! What a device can do and take: profiles with a source for every figure, and profiles read from a
//! configuration.
//!
//! `assets/devices` (and the user's folder of the same layout), an Mbed TLS configuration header or
//! an `sdkconfig` come in; [`DeviceProfile`]s and the facts that they state go out. This room must
//! not know certificates, logs or the window. A figure without a source does not exist.

mod build;
mod config;
mod edit;
mod facts;
mod list;
mod profile;

pub use build::{Buffers, Build, Generation, Macros, Sends, generations};
pub use config::{Calls, ConfigReading, Define, Setting, Trap, VerifyMode, read_config};
pub use edit::{EditError, Figure, check_id, read_profile, save_profile};
pub use facts::facts;
pub use list::{DeviceList, ProfileProblem};
pub use profile::{Ability, DeviceProfile, Hint, Limit, LimitKind, SuitesOffered};
