# SPDX-License-Identifier: Apache-2.0
"""AES-256-GCM with a 96-bit IV, for what a test root wraps: a build has Python, and no library of it.

Spec: FIPS 197, SP 800-38D. Does not: decrypt, or hide anything from who measures time.
"""
from __future__ import annotations

BLOCK, ROUNDS, KEY_WORDS = 16, 14, 8
REDUCED = 0xE1 << 120  # GHASH's polynomial, whose lowest power is the highest bit


def doubled(byte: int) -> int:
    return (byte << 1 ^ (0x11B if byte & 0x80 else 0)) & 0xFF


def substitutes() -> bytes:
    """By powers of 3, which are all bytes but 0: the inverse of the one is a power of its own."""
    powers = [1]
    while len(powers) < 255:
        powers.append(powers[-1] ^ doubled(powers[-1]))
    table = bytearray([0x63] * 256)
    for at, byte in enumerate(powers):
        inverse = powers[-at % 255] * 0x101
        table[byte] = (inverse ^ inverse >> 4 ^ inverse >> 5 ^ inverse >> 6 ^ inverse >> 7) & 0xFF ^ 0x63
    return bytes(table)


SUBSTITUTE = substitutes()


def xored(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b))


def round_keys(key: bytes) -> list[bytes]:
    words, constant = [key[at:at + 4] for at in range(0, len(key), 4)], 1
    while len(words) < 4 * (ROUNDS + 1):
        word = words[-1]
        if len(words) % KEY_WORDS == 0:
            word = xored((word[1:] + word[:1]).translate(SUBSTITUTE), bytes([constant, 0, 0, 0]))
            constant = doubled(constant)
        elif len(words) % KEY_WORDS == 4:
            word = word.translate(SUBSTITUTE)
        words.append(xored(words[-KEY_WORDS], word))
    return [b"".join(words[at:at + 4]) for at in range(0, len(words), 4)]


def mixed(column: bytes) -> bytes:
    every = column[0] ^ column[1] ^ column[2] ^ column[3]
    return bytes(byte ^ every ^ doubled(byte ^ column[(at + 1) % 4]) for at, byte in enumerate(column))


def encrypted(keys: list[bytes], block: bytes) -> bytes:
    state = xored(block, keys[0])
    for key in keys[1:]:
        state = state.translate(SUBSTITUTE)
        state = bytes(state[(at + at % 4 * 4) % BLOCK] for at in range(BLOCK))  # each row by its number
        if key is not keys[-1]:
            state = b"".join(mixed(state[at:at + 4]) for at in range(0, BLOCK, 4))
        state = xored(state, key)
    return state


def product(a: int, b: int) -> int:
    """In GHASH's field."""
    result = 0
    for bit in range(127, -1, -1):
        result ^= b if a >> bit & 1 else 0
        b = b >> 1 ^ (REDUCED if b & 1 else 0)
    return result


def ghash(h: int, data: bytes) -> int:
    value = 0
    for at in range(0, len(data), BLOCK):
        value = product(value ^ int.from_bytes(data[at:at + BLOCK], "big"), h)
    return value


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % BLOCK)


def encrypt(key: bytes, iv: bytes, text: bytes, associated: bytes) -> tuple[bytes, bytes]:
    """The ciphertext and its tag."""
    keys = round_keys(key)
    stream = b"".join(encrypted(keys, iv + number.to_bytes(4, "big")) for number in range(1, len(text) // BLOCK + 3))
    ciphertext = xored(text, stream[BLOCK:])
    lengths = (8 * len(associated)).to_bytes(8, "big") + (8 * len(text)).to_bytes(8, "big")
    h = int.from_bytes(encrypted(keys, bytes(BLOCK)), "big")
    tag = ghash(h, padded(associated) + padded(ciphertext) + lengths)
    return ciphertext, xored(tag.to_bytes(BLOCK, "big"), stream)
