# SPDX-License-Identifier: Apache-2.0
"""What a Linux image says of itself: its ELF file out of a bzImage, its kallsyms, and the ORC tables by which it
unwinds its own stacks.

Spec: Linux Documentation/arch/x86/boot.rst (setup_sects, payload_offset), kernel/kallsyms.c, arch/x86/include/asm/orc_types.h.
"""
from __future__ import annotations

import bz2
import gzip
import lzma
import re
import struct
import subprocess
from bisect import bisect_right
from dataclasses import dataclass
from typing import Callable, Iterator

KERNEL_HALF = 0xffffffff80000000


class Unreadable(Exception):
    """As one sentence."""


def by_program(*words: str) -> Callable[[bytes], bytes]:
    """What Python's library has no decoder for. The length behind the data, which the kernel's build puts there, is a
    complaint of theirs and no more."""
    def decode(data: bytes) -> bytes:
        try:
            return subprocess.run(words, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
        except OSError:
            raise Unreadable(f"it is packed, and there is no {words[0]}") from None
    return decode


UNPACK: tuple[tuple[bytes, Callable[[bytes], bytes]], ...] = (
    (b"\x1f\x8b", lambda data: gzip.decompress(data[:-4])),
    (b"\xfd7zXZ", lambda data: lzma.LZMADecompressor().decompress(data)),
    (b"\x5d\0\0", lambda data: lzma.LZMADecompressor().decompress(data)),
    (b"BZh", lambda data: bz2.BZ2Decompressor().decompress(data)),
    (b"\x28\xb5\x2f\xfd", by_program("zstd", "-dcq")),
    (b"\x02\x21\x4c\x18", by_program("lz4", "-dcq")),
)


def elf_of(image: bytes) -> bytes:
    """Of a vmlinux or bzImage."""
    if image[:4] == b"\x7fELF":
        return image
    if image[0x202:0x206] != b"HdrS":
        raise Unreadable("it is neither an ELF file nor a bzImage")
    sectors = image[0x1f1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    payload = image[(sectors + 1) * 512 + offset:][:length]
    for magic, unpack in UNPACK:
        if payload.startswith(magic):
            elf = unpack(payload)
            if elf[:4] == b"\x7fELF":
                return elf
    raise Unreadable("nothing that can be unpacked is in it")


@dataclass
class Segment:
    vaddr: int
    paddr: int
    offset: int
    size: int


class Elf:
    """A 64-bit one."""

    def __init__(self, data: bytes):
        self.data = data
        self.sections: dict[str, tuple[int, int, int]] = {}  # address, offset, size
        self.symbols: list[tuple[int, str]] = []
        if data[:5] != b"\x7fELF\x02":
            raise Unreadable("it is no 64-bit ELF file")
        try:
            self._read()
        except (struct.error, IndexError):
            raise Unreadable("its tables are cut off") from None

    def _read(self) -> None:
        phoff, shoff = struct.unpack_from("<QQ", self.data, 0x20)
        phentsize, phnum, shentsize, shnum, shstrndx = struct.unpack_from("<5H", self.data, 0x36)
        self.segments = []
        for number in range(phnum):
            kind, _, offset, vaddr, paddr, size = struct.unpack_from("<IIQQQQ", self.data, phoff + number * phentsize)
            if kind == 1:
                self.segments.append(Segment(vaddr, paddr, offset, size))
        headers = [struct.unpack_from("<IIQQQQIIQQ", self.data, shoff + number * shentsize) for number in range(shnum)]
        for header in headers:
            self.sections[self._text(headers[shstrndx][4] + header[0])] = (header[3], header[4], header[5])
            if header[1] == 2:
                self._read_symbols(header[4], header[5], headers[header[6]][4])

    def _read_symbols(self, offset: int, size: int, strings: int) -> None:
        for name, info, _, section, value, _ in struct.iter_unpack("<IBBHQQ", self.data[offset:offset + size]):
            if section and info & 15 in (0, 2) and name and value:
                self.symbols.append((value, self._text(strings + name)))

    def _text(self, at: int) -> str:
        return self.data[at:self.data.index(b"\0", at)].decode(errors="replace")

    def section(self, name: str) -> tuple[int, bytes] | None:
        if name not in self.sections:
            return None
        address, offset, size = self.sections[name]
        return address, self.data[offset:offset + size]

    def read(self, address: int, size: int) -> bytes:
        """What is loaded there; less where less is."""
        for s in self.segments:
            if s.vaddr <= address < s.vaddr + s.size:
                start = s.offset + address - s.vaddr
                return self.data[start:min(start + size, s.offset + s.size)]
        return b""


# ---- kallsyms: a table of symbols that the image has for itself, packed

def align8(offset: int) -> int:
    return (offset + 7) & ~7


def find_tokens(data: bytes) -> tuple[int, list[bytes], int]:
    """The table of 256 words, by its digits, which stand for themselves: where it is, the words, and what is behind it
    and its index."""
    digits = b"".join(b"%d\0" % digit for digit in range(10))
    at = data.find(digits)
    while at >= 0:
        start = at - 1
        for _ in range(48):
            start = data.rfind(b"\0", 0, start)
        start += 1
        words = data[start:start + 8192].split(b"\0", 256)[:256]
        end = align8(start + sum(len(word) + 1 for word in words))
        index = struct.unpack_from("<256H", data, end)
        if len(words) == 256 and index[0] == 0 and index[255] == sum(len(word) + 1 for word in words[:255]):
            return start, words, align8(end + 512)
        at = data.find(digits, at + 1)
    raise Unreadable("it has no kallsyms")


def find_names(data: bytes, tokens: int) -> tuple[int, int]:
    """Where names begin, and how many there are. The markers, one for 256 names, lie behind them."""
    at = tokens - 4
    if struct.unpack_from("<I", data, at)[0] == 0:
        at -= 4
    last = value = struct.unpack_from("<I", data, at)[0]
    count = 1
    while value:
        at, count = at - 4, count + 1
        previous = struct.unpack_from("<I", data, at)[0]
        if previous >= value:
            raise Unreadable("its kallsyms have another form")
        value = previous
    # Behind the last marker is one name, or up to 256.
    for start in range(align8(at - last), at - last - (1 << 17), -8):
        symbols, rest = struct.unpack_from("<II", data, start - 8)
        if rest == 0 and (symbols + 255) // 256 == count:
            return start, symbols
    raise Unreadable("its kallsyms have another form")


def names_of(data: bytes, at: int, count: int, words: list[bytes]) -> Iterator[str]:
    for _ in range(count):
        length = data[at]
        at += 1
        if length & 0x80:
            length, at = length & 0x7f | data[at] << 7, at + 1
        yield b"".join([words[token] for token in data[at:at + length]]).decode(errors="replace")
        at += length


def addresses_of(data: bytes, names: int, count: int, behind: int) -> list[int]:
    """They lie behind everything else since 6.4, and before it in older kernels."""
    for offsets in (behind, align8(names - 8) - 8 - align8(4 * count)):
        base = struct.unpack_from("<Q", data, align8(offsets + 4 * count))[0]
        if base >= KERNEL_HALF:
            found = struct.unpack_from(f"<{count}i", data, offsets)
            if sum(offset < 0 for offset in found) * 2 > count:  # those of processors' own data are not relative
                return [base - 1 - offset if offset < 0 else offset for offset in found]
            return [base + (offset & 0xffffffff) for offset in found]
    raise Unreadable("its kallsyms have another form")


def kallsyms(data: bytes) -> list[tuple[int, str]]:
    """Of code, by address."""
    tokens, words, behind = find_tokens(data)
    names, count = find_names(data, tokens)
    try:
        found = zip(addresses_of(data, names, count, behind), names_of(data, names, count, words))
        return sorted((address, name[1:]) for address, name in found if name[0] in "tTwW" and address >= KERNEL_HALF)
    except (struct.error, IndexError):
        raise Unreadable("its kallsyms are cut off") from None


# ---- ORC

ORC_ENTRY = 6  # bytes
ORC_SP = 5
ORC_CALL, ORC_REGS, ORC_REGS_PARTIAL = 2, 3, 4
REGS_IP = 16  # words of a struct pt_regs before its RIP
REGS_AFTER_IP = 5


class Orc:
    """What has been pushed since a function was entered, by its instruction."""

    def __init__(self, elf: Elf):
        places, entries = elf.section(".orc_unwind_ip"), elf.section(".orc_unwind")
        version = re.search(rb"Linux version (\d+)\.(\d+)", elf.data)
        self.addresses: list[int] = []
        self.entries = b""
        if not places or not entries or not version or (int(version[1]), int(version[2])) < (6, 4):
            return  # older ones have other entries
        start, data = places
        if len(entries[1]) < len(data) // 4 * ORC_ENTRY:
            raise Unreadable("its tables for unwinding are cut off")
        self.addresses = [start + 4 * number + offset for number, (offset,) in enumerate(struct.iter_unpack("<i", data))]
        self.entries = entries[1]

    def find(self, address: int) -> tuple[int, int, int] | None:
        """(register that the frame is told from, offset in bytes, type)."""
        number = bisect_right(self.addresses, address) - 1
        if number < 0:
            return None
        offset, _, bits = struct.unpack_from("<hhH", self.entries, ORC_ENTRY * number)
        return bits & 15, offset, bits >> 8 & 7


CALLS = ((5, 0xe8), (2, 0xff), (3, 0xff), (6, 0xff), (7, 0xff))


class Unwinder:
    """Callers, from what of a stack may be return addresses: {words from RSP: value}."""

    def __init__(self, elf: Elf):
        self.elf = elf
        self.orc = Orc(elf)
        self.is_call: dict[int, bool] = {}

    def follows_call(self, address: int) -> bool:
        if address not in self.is_call:
            before = self.elf.read(address - 7, 7)
            self.is_call[address] = len(before) == 7 and any(before[7 - length] == opcode for length, opcode in CALLS)
        return self.is_call[address]

    def step(self, address: int, sp: int, words: dict[int, int]) -> tuple[int, int, bool] | None:
        """The caller, where the stack is then, and whether it was interrupted rather than that it called."""
        entry = self.orc.find(address)
        if not entry or entry[0] != ORC_SP or entry[1] & 7 or entry[1] < 0:
            return None
        frame = sp + entry[1] // 8
        if entry[2] == ORC_CALL:
            caller = words.get(frame - 1, 0)
            return (caller, frame, False) if self.follows_call(caller) else None
        if entry[2] in (ORC_REGS, ORC_REGS_PARTIAL):
            at = frame + (REGS_IP if entry[2] == ORC_REGS else 0)
            if at not in words:
                return None
            return words[at], self.behind_regs(words[at], at + REGS_AFTER_IP, words), True
        return None

    def behind_regs(self, address: int, sp: int, words: dict[int, int]) -> int:
        """The processor aligns the stack before it pushes."""
        return sp if self.step(address, sp, words) else sp + 1

    def callers(self, rip: int, words: dict[int, int]) -> list[int]:
        """The nearest first; where the tables do not help, the next word that may be one."""
        found: list[int] = []
        address, sp = rip, 0
        while len(found) < 64:
            step = self.step(address, sp, words)
            if not step:
                at = min((at for at, word in words.items() if at >= sp and self.follows_call(word)), default=None)
                if at is None:
                    break
                step = words[at], at + 1, False
            caller, sp, interrupted = step
            found.append(caller if interrupted else caller - 1)
            address = found[-1]
        return found
