# SPDX-License-Identifier: Apache-2.0
"""The three MRTDs of model-tdx-mrtd.c, by TDX-ABI's TDH.MEM.PAGE.ADD and TDH.MR.EXTEND."""
import hashlib

pages = bytes((i * 7 + i // 256) & 0xFF for i in range(3 * 4096))


def record(name, gpa):
    return name.ljust(16, b"\0") + gpa.to_bytes(8, "little") + bytes(104)


def section(gpa, data, measured):
    stream = b""
    for page in range(0, len(data), 4096):
        stream += record(b"MEM.PAGE.ADD", gpa + page)
        for at in range(page, page + 4096 if measured else page, 256):
            stream += record(b"MR.EXTEND", gpa + at) + data[at : at + 256]
    return stream


chunk = record(b"MR.EXTEND", 0x1100) + pages[256:512]
for text in (
    b"",
    section(0xFFFFF000 - 2 * 4096, pages, True) + section(0x810000, pages[:8192], False),
    record(b"MEM.PAGE.ADD", 0x1000) + record(b"MEM.PAGE.ADD", 0x2000) + chunk,
):
    print(hashlib.sha384(text).hexdigest())
