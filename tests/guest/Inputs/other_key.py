# SPDX-License-Identifier: Apache-2.0
"""Gives a test root's firmware.bin another key: one bit of the VCEK, or of another entry's data.

Usage: other_key.py FILE [ENTRY]
"""
import struct
import sys

with open(sys.argv[1], "r+b") as file:
    file.seek(24 * int((sys.argv[2:] or [0])[0]))
    offset, = struct.unpack_from("<I", file.read(24), 16)
    file.seek(offset + 20)
    byte = file.read(1)[0]
    file.seek(offset + 20)
    file.write(bytes([byte ^ 1]))
