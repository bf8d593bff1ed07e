# SPDX-License-Identifier: Apache-2.0
"""tools/launch/hardware.py on machines that are made up: each lacks one thing, and the sentence names it."""
import importlib.machinery
import importlib.util
import sys

sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("hardware", sys.argv[1])
hardware = importlib.util.module_from_spec(importlib.util.spec_from_loader("hardware", loader))
loader.exec_module(hardware)


class Machine(hardware.Machine):
    """An SNP host with everything, but for what @changes says; an exception there is raised."""

    def __init__(self, **changes):
        super().__init__("qemu")
        self.answers = {"vendor": "AuthenticAMD", "leaf": (0x1A, 0x173, 0, 0), "types": 0x1D, "status": None,
                        "parameter": False, "version": "10.1.2", "objects": "sev-guest sev-snp-guest"} | changes

    def answer(self, name):
        if isinstance(self.answers[name], Exception):
            raise self.answers[name]
        return self.answers[name]

    def vendor(self):
        return self.answer("vendor")

    def cpuid(self, leaf):
        return (0x80000021, 0, 0, 0) if leaf == hardware.CPUID_EXT_MAX else self.answer("leaf")

    def vm_types(self):
        return self.answer("types")

    def parameter(self, name):
        return self.answer("parameter") and name in ("sev", "sev_es")

    def sev_status(self):
        return self.answer("status")

    def qemu_says(self, *arguments):
        return "QEMU emulator version " + self.answer("version") if "--version" in arguments else self.answer("objects")


def sentence(platform, **changes):
    try:
        return hardware.probe(Machine(**changes), platform)
    except hardware.Missing as missing:
        return str(missing)


TDX = {"vendor": "GenuineIntel", "types": 0x21, "objects": "tdx-guest", "status": FileNotFoundError(2, "")}
CASES = [
    ("snp", {}, 51),
    ("sev-es", {}, 51),
    ("tdx", TDX, 0),
    ("snp", {"vendor": "GenuineIntel"}, "SEV-SNP needs an AMD processor"),
    ("tdx", {}, "TDX needs an Intel processor"),
    ("snp", {"leaf": (0x0A, 51, 0, 0)}, "this processor has no SEV-SNP (CPUID 0x8000001f)"),
    ("snp", {"types": FileNotFoundError(2, "")}, "/dev/kvm is absent"),
    ("snp", {"types": PermissionError(13, "")}, "/dev/kvm cannot be opened by this user"),
    ("snp", {"types": 0x0D, "parameter": True}, "KVM here offers no SEV-SNP virtual machines (KVM_CAP_VM_TYPES is 0xd)"),
    ("sev-es", {"types": 1}, "KVM here offers no SEV-ES virtual machines (KVM_CAP_VM_TYPES is 0x1)"),
    ("sev-es", {"types": 0, "parameter": True}, 51),
    ("tdx", TDX | {"types": 1}, "KVM here offers no TDX virtual machines (KVM_CAP_VM_TYPES is 0x1)"),
    ("sev", {"status": FileNotFoundError(2, "")}, "/dev/sev is absent"),
    ("sev", {"status": OSError(5, "")}, "/dev/sev does not work (Input/output error)"),
    ("snp", {"version": "7.2.22"}, "QEMU 7.2 has no object sev-snp-guest: 9.1 or newer is needed"),
    ("snp", {"objects": "sev-guest"}, "QEMU 10.1 has no object sev-snp-guest: 9.1 or newer is needed"),
    ("tdx", TDX | {"version": "10.0.2"}, "QEMU 10.0 has no object tdx-guest: 10.1 or newer is needed"),
    ("sev", {"version": FileNotFoundError(2, "")}, "there is no QEMU: qemu cannot be run"),
]
for platform, changes, expected in CASES:
    got = sentence(platform, **changes)
    assert got == expected, (platform, changes, got)
