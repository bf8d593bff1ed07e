# SPDX-License-Identifier: Apache-2.0
"""The points at which a host can lie, and what to tell there: monitor/host/point.h has the grammar."""
from __future__ import annotations

import random
import re
import struct
from dataclasses import dataclass
from pathlib import Path

PAGE = 4096
SOME_PAGES = [*range(0x10_0000, 0xA00_0000, 0x10_1000)]
ONES = (1 << 64) - 1
VALUES = ("0", "1", hex(ONES), hex(1 << 63), "last")
EACH = 16  # occurrences of a class that a sweep goes through one by one by default; of more, so many of them
VECTORS = range(256)
DOINGS = ("event", "nmi", "vc", "write", "delay", "page-take", "page-renew", "page-remap", "page-block")
ENDLESS = ("event", "nmi", "vc", "delay")  # for ever, they are a guest that does not run: any host can have that
STEPS = (0, 1, 7, 60)  # instructions behind a request, where a sweep does something
DELAYS = (1_000, 1_000_000, 100_000_000)
# Of the GHCB: RAX, RCX, RDX, RBX, the exit's code and infos, the scratch address, the bitmap's halves, the buffer's first words.
GHCB = (0x1F8, 0x308, 0x310, 0x318, 0x390, 0x398, 0x3A0, 0x3A8, 0x3F0, 0x3F8, 0x800, 0x808, 0x810)
# What a hypercall's cause may be called: the exits that a #VC handler knows, and one that it does not.
EXITS = (0x27, 0x37, 0x41, 0x6E, 0x72, 0x77, 0x78, 0x7B, 0x7C, 0x81, 0x87, 0x89, 0x8A, 0x8B, 0x400, 0x403, 0x1234)


@dataclass(frozen=True)
class Point:
    """A field of the answers to a class of requests, which came `count` times in a run without a lie."""

    field: str
    request: str
    count: int

    @property
    def is_done(self) -> bool:
        """Instead of said: later than the request, too."""
        return self.field in DOINGS

    @property
    def name(self) -> str:
        return f"{self.field}/{self.request}"


@dataclass(frozen=True)
class Memory:
    """Where a host can do something: addresses of pages that it shares with the guest, and of the guest's own."""

    shared: list[int]
    private: list[int]


def shared_pages(transcript: str) -> list[int]:
    return [page for first, size in re.findall(r" point shared=(\S+) size=(\S+)", transcript)
            for page in range(int(first, 16), int(first, 16) + int(size, 16), PAGE)]


def image_pages(path: Path) -> list[int]:
    """Of an ELF file's segments; of no ELF file, none."""
    data = path.read_bytes()
    if data[:4] != b"\x7fELF":
        return []
    start, size, count = struct.unpack_from("<Q", data, 32)[0], *struct.unpack_from("<2H", data, 54)
    headers = [struct.unpack_from("<2I6Q", data, start + i * size) for i in range(count)]
    return sorted({page for kind, _, _, _, at, _, used, _ in headers if kind == 1
                   for page in range(at & -PAGE, at + used, PAGE)})


def table(path: Path) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The fields and the requests of point.def, by group."""
    fields: dict[str, list[str]] = {}
    requests: dict[str, list[str]] = {}
    for what, group, name in re.findall(r'^(FIELD|REQUEST)\((\w+), \w+, "([^"]+)"\)', path.read_text(), re.M):
        (fields if what == "FIELD" else requests).setdefault(group.lower(), []).append(name)
    return fields, requests


def of_counts(fields: dict[str, list[str]], counts: dict[tuple[str, str], int]) -> list[Point]:
    """Those that a run reached, in the table's order; no event before the guest can have an IDT, which ends any guest."""
    return [Point(field, request, count)
            for (group, request), count in counts.items() for field in fields[group]
            if request != "start" or field not in ("event", "nmi", "vc")]


def lie(point: Point, at: int, times: str, value: str | None, steps: int = 0) -> str:
    return f"{point.name}@{at}" + (f"+{steps}" if steps else "") + (f"x{times}" if times != "1" else "") + (
        f"={value}" if value is not None else "")


