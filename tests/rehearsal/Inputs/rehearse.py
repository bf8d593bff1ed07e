# SPDX-License-Identifier: Apache-2.0
"""Lets the installed QEMU launch postern.fd over fake-sev.c, prints the launch calls, and compares
the digest of what they carried with what tools/measure predicts.

Usage: rehearse.py PLATFORM SMP RUN-QEMU MEASURE FIRMWARE FAKE.so RECORDING
"""
import hashlib
import importlib.machinery
import importlib.util
import os
import re
import shlex
import subprocess
import sys

platform, smp, run_qemu, tool, firmware, fake, recording = sys.argv[1:]
sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("measure", tool)
measure = importlib.util.module_from_spec(importlib.util.spec_from_loader("measure", loader))
loader.exec_module(measure)


def rehearse():
    command = subprocess.run([run_qemu, "--no-build", "--dry-run", "--mode", "hardware", "--platform", platform, "--smp", smp],
                             capture_output=True, text=True, check=True).stdout
    # QEMU compares the position with this machine's CPUID, which has none.
    command = shlex.split(re.sub("cbitpos=[0-9]+", "cbitpos=0", command))
    if os.path.exists(recording):
        os.remove(recording)
    run = subprocess.run(["timeout", "60", *command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                         env=os.environ | {"LD_PRELOAD": fake, "REHEARSAL": recording})
    if run.returncode != 77:
        sys.exit(f"QEMU ended with {run.returncode}, not at its first KVM_RUN: {run.stderr}")


def calls():
    """(name, three numbers, contents)"""
    with open(recording, "rb") as file:
        while line := file.readline():
            name, *numbers = line.decode().split()
            *numbers, size = map(int, numbers)
            yield name, numbers, file.read(size)


def sha384(data):
    return hashlib.sha384(data).digest()


def snp_page(digest, kind, gpa, contents):
    return sha384(digest + contents + b"\x70\0" + bytes([kind]) + bytes(5) + gpa.to_bytes(8, "little"))


def main():
    rehearse()
    digest, data, processors = bytes(48), b"", {}
    for name, (a, b, c), contents in calls():
        if name == "regs":
            processors[c] = a, b  # the last counts
            continue
        print(f"update type={a} gpa={b << 12:#x} size={c:#x}" if name == "update" else name)
        data += contents if name == "data" else b""
        for at in range(0, c if name == "update" else 0, 4096):
            measured = sha384(contents[at:at + 4096]) if a == 1 else bytes(48)
            digest = snp_page(digest, a, (b << 12) + at, measured)
    for _, (cpu, start) in sorted(processors.items()):
        print(f"processor: CPUID 1 EAX {cpu:#x}, IP {start:#x}")
        state = measure.vmsa(0xFFFF0000 | start, cpu, 1 if platform == "snp" else 0)
        digest = snp_page(digest, 2, 0xFFFFFFFFF000, sha384(state))
        data += state if platform == "sev-es" else b""
    found = digest if platform == "snp" else hashlib.sha256(data).digest()
    model = {"snp": "EPYC-Milan"}.get(platform, "EPYC")
    lines = subprocess.run([tool, "--smp", smp, "--cpu", model, firmware], capture_output=True, text=True, check=True).stdout
    predicted = dict(line.split() for line in lines.splitlines())[platform]
    print("recorded ", found.hex())
    print("predicted", predicted)
    return found.hex() != predicted


sys.exit(main())
