//! What single macros of an Mbed TLS configuration mean, and the traps among them.
//!
//! In: the defined macros. Out: [`Trap`]s. Knows the documented meaning of the library's options
//! (`config.h`, `mbedtls_config.h`, `check_config.h`).

use super::config::ConfigReading;

/// A setting that does something else than it seems to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// Id such as `config.zero_means_on`.
    pub id: &'static str,
    /// The macro.
    pub name: String,
    /// Line of the file, counted from 1; 0 for a macro that is missing.
    pub line: u32,
    /// One sentence.
    pub sentence: String,
    /// Where the library or its documents say so.
    pub source: &'static str,
}

/// Endings of the options that are numbers; all others are tested with `#if defined`.
const NUMBER_ENDINGS: [&str; 24] = [
    "_SIZE",
    "_LEN",
    "_BITS",
    "_OPTIM",
    "_INTERVAL",
    "_THRESHOLD",
    "_LIFETIME",
    "_TIMEOUT",
    "_ENTRIES",
    "_INTERMEDIATE_CA",
    "_SOURCES",
    "_BUFFERING",
    "_MULTIPLE",
    "_GATHER",
    "_INPUT",
    "_REQUEST",
    "_REQUEST_MAX",
    "_INPUT_MAX",
    "_PADDING_GRANULARITY",
    "_TOLERANCE",
    "_AGE",
    "_SLOT_COUNT",
    "_TICKETS",
    "_COMPAT",
];

/// Is this option a number, so that 0 is a value and not "on"?
fn is_number(name: &str) -> bool {
    NUMBER_ENDINGS.iter().any(|ending| name.ends_with(ending))
        || name.contains("_PLATFORM_STD_")
        || name.contains("_MACRO")
}

pub(super) fn traps(config: &ConfigReading) -> Vec<Trap> {
    let mut out = zero_means_on(config);
    if !config.complete {
        return out;
    }
    let defined = |name: &str| config.define(name);
    let missing = |name: &str| config.define(name).is_none();
    let mut trap = |id, name: &str, line, sentence: String, source| {
        out.push(Trap {
            id,
            name: name.to_owned(),
            line,
            sentence,
            source,
        });
    };
    if let Some((bytes, line)) = config.in_content_len.filter(|(n, _)| *n < 16_384) {
        trap(
            "config.content_len_small",
            "MBEDTLS_SSL_IN_CONTENT_LEN",
            line.unwrap_or(0),
            format!(
                "Records of more than {bytes} bytes are refused (-0x7200). A server sends up to 16,384 unless it honours max_fragment_length."
            ),
            "Mbed TLS ssl_tls.c, ssl_msg.c; RFC 6066 section 4",
        );
    }
    if let Some(d) = defined("MBEDTLS_PLATFORM_MEMORY")
        && missing("MBEDTLS_MEMORY_BUFFER_ALLOC_C")
    {
        trap(
            "config.calloc_must_zero",
            "MBEDTLS_PLATFORM_MEMORY",
            d.line,
            "The application supplies calloc and free. Memory that is not zeroed breaks the big-number arithmetic: signatures and points come out wrong.".into(),
            "Mbed TLS platform.h; bignum.c (mbedtls_mpi_grow); https://github.com/Mbed-TLS/mbedtls/issues/8982",
        );
    }
    if missing("MBEDTLS_SELF_TEST") {
        trap(
            "config.no_self_test",
            "MBEDTLS_SELF_TEST",
            0,
            "The self tests are not built. mbedtls_mpi_self_test and mbedtls_ecp_self_test tell in a minute whether the arithmetic works on this target.".into(),
            "Mbed TLS config.h, MBEDTLS_SELF_TEST",
        );
    }
    if missing("MBEDTLS_ERROR_C") {
        trap(
            "config.no_error_texts",
            "MBEDTLS_ERROR_C",
            0,
            "Errors are printed as numbers only.".into(),
            "Mbed TLS config.h, MBEDTLS_ERROR_C",
        );
    }
    if missing("MBEDTLS_DEBUG_C") {
        trap(
            "config.no_debug",
            "MBEDTLS_DEBUG_C",
            0,
            "No debug line can be printed by this build.".into(),
            "Mbed TLS config.h, MBEDTLS_DEBUG_C",
        );
    }
    if missing("MBEDTLS_HAVE_TIME_DATE") {
        trap(
            "config.no_date_check",
            "MBEDTLS_HAVE_TIME_DATE",
            0,
            "Validity dates of certificates are not checked.".into(),
            "Mbed TLS config.h, MBEDTLS_HAVE_TIME_DATE",
        );
    }
    if let Some(d) = defined("MBEDTLS_SSL_SRV_RESPECT_CLIENT_PREFERENCE") {
        trap(
            "config.client_order",
            "MBEDTLS_SSL_SRV_RESPECT_CLIENT_PREFERENCE",
            d.line,
            "As a server this build follows the client's order of cipher suites, not its own."
                .into(),
            "Mbed TLS 2.x ssl_srv.c",
        );
    }
    if let Some(d) = defined("MBEDTLS_NO_PLATFORM_ENTROPY")
        && missing("MBEDTLS_ENTROPY_HARDWARE_ALT")
    {
        trap(
            "config.no_entropy",
            "MBEDTLS_NO_PLATFORM_ENTROPY",
            d.line,
            "There is no strong source of entropy; seeding fails with -0x0040.".into(),
            "Mbed TLS entropy.c",
        );
    }
    out
}

fn zero_means_on(config: &ConfigReading) -> Vec<Trap> {
    if config.sdkconfig {
        return Vec::new();
    }
    config
        .defines
        .iter()
        .filter(|d| d.name.starts_with("MBEDTLS_") && d.value == "0" && !is_number(&d.name))
        .map(|d| Trap {
            id: "config.zero_means_on",
            name: d.name.clone(),
            line: d.line,
            sentence: format!(
                "#define {} 0 switches it on: the library tests it with #if defined. Comment the line out to switch it off.",
                d.name
            ),
            source: "Mbed TLS library sources: boolean options are tested with #if defined",
        })
        .collect()
}
