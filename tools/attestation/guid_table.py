# SPDX-License-Identifier: Apache-2.0
"""A table of GUIDs and their data, as a host gives certificates to a guest. Spec: GHCB 4.1.8.1."""
from __future__ import annotations

import struct
import uuid
from collections.abc import Mapping

ENTRY = struct.Struct("<16sII")  # GUID, in the order of its digits; offset from the table's start; length


class BadTable(Exception):
    pass


def table(entries: Mapping[str, bytes]) -> bytes:
    header, data = b"", b""
    start = ENTRY.size * (len(entries) + 1)
    for guid, value in entries.items():
        header += ENTRY.pack(uuid.UUID(guid).bytes, start + len(data), len(value))
        data += value
    return header + bytes(ENTRY.size) + data


def entries(data: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for at in range(0, len(data) - ENTRY.size + 1, ENTRY.size):
        guid, offset, size = ENTRY.unpack_from(data, at)
        if not any(guid):
            return found
        if offset > len(data) or size > len(data) - offset:
            raise BadTable("the data of an entry lie outside")
        found[str(uuid.UUID(bytes=guid))] = data[offset:offset + size]
    raise BadTable("the table has no end")
