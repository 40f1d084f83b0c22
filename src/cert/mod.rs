//! Certificates: reading them in any form, measuring them, checking them against names, times,
//! each other and a device.
//!
//! Files or bytes come in; [`CertFile`]s with [`Certificate`]s go out, and on top of them the chain,
//! the pairs, the name check of each stack, the fit against a device, and the facts that the
//! diagnosis reads. This room must not know sessions, logs or the window, and keeps nothing of a
//! private key but its kind, size, format and the hash of its public half.

mod certificate;
mod chain;
mod clocks;
mod compare;
mod constraints;
mod crl;
mod dates;
mod export;
mod extensions;
mod facts;
mod file;
mod fit;
mod inspect;
mod lint;
mod name_check;
mod name_look;
mod names;
mod oids;
mod pairs;
mod path;
mod problem;
mod public_key;
mod public_suffix;
mod read;
mod rebuild;
mod reduce;
mod roots;
mod signature;
mod size_map;
mod sizes;
mod tables;
mod tlv;
mod trust;
mod view;

pub use certificate::{Certificate, END_OF_32_BIT_TIME, Moment, Serial};
pub use chain::{Chain, ChainOrder, Missing, Strand, chain, chain_and_strands, could_issue};
pub use clocks::{Clock, clocks};
pub use compare::{Against, Change, CompareSide, Compared, Comparison, FieldBytes, Weight};
pub use crl::Crl;
pub use dates::{Validity, validity, validity_32_bit};
pub use export::{
    ExportError, ExportFile, ExportForm, ExportWish, Script, armour, export, export_with, scripts,
    stored_fit, write as write_export,
};
pub use extensions::{Extension, Extensions};
pub use facts::{FactContext, facts};
pub use file::{CertFile, Content, Encoding, Object, PrivateKey, Request};
pub use fit::{Fit, FitVerdict, Takes, fit, signature_hash};
pub use inspect::{Inspection, NotSent, Question, Statement};
pub use lint::{Lint, LintList, Profile, lints};
pub use name_check::{NameCheck, NameVerdict, name_checks};
pub use name_look::{LONGEST_COMMON_NAME, NameLook, name_look};
pub use names::{AltName, Attribute, DistinguishedName, address_text};
pub use pairs::{ObjectPlace, Pair, PairVerdict, pairs};
pub use path::{
    PATH_ENGINE, PathCheck, PathUse, STRICT_ENGINE, StrictPath, StrictQuestion, check_path,
    check_strictly, name_matches,
};
pub use problem::{Problem, Severity};
pub use public_key::PublicKey;
pub use read::{Passwords, read, read_private_key, read_with};
pub use reduce::{Reduction, chain_reductions, names_that_fit, reductions, size_with_names};
pub use roots::{PlatformRoots, platform_roots};
pub use signature::{SIGNATURE_ENGINE, SignatureCheck, check_signature};
pub use size_map::{SizeNode, flat, measure};
pub use sizes::{
    RECORD_PAYLOAD, SEGMENT, certificate_message_13_bytes, certificate_message_bytes, pem_bytes,
    record_bytes,
};
pub use tables::CertTables;
pub use trust::{Sides, is_self_signed_server, is_trust};
