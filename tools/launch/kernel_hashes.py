# SPDX-License-Identifier: Apache-2.0
"""The page by which a measured firmware knows the kernel, initrd and command line that fw_cfg will give it.

Spec: OVMF's QemuKernelLoaderFsDxe and BlobVerifierSevHashes: a table of entries {GUID, length, SHA-256}, with a
GUID and length of its own; QEMU puts it where the image's metadata has room, and it is launched with the image.
"""
from __future__ import annotations

import hashlib
import os
import struct
import uuid
from pathlib import Path

import guided_table
from guided_table import BadImage

AREA = uuid.UUID("7255371f-3a3b-4b04-927b-1da6efa8d454")  # in an image's GUIDed table: it leaves room
TABLE = uuid.UUID("9438d606-4f22-4cc9-b479-a793d411fd21")
COMMAND_LINE = uuid.UUID("97d02dd8-bd20-4c94-aa78-e7714d36ab2a")
INITRD = uuid.UUID("44baf731-3a2f-4bd7-9af1-41e29169781d")
KERNEL = uuid.UUID("4de79437-abd2-427f-b835-d5b172d2045b")
HEADER = struct.Struct("<16sH")
ROOM = struct.Struct("<II")  # its address and size
PAGE = 4096
TABLE_SIZE = 176  # of three entries
ALIGNMENT = 16


def place(image: bytes) -> int:
    """The address in a guest's memory where the image wants the table: a launch has one page for it."""
    area = guided_table.entries(image).get(AREA)
    if area is None or len(area) < ROOM.size:
        raise BadImage("it has no room for the hashes of a kernel")
    base, room = ROOM.unpack_from(area)
    if not base or room < TABLE_SIZE:
        raise BadImage("it has no room for the hashes of a kernel")
    if base % PAGE + room > PAGE:
        raise BadImage("its room for hashes of a kernel is not in one page")
    return int(base)


def has_room(firmware: str | Path) -> bool:
    try:
        place(Path(firmware).read_bytes())
    except BadImage:
        return False
    return True


def entry(guid: uuid.UUID, data: bytes) -> bytes:
    digest = hashlib.sha256(data).digest()
    return HEADER.pack(guid.bytes_le, HEADER.size + len(digest)) + digest


def table(kernel: bytes, initrd: bytes, words: str) -> bytes:
    """The command line counts with the zero behind it, an initrd that is not there as an empty one."""
    entries = (entry(COMMAND_LINE, os.fsencode(words) + b"\0") + entry(INITRD, initrd) +
               entry(KERNEL, kernel))
    found = HEADER.pack(TABLE.bytes_le, HEADER.size + len(entries)) + entries
    found += bytes(-len(found) % ALIGNMENT)
    assert len(found) == TABLE_SIZE
    return found
