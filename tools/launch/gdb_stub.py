# SPDX-License-Identifier: Apache-2.0
"""Between gdb and QEMU's stub, where the monitor is below the guest: gdb sees the guest.

- Memory is read through the guest's page tables, whose entries have a C-bit or SHARED bit that QEMU takes for an address.
- Where the monitor stops for --break (monitor/svm/breakpoint.h) the registers are those that the guest has.
- Steps from there, and what else is gdb's business, is QEMU's.

Spec: gdb's manual, "Remote Serial Protocol"; QEMU's docs/system/gdb.rst (physical memory mode).
"""
from __future__ import annotations

import re
import select
import socket
import threading
import time
from pathlib import Path
from typing import Callable

from guest_memory import Memory, NotMapped
from gdb_registers import Layout, Stopped
from linux_image import Elf

RESUMES = re.compile(rb"[cCsS]([0-9a-f]|$)|vCont;|b[cs]$")
THREAD = re.compile(rb"thread:(?:p[0-9a-f]+\.)?([0-9a-f]+);")
SELECTS = re.compile(rb"Hg(?:p[0-9a-f]+\.)?([0-9a-f]+)$")
LEFT, REACHED = "entry_leave", "breakpoint_reached"
RDI = 5  # in gdb's order


class Gone(Exception):
    """gdb, or QEMU."""


class Link:
    """Packets of one side. Both sides are on this machine: nothing is lost on the way, and acknowledgements are a form."""

    def __init__(self, connection: socket.socket):
        self.connection, self.buffer = connection, b""

    def send(self, payload: bytes) -> None:
        try:
            self.connection.sendall(b"$%s#%02x" % (payload, sum(payload) & 255))
        except OSError:
            raise Gone from None

    def fill(self) -> None:
        try:
            data = self.connection.recv(65536)
        except OSError:
            data = b""
        if not data:
            raise Gone
        self.buffer += data

    def next(self) -> bytes | None:
        """A packet, or the byte 3, which is an interrupt."""
        self.buffer = self.buffer.lstrip(b"+-")
        if self.buffer[:1] == b"\3":
            self.buffer = self.buffer[1:]
            return b"\3"
        end = self.buffer.find(b"#")
        if end < 0 or len(self.buffer) < end + 3:
            return None
        payload, self.buffer = self.buffer[1:end], self.buffer[end + 3:]
        self.connection.sendall(b"+")
        return payload


def said(text: str) -> bytes:
    return b"O" + text.encode(errors="replace").hex().encode()


