//! The logs of servers, which are the peer's words about the device: Apache `mod_ssl`, nginx,
//! Mosquitto, `HAProxy`, stunnel.
//!
//! In: whole lines without their times. Out: events as the device sees them: what the server sends
//! is received. Source of the wording: `modules/ssl/*.c` of Apache httpd 2.4,
//! `src/event/ngx_event_openssl.c` and `src/http/ngx_http_request.c` of nginx, `src/net.c` and
//! `src/loop.c` of Mosquitto. Must not know what an event means for the handshake.

use super::dialect::Dialect;
use super::openssl::{QueueError, verify_error, version_number};
use super::prefilter::Anchors;
use crate::evidence::{ConnectResult, Direction, Event};
use crate::tls::CipherSuite;

/// Which server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Apache,
    Nginx,
    Mosquitto,
    Haproxy,
    Stunnel,
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "apache" => Self::Apache,
            "nginx" => Self::Nginx,
            "mosquitto" => Self::Mosquitto,
            "haproxy" => Self::Haproxy,
            "stunnel" => Self::Stunnel,
            _ => return None,
        })
    }
}

/// Decoder of one server's log.
#[derive(Debug, Default)]
pub(super) struct ServerLog {
    kind: Option<Kind>,
    /// The connection that the last line was about, as the log numbers it.
    connection: String,
    /// An error or an end was told for this connection.
    told: bool,
}

impl Dialect for ServerLog {
    fn name(&self) -> &'static str {
        match self.kind {
            Some(Kind::Apache) => "apache",
            Some(Kind::Nginx) => "nginx",
            Some(Kind::Haproxy) => "haproxy",
            Some(Kind::Stunnel) => "stunnel",
            Some(Kind::Mosquitto) | None => "mosquitto",
        }
    }

    fn of_peer(&self) -> bool {
        true
    }

    fn answers_to(&self, name: &str) -> bool {
        Kind::of(name).is_some()
    }

    fn choose(&mut self, name: &str) {
        self.kind = Kind::of(name);
    }

    fn exclusive(&self) -> bool {
        true
    }

    fn anchors(&self) -> Vec<Anchors> {
        let mut texts = vec![
            // Apache
            " AH",
            "SSL Library Error: ",
            // nginx
            ", client: ",
            "while SSL handshaking",
            // Mosquitto
            "New connection from ",
            "mosquitto version ",
            "appears to be using TLS",
            " client <unknown>",
            "Client <unknown>",
            "OpenSSL Error",
            "Unable to load ",
            "New client connected from ",
            // stunnel
            "SSL_accept: ",
            "accepted connection from ",
        ];
        texts.extend(HAPROXY);
        vec![Anchors::exact(texts)]
    }

    fn take(&mut self, line: &[u8], emit: &mut dyn FnMut(Event)) -> bool {
        let Ok(text) = std::str::from_utf8(line) else {
            return false;
        };
        let text = text.trim();
        if let Some(kind) = self.kind {
            return self.of(kind, text, emit);
        }
        for kind in [
            Kind::Apache,
            Kind::Nginx,
            Kind::Mosquitto,
            Kind::Haproxy,
            Kind::Stunnel,
        ] {
            if self.of(kind, text, emit) {
                self.kind = Some(kind);
                return true;
            }
        }
        false
    }
}

impl ServerLog {
    fn of(&mut self, kind: Kind, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        match kind {
            Kind::Apache => self.apache(text, emit),
            Kind::Nginx => self.nginx(text, emit),
            Kind::Mosquitto => self.mosquitto(text, emit),
            Kind::Haproxy => self.haproxy(text, emit),
            Kind::Stunnel => self.stunnel(text, emit),
        }
    }

    /// A connection begins: TCP is up.
    fn accepted(&mut self, connection: &str, emit: &mut dyn FnMut(Event)) {
        connection.clone_into(&mut self.connection);
        self.told = false;
        emit(Event::SessionStart);
        emit(Event::Connect {
            result: ConnectResult::Connected,
        });
    }

    /// The line is about this connection; one that was not seen before begins.
    fn about(&mut self, connection: &str, emit: &mut dyn FnMut(Event)) {
        if self.connection != connection || self.told {
            self.accepted(connection, emit);
        }
    }

