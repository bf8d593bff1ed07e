# SPDX-License-Identifier: Apache-2.0
"""Judges by OpenSSL the reports that a guest printed, and says what is in them.

Usage: judge_reports.py TEST-ROOT [OUTPUT-OF-MEASURE] < CONSOLE
"""
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

VCEK = bytes.fromhex("63da758de6644564adc5f4b93be8accd")
SIGNED = 0x2A0


def find(table, guid):
    for at in range(0, len(table), 24):
        offset, size = struct.unpack_from("<II", table, at + 16)
        if table[at:at + 16] == guid:
            return table[offset:offset + size]
    raise KeyError(guid)


def integer(number):
    """An INTEGER of DER, of a number as AMD writes it."""
    value = int.from_bytes(number, "little")
    data = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return b"\x02" + bytes([len(data)]) + data


def is_signed(report, key, folder):
    both = integer(report[SIGNED:SIGNED + 72]) + integer(report[SIGNED + 72:SIGNED + 144])
    (folder / "signature").write_bytes(b"\x30" + bytes([len(both)]) + both)
    (folder / "data").write_bytes(report[:SIGNED])
    run = subprocess.run(["openssl", "dgst", "-sha384", "-verify", key, "-signature", folder / "signature", folder / "data"],
                         capture_output=True, check=False)
    return run.returncode == 0


def describe(report, expected):
    version, svn, policy = struct.unpack_from("<IIQ", report)
    vmpl, = struct.unpack_from("<I", report, 0x30)
    same = ", the expected measurement" if report[0x90:0xC0] == expected else ""
    return (f"version {version}, SVN {svn}, policy {policy:#x}, VMPL {vmpl}, data {report[0x50:0x54].hex()}, "
            f"measurement {report[0x90:0x94].hex()}, {report[0x1a0:0x1a8].decode('ascii', 'replace')}{same}")


def main():
    root = Path(sys.argv[1])
    measured = Path(sys.argv[2]).read_text() if len(sys.argv) > 2 else ""
    expected = bytes.fromhex(dict(line.split() for line in measured.splitlines()).get("snp", ""))
    console = sys.stdin.read()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "vcek").write_bytes(find((root / "certificates.bin").read_bytes(), VCEK))
        key = folder / "key"
        subprocess.run(["openssl", "x509", "-inform", "DER", "-in", folder / "vcek", "-noout", "-pubkey", "-out", key],
                       check=True)
        for kind, text in re.findall(r": (report|extended|outblob) +([0-9a-f]{100,})\s", console):
            report = bytes.fromhex(text)
            other = bytes([report[0] ^ 1]) + report[1:]
            print(f"{kind}: signed: {is_signed(report, key, folder)}, with another bit: {is_signed(other, key, folder)}")
            print(f"{kind}: {describe(report, expected)}")


main()
