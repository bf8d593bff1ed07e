# SPDX-License-Identifier: Apache-2.0
"""Runs our own verifiers over a corpus of tools/evidence-corpus, in the lines that tests/evidence/Inputs/verify has.

Usage: corpus_verify.py CORPUS [BITS]
"""
from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import snp_verify
import tdx_verify
from certificate import Refused


def refusal(name: str, files: Mapping[str, bytes], expect: dict[str, Any], at: datetime) -> str | None:
    data = bytes.fromhex(expect["report_data"])
    try:
        if name.startswith("snp/"):
            snp_verify.verify(files, snp_verify.Expected(
                data, bytes.fromhex(expect["measurement"]), expect["debug"], expect["vmpl"], expect["minimum_tcb"]), at)
        else:
            tdx_verify.verify(files, tdx_verify.Expected(data, bytes.fromhex(expect["mrtd"]), expect["debug"]), at)
    except Refused as why:
        return str(why)
    return None


def flipped(data: bytes, bit: int) -> bytes:
    return data[:bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1:]


def main() -> None:
    folder, most = Path(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else None
    index = json.loads((folder / "index.json").read_text())
    at, cases = datetime.fromtimestamp(index["time"], timezone.utc), {}
    for case in index["cases"]:
        files = {role: (folder / name).read_bytes() for role, name in case["files"].items()}
        cases[case["name"]] = files, case["expect"]
        why = refusal(case["name"], files, case["expect"], at)
        print(case["name"], "accept" if why is None else f"refuse: {why}")
    for mutation in index["mutations"]:
        name, role, bits = mutation["case"], mutation["file"], mutation["bits"][:most]
        files, expect = cases[name]
        accepted = [bit for bit in bits if refusal(
            name, {**files, role: flipped(files[role], bit)}, expect, at) is None]
        print(f"{name} {role} {len(bits) - len(accepted)} of {len(bits)} refuse", *(f"(bit {bit})" for bit in accepted))


if __name__ == "__main__":
    main()
