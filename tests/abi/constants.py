# SPDX-License-Identifier: Apache-2.0
"""Writes the two sides of the comparison in linux.txt as C: values of ours or of Linux's headers.

Usage: constants.py LIST ours|theirs HEADER...      (C on standard output)
"""
import sys


def comparisons(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.split("#")[0].strip()
            if line:
                ours, _, theirs = line.partition(" = ")
                yield ours, theirs or ours


def main():
    path, side, *headers = sys.argv[1:]
    for header in headers:
        print(f"#include <{header}>")
    if side == "ours":
        names = ", ".join(f'"{ours}"' for ours, _ in comparisons(path))
        print(f"const char *const names[] = {{ {names}, 0 }};")
    print(f"const unsigned long long *{side}(void)\n{{")
    print("\tstatic unsigned long long values[1024];\n\tunsigned int n = 0;\n")
    for ours, theirs in comparisons(path):
        print(f"\tvalues[n++] = (unsigned long long)({ours if side == 'ours' else theirs});")
    print("\treturn values;\n}")


main()
