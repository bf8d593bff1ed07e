# SPDX-License-Identifier: Apache-2.0
"""Holds tools/launch's list of options without a value against a QEMU's own: of its help each is the last word of a command
line, where one that takes a value is an error.

Usage: qemu_flags.py ROOT QEMU
"""
import re
import subprocess
import sys

ROOT, QEMU = sys.argv[1:]
sys.dont_write_bytecode = True
sys.path.insert(0, f"{ROOT}/tools/launch")
from qemu_line import FLAGS  # noqa: E402


def run(*words):
    return subprocess.run([QEMU, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)


def main():
    names = set(re.findall(r"^-(-?[a-zA-Z0-9][a-zA-Z0-9_-]*)", run("-help").stdout, re.M))
    wrong = [name for name in sorted(names) if ("requires an argument" in run("-version", f"-{name}").stderr) == (name.lstrip("-") in FLAGS)]
    print(f"{len(names)} options, of which the list is wrong: {wrong}")
    return bool(wrong) or len(names) < 50


sys.exit(main())
