# SPDX-License-Identifier: Apache-2.0
"""Runs each tool with what cannot be: status 2, at most a few lines, never a traceback, and in time. Nothing of it touches
more than the folder WORK.

Usage: bad_arguments.py TOOLS BUILD WORK
A tool in Python is run by a child of this process, which has the library's modules already: that is most of the time.
"""
import argparse  # noqa: F401
import collections  # noqa: F401
import hashlib  # noqa: F401
import os
import pathlib
import re
import runpy
import shutil
import signal
import stat
import struct  # noqa: F401
import subprocess
import sys
import tempfile  # noqa: F401
import traceback
import uuid  # noqa: F401

TOOLS, BUILD, WORK = sys.argv[1:]
MOST = 60  # seconds
WRONG = re.compile(r"Traceback|unbound variable|line [0-9]+:")
NAMES = """boot-often debian-root disk-image efi-image evidence evidence-check evidence-corpus fuzz-monitor guest-cc initramfs iso key-broker kvm-machine kvm-machine-image kvm-machine-modules man-page
measure newer newer-linux newer-qemu rom seal.py symbols.py test-root unit-cc verifiers workloads.py hardware""".split()
bad = 0


def be(command):
    """A Python tool, here: its status."""
    sys.argv, sys.path[0] = command, os.path.dirname(command[0])
    try:
        runpy.run_path(command[0], run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
            return 1
        return int(end.code or 0)
    except BaseException:  # as the interpreter would
        traceback.print_exc()
        return 1
    return 0


def child(command):
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    signal.alarm(MOST)
    for number, (name, flags) in enumerate((("/dev/null", os.O_RDONLY), ("out", os.O_WRONLY), ("said", os.O_WRONLY))):
        os.dup2(os.open(name, flags), number)
    status = be(command)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def program(command, out):
    with open(out, "wb") as stdout, open("said", "wb") as stderr:
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, timeout=MOST, check=False).returncode


def is_python(tool):
    with open(tool, "rb") as file:
        return b"python3" in file.readline()


def refuses(tool, *words, out="out"):
    global bad
    command = [f"{TOOLS}/{tool}", *words]
    for name in "out", "said":
        pathlib.Path(name).write_bytes(b"")
    status = child(command) if out == "out" and is_python(command[0]) else program(command, out)
    said = pathlib.Path("said").read_text(errors="replace")
    if status != 2 or not said or said.count("\n") > 12 or WRONG.search(said):
        print(f"status {status}: {' '.join(command)}", *said.splitlines()[:5], sep="\n")
        bad = 1


def images():
    for image in "none folder garbage cut far zeroes /dev/full".split():
        refuses("measure", image)
        refuses("seal.py", "--append", "x", image, "sealed")
        refuses("efi-image", image, "made")
        refuses("disk-image", "--guest", image, "made")
        refuses("workloads.py", image)
    for image in "none folder garbage cut /dev/full".split():
        refuses("fuzz-monitor", image, "plain")
    for image in "none folder /dev/full words".split():
        refuses("symbols.py", image)
    for image in "none folder /dev/full".split():
        refuses("measure", f"{BUILD}/postern.fd", "--kernel", image)
        refuses("measure", f"{BUILD}/postern.fd", "--kernel", "words", "--initrd", image)


def outputs():
    for out in "folder none/made /dev/full".split():
        refuses("seal.py", "--append", "x", f"{BUILD}/postern.fd", out)
        refuses("efi-image", f"{BUILD}/postern.elf", out)
        refuses("disk-image", out)


def words():
    for name in NAMES:
        refuses(name)
        refuses(name, "--nonsense")
    refuses("measure", "--features", "-1", f"{BUILD}/postern.fd")
    refuses("measure", "--features", "0x10000000000000000", f"{BUILD}/postern.fd")
    refuses("measure", "--cpu", "0x100000000", f"{BUILD}/postern.fd")
    refuses("disk-image", "--size", "1", "made")
    refuses("boot-often", "many", "folder")
    refuses("boot-often", "1", "folder", "--platfrom", "snp")


def no_room():
    """By the interpreter's own end, which flushes."""
    for command in (("measure", f"{BUILD}/postern.fd"), ("workloads.py", f"{BUILD}/postern.elf"), ("hardware", "snp"),
                    ("../run-qemu.sh", "--help"), ("../run-qemu.sh", "--no-build", "--list"),
                    ("../run-qemu.sh", "--no-build", "--quiet", "--dry-run")):
        refuses(*command, out="/dev/full")


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(f"{WORK}/folder")
    os.chdir(WORK)
    files = {"garbage": os.urandom(70000), "cut": b"\x7fELF\2", "far": b"\x7fELF\2" + b"\xff" * 59, "zeroes": bytes(65536),
             "words": b"x t y\n"}
    for name, data in files.items():
        pathlib.Path(name).write_bytes(data)
    words()
    images()
    outputs()
    no_room()
    left = set(os.listdir()) - set(files) - {"folder", "out", "said"} | set(os.listdir("folder"))
    if left:
        print(f"left behind: {left}")
    return bool(bad or left or not stat.S_ISCHR(os.stat("/dev/full").st_mode))


sys.exit(main())
