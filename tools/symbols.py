#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the symbol table that an image carries for its own backtraces, as assembly.

Usage: symbols.py NM-OUTPUT > table.S      (of `llvm-nm IMAGE`; an empty input gives an empty table)
The layout is lib/symbols.c's: u32 count, then (s32 address from the end of code, u32 name offset)
sorted by address, then the names. The section holds no code, so that a second link leaves every address of code as
it is; tools/link checks that.
"""
import sys

sys.dont_write_bytecode = True
import files  # noqa: E402

CODE_END = "__text_end"


def code_symbols(lines):
    """(distance from CODE_END, name) of functions and labels in code, one name an address, sorted.

    From CODE_END on there is no code, which is an entry without a name."""
    table = {}
    end = None
    for line in lines:
        fields = line.split()
        if len(fields) == 3 and fields[2] == CODE_END:
            end = int(fields[0], 16)
        elif len(fields) == 3 and fields[1] in "tTwW":
            table.setdefault(int(fields[0], 16), fields[2])
    if end is None:
        return []
    return [(address - end, name) for address, name in sorted(table.items()) if address < end] + [(0, "")]


def assembly(symbols):
    yield '.section .symtab_blob, "a", @progbits'
    yield ".balign 8"
    yield ".globl symbol_blob"
    yield ".hidden symbol_blob"
    yield "symbol_blob:"
    yield f"\t.long {len(symbols)}"
    offset = 0
    for address, name in symbols:
        yield f"\t.long {address}, {offset}"
        offset += len(name) + 1
    for _, name in symbols:
        yield f'\t.asciz "{name}"'


def main():
    if len(sys.argv) != 2:
        files.die("usage: symbols.py NM-OUTPUT")
    lines = files.read(sys.argv[1]).decode("ascii", errors="replace").splitlines()
    print("\n".join(assembly(code_symbols(lines))))


if __name__ == "__main__":
    try:
        files.run(main)
    except ValueError:
        files.die(f"{sys.argv[1]} is no output of llvm-nm")
