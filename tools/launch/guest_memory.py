# SPDX-License-Identifier: Apache-2.0
"""A guest's virtual memory, by its page tables, which lie in the machine's memory at their guest-physical addresses.

Spec: APM2 5.2 to 5.4.
"""
from __future__ import annotations

import struct
from typing import Callable, Sequence

CR0_PG, CR4_PSE, CR4_PAE, CR4_LA57, EFER_LMA = 1 << 31, 1 << 4, 1 << 5, 1 << 12, 1 << 10
PRESENT, LARGE = 1, 1 << 7
ADDRESS = 0x000ffffffffff000
PAGE = 4096


class NotMapped(Exception):
    """Nothing is there."""


class Memory:
    """@alias: the bit of an address that is none; @elsewhere: guest-physical address, size, and where the machine has it."""

    def __init__(self, read: Callable[[int, int], bytes], write: Callable[[int, bytes], None], control: dict[str, int],
                 alias: int, elsewhere: Sequence[Sequence[int]]):
        self.machine_read, self.machine_write, self.alias, self.elsewhere = read, write, alias, elsewhere
        self.paging = bool(control["cr0"] & CR0_PG)
        self.root, self.pse = control["cr3"], bool(control["cr4"] & CR4_PSE)
        self.is_long, self.pae = bool(control["efer"] & EFER_LMA), bool(control["cr4"] & CR4_PAE)
        self.levels = 5 if control["cr4"] & CR4_LA57 else 4
        self.tables: dict[int, bytes] = {}

    def machine(self, gpa: int) -> int:
        for start, size, host in self.elsewhere:
            if start <= gpa < start + size:
                return gpa - start + host
        return gpa

    def entry(self, table: int, number: int, size: int = 8) -> int:
        if table not in self.tables:
            self.tables[table] = self.machine_read(self.machine(table), PAGE)
        value: int = struct.unpack_from("<Q" if size == 8 else "<I", self.tables[table], number * size)[0]
        if not value & PRESENT:
            raise NotMapped
        return value

    def translate(self, address: int) -> tuple[int, bool | None]:
        """The guest-physical address, and whether the mapping has the alias bit; None where no mapping has one."""
        if not self.paging:
            return address, None
        if not self.pae:
            return self.translate_32(address & 0xffffffff), None
        if self.is_long:
            return self.walk(self.root & ADDRESS & ~self.alias, address, self.levels)
        directory = self.root & 0xffffffe0
        table = struct.unpack("<Q", self.machine_read(self.machine(directory + (address >> 30 & 3) * 8), 8))[0]
        if not table & PRESENT:
            raise NotMapped
        return self.walk(table & ADDRESS & ~self.alias, address, 2)

    def walk(self, table: int, address: int, level: int) -> tuple[int, bool]:
        while True:
            shift = 3 + 9 * level
            entry = self.entry(table, address >> shift & 511)
            table = entry & ADDRESS & ~self.alias
            if level == 1 or level < 4 and entry & LARGE:
                offset = (1 << shift) - 1
                return table & ~offset | address & offset, bool(entry & self.alias)
            level -= 1

    def translate_32(self, address: int) -> int:
        entry = self.entry(self.root & 0xfffff000, address >> 22, 4)
        if entry & LARGE and self.pse:
            return entry & 0xffc00000 | address & 0x3fffff
        return self.entry(entry & 0xfffff000, address >> 12 & 1023, 4) & 0xfffff000 | address & 0xfff

    def pieces(self, address: int, size: int) -> list[tuple[int, int]]:
        """Where the machine has them, and how long each is."""
        found = []
        while size:
            piece = min(size, PAGE - address % PAGE)
            found.append((self.machine(self.translate(address)[0]), piece))
            address, size = address + piece, size - piece
        return found

    def read(self, address: int, size: int) -> bytes:
        return b"".join(self.machine_read(*piece) for piece in self.pieces(address, size))

    def write(self, address: int, data: bytes) -> None:
        for at, size in self.pieces(address, len(data)):
            self.machine_write(at, data[:size])
            data = data[size:]
