//! Reads a configuration of Mbed TLS: a header (`config.h`, `mbedtls_config.h`, a user's header on top of
//! it), an `sdkconfig` of ESP-IDF, a `prj.conf` of Zephyr, the header that either generates, and the `mbedtls_ssl_conf_…` calls of a C file.
//!
//! In: the text. Out: [`ConfigReading`]: what is defined, the limits and abilities that follow as a
//! [`DeviceProfile`] with the line as source, the traps, and the calls. What the library then does with
//! it is worked out by [`super::Build`].

mod calls;
mod constant;
mod header;
mod kconfig;
mod profile;
mod traps;

use super::profile::DeviceProfile;
pub(crate) use calls::suite;
pub use calls::{Calls, Setting, VerifyMode};
pub(crate) use constant::number;
pub use traps::Trap;

/// One macro that is defined, or undefined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Define {
    /// Its name; of an `sdkconfig` without `CONFIG_`.
    pub name: String,
    /// Its value, without comment; empty for a plain switch.
    pub value: String,
    /// Line of the file, counted from 1.
    pub line: u32,
}

/// What a configuration says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigReading {
    /// Name of the file, as shown.
    pub name: String,
    /// `CONFIG_…` symbols and not a header.
    pub sdkconfig: bool,
    /// The menu system, `esp-idf` or `zephyr`, where it is no header.
    pub system: Option<&'static str>,
    /// The header that the menu system generated: what it does not define is off.
    pub generated: bool,
    /// The file configures a whole TLS library, so that what is missing is off.
    pub complete: bool,
    /// What is defined, in the order of the file.
    pub defines: Vec<Define>,
    /// What is undefined, or "not set".
    pub undefined: Vec<Define>,
    /// Largest payload of an incoming record in bytes, and its line where it is set here.
    pub in_content_len: Option<(u64, Option<u32>)>,
    /// Largest payload of an outgoing record in bytes, and its line where it is set here.
    pub out_content_len: Option<(u64, Option<u32>)>,
    /// Settings that do something else than they seem to.
    pub traps: Vec<Trap>,
    /// Limits and abilities.
    pub profile: DeviceProfile,
    /// Calls of a C file that set the same at run time.
    pub calls: Calls,
}

impl ConfigReading {
    /// The macro of this name, if it is defined.
    #[must_use]
    pub fn define(&self, name: &str) -> Option<&Define> {
        self.defines.iter().find(|d| d.name == name)
    }

    /// Does the file say anything about Mbed TLS?
    #[must_use]
    pub fn is_about_mbedtls(&self) -> bool {
        !self.calls.is_empty()
            || self.defines.iter().chain(&self.undefined).any(|d| {
                ["MBEDTLS_", "PSA_WANT_", "TF_PSA_CRYPTO_"]
                    .iter()
                    .any(|start| d.name.starts_with(start))
            })
    }

    fn number(&self, name: &str) -> Option<(u64, Option<u32>)> {
        let define = self.define(name)?;
        let number = u64::try_from(number(&define.value)?).ok()?;
        Some((number, Some(define.line)))
    }
}

/// Reads a configuration shown as `name`.
#[must_use]
pub fn read_config(name: &str, text: &str) -> ConfigReading {
    let sdkconfig = kconfig::is_kconfig(text);
    let read = if sdkconfig {
        kconfig::read_kconfig(text)
    } else {
        header::read_header(text)
    };
    let mut config = ConfigReading {
        name: name.to_owned(),
        sdkconfig,
        generated: sdkconfig && kconfig::is_generated(text),
        system: sdkconfig.then(|| kconfig::system(&read)),
        defines: read.defines,
        undefined: read.undefined,
        calls: if sdkconfig {
            Calls::default()
        } else {
            calls::read_calls(text)
        },
        ..ConfigReading::default()
    };
    config.complete = !sdkconfig
        && (config.define("MBEDTLS_SSL_TLS_C").is_some()
            || config.define("MBEDTLS_X509_CRT_PARSE_C").is_some());
    let whole = config.number("MBEDTLS_SSL_MAX_CONTENT_LEN");
    // Stock value where a whole header sets none (config.h, mbedtls_config.h).
    let stock = config.complete.then_some((16_384, None));
    config.in_content_len = config
        .number("MBEDTLS_SSL_IN_CONTENT_LEN")
        .or(whole)
        .or(stock);
    config.out_content_len = config
        .number("MBEDTLS_SSL_OUT_CONTENT_LEN")
        .or(whole)
        .or(stock);
    config.profile = profile::profile(name, &config);
    config.traps = traps::traps(&config);
    config
}

fn line_number(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::device::LimitKind;

    const HEADER: &str = "/* ours\n#define MBEDTLS_NOT_THIS\n*/\n\
        #define MBEDTLS_SSL_TLS_C\n#define MBEDTLS_SSL_KEEP_PEER_CERTIFICATE 0\n\
        //#define MBEDTLS_DES_C\n#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0 // saves memory\n\
        #define MBEDTLS_PLATFORM_MEMORY\n#define MBEDTLS_ECP_DP_SECP256R1_ENABLED\n\
        #define MBEDTLS_SSL_CIPHERSUITES \\\n   MBEDTLS_A, \\\n   MBEDTLS_B\n\
        #define MBEDTLS_SSL_MAX_CONTENT_LEN 1024\n#define MBEDTLS_AES_C\n#undef MBEDTLS_AES_C\n";

    #[test]
    fn zero_is_on_for_switches_and_a_value_for_numbers() {
        let config = read_config("config.h", HEADER);
        let zero: Vec<(&str, u32)> = config
            .traps
            .iter()
            .filter(|t| t.id == "config.zero_means_on")
            .map(|t| (t.name.as_str(), t.line))
            .collect();
        assert_eq!(zero, [("MBEDTLS_SSL_KEEP_PEER_CERTIFICATE", 5)]);
    }

    #[test]
    fn comments_continuations_and_undef_are_read() {
        let config = read_config("config.h", HEADER);
        for absent in ["MBEDTLS_NOT_THIS", "MBEDTLS_DES_C", "MBEDTLS_AES_C"] {
            assert_eq!(config.define(absent), None, "{absent}");
        }
        assert_eq!(
            config.define("MBEDTLS_SSL_CIPHERSUITES").unwrap().value,
            "MBEDTLS_A, MBEDTLS_B"
        );
        assert_eq!(config.in_content_len, Some((1024, Some(13))));
        let record = config.profile.limits_of(LimitKind::RecordBytes).next();
        assert_eq!(
            record.map(|l| (l.at_most.clone(), l.source.as_str())),
            Some((
                vec![1024],
                "MBEDTLS_SSL_MAX_CONTENT_LEN, line 13 of config.h"
            ))
        );
        assert!(
            config
                .traps
                .iter()
                .any(|t| t.id == "config.calloc_must_zero")
        );
    }

    #[test]
    fn an_sdkconfig_is_read_by_its_own_rules() {
        let config = read_config(
            "sdkconfig",
            "# CONFIG_MBEDTLS_DEBUG is not set\nCONFIG_MBEDTLS_SSL_IN_CONTENT_LEN=4096\nCONFIG_MBEDTLS_DYNAMIC_BUFFER=y\nCONFIG_X=n\n",
        );
        assert!(config.sdkconfig);
        assert_eq!(config.in_content_len, Some((4096, Some(2))));
        assert_eq!(config.define("X"), None);
        assert!(config.define("MBEDTLS_DYNAMIC_BUFFER").is_some());
    }
}