    fn gave_up(&mut self, name: &str, emit: &mut dyn FnMut(Event)) {
        self.told = true;
        emit(Event::PeerError {
            name: name.to_owned(),
        });
    }

    fn left(&mut self, emit: &mut dyn FnMut(Event)) {
        if !std::mem::replace(&mut self.told, true) {
            emit(Event::DeviceClosed);
        }
    }

    fn queue(&mut self, error: &QueueError<'_>, emit: &mut dyn FnMut(Event)) {
        if let Some(number) = error.alert() {
            emit(Event::Alert {
                level: None,
                number,
                direction: Direction::Sent,
            });
        } else {
            if let Some(msg_type) = error.message().filter(|_| !error.is_without_certificate()) {
                emit(Event::Message {
                    msg_type,
                    direction: Direction::Sent,
                    size: None,
                    bytes: None,
                });
            }
            error.tell(true, emit);
        }
        self.told = true;
    }

    /// `[ssl:info] [pid 7] [client 192.0.2.1:40000] AH02008: SSL library error 1 in handshake`.
    fn apache(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        let Some((code, message)) = apache_code(text) else {
            let apache = self.kind == Some(Kind::Apache) || text.contains("[ssl:");
            if apache && text.contains("SSL Library Error: ") {
                if let Some(error) = QueueError::find(text) {
                    self.queue(&error, emit);
                }
                return true;
            }
            return false;
        };
        let client = text
            .split_once("[client ")
            .and_then(|(_, c)| c.split(']').next())
            .unwrap_or("");
        match code {
            1964 => self.accepted(client, emit),
            2645 => {
                hello(emit);
                condition("no_server_name", emit);
            }
            2043 | 2044 => {
                hello(emit);
                let name = message
                    .split_once("servername ")
                    .and_then(|(_, n)| n.split(' ').next());
                if let Some(name) = name {
                    emit(Event::ServerName(name.to_owned()));
                }
            }
            2006 | 2007 => self.left(emit),
            2008 => self.gave_up("SSL library error in handshake", emit),
            2011 | 2263 => {
                self.gave_up("no acceptable client certificate", emit);
                condition("client_certificate_missing", emit);
            }
            2010 | 2040 | 2262 => {
                self.gave_up("client certificate refused", emit);
                condition("client_cert_refused", emit);
            }
            2039 | 2276 => {
                let number = message
                    .split_once("Error (")
                    .and_then(|(_, n)| n.split(')').next()?.parse().ok());
                if let Some(number) = number {
                    verify_error(number, true, emit);
                    self.told = true;
                }
            }
            1996 => {
                self.gave_up("HTTP spoken on the HTTPS port", emit);
                condition("non_tls_data", emit);
            }
            2041 => {
                if let Some((protocol, rest)) = message
                    .split_once("Protocol: ")
                    .and_then(|(_, m)| m.split_once(", Cipher: "))
                {
                    if let Some(version) = version_number(protocol) {
                        emit(Event::ChosenVersion(version));
                    }
                    let cipher = rest.split(' ').next().unwrap_or("");
                    if let Some(suite) = CipherSuite::from_name(cipher) {
                        emit(Event::ChosenSuite(suite.0));
                    }
                }
                emit(Event::Established);
            }
            10421 => self.gave_up("TLS handshake failure", emit),
            _ => return text.contains("[ssl:") || text.contains(":ssl:"),
        }
        true
    }

