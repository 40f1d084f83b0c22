//! Any code as people write it, and every meaning of it, per stack and version.
//!
//! In: texts such as `-0x7280`, `alert 46`, `state 12`, `0xC030`, and numbers that a decoder found
//! in a log. Out: [`Explained`], most plausible meaning first, and names for decoders. The tables
//! are `assets/codes/` (see [`crate::knowledge::codes`]) and the vocabulary of [`crate::tls`]. Must
//! not know sessions, logs or the window.

mod asked;
mod check;
mod describe;
mod explain;
mod literal;
mod mbedtls;
mod meaning;
mod names;
mod numbers;
mod spoken;
mod stacks;
mod topic;

pub use check::{check, check_tables};
pub use explain::{WHAT_CAN_BE_ASKED, explain, explain_arguments};
pub use mbedtls::{
    MeaningChange, alert_for_verify_flags, mbedtls_error_names, mbedtls_meaning_changed,
    mbedtls_nearest_version, mbedtls_state_name, mbedtls_state_number, mbedtls_state_number_in,
    mbedtls_version_anchors, mbedtls_version_of, signed_code, verify_flag_names,
};
pub use meaning::{Explained, Kind, Meaning, StackHint, Unknown};
pub use spoken::{SpokenCode, shown_code, spoken_code};
