"""Runs a device against a peer, records what both print and what crosses the loopback device, and
writes the truth beside it: messages and alerts as tshark reads them with the session's key log."""
import datetime as dt
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import threading
import time
import xml.etree.ElementTree as ET

HANDSHAKE = {
    1: "ClientHello", 2: "ServerHello", 3: "HelloVerifyRequest", 4: "NewSessionTicket", 8: "EncryptedExtensions",
    11: "Certificate", 12: "ServerKeyExchange", 13: "CertificateRequest", 14: "ServerHelloDone",
    15: "CertificateVerify", 16: "ClientKeyExchange", 20: "Finished", 22: "CertificateStatus", 24: "KeyUpdate",
}
ALERT = {
    0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 22: "record_overflow", 40: "handshake_failure",
    42: "bad_certificate", 43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired",
    46: "certificate_unknown", 47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error",
    51: "decrypt_error", 70: "protocol_version", 71: "insufficient_security", 80: "internal_error",
    90: "user_canceled", 109: "missing_extension", 112: "unrecognized_name", 115: "unknown_psk_identity",
    116: "certificate_required", 120: "no_application_protocol",
}
# RFC 8446 section 4.1.3: the random of a ServerHello that is a HelloRetryRequest.
RETRY = "cf21ad74"


class Relay(threading.Thread):
    """Hands on whole TLS records between device and peer; `fault(side, number, record)` gives what goes on:
    bytes, "drop", "fin", "rst" or "hole" (nothing more in either direction)."""

    def __init__(self, port, to, fault):
        super().__init__(daemon=True)
        self.listener = listen(port)
        self.to, self.fault = to, fault
        self.start()

    def run(self):
        while True:
            try:
                device, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(device,), daemon=True).start()

    def serve(self, device):
        peer = socket.create_connection(("127.0.0.1", self.to))
        ends = {device: ("device", peer), peer: ("peer", device)}
        held, count = {"device": b"", "peer": b""}, {"device": 0, "peer": 0}
        while ends:
            ready, _, _ = select.select(list(ends), [], [], 30)
            if not ready:
                break
            for end in ready:
                side, other = ends[end]
                try:
                    data = end.recv(65536)
                except OSError:
                    data = b""
                if not data:
                    del ends[end]
                    quietly(other.shutdown, socket.SHUT_WR)
                    continue
                held[side] += data
                while len(held[side]) >= 5:
                    size = 5 + int.from_bytes(held[side][3:5], "big")
                    if len(held[side]) < size:
                        break
                    record, held[side] = held[side][:size], held[side][size:]
                    count[side] += 1
                    what = self.fault(side, count[side], record)
                    if isinstance(what, bytes):
                        quietly(other.sendall, what)
                    elif what == "hole":
                        time.sleep(30)
                        return
                    elif what in ("fin", "rst"):
                        if what == "rst":
                            device.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                        device.close()
                        peer.close()
                        return


def quietly(call, *args):
    try:
        call(*args)
    except OSError:
        pass


def listen(port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(4)
    return listener


def script(port, talk):
    """A peer that is no TLS server: `talk(socket)` once for each connection."""
    listener = listen(port)

    def serve():
        while True:
            try:
                device, _ = listener.accept()
            except OSError:
                return
            quietly(talk, device)
            device.close()

    threading.Thread(target=serve, daemon=True).start()
    return listener


def spawn(argv, work):
    """A peer; what it prints goes to peer.log."""
    log = open(work / "peer.log", "ab")
    env = dict(os.environ, LC_ALL="C", SSLKEYLOGFILE=str(work / "keylog.txt"))
    return subprocess.Popen([str(a) for a in argv], stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.PIPE,
                            cwd=work, env=env, start_new_session=True)


def stop(thing):
    if isinstance(thing, subprocess.Popen):
        quietly(os.killpg, thing.pid, signal.SIGTERM)
        try:
            thing.wait(2)
        except subprocess.TimeoutExpired:
            quietly(os.killpg, thing.pid, signal.SIGKILL)
    elif isinstance(thing, Relay):
        thing.listener.close()
    else:
        thing.close()


def stamped(line, style):
    """A console puts the time in front of each line."""
    now = dt.datetime.now(UTC)
    ms = now.microsecond // 1000
    front = {
        "none": "",
        "iso": now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms:03d}Z ",
        "terminal": now.strftime("[%H:%M:%S.") + f"{ms:03d}] ",
        "journal": now.strftime("%b %d %H:%M:%S") + " gateway uplink[3391]: ",
    }[style]
    return front.encode() + line


