# SPDX-License-Identifier: Apache-2.0
"""The quotes of monitor_quote.c, against those that tools/attestation writes of the same TD: each byte.

Usage: monitor_quotes.py MODULES ROOT QUOTES
"""
import dataclasses
import hmac
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import root  # noqa: E402
import tdx_quote  # noqa: E402
from ecc import P256, EcKey  # noqa: E402

ROOT = root.TestRoot.load(pathlib.Path(sys.argv[2]))
BODY = tdx_quote.Body(mrtd=b"M" * 48, mrconfigid=b"C" * 48, mrowner=b"O" * 48, mrownerconfig=b"W" * 48, rtmr0=b"0" * 48,
                      rtmr1=b"1" * 48, rtmr2=b"2" * 48, rtmr3=b"3" * 48, report_data=b"D" * 64)
PCK = ROOT.intel_keys.pck
KEY = EcKey(P256, int.from_bytes(hmac.digest(PCK.secret_bytes, b"EMULATED: attestation key", "sha256"), "big"))


def main():
    lines = pathlib.Path(sys.argv[3]).read_text().split()
    quotes = {name: bytes.fromhex(data) for name, data in zip(lines[::2], lines[1::2])}
    quoting = dataclasses.replace(tdx_quote.quoting(ROOT), attestation=KEY)
    for name, data in quotes.items():
        version = int(name[1:])
        ours = tdx_quote.quote(quoting, BODY, version, tdx_1_5=version >= 5)
        differs = [at for at in range(min(len(data), len(ours))) if data[at] != ours[at]]
        assert data == ours, f"{name}: {len(data)} and {len(ours)} bytes, different from byte {differs[:1]} on"
    print(*quotes, "are the same")


main()
