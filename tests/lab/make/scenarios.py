"""Records the sessions of ../runs: real TLS programs on the loopback device, one fault each.

usage: scenarios.py PEER-2.28 PEER-3.6 [NUMBER...]

The two programs are ../mbedtls built against Mbed TLS 2.28 and 3.6. Besides: openssl, gnutls-bin,
tshark, and Python with `cryptography`. It must run as root in a network namespace of its own,
with an Ethernet's MTU:

    unshare -n sh -c 'ip link set lo up mtu 1500; python3 scenarios.py ...'
"""
import sys
import tempfile
from pathlib import Path

import pki
import rig

HOST = "meters.example.test"
OUT = Path(__file__).resolve().parent.parent / "runs"
OLD, NEW = (str(Path(p).resolve()) for p in sys.argv[1:3])
ONLY = set(sys.argv[3:])
WORK = Path(tempfile.mkdtemp(prefix="handlens-lab-"))

# Certificates.
root = pki.make("Meadow Root", ca=True)
issuing = pki.make("Meadow Issuing", root, ca=True)
policy = pki.make("Meadow Policy", root, ca=True)
below = pki.make("Meadow Issuing 2", policy, ca=True)
elliptic = pki.make("Meadow EC Root", kind="p256", ca=True)
stranger = pki.make("Other Root", ca=True)
stale = pki.make("Meadow Issuing 2021", root, ca=True, start=-5, end=-0.1)
unmarked = pki.make("Meadow Issuing 3", root, ca=True, flagged=False)
fenced = pki.make("Meadow Issuing 4", root, ca=True, constraint="elsewhere.test")
lapsed = pki.make("Meadow Old Root", ca=True, start=-9, end=-0.1)
crossed = pki.make("Meadow Root", lapsed, ca=True, key=root.key)
CHAINS = {
    "good": [pki.make(HOST, issuing), issuing],
    "elliptic": [pki.make(HOST, elliptic, kind="p256")],
    "expired": [pki.make(HOST, issuing, start=-2, end=-0.1), issuing],
    "stale": [pki.make(HOST, stale), stale],
    "crossed": [pki.make(HOST, issuing), issuing, crossed],
    "alone": [pki.make(HOST, issuing)],
    "swapped": [pki.make(HOST, below), policy, below],
    "elsewhere": [pki.make("other.example.test", issuing), issuing],
    "own": [pki.make(HOST)],
    "client": [pki.make(HOST, issuing, usage=pki.CLIENT), issuing],
    "unsigned": [pki.make(HOST, issuing, sign=False), issuing],
    "unmarked": [pki.make(HOST, unmarked), unmarked],
    "fenced": [pki.make(HOST, fenced), fenced],
    "edwards": [pki.make(HOST, issuing, kind="ed25519"), issuing],
    "wide": [pki.make(HOST, issuing, extra_names=1100), issuing],
    "device": [pki.make("meter-0042", elliptic, kind="p256", usage=pki.CLIENT)],
    "device-expired": [pki.make("meter-0042", elliptic, kind="p256", usage=pki.CLIENT, start=-2, end=-0.1)],
    "device-stranger": [pki.make("meter-0042", stranger, kind="p256", usage=pki.CLIENT)],
}
TRUST = {"root": root, "elliptic-root": elliptic, "stranger": stranger, "lapsed": lapsed}
for name, chain in CHAINS.items():
    (WORK / f"{name}.pem").write_text("".join(c.pem() for c in chain))
    (WORK / f"{name}.rest").write_text("".join(c.pem() for c in chain[1:]))
    (WORK / f"{name}.key").write_text(chain[0].key_pem())
for name, made in TRUST.items():
    (WORK / f"{name}.pem").write_text(made.pem())
(WORK / "cut.pem").write_text(root.pem()[:900])

ports = iter(range(43000, 44000, 3))
number = 0


def files(chain, trust):
    names = {"server-chain.pem": chain, "device-trust.pem": trust}
    return {name: (WORK / f"{of}.pem").read_text() for name, of in names.items() if of}