    /// `[info] 7#7: *12 SSL_do_handshake() failed (SSL: error:…) while SSL handshaking, client: …`.
    fn nginx(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        if !text.contains(", client: ") && !text.contains("while SSL handshaking") {
            return false;
        }
        // There nginx asks, and the other end is the server: its OpenSSL says the rest.
        if text.contains("to upstream") {
            return false;
        }
        let connection = text
            .split_once(": *")
            .and_then(|(_, n)| n.split(' ').next())
            .unwrap_or("");
        let handshaking = text.contains("SSL handshaking") || text.contains("in SSL handshake");
        if text.contains("SSL_do_handshake() failed") {
            self.about(connection, emit);
            match QueueError::find(text) {
                Some(error) => self.queue(&error, emit),
                None => self.left(emit),
            }
        } else if text.contains("peer closed connection in SSL handshake")
            || handshaking && text.contains("reset by peer")
        {
            self.about(connection, emit);
            condition("client_left_handshake", emit);
            self.left(emit);
        } else if let Some((_, rest)) = text.split_once("client SSL certificate verify error: (") {
            self.about(connection, emit);
            let number = rest.split(':').next().and_then(|n| n.parse().ok());
            verify_error(number.unwrap_or(50), true, emit);
            self.told = true;
        } else if text.contains("client sent no required SSL certificate") {
            self.about(connection, emit);
            self.gave_up("client sent no required SSL certificate", emit);
            condition("client_certificate_missing", emit);
        } else if text.contains("client sent plain HTTP request to HTTPS port") {
            self.about(connection, emit);
            self.gave_up("client sent plain HTTP request to HTTPS port", emit);
            condition("non_tls_data", emit);
        } else if handshaking && text.contains("timed out") {
            self.about(connection, emit);
            self.gave_up("client timed out", emit);
        } else {
            return self.kind == Some(Kind::Nginx);
        }
        true
    }

    fn mosquitto(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        if let Some(rest) = text.split_once("New connection from ").map(|(_, r)| r) {
            if !rest.contains(" on port ") {
                return false;
            }
            let from = rest.split(" on port ").next().unwrap_or("");
            self.accepted(from, emit);
            return true;
        }
        if text.contains("mosquitto version ") && text.contains(" starting") {
            return true;
        }
        if text.contains("appears to be using TLS to connect to a non-TLS listener") {
            self.gave_up("TLS on a listener without TLS", emit);
            condition("http_answer", emit);
            return true;
        }
        // Only the broker writes these; its clients print errors of OpenSSL too.
        if text.contains("Socket error on client <unknown>")
            || text.contains("Client <unknown>") && text.contains("disconnected")
        {
            // A TLS listener names OpenSSL's error first.
            if !self.told {
                condition("client_left_unnamed", emit);
            }
            self.left(emit);
            return true;
        }
        // The broker stamps its lines with seconds since 1970; its clients do not.
        let stamped = text
            .split_once(": OpenSSL Error")
            .is_some_and(|(time, _)| time.len() == 10 && time.bytes().all(|b| b.is_ascii_digit()));
        if self.kind != Some(Kind::Mosquitto) && !stamped {
            return false;
        }
        if text.contains("Unable to load ") && text.contains(" Check ") {
            condition("file_missing", emit);
            return true;
        }
        if text.contains("New client connected from ") {
            emit(Event::Established);
        } else if text.contains("OpenSSL Error") {
            if let Some(error) = QueueError::find(text) {
                self.queue(&error, emit);
            }
        } else {
            return false;
        }
        true
    }

    fn haproxy(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        // `192.0.2.1:40000 [date] frontend/1: SSL handshake failure`.
        let Some((front, reason)) = HAPROXY
            .iter()
            .find_map(|words| text.find(words))
            .and_then(|at| Some((text.get(..at)?, text.get(at + 2..)?)))
        else {
            return false;
        };
        if !front.ends_with(|c: char| c.is_ascii_digit()) && !front.contains('/') {
            return false;
        }
        if reason.starts_with("Timeout during SSL handshake") {
            self.about(front, emit);
            self.gave_up(reason, emit);
        } else if reason.starts_with("SSL client") {
            self.about(front, emit);
            self.gave_up(reason, emit);
            condition("client_cert_refused", emit);
        } else if reason.starts_with("SSL handshake failure") {
            self.about(front, emit);
            if let Some(error) = QueueError::find(text) {
                self.queue(&error, emit);
            } else {
                self.gave_up(reason, emit);
                condition("tls_failed", emit);
            }
        } else if reason.starts_with("Connection closed during SSL handshake")
            || reason.starts_with("Connection error during SSL handshake")
        {
            self.about(front, emit);
            condition("client_left_handshake", emit);
            self.left(emit);
        } else {
            return false;
        }
        true
    }

    fn stunnel(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        // `LOG3[7]: SSL_accept: …/statem_srvr.c:2285: error:0A0000C1:SSL routines::no shared cipher`.
        if text.contains("SSL_accept: ")
            && text.contains("error:")
            && let Some(error) = QueueError::find(text)
        {
            self.about("", emit);
            self.queue(&error, emit);
            return true;
        }
        if text.contains("accepted connection from ") {
            self.accepted("", emit);
            return true;
        }
        false
    }
}

