# SPDX-License-Identifier: Apache-2.0
"""Certificates and lists of revoked ones, made. Spec: RFC 5280."""
from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import der

Extension = bytes
Name = bytes
OIDS = {"CN": "2.5.4.3", "C": "2.5.4.6", "L": "2.5.4.7", "ST": "2.5.4.8", "O": "2.5.4.10", "OU": "2.5.4.11",
        "description": "2.5.4.13"}
SIGN_DIGITAL, SIGN_CONTENT, SIGN_CERTIFICATE, SIGN_CRL = 0x80, 0x40, 0x04, 0x02


class Signer(Protocol):
    @property
    def algorithm(self) -> bytes: ...

    @property
    def public_key(self) -> bytes: ...

    @property
    def public_bytes(self) -> bytes: ...

    def sign(self, message: bytes) -> bytes: ...


@dataclass(frozen=True)
class Validity:
    start: datetime
    end: datetime

    def encoded(self) -> bytes:
        return der.sequence(der.time(self.start), der.time(self.end))


def name(**attributes: str) -> Name:
    """In the order that they are given in."""
    return der.sequence(*(
        der.set_of(der.sequence(der.oid(OIDS[key]),
                                der.text(value, der.PRINTABLE_STRING if key == "C" else der.UTF8_STRING)))
        for key, value in attributes.items()))


def extension(oid: str, value: bytes, critical: bool = False) -> Extension:
    return der.sequence(der.oid(oid), *[der.boolean(True)] * critical, der.octets(value))


def key_id(key: Signer) -> bytes:
    inside = list(der.whole(der.content(key.public_key)))[1]
    return hashlib.sha1(der.content(inside, der.BIT_STRING)[1:]).digest()


def subject_key(key: Signer) -> Extension:
    return extension("2.5.29.14", der.octets(key_id(key)))


def authority_key(key: Signer) -> Extension:
    return extension("2.5.29.35", der.sequence(der.tlv(der.CONTEXT | 0, key_id(key))))


def key_usage(usage: int) -> Extension:
    unused = (usage & -usage).bit_length() - 1
    return extension("2.5.29.15", der.bits(bytes([usage]), unused), critical=True)


def basic_constraints(ca: bool, path: int | None = None) -> Extension:
    inside = [der.boolean(True)] * ca + ([] if path is None else [der.integer(path)])
    return extension("2.5.29.19", der.sequence(*inside), critical=True)


def crl_at(url: str) -> Extension:
    uri = der.tlv(der.CONTEXT | 6, url.encode())
    return extension("2.5.29.31", der.sequence(der.sequence(der.explicit(0, der.explicit(0, uri)))))


def signed(tbs: bytes, key: Signer) -> bytes:
    return der.sequence(tbs, key.algorithm, der.bits(key.sign(tbs)))


def certificate(*, serial: int, subject: Name, key: Signer, issuer: Name, by: Signer, validity: Validity,
                extensions: Sequence[Extension]) -> bytes:
    return signed(der.sequence(
        der.explicit(0, der.integer(2)), der.integer(serial), by.algorithm, issuer, validity.encoded(), subject,
        key.public_key, der.explicit(3, der.sequence(*extensions))), by)


def crl(*, issuer: Name, by: Signer, validity: Validity, revoked: Sequence[int] = ()) -> bytes:
    """@revoked: serial numbers"""
    entries = [der.sequence(der.integer(serial), der.time(validity.start)) for serial in revoked]
    extensions = der.sequence(authority_key(by), extension("2.5.29.20", der.integer(1)))
    return signed(der.sequence(
        der.integer(1), by.algorithm, issuer, der.time(validity.start), der.time(validity.end),
        *[der.sequence(*entries)] * bool(entries), der.explicit(0, extensions)), by)
