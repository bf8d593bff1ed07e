# SPDX-License-Identifier: Apache-2.0
"""Writes an ELF64 file anew with one thing changed.

Usage: elf-edit.py IN CHANGE OUT
    type=N      e_type
    bss-offset  the offset of segments that have no bytes in the file lies beyond its end
    no-paddr    all physical addresses are 0
"""
import struct
import sys

PT_LOAD = 1
source, change, out = sys.argv[1:]
image = bytearray(open(source, "rb").read())
start, size, count = struct.unpack_from("<Q14xHH", image, 32)
if change.startswith("type="):
    struct.pack_into("<H", image, 16, int(change[5:]))
done = 0
for header in range(start, start + size * count, size):
    kind, file_size = struct.unpack_from("<I", image, header)[0], struct.unpack_from("<Q", image, header + 32)[0]
    if kind == PT_LOAD and change == "bss-offset" and not file_size:
        struct.pack_into("<Q", image, header + 8, len(image) + 0x10000)
        done += 1
    if kind == PT_LOAD and change == "no-paddr":
        struct.pack_into("<Q", image, header + 24, 0)
        done += 1
assert done or change.startswith("type="), "nothing was changed"
open(out, "wb").write(image)
