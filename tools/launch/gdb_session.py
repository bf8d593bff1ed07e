# SPDX-License-Identifier: Apache-2.0
"""--gdb and --break: who listens where, what is to be typed, and which symbols gdb gets."""
from __future__ import annotations

import shlex
import socket
import struct
from pathlib import Path
from typing import Callable

import command
import seen
from gdb_stub import Server, Stub
from guest_symbols import Symbols
from options import ENCRYPTED
from plan import ROOT, Plan

C_BIT = 1 << 51  # until the monitor tells


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_elf(path: Path) -> bool:
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def symbol_elf(symbols: list[tuple[int, str]]) -> bytes:
    """An ELF file of functions and nothing else, for a reader that takes no other. Spec: ELF gABI."""
    first, last = symbols[0][0], symbols[-1][0] + 0x1000
    names, table, strings = b"\0.text\0.symtab\0.strtab\0", bytes(24), b"\0"
    for address, name in symbols:
        table += struct.pack("<IBBHQQ", len(strings), 0x12, 0, 1, address, 0)
        strings += name.encode(errors="replace") + b"\0"
    at_table = 64 + len(names)
    at_strings = at_table + len(table)
    section = struct.Struct("<IIQQQQIIQQ")
    return b"".join((
        struct.pack("<4sBBBB8xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 0, 2, 62, 1, 0, 0, at_strings + len(strings), 0, 64, 0, 0, 64, 5, 4),
        names, table, strings, bytes(64),
        section.pack(1, 8, 6, first, 64, last - first, 0, 0, 16, 0),
        section.pack(7, 2, 0, 0, at_table, len(table), 3, 1, 8, 24),
        section.pack(15, 3, 0, 0, at_strings, len(strings), 0, 0, 1, 0),
        section.pack(15, 3, 0, 0, 64, len(names), 0, 0, 1, 0)))


class Session:
    """@work: a folder for what is made."""

    def __init__(self, plan: Plan, work: Path):
        self.plan, self.work = plan, work
        self.qemu_port = free_port()
        self.server = Server(self.qemu_port) if plan.mode == "emulate" else None
        self.names: Symbols | None = None

    def words(self) -> str:
        """gdb's. The symbols of what runs: a file that is no ELF image has none."""
        options, port = self.plan.options, self.server.port if self.server else self.qemu_port
        image = options.kernel or (None if options.other_firmware else self.plan.guest)
        words = f"-ex 'target remote :{port}'"
        if image and is_elf(image) and not (self.server and self.symbols().is_linux):
            words += f" {shlex.quote(str(image))}"
        if self.server:
            words += f" -x {shlex.quote(str(ROOT / 'tools/gdb_commands.py'))}"
        return words

    def symbols(self) -> Symbols:
        if self.names is None:
            self.names = seen.symbols(self.plan)
        return self.names

    def files(self, lstar: int) -> list[str]:
        """`<file> <distance>` of a Linux guest, once it has told where it is: by its entry for system calls."""
        names, path = self.symbols(), seen.symbols_file(self.plan)
        if not names.is_linux or not lstar or not names.addresses or not path:
            return []
        names.moved(lstar)
        if not is_elf(path):
            path = self.work / "symbols.elf"
            if not path.exists():
                path.write_bytes(symbol_elf(list(zip(names.addresses, names.names))))
        return [f"{path} {names.slide & (1 << 64) - 1:#x}"]

    def start(self, is_alive: Callable[[], bool]) -> None:
        if not self.server:
            return
        platform = self.plan.options.platform
        self.server.start(is_alive, lambda gdb, qemu: Stub(
            gdb, qemu, command.MONITOR, C_BIT if platform in ENCRYPTED else 0, platform == "tdx", self.files))
