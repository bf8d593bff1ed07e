#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lists the workloads of a guest image, a line each, from the image itself.

DEFINE_WORKLOAD (kernel/workload.h) puts {name, help, main} pointers between the symbols
__workloads_start and __workloads_end.
"""
import struct
import sys

sys.dont_write_bytecode = True
import files  # noqa: E402


class Elf:
    def __init__(self, path):
        self.data = files.read(path)
        if self.data[:5] != b"\x7fELF\2":
            files.die(f"{path} is no 64-bit ELF image")
        header = struct.unpack_from("<16sHHIQQQIHHHHHH", self.data)
        phoff, shoff, phentsize, phnum, shentsize, shnum = *header[5:7], *header[9:13]
        self.segments = [struct.unpack_from("<IIQQQQQQ", self.data, phoff + i * phentsize)
                         for i in range(phnum)]
        self.sections = [struct.unpack_from("<IIQQQQIIQQ", self.data, shoff + i * shentsize)
                         for i in range(shnum)]

    def bytes_at(self, address):
        for kind, _, offset, vaddr, _, filesz, *_ in self.segments:
            if kind == 1 and vaddr <= address < vaddr + filesz:
                return self.data[offset + address - vaddr:offset + filesz]
        return files.die(f"the image has no bytes at {address:#x}")

    def string_at(self, address):
        return self.bytes_at(address).split(b"\0", 1)[0].decode()

    def symbol(self, name):
        for section in self.sections:
            if section[1] != 2:  # SHT_SYMTAB
                continue
            strings = self.sections[section[6]][4]
            for offset in range(section[4], section[4] + section[5], 24):
                name_at, _, _, _, value, _ = struct.unpack_from("<IBBHQQ", self.data, offset)
                start = strings + name_at
                if self.data[start:start + len(name) + 1] == name.encode() + b"\0":
                    return value
        return files.die(f"the image has no symbol {name}")


def main():
    if len(sys.argv) != 2:
        files.die("usage: workloads.py IMAGE")
    elf = Elf(sys.argv[1])
    start, end = elf.symbol("__workloads_start"), elf.symbol("__workloads_end")
    rows = []
    for address in range(start, end, 24):
        name, text, _ = struct.unpack_from("<QQQ", elf.bytes_at(address))
        rows.append((elf.string_at(name), elf.string_at(text)))
    for name, text in sorted(rows):
        print(f"{name:12} {text}")


if __name__ == "__main__":
    try:
        files.run(main)
    except (struct.error, IndexError, OverflowError, UnicodeDecodeError):
        files.die(f"{sys.argv[1]} is no whole ELF image of a guest")
