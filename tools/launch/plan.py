# SPDX-License-Identifier: Apache-2.0
"""What a run will be: options that may go together, and how it can run here.

    Options -> check() -> choose(): a Plan -> command.py fills in the command

Nothing is installed, built or written by it, but that the probe of /dev/kvm is a program that must be built.
"""
from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import accel
import hardware
from options import ENCRYPTED, Options, Refused

NESTED = ("kvm", "sev", "sev-es", "snp")

ROOT = Path(__file__).resolve().parent.parent.parent
NOT_INSTALLED = "needs Postern's sources, which are not installed"
INSTALLED = not (ROOT / "CMakeLists.txt").exists()  # without sources: tools/install
BUILD = Path(os.environ.get("POSTERN_BUILD", ROOT / "build"))


@dataclass
class Plan:
    options: Options
    mode: str  # native, emulate, hardware, nested
    why: str
    boot: str
    accel: str
    mem: int  # MiB
    timeout: int | None  # seconds
    guest: Path
    qemu: str
    cbit: int = 51
    loader: Path | None = None  # what loads our guest from a disk
    setup: list[str] = field(default_factory=list)  # words of tools/setup.sh
    targets: list[str] = field(default_factory=lambda: ["all"])  # of tools/build.sh
    command: list[str] = field(default_factory=list)

    @property
    def by_vmm(self) -> bool:
        """postern-vmm, and not QEMU, makes the guest's machine."""
        return self.mode == "nested" or self.options.platform == "kvm" and self.mode != "emulate"


# ---- what goes together

def check_words(options: Options) -> None:
    """The guest splits its command line at spaces, and what is behind -- is the workload."""
    for word in options.workload:
        if not word or word.split() != [word]:
            raise Refused(f"'{word}': a word of a workload is not empty and has no spaces")
    if not options.kernel and " -- " in f" {options.append} ":
        raise Refused(f"--append {options.append}: a workload comes after run-qemu.sh's own --")


def check_firmware(options: Options) -> None:
    if options.json or options.append and not options.kernel:
        raise Refused("--append and --json are our guest's: without a --kernel they cannot go with --firmware")
    if options.guest or options.workload:
        raise Refused("--firmware takes the guest's place: no --guest or workload goes with it")
    if options.boot not in (None, "rom"):
        raise Refused("--firmware goes with --boot rom only")


def check_kernel(options: Options) -> None:
    if options.workload:
        raise Refused("a workload is our guest's: it cannot go with --kernel")
    if options.guest:
        raise Refused("--guest cannot go with --kernel")
    if options.json:
        raise Refused("--json: the results are our guest's: it cannot go with --kernel")
    if options.boot not in (None, "direct") and not options.other_firmware:
        raise Refused("--kernel goes with --boot direct only")


def check_efi(options: Options) -> None:
    if options.kernel:
        raise Refused("--kernel goes with --boot direct only")
    if options.icount:
        raise Refused("--icount: the firmware waits for time to pass: it cannot go with --boot efi")


def check_measured(options: Options) -> None:
    if options.kernel or options.other_firmware:
        raise Refused("--measured: the hash is in our guest's image")
    if options.boot not in ("rom", "efi") and (options.boot or options.platform not in ENCRYPTED):
        raise Refused("--measured goes with --boot rom and efi only: nothing else of ours is measured")


def check_devices(options: Options) -> None:
    tags = [share.tag for share in options.shares]
    if len(set(tags)) != len(tags):
        raise Refused("--share: each folder needs a tag of its own: add ,tag=NAME")


def check_installed(options: Options) -> None:
    options.no_build = True
    if (options.boot or "").startswith("grub-"):
        raise Refused(f"--boot {options.boot} {NOT_INSTALLED}")


def check_nested(options: Options, mode: str, why: str) -> None:
    """As asked, or as what is left."""
    if INSTALLED and mode == "nested":
        asked = options.mode == "nested"
        raise Refused(f"--mode nested {NOT_INSTALLED}" if asked else f"{why}; what is left, --mode nested, {NOT_INSTALLED}: "
                      "add --mode emulate")