def session(kind, cause, stack, version, device, peers, port, chain="good", trust="root", also=(), fault="",
            role="client", outcome=None, **more):
    global number
    number += 1
    if ONLY and str(number) not in ONLY:
        return
    told = {
        "kind": kind, "stack": stack, "stack_version": version, "role": role, "cause": cause,
        "outcome": outcome or ("success" if cause == "none" else "failure"),
        "fault": fault or "No fault injected.", "also_acceptable": list(also),
    }
    slug = stack.lower().replace(" ", "-")
    folder = OUT / f"{number:02d}-{kind}--{slug}-{version}"
    rig.record(folder, WORK, told, device, peers, port, files(chain, trust), **more)
    print(folder.name, flush=True)


def openssl(port, chain="good", *options):
    """`openssl s_server` that answers each line reversed."""
    argv = ["openssl", "s_server", "-accept", port, "-keylogfile", "keylog.txt", "-state", "-rev",
            "-cert", f"{chain}.pem", "-key", f"{chain}.key", *options]
    if len(CHAINS[chain]) > 1:
        argv += ["-cert_chain", f"{chain}.rest"]
    return lambda: [rig.spawn(argv, WORK)]


def gnutls(port, chain="good", *options):
    argv = ["gnutls-serv", "-p", port, "--echo", f"--x509certfile={chain}.pem", f"--x509keyfile={chain}.key", *options]
    return lambda: [rig.spawn(argv, WORK)]


def mbedtls(port, program=None, chain="good", **options):
    argv = [program or NEW, "role=server", f"port={port}", "debug=1", *[f"{k}={v}" for k, v in options.items()]]
    if chain:
        argv += [f"cert={chain}.pem", f"key={chain}.key"]
    return lambda: [rig.spawn(argv, WORK)]


def through(peers, port, to, fault):
    return lambda: peers() + [rig.Relay(port, to, fault)]


def answers(port, text, after_hello):
    def talk(device):
        if after_hello:
            device.recv(4096)
        device.sendall(text)
        device.settimeout(2)
        device.recv(4096)
    return lambda: [rig.script(port, talk)]


def from_record(side, number, what):
    """This record of this side and all that follow meet the fault."""
    return lambda s, n, record: what if s == side and n >= number else record


def spoiled(side, number, at):
    """One byte of this record is another."""
    def fault(s, n, record):
        if (s, n) != (side, number):
            return record
        changed = bytearray(record)
        changed[at] ^= 0x55
        return bytes(changed)
    return fault


def device(program, port, style, debug=3, name=HOST, trust="root", **options):
    argv = [program, f"port={port}", f"style={style}", f"debug={debug}"]
    argv += [f"name={name}"] if name else []
    argv += [f"ca={trust}.pem"] if trust else []
    return argv + [f"{k}={v}" for k, v in options.items()]


def meter(kind, cause, program, style, serve, chain="good", trust="root", debug=2, name=HOST, more=None, **rest):
    """A device on Mbed TLS; `serve(port)` gives its peer."""
    port = next(ports)
    version = "2.28" if program == OLD else "3.6"
    argv = device(program, port, style, debug, name, trust, **(more or {}))
    session(kind, cause, "Mbed TLS", version, argv, serve(port), port, chain, trust, **rest)


def faulty(kind, cause, program, style, meets, *options, debug=2, more=None, **rest):
    """The same through a relay with a fault."""
    to = next(ports)
    meter(kind, cause, program, style, lambda port: through(openssl(to, "good", *options), port, to, meets),
          debug=debug, more=more, **rest)


def client(kind, cause, style, serve, *options, chain="good", trust="root", **rest):
    """`openssl s_client` as the device."""
    port = next(ports)
    argv = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", HOST, "-verify_hostname", HOST,
            "-CAfile", f"{trust}.pem", "-verify_return_error", *options]
    session(kind, cause, "OpenSSL", "3.0", argv, serve(port), port, chain, trust, style=style,
            typed=[(0.8, b"hello\n"), (0.8, b"")], **rest)


def gateway(kind, cause, style, serve, *options, level=2, chain="good", trust="root", **rest):
    """`gnutls-cli` as the device."""
    port = next(ports)
    argv = ["gnutls-cli", "-p", port, "127.0.0.1", "-d", level, f"--x509cafile={trust}.pem", f"--sni-hostname={HOST}",
            f"--verify-hostname={HOST}", *options]
    session(kind, cause, "GnuTLS", "3.7", argv, serve(port), port, chain, trust, style=style,
            typed=[(0.8, b"hello\n"), (0.8, b"")], **rest)


