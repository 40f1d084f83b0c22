//! curl's verbose output (`curl -v`), whatever TLS library it is built with.
//!
//! In: one line without its time. Out: events as the client that curl is. Source of the wording:
//! curl `lib/connect.c`, `lib/vtls/openssl.c` (message trace), `src/tool_operate.c`.

use super::dialect::Dialect;
use super::prefilter::Anchors;
use crate::evidence::{ConnectResult, Direction, Event, Reader};
use crate::knowledge::codes::tables;
use crate::tls::CipherSuite;

/// Decoder of one output.
#[derive(Debug, Default)]
pub(super) struct Curl {
    /// A line was surely curl's.
    sure: bool,
    /// The last line ends curl and quotes its TLS library.
    quotes: bool,
}

impl Dialect for Curl {
    fn name(&self) -> &'static str {
        "curl"
    }

    fn quotes(&self) -> bool {
        self.quotes
    }

    fn anchors(&self) -> Vec<Anchors> {
        vec![Anchors::exact(["curl: (", "* ", "), TLS ", "), SSL "])]
    }

    fn take(&mut self, line: &[u8], emit: &mut dyn FnMut(Event)) -> bool {
        let Ok(text) = std::str::from_utf8(line) else {
            return false;
        };
        self.quotes = false;
        if let Some(rest) = text.strip_prefix("curl: (") {
            self.sure = true;
            self.quotes = true;
            exit(rest, emit);
            return true;
        }
        let Some(said) = text.strip_prefix("* ") else {
            // Pasted without its star.
            let bare = text.starts_with("TLSv1") || text.starts_with("SSLv3");
            let Some((way, what)) = traced(text).filter(|_| bare) else {
                return false;
            };
            trace(way, what, emit);
            return true;
        };
        let mine = informs(said.trim(), emit);
        // What its library says stands behind the star as the library words it.
        self.quotes = QUOTED.iter().any(|start| said.starts_with(start));
        self.sure |= mine;
        mine || self.sure
    }
}

/// How lines begin that quote the TLS library (`lib/vtls/*.c`).
const QUOTED: [&str; 8] = [
    "error:",
    "OpenSSL ",
    "SSL certificate problem",
    "gnutls_handshake() ",
    "mbedTLS: ",
    "schannel: ",
    "wolfSSL: ",
    "NSS error ",
];

/// `35) OpenSSL SSL_connect: …`: the number with which curl ends.
fn exit(rest: &str, emit: &mut dyn FnMut(Event)) {
    let Some((number, said)) = rest.split_once(')') else {
        return;
    };
    let Ok(number) = number.parse::<i64>() else {
        return;
    };
    // The time was over before TCP was up.
    if number == 28 && (said.contains("ailed to connect") || said.contains("onnection time")) {
        emit(Event::Connect {
            result: ConnectResult::TimedOut,
        });
        return;
    }
    super::devices::code_events("curl", number, emit);
    // Known to the table or not, curl gave up.
    if tables().device("curl").is_none() {
        emit(Event::ErrorName {
            name: format!("CURLE_{number}"),
            by: Reader::Application,
        });
    }
}

