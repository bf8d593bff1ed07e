# SPDX-License-Identifier: Apache-2.0
"""Makes a test root: the keys and certificates under which emulated evidence can be verified.

AMD's chain (ARK, ASK and VCEK, ASVK and VLEK) and Intel's (root, platform CA and PCK, TCB signing) with what their
verifiers ask for, as PEM and DER; lists of revoked certificates, TCB info and QE identity; `certificates.bin`, which a
host gives to its guest, and `firmware.bin`, which the emulated hardware holds. The same seed and dates give the same
bytes. Whoever knows the seed has the keys: nothing under such a root proves anything.
"""
from __future__ import annotations

import argparse
import sys
from datetime import datetime, timezone
from pathlib import Path

import amd
import root
from x509 import Validity


def date(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=timezone.utc)


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("test-root", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="made, or its files replaced")
    parser.add_argument("--seed", type=int, default=0, metavar="N",
                        help="another one than the default root's takes some 10 s: its primes are to be found")
    parser.add_argument("--from", dest="start", type=date, default=root.ALWAYS.start, metavar="YYYY-MM-DD",
                        help="from when on it is valid (%(default)s)")
    parser.add_argument("--until", dest="end", type=date, default=root.ALWAYS.end, metavar="YYYY-MM-DD",
                        help="until when (%(default)s)")
    parser.add_argument("--product", choices=amd.PRODUCTS, default=amd.MILAN.line, help="AMD's (%(default)s)")
    options = parser.parse_args(arguments)
    if options.start >= options.end:
        parser.error("it would end before it begins")
    return options


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def main() -> int:
    options = parse(sys.argv[1:])
    try:
        write(options.folder, root.files(root.TestRoot.make(
            options.seed, Validity(options.start, options.end), amd.PRODUCTS[options.product])))
    except OSError as error:
        print(f"test-root: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    return 0