def check_recorded(options: Options) -> None:
    name = "--record" if options.record else "--replay"
    if options.record and options.replay:
        raise Refused("--record and --replay: one of them")
    if options.first_device not in (None, "--qemu"):
        raise Refused(f"{name}: what {options.first_device} brings is not recorded")
    if options.breaks:
        raise Refused(f"{name}: --break is a word for the monitor: add --gdb, and use hbreak")
    if options.smp != 1:
        raise Refused(f"{name} is for one processor: it cannot go with --smp {options.smp}")
    if options.boot not in (None, "direct", "rom") or options.other_firmware:
        raise Refused(f"{name} goes with --boot direct and rom only, and with no other firmware")
    options.icount = True


def check(options: Options) -> None:
    if INSTALLED:
        check_installed(options)
    check_words(options)
    check_devices(options)
    if options.boot == "efi":
        check_efi(options)
    if options.measured:
        check_measured(options)
    if options.other_firmware:
        check_firmware(options)
    if options.is_recorded:
        check_recorded(options)
    for name in "vendor", "vm_type":
        if getattr(options, name) and options.platform != "kvm":
            raise Refused(f"--{name.replace('_', '-')} is for --platform kvm only")
    if options.test_root and options.platform not in ("snp", "tdx"):
        raise Refused("--test-root is for --platform snp and tdx only")
    if options.icount and options.accel in ("kvm", "tcg,thread=multi"):
        raise Refused("--icount needs --accel tcg")
    if options.icount and options.smp != 1:
        raise Refused(f"--icount counts one processor: it cannot go with --smp {options.smp}")
    if options.mode == "nested" and options.platform not in NESTED:
        raise Refused("--mode nested is for --platform kvm, sev, sev-es and snp only")
    if options.host_smp and (options.mode != "nested" or options.platform == "kvm"):
        raise Refused("--host-smp is for --mode nested of sev, sev-es and snp only")
    if options.icount and (options.host_smp or 1) != 1:
        raise Refused(f"--icount counts one processor: it cannot go with --host-smp {options.host_smp}")
    if options.initrd and not options.kernel:
        raise Refused("--initrd goes with --kernel")
    if options.kernel:
        check_kernel(options)
    if options.trace_events and not options.trace:
        raise Refused(f"--trace-events {options.trace_events}: add --trace FILE")
    if options.list_workloads and options.dry_run:
        raise Refused("--dry-run: --list runs no QEMU")


# ---- how it can run here

def hardware_excludes(options: Options) -> str | None:
    """What only the monitor, or a boot that is no firmware image, can do."""
    reasons = (
        (options.trace, "--trace is the monitor's"),
        (options.monitor_option, "--monitor-option is the monitor's"),
        (options.test_root, "--test-root is the monitor's"),
        (options.kernel, "--kernel runs under the monitor"),
        (options.other_firmware, "--firmware runs under the monitor"),
        (options.icount, "--icount needs an emulated processor"),
        ((options.accel or "").startswith("tcg"), "--accel tcg emulates the processor"),
        (options.breaks, "--break is the monitor's"),
        (options.lies, "--lie is the monitor's"),
        (options.gdb, "--gdb would see ciphertext"),
        (options.boot not in (None, "rom", "efi"), "hardware boots a firmware image, --boot rom or efi, and nothing else"),
    )
    return next((reason for excluded, reason in reasons if excluded), None)


def choose_hardware(options: Options, qemu: str) -> tuple[str, str, int]:
    """Mode, why, and the C-bit's position."""
    excluded = hardware_excludes(options)
    asked = options.mode == "hardware"
    if asked and excluded:
        raise Refused(f"--mode hardware: {excluded}")
    if asked and options.dry_run:
        return "hardware", "as asked", 51
    if excluded:
        return "emulate", excluded, 51
    from run import set_up
    if not options.no_build and not options.dry_run and fetched_qemu(options):
        set_up(fetched_qemu(options))
    try:
        cbit = hardware.probe(hardware.Machine(qemu), options.platform)
    except hardware.Missing as missing:
        if asked:
            raise Refused(f"--mode hardware: {missing}") from None
        return "emulate", str(missing), 51
    return "hardware", "as asked" if asked else "this machine can launch it", cbit


