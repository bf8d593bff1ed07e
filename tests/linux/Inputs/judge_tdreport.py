# SPDX-License-Identifier: Apache-2.0
"""Judges the TDREPORTs that a guest printed: their hashes, and their MAC under the key that the test root's processor has.

Usage: judge_tdreport.py TEST-ROOT < CONSOLE
"""
import hashlib
import hmac
import re
import struct
import sys
from pathlib import Path

PCK = bytes.fromhex("a94d1c036e2b4f3891d7706f73747063")
LABEL = b"EMULATED: key of TDREPORTs"


def find(table, guid):
    for at in range(0, len(table), 24):
        offset, size = struct.unpack_from("<II", table, at + 16)
        if table[at:at + 16] == guid:
            return table[offset:offset + size]
    raise KeyError(guid)


def main():
    secret = find((Path(sys.argv[1]) / "firmware.bin").read_bytes(), PCK)
    key = hmac.digest(secret, LABEL, "sha256")
    for text in re.findall(r"^evidence: tdreport ([0-9a-f]+)\s*$", sys.stdin.read(), re.MULTILINE):
        report = bytes.fromhex(text)
        good = [report[224:256] == hmac.digest(key, report[:224], "sha256"),
                report[32:80] == hashlib.sha384(report[256:256 + 239]).digest(),
                report[80:128] == hashlib.sha384(report[512:]).digest()]
        print(f"TDREPORT of {len(report)} bytes, type {report[0]:#x}, MAC and hashes: {good}, data {report[128:132].hex()}, "
              f"RTMR 3 {report[512 + 352:512 + 356].hex()}")


main()
