# SPDX-License-Identifier: Apache-2.0
"""Guests, and hosts between them and tools/key-broker. Evidence is made here in place of a firmware's; a guest opens what
it gets with another library than the broker seals with.

Usage: broker_guests.py BROKER MODULES ROOT WORK
"""
import dataclasses
import hashlib
import os
import pathlib
import socket
import subprocess
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

BROKER, MODULES, ROOT, WORK = sys.argv[1:]
sys.dont_write_bytecode = True
sys.path.insert(0, MODULES)
import amd  # noqa: E402
import root  # noqa: E402
import snp_report  # noqa: E402
import tdx_quote  # noqa: E402
from evidence_corpus import another  # noqa: E402

SECRET = b"the disk's key"
NAME = b"Postern key broker"
MEASUREMENT = hashlib.sha384(b"a guest").digest()
OURS = root.TestRoot.load(pathlib.Path(ROOT))
THEIRS = another(OURS)


def extract(salt, suite, label, data):
    h = hmac.HMAC(salt or bytes(32), hashes.SHA256())
    h.update(b"HPKE-v1" + suite + label + data)
    return h.finalize()


def expand(key, suite, label, info, size):
    info = size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return HKDFExpand(hashes.SHA256(), size, info).derive(key)


def unseal(key, encapsulated, associated, ciphertext):
    """RFC 9180, read a second time."""
    kem, suite = b"KEM\x00\x10", b"HPKE\x00\x10\x00\x01\x00\x02"
    sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), encapsulated)
    shared = expand(extract(b"", kem, b"eae_prk", key.exchange(ec.ECDH(), sender)), kem, b"shared_secret",
                    encapsulated + public(key), 32)
    context = b"\0" + extract(b"", suite, b"psk_id_hash", b"") + extract(b"", suite, b"info_hash", NAME)
    secret = extract(shared, suite, b"secret", b"")
    return AESGCM(expand(secret, suite, b"key", context, 32)).decrypt(
        expand(secret, suite, b"base_nonce", context, 12), ciphertext, associated)


def public(key):
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def new_key():
    return ec.generate_private_key(ec.SECP256R1())


def bound(nonce, point):
    return hashlib.sha512(NAME + b"\0" + nonce + point).digest()


def snp(data, of=OURS, signer=None, **fields):
    fields = {"measurement": MEASUREMENT, "chip_id": of.chip_id, **fields}
    return snp_report.make(5, report_data=data, **fields).signed(signer or of.amd_keys.vcek)


def tdx(data, of=OURS, **fields):
    body = tdx_quote.Body(**{"report_data": data, "mrtd": MEASUREMENT, **fields})
    return tdx_quote.quote(tdx_quote.quoting(of), body)


def table(of, **other):
    certificates = {**of.amd_certificates(), **other}
    return root.guid_table.table({amd.GUIDS[name]: data for name, data in certificates.items()})


class Guest:
    """One connection; @said: the lines behind hello."""

    def __init__(self, kind):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect("broker")
        self.lines = self.socket.makefile("rw")
        self.send("hello " + kind)
        words = self.lines.readline().split()
        self.nonce = bytes.fromhex(words[1]) if words[0] == "nonce" else b""

    def send(self, text):
        print(text, file=self.lines, flush=True)

    def ask(self, **said):
        for name, data in said.items():
            self.send(f"{name} {data.hex()}")
        return self.lines.readline().split(maxsplit=1)


def told(name, reply, key=None, data=b""):
    """What became of it, as its guest sees it."""
    if reply[:1] != ["secret"]:
        print(name, *(word.strip() for word in reply))
        return
    encapsulated, ciphertext = map(bytes.fromhex, reply[1].split())
    print(name, "opened" if unseal(key, encapsulated, data, ciphertext) == SECRET else "WRONG")
    changed = bytes([ciphertext[0] ^ 1]) + ciphertext[1:]
    for who, what, by in (key, changed, data), (new_key(), ciphertext, data), (key, ciphertext, bytes(64)):
        try:
            unseal(who, encapsulated, by, what)
            print(name, "OPENED BY ANOTHER")
        except InvalidTag:
            pass


def attested(name, kind, evidence, change=lambda said: said, point=None, **more):
    """A guest with a key of its own and evidence for it, or for what it says is one."""
    guest, key = Guest(kind), new_key()
    point = public(key) if point is None else point
    data = bound(guest.nonce, point)
    said = change({"key": point, **more, "evidence": evidence(data)})
    told(name, guest.ask(**said), key, data)
    return said


