//! The sessions of the lab: what is wrong in each, and what caused it.

use std::time::Duration;

use handlens_lab_common::peer::{Kind, Server};
use handlens_lab_common::truth::Label;

use crate::device::Setup;
use crate::relay::Faults;

/// One session to record.
pub struct Scenario {
    /// Its name and its cause.
    pub label: Label,
    /// What the device has on board.
    pub device: Setup,
    /// What it talks to.
    pub peer: Kind,
    /// What the relay does.
    pub faults: Faults,
}

const ECDHE_RSA_AES256: i32 = 0xC030;
const ECDHE_RSA_AES128: i32 = 0xC02F;
const ECDHE_ECDSA_AES256: i32 = 0xC02C;
const ECDHE_ECDSA_AES128: i32 = 0xC02B;
const ALL: &[i32] = &[
    ECDHE_ECDSA_AES256,
    ECDHE_RSA_AES256,
    ECDHE_ECDSA_AES128,
    ECDHE_RSA_AES128,
];

const DEVICE: Setup = Setup {
    trust: "root",
    identity: None,
    suites: ALL,
};
const WITH_IDENTITY: Setup = Setup {
    identity: Some("client"),
    ..DEVICE
};

const SERVER: Server = Server {
    version: "-tls1_2",
    certificate: "server",
    key: "server",
    extra: None,
    client_ca: None,
    cipher: "ECDHE-RSA-AES256-GCM-SHA384",
};
/// The server of the demo: asks for a certificate, sends one more than the device needs.
const CLOUD: Server = Server {
    extra: Some("cross"),
    client_ca: Some("root"),
    ..SERVER
};

/// The two sessions of the demo: one device, one server, two ways between them.
pub fn demo() -> Vec<Scenario> {
    let landline = Faults {
        latency: Duration::from_millis(18),
        segment: Some((1460, Duration::from_millis(2))),
        ..Faults::default()
    };
    let satellite = Faults {
        latency: Duration::from_millis(600),
        segment: Some((1400, Duration::from_millis(9))),
        damage_segment_end: true,
        mute_after: Some(1),
        ..Faults::default()
    };
    vec![
        Scenario {
            device: WITH_IDENTITY,
            faults: landline,
            ..completes("pic32-landline", CLOUD)
        },
        Scenario {
            device: WITH_IDENTITY,
            faults: satellite,
            ..fails("pic32-satellite", "net.rx_buffer_too_small", CLOUD)
                .or(&["server.silent_close", "net.packet_loss_or_mtu"])
        },
    ]
}

/// The small sessions that the program is scored with.
pub fn recordings() -> Vec<Scenario> {
    let ecdsa = Server {
        certificate: "ec-server",
        key: "ec-server",
        cipher: "ECDHE-ECDSA-AES128-GCM-SHA256",
        ..SERVER
    };
    let stranger = Setup {
        trust: "stranger",
        ..DEVICE
    };
    vec![
        Scenario {
            device: Setup {
                trust: "ec-root",
                ..DEVICE
            },
            ..completes("success-ecdsa", ecdsa)
        },
        Scenario {
            device: WITH_IDENTITY,
            ..completes("success-mutual", CLOUD)
        },
        Scenario {
            device: stranger,
            ..fails("wrong-ca", "cert.wrong_ca", SERVER).or(&["cert.chain_incomplete"])
        },
        fails(
            "expired",
            "cert.expired",
            Server {
                certificate: "server-expired",
                ..SERVER
            },
        ),
        fails(
            "not-yet-valid",
            "cert.not_yet_valid",
            Server {
                certificate: "server-not-yet",
                ..SERVER
            },
        )
        .or(&["device.clock_wrong"]),
        fails(
            "chain-incomplete",
            "cert.chain_incomplete",
            Server {
                certificate: "server-below",
                ..SERVER
            },
        )
        .or(&["cert.wrong_ca"]),
        fails(
            "server-tls13-only",
            "tls.version_mismatch",
            Server {
                version: "-tls1_3",
                ..SERVER
            },
        ),
        fails("client-certificate-missing", "client_auth.cert_missing", CLOUD),
        Scenario {
            faults: Faults {
                mute_after: Some(0),
                ..Faults::default()
            },
            ..fails("server-flight-lost", "net.packet_loss_or_mtu", SERVER).or(&["server.silent_close"])
        },
        fails(
            "name-mismatch",
            "cert.name_mismatch",
            Server {
                certificate: "other",
                key: "other",
                ..SERVER
            },
        ),
        Scenario {
            device: Setup {
                suites: &[ECDHE_RSA_AES128],
                ..DEVICE
            },
            ..fails("no-common-cipher-suite", "tls.no_common_cipher_suite", SERVER)
        },
        Scenario {
            peer: Kind::PlainHttp,
            ..fails("plain-http", "net.not_tls", SERVER)
        },
        Scenario {
            peer: Kind::ClosesAtOnce,
            ..fails("silent-close", "server.silent_close", SERVER).or(&["net.reset_mid_handshake"])
        },
        Scenario {
            peer: Kind::Nobody,
            ..fails("connection-refused", "net.tcp_refused", SERVER)
        },
        Scenario {
            faults: Faults {
                reset_after: Some(700),
                ..Faults::default()
            },
            ..fails("reset-mid-handshake", "net.reset_mid_handshake", SERVER)
        },
        Scenario {
            device: WITH_IDENTITY,
            ..fails(
                "client-certificate-unknown-ca",
                "client_auth.cert_rejected",
                Server {
                    client_ca: Some("stranger"),
                    ..SERVER
                },
            )
        },
    ]
}

fn completes(name: &'static str, server: Server) -> Scenario {
    fails(name, "none", server)
}

fn fails(name: &'static str, cause: &'static str, server: Server) -> Scenario {
    let label = Label {
        name,
        cause,
        also_acceptable: &[],
    };
    Scenario {
        label,
        device: DEVICE,
        peer: Kind::Tls(server),
        faults: Faults::default(),
    }
}

impl Scenario {
    /// Names the causes that are acceptable too.
    fn or(mut self, causes: &'static [&'static str]) -> Self {
        self.label.also_acceptable = causes;
        self
    }
}
