# SPDX-License-Identifier: Apache-2.0
# How lit finds and runs the tests. A feature is listed when it was tried and worked.
import glob
import os
import re
import subprocess

import lit.formats

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
build = os.environ.get("POSTERN_BUILD", os.path.join(root, "build"))

config.name = "Postern"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".c", ".test"]
config.test_source_root = os.path.join(root, "tests")
config.test_exec_root = os.path.join(build, "tests")
config.excludes = ["Inputs"]
if "long" not in lit_config.params:  # run-tests.sh --long
    config.excludes.append("long")

llvm = sorted(glob.glob("/usr/lib/llvm-*/bin/FileCheck"), key=lambda p: int(p.split("-")[1].split("/")[0]))
# Debian's own Python before any other: a wrapper of one costs more to start than most of what is run by it.
first = os.path.join(build, "tests/bin")
os.makedirs(first, exist_ok=True)
if os.path.exists("/usr/bin/python3") and not os.path.lexists(os.path.join(first, "python3")):
    os.symlink("/usr/bin/python3", os.path.join(first, "python3"))
config.environment["PATH"] = ":".join([first, os.path.dirname(llvm[-1]), os.environ["PATH"]])
config.environment["POSTERN_BUILD"] = build
config.environment["LC_ALL"] = "C.UTF-8"
if "POSTERN_QEMU" in os.environ:
    config.environment["POSTERN_QEMU"] = os.environ["POSTERN_QEMU"]
the_qemu = os.environ.get("POSTERN_QEMU", "qemu-system-x86_64")

tools = os.path.join(root, "tools")
config.substitutions += [
    ("%guest-cc", os.path.join(tools, "guest-cc")),
    ("%run-guest", os.path.join(tools, "run-guest")),
    ("%unit-cc", os.path.join(tools, "unit-cc")),
    ("%monitor-cc", os.path.join(tools, "unit-cc") + " --model"),
    ("%host-cc", os.path.join(tools, "unit-cc") + " --host"),
    ("%run-qemu", os.path.join(root, "run-qemu.sh")),
    ("%kvm-machine", os.path.join(tools, "kvm-machine")),
    ("%expect-status", os.path.join(tools, "expect-status")),
    ("%newer-qemu", os.path.join(build, "newer/qemu-sid/bin/qemu-system-x86_64")),
    ("%qemu", the_qemu),
    ("%newer-ovmf", os.path.join(build, "newer/ovmf/usr/share/ovmf")),
    ("%linux", os.path.join(build, "linux")),
    ("%root", root),
    ("%build", build),
]


def output(*command):
    try:
        run = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except OSError:
        return None
    return run.stdout if run.returncode == 0 else None


# Debian's 6.12 kernel and its headers, which tools/setup.sh fetches where apt offers them.
if os.path.exists(os.path.join(build, "linux/vmlinuz")):
    config.available_features.add("linux")
if os.path.exists(os.path.join(build, "linux/initrd-devices")):
    config.available_features.add("linux-devices")
if os.path.exists(os.path.join(build, "linux/modules/gcm.ko")):
    config.available_features.add("linux-attestation")
if os.geteuid() == 0 and os.path.exists("/usr/sbin/debootstrap"):
    config.available_features.add("debootstrap")
if os.path.exists("/usr/share/ovmf/OVMF.fd"):
    config.available_features.add("ovmf")
    version = output("dpkg-query", "-W", "-f", "${Version}", "ovmf") or ""
    config.available_features.add("ovmf-" + version.split("-")[0])
if os.path.exists(os.path.join(build, "newer/ovmf/packages")):
    config.available_features.add("ovmf-newer")
if output(os.path.join(build, "newer/qemu-sid/bin/qemu-system-x86_64"), "--version"):
    config.available_features.add("qemu-newer")
if os.path.exists(os.path.join(build, "newer/linux-sid/version")):
    config.available_features.add("linux-newer")
if glob.glob(os.path.join(build, "newer/linux-sid/modules/tdx-guest.ko*")):
    config.available_features.add("linux-newer-attestation")
if os.path.exists(os.path.join(build, "newer/snphost/packages")):
    config.available_features.add("snphost")
if os.path.exists(os.path.join(build, "newer/verifiers/verify")):
    config.available_features.add("verifiers-go")
if os.path.exists(os.path.join(build, "newer/dcap-qvl")) and output("node", "--version"):
    config.available_features.add("verifiers-npm")
if os.path.exists(os.path.join(build, "kvm-machine/stock")):
    config.available_features.add("nested")
if os.path.exists(os.path.join(build, "kvm-machine/protected")):
    config.available_features.add("nested-protected")
if "version 14" in (output("clang", "--version") or ""):
    config.available_features.add("clang-14")
# QEMU 10 and 11 take each MOV from a control register for one from CR0.
qemu = re.search("version ([0-9]+)", output(the_qemu, "--version") or "")
if qemu and int(qemu[1]) < 9:
    config.available_features.add("qemu-cr-reads")
formatter = re.search("version ([0-9]+)", output("clang-format", "--version") or "")
if formatter:
    config.available_features.add("clang-format-" + formatter[1])
if output("gdb", "-nx", "-batch", "-ex", "python print(1)"):
    config.available_features.add("gdb")
if output("mypy", "--version"):
    config.available_features.add("mypy")
if os.access("/dev/kvm", os.R_OK | os.W_OK):
    config.available_features.add("kvm-device")
if output(os.path.join(build, "kvm-probe")):
    config.available_features.add("kvm")
for name in "sev-guest", "sev-snp-guest", "tdx-guest":
    if output(os.path.join(root, "tests/rehearsal/Inputs/find-qemu"), name):
        config.available_features.add("qemu-" + name)
