# SPDX-License-Identifier: Apache-2.0
"""Checks of the text of each source file that no compiler makes."""
import pathlib
import re
import sys

FOLDERS = ["abi", "lib", "model", "alternatives", "early", "paravirt", "mm", "kernel", "monitor", "rom", "host", "tests", "tools"]
PROGRAM = FOLDERS[:11]
TAG = "SPDX-License-Identifier: Apache-2.0"
# Inline assembly: one place for each kind of instruction, and nowhere else.
ASSEMBLY = re.compile(r"\b(?:__)?asm(?:__)?\s*(?:volatile|__volatile__)?\s*(?:goto\s*)?\(")
ASSEMBLY_PLACES = {
    "lib/compiler.h", "lib/cpu.h", "lib/extable.h", "lib/string.c", "early/ghcb_msr.h", "early/tdcall.h",
    "alternatives/alt.h", "paravirt/pv_ops.h",
}
# A test's command and pattern lines cannot be broken everywhere.
LONG = re.compile(r"\b(?:RUN|[A-Z0-9]+(?:-NEXT|-NOT|-SAME|-DAG)?):")
MARKS = re.compile(r"\b(?:TO[D]O|FIX[M]E|X{3})\b")
# What a CHECK() may call, since it changes nothing: a program without its checks does the same.
PURE = {
    "address_mask", "cpu_index", "is_aligned", "last_level", "malloc_usable_size", "pa", "pa_of", "page_states_are_used",
    "page_states_limit", "seal_is_done", "sizeof",
}
CHANGES = re.compile(r"\+\+|--|(?<![=!<>])=(?!=)")


def checked(text):
    """What stands in each CHECK(), with its place."""
    for match in re.finditer(r"^(?!#).*?\bCHECK\(", text, re.M):
        depth, at = 1, match.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(text[at], 0)
            at += 1
        yield match.end(), text[match.end():at - 1]


def faults(path, text):
    lines = text.split("\n")
    if not any(TAG in line for line in lines[:2]):
        yield f"the first line has no {TAG}"
    if not text.endswith("\n") or text.endswith("\n\n"):
        yield "does not end with one newline"
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield f"line {number} ends with blanks"
        if len(line.expandtabs(8)) > 100 and path.suffix in {".c", ".h", ".S", ".def", ".ld"} \
                and not (path.parts[0] == "tests" and LONG.search(line)):
            yield f"line {number} has more than 100 columns"
        if MARKS.search(line):
            yield f"line {number} has a left-over mark"
        if path.parts[0] in PROGRAM and ASSEMBLY.search(line) and str(path) not in ASSEMBLY_PLACES \
                and path.suffix in {".c", ".h"}:
            yield f"line {number} has inline assembly, which has its places"
    for at, condition in checked(text) if path.parts[0] in PROGRAM and path.suffix in {".c", ".h"} else ():
        if CHANGES.search(condition) or not set(re.findall(r"\b(\w+)\(", condition)) <= PURE:
            yield f"line {text.count(chr(10), 0, at) + 1} has a CHECK() that does something"


def is_source(file):
    """By its name, or a script by its first bytes."""
    if file.suffix in {".c", ".h", ".S", ".def", ".ld", ".py", ".sh"}:
        return True
    if file.suffix or not file.is_file():
        return False
    with open(file, "rb") as start:
        return start.read(2) == b"#!"


def main():
    root = pathlib.Path(sys.argv[1])
    found = 0
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            if not is_source(file):
                continue
            path = file.relative_to(root)
            for fault in faults(path, file.read_text()):
                print(f"{path}: {fault}")
                found = 1
    return found


sys.exit(main())
