# SPDX-License-Identifier: Apache-2.0
"""Gives a secret to a guest that shows what it is, and to nobody who stands between.

A guest talks to it in lines, through whatever its host has for it (a port, a socket, vsock):

    guest   hello snp | hello tdx
    broker  nonce NONCE                     32 bytes, hex, as all that follows
    guest   key POINT                       its own P-256 key, 65 bytes, made for this
    guest   certificates TABLE              of an SNP host, if it has one
    guest   evidence REPORT                 SNP report or TDX quote, whose report data are
                                            SHA-512("Postern key broker" 00 NONCE POINT)
    broker  secret ENCAPSULATED CIPHERTEXT  HPKE (RFC 9180): base mode, P-256, HKDF-SHA256, AES-256-GCM;
                                            info "Postern key broker", associated data the report data
    broker  refused WHY

A nonce is good for one answer. The host can keep the secret from its guest, and that is all, where nobody else says
what that guest puts into its report data, and what it does with a secret: of an image that is not sealed to its command
line the host chooses the words. Our guest asks by `broker`, over the port of run-qemu.sh --serial, and prints what it got.
"""
from __future__ import annotations

import argparse
import contextlib
import hashlib
import re
import secrets
import socket
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TextIO

import ecc
import guid_table
import hpke
import snp_verify
import tdx_verify
import trusted
from certificate import Refused

NAME = b"Postern key broker"
LINE_MAX = 1 << 17


@dataclass(frozen=True)
class Broker:
    trusted: Path  # a test root's folder: of its files, the certificates alone
    secret: bytes
    measurement: bytes | None
    minimum_tcb: int
    debug: bool
    rtmrs: Mapping[int, bytes]

    def check_snp(self, evidence: bytes, bound: bytes, table: Mapping[str, bytes]) -> None:
        expected = snp_verify.Expected(bound, self.measurement, self.debug, minimum_tcb=self.minimum_tcb)
        snp_verify.verify(trusted.snp_files(self.trusted, evidence, table), expected, datetime.now(timezone.utc))

    def check_tdx(self, evidence: bytes, bound: bytes) -> None:
        expected = tdx_verify.Expected(bound, self.measurement, self.debug, self.rtmrs)
        tdx_verify.verify(trusted.tdx_files(self.trusted, evidence), expected, datetime.now(timezone.utc))

    def wrapped(self, kind: str, nonce: bytes, said: Mapping[str, bytes]) -> tuple[bytes, bytes]:
        key = said["key"]
        bound = hashlib.sha512(NAME + b"\0" + nonce + key).digest()
        if kind == "snp":
            table = guid_table.entries(said["certificates"]) if "certificates" in said else {}
            self.check_snp(said["evidence"], bound, table)
        else:
            self.check_tdx(said["evidence"], bound)
        ephemeral = ecc.EcKey(ecc.P256, 1 + secrets.randbelow(ecc.P256.n - 1))
        return hpke.seal(ephemeral, key, NAME, bound, self.secret)

    def answer(self, kind: str, nonce: bytes, said: Mapping[str, bytes]) -> str:
        try:
            encapsulated, ciphertext = self.wrapped(kind, nonce, said)
        except (Refused, ecc.BadSignature, guid_table.BadTable) as why:
            return f"refused {why}"
        return f"secret {encapsulated.hex()} {ciphertext.hex()}"

    def serve(self, lines: TextIO, out: TextIO) -> bool:
        """One guest, once: whether it got the secret."""
        nonce = secrets.token_bytes(32)
        try:
            kind = hello(lines)
            print("nonce", nonce.hex(), file=out, flush=True)
            reply = self.answer(kind, nonce, read(lines))
        except Refused as why:
            reply = f"refused {why}"
        print(reply, file=out, flush=True)
        return reply.startswith("secret")


def hello(lines: TextIO) -> str:
    words = lines.readline(LINE_MAX).split()
    if len(words) != 2 or words[0] != "hello" or words[1] not in ("snp", "tdx"):
        raise Refused("no hello")
    return words[1]


