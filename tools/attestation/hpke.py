# SPDX-License-Identifier: Apache-2.0
"""Seals a message to a public key: HPKE, base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.

Spec: RFC 9180 (4.1, 5.1, 6.1), RFC 5869. Does not: open.
"""
from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ecc import P256, BadSignature, EcKey, Point

KEM = b"KEM" + bytes.fromhex("0010")
SUITE = b"HPKE" + bytes.fromhex("001000010002")
POINT_SIZE = 65


def extract(salt: bytes, suite: bytes, label: bytes, data: bytes) -> bytes:
    return hmac.new(salt or bytes(32), b"HPKE-v1" + suite + label + data, hashlib.sha256).digest()


def expand(key: bytes, suite: bytes, label: bytes, info: bytes, size: int) -> bytes:
    """At most one block, which is all that is needed here."""
    info = size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.new(key, info + b"\1", hashlib.sha256).digest()[:size]


def point(data: bytes) -> Point:
    """Of 65 bytes, uncompressed. Raises BadSignature."""
    x, y = int.from_bytes(data[1:33], "big"), int.from_bytes(data[33:], "big")
    if len(data) != POINT_SIZE or data[0] != 4 or not P256.has((x, y)):
        raise BadSignature("the key is no point of P-256")
    return x, y


def shared_secret(key: EcKey, encapsulated: bytes, to: bytes) -> bytes:
    x, _ = P256.affine(P256.times(key.secret, point(to)))
    secret = extract(b"", KEM, b"eae_prk", x.to_bytes(P256.size, "big"))
    return expand(secret, KEM, b"shared_secret", encapsulated + to, 32)


def key_and_nonce(shared: bytes, info: bytes) -> tuple[bytes, bytes]:
    context = b"\0" + extract(b"", SUITE, b"psk_id_hash", b"") + extract(b"", SUITE, b"info_hash", info)
    secret = extract(shared, SUITE, b"secret", b"")
    return expand(secret, SUITE, b"key", context, 32), expand(secret, SUITE, b"base_nonce", context, 12)


def seal(ephemeral: EcKey, to: bytes, info: bytes, associated: bytes, message: bytes) -> tuple[bytes, bytes]:
    """The encapsulated key and the ciphertext. @ephemeral is used once."""
    encapsulated = b"\4" + ephemeral.public_bytes
    key, nonce = key_and_nonce(shared_secret(ephemeral, encapsulated, to), info)
    return encapsulated, AESGCM(key).encrypt(nonce, message, associated)