def values(point: Point, memory: Memory, rng: random.Random) -> list[str | None]:
    """What a sweep tells there; what is drawn is drawn by @rng."""
    if point.field == "nmi":
        return [None]
    if point.field == "event":
        return [str(vector) for vector in VECTORS if vector < 32 or vector % 16 == 0]
    if point.field == "vc":
        return [hex(code) for code in EXITS]
    if point.field == "delay":
        return [str(ticks) for ticks in DELAYS]
    if point.field == "write":
        return [f"{page + offset:#x}:{value}" for page in memory.shared for offset in GHCB for value in ("0", hex(ONES))]
    if point.field.startswith("page-"):
        return [hex(page) for page in memory.private]
    if point.field.startswith("cpu-"):
        return ["1"]
    return [*VALUES, hex(rng.getrandbits(64))]


def occurrences(count: int, each: int) -> list[int]:
    if count <= each:
        return list(range(count))
    return sorted({i * (count - 1) // (each - 1) for i in range(each)})


def places(point: Point, each: int) -> list[tuple[int, int]]:
    """Occurrences and steps. Of what is done the values are many: behind the first request, the last and one between."""
    if not point.is_done:
        return [(at, 0) for at in occurrences(point.count, each)]
    some = sorted({0, point.count // 2, point.count - 1})
    if point.field.startswith("page-"):
        return [(at, 0) for at in some[1:] or some]
    return [(at, steps) for at in some for steps in (STEPS[1:3] if point.field == "write" else STEPS[:1] if point.request != "start" else STEPS)]


def sweep(points: list[Point], memory: Memory, each: int) -> list[list[str]]:
    """Every point, each value, at the first, the last and those between (@each in all, 2 at least), and from the first for ever."""
    rng = random.Random("sweep")
    runs = []
    for point in points:
        for value in values(point, memory, rng):
            runs += [[lie(point, at, "1", value, steps)] for at, steps in places(point, each)]
            if point.count > 1 and not point.is_done:
                runs.append([lie(point, 0, "all", value)])
    return runs


def draw_value(point: Point, memory: Memory, rng: random.Random) -> str | None:
    said = rng.choice((*VALUES, hex(rng.getrandbits(64)), hex(rng.getrandbits(12)), f"^{hex(1 << rng.randrange(64))}"))
    if point.field == "nmi":
        return None
    if point.field == "event":
        return str(rng.choice((rng.randrange(32), rng.randrange(256))))
    if point.field == "vc":
        return hex(rng.choice(EXITS))
    if point.field == "delay":
        return str(10 ** rng.randrange(2, 9))
    if point.field == "write":
        offset = rng.choice((rng.choice(GHCB), rng.randrange(0, PAGE, 8), rng.randrange(0, 64, 8)))
        return f"{rng.choice(memory.shared) + offset:#x}:{said if said != 'last' else '^1'}"
    if point.field.startswith("page-"):
        return hex(rng.choice(memory.private))
    return said


def draw_steps(point: Point, rng: random.Random) -> int:
    return rng.choice((0, rng.randrange(1, 16), rng.randrange(1, 128), rng.randrange(1, 2048))) if point.is_done else 0


def draw_one(points: list[Point], memory: Memory, rng: random.Random) -> str:
    # A class with many fields is no likelier than one with few; nor one that comes often.
    request = rng.choice(sorted({(p.request, p.count) for p in points}))
    point = rng.choice([p for p in points if (p.request, p.count) == request])
    at = rng.choice((0, point.count - 1, rng.randrange(point.count), rng.randrange(point.count)))
    times = ["1", "1", "1", "all", str(rng.randrange(2, 9))]
    if point.field in ENDLESS:
        times.remove("all")
    return lie(point, at, rng.choice(times), draw_value(point, memory, rng), draw_steps(point, rng))


def drawn(points: list[Point], memory: Memory, seed: int, index: int) -> list[str]:
    """The lies of run @index: they depend on nothing but the two numbers and the counts."""
    rng = random.Random(f"{seed}/{index}")
    points = [point for point in points if (point.field != "write" or memory.shared) and (not point.field.startswith("page-") or memory.private)]
    return [draw_one(points, memory, rng) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
