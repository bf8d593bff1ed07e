# SPDX-License-Identifier: Apache-2.0
"""Verifies an SNP report (with the host's certificates behind it, or without) or a TDX quote under a test root, and says
what is in it. What is not asked for by an option is shown and not judged, but for a guest that its host may debug.

Exit status: 0 it is accepted, 1 it is not, 2 it cannot be read.
"""
from __future__ import annotations

import argparse
import dataclasses
import json
import struct
import sys
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

import corpus
import guid_table
import snp_report
import snp_verify
import tdx_quote
import tdx_verify
import trusted
from certificate import Refused
from ecc import BadSignature
from seeded import Seed

Fields = Mapping[str, object]

REPORT_DATA_SIZE = 64
ATTEST = b"Postern attest\0\0"  # kernel/workloads/attest.c


class Snp:
    def __init__(self, data: bytes, options: argparse.Namespace) -> None:
        report, behind = data[:snp_report.SIZE], data[snp_report.SIZE:]
        self.report, _ = snp_report.parse(report)
        self.files = trusted.snp_files(options.trusted, report, guid_table.entries(behind) if behind else {})
        self.expected = snp_verify.Expected(
            self.report.report_data if options.report_data is None else options.report_data, options.measurement,
            options.debug, self.report.vmpl if options.vmpl is None else options.vmpl, options.minimum_tcb)

    def fields(self) -> Fields:
        return dataclasses.asdict(self.report)

    def verify(self, at: datetime) -> None:
        snp_verify.verify(self.files, self.expected, at)

    def case(self) -> corpus.Case:
        e = self.expected
        return corpus.Case("snp/evidence", self.files, {
            "report_data": e.report_data.hex(), "measurement": (e.measurement or self.report.measurement).hex(),
            "debug": e.debug, "vmpl": e.vmpl, "minimum_tcb": e.minimum_tcb})


class Tdx:
    def __init__(self, data: bytes, options: argparse.Namespace) -> None:
        self.body = tdx_verify.parse(data).body
        self.files = trusted.tdx_files(options.trusted, data)
        self.expected = tdx_verify.Expected(
            self.body.report_data if options.report_data is None else options.report_data, options.measurement,
            options.debug, dict(options.rtmr))

    def fields(self) -> Fields:
        return dataclasses.asdict(self.body)

    def verify(self, at: datetime) -> None:
        tdx_verify.verify(self.files, self.expected, at)

    def case(self) -> corpus.Case:
        e = self.expected
        return corpus.Case("tdx/evidence", self.files, {
            "report_data": e.report_data.hex(), "mrtd": (e.mrtd or self.body.mrtd).hex(), "debug": e.debug})


def is_quote(data: bytes) -> bool:
    return len(data) >= tdx_quote.HEADER.size and struct.unpack_from("<HI", data, 2)[0] == tdx_quote.ECDSA_P256


def show(fields: Fields, as_json: bool) -> None:
    plain = {name: value.hex() if isinstance(value, bytes) else value for name, value in fields.items()}
    if as_json:
        print(json.dumps(plain, indent=1))
        return
    for name, value in plain.items():
        print(f"{name.replace('_', ' '):20} {hex(value) if isinstance(value, int) else value}")


def asked(text: str) -> bytes:
    """The report data of `attest`: its name, and up to 48 bytes."""
    data = bytes.fromhex(text)
    if len(data) > REPORT_DATA_SIZE - len(ATTEST):
        raise ValueError
    return (ATTEST + data).ljust(REPORT_DATA_SIZE, b"\0")


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("evidence-check", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trusted", type=Path, metavar="DIR", help="a test root's folder")
    parser.add_argument("evidence", type=Path, metavar="FILE", help="- is standard input")
    parser.add_argument("--hex", action="store_true", help="FILE has hexadecimal digits")
    data = parser.add_mutually_exclusive_group()
    data.add_argument("--report-data", type=bytes.fromhex, metavar="HEX", help="64 bytes")
    data.add_argument("--asked", type=asked, dest="report_data", metavar="HEX", help="what our guest's `attest` was given")
    parser.add_argument("--measurement", type=bytes.fromhex, metavar="HEX", help="launch digest or MRTD")
    parser.add_argument("--rtmr", type=trusted.rtmr, action="append", default=[], metavar="N=HEX", help="of a TD; may be repeated")
    parser.add_argument("--vmpl", type=int)
    parser.add_argument("--minimum-tcb", type=lambda text: int(text, 0), default=0, metavar="N")
    parser.add_argument("--debug", action="store_true", help="a guest that its host may debug will do")
    parser.add_argument("--json", action="store_true", help="the fields as JSON")
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="writes it as a corpus of one case, for other verifiers")
    return parser.parse_args(arguments)


def read(options: argparse.Namespace) -> bytes:
    path: Path = options.evidence
    data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    return bytes.fromhex(data.decode()) if options.hex else data


def check(options: argparse.Namespace) -> None:
    data = read(options)
    evidence: Snp | Tdx = Tdx(data, options) if is_quote(data) else Snp(data, options)
    show(evidence.fields(), options.json)
    sys.stdout.flush()  # the verdict comes last
    if options.corpus:
        options.corpus.mkdir(parents=True, exist_ok=True)
        corpus.write(options.corpus, Seed(0), int(time.time()), [evidence.case()], [], 0)
    evidence.verify(datetime.now(timezone.utc))


def main() -> int:
    options = parse(sys.argv[1:])
    try:
        check(options)
    except OSError as error:
        print(f"evidence-check: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except (snp_report.BadReport, guid_table.BadTable, UnicodeDecodeError, ValueError) as error:
        print(f"evidence-check: {options.evidence}: {error}", file=sys.stderr)
        return 2
    except (Refused, BadSignature) as why:
        print(f"refused: {why}", file=sys.stderr)
        return 1
    print("accepted", file=sys.stderr)
    return 0
