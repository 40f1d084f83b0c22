//! `xbee-0x85`: an XBee 3 Cellular in API mode, and the Apache server it talks to.

use std::error::Error;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::leave::{Client, Leaves};
use crate::openssl::{Authority, RSA, Wanted};
use crate::stream::Stream;

/// Where the server is; an address for documentation (RFC 5737).
const SERVER: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 27);
const PORT: u16 = 443;
/// TLS_RSA_WITH_AES_256_CBC_SHA256, TLS_RSA_WITH_AES_256_CBC_SHA.
const SUITES: &[u16] = &[0x003D, 0x0035];
/// A cellular round trip is twice this.
const ONE_WAY: Duration = Duration::from_millis(282);
/// How long a module works on a certificate.
const THINKS: Duration = Duration::from_millis(9);
/// How long a module takes to find that its own settings cannot work.
const LOCAL_FAILURE_MS: [u64; 2] = [36, 33];
/// Where Debian and Ubuntu keep Apache's modules.
const MODULES: &str = "/usr/lib/apache2/modules";
const PAYLOAD: &[u8] = b"GET /meter/17 HTTP/1.1\r\nHost: 198.51.100.27\r\n\r\n";

/// Records the case into `out`.
pub fn record(out: &Path) -> Result<(), Box<dyn Error>> {
    let authority = Authority::new()?;
    let bytes = authority.make(&Wanted {
        name: "server",
        subject: "/C=IS/O=Handlens Lab/OU=Metering/CN=198.51.100.27",
        key: RSA,
        extensions: "basicConstraints = critical,CA:TRUE\nsubjectKeyIdentifier = hash\n\
                     authorityKeyIdentifier = keyid",
        issuer: None,
        validity: ("20261119081500Z", "20741101081500Z"),
    })?;
    eprintln!("xbee-0x85: certificate {bytes} bytes");
    let apache = Apache::start(&authority)?;
    let client = Client {
        suites: SUITES,
        server_name: None,
        one_way: ONE_WAY,
        thinks: THINKS,
        leaves: Leaves::Silently,
    };
    let mut delays = Vec::new();
    for _ in 0..2 {
        sleep(Duration::from_millis(2_600));
        delays.push(client.run(SocketAddr::from((SERVER, PORT)))?);
    }
    sleep(Duration::from_millis(300));
    drop(apache);
    fs::copy(authority.path("ssl_error.log"), out.join("xbee-0x85-apache.log"))?;
    fs::copy(authority.path("server.pem"), out.join("xbee-0x85-server.pem"))?;
    stream(&delays).save(out, "xbee-0x85")?;
    Ok(())
}

/// What goes over the serial line, both ways.
fn stream(delays: &[Duration]) -> Stream {
    let mut line = Line {
        stream: Stream::new(115_200),
        id: 0,
    };
    // Registered with the cellular network.
    line.frame(&[0x8A, 0x02]);
    line.stream.wait_ms(420);
    line.asks(*b"HV", &[0x4B, 0x41]);
    line.asks(*b"VR", &[0x00, 0x01, 0x14, 0x10]);
    line.asks(*b"AI", &[0x00]);
    line.asks(*b"IP", &[0x04]);
    line.asks(*b"TL", &[0x03]);
    line.asks(*b"$0", b"/flash/certs/meter-ca.pem;;");
    for delay in LOCAL_FAILURE_MS {
        line.stream.wait_ms(1_900);
        line.sends(Duration::from_millis(delay));
    }
    line.stream.wait_ms(3_100);
    line.sets(*b"$0", b"meter-ca.pem;;");
    line.asks(*b"$0", b"meter-ca.pem;;");
    for delay in delays {
        line.stream.wait_ms(1_900);
        line.sends(*delay);
    }
    line.stream
}

/// The serial line with the number of the next frame.
struct Line {
    stream: Stream,
    id: u8,
}

impl Line {
    /// Start byte, length, data, checksum (AP = 1).
    fn frame(&mut self, data: &[u8]) {
        let sum = data.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        let mut bytes = vec![0x7E];
        bytes.extend((data.len() as u16).to_be_bytes());
        bytes.extend(data);
        bytes.push(0xFF - sum);
        self.stream.send(&bytes);
    }

    fn next(&mut self) -> u8 {
        self.id += 1;
        self.id
    }

    /// The host asks for a setting and the module says it.
    fn asks(&mut self, command: [u8; 2], value: &[u8]) {
        let id = self.next();
        self.frame(&[0x08, id, command[0], command[1]]);
        self.stream.wait_ms(7);
        self.frame(&[&[0x88, id, command[0], command[1], 0], value].concat());
        self.stream.wait_ms(45);
    }

    /// The host makes a setting and the module agrees.
    fn sets(&mut self, command: [u8; 2], value: &[u8]) {
        let id = self.next();
        self.frame(&[&[0x08, id, command[0], command[1]], value].concat());
        self.stream.wait_ms(12);
        self.frame(&[0x88, id, command[0], command[1], 0]);
        self.stream.wait_ms(45);
    }

    /// The host sends over TLS with profile 0; the module answers 0x85 after so long.
    fn sends(&mut self, delay: Duration) {
        let id = self.next();
        let mut data = vec![0x23, id];
        data.extend(SERVER.octets());
        data.extend(PORT.to_be_bytes());
        data.extend([0, 0, 0, 0]);
        data.extend(PAYLOAD);
        self.frame(&data);
        self.stream.wait_ms(delay.as_millis() as u64);
        self.frame(&[0x89, id, 0x85]);
    }
}

/// A running Apache with mod_ssl.
struct Apache {
    process: Child,
}

impl Apache {
    fn start(authority: &Authority) -> Result<Self, Box<dyn Error>> {
        let folder = authority.folder().display();
        let config = format!(
            "ServerRoot {folder}\nPidFile {folder}/httpd.pid\nServerName meter.handlens.test\n\
             LoadModule mpm_event_module {MODULES}/mod_mpm_event.so\n\
             LoadModule authz_core_module {MODULES}/mod_authz_core.so\n\
             LoadModule socache_shmcb_module {MODULES}/mod_socache_shmcb.so\n\
             LoadModule ssl_module {MODULES}/mod_ssl.so\n\
             User www-data\nGroup www-data\nListen {SERVER}:{PORT} https\nErrorLog {folder}/error.log\n\
             DocumentRoot {folder}/empty\n\
             <VirtualHost *:{PORT}>\nServerName meter.handlens.test:{PORT}\nSSLEngine on\n\
             SSLProtocol TLSv1.2\nSSLCertificateFile {folder}/server.pem\n\
             SSLCertificateKeyFile {folder}/server.key\nErrorLog {folder}/ssl_error.log\n\
             LogLevel info ssl:debug\n</VirtualHost>\n"
        );
        fs::create_dir_all(authority.path("empty"))?;
        fs::write(authority.path("httpd.conf"), config)?;
        let process = Command::new("apache2")
            .arg("-f")
            .arg(authority.path("httpd.conf"))
            .arg("-DFOREGROUND")
            .stdin(Stdio::null())
            .spawn()?;
        sleep(Duration::from_millis(1_500));
        Ok(Self { process })
    }
}

impl Drop for Apache {
    fn drop(&mut self) {
        // TERM and not KILL: the children of the server end with it.
        let _told = Command::new("kill").arg(self.process.id().to_string()).status();
        let _reaped = self.process.wait();
    }
}