def vmm_excludes(options: Options) -> str | None:
    """What postern-vmm cannot do."""
    reasons = (
        (options.vendor, "--vendor is the monitor's"),
        (options.monitor_option, "--monitor-option is the monitor's"),
        (options.kernel, "--kernel is the monitor's"),
        (options.other_firmware, "--firmware is the monitor's"),
        (options.measured, "--measured is QEMU's"),
        (options.gdb, "--gdb is QEMU's"),
        (options.breaks, "--break is the monitor's"),
        (options.lies, "--lie is the monitor's"),
        (options.accel not in (None, "tcg"), "--accel is QEMU's"),
        (options.boot not in (None, "direct"), f"--boot {options.boot} is QEMU's"),
        (options.first_device not in (None, "--serial"), f"{options.first_device} is QEMU's"),
    )
    return next((reason for excluded, reason in reasons if excluded), None)


def probe_kvm(options: Options) -> tuple[bool, str]:
    """Whether this machine's own KVM runs a guest of ours, and the sentence that says so."""
    from run import build, set_up
    if not options.no_build and not options.dry_run:
        set_up([])
        build(["kvm-probe-program"])
    probe = BUILD / "kvm-probe"
    if not os.access(probe, os.X_OK):
        return False, "the probe of /dev/kvm is not built yet"
    said = subprocess.run([probe, options.vm_type or "default"], stdout=subprocess.PIPE, text=True, check=False)
    return said.returncode == 0, said.stdout.strip()


def choose_kvm(options: Options) -> tuple[str, str]:
    excluded = vmm_excludes(options)
    if options.mode == "emulate":
        if options.vm_type:
            raise Refused("--vm-type is postern-vmm's: it cannot go with --mode emulate")
        return "emulate", "as asked"
    if excluded and options.mode == "auto":
        if options.vm_type:
            raise Refused(f"--vm-type is postern-vmm's, but {excluded}")
        return "emulate", excluded
    if excluded:
        raise Refused(f"--mode {options.mode}: {excluded}")
    if options.mode == "hardware" and options.serial and not options.serial.startswith("unix:"):
        raise Refused("--mode hardware: postern-vmm has its --serial at unix:PATH only")
    if options.mode == "hardware" and options.icount:
        raise Refused("--mode hardware: --icount needs an emulated processor")
    if options.mode == "nested":
        return "nested", "as asked"
    if options.icount:
        return "nested", "--icount needs an emulated processor"
    works, said = probe_kvm(options)
    if options.mode == "auto":
        return ("hardware", said) if works else ("nested", f"this machine's KVM is of no use: {said}")
    if not works and not options.dry_run:
        raise Refused(f"--mode hardware: {said}")
    return "hardware", "as asked"


def choose_snp_host(options: Options) -> tuple[str, str]:
    excluded = vmm_excludes(options)
    if excluded:
        raise Refused(f"--mode nested: {excluded}")
    return "nested", "as asked"


def choose_mode(options: Options, qemu: str) -> tuple[str, str, int]:
    if options.platform == "plain":
        if options.mode == "hardware":
            raise Refused("--mode hardware: a plain guest needs none; see --accel")
        if options.mode == "emulate":
            return "emulate", "as asked", 51
        for name, given in ("kernel", options.kernel), ("firmware", options.other_firmware):
            if given:
                return "emulate", f"--{name} runs under the monitor", 51
        return "native", "a plain guest needs no monitor", 51
    if options.platform == "kvm":
        return *choose_kvm(options), 51
    if options.mode == "emulate":
        return "emulate", "as asked", 51
    if options.mode == "nested":
        return *choose_snp_host(options), 51
    return choose_hardware(options, qemu)


def choose_tcg(options: Options) -> str:
    return accel.tcg(options.smp, bool(options.firmware) or options.boot in ("efi", "grub-uefi"), bool(options.kernel))


def choose_accel(options: Options) -> str:
    if options.accel == "auto":
        return "kvm" if not options.icount and probe_kvm(options)[0] else choose_tcg(options)
    if options.accel == "kvm" and not options.dry_run:
        works, said = probe_kvm(options)
        if not works:
            raise Refused(f"--accel kvm: {said}")
    return choose_tcg(options) if options.accel is None or options.accel == "tcg" else options.accel


