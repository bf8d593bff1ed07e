# SPDX-License-Identifier: Apache-2.0
"""Each sentence by which the guest refuses to go on is in a test, as far as it is always the same: the
longest piece of it between two values. By the words alone nobody can tell that the test provokes it, but
that it is not forgotten."""
import pathlib
import re
import sys

FOLDERS = ["early", "paravirt", "mm", "kernel"]
REFUSES = ["fatal", "exit_cannot_run", "boot_refuse", "host_refused", "patience_look"]
CALL = re.compile(r"\b(%s)\(([^;]*)\);" % "|".join(REFUSES), re.S)
LITERALS = re.compile(r'(?:"(?:[^"\\]|\\.)*"\s*)+')
VALUE = re.compile(r"%[-#0-9]*[lhz]*[a-z]")
# What a test of a message's other half holds.
SHORTEST = 6


def longest(sentence):
    return max((piece.strip() for piece in VALUE.split(sentence)), key=len)


def main():
    root = pathlib.Path(sys.argv[1])
    tests = "\n".join(path.read_text(errors="replace") for path in (root / "tests").rglob("*") if path.is_file())
    tests = re.sub(r'"\s*"', "", tests)
    missing = []
    for path in sorted(path for folder in FOLDERS for path in (root / folder).rglob("*.c")):
        if "workloads" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        for call in CALL.finditer(text):
            sentence = LITERALS.search(call.group(2))
            piece = longest(re.sub(r'"\s*"', "", sentence.group(0)).strip('" \n\t')) if sentence else ""
            if len(piece) >= SHORTEST and piece not in tests:
                line = text.count("\n", 0, call.start()) + 1
                missing.append(f"{path.relative_to(root)}:{line}: no test has: {piece}")
    print("\n".join(missing), end="\n" if missing else "")
    return bool(missing)


sys.exit(main())