def good():
    attested("snp", "snp", snp)
    attested("snp with the host's certificates", "snp", snp, certificates=table(OURS))
    vlek = {"signer_info": snp_report.SIGNED_BY_VLEK << 2, "signer": OURS.amd_keys.vlek}
    attested("snp by VLEK", "snp", lambda data: snp(data, **vlek), certificates=table(OURS))
    attested("tdx", "tdx", tdx)


def hosts():
    """Hosts that replay and swap."""
    for kind, make in ("snp", snp), ("tdx", tdx):
        earlier = attested(f"{kind} before", kind, make)
        told(f"{kind} replayed:", Guest(kind).ask(**earlier))
        mine = public(new_key())
        attested(f"{kind} with the host's key:", kind, make, lambda said, mine=mine: {**said, "key": mine})
        attested(f"{kind} of another root:", kind, lambda data, make=make: make(data, THEIRS),
                 **({"certificates": table(THEIRS)} if kind == "snp" else {}))
        field = "measurement" if kind == "snp" else "mrtd"
        attested(f"{kind} of another guest:", kind, lambda data, make=make, field=field: make(data, **{field: bytes(48)}))
    debug = snp_report.Report().policy | snp_report.POLICY_DEBUG
    attested("snp that may be debugged:", "snp", lambda data: snp(data, policy=debug))
    attested("tdx with other words:", "tdx", lambda data: tdx(data, rtmr2=bytes([1]) * 48))
    attested("tdx that may be debugged:", "tdx", lambda data: tdx(data, attributes=1 << 28 | 1))
    migratable = snp_report.Report().policy | snp_report.POLICY_MIGRATE_MA
    attested("snp that may be migrated:", "snp", lambda data: snp(data, policy=migratable))
    attested("tdx that may be migrated:", "tdx", lambda data: tdx(data, attributes=1 << 28 | 1 << 29))
    tcb = amd.Tcb(amd.MILAN, {amd.SNP: 1})
    attested("snp of an old TCB:", "snp", lambda data: snp(data, reported_tcb=tcb.number()), certificates=table(
        OURS, vcek=amd.vcek(OURS.amd_keys, tcb, OURS.chip_id, OURS.validity)))
    attested("snp as tdx:", "tdx", snp)


def gone():
    """Who hears nothing any more ends his own line, and no other's."""
    guest = Guest("snp")
    guest.socket.shutdown(socket.SHUT_RD)
    guest.send("evidence 00")


def late():
    """A guest has the time to read its answer: the other end is still there behind the last line."""
    guest = Guest("snp")
    guest.ask(evidence=b"")
    assert not guest.lines.readline()
    guest.send("still here")
    print("who reads late: may")


def slow():
    """Who says a byte now and then keeps the next one waiting for so long, and no longer."""
    pathlib.Path("broker").unlink()
    words = [BROKER, "--listen", "unix:broker", "--once", "--patience", "2", ROOT, "secret"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as broker:
        assert broker.stderr.readline() == "key-broker: ready\n"
        guest = socket.socket(socket.AF_UNIX)
        guest.connect("broker")
        guest.settimeout(0.1)
        for _ in range(1000):
            try:
                guest.send(b"h")
                if not guest.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        else:
            broker.kill()
        print("who is slow:", broker.stderr.readline(), end="")


def garbage():
    attested("key of no point:", "snp", snp, point=b"\4" + bytes(64))
    attested("short key:", "snp", snp, point=public(new_key())[:-1])
    attested("short report:", "snp", snp, lambda said: {**said, "evidence": said["evidence"][:-1]})
    attested("no report:", "snp", snp, lambda said: {**said, "evidence": b""})
    attested("no end of the table:", "snp", snp, certificates=bytes([1]) * 48)
    attested("no certificates:", "snp", snp, certificates=table(OURS, vcek=b"", ask=b"\x30\x84"))
    told("no key:", Guest("snp").ask(evidence=snp(bytes(64))))
    guest = Guest("snp")
    guest.send("key 00")
    told("two keys:", guest.ask(key=b"\0"))
    del guest  # who is waited for else
    guest = Guest("tdx")
    guest.send("evidence \xe4")
    told("no hexadecimal:", guest.lines.readline().split(maxsplit=1))


def main():
    os.chdir(WORK)
    pathlib.Path("secret").write_bytes(SECRET)
    words = [BROKER, "--listen", "unix:broker", "--measurement", MEASUREMENT.hex(), "--rtmr", "2=" + "00" * 48, "--minimum-tcb",
             str(OURS.amd_tcb.number()), ROOT, "secret"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as broker:
        try:
            assert broker.stderr.readline() == "key-broker: ready\n"
            good()
            hosts()
            gone()
            garbage()
            late()
        finally:
            broker.kill()
    slow()


main()