class Stub:
    def __init__(self, gdb: socket.socket, qemu: socket.socket, monitor: Path, alias: int, alias_is_shared: bool,
                 files: Callable[[int], list[str]]):
        self.gdb, self.qemu, self.files = Link(gdb), Link(qemu), files
        self.alias, self.alias_is_shared = alias, alias_is_shared
        self.monitor = monitor
        names = {name: address for address, name in Elf(monitor.read_bytes()).symbols}
        self.places = {LEFT: names[LEFT], REACHED: names[REACHED]}
        self.distance: int | None = None  # from where the monitor was linked to
        self.running = False
        self.resume = b"c"
        self.thread = 1  # gdb's
        self.stopped: Stopped | None = None  # at a --break
        self.layout = Layout(self.features())
        self.ask(b"Qqemu.PhyMemMode:1")

    # ---- QEMU's stub, which is asked while gdb waits

    def ask(self, request: bytes) -> bytes:
        self.qemu.send(request)
        while (answer := self.qemu.next()) is None:
            self.qemu.fill()
        return answer

    def features(self) -> str:
        """Both files of the description of the registers."""
        text = ""
        for name in ("target.xml", "i386-64bit.xml"):
            at = 0
            while (part := self.ask(b"qXfer:features:read:%s:%x,800" % (name.encode(), at)))[:1] in (b"m", b"l"):
                text += part[1:].decode(errors="replace")
                at += len(part) - 1
                if part[:1] == b"l":
                    break
        return text

    def breakpoint(self, what: bytes, place: str) -> None:
        """In hardware, as gdb calls it: QEMU writes nothing to memory for it."""
        self.ask(b"%s1,%x,1" % (what, self.places[place]))

    def machine_read(self, address: int, size: int) -> bytes:
        found = b""
        while len(found) < size:
            piece = min(size - len(found), 0x400)
            data = self.ask(b"m%x,%x" % (address + len(found), piece))
            if data[:1] == b"E" or len(data) != 2 * piece:
                raise NotMapped
            found += bytes.fromhex(data.decode())
        return found

    def machine_write(self, address: int, data: bytes) -> None:
        if self.ask(b"M%x,%x:%s" % (address, len(data), data.hex().encode())) != b"OK":
            raise NotMapped

    # ---- what gdb sees

    def registers(self) -> bytes:
        data = bytes.fromhex(self.ask(b"g").decode())
        if self.stopped and self.stopped.thread == self.thread:
            return self.layout.patched(data, self.stopped)
        return data

    def memory(self) -> Memory:
        stopped = self.stopped if self.stopped and self.stopped.thread == self.thread else None
        return Memory(self.machine_read, self.machine_write, self.layout.control(self.registers()), self.alias,
                      stopped.elsewhere if stopped else [])

    def read(self, address: int, size: int) -> bytes:
        try:
            return self.memory().read(address, size).hex().encode()
        except NotMapped:
            return b"E14"

    def write(self, address: int, data: bytes) -> bytes:
        try:
            self.memory().write(address, data)
            return b"OK"
        except NotMapped:
            return b"E14"

    def one_register(self, number: int) -> bytes:
        place = self.layout.place(number)
        return self.registers()[place].hex().encode() if place else b"E45"

    # ---- monitor commands of ours

    def page_states(self, words: list[str]) -> str:
        """Of @words, an address, or -p and one of the guest's memory, and how many pages."""
        physical = words[:1] == ["-p"]
        try:
            first, count = (*(int(word, 0) for word in words[physical:]), 1)[:2]
        except ValueError:
            return "page-states [-p] ADDRESS [COUNT]\n"
        if not self.stopped:
            return "the states of pages are known where --break has stopped the guest\n"
        memory, text = self.memory(), ""
        for address in range(first & ~0xfff, (first & ~0xfff) + min(count, 4096) * 4096, 4096):
            try:
                gpa, alias = (address, None) if physical else memory.translate(address)
            except NotMapped:
                text += f"{address:#x}: not mapped\n"
                continue
            state = self.stopped.state_of(gpa, self.machine_read)
            text += f"{address:#x}: " + ("" if physical else f"guest-physical {gpa:#x}, ") + state
            if alias is not None and self.alias:
                text += f", mapped as {'shared' if alias == self.alias_is_shared else 'private'}"
            text += "\n"
        return text

    def command(self, text: str) -> bytes | None:
        words = text.split()
        if words[:1] == ["page-states"]:
            return said(self.page_states(words[1:]))
        if words == ["postern-files"]:
            lstar = self.stopped.lstar if self.stopped else 0
            lines = self.files(lstar)
            if self.distance is not None:
                lines.insert(0, f"{self.monitor} {self.distance:#x}")
            return said("".join(f"symbols {line}\n" for line in lines) or "\n")
        return None

    # ---- between the two

    def from_gdb(self, packet: bytes) -> None:
        answer = self.answer(packet)
        if answer is not None:
            self.gdb.send(answer)

    def answer(self, packet: bytes) -> bytes | None:
        """None: QEMU will say it, or nobody is to."""
        if packet == b"\3":
            self.qemu.connection.sendall(packet)
            return None
        if match := SELECTS.match(packet):
            self.thread = int(match[1], 16) or self.thread
        if RESUMES.match(packet):
            self.go_on(packet)
            return None
        kind, rest = packet[:1], packet[1:]
        if packet == b"?":  # by which QEMU forgets all breakpoints
            answer = self.ask(packet)
            self.breakpoint(b"Z", REACHED if self.distance is not None else LEFT)
            return answer
        if kind == b"g" and not rest:
            return self.registers().hex().encode()
        if kind == b"p":
            return self.one_register(int(rest, 16))
        if kind in (b"P", b"G") and self.stopped and self.stopped.thread == self.thread:
            return b"E22"  # the monitor has them
        if kind == b"m":
            address, size = (int(word, 16) for word in rest.split(b","))
            return self.read(address, size)
        if kind == b"M":
            place, data = rest.split(b":")
            return self.write(int(place.split(b",")[0], 16), bytes.fromhex(data.decode()))
        if kind == b"X":
            return b""  # M says the same
        if packet.startswith(b"qRcmd,"):
            ours = self.command(bytes.fromhex(rest[5:].decode()).decode(errors="replace"))
            if ours is not None:
                self.gdb.send(ours)
                return b"OK"
        self.qemu.send(packet)
        return None

    def go_on(self, packet: bytes) -> None:
        if self.stopped:
            self.stopped = None
            self.breakpoint(b"z", REACHED)
            self.ask(b"s")
            self.breakpoint(b"Z", REACHED)
        self.resume, self.running = packet, True
        self.qemu.send(packet)

    def from_qemu(self, packet: bytes) -> None:
        if self.running and packet[:1] in (b"T", b"S"):
            self.running = False
            match = THREAD.search(packet)
            self.thread = int(match[1], 16) if match else 1
            if not self.at_stop():
                return
        self.gdb.send(packet)

    def at_stop(self) -> bool:
        """Whether it is for gdb."""
        data = self.registers()
        rip = self.layout.rip(data)
        if self.distance is None and rip == self.places[LEFT] and self.layout.in_long_mode(data):
            self.breakpoint(b"z", LEFT)
            self.distance = self.layout.integer(data, RDI)
            self.places[REACHED] += self.distance
            self.breakpoint(b"Z", REACHED)
            self.go_on(self.resume)
            return False
        if self.distance is not None and rip == self.places[REACHED]:
            state = self.layout.integer(data, RDI)
            self.stopped = Stopped(self.thread, lambda at, size: self.machine_read(state + at, size), self.machine_read)
            self.alias = self.stopped.alias
            self.gdb.send(said(f"postern: {self.stopped.line}\n"))
        return True

    def serve(self) -> None:
        sides = {self.gdb.connection: (self.gdb, self.from_gdb), self.qemu.connection: (self.qemu, self.from_qemu)}
        while True:
            ready, _, _ = select.select(list(sides), [], [])
            for connection in ready:
                link, handle = sides[connection]
                link.fill()
            for link, handle in sides.values():
                while (packet := link.next()) is not None:
                    handle(packet)


def connect(port: int, is_alive: Callable[[], bool]) -> socket.socket | None:
    """QEMU listens when it is ready to."""
    while is_alive():
        try:
            return socket.create_connection(("127.0.0.1", port))
        except OSError:
            time.sleep(0.05)
    return None


class Server:
    """One gdb after the other, for as long as QEMU lives."""

    def __init__(self, qemu_port: int):
        self.qemu_port = qemu_port
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]

    def start(self, is_alive: Callable[[], bool], make: Callable[[socket.socket, socket.socket], Stub]) -> None:
        threading.Thread(target=self.serve, args=(is_alive, make), daemon=True).start()

    def serve(self, is_alive: Callable[[], bool], make: Callable[[socket.socket, socket.socket], Stub]) -> None:
        while is_alive():
            gdb, _ = self.socket.accept()
            qemu = connect(self.qemu_port, is_alive)
            if not qemu:
                return
            try:
                make(gdb, qemu).serve()
            except Gone:
                gdb.close()
                qemu.close()
