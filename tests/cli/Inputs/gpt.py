# SPDX-License-Identifier: Apache-2.0
# Reads a GPT as UEFI 2.10, 5.3 says, both copies, and prints its partitions. Usage: gpt.py DISK
import struct
import sys
import uuid
import zlib

SECTOR = 512
with open(sys.argv[1], "rb") as file:
    disk = file.read()
last = len(disk) // SECTOR - 1
assert disk[510:512] == b"\x55\xaa" and disk[446 + 4] == 0xEE, "no protective MBR"


def table(at):
    fields = struct.unpack_from("<8sIIIIQQQQ16sQIII", disk, at * SECTOR)
    signature, revision, size, crc, _, own, other, first, end, _, entries, count, entry_size, entries_crc = fields
    header = bytearray(disk[at * SECTOR:at * SECTOR + size])
    header[16:20] = bytes(4)
    body = disk[entries * SECTOR:entries * SECTOR + count * entry_size]
    assert signature == b"EFI PART" and revision == 0x10000 and size == 92
    assert crc == zlib.crc32(header) and entries_crc == zlib.crc32(body)
    assert own == at and other == last - at + 1 and count * entry_size >= 16384
    assert first >= 34 and end <= last - 33
    return first, end, body


primary, backup = table(1), table(last)
assert primary == backup
print("primary ok, backup ok")
for at in range(0, len(primary[2]), 128):
    kind, _, start, end, _, name = struct.unpack_from("<16s16sQQQ72s", primary[2], at)
    if kind != bytes(16):
        assert primary[0] <= start <= end <= primary[1]
        print(f"{name.decode('utf-16-le').rstrip(chr(0))}: {str(uuid.UUID(bytes_le=kind)).upper()} "
              f"from {start * SECTOR >> 20} MiB, {(end - start + 1) * SECTOR >> 20} MiB")