/// One line behind the star; `true` when only curl writes it.
fn informs(said: &str, emit: &mut dyn FnMut(Event)) -> bool {
    if let Some((way, what)) = traced(said) {
        trace(way, what, emit);
        return true;
    }
    if let Some(rest) = said.strip_prefix("Trying ") {
        if rest.ends_with("...") {
            emit(Event::SessionStart);
        }
        return true;
    }
    if let Some(rest) = said.strip_prefix("Connected to ") {
        let host = rest.split(' ').next().unwrap_or_default();
        let port = rest
            .split_once(" port ")
            .map(|(_, p)| p.split(' ').next().unwrap_or_default());
        emit(Event::Connect {
            result: ConnectResult::Connected,
        });
        emit(Event::Target(match port {
            Some(port) if !port.is_empty() => format!("{host}:{port}"),
            _ => host.to_owned(),
        }));
        return true;
    }
    if let Some(rest) = said.strip_prefix("SSL connection using ") {
        established(rest, emit);
        return true;
    }
    if let Some(list) = said
        .strip_prefix("ALPN, offering ")
        .or_else(|| said.strip_prefix("ALPN: curl offers "))
    {
        for name in list.split(',') {
            emit(Event::Alpn(name.trim().to_owned()));
        }
        return true;
    }
    if said.contains("failed: Connection refused") {
        emit(Event::Connect {
            result: ConnectResult::Refused,
        });
        return true;
    }
    if said.starts_with("Could not resolve host") {
        emit(Event::Connect {
            result: ConnectResult::DnsFailed,
        });
        return true;
    }
    if said.starts_with("OpenSSL SSL_connect: Connection reset by peer") {
        emit(Event::Reached("tls"));
        emit(Event::PeerReset);
        return true;
    }
    if said.starts_with("OpenSSL SSL_connect: SSL_ERROR_SYSCALL") {
        // The system says no more than that the connection is gone.
        emit(Event::Reached("tls"));
        emit(Event::PeerClosed);
        return true;
    }
    [
        "Closing connection",
        "successfully set certificate verify locations",
        "Server certificate:",
        "SSL certificate verify",
        "SSL certificate problem",
        "schannel: ",
        "mbedTLS: ",
        "using HTTP/",
        "Using HTTP",
        "Connection #",
        "ALPN",
    ]
    .iter()
    .any(|start| said.starts_with(start))
}

/// `TLSv1.2 (OUT), TLS handshake, Client hello (1):` → direction and what follows it.
fn traced(said: &str) -> Option<(Direction, &str)> {
    let at = said.find("), TLS ").or_else(|| said.find("), SSL "))?;
    let (front, what) = (said.get(..at)?, said.get(at + 7..)?);
    if front.len() > 16 {
        return None;
    }
    if front.ends_with("(OUT") {
        return Some((Direction::Sent, what));
    }
    front
        .ends_with("(IN")
        .then_some((Direction::Received, what))
}

fn trace(direction: Direction, what: &str, emit: &mut dyn FnMut(Event)) {
    let number = what
        .rsplit_once('(')
        .and_then(|(_, n)| n.trim_end_matches([':', ')']).parse::<u16>().ok());
    let Some(number) = number else { return };
    if what.starts_with("handshake, ") {
        // 0 stands for a record whose content is not shown.
        if let Ok(msg_type) = u8::try_from(number)
            && msg_type != 0
        {
            emit(Event::Message {
                msg_type,
                direction,
                size: None,
                bytes: None,
            });
        }
    } else if what.starts_with("alert, ") {
        let [level, number] = number.to_be_bytes();
        // Old versions print the level alone.
        if level != 0 {
            emit(Event::Alert {
                level: Some(level),
                number,
                direction,
            });
        }
    } else if what.starts_with("change cipher") {
        emit(Event::Record {
            direction,
            content_type: 20,
            version: 0x0303,
            len: 1,
        });
    }
}

/// `TLSv1.3 / TLS_AES_256_GCM_SHA384 / X25519 / RSASSA-PSS`.
fn established(rest: &str, emit: &mut dyn FnMut(Event)) {
    let mut parts = rest.split(" / ");
    let version = match parts.next().unwrap_or_default() {
        "TLSv1.3" => Some(0x0304),
        "TLSv1.2" => Some(0x0303),
        "TLSv1.1" => Some(0x0302),
        "TLSv1.0" | "TLSv1" => Some(0x0301),
        _ => None,
    };
    if let Some(version) = version {
        emit(Event::ChosenVersion(version));
    }
    if let Some(suite) = parts.next().and_then(|n| CipherSuite::from_name(n.trim())) {
        emit(Event::ChosenSuite(suite.0));
    }
    emit(Event::Established);
}
