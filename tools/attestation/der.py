# SPDX-License-Identifier: Apache-2.0
"""DER: what certificates and lists of revoked ones are written in, and read. Spec: ITU-T X.690, section 10."""
from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import datetime

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID, ENUMERATED = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0A
UTF8_STRING, PRINTABLE_STRING, IA5_STRING, UTC_TIME, GENERALIZED_TIME = 0x0C, 0x13, 0x16, 0x17, 0x18
SEQUENCE, SET = 0x30, 0x31
CONTEXT, CONSTRUCTED = 0x80, 0x20


class BadDer(Exception):
    pass


def tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*parts: bytes) -> bytes:
    return tlv(SEQUENCE, b"".join(parts))


def set_of(*parts: bytes) -> bytes:
    return tlv(SET, b"".join(sorted(parts)))


def integer(value: int, tag: int = INTEGER) -> bytes:
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def boolean(value: bool) -> bytes:
    return tlv(BOOLEAN, b"\xff" if value else b"\0")


def octets(value: bytes) -> bytes:
    return tlv(OCTET_STRING, value)


def bits(value: bytes, unused: int = 0) -> bytes:
    return tlv(BIT_STRING, bytes([unused]) + value)


def text(value: str, tag: int = UTF8_STRING) -> bytes:
    return tlv(tag, value.encode())


def explicit(number: int, content: bytes) -> bytes:
    return tlv(CONTEXT | CONSTRUCTED | number, content)


def base128(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    return tlv(OID, b"".join(map(base128, [40 * first + second, *rest])))


def time(value: datetime) -> bytes:
    """RFC 5280, 4.1.2.5: UTCTime through the year 2049."""
    if value.year < 2050:
        return text(value.strftime("%y%m%d%H%M%SZ"), UTC_TIME)
    return text(value.strftime("%Y%m%d%H%M%SZ"), GENERALIZED_TIME)


def read(data: bytes) -> tuple[int, bytes, bytes]:
    """The first value's tag, its content, and what is behind it."""
    if len(data) < 2:
        raise BadDer("it ends too early")
    tag, size, at = data[0], data[1], 2
    if size & 0x80:
        at += size & 0x7F
        size = int.from_bytes(data[2:at], "big")
    if at > len(data) or size > len(data) - at:
        raise BadDer("it ends too early")
    return tag, data[at:at + size], data[at + size:]


def content(data: bytes, tag: int = SEQUENCE) -> bytes:
    """Of @data, which is one value of @tag and nothing behind it."""
    found, inside, rest = read(data)
    if found != tag or rest:
        raise BadDer(f"it is not one value of type {tag:#x}")
    return inside


def whole(data: bytes) -> Iterator[bytes]:
    """The values in a row, each with its tag and length."""
    while data:
        rest = read(data)[2]
        yield data[:len(data) - len(rest)]
        data = rest


def pem(label: str, data: bytes) -> str:
    lines = re.findall(".{1,64}", base64.b64encode(data).decode())
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def unpem(label: str, data: str) -> list[bytes]:
    found = re.findall(f"-----BEGIN {label}-----(.*?)-----END {label}-----", data, re.DOTALL)
    return [base64.b64decode(inside) for inside in found]
