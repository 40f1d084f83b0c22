//! Throwaway certificates, made with the openssl command line.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};

/// The name every device in the lab connects to.
pub const HOST: &str = "iot.handlens.test";

const CONFIG: &str = "\
[ca]
default_ca = lab
[lab]
database = index.txt
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
rand_serial = yes
[any]
organizationName = optional
commonName = supplied
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[server]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature,keyEncipherment
extendedKeyUsage = serverAuth
subjectAltName = DNS:iot.handlens.test
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[other_server]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:mqtt.handlens.test
[client]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
";

/// The first and the last moment of a certificate in the form of `openssl ca`.
type Validity = (&'static str, &'static str);

const VALID: Validity = ("20260101000000Z", "20451231235959Z");
const NOT_YET: Validity = ("20400101000000Z", "20451231235959Z");
const EXPIRED: Validity = ("20250301000000Z", "20260301000000Z");

/// A folder with the certificates and keys of the lab, each as `NAME.pem` and `NAME.key`.
pub struct Certificates {
    folder: PathBuf,
}

impl Certificates {
    /// Makes them all in a temporary folder.
    pub fn make() -> Result<Self, Box<dyn Error>> {
        let folder = env::temp_dir().join(format!("handlens-lab-{}", process::id()));
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("lab.cnf"), CONFIG)?;
        fs::write(folder.join("index.txt"), "")?;
        let made = Self {
            folder: folder.to_owned(),
        };
        for (name, title) in [
            ("root", "Handlens Lab Root"),
            ("legacy", "Handlens Lab Legacy Root"),
            ("stranger", "Handlens Lab Stranger Root"),
        ] {
            made.key(name, title, false)?;
            made.sign(name, name, name, "root", VALID)?;
        }
        // The root once more, signed by the older one: sent along, needed by nobody.
        made.sign("root", "cross", "legacy", "root", VALID)?;
        made.key("server", HOST, false)?;
        made.sign("server", "server", "root", "server", VALID)?;
        made.sign("server", "server-expired", "root", "server", EXPIRED)?;
        made.sign("server", "server-not-yet", "root", "server", NOT_YET)?;
        made.key("intermediate", "Handlens Lab Intermediate", false)?;
        made.sign("intermediate", "intermediate", "root", "root", VALID)?;
        made.sign("server", "server-below", "intermediate", "server", VALID)?;
        made.key("other", "mqtt.handlens.test", false)?;
        made.sign("other", "other", "root", "other_server", VALID)?;
        made.key("client", "device-0001", false)?;
        made.sign("client", "client", "root", "client", VALID)?;
        made.key("ec-root", "Handlens Lab EC Root", true)?;
        made.sign("ec-root", "ec-root", "ec-root", "root", VALID)?;
        made.key("ec-server", HOST, true)?;
        made.sign("ec-server", "ec-server", "ec-root", "server", VALID)?;
        Ok(made)
    }

    /// The folder they lie in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The path of a certificate.
    pub fn pem(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.pem"))
    }

    /// The path of a private key.
    pub fn key_file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.key"))
    }

    /// A file as Mbed TLS wants PEM: with a NUL at its end.
    pub fn with_nul(path: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
        let mut bytes = fs::read(path)?;
        bytes.push(0);
        Ok(bytes)
    }

    /// Makes `NAME.key` and a signing request for it.
    fn key(&self, name: &str, title: &str, elliptic: bool) -> Result<(), Box<dyn Error>> {
        let algorithm: &[&str] = if elliptic {
            &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        } else {
            &["-newkey", "rsa:2048"]
        };
        let subject = format!("/O=Handlens Lab/CN={title}");
        let (key, request) = (format!("{name}.key"), format!("{name}.csr"));
        let mut arguments = vec!["req", "-new", "-nodes", "-config", "lab.cnf", "-subj", &subject];
        arguments.extend(["-keyout", &key, "-out", &request]);
        arguments.extend(algorithm);
        self.openssl(&arguments)
    }

    /// Signs the request of `name` with the key of `issuer` and writes `out.pem`.
    fn sign(
        &self,
        name: &str,
        out: &str,
        issuer: &str,
        section: &str,
        validity: Validity,
    ) -> Result<(), Box<dyn Error>> {
        let (request, pem) = (format!("{name}.csr"), format!("{out}.pem"));
        let (issuer_pem, issuer_key) = (format!("{issuer}.pem"), format!("{issuer}.key"));
        let mut arguments = vec![
            "ca", "-batch", "-notext", "-config", "lab.cnf", "-in", &request, "-out", &pem,
        ];
        arguments.extend(["-extensions", section, "-startdate", validity.0, "-enddate", validity.1]);
        arguments.extend(["-keyfile", &issuer_key]);
        if out == issuer {
            arguments.push("-selfsign");
        } else {
            arguments.extend(["-cert", &issuer_pem]);
        }
        self.openssl(&arguments)
    }

    fn openssl(&self, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
        let done = Command::new("openssl")
            .args(arguments)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .output()?;
        if done.status.success() {
            return Ok(());
        }
        Err(format!(
            "openssl {}: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&done.stderr)
        )
        .into())
    }
}

impl Drop for Certificates {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.folder);
    }
}
