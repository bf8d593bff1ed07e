# SPDX-License-Identifier: Apache-2.0
"""Holds what `attest` printed against its JSON, the test root's certificates and the image's measurement.

Usage: attested.py CONSOLE JSON MEASUREMENTS TEST-ROOT
"""
import json
import re
import sys
from pathlib import Path

console, results, measured, root = (Path(name) for name in sys.argv[1:])
lines = [json.loads(line) for line in results.read_text().splitlines()]
evidence = {line["name"]: bytes.fromhex(line["hex"]) for line in lines if line["kind"] == "evidence"}
printed = re.search(r"attest: report +([0-9a-f]{1000,})", console.read_text())[1]

report = evidence["report"]
assert bytes.fromhex(printed) == report
print(f"the report, {len(report)} bytes, is in both")
assert evidence["certificates"] == (root / "certificates.bin").read_bytes()
print(f"the certificates, {len(evidence['certificates'])} bytes, are the root's")
assert dict(line.split() for line in measured.read_text().splitlines())["snp"] == report[0x90:0xC0].hex()
print("the measurement is the image's")
