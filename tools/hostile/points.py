# SPDX-License-Identifier: Apache-2.0
"""The points at which a host can lie, and what to tell there: monitor/host/point.h has the grammar."""
from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

LIE = re.compile(r"[a-z0-9-]+/[a-z0-9-]+@[0-9]+(x([1-9][0-9]*|all))?(=(last|\^?(0x[0-9a-f]+|[0-9]+)))?")
ONES = (1 << 64) - 1
VALUES = ("0", "1", hex(ONES), hex(1 << 63), "last")
EACH = 16  # occurrences of a class that a sweep goes through one by one; of more, so many of them
VECTORS = range(256)
DOINGS = ("event", "nmi", "vc")  # for ever, they are a guest that does not run: any host can have that
# What a hypercall's cause may be called: the exits that a #VC handler knows, and one that it does not.
EXITS = (0x27, 0x37, 0x41, 0x6E, 0x72, 0x77, 0x78, 0x7B, 0x7C, 0x81, 0x87, 0x89, 0x8A, 0x8B, 0x400, 0x403, 0x1234)


@dataclass(frozen=True)
class Point:
    """A field of the answers to a class of requests, which came `count` times in a run without a lie."""

    field: str
    request: str
    count: int

    @property
    def name(self) -> str:
        return f"{self.field}/{self.request}"


def table(path: Path) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The fields and the requests of point.def, by group."""
    fields: dict[str, list[str]] = {}
    requests: dict[str, list[str]] = {}
    for what, group, name in re.findall(r'^(FIELD|REQUEST)\((\w+), \w+, "([^"]+)"\)', path.read_text(), re.M):
        (fields if what == "FIELD" else requests).setdefault(group.lower(), []).append(name)
    return fields, requests


def of_counts(fields: dict[str, list[str]], counts: dict[tuple[str, str], int]) -> list[Point]:
    """Those that a run reached, in the table's order."""
    return [Point(field, request, count)
            for (group, request), count in counts.items() for field in fields[group]]


def lie(point: Point, at: int, times: str, value: str | None) -> str:
    return f"{point.name}@{at}" + (f"x{times}" if times != "1" else "") + (f"={value}" if value is not None else "")


def values(point: Point, rng: random.Random) -> list[str | None]:
    """What a sweep tells there; what is drawn is drawn by @rng."""
    if point.field == "nmi":
        return [None]
    if point.field == "event":
        return [str(vector) for vector in VECTORS if vector < 32 or vector % 16 == 0]
    if point.field == "vc":
        return [hex(code) for code in EXITS]
    return [*VALUES, hex(rng.getrandbits(64))]


def occurrences(count: int) -> list[int]:
    if count <= EACH:
        return list(range(count))
    return sorted({i * (count - 1) // (EACH - 1) for i in range(EACH)})


def sweep(points: list[Point]) -> list[list[str]]:
    """Every point, each value, at the first, the last and those between, and from the first for ever."""
    rng = random.Random("sweep")
    runs = []
    for point in points:
        for value in values(point, rng):
            # Of events the values are many: at the first request, the last and one between.
            places = sorted({0, point.count // 2, point.count - 1}) if point.field in ("event", "vc") else occurrences(point.count)
            runs += [[lie(point, at, "1", value)] for at in places]
            if point.count > 1 and point.field not in DOINGS:
                runs.append([lie(point, 0, "all", value)])
    return runs


def draw_value(point: Point, rng: random.Random) -> str | None:
    if point.field == "nmi":
        return None
    if point.field == "event":
        return str(rng.choice((rng.randrange(32), rng.randrange(256))))
    if point.field == "vc":
        return hex(rng.choice(EXITS))
    return rng.choice((*VALUES, hex(rng.getrandbits(64)), hex(rng.getrandbits(12)), f"^{hex(1 << rng.randrange(64))}"))


def draw_one(points: list[Point], rng: random.Random) -> str:
    # A class with many fields is no likelier than one with few; nor one that comes often.
    request = rng.choice(sorted({(p.request, p.count) for p in points}))
    point = rng.choice([p for p in points if (p.request, p.count) == request])
    at = rng.choice((0, point.count - 1, rng.randrange(point.count), rng.randrange(point.count)))
    times = ["1", "1", "1", "all", str(rng.randrange(2, 9))]
    if point.field in DOINGS:
        times.remove("all")
    return lie(point, at, rng.choice(times), draw_value(point, rng))


def drawn(points: list[Point], seed: int, index: int) -> list[str]:
    """The lies of run @index: they depend on nothing but the two numbers and the counts."""
    rng = random.Random(f"{seed}/{index}")
    return [draw_one(points, rng) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
