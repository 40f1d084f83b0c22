//! Planted secrets: none of them may come through, and what a reader needs must stay.

use super::*;

fn clean(text: &str) -> String {
    Redactor::new(LeaveOut::default()).clean(text)
}

#[test]
fn planted_secrets_never_come_through() {
    // (text, what must be gone)
    let planted: &[(&str, &str)] = &[
        ("psk=4f2c9d3e8a7b6c5d4e3f2a1b", "4f2c9d3e"),
        (
            "openssl s_client -psk 0a1b2c3d4e5f6071 -connect x",
            "0a1b2c3d",
        ),
        ("Pre-Shared Key: orchid77lamp", "orchid77lamp"),
        ("AT+CWJAP=\"barn\",\"hay-and-oats\"", "hay-and-oats"),
        ("AT+S.SCFG=wifi_wpa_psk_text,hayandoats9", "hayandoats9"),
        ("wifi_password: \"hay and oats\"", "hay and oats"),
        ("CONFIG_EXAMPLE_WIFI_PASSWORD=\"hayloft12\"", "hayloft12"),
        ("AT+QMTCONN=0,\"pump7\",\"farm\",\"mud&rain\"", "mud&rain"),
        ("mqtt password = tractor99", "tractor99"),
        ("mqtts://farm:tractor99@broker.test:8883", "tractor99"),
        ("Authorization: Bearer abcDEF123456.tok-en", "abcDEF123456"),
        ("authorization: Basic ZmFybTp0cmFjdG9y", "ZmFybTp0"),
        (
            "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwdW1wIn0.c2lnbmF0dXJl",
            "eyJzdWIi",
        ),
        ("key id AKIAPLANTED000000001 used", "AKIAPLANTED"),
        (
            "aws_secret_access_key = wJalrPLANTEDKEYbPxRfiCYzzzz",
            "wJalrPLANTED",
        ),
        (
            "SharedAccessSignature sr=hub.test%2Fdevices&sig=pLaNtEd%3D&se=1900000000",
            "pLaNtEd",
        ),
        (
            "HostName=h;SharedAccessKey=cGxhbnRlZGtleQ==",
            "cGxhbnRlZGtl",
        ),
        ("GET /blob?sv=2020&sig=pLaNtEdSig%3D HTTP/1.1", "pLaNtEdSig"),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "ghp_abcdef"),
        ("IMEI: 490154203237518", "490154203237518"),
        ("490154203237518\r\nOK", "490154203237518"),
        ("+CCID: 8944501234567890123", "8944501234567890123"),
        ("IMSI 262011234567890", "262011234567890"),
        ("module serial number: A1B2-77", "A1B2-77"),
        ("mac addr 24:0A:C4:11:22:33", "24:0A:C4"),
        (
            "CLIENT_RANDOM 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff 5ec7e7005ec7e7005ec7e7005ec7e7005ec7e7005ec7e7005ec7e7005ec7e7005ec7e7005ec7e7005ec7e700",
            "5ec7e700",
        ),
        (
            "    Master-Key: 5EC7E7005EC7E7005EC7E7005EC7E7005EC7E7005EC7E7005EC7E7005EC7E700",
            "5EC7E700",
        ),
        ("connected to 203.0.113.9 port 8883", "203.0.113.9"),
        ("connected to 2001:db8::17 port 8883", "2001:db8::17"),
    ];
    for (text, secret) in planted {
        let out = clean(text);
        assert!(!out.contains(secret), "{text:?} became {out:?}");
        assert!(out.contains('['), "{text:?} became {out:?}");
    }
}

#[test]
fn private_keys_and_session_secrets_go_even_with_every_switch_off() {
    let mut redactor = Redactor::new(LeaveOut {
        secrets: false,
        addresses: false,
        hosts: false,
        identities: false,
        raw_log: false,
    });
    let log = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIPLANTEDPLANTEDPLANTED\n-----END EC PRIVATE KEY-----\n\
        ssl_tls.c:0120: dumping 'premaster secret' (48 bytes)\n\
        ssl_tls.c:0120: 0000:  5e c7 e7 00 5e c7 e7 00 5e c7 e7 00 5e c7 e7 00  ^...\n\
        ssl_tls.c:0120: 0010:  5e c7 e7 00 5e c7 e7 00 5e c7 e7 00 5e c7 e7 00  ^...\n\
        ssl_tls.c:0140: => derive keys\n\
        CLIENT_TRAFFIC_SECRET_0 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff 5ec7e7005ec7e7005ec7e7005ec7e7005ec7e7005ec7e7005ec7e7005ec7e700\n";
    let out = redactor.clean(log);
    for secret in ["PLANTED", "5e c7", "5ec7"] {
        assert!(!out.contains(secret), "{out}");
    }
    assert!(out.contains("=> derive keys"));
    assert_eq!(out.lines().count(), log.lines().count());
    let kinds: Vec<String> = redactor.manifest().into_iter().map(|b| b.what).collect();
    assert_eq!(kinds, ["private key", "session secret"]);
}

#[test]
fn what_a_reader_needs_stays() {
    for text in [
        "ssl_tls.c:2726: in_left: 0, nb_want: 5",
        "mbedtls_ssl_handshake() returned -9984 (-0x2700)",
        "dumping 'output record header' (5 bytes)",
        "0000:  16 03 03 00 28                                   ....(",
        "serial number      : 0A:1B:2C:3D",
        "ciphersuite: TLS-ECDHE-PSK-WITH-AES-128-CBC-SHA256",
        "07:54:19.420 client state: 12",
        "subject name: CN=device.test",
        "fingerprint 16:AF:57:A9:F6:76:B0:AB:12:60:95:AA:5E:BA:DE:F2:2A:B3:11:19",
        "Mbed TLS 2.16.12",
    ] {
        assert_eq!(clean(text), text);
    }
}

#[test]
fn the_same_address_keeps_its_number() {
    let mut redactor = Redactor::new(LeaveOut::default());
    let out = redactor.clean("203.0.113.9 then 203.0.113.10 then 203.0.113.9");
    assert_eq!(out, "[address 1] then [address 2] then [address 1]");
    assert_eq!(
        redactor.manifest(),
        [Blanked {
            what: "address".into(),
            count: 2
        }]
    );
}

#[test]
fn host_names_go_when_asked_and_files_stay() {
    let leave_out = LeaveOut {
        hosts: true,
        ..LeaveOut::default()
    };
    let out = Redactor::new(leave_out).clean("mqtt.farm.test, device.log, ssl_tls.c:12, Farm.test");
    assert_eq!(out, "[host 1], device.log, ssl_tls.c:12, [host 2]");
}
