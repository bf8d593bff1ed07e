# SPDX-License-Identifier: Apache-2.0
"""Certificates and lists of revoked ones, read and verified. Spec: RFC 5280.

Does not: names, policies and extensions that neither AMD's nor Intel's profile has.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone

import der
import ecc
import rsa

COMMON_NAME = der.oid("2.5.4.3")
BASIC_CONSTRAINTS, KEY_USAGE = der.oid("2.5.29.19"), der.oid("2.5.29.15")


class Refused(Exception):
    """Evidence is not to be believed: why."""


def time(data: bytes) -> datetime:
    tag, text, _ = der.read(data)
    form = {der.UTC_TIME: "%y%m%d%H%M%SZ", der.GENERALIZED_TIME: "%Y%m%d%H%M%SZ"}[tag]
    return datetime.strptime(text.decode(), form).replace(tzinfo=timezone.utc)


def number(data: bytes) -> int:
    return int.from_bytes(der.content(data, der.INTEGER), "big")


def items(data: bytes) -> dict[bytes, bytes]:
    """Of a sequence of pairs {object identifier, value}."""
    found = {}
    for item in der.whole(der.content(data)):
        oid, value = der.whole(der.content(item))
        found[oid] = value
    return found


def common_name(name: bytes) -> str:
    for attributes in der.whole(der.content(name)):
        oid, value = der.whole(der.content(der.content(attributes, der.SET)))
        if oid == COMMON_NAME:
            return der.read(value)[1].decode()
    raise Refused("a certificate is nobody's")


def ecdsa_signature(signature: bytes) -> tuple[int, int]:
    r, s = (number(value) for value in der.whole(der.content(signature)))
    if der.sequence(der.integer(r), der.integer(s)) != signature:
        raise Refused("a signature is not DER")
    return r, s


@dataclass(frozen=True)
class PublicKey:
    info: bytes  # SubjectPublicKeyInfo

    @property
    def parts(self) -> tuple[bytes, bytes]:
        algorithm, value = der.whole(der.content(self.info))
        return algorithm, der.content(value, der.BIT_STRING)[1:]

    def point(self) -> tuple[ecc.Curve, ecc.Point]:
        algorithm, value = self.parts
        for curve in ecc.CURVES.values():
            if algorithm == ecc.EcKey.spki_algorithm(curve) and len(value) == 2 * curve.size + 1 and value[0] == 4:
                half = curve.size + 1
                return curve, (int.from_bytes(value[1:half], "big"), int.from_bytes(value[half:], "big"))
        raise Refused("a key is of another kind")

    def verify(self, algorithm: bytes, message: bytes, signature: bytes) -> None:
        if self.parts[0] == rsa.RSA_ENCRYPTION and algorithm == rsa.PSS:
            modulus, exponent = map(number, der.whole(der.content(self.parts[1])))
            return rsa.verify(modulus, exponent, message, signature)
        curve, point = self.point()
        if algorithm != der.sequence(der.oid(curve.signature_oid)):
            raise Refused("a signature is of another kind than the key")
        return ecc.verify(curve, point, message, ecdsa_signature(signature))


@dataclass(frozen=True)
class Signed:
    """What a certificate and a list have in common."""
    tbs: bytes
    algorithm: bytes
    signature: bytes

    @classmethod
    def parse(cls, data: bytes) -> Signed:
        tbs, algorithm, signature = der.whole(der.content(data))
        inside = der.content(signature, der.BIT_STRING)
        if inside[:1] != b"\0":
            raise Refused("a signature is no whole bytes")
        return cls(tbs, algorithm, inside[1:])


@dataclass(frozen=True)
class Certificate:
    signed: Signed
    serial: int
    issuer: bytes
    subject: bytes
    start: datetime
    end: datetime
    key: PublicKey
    extensions: dict[bytes, bytes]  # object identifier, DER -> value

    @classmethod
    def parse(cls, data: bytes) -> Certificate:
        signed = Signed.parse(data)
        version, serial, algorithm, issuer, validity, subject, key, extensions = der.whole(der.content(signed.tbs))
        if algorithm != signed.algorithm or version != der.explicit(0, der.integer(2)):
            raise Refused("a certificate is of another kind")
        start, end = map(time, der.whole(der.content(validity)))
        return cls(signed, number(serial), issuer, subject, start, end, PublicKey(key), dict(
            parse_extensions(extensions)))

    @property
    def signs_certificates(self) -> bool:
        return (self.extensions.get(BASIC_CONSTRAINTS, b"").startswith(der.boolean(True), 2) and
                bool(der.content(self.extensions[KEY_USAGE], der.BIT_STRING)[1] & 0x04))

    def check(self, by: Certificate, at: datetime) -> None:
        """That it is signed by @by, and valid @at."""
        if self.issuer != by.subject or not by.signs_certificates:
            raise Refused("a certificate is not of the one that it names")
        if not self.start <= at <= self.end:
            raise Refused("a certificate is not valid at this time")
        by.key.verify(self.signed.algorithm, self.signed.tbs, self.signed.signature)


def parse_extensions(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    for extension in der.whole(der.content(der.content(data, der.CONTEXT | der.CONSTRUCTED | 3))):
        oid, *_, value = der.whole(der.content(extension))
        yield oid, der.content(value, der.OCTET_STRING)


def revoked(data: bytes, by: Certificate, at: datetime) -> set[int]:
    """Serial numbers of a list that @by signed, which is valid @at."""
    signed = Signed.parse(data)
    version, algorithm, issuer, start, end, *rest = der.whole(der.content(signed.tbs))
    if algorithm != signed.algorithm or version != der.integer(1) or issuer != by.subject:
        raise Refused("the list of revoked certificates is another's")
    if not time(start) <= at <= time(end):
        raise Refused("the list of revoked certificates is not valid at this time")
    by.key.verify(signed.algorithm, signed.tbs, signed.signature)
    entries = der.whole(der.content(rest[0])) if rest and rest[0][0] == der.SEQUENCE else iter(())
    return {number(next(der.whole(der.content(entry)))) for entry in entries}