REQUIRED = ("-Verify", "2", "-CAfile", "elliptic-root.pem", "-verify_return_error")
PSK = {"psk": "0011223344556677", "identity": "meter-7", "suites": "TLS-PSK-WITH-AES-128-GCM-SHA256", "max": 3}
PSK_SERVER = ("-psk", "0011223344556677", "-psk_identity", "meter-7", "-tls1_2", "-cipher", "PSK")
UNANSWERED = ("net.packet_loss_or_mtu", "net.timeout_too_short", "net.middlebox")

# What works.
meter("success-mutual-tls13", "none", NEW, "zephyr", lambda p: openssl(p, "good", *REQUIRED), more={"cert": "device.pem", "key": "device.key"})
meter("success-psk", "none", OLD, "esp", lambda p: openssl(p, "good", *PSK_SERVER), chain=None, trust=None, more=PSK)
meter("success-hello-retry", "none", NEW, "plain", lambda p: openssl(p, "good", "-groups", "P-384"), debug=1, more={"groups": "x25519,secp384r1"})
meter("success-rsa-key-exchange", "none", OLD, "arduino", lambda p: openssl(p, "good", "-tls1_2", "-cipher", "AES128-SHA"))
meter("success-dtls-with-cookie", "none", OLD, "zephyr", lambda p: mbedtls(p, OLD, datagram=1, mtu=1200), udp=True, more={"datagram": 1})
client("success-messages", "none", "terminal", gnutls, "-msg")
gateway("success-mutual", "none", "none", lambda p: openssl(p, "good", *REQUIRED), "--x509certfile=device.pem", "--x509keyfile=device.key")

# Parameters.
meter("alpn-mismatch", "tls.alpn_mismatch", NEW, "esp", lambda p: mbedtls(p, alpn="h2"), more={"alpn": "mqtt"}, fault="No application protocol in common.")
meter("psk-wrong-secret", "psk.mismatch", OLD, "zephyr", lambda p: openssl(p, "good", *PSK_SERVER), chain=None, trust=None, more={**PSK, "psk": "ffffffffffffffff"}, also=["tls.handshake_signature_invalid"], fault="The device's key is another.")
meter("server-tls13-only", "tls.version_mismatch", OLD, "raw", lambda p: openssl(p, "good", "-tls1_3"), fault="The server speaks TLS 1.3 alone.")
meter("no-common-group-tls13", "tls.no_common_group", NEW, "iso", lambda p: openssl(p, "good", "-tls1_3", "-groups", "P-521"), more={"groups": "secp256r1", "min": 4}, also=["tls.no_common_cipher_suite", "server.misconfigured"], fault="The device has P-256, the server P-521.")
meter("no-common-cipher-suite", "tls.no_common_cipher_suite", OLD, "tagged", lambda p: openssl(p, "good", "-tls1_2", "-cipher", "CHACHA20"), more={"suites": "TLS-ECDHE-RSA-WITH-AES-128-GCM-SHA256"}, fault="The server has ChaCha20 alone, the device AES.")
client("server-without-renegotiation-info", "tls.extension_unsupported", "iso", lambda p: gnutls(p, "good", "--priority", "NORMAL:%DISABLE_SAFE_RENEGOTIATION:-VERS-TLS1.3"), "-state", fault="The server knows no secure renegotiation.")

