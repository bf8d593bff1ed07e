# SPDX-License-Identifier: Apache-2.0
"""Replays the event log (CCEL) that a TD printed, and compares the RTMRs with those of its TDREPORT.

Usage: replay_log.py < CONSOLE
Spec: TCG PC Client Platform Firmware Profile 10.2 (crypto agile log); UEFI 2.10 38.4 (registers of a log).
"""
import base64
import gzip
import hashlib
import re
import struct
import sys

SHA384, NO_ACTION = 0xC, 3
FILLER = 0xFFFFFFFF  # behind the last event: it has the register of none
NAMES = {1: "post code", 4: "separator", 5: "action", 8: "CRTM version", 0xA: "platform configuration", 0xB: "table of devices",
         0x80000001: "variable", 0x80000002: "boot variable", 0x80000003: "application", 0x80000006: "GPT",
         0x80000007: "EFI action", 0x80000008: "firmware blob", 0x8000000A: "firmware blob", 0x8000000B: "hand-off tables",
         0x800000E0: "variable authority", 6: "event tag", 0xD: "IPL"}


def read(data, at, layout):
    return *struct.unpack_from(layout, data, at), at + struct.calcsize(layout)


def events(log):
    """(register, type, digest, data) of each. The first is an event of SHA-1 times, which names the algorithms."""
    size, at = read(log, 28, "<I")
    assert log[at:at + 15] == b"Spec ID Event03"
    at += size
    while at + 12 <= len(log):
        register, kind, count, at = read(log, at, "<III")
        if register in (FILLER, 0):
            return
        digest = b""
        for _ in range(count):
            algorithm, at = read(log, at, "<H")
            assert algorithm == SHA384
            digest, at = log[at:at + 48], at + 48
        size, at = read(log, at, "<I")
        yield register, kind, digest, log[at:at + size]
        at += size


def main():
    console = sys.stdin.read()
    log = gzip.decompress(base64.b64decode(re.search(r"^evidence: log (\S+)", console, re.MULTILINE)[1]))
    report = bytes.fromhex(re.findall(r"^evidence: tdreport ([0-9a-f]+)", console, re.MULTILINE)[-1])
    reported = [report[512 + 208 + 48 * i:][:48] for i in range(4)]
    registers = [bytes(48)] * 4
    honest = 0
    for register, kind, digest, data in events(log):
        if kind != NO_ACTION:
            registers[register - 1] = hashlib.sha384(registers[register - 1] + digest).digest()
        honest += hashlib.sha384(data).digest() == digest
        print(f"event: RTMR {register - 1}, {NAMES.get(kind, hex(kind))}, {len(data)} bytes")
    print(f"{honest} events have the hash of their data")
    for i in range(4):
        print(f"RTMR {i}: {'as the log' if registers[i] == reported[i] else 'NOT as the log'}, "
              f"{'zeroes' if reported[i] == bytes(48) else 'extended'}")


main()
