# SPDX-License-Identifier: Apache-2.0
"""Writes an SNP report or a TDX quote under a test root, with no guest: a second reading of the specifications.

With --certificates an SNP report has the host's table of certificates behind it, as an extended guest request gives.
"""
from __future__ import annotations

import argparse
import sys
from pathlib import Path

import root
import snp_report
import tdx_quote


def hexadecimal(size: int) -> object:
    def parse(text: str) -> bytes:
        data = bytes.fromhex(text)
        if len(data) > size:
            raise ValueError
        return data + bytes(size - len(data))
    parse.__name__ = f"hexadecimal (at most {size} bytes)"
    return parse


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("evidence", description=__doc__)
    parser.add_argument("kind", choices=["snp", "tdx"])
    parser.add_argument("output", type=Path)
    parser.add_argument("--test-root", type=Path, metavar="DIR", help="the default root otherwise")
    parser.add_argument("--version", type=int, help="of the report (2, 3, 5) or quote (4, 5); the newest otherwise")
    parser.add_argument("--report-data", type=hexadecimal(64), default=bytes(64), metavar="HEX")  # type: ignore[arg-type]
    parser.add_argument("--measurement", type=hexadecimal(48), default=bytes(48), metavar="HEX",  # type: ignore[arg-type]
                        help="launch digest, or MRTD")
    parser.add_argument("--vlek", action="store_true", help="signed by the VLEK")
    parser.add_argument("--certificates", action="store_true")
    options = parser.parse_args(arguments)
    versions = snp_report.VERSIONS if options.kind == "snp" else (4, 5)
    options.version = options.version or versions[-1]
    if options.version not in versions:
        parser.error(f"--version: {options.kind} has {', '.join(map(str, versions))}")
    return options


def snp(test_root: root.TestRoot, options: argparse.Namespace) -> bytes:
    keys = test_root.amd_keys
    signer = snp_report.SIGNED_BY_VLEK if options.vlek else snp_report.SIGNED_BY_VCEK
    report = snp_report.make(options.version, report_data=options.report_data, measurement=options.measurement,
                             signer_info=signer << 2, **snp_report.platform(test_root, options.version))
    table = root.amd_files(test_root)["certificates.bin"] if options.certificates else b""
    return report.signed(keys.vlek if options.vlek else keys.vcek) + table


def tdx(test_root: root.TestRoot, options: argparse.Namespace) -> bytes:
    body = tdx_quote.Body(report_data=options.report_data, mrtd=options.measurement)
    return tdx_quote.quote(tdx_quote.quoting(test_root), body, options.version, tdx_1_5=options.version == 5)


def main() -> int:
    options = parse(sys.argv[1:])
    try:
        test_root = root.TestRoot.load(options.test_root) if options.test_root else root.TestRoot.make()
        options.output.write_bytes((snp if options.kind == "snp" else tdx)(test_root, options))
    except OSError as error:
        print(f"evidence: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    return 0
