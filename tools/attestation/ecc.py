# SPDX-License-Identifier: Apache-2.0
"""ECDSA and ECDH on P-256 and P-384. A signature is a function of key and message (RFC 6979).

Spec: SEC 1, FIPS 186-4 D.1.2, RFC 6979 3.2, RFC 5915, RFC 5480. Does not: hide anything from who measures its time.
"""
from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

import der
from seeded import Seed

Point = tuple[int, int]
Jacobian = tuple[int, int, int]
INFINITY: Jacobian = (1, 1, 0)
EC_PUBLIC_KEY = der.oid("1.2.840.10045.2.1")


class BadSignature(Exception):
    pass


@dataclass(frozen=True)
class Curve:
    """y^2 = x^3 - 3x + b"""
    p: int
    b: int
    n: int
    g: Point
    hash: str
    oid: str
    signature_oid: str

    @property
    def size(self) -> int:
        return (self.p.bit_length() + 7) // 8

    def has(self, point: Point) -> bool:
        x, y = point
        return 0 <= x < self.p and 0 <= y < self.p and (y * y - (x * x - 3) * x - self.b) % self.p == 0

    def double(self, a: Jacobian) -> Jacobian:
        x, y, z = a
        p = self.p
        zz, yy = z * z % p, y * y % p
        s, m = 4 * x * yy % p, 3 * (x - zz) * (x + zz) % p
        x3 = (m * m - 2 * s) % p
        return x3, (m * (s - x3) - 8 * yy * yy) % p, 2 * y * z % p

    def add(self, a: Jacobian, b: Jacobian) -> Jacobian:
        if not a[2] or not b[2]:
            return a if a[2] else b
        p = self.p
        z1, z2 = a[2] * a[2] % p, b[2] * b[2] % p
        u1, u2 = a[0] * z2 % p, b[0] * z1 % p
        s1, s2 = a[1] * z2 * b[2] % p, b[1] * z1 * a[2] % p
        h, r = (u2 - u1) % p, (s2 - s1) % p
        if not h:
            return INFINITY if r else self.double(a)
        hh = h * h % p
        hhh, v = h * hh % p, u1 * hh % p
        x = (r * r - hhh - 2 * v) % p
        return x, (r * (v - x) - s1 * hhh) % p, h * a[2] * b[2] % p

    def times(self, k: int, point: Point) -> Jacobian:
        result = INFINITY
        for bit in bin(k)[2:]:
            result = self.double(result)
            if bit == "1":
                result = self.add(result, (*point, 1))
        return result

    def affine(self, a: Jacobian) -> Point:
        if not a[2]:
            raise BadSignature("the point at infinity")
        inverse = pow(a[2], -1, self.p)
        return a[0] * inverse * inverse % self.p, a[1] * inverse ** 3 % self.p

    def digest(self, message: bytes) -> int:
        return int.from_bytes(hashlib.new(self.hash, message).digest(), "big")


P256 = Curve(
    p=2**256 - 2**224 + 2**192 + 2**96 - 1,
    b=0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    n=0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    g=(0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
       0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5),
    hash="sha256", oid="1.2.840.10045.3.1.7", signature_oid="1.2.840.10045.4.3.2")
P384 = Curve(
    p=2**384 - 2**128 - 2**96 + 2**32 - 1,
    b=0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
    n=0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    g=(0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
       0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F),
    hash="sha384", oid="1.3.132.0.34", signature_oid="1.2.840.10045.4.3.3")
CURVES = {curve.oid: curve for curve in (P256, P384)}


def verify(curve: Curve, public: Point, message: bytes, signature: tuple[int, int]) -> None:
    r, s = signature
    if not (0 < r < curve.n and 0 < s < curve.n and curve.has(public)):
        raise BadSignature("a number out of range")
    inverse = pow(s, -1, curve.n)
    found = curve.add(curve.times(curve.digest(message) * inverse % curve.n, curve.g),
                      curve.times(r * inverse % curve.n, public))
    if curve.affine(found)[0] % curve.n != r:
        raise BadSignature("the signature is not the key's")


class EcKey:
    """A private key."""

    def __init__(self, curve: Curve, secret: int) -> None:
        self.curve, self.secret = curve, secret
        self.public = curve.affine(curve.times(secret, curve.g))

    @classmethod
    def make(cls, seed: Seed, label: str, curve: Curve) -> EcKey:
        return cls(curve, seed.below(label, curve.n))

    @classmethod
    def from_pem(cls, text: str) -> EcKey:
        _, algorithm, inside = der.whole(der.content(der.unpem("PRIVATE KEY", text)[0]))
        curve = next(c for c in CURVES.values() if algorithm == cls.spki_algorithm(c))
        secret = list(der.whole(der.content(der.content(inside, der.OCTET_STRING))))[1]
        return cls(curve, int.from_bytes(der.content(secret, der.OCTET_STRING), "big"))

    @staticmethod
    def spki_algorithm(curve: Curve) -> bytes:
        return der.sequence(EC_PUBLIC_KEY, der.oid(curve.oid))

    @property
    def algorithm(self) -> bytes:
        return der.sequence(der.oid(self.curve.signature_oid))

    @property
    def secret_bytes(self) -> bytes:
        return self.secret.to_bytes(self.curve.size, "big")

    @property
    def public_bytes(self) -> bytes:
        return b"".join(c.to_bytes(self.curve.size, "big") for c in self.public)

    @property
    def public_key(self) -> bytes:
        """SubjectPublicKeyInfo"""
        return der.sequence(self.spki_algorithm(self.curve), der.bits(b"\4" + self.public_bytes))

    def nonce(self, digest: int) -> int:
        size, n = self.curve.size, self.curve.n
        seed = self.secret_bytes + (digest % n).to_bytes(size, "big")

        def new(key: bytes, data: bytes) -> bytes:
            return hmac.new(key, data, self.curve.hash).digest()
        v, k = b"\1" * size, b"\0" * size
        for last in b"\0", b"\1":
            k = new(k, v + last + seed)
            v = new(k, v)
        while not 0 < int.from_bytes(v := new(k, v), "big") < n:
            k = new(k, v + b"\0")
            v = new(k, v)
        return int.from_bytes(v, "big")

    def sign_numbers(self, message: bytes) -> tuple[int, int]:
        digest, n = self.curve.digest(message), self.curve.n
        k = self.nonce(digest)
        r = self.curve.affine(self.curve.times(k, self.curve.g))[0] % n
        return r, pow(k, -1, n) * (digest + r * self.secret) % n

    def sign(self, message: bytes) -> bytes:
        return der.sequence(*map(der.integer, self.sign_numbers(message)))

    def sign_raw(self, message: bytes) -> bytes:
        """r and s, big-endian, as quotes and PCS have them."""
        return b"".join(number.to_bytes(self.curve.size, "big") for number in self.sign_numbers(message))

    def pem(self) -> str:
        inside = der.sequence(der.integer(1), der.octets(self.secret_bytes),
                              der.explicit(1, der.bits(b"\4" + self.public_bytes)))
        return der.pem("PRIVATE KEY", der.sequence(der.integer(0), self.spki_algorithm(self.curve), der.octets(inside)))