UTC = dt.timezone.utc


def run(argv, log, work, style="none", typed=None, timeout=15, env=None):
    """The device: every line it prints goes to `log` as a console would show it. `typed` are its input's
    lines with the seconds to wait before each."""
    device = subprocess.Popen([str(a) for a in argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.PIPE, cwd=work, start_new_session=True,
                              env=dict(os.environ, LC_ALL="C", SSLKEYLOGFILE=str(work / "keylog.txt"), **(env or {})))

    def type_in():
        for wait, line in typed:
            time.sleep(wait)
            quietly(device.stdin.write, line)
            quietly(device.stdin.flush)
        quietly(device.stdin.close)

    if typed is not None:
        threading.Thread(target=type_in, daemon=True).start()
    until, held = time.time() + timeout, b""
    with open(log, "wb") as out:
        while time.time() < until:
            ready, _, _ = select.select([device.stdout], [], [], max(0, until - time.time()))
            data = os.read(device.stdout.fileno(), 65536) if ready else b""
            if not data:
                break
            held += data
            *lines, held = held.split(b"\n")
            for line in lines:
                out.write(stamped(line, style) + b"\n")
        if held:
            out.write(stamped(held, style) + b"\n")
    stop(device)


def capture(port, path, udp):
    """Starts the capture and waits until it runs."""
    kind = "udp" if udp else "tcp"
    taker = subprocess.Popen(["dumpcap", "-q", "-i", "lo", "-f", f"{kind} port {port}", "-w", str(path)],
                             stderr=subprocess.DEVNULL)
    for _ in range(60):
        if path.exists() and path.stat().st_size > 100:
            break
        time.sleep(0.05)
    time.sleep(0.25)
    return taker


def wire(path, port, keylog=None, udp=False):
    """Messages and alerts of the first connection, in the order of the capture."""
    kind, what = ("udp", "dtls") if udp else ("tcp", "tls")
    command = ["tshark", "-r", str(path), "-T", "pdml", "-d", f"{kind}.port=={port},{what}", "--disable-protocol", "http"]
    if keylog:
        command += ["-o", f"tls.keylog_file:{keylog}"]
    text = subprocess.run(command, capture_output=True, check=True).stdout
    tree = ET.fromstring(re.sub(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", b"", text))
    messages, alerts, ciphered, seen, client = [], [], set(), set(), None
    for packet in tree:
        shown = {}
        for field in packet.iter("field"):
            shown.setdefault(field.get("name"), field.get("show"))
        source, target = shown.get(f"{kind}.srcport"), shown.get(f"{kind}.dstport")
        if source is None:
            continue
        own = source if int(source) != port else target
        client = client or own
        if own != client:
            continue
        way = "S>C" if int(source) == port else "C>S"
        at = float(shown.get("frame.time_relative", 0))
        for record in packet.iter("field"):
            if record.get("name") != f"{what}.record":
                continue
            content = next((f.get("show") for f in record.iter("field") if f.get("name") == f"{what}.record.content_type"), "23")
            before, level = len(messages), None
            named = False
            for field in record.iter("field"):
                name, value = field.get("name"), field.get("show")
                if name == f"{what}.handshake.type":
                    named = True
                    messages.append((at, way, HANDSHAKE.get(int(value), "Other")))
                elif name == f"{what}.handshake.message_seq":
                    # A fragment, or the same message sent again.
                    key = (way, messages[-1][2], value)
                    if key in seen:
                        messages.pop()
                    seen.add(key)
                elif name == f"{what}.handshake.random" and (field.get("value") or "").startswith(RETRY) and len(messages) > before:
                    messages[-1] = (at, way, "HelloRetryRequest")
                elif name == f"{what}.alert_message.level":
                    level = "fatal" if value == "2" else "warning"
                elif name == f"{what}.alert_message.desc":
                    named = True
                    number = int(value)
                    alerts.append((way, level, number, ALERT.get(number, f"alert_{number}")))
            if content == "20":
                ciphered.add(way)
                messages.append((at, way, "ChangeCipherSpec"))
            elif content == "22" and not named and way in ciphered:
                messages.append((at, way, "EncryptedHandshakeMessage"))
        if shown.get("tcp.flags.reset") in ("1", "True"):
            messages.append((at, way, "TCP RST"))
    return messages, alerts


def quoted(text):
    return '"' + str(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def truth(folder, told, port, keylog, udp):
    """Writes scenario.toml."""
    path = folder / "capture.pcapng"
    clear, plain = wire(path, port, None, udp)
    opened, alerts = wire(path, port, keylog, udp) if keylog else ([], plain)
    own = "S>C" if told["role"] == "server" else "C>S"
    lines = [f"{key} = {quoted(value)}" for key, value in told.items() if not isinstance(value, list)]
    lines += [f"{key} = [{', '.join(quoted(v) for v in value)}]" for key, value in told.items() if isinstance(value, list)]
    lines += [f"tcp_port = {port}", "alerts = ["]
    for alert in alerts:
        way, level, number, name = alert
        by = "device" if way == own else "peer"
        hidden = "false" if alert in plain else "true"
        lines.append(f"  {{ direction = {quoted(way)}, sent_by = {quoted(by)}, level = {quoted(level)}, "
                     f"number = {number}, name = {quoted(name)}, encrypted = {hidden} }},")
    lines.append("]")
    for key, messages in (("timeline", clear), ("timeline_decrypted", opened)):
        if messages:
            lines.append(f"{key} = [")
            lines += [f"  {{ t = {at:.3f}, dir = {quoted(way)}, msg = {quoted(msg)} }}," for at, way, msg in messages]
            lines.append("]")
    (folder / "scenario.toml").write_text("\n".join(lines) + "\n")


def record(folder, work, told, device, peers, port, files, style="none", typed=None, udp=False, asks=None, timeout=15):
    """One run into one folder. `peers()` starts what the device talks to; where the device is the server,
    `asks` is the client that comes to it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("keylog.txt", "peer.log", "capture.pcapng"):
        (work / name).unlink(missing_ok=True)
    taker = capture(port, work / "capture.pcapng", udp)
    told["started"] = dt.datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    started = []
    try:
        if asks:
            server = threading.Thread(target=run, args=(device, folder / "device.log", work, style, typed, timeout))
            server.start()
            time.sleep(0.7)
            run(asks, work / "peer.log", work, typed=[(1.5, b"hello\n"), (0.5, b"")], timeout=8)
            server.join()
        else:
            started = peers()
            time.sleep(0.6)
            run(device, folder / "device.log", work, style, typed, timeout)
    finally:
        for thing in started:
            stop(thing)
        time.sleep(0.4)
        taker.send_signal(signal.SIGINT)
        taker.wait(5)
    keylog = work / "keylog.txt"
    keylog = keylog if keylog.exists() and keylog.stat().st_size else None
    shutil.copy(work / "capture.pcapng", folder)
    for name in ("peer.log", "keylog.txt"):
        if (work / name).exists() and (work / name).stat().st_size:
            shutil.copy(work / name, folder)
    for name, text in files.items():
        (folder / name).write_text(text)
    (folder / "config.txt").write_text("device: " + " ".join([os.path.basename(str(device[0])), *map(str, device[1:])]).replace(str(work) + "/", "") + "\n")
    truth(folder, told, port, keylog, udp)