/// What `HAProxy` says of a handshake that failed.
const HAPROXY: [&str; 6] = [
    ": SSL client CA chain cannot be verified",
    ": SSL client certificate not trusted",
    ": SSL handshake failure",
    ": Timeout during SSL handshake",
    ": Connection closed during SSL handshake",
    ": Connection error during SSL handshake",
];

/// Code and text of Apache's message: `AH02007: SSL handshake interrupted by system`.
fn apache_code(text: &str) -> Option<(u32, &str)> {
    let at = text.find(" AH").filter(|_| text.contains('['))?;
    let rest = text.get(at + 3..)?;
    let (code, message) = rest.split_once(": ")?;
    (code.len() == 5).then(|| code.parse().ok().map(|c| (c, message)))?
}

fn hello(emit: &mut dyn FnMut(Event)) {
    emit(Event::Message {
        msg_type: 1,
        direction: Direction::Sent,
        size: None,
        bytes: None,
    });
}

fn condition(name: &'static str, emit: &mut dyn FnMut(Event)) {
    emit(Event::Condition { name, value: None });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> (ServerLog, Vec<Event>) {
        let mut dialect = ServerLog::default();
        let mut events = Vec::new();
        for line in lines {
            assert!(
                dialect.take(line.as_bytes(), &mut |e| events.push(e)),
                "{line}"
            );
        }
        (dialect, events)
    }

    #[test]
    fn apache_says_that_the_client_left() {
        let (dialect, got) = read(&[
            "[ssl:info] [pid 7:tid 8] [client 192.0.2.1:40000] AH01964: Connection to child 65 established (server a.example:443)",
            "[ssl:debug] [pid 7:tid 8] ssl_engine_kernel.c(2372): [client 192.0.2.1:40000] AH02645: Server name not provided via TLS extension (using default/first virtual host)",
            "[ssl:info] [pid 7:tid 8] (70014)End of file found: [client 192.0.2.1:40000] AH02007: SSL handshake interrupted by system [Hint: Stop button pressed in browser?!]",
        ]);
        assert_eq!(dialect.name(), "apache");
        assert!(got.contains(&Event::DeviceClosed));
        assert!(got.contains(&Event::Condition {
            name: "no_server_name",
            value: None
        }));
    }

    #[test]
    fn nginx_names_the_alert_of_the_client() {
        let (dialect, got) = read(&[
            "[info] 7#7: *12 SSL_do_handshake() failed (SSL: error:0A000418:SSL routines::tlsv1 alert unknown ca:SSL alert number 48) while SSL handshaking, client: 192.0.2.1, server: 0.0.0.0:443",
        ]);
        assert_eq!(dialect.name(), "nginx");
        assert!(got.contains(&Event::Alert {
            level: None,
            number: 48,
            direction: Direction::Sent
        }));
    }

    #[test]
    fn nginx_that_asks_an_upstream_is_the_client_itself() {
        let line = b"[error] 7#7: *3 SSL_do_handshake() failed (SSL: error:0A000458:SSL routines::tlsv1 unrecognized name:SSL alert number 112) while SSL handshaking to upstream, client: 192.0.2.1, server: a.example";
        let mut events = Vec::new();
        assert!(!ServerLog::default().take(line, &mut |e| events.push(e)));
        assert!(events.is_empty(), "{events:?}");
    }

    #[test]
    fn mosquitto_finds_no_client_certificate() {
        let (dialect, got) = read(&[
            "New connection from 192.0.2.1:40000 on port 8883.",
            "OpenSSL Error[0]: error:0A0000C7:SSL routines::peer did not return a certificate",
            "Client <unknown> disconnected: Protocol error.",
        ]);
        assert_eq!(dialect.name(), "mosquitto");
        assert!(got.contains(&Event::Condition {
            name: "client_certificate_missing",
            value: None
        }));
        assert!(!got.contains(&Event::DeviceClosed));
    }

    #[test]
    fn other_lines_are_refused() {
        let mut dialect = ServerLog::default();
        for line in [
            "AHOY: captain",
            "wifi: connected to AP [x] AH12",
            "SSL handshake failure",
        ] {
            assert!(!dialect.take(line.as_bytes(), &mut |_| {}), "{line}");
        }
    }
}
