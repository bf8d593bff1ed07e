# SPDX-License-Identifier: Apache-2.0
"""Lets an installed QEMU that can launch postern.fd over fake-launch.c, prints the launch calls, and
compares the digest of what they carried with what tools/measure predicts.

Usage: rehearse.py PLATFORM PROCESSORS RUN-QEMU MEASURE FIRMWARE FAKE.so RECORDING
The CPUID page of an SNP launch goes to RECORDING.cpuid, a TD's list of memory to RECORDING.hob.
"""
import ctypes
import hashlib
import os
import re
import shlex
import struct
import subprocess
import sys

platform, smp, run_qemu, tool, firmware, fake, recording = sys.argv[1:]
PAGE, CHUNK, RECORDED = 4096, 256, 77
NORMAL, VMSA, CPUID = 1, 2, 6  # SNP-FW, PAGE_INFO
VMSA_GPA = 0xFFFFFFFFF000
CR0_CD_NW, CR4_MCE, EFER_SVME, SNP_ACTIVE = 0x60000000, 0x40, 0x1000, 1
EXTEND = 1
OBJECTS = {"sev": "sev-guest", "sev-es": "sev-guest", "snp": "sev-snp-guest", "tdx": "tdx-guest"}


def output(*command, **environment):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=os.environ | environment).stdout


