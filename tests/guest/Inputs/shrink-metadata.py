# SPDX-License-Identifier: Apache-2.0
"""Copies a firmware image, the last section of its SEV metadata one page shorter."""
import struct
import sys

with open(sys.argv[1], "rb") as file:
    image = bytearray(file.read())
at = image.rindex(b"ASEV")
last = at + 16 + 12 * (struct.unpack_from("<I", image, at + 12)[0] - 1) + 4
struct.pack_into("<I", image, last, struct.unpack_from("<I", image, last)[0] - 4096)
with open(sys.argv[2], "wb") as file:
    file.write(image)
