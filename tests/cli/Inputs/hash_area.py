# SPDX-License-Identifier: Apache-2.0
"""A firmware image with room for the hashes of a kernel, from one that has none.

Usage: hash_area.py IMAGE OUT OFFSET SIZE
       hash_area.py IMAGE OUT stray
The last section of its SEV metadata becomes that of the hashes, and its GUIDed table gets an entry, in front, of @SIZE
bytes at @OFFSET in that section. `stray`: the entry's GUID lies in front of the table, and not in it.
"""
import struct
import sys
import uuid

AREA = uuid.UUID("7255371f-3a3b-4b04-927b-1da6efa8d454").bytes_le
HASHES = 0x10
END = -0x20  # of the table, from the image's end


def main():
    name, out, *words = sys.argv[1:]
    with open(name, "rb") as file:
        image = bytearray(file.read())
    size = struct.unpack_from("<H", image, len(image) + END - 18)[0]
    start = len(image) + END - size
    metadata = image.index(b"ASEV")
    last = metadata + 16 + 12 * (struct.unpack_from("<I", image, metadata + 12)[0] - 1)
    if words == ["stray"]:
        image[start - 16:start] = AREA
    else:
        offset, room = (int(word, 0) for word in words)
        base = struct.unpack_from("<I", image, last)[0]
        struct.pack_into("<I", image, last + 8, HASHES)
        image[start - 26:start] = struct.pack("<IIH", base + offset, room, 26) + AREA
        struct.pack_into("<H", image, len(image) + END - 18, size + 26)
    with open(out, "wb") as file:
        file.write(image)


main()
