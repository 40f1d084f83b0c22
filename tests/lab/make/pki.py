"""Throwaway certificates: good ones and ones with one fault each."""
import datetime as dt
import ipaddress
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

UTC = dt.timezone.utc
CURVES = {"p256": ec.SECP256R1, "p384": ec.SECP384R1, "p521": ec.SECP521R1}
CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
SERVER = ExtendedKeyUsageOID.SERVER_AUTH


@dataclass
class Made:
    cert: x509.Certificate
    key: object

    def pem(self):
        return self.cert.public_bytes(serialization.Encoding.PEM).decode()

    def key_pem(self):
        old = serialization.PrivateFormat.TraditionalOpenSSL
        new = serialization.PrivateFormat.PKCS8
        form = new if isinstance(self.key, ed25519.Ed25519PrivateKey) else old
        return self.key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def new_key(kind):
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:]))
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(CURVES[kind]())


def years(n):
    return dt.datetime.now(UTC).replace(microsecond=0) + dt.timedelta(days=365 * n)


def make(name, issuer=None, kind="rsa2048", ca=False, flagged=None, names=None, usage=SERVER, sign=True,
         start=-0.2, end=8, extra_names=0, constraint=None, key=None):
    """One certificate. `flagged`: the CA flag it carries, where that is not the truth. `start` and `end`
    are years from now. `sign` False leaves out digitalSignature."""
    key = key or new_key(kind)
    subject = x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Meadow Meters"),
        x509.NameAttribute(NameOID.COMMON_NAME, name),
    ])
    flag = ca if flagged is None else flagged
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.cert.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(years(start))
        .not_valid_after(years(end))
        .add_extension(x509.BasicConstraints(flag, None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.KeyUsage(sign and not ca, False, sign and not ca, False, False, ca or not sign, ca, False, False), True)
    )
    if issuer:
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), False)
    if constraint:
        builder = builder.add_extension(x509.NameConstraints([x509.DNSName(constraint)], None), True)
    if not ca:
        listed = [x509.DNSName(n) for n in ([name] if names is None else names)]
        listed += [x509.DNSName(f"meter-{i:03d}.{name}") for i in range(extra_names)]
        if listed:
            builder = builder.add_extension(x509.SubjectAlternativeName(listed), False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), False)
    signer = issuer.key if issuer else key
    digest = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return Made(builder.sign(signer, digest), key)
