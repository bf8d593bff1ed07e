# SPDX-License-Identifier: Apache-2.0
"""Checks that a folder includes only the floors below it, by path from the root."""
import pathlib
import re
import sys

ABI_LIB = ["abi", "lib"]
GUEST = ["abi", "lib", "alternatives", "early", "paravirt", "mm", "kernel"]
# folder -> what it may include besides itself; the longest folder name that fits counts.
FLOORS = {folder: GUEST[:i] for i, folder in enumerate(GUEST)}
MONITOR = ["abi", "lib", "model", "monitor/crypto", "monitor/machine", "monitor/svm", "monitor/hardware", "monitor/host"]
FLOORS |= {folder: MONITOR[:i] for i, folder in enumerate(MONITOR) if i > 1}
FLOORS |= {
    "rom": ["abi"],
    "host": MONITOR[:3],
    "monitor": MONITOR,
}
# Natively tested files of the monitor are those that its CMakeLists.txt calls pure.
PURE = re.compile(r"^set\(pure\n(.*?)^\)", re.M | re.S)
# The compiler's own headers, GRUB's, and BearSSL's.
FREESTANDING = {"stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "limits.h", "multiboot2.h", "cpuid.h", "bearssl.h"}
# Files that may also include the C library's.
HOSTED = re.compile(r"kernel/(workloads/|newlib)|host/")
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.M)


def floor_of(path):
    parts = path.split("/")
    folders = ("/".join(parts[:n]) for n in range(len(parts) - 1, 0, -1))
    return next((folder for folder in folders if folder in FLOORS), None)


def is_pure(root, path):
    lists = root / "monitor/CMakeLists.txt"
    pure = PURE.search(lists.read_text()).group(1).split() if lists.is_file() else []
    return path.startswith("model/") or path.removeprefix("monitor/") in pure


def faults(root, path):
    floor = floor_of(path)
    for own, system in INCLUDE.findall((root / path).read_text()):
        if system:
            if system not in FREESTANDING and not HOSTED.match(path):
                yield f"<{system}> is no freestanding header"
        elif not (root / own).is_file():
            yield f'"{own}" is no path from the root'
        elif floor_of(own) != floor and floor_of(own) not in FLOORS[floor]:
            yield f'"{own}" is not on a floor below {floor}/'
        elif own == "lib/cpu.h" and is_pure(root, path):
            yield "a pure file has no privileged instruction"


def main():
    root = pathlib.Path(sys.argv[1])
    found = 0
    for folder in GUEST + ["model", "monitor", "rom", "host"]:
        for file in sorted((root / folder).rglob("*.[chS]")):
            path = str(file.relative_to(root))
            for fault in faults(root, path):
                print(f"{path}: {fault}")
                found = 1
    return found


sys.exit(main())
