# SPDX-License-Identifier: Apache-2.0
"""Copies a firmware image, the TD HOB of its TDVF metadata at another address: FROM TO GPA."""
import struct
import sys

TD_HOB = 2

with open(sys.argv[1], "rb") as file:
    image = bytearray(file.read())
at = image.rindex(b"TDVF") + 16
while struct.unpack_from("<I", image, at + 24)[0] != TD_HOB:
    at += 32
struct.pack_into("<Q", image, at + 8, int(sys.argv[3], 0))
with open(sys.argv[2], "wb") as file:
    file.write(image)