def choose_timeout(options: Options, mode: str) -> int | None:
    if options.timeout or options.is_debugged:
        return options.timeout
    if mode == "nested" and options.platform in ENCRYPTED:
        return 240
    return 120 if options.kernel or options.firmware or options.boot == "efi" or mode == "nested" else 60


def add_needs(plan: Plan) -> None:
    """What has to be fetched and built."""
    if not plan.by_vmm or plan.mode == "nested":
        plan.setup += fetched_qemu(plan.options)
    if plan.boot.startswith("grub-"):
        plan.setup.append("grub")
    if plan.boot == "efi":
        plan.setup.append("efi")
    if not plan.by_vmm:
        return
    plan.targets = ["all", "postern-vmm"]
    if plan.mode == "nested":
        protected = plan.options.vm_type == "protected"
        plan.setup += ["nested"] + ["protected"] * protected
        plan.targets.append("kvm-machine" + "-protected" * protected)


def fetched_qemu(options: Options) -> list[str]:
    """Words of tools/setup.sh."""
    return [f"qemu:{options.qemu}"] if options.qemu and "/" not in options.qemu else []


def choose_qemu(options: Options) -> str:
    """The one of --qemu is told to all that run one by POSTERN_QEMU, as if the user had."""
    if options.qemu is None:
        return os.environ.get("POSTERN_QEMU", "qemu-system-x86_64")
    qemu = options.qemu
    if "/" not in qemu:
        said = subprocess.run([ROOT / "tools/newer-qemu", "--path", qemu], capture_output=True, text=True, check=False)
        if said.returncode != 0:
            raise Refused(f"--qemu {qemu}: {said.stderr.strip()}")
        if options.no_build and not options.dry_run and not os.path.exists(said.stdout.strip()):
            raise Refused(f"--qemu {qemu}: it is not fetched yet: run without --no-build")
        qemu = said.stdout.strip()
    os.environ["POSTERN_QEMU"] = qemu
    return qemu


def choose_loader(options: Options) -> Path:
    """Debian 12's OVMF has a bug by which no SNP guest of it starts: docs/limits.md."""
    newer = ROOT / "build/newer/ovmf/usr/share/ovmf/OVMF.fd"
    return options.firmware or (newer if newer.exists() else Path("/usr/share/ovmf/OVMF.fd"))


def choose(options: Options) -> Plan:
    qemu = choose_qemu(options)
    mode, why, cbit = choose_mode(options, qemu)
    check_nested(options, mode, why)
    is_rom = (not options.kernel and options.platform in ENCRYPTED and mode != "nested") or options.other_firmware
    boot = options.boot or ("rom" if is_rom else "direct")
    plan = Plan(options, mode, why, boot, "", options.mem or (512 if options.kernel or options.other_firmware else 256),
                choose_timeout(options, mode), options.guest or BUILD / "postern.elf", qemu, cbit)
    if options.trace and mode != "emulate" and not plan.by_vmm:
        raise Refused("--trace: the monitor writes it; add --mode emulate")
    for name, given in ("profile", options.profile), ("page-states", options.page_states), ("break", options.breaks), ("lie", options.lies):
        if given and mode != "emulate":
            raise Refused(f"--{name}: the monitor sees it; add --mode emulate")
    if options.is_recorded and mode not in ("emulate", "native"):
        raise Refused(f"--{'record' if options.record else 'replay'} is for what QEMU emulates; add --mode emulate")
    if options.symbols and not (options.profile or options.page_states or options.is_debugged):
        raise Refused("--symbols: add --profile, --page-states, --gdb or --break")
    if options.lies and options.platform not in ("sev-es", "snp", "tdx"):
        raise Refused("--lie is for sev-es, snp and tdx: of others the host has the registers themselves")
    if len(options.lies) > 8:
        raise Refused("--lie: eight at most")
    if options.monitor_option and mode != "emulate":
        raise Refused("--monitor-option needs --mode emulate")
    plan.accel = choose_accel(options)
    if boot == "efi":
        plan.loader = choose_loader(options)
    add_needs(plan)
    return plan
