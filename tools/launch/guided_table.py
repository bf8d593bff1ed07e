# SPDX-License-Identifier: Apache-2.0
"""The GUIDed table of a firmware image, by which those who launch it find what it says of itself.

                  entry       entry     ...   footer
    | data, u16 size, GUID | data, ... |     | u16 size of all, GUID |  0x20 bytes: the reset vector |  end of the image

It is read from its end on. Spec: edk2's OvmfPkg/ResetVector, as QEMU's hw/i386/pc_sysfw_ovmf.c reads it.
"""
from __future__ import annotations

import struct
import uuid

UNIT = 0x10000  # of which QEMU's -bios takes whole ones
TABLE_END = 0x20
TAIL = 18  # of an entry, behind its data
FOOTER = uuid.UUID("96b582de-1fb2-45f7-baea-a366c55a082d")


class BadImage(Exception):
    """What nobody could launch, or find what is asked for in."""


def entries(image: bytes) -> dict[uuid.UUID, bytes]:
    """GUID -> data."""
    if not image or len(image) % UNIT:
        raise BadImage("its size is not whole 64 KiB")
    end = len(image) - TABLE_END
    if uuid.UUID(bytes_le=image[end - 16:end]) != FOOTER:
        raise BadImage("no GUIDed table at its end")
    start = end - struct.unpack_from("<H", image, end - TAIL)[0]
    end -= TAIL
    found = {}
    while end > start >= 0:
        size = struct.unpack_from("<H", image, end - TAIL)[0]
        if size < TAIL or end - size < start:
            raise BadImage("an entry of the GUIDed table has a wrong length")
        found[uuid.UUID(bytes_le=image[end - 16:end])] = image[end - size:end - TAIL]
        end -= size
    return found
