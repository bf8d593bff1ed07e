# SPDX-License-Identifier: Apache-2.0
"""RSA-4096 with PSS and SHA-384, as AMD's keys sign. The salt is a function of key and message.

Spec: RFC 8017 8.1, 9.1 and A.2.3. Does not: hide anything from who measures its time.
"""
from __future__ import annotations

import hashlib
import hmac
import itertools
import math

import der
from ecc import BadSignature
from seeded import Seed

BITS = 4096
SIZE = BITS // 8
EXPONENT = 65537
HASH = "sha384"
SALT_SIZE = HASH_SIZE = 48
RSA_ENCRYPTION = der.sequence(der.oid("1.2.840.113549.1.1.1"), der.tlv(der.NULL, b""))
SHA384 = der.sequence(der.oid("2.16.840.1.101.3.4.2.2"), der.tlv(der.NULL, b""))
# AMD's certificates write trailerField's default out.
PSS = der.sequence(der.oid("1.2.840.113549.1.1.10"), der.sequence(
    der.explicit(0, SHA384), der.explicit(1, der.sequence(der.oid("1.2.840.113549.1.1.8"), SHA384)),
    der.explicit(2, der.integer(SALT_SIZE)), der.explicit(3, der.integer(1))))

# How far behind what the default seed says the next fitting prime is: to look for each takes seconds.
# (tests/evidence/chains.test looks for them again.)
KNOWN = {(0, "ARK p"): 754, (0, "ARK q"): 1060, (0, "ASK p"): 3446, (0, "ASK q"): 1096, (0, "ASVK p"): 976,
         (0, "ASVK q"): 700}


def small_primes(limit: int) -> list[int]:
    sieve = bytearray([1]) * limit
    for i in range(2, math.isqrt(limit) + 1):
        if sieve[i]:
            sieve[i * i::i] = bytes(len(range(i * i, limit, i)))
    return [i for i in range(3, limit) if sieve[i]]


def first_prime(start: int) -> int:
    """How far behind @start, which is odd, a prime is that fits the exponent."""
    room, primes = 1 << 14, small_primes(1 << 15)
    for base in itertools.count(0, room):
        survives = bytearray([1]) * (room // 2)  # offsets base, base + 2, ...
        for prime in primes:
            at = -(start + base) * pow(2, -1, prime) % prime
            survives[at::prime] = bytes(len(range(at, room // 2, prime)))
        for offset in (base + 2 * i for i, alive in enumerate(survives) if alive):
            number = start + offset
            if all(pow(witness, number - 1, number) == 1 for witness in (2, 3)) and (number - 1) % EXPONENT:
                return offset
    raise AssertionError


def first_candidate(seed: Seed, label: str) -> int:
    """Its two highest bits are set, so that the product of two has all bits."""
    return int.from_bytes(seed.bytes(label, SIZE // 2), "big") | 3 << (BITS // 2 - 2) | 1


def prime(seed: Seed, label: str) -> int:
    start = first_candidate(seed, label)
    known = KNOWN.get((seed.number, label))
    return start + (first_prime(start) if known is None else known)


def mask(seed: bytes, size: int) -> bytes:
    """MGF1"""
    blocks = (hashlib.new(HASH, seed + i.to_bytes(4, "big")).digest() for i in range(-(-size // HASH_SIZE)))
    return b"".join(blocks)[:size]


def xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def salted(message: bytes, salt: bytes) -> bytes:
    return hashlib.new(HASH, bytes(8) + hashlib.new(HASH, message).digest() + salt).digest()


def encode(message: bytes, salt: bytes) -> bytes:
    """EMSA-PSS: of 4095 bits, so the highest is zero."""
    digest = salted(message, salt)
    block = bytes(SIZE - SALT_SIZE - HASH_SIZE - 2) + b"\1" + salt
    masked = bytearray(xor(block, mask(digest, len(block))))
    masked[0] &= 0x7F
    return bytes(masked) + digest + b"\xbc"


def verify(modulus: int, exponent: int, message: bytes, signature: bytes) -> None:
    if modulus.bit_length() != BITS or len(signature) != SIZE or int.from_bytes(signature, "big") >= modulus:
        raise BadSignature("a number out of range")
    encoded = pow(int.from_bytes(signature, "big"), exponent, modulus).to_bytes(SIZE, "big")
    masked, digest = encoded[:-HASH_SIZE - 1], encoded[-HASH_SIZE - 1:-1]
    salt = xor(masked, mask(digest, len(masked)))[-SALT_SIZE:]
    if encode(message, salt) != encoded:
        raise BadSignature("the signature is not the key's")


class RsaKey:
    """A private key."""

    algorithm = PSS

    def __init__(self, p: int, q: int) -> None:
        self.p, self.q, self.n = p, q, p * q
        self.d = pow(EXPONENT, -1, math.lcm(p - 1, q - 1))

    @classmethod
    def make(cls, seed: Seed, label: str) -> RsaKey:
        return cls(prime(seed, label + " p"), prime(seed, label + " q"))

    @classmethod
    def from_pem(cls, text: str) -> RsaKey:
        _, _, inside = der.whole(der.content(der.unpem("PRIVATE KEY", text)[0]))
        numbers = list(der.whole(der.content(der.content(inside, der.OCTET_STRING))))
        p, q = (int.from_bytes(der.content(number, der.INTEGER), "big") for number in numbers[4:6])
        return cls(p, q)

    @property
    def public_bytes(self) -> bytes:
        return der.sequence(der.integer(self.n), der.integer(EXPONENT))

    @property
    def public_key(self) -> bytes:
        """SubjectPublicKeyInfo"""
        return der.sequence(RSA_ENCRYPTION, der.bits(self.public_bytes))

    def power(self, number: int) -> int:
        """number^d mod n, by the Chinese remainder theorem"""
        of_p = pow(number % self.p, self.d % (self.p - 1), self.p)
        of_q = pow(number % self.q, self.d % (self.q - 1), self.q)
        return of_q + self.q * ((of_p - of_q) * pow(self.q, -1, self.p) % self.p)

    def sign(self, message: bytes) -> bytes:
        salt = hmac.new(self.d.to_bytes(SIZE, "big"), message, HASH).digest()
        return self.power(int.from_bytes(encode(message, salt), "big")).to_bytes(SIZE, "big")

    def pem(self) -> str:
        numbers = (0, self.n, EXPONENT, self.d, self.p, self.q, self.d % (self.p - 1), self.d % (self.q - 1),
                   pow(self.q, -1, self.p))
        inside = der.sequence(*map(der.integer, numbers))
        return der.pem("PRIVATE KEY", der.sequence(der.integer(0), RSA_ENCRYPTION, der.octets(inside)))
