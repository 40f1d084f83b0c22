//! The forms that secrets and identities take in logs. One table; the group `secret` is what is
//! blanked, everything around it stays.

use std::sync::LazyLock;

use regex::Regex;

/// One form of one kind of secret.
pub(super) struct Class {
    /// What it is, as the manifest says.
    pub what: &'static str,
    /// The form.
    pub pattern: Regex,
}

#[allow(clippy::expect_used)] // constant patterns, all compiled by a test
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("constant pattern")
}

fn classes(table: &[(&'static str, &str)]) -> Vec<Class> {
    table
        .iter()
        .map(|(what, pattern)| Class {
            what,
            pattern: regex(pattern),
        })
        .collect()
}

/// Session secrets: whoever has them reads the traffic. Labels of the NSS key log format, lines
/// of `openssl s_client`, and debug output of stacks.
pub(super) static ALWAYS: LazyLock<Vec<Class>> = LazyLock::new(|| {
    classes(&[
        (
            "session secret",
            r"\b(?:CLIENT_RANDOM|RSA|CLIENT_EARLY_TRAFFIC_SECRET|CLIENT_HANDSHAKE_TRAFFIC_SECRET|SERVER_HANDSHAKE_TRAFFIC_SECRET|CLIENT_TRAFFIC_SECRET_\d+|SERVER_TRAFFIC_SECRET_\d+|EARLY_EXPORTER_SECRET|EXPORTER_SECRET)[ \t]+[0-9A-Fa-f]{16,64}[ \t]+(?P<secret>[0-9A-Fa-f]{32,192})",
        ),
        (
            "session secret",
            r"(?i)\b(?:pre-?)?master[-_ ]?(?:secret|key)[\x22']?[ \t]*[:=][ \t]*(?P<secret>(?:[0-9A-F]{2}[ :]?){16,})",
        ),
        (
            "session secret",
            r"(?i)\b(?:resumption psk|resumption master secret|traffic secret|shared secret)[ \t]*[:=][ \t]*(?P<secret>(?:[0-9A-F]{2}[ :]?){16,})",
        ),
    ])
});

/// Passwords, tokens and pre-shared keys.
pub(super) static SECRETS: LazyLock<Vec<Class>> = LazyLock::new(|| {
    classes(&[
        (
            "pre-shared key",
            r"(?i)\bpsk(?:[-_ ]?(?:key|hex|value))?[\x22']?[ \t]*[:=][ \t]*[\x22']?(?P<secret>(?:0x)?[0-9A-F]{8,128})\b",
        ),
        (
            "pre-shared key",
            r"(?i)\bpre-?shared[ _-]?key[\x22']?[ \t]*[:=][ \t]*[\x22']?(?P<secret>[^\x22'\s,;]{4,})",
        ),
        (
            "pre-shared key",
            r"(?i)(?:\s|^)-psk[ =](?P<secret>[0-9A-F]{8,128})\b",
        ),
        (
            "Wi-Fi password",
            r#"(?i)\bAT\+CWJAP(?:_CUR|_DEF)?="[^"\r\n]*","(?P<secret>(?:[^"\\\r\n]|\\.)+)""#,
        ),
        (
            "Wi-Fi password",
            r"(?i)\bwifi_wpa_psk_text[ ,=]+(?P<secret>\S+)",
        ),
        (
            "Wi-Fi password",
            r"(?i)\b(?:wpa(?:2|3)?[-_ ]?(?:psk|pass(?:word|phrase)?)|wifi[-_ ]?(?:pass(?:word|wd)?|pwd|key|psk)|CONFIG_[A-Z0-9_]*WIFI[A-Z0-9_]*PASS(?:WORD)?)[\x22']?[ \t]*[:=,][ \t]*[\x22']?(?P<secret>[^\x22'\s,;]{4,})",
        ),
        (
            "password",
            r#"(?i)\bAT\+(?:QMTCONN|CGAUTH|QICSGP|CSTT|UPSDA?|UMQTT|SQNSMQTTCFG|KCNXCFG)=[^\r\n]*"[^\r\n]*,[ \t]*"(?P<secret>[^"\r\n]+)"(?:,\d+)?"#,
        ),
        (
            "token",
            r"(?i)\bauthorization[\x22']?[ \t]*[:=][ \t]*[\x22']?(?:bearer|basic|digest|token)[ \t]+(?P<secret>[^\x22'\r\n]+)",
        ),
        (
            "token",
            r"(?i)\bbearer[ \t]+(?P<secret>[A-Za-z0-9._~+/=-]{8,})",
        ),
        (
            "token",
            r"(?P<secret>\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?)",
        ),
        (
            "token",
            r"(?i)\bSharedAccessSignature[ \t]+(?P<secret>s[a-z]{1,2}=[^\x22'\s]+)",
        ),
        (
            "token",
            r"(?i)\bSharedAccessKey[ \t]*=[ \t]*(?P<secret>[A-Za-z0-9+/=%]{8,})",
        ),
        (
            "token",
            r"(?i)[?&;](?:sig|signature|x-amz-signature|x-amz-security-token|access_token|api_?key|token)=(?P<secret>[^&\x22'\s]{8,})",
        ),
        ("AWS key", r"(?P<secret>\b(?:AKIA|ASIA)[0-9A-Z]{16}\b)"),
        (
            "AWS key",
            r"(?i)\baws_?(?:secret_?access_?key|session_?token)[\x22']?[ \t]*[:=][ \t]*[\x22']?(?P<secret>[A-Za-z0-9+/=]{16,})",
        ),
        (
            "token",
            r"(?P<secret>\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|AIza[\w-]{30,}|sk_live_\w{16,}))",
        ),
        (
            "password",
            r"(?i)\b[a-z][a-z0-9+.-]*://[^\s/:@\x22']*:(?P<secret>[^\s/@\x22']+)@",
        ),
        (
            "password",
            r#"(?i)\b[a-z0-9_]*(?:password|passwd|passphrase|pwd)[\x22']?[ \t]*(?:[:=]|=>|\bis\b)[ \t]*(?:"(?P<secret>[^"\r\n]+)")"#,
        ),
        (
            "password",
            r"(?i)\b[a-z0-9_]*(?:password|passwd|passphrase|pwd)[\x22']?[ \t]*(?:[:=]|=>|\bis\b)[ \t]*[\x22']?(?P<secret>[^\x22'\s,;]{2,})",
        ),
        (
            "token",
            r"(?i)\b(?:api[-_ ]?key|client[-_ ]?secret|access[-_ ]?token|auth[-_ ]?token|device[-_ ]?key|primary[-_ ]?key|secret[-_ ]?key)[\x22']?[ \t]*[:=][ \t]*[\x22']?(?P<secret>[^\x22'\s,;]{6,})",
        ),
    ])
});

/// Who the device or its owner is.
pub(super) static IDENTITIES: LazyLock<Vec<Class>> = LazyLock::new(|| {
    classes(&[
        (
            "IMEI",
            r"(?i)\bIMEI(?:SV)?[\x22']?[ \t]*[:=,]?[ \t]*[\x22']?(?P<secret>\d{14,16})\b",
        ),
        (
            "IMEI",
            r"(?i)\+(?:CGSN|GSN):[ \t]*\x22?(?P<secret>\d{14,16})",
        ),
        ("ICCID", r"(?P<secret>\b89\d{16,18}F?\b)"),
        (
            "ICCID",
            r"(?i)\bICC-?ID[\x22']?[ \t]*[:=,]?[ \t]*[\x22']?(?P<secret>[0-9A-F]{18,22})\b",
        ),
        (
            "IMSI",
            r"(?i)(?:\bIMSI|\+CIMI)[\x22']?[ \t]*[:=,]?[ \t]*[\x22']?(?P<secret>\d{14,15})\b",
        ),
        (
            "serial number",
            r"(?i)\b(?:device|module|board|chip|hardware)[-_ ]?(?:serial(?:[-_ ]?(?:number|no\.?))?|s/?n)[\x22']?[ \t]*[:=][ \t]*[\x22']?(?P<secret>[A-Z0-9-]{4,})",
        ),
        (
            "MAC address",
            r"(?i)\bmac(?:[-_ ]?addr(?:ess)?)?[\x22']?[ \t]*[:=]?[ \t]*[\x22']?(?P<secret>(?:[0-9A-F]{2}[:-]){5}[0-9A-F]{2})\b",
        ),
    ])
});

/// Fifteen digits that stand alone.
pub(super) static LUHN15: LazyLock<Regex> = LazyLock::new(|| regex(r"\b\d{15}\b"));

/// Four numbers with dots.
pub(super) static IPV4: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b"));

/// Groups of hex digits with colons, at least two colons.
pub(super) static IPV6: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)(?:\b[0-9a-f]{1,4}|:):(?:[0-9a-f]{0,4}:)*[0-9a-f]{0,4}"));

/// Labels with dots that end in letters.
pub(super) static HOST: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)\b(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}\b"));

