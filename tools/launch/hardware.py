# SPDX-License-Identifier: Apache-2.0
"""Whether this machine can launch a confidential guest, found out by doing.

tools/hardware PLATFORM [QEMU] prints the C-bit's position for QEMU's command line, and exits 0; or one sentence
that says what is missing, and exits 1.
Spec: APM3 E.4.17 (CPUID 0x8000001f), Linux uapi kvm.h and psp-sev.h.
"""
from __future__ import annotations

import argparse
import ctypes
import errno
import fcntl
import mmap
import os
import re
import struct
import subprocess
import sys

KVM_CHECK_EXTENSION = 0xAE03
KVM_CAP_VM_TYPES = 235
SEV_ISSUE_CMD = 0xC0105300
SEV_PLATFORM_STATUS = 1
SEV_STATUS_SIZE = 12

CPUID_EXT_MAX, CPUID_SEV = 0x80000000, 0x8000001F

# name, bit of CPUID_SEV's EAX, KVM's VM type, QEMU's object, the first QEMU that has it
PLATFORMS: dict[str, tuple[str, int | None, int, str, str]] = {
    "sev": ("SEV", 1, 2, "sev-guest", "7.2"),
    "sev-es": ("SEV-ES", 3, 3, "sev-guest", "7.2"),
    "snp": ("SEV-SNP", 4, 4, "sev-snp-guest", "9.1"),
    "tdx": ("TDX", None, 5, "tdx-guest", "10.1"),
}


class Missing(Exception):
    pass


class Machine:
    """What is asked of the machine; tests put another in its place."""

    def __init__(self, qemu: str):
        self.qemu = qemu

    def vendor(self) -> str:
        eax, ebx, ecx, edx = self.cpuid(0)
        return struct.pack("<III", ebx, edx, ecx).decode("latin-1") if eax else ""

    def cpuid(self, leaf: int) -> tuple[int, ...]:
        # push rbx; mov r8, rsi; mov eax, edi; xor ecx, ecx; cpuid;
        # mov [r8], eax; mov [r8+4], ebx; mov [r8+8], ecx; mov [r8+12], edx; pop rbx; ret
        code = bytes.fromhex("53 4989f0 89f8 31c9 0fa2 418900 41895804 41894808 4189500c 5b c3")
        with mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC) as page:
            page.write(code)
            start = ctypes.c_char.from_buffer(page)
            call = ctypes.CFUNCTYPE(None, ctypes.c_uint32, ctypes.c_void_p)(ctypes.addressof(start))
            registers = (ctypes.c_uint32 * 4)()
            call(leaf, ctypes.addressof(registers))
            del call, start
        return tuple(registers)

    def vm_types(self) -> int:
        """The bitmap of KVM_CAP_VM_TYPES, 0 from a kernel that does not know it."""
        fd = os.open("/dev/kvm", os.O_RDWR)
        try:
            return fcntl.ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_VM_TYPES)
        finally:
            os.close(fd)

    def parameter(self, name: str) -> bool:
        """Of the module kvm_amd: kernels before 6.10 tell of SEV only there."""
        try:
            with open(f"/sys/module/kvm_amd/parameters/{name}", encoding="ascii") as file:
                return file.read().strip() in ("Y", "1")
        except OSError:
            return False

    def sev_status(self) -> None:
        """Asks the SEV firmware for its state."""
        fd = os.open("/dev/sev", os.O_RDWR)
        try:
            status = ctypes.create_string_buffer(SEV_STATUS_SIZE)
            fcntl.ioctl(fd, SEV_ISSUE_CMD, struct.pack("<IQI", SEV_PLATFORM_STATUS, ctypes.addressof(status), 0))
        finally:
            os.close(fd)

    def qemu_says(self, *arguments: str) -> str:
        run = subprocess.run([self.qemu, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        return run.stdout


def check_cpu(machine: Machine, name: str, bit: int | None) -> int:
    if bit is None:
        if machine.vendor() != "GenuineIntel":
            raise Missing("TDX needs an Intel processor")
        return 0
    if machine.vendor() != "AuthenticAMD":
        raise Missing(f"{name} needs an AMD processor")
    leaf = machine.cpuid(CPUID_SEV) if machine.cpuid(CPUID_EXT_MAX)[0] >= CPUID_SEV else (0, 0, 0, 0)
    if not leaf[0] >> bit & 1:
        raise Missing(f"this processor has no {name} (CPUID 0x8000001f)")
    return leaf[1] & 0x3F


def reason(error: OSError) -> str:
    if error.errno == errno.ENOENT:
        return "is absent"
    if error.errno in (errno.EACCES, errno.EPERM):
        return "cannot be opened by this user"
    return f"does not work ({os.strerror(error.errno or 0)})"


def check_kvm(machine: Machine, name: str, platform: str, vm_type: int) -> None:
    try:
        types = machine.vm_types()
    except OSError as error:
        raise Missing(f"/dev/kvm {reason(error)}") from None
    if not types >> vm_type & 1 and not (vm_type < 4 and machine.parameter(platform.replace("-", "_"))):
        raise Missing(f"KVM here offers no {name} virtual machines (KVM_CAP_VM_TYPES is {types:#x})")


def check_sev_device(machine: Machine) -> None:
    try:
        machine.sev_status()
    except OSError as error:
        raise Missing(f"/dev/sev {reason(error)}") from None


def check_qemu(machine: Machine, qobject: str, first: str) -> None:
    try:
        version = re.search(r"version (\d+)\.(\d+)", machine.qemu_says("--version"))
        objects = machine.qemu_says("-object", "help").split()
    except OSError:
        raise Missing(f"there is no QEMU: {machine.qemu} cannot be run") from None
    if version is None:
        raise Missing(f"{machine.qemu} is no QEMU that tells its version")
    if tuple(map(int, version.groups())) < tuple(map(int, first.split("."))) or qobject not in objects:
        raise Missing(f"QEMU {'.'.join(version.groups())} has no object {qobject}: {first} or newer is needed")


def probe(machine: Machine, platform: str) -> int:
    """The C-bit's position; Missing says what there is not."""
    name, bit, vm_type, qobject, first = PLATFORMS[platform]
    cbit = check_cpu(machine, name, bit)
    check_kvm(machine, name, platform, vm_type)
    if bit is not None:
        check_sev_device(machine)
    check_qemu(machine, qobject, first)
    return cbit


def main() -> int:
    parser = argparse.ArgumentParser(prog="hardware", description="Whether this machine can launch a confidential guest.")
    parser.add_argument("platform", choices=PLATFORMS)
    parser.add_argument("qemu", nargs="?", default=os.environ.get("POSTERN_QEMU", "qemu-system-x86_64"))
    options = parser.parse_args()
    try:
        print(probe(Machine(options.qemu), options.platform))
    except Missing as missing:
        print(missing)
        return 1
    return 0


if __name__ == "__main__":
    try:
        result = main()
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"hardware: the output: {error.strerror}", file=sys.stderr)
        result = 2
    sys.exit(result)
