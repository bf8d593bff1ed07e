# SPDX-License-Identifier: Apache-2.0
"""What a header offers that nobody takes: functions, inline functions, macros. Not in abi/ and in
host/kvm_uapi.h, which have a specification's names whether we need them or not, nor macros that are the
C library's to read."""
import collections
import pathlib
import re
import sys

FOLDERS = ["lib", "model", "alternatives", "early", "paravirt", "mm", "kernel", "monitor", "host", "rom"]
WORD = re.compile(r"[A-Za-z_]\w+")
FUNCTION = re.compile(r"^(static inline )?(?:[a-z_]\w*[\s*]+)+(\w+)\([^;{]*\)[^;{]*[;{]", re.M)
MACRO = re.compile(r"^#define (\w+)", re.M)
PASTED = re.compile(r"\b(\w+_)##")
SUFFIXES = {".c", ".h", ".S", ".def", ".ld", ".py", ".sh", ".test", ".txt", ""}


def read(root, folders):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path.suffix in SUFFIXES:
                yield path.relative_to(root), path.read_text(errors="replace")


def main():
    root = pathlib.Path(sys.argv[1])
    texts = dict(read(root, FOLDERS + ["tests", "tools"]))
    counts, files = collections.Counter(), collections.defaultdict(set)
    for path, text in texts.items():
        for word in WORD.findall(text):
            counts[word] += 1
            files[word].add(path)
    found = []
    for path, text in texts.items():
        if path.parts[0] not in FOLDERS or path.suffix not in {".c", ".h"} or path.name == "kvm_uapi.h":
            continue
        if path.suffix == ".h":
            for inline, name in FUNCTION.findall(text):
                users = {file for file in files[name] if file.with_suffix("") != path.with_suffix("")}
                if counts[name] == 1 or (not inline and not users and text.count(name) == 1):
                    found.append(f"{path}: {name} is offered, and used by nobody else")
        pasted = ("_", *PASTED.findall(text))
        for name in MACRO.findall(text):
            if counts[name] == 1 and not name.startswith(pasted):
                found.append(f"{path}: {name} is defined, and not used")
    print("\n".join(found))
    sys.exit(bool(found))


main()
