//! Certificates from the openssl command line, each as `NAME.pem` and `NAME.key`.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder with keys and certificates that goes away with this value.
pub struct Authority {
    folder: PathBuf,
}

/// What a certificate says.
pub struct Wanted<'a> {
    /// Name of its files.
    pub name: &'a str,
    /// Subject as openssl spells it, `/CN=…`.
    pub subject: &'a str,
    /// Key as `openssl req -newkey` spells it.
    pub key: &'a [&'a str],
    /// Extensions, one a line.
    pub extensions: &'a str,
    /// Files of the issuer; none signs itself.
    pub issuer: Option<&'a str>,
    /// First and last moment, `YYYYMMDDhhmmssZ`.
    pub validity: (&'a str, &'a str),
}

/// RSA with 2,048 bits.
pub const RSA: &[&str] = &["-newkey", "rsa:2048"];
/// RSA with 4,096 bits.
pub const RSA_4096: &[&str] = &["-newkey", "rsa:4096"];
/// NIST P-256.
pub const P256: &[&str] = &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
/// NIST P-384.
pub const P384: &[&str] = &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"];

impl Authority {
    /// A new temporary folder.
    pub fn new() -> Result<Self, Box<dyn Error>> {
        let folder = std::env::temp_dir().join(format!("handlens-cases-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("index.txt"), "")?;
        Ok(Self { folder })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file in it.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// Makes a certificate, with the key it has if there is one; returns its size in bytes of DER.
    pub fn make(&self, wanted: &Wanted<'_>) -> Result<usize, Box<dyn Error>> {
        let name = wanted.name;
        let config = format!(
            "[ca]\ndefault_ca = lab\n[lab]\ndatabase = index.txt\nnew_certs_dir = .\ndefault_md = sha256\n\
             policy = any\nunique_subject = no\nrand_serial = yes\npreserve = yes\n[any]\ncountryName = optional\n\
             organizationName = optional\norganizationalUnitName = optional\ncommonName = supplied\n\
             [req]\ndistinguished_name = dn\n[dn]\n[x]\n{}\n",
            wanted.extensions
        );
        fs::write(self.path("lab.cnf"), config)?;
        let (key, csr, pem) = (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
        let mut request = vec![
            "req",
            "-new",
            "-nodes",
            "-config",
            "lab.cnf",
            "-subj",
            wanted.subject,
            "-out",
            &csr,
        ];
        if self.path(&key).exists() {
            request.extend(["-key", &key]);
        } else {
            request.extend(["-keyout", &key]);
            request.extend(wanted.key);
        }
        self.run(&request)?;
        let issuer = wanted.issuer.unwrap_or(name);
        let (issuer_pem, issuer_key) = (format!("{issuer}.pem"), format!("{issuer}.key"));
        let (from, to) = wanted.validity;
        let mut sign = vec![
            "ca", "-batch", "-notext", "-config", "lab.cnf", "-in", &csr, "-out", &pem,
        ];
        sign.extend([
            "-extensions",
            "x",
            "-startdate",
            from,
            "-enddate",
            to,
            "-keyfile",
            &issuer_key,
        ]);
        if wanted.issuer.is_some() {
            sign.extend(["-cert", &issuer_pem]);
        } else {
            sign.push("-selfsign");
        }
        self.run(&sign)?;
        Ok(self.run(&["x509", "-in", &pem, "-outform", "DER"])?.len())
    }

    /// Runs openssl in the folder and returns what it printed.
    pub fn run(&self, arguments: &[&str]) -> Result<Vec<u8>, Box<dyn Error>> {
        let done = Command::new("openssl")
            .args(arguments)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .output()?;
        if done.status.success() {
            return Ok(done.stdout);
        }
        Err(format!(
            "openssl {}: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&done.stderr)
        )
        .into())
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.folder);
    }
}
