//! Names that decoders of Mbed TLS logs ask for.

use handlens::codes::{
    Kind, alert_for_verify_flags, mbedtls_error_names, mbedtls_nearest_version, mbedtls_state_name,
    mbedtls_state_number, mbedtls_state_number_in, mbedtls_version_anchors, mbedtls_version_of,
};
use handlens::tls::Alert;

use crate::ask;

#[test]
fn the_alert_of_a_flag_is_that_of_the_first_that_applies() {
    for (flags, alert) in [
        (0x0100, 49),
        (0x04, 42),
        (0x0800, 43),
        (0x1000, 43),
        (0x2000, 43),
        (0x8000, 43),
        (0x1_0000, 43),
        (0x01, 45),
        (0x02, 44),
        (0x08, 48),
        (0x0200, 46),
        (0x4000, 46),
        (0x04 | 0x08, 42),
        (0x01 | 0x08, 45),
    ] {
        assert_eq!(
            alert_for_verify_flags(flags),
            Some(Alert(alert)),
            "0x{flags:X}"
        );
    }
    assert_eq!(alert_for_verify_flags(0), None);
    assert_eq!(alert_for_verify_flags(u32::MAX), None);
}

#[test]
fn error_names_for_decoders() {
    assert_eq!(mbedtls_error_names(-0x7280, None), ["SSL_CONN_EOF"]);
    assert_eq!(mbedtls_error_names(0xFFFF_8D80, Some(2)), ["SSL_CONN_EOF"]);
    assert_eq!(mbedtls_error_names(-0x50, Some(2)), ["NET_CONN_RESET"]);
    for nothing in [0, 45, 0x7280, -0x8000, -0x5900, i64::MIN, i64::MAX] {
        assert_eq!(mbedtls_error_names(nothing, None), [""; 0], "{nothing}");
    }
}

#[test]
fn state_names_and_numbers_for_decoders() {
    assert_eq!(
        mbedtls_state_name(12, None),
        Some("SERVER_CHANGE_CIPHER_SPEC")
    );
    assert_eq!(mbedtls_state_name(16, None), Some("HANDSHAKE_OVER"));
    assert_eq!(
        mbedtls_state_name(16, Some((2, 16))),
        Some("HANDSHAKE_OVER")
    );
    assert_eq!(
        mbedtls_state_name(17, Some((2, 28))),
        Some("SERVER_NEW_SESSION_TICKET")
    );
    assert_eq!(
        mbedtls_state_name(19, Some((3, 1))),
        Some("ENCRYPTED_EXTENSIONS")
    );
    assert_eq!(
        mbedtls_state_name(19, Some((3, 2))),
        Some("HELLO_RETRY_REQUEST")
    );
    assert_eq!(mbedtls_state_name(25, Some((3, 3))), Some("HANDSHAKE_OVER"));
    assert_eq!(mbedtls_state_name(27, Some((3, 6))), Some("HANDSHAKE_OVER"));
    assert_eq!(mbedtls_state_name(27, Some((5, 0))), Some("HANDSHAKE_OVER"));
    assert_eq!(mbedtls_state_name(0, Some((1, 3))), Some("HELLO_REQUEST"));
    assert_eq!(mbedtls_state_name(99, None), None);
    assert_eq!(mbedtls_state_name(u16::MAX, None), None);
    assert_eq!(mbedtls_state_number("SERVER_CHANGE_CIPHER_SPEC"), Some(12));
    assert_eq!(mbedtls_state_number("MBEDTLS_SSL_HANDSHAKE_OVER"), Some(27));
    assert_eq!(mbedtls_state_number("SERVER_NEW_SESSION_TICKET"), Some(17));
    assert_eq!(mbedtls_state_number("NO_SUCH_STATE"), None);
    assert_eq!(mbedtls_state_number_in("HANDSHAKE_OVER", (2, 16)), Some(16));
    assert_eq!(mbedtls_state_number_in("END_OF_EARLY_DATA", (3, 3)), None);
}

#[test]
fn releases_by_source_line() {
    for (file, line, version) in [
        ("ssl_cli.c", 3279, "2.4.0"),
        ("ssl_cli.c", 3321, "2.7.0"),
        ("ssl_cli.c", 3510, "2.16.1"),
        ("ssl_cli.c", 4406, "2.28.0"),
        ("ssl_cli.c", 4261, "2.28.10"),
        ("ssl_cli.c", 4215, "3.0.0"),
        ("ssl_cli.c", 4192, "3.1.0"),
        ("ssl_tls.c", 3005, "3.2.1"),
        ("ssl_tls.c", 3709, "3.3.0"),
        ("ssl_tls.c", 3859, "3.4.0"),
        ("ssl_tls.c", 3850, "3.5.0"),
        ("ssl_tls.c", 4525, "3.6.0"),
        ("ssl_tls.c", 4586, "3.6.5"),
        ("ssl_tls.c", 4137, "4.0.0"),
        ("ssl_tls.c", 4195, "4.1.0"),
        ("ssl_srv.c", 3806, "2.4.0"),
        ("ssl_srv.c", 3976, "2.7.0"),
        ("ssl_srv.c", 4259, "2.16.1"),
        ("ssl_srv.c", 4664, "2.28.0"),
        ("ssl_srv.c", 4499, "2.28.10"),
        ("ssl_tls12_server.c", 4304, "3.6.5"),
        ("ssl_tls13_server.c", 3463, "3.6.5"),
        ("ssl_cli.c", 3787, "2.16.12"),
        ("ssl_srv.c", 4285, "2.16.12"),
    ] {
        assert_eq!(
            mbedtls_version_of(file, line),
            Some(version),
            "{file}:{line}"
        );
    }
    assert_eq!(mbedtls_version_anchors().len(), 24);
    assert_eq!(
        mbedtls_version_of("../middleware\\mbedtls/library/ssl_cli.c", 3510),
        Some("2.16.1")
    );
    assert_eq!(mbedtls_version_of("ssl_srv.c", 3510), None);
    assert_eq!(mbedtls_version_of("ssl_cli.c", 3511), None);
    assert_eq!(
        mbedtls_nearest_version("library/ssl_cli.c", 3517),
        Some(("2.16.1", 7))
    );
    assert_eq!(mbedtls_nearest_version("main.c", 3510), None);
    let answer = ask("library/ssl_cli.c:3510");
    assert_eq!(answer.meanings[0].kind, Kind::SourceLine);
    assert_eq!(answer.meanings[0].versions, "2.16.1");
}
