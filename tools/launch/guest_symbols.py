# SPDX-License-Identifier: Apache-2.0
"""Which function an address of the guest's is in, and who called it: by an ELF file's symbols, a Linux image's own
kallsyms, or a file of them, as System.map or a copy of the guest's /proc/kallsyms, which has its modules too."""
from __future__ import annotations

import lzma
import re
import struct
import zlib
from bisect import bisect_right
from pathlib import Path

import linux_image
from linux_image import KERNEL_HALF, Elf, Unreadable, Unwinder

SYSCALL_ENTRY = "entry_SYSCALL_64"  # MSR_LSTAR, which tells where the kernel put itself
MODULES = 0xffffffffc0000000
MAP_LINE = re.compile(r"^([0-9a-f]{16}) ([tTwW]) (\S+)(?:\s+(\[\w+\]))?$", re.M)


def map_symbols(text: str) -> list[tuple[int, str]]:
    found = [(int(m[1], 16), m[3] + (f" {m[4]}" if m[4] else "")) for m in MAP_LINE.finditer(text)]
    if not any(address for address, _ in found):
        raise Unreadable("no symbol with an address is in it")
    return found


class Symbols:
    """@what: stands for all that has no name."""

    def __init__(self, what: str):
        self.what = what
        self.addresses: list[int] = []
        self.names: list[str] = []
        self.unwinder: Unwinder | None = None
        self.elf: Elf | None = None
        self.is_linux = False
        self.slide = 0  # of a kernel that has moved itself
        self.memory: dict[tuple[int, str], list[str]] = {}

    def set(self, symbols: list[tuple[int, str]]) -> None:
        kept: dict[int, str] = {}
        for address, name in sorted(symbols):
            if not name.startswith(("__pfx_", "$", ".L")):
                kept[address] = name
        self.addresses, self.names = list(kept), list(kept.values())

    def read(self, path: Path) -> None:
        """An image, or symbols beside one."""
        data = path.read_bytes()
        try:
            self._read(data)
        except (struct.error, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, IndexError, OverflowError):
            raise Unreadable("it is damaged, or of a form that is not known here") from None

    def _read(self, data: bytes) -> None:
        if data[:4] != b"\x7fELF" and data[0x202:0x206] != b"HdrS":
            self.set(map_symbols(data.decode(errors="replace")))
            self.is_linux = True
            return
        elf = Elf(linux_image.elf_of(data))
        self.elf = elf
        self.is_linux = any(s.vaddr >= KERNEL_HALF for s in elf.segments)
        self.unwinder = Unwinder(elf) if self.is_linux else None
        self.set(elf.symbols or linux_image.kallsyms(elf.data))

    def moved(self, lstar: int) -> None:
        if SYSCALL_ENTRY in self.names and lstar:
            self.slide = lstar - self.addresses[self.names.index(SYSCALL_ENTRY)]

    def linked(self, address: int) -> int:
        """As the image says it. Early code runs where memory has it."""
        if address >= KERNEL_HALF:
            return address - self.slide
        for s in self.elf.segments if self.elf and self.is_linux else []:
            if s.paddr <= address < s.paddr + s.size and s.vaddr >= KERNEL_HALF:
                return address - s.paddr + s.vaddr
        return address

    def function(self, address: int, user: bool = False) -> str:
        if user:
            return "[user]"
        at = self.linked(address)
        number = bisect_right(self.addresses, at) - 1
        limit = self.addresses[-1] + 0x1000 if self.addresses else 0
        if number >= 0 and at < limit and (not self.is_linux or at >= KERNEL_HALF):
            return self.names[number]
        if self.is_linux and at >= MODULES:
            return "[module]"
        return "[decompressor]" if self.is_linux else f"[{self.what}]"

    def stack(self, rip: int, words: str, frames: str) -> list[str]:
        """Functions, the outermost first, of an exit's `stack=` or `frames=`."""
        key = rip, words or frames
        if key not in self.memory:
            self.memory[key] = self._stack(rip, words, frames)
        return self.memory[key]

    def _stack(self, rip: int, words: str, frames: str) -> list[str]:
        callers: list[int] = []
        if words and self.unwinder:
            pairs = (word.split(":") for word in words.split(","))
            found = {int(at, 16): (int(low, 16) | KERNEL_HALF & ~0x7fffffff) - self.slide for at, low in pairs}
            callers = [address + self.slide for address in self.unwinder.callers(self.linked(rip), found)]
        elif frames and not self.is_linux:
            callers = [int(frame, 16) - 1 for frame in frames.split(",") if frame.strip("0")]
        names = [self.function(address) for address in [rip, *callers]]
        names = [names[0], *(name for name in names[1:] if "_thunk" not in name)]
        while len(names) > 1 and names[-1].startswith("["):
            names.pop()
        return names[::-1]