def read(lines: TextIO) -> dict[str, bytes]:
    """Up to the evidence, which is the last."""
    said: dict[str, bytes] = {}
    while "evidence" not in said:
        words = lines.readline(LINE_MAX).split()
        if len(words) != 2 or words[0] not in ("key", "certificates", "evidence") or words[0] in said:
            raise Refused("a line is not understood")
        try:
            said[words[0]] = bytes.fromhex(words[1])
        except ValueError as error:
            raise Refused("a line is not understood") from error
    if "key" not in said:
        raise Refused("no key")
    return said


def listen(where: str) -> socket.socket:
    """unix:PATH, vsock:PORT, or HOST:PORT"""
    kind, _, place = where.rpartition(":")
    if where.startswith("unix:"):
        server = socket.socket(socket.AF_UNIX)
        server.bind(where.removeprefix("unix:"))
    elif kind == "vsock":
        server = socket.socket(socket.AF_VSOCK)
        server.bind((socket.VMADDR_CID_ANY, int(place)))
    else:
        server = socket.create_server((kind, int(place)))
    server.listen()
    return server


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("key-broker", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trusted", type=Path, metavar="DIR", help="a test root's folder, whose roots are trusted")
    parser.add_argument("secret", type=Path, metavar="FILE", help="what is given")
    parser.add_argument("--measurement", type=bytes.fromhex, metavar="HEX",
                        help="SNP's launch digest or TDX's MRTD, as tools/measure prints it, of a sealed image; any "
                             "guest otherwise")
    parser.add_argument("--rtmr", type=trusted.rtmr, action="append", default=[], metavar="N=HEX",
                        help="a TD's register, as tools/measure prints it of our image's words; may be repeated")
    parser.add_argument("--minimum-tcb", type=lambda text: int(text, 0), default=0, metavar="N",
                        help="SNP's TCB_VERSION, each part of it")
    parser.add_argument("--debug", action="store_true", help="a guest that its host may debug will do")
    parser.add_argument("--listen", metavar="WHERE", help="unix:PATH, vsock:PORT or HOST:PORT; otherwise one guest on "
                                                         "standard input and output")
    parser.add_argument("--patience", type=float, default=60, metavar="SECONDS",
                        help="how long one guest may take, while the next waits (%(default)s)")
    parser.add_argument("--once", action="store_true", help="ends after one guest")
    options = parser.parse_args(arguments)
    if options.listen and not re.fullmatch("unix:.+|[^:]+:[0-9]+", options.listen):
        parser.error(f"--listen {options.listen}: must be unix:PATH, vsock:PORT or HOST:PORT")
    return options


def hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it has gone by itself
        connection.shutdown(socket.SHUT_RDWR)


def linger(connection: socket.socket, late: threading.Timer) -> None:
    """Of a connection that is closed QEMU drops what its guest has not read yet, so that ends it."""
    with connection, contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(LINE_MAX):
            pass
    late.cancel()


def attend(broker: Broker, server: socket.socket, patience: float) -> bool:
    connection, _ = server.accept()
    late = threading.Timer(patience, hang_up, [connection])
    late.start()
    given = False
    with contextlib.suppress(OSError), connection.makefile("rw", encoding="ascii", errors="replace") as stream:
        given = broker.serve(stream, stream)  # closing says it once more, of a guest that has gone
    threading.Thread(target=linger, args=[connection, late]).start()
    return given


def serve_all(broker: Broker, where: str, once: bool, patience: float) -> bool:
    server = listen(where)
    print("key-broker: ready", file=sys.stderr, flush=True)
    while True:
        given = attend(broker, server, patience)
        print("key-broker:", "given" if given else "refused", file=sys.stderr, flush=True)
        if once:
            return given


def main() -> int:
    options = parse(sys.argv[1:])
    try:
        broker = Broker(options.trusted, options.secret.read_bytes(), options.measurement, options.minimum_tcb,
                        options.debug, dict(options.rtmr))
        (broker.trusted / "amd/ark.der").read_bytes()
        if options.listen:
            return 0 if serve_all(broker, options.listen, options.once, options.patience) else 1
        with open(0, encoding="ascii", errors="replace") as lines:
            return 0 if broker.serve(lines, sys.stdout) else 1
    except OSError as error:
        print(f"key-broker: {error.filename or options.listen}: {error.strerror}", file=sys.stderr)
        return 2