/// A dump or a big number that holds a secret of the session. Names as Mbed TLS prints them.
pub(super) static DUMP_HEAD: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)(?:dumping|value of) '[^'\r\n]*(?:secret|psk|key ?block|keyblk|(?:en|de)c(?:ryption)? key|write_key|premaster|_key\b|DHM: (?:K|X) ?|ECDH: [zd]\b)[^'\r\n]*'",
    )
});

/// A row of such a dump: an offset or a prefix, then hex.
pub(super) static DUMP_ROW: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)(?:[0-9a-f]{4}:[ \t]+|^|[: ][ \t]*)(?P<secret>(?:[0-9a-f]{2}[ \t]+){1,}[0-9a-f]{2}\b.*)",
    )
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_patterns_compile_and_name_their_secret() {
        for class in ALWAYS.iter().chain(SECRETS.iter()).chain(IDENTITIES.iter()) {
            assert!(
                class
                    .pattern
                    .capture_names()
                    .flatten()
                    .any(|n| n == "secret"),
                "{}",
                class.pattern
            );
        }
        for pattern in [&*LUHN15, &*IPV4, &*IPV6, &*HOST, &*DUMP_HEAD, &*DUMP_ROW] {
            assert!(!pattern.as_str().is_empty());
        }
    }
}
