# SPDX-License-Identifier: Apache-2.0
"""Where QEMU's stub has which register, and what the monitor tells of a guest that --break has stopped."""
from __future__ import annotations

import re
import struct
from typing import Callable

INTEGERS = ("rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip eflags cs ss ds es fs gs "
            "fs_base gs_base k_gs_base cr0 cr2 cr3 cr4 cr8 efer").split()
EFER_LMA = 1 << 10

Read = Callable[[int, int], bytes]


class Stopped:
    """struct breakpoint_state of monitor/svm/breakpoint.h. @read: of it; @machine: of the machine's memory."""

    def __init__(self, thread: int, read: Read, machine: Read):
        words = struct.unpack("<49Q", read(0, 0x188))
        self.thread = thread
        self.values = dict(zip(INTEGERS, words))
        self.lstar, self.cpu, self.alias = words[33:36]
        self.line = machine(words[36], words[37]).decode(errors="replace").strip()
        self.elsewhere = [words[at:at + 3] for at in (38, 41) if words[at + 1]]
        self.units, self.words, self.page_count, kinds, count = words[44:49]
        self.kinds = list(struct.iter_unpack("<II8s", machine(kinds, count * 16))) if count else []

    def state_of(self, gpa: int, machine: Read) -> str:
        frame = gpa >> 12
        if not self.kinds:
            return "without a state"
        if frame >= self.page_count:
            return "no memory of the guest's"
        word, others = struct.unpack("<II", machine(self.units + frame // 512 * 8, 8))
        if others:
            word = struct.unpack("<I", machine(self.words + frame * 4, 4))[0]
        name: bytes = next(name for mask, value, name in self.kinds if word & mask == value)
        return name.rstrip(b"\0").decode()


class Layout:
    def __init__(self, features: str):
        """@features: the description that the stub gives, in which registers are in the order of the packet `g`."""
        self.places: list[slice] = []
        self.numbers: dict[str, int] = {}
        at = 0
        for match in re.finditer(r"<reg\s[^>]*>", re.sub(r"<!--.*?-->", "", features, flags=re.S)):
            name, bits = (re.search(rf'{key}="(\w+)"', match[0]) for key in ("name", "bitsize"))
            if name and bits:
                self.numbers[name[1]] = len(self.places)
                self.places.append(slice(at, at + int(bits[1]) // 8))
                at = self.places[-1].stop

    def place(self, number: int) -> slice | None:
        return self.places[number] if number < len(self.places) else None

    def value(self, data: bytes, name: str) -> int:
        return int.from_bytes(data[self.places[self.numbers[name]]], "little")

    def integer(self, data: bytes, number: int) -> int:
        return self.value(data, INTEGERS[number])

    def rip(self, data: bytes) -> int:
        return self.value(data, "rip")

    def control(self, data: bytes) -> dict[str, int]:
        return {name: self.value(data, name) for name in ("cr0", "cr3", "cr4", "efer")}

    def in_long_mode(self, data: bytes) -> bool:
        return bool(self.value(data, "efer") & EFER_LMA)

    def patched(self, data: bytes, stopped: Stopped) -> bytes:
        changed = bytearray(data)
        for name, value in stopped.values.items():
            place = self.places[self.numbers[name]]
            if name not in ("fs", "gs"):
                changed[place] = value.to_bytes(8, "little")[:place.stop - place.start]
        return bytes(changed)