def rehearse():
    qemu = output(os.path.join(os.path.dirname(__file__), "find-qemu"), OBJECTS[platform]).strip()
    command = output(run_qemu, "--no-build", "--dry-run", "--mode", "hardware", "--platform", platform, "--smp", smp,
                     POSTERN_QEMU=qemu)
    # QEMU compares the position with this machine's CPUID.
    cbit = ctypes.CDLL(os.path.abspath(fake)).rehearsal_cbit()
    command = shlex.split(re.sub("cbitpos=[0-9]+", f"cbitpos={cbit}", command))
    if os.path.exists(recording):
        os.remove(recording)
    run = subprocess.run(["timeout", "60", *command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                         env=os.environ | {"LD_PRELOAD": fake, "REHEARSAL": recording})
    if run.returncode != RECORDED:
        sys.exit(f"QEMU ended with {run.returncode}, not at its first KVM_RUN: {run.stderr}")


def calls():
    """(name, three numbers, contents), up to the first KVM_RUN: each processor makes one."""
    with open(recording, "rb") as file:
        while line := file.readline():
            name, *numbers = line.decode().split()
            *numbers, size = map(int, numbers)
            yield name, numbers, file.read(size)
            if name == "run":
                return


def sha384(data):
    return hashlib.sha384(data).digest()


def pages(contents):
    return [contents[at:at + PAGE] for at in range(0, len(contents), PAGE)]


def processor(regs, sregs, features):
    """The VMSA that KVM makes of what QEMU set: struct kvm_regs and kvm_sregs, APM2 table B-4."""
    page = bytearray(PAGE)
    general = struct.unpack("<18Q", regs)
    for at, (base, limit, selector, kind, present, dpl, db, s, long, g, avl, unusable) in zip(
            (0x10, 0x30, 0x00, 0x40, 0x50, 0x20, 0x90, 0x70),
            (struct.unpack_from("<QIHBBBBBBBBB", sregs, i * 24) for i in range(8))):
        attributes = kind | s << 4 | dpl << 5 | (present and not unusable) << 7 | avl << 8 | long << 9 | db << 10 | g << 11
        struct.pack_into("<HHIQ", page, at, selector, attributes, limit, base)
    for at, (base, limit) in zip((0x60, 0x80), (struct.unpack_from("<QH", sregs, 192 + i * 16) for i in range(2))):
        struct.pack_into("<HHIQ", page, at, 0, 0, limit, base)
    cr0, _, _, cr4, _, efer = struct.unpack_from("<6Q", sregs, 224)
    for at, value in ((0x0D0, efer | EFER_SVME), (0x148, cr4 | CR4_MCE), (0x158, cr0 & ~CR0_CD_NW),
                      (0x170, general[17]), (0x178, general[16]), (0x1D8, general[6]), (0x1F8, general[0]),
                      (0x308, general[2]), (0x310, general[3]), (0x318, general[1]), (0x328, general[7]),
                      (0x330, general[4]), (0x338, general[5]),
                      # KVM's own: DR7, DR6, PAT, XCR0, MXCSR, FCW
                      (0x160, 0x400), (0x168, 0xFFFF0FF0), (0x268, 0x0007040600070406), (0x3E8, 1),
                      (0x408, 0x1F80), (0x410, 0x37F), (0x3B0, features)):
        struct.pack_into("<Q", page, at, value)
    return bytes(page)


class Digest:
    """Of what was handed over, as the firmware or the module computes it."""

    def __init__(self):
        self.snp, self.sev, self.td = bytes(48), hashlib.sha256(), hashlib.sha384()

    def snp_page(self, kind, gpa, contents):
        measured = sha384(contents) if kind in (NORMAL, VMSA) else bytes(48)
        self.snp = sha384(self.snp + measured + b"\x70\0" + bytes([kind]) + bytes(5) + gpa.to_bytes(8, "little"))

    def td_record(self, name, gpa):
        self.td.update(name.ljust(16, b"\0") + gpa.to_bytes(8, "little") + bytes(104))

    def td_page(self, gpa, contents, extend):
        self.td_record(b"MEM.PAGE.ADD", gpa)
        for at in range(0, PAGE if extend else 0, CHUNK):
            self.td_record(b"MR.EXTEND", gpa + at)
            self.td.update(contents[at:at + CHUNK])

    def hex(self):
        return {"snp": self.snp.hex(), "tdx": self.td.hexdigest()}.get(platform, self.sev.hexdigest())


def keep(name, contents):
    with open(f"{recording}.{name}", "wb") as file:
        file.write(contents)


def main():
    rehearse()
    digest, features, hob = Digest(), 0, None
    regs, sregs = {}, {}  # of each processor, in the order in which they came; the last counts
    for name, (a, b, c), contents in calls():
        if name == "regs":
            regs[a] = contents
        elif name == "sregs":
            sregs[a] = contents
        elif name == "init":
            print(f"init {a:#x}")
            features = a | (SNP_ACTIVE if platform == "snp" else 0)
        elif name == "vcpu":
            hob = b
            print(f"vcpu hob={b << 12:#x}")
        elif name in ("update", "region"):
            print(f"{name} {'type' if name == 'update' else 'extend'}={a} gpa={b << 12:#x} size={c:#x}")
            for index, page in enumerate(pages(contents) or [b""] * (c // PAGE)):
                if name == "update":
                    digest.snp_page(a, (b + index) << 12, page)
                else:
                    digest.td_page((b + index) << 12, page, a & EXTEND)
            if name == "update" and a == CPUID:
                keep("cpuid", contents)
            if name == "region" and b == hob:
                keep("hob", contents)
        else:
            print(name)
            digest.sev.update(contents)
    for fd in regs if platform in ("snp", "sev-es") else ():
        state = processor(regs[fd], sregs[fd], features)
        cs, ip, rdx = *struct.unpack_from("<Q", state, 0x18), *struct.unpack_from("<Q", state, 0x178), state[0x310:0x314]
        print(f"processor at {cs + ip:#x}, CPUID 1 EAX {int.from_bytes(rdx, 'little'):#x}")
        digest.snp_page(VMSA, VMSA_GPA, state)
        digest.sev.update(state)
    model = {"snp": "EPYC-Milan"}.get(platform, "EPYC")
    predicted = dict(line.split() for line in output(tool, "--smp", smp, "--cpu", model, firmware).splitlines())[platform]
    print("recorded ", digest.hex())
    print("predicted", predicted)
    return digest.hex() != predicted


sys.exit(main())
