# SPDX-License-Identifier: Apache-2.0
"""A corpus of evidence for verifiers: cases, each with its files, what is expected of it, and the verdict."""
from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from seeded import Seed

EMULATED = "by Postern: none of it comes from AMD's or Intel's hardware, and its keys are public"
ACCEPT, REFUSE = "accept", "refuse"
Range = tuple[int, int]


@dataclass(frozen=True)
class Case:
    """@files: role -> bytes; @expect: what the verifier's user asks for. @why: a reason to refuse."""
    name: str
    files: Mapping[str, bytes]
    expect: Mapping[str, object]
    why: str = ""

    @property
    def verdict(self) -> str:
        return REFUSE if self.why else ACCEPT

    def but(self, name: str, why: str, expect: Mapping[str, object] | None = None, **files: bytes) -> Case:
        """The same with other files or expectations, and with a reason to refuse."""
        return dataclasses.replace(self, name=f"{self.name.split('/')[0]}/{name}", why=why,
                                   files={**self.files, **files}, expect={**self.expect, **(expect or {})})


@dataclass(frozen=True)
class Mutation:
    """Bits of one of a case's files. With any of them changed it is to be refused."""
    case: Case
    role: str
    ranges: list[Range] | None = None  # of bytes; all of it

    def bits(self, seed: Seed, count: int) -> list[int]:
        """Bit b is bit b % 8 of byte b / 8. In an order by the seed: the first of them are a sample too."""
        ranges = self.ranges or [(0, len(self.case.files[self.role]))]
        all_bits = [8 * byte + bit for start, end in ranges for byte in range(start, end) for bit in range(8)]
        label = f"mutations {self.case.name} {self.role}"
        order = sorted(all_bits, key=lambda bit: hashlib.sha256(f"{seed.number} {label} {bit}".encode()).digest())
        return order[:count]


class Writer:
    """Files of the same bytes are written once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[bytes, str] = {}

    def store(self, name: str, data: bytes) -> str:
        if data not in self.names:
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            self.names[data] = name
        return self.names[data]

    def case(self, case: Case) -> dict[str, object]:
        files = {role: self.store(f"{case.name}.{role}", data) for role, data in case.files.items()}
        return {"name": case.name, "verdict": case.verdict, "why": case.why, "files": files, "expect": case.expect}


def write(folder: Path, seed: Seed, time: int, cases: Iterable[Case], mutations: Iterable[Mutation],
          count: int) -> None:
    writer = Writer(folder)
    rows: dict[str, list[dict[str, object]]] = {
        "cases": [writer.case(case) for case in cases],
        "mutations": [{"case": mutation.case.name, "file": mutation.role, "verdict": REFUSE,
                       "bits": mutation.bits(seed, count)} for mutation in mutations]}
    head = json.dumps({"emulated": EMULATED, "seed": seed.number, "time": time}, indent=1)
    lists = (f' "{name}": [\n' + ",\n".join("  " + json.dumps(row) for row in row_list) + "\n ]"
             for name, row_list in rows.items())
    (folder / "index.json").write_text(head.removesuffix("\n}") + ",\n" + ",\n".join(lists) + "\n}\n")