# Certificates.
meter("intermediate-expired", "cert.expired", NEW, "esp", lambda p: openssl(p, "stale"), chain="stale", fault="The intermediate has expired.")
meter("root-on-the-device-expired", "cert.expired", OLD, "boot", lambda p: openssl(p, "crossed"), chain="crossed", trust="lapsed", debug=3, also=["cert.wrong_ca"], fault="The device trusts a root that has expired; the server sends the way to it.")
meter("self-signed", "cert.wrong_ca", NEW, "colour", lambda p: openssl(p, "own"), chain="own", fault="The server's certificate signs itself.")
meter("chain-order", "cert.chain_order", OLD, "raw", lambda p: openssl(p, "swapped", "-tls1_2"), chain="swapped", debug=3, fault="The two intermediates are sent in the wrong order.")
meter("usage-client", "cert.usage_wrong", NEW, "plain", lambda p: openssl(p, "client"), chain="client", fault="The certificate is for TLS clients.")
meter("issuer-without-ca-flag", "cert.usage_wrong", OLD, "tagged", lambda p: openssl(p, "unmarked", "-tls1_2"), chain="unmarked", also=["cert.wrong_ca"], fault="The issuing certificate is not marked as a CA.")
meter("ed25519-certificate", "cert.key_type_unsupported", NEW, "zephyr", lambda p: openssl(p, "edwards"), chain="edwards", also=["tls.no_common_signature_algorithm", "tls.no_common_cipher_suite"], fault="The server has an Ed25519 certificate alone.")
meter("other-name", "cert.name_mismatch", NEW, "arduino", lambda p: openssl(p, "elsewhere"), chain="elsewhere", debug=1, fault="The certificate is for another name.")
client("name-constraints", "cert.usage_wrong", "none", lambda p: openssl(p, "fenced"), chain="fenced", also=["cert.name_mismatch"], fault="The issuer may not certify this name.")
client("expired-intermediate", "cert.expired", "iso", lambda p: openssl(p, "stale"), chain="stale", fault="The intermediate has expired.")
gateway("expired", "cert.expired", "terminal", lambda p: openssl(p, "expired"), chain="expired", fault="The certificate has expired.")
gateway("issuer-unknown", "cert.wrong_ca", "none", lambda p: openssl(p), trust="stranger", level=0, also=["cert.chain_incomplete"], fault="The device trusts another root.")

# The device's own certificate.
meter("client-certificate-missing-gnutls", "client_auth.cert_missing", OLD, "esp", lambda p: gnutls(p, "good", "--require-client-cert", "--x509cafile", "elliptic-root.pem"), fault="The device has no certificate.")
meter("client-certificate-expired-tls13", "client_auth.cert_rejected", NEW, "boot", lambda p: openssl(p, "good", *REQUIRED), also=["cert.expired"], more={"cert": "device-expired.pem", "key": "device-expired.key"}, fault="The device's certificate has expired.")
meter("client-certificate-of-a-stranger", "client_auth.cert_rejected", NEW, "zephyr", lambda p: openssl(p, "good", *REQUIRED), also=["cert.wrong_ca"], more={"cert": "device-stranger.pem", "key": "device-stranger.key"}, fault="The device's certificate is of another CA.")

# Memory, randomness, files.
meter("memory-at-setup", "device.out_of_memory", NEW, "raw", openssl, more={"heap": 24000}, fault="24,000 bytes of heap.")
meter("random-numbers-end", "device.entropy_failure", OLD, "zephyr", lambda p: openssl(p, "good", "-tls1_2"), more={"rng": 2}, fault="The random generator fails in the key exchange.")
meter("trust-file-cut", "cert.format_invalid", OLD, "esp", openssl, trust="cut", chain=None, fault="The file with the root ends early.")

# The line.
faulty("reset-after-certificate", "net.reset_mid_handshake", OLD, "zephyr", from_record("peer", 3, "rst"), "-tls1_2", fault="TCP is reset in the server's flight.")
faulty("nothing-after-server-hello", "net.packet_loss_or_mtu", OLD, "boot", from_record("peer", 2, "hole"), "-tls1_2", more={"timeout": 3000}, also=["net.timeout_too_short", "server.silent_close"], fault="After the ServerHello nothing arrives any more.")
faulty("closed-after-client-hello", "server.silent_close", NEW, "arduino", from_record("peer", 1, "fin"), also=["net.reset_mid_handshake"], fault="TCP is closed without an alert.")
faulty("signature-damaged", "tls.handshake_signature_invalid", OLD, "tagged", spoiled("peer", 3, -5), "-tls1_2", also=["net.rx_buffer_too_small"], fault="One byte of the ServerKeyExchange is changed on the way.")
meter("ssh-on-the-port", "net.not_tls", NEW, "esp", lambda p: answers(p, b"SSH-2.0-OpenSSH_9.2p1\r\n", False), chain=None, fault="The port speaks SSH.")
