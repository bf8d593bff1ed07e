# SPDX-License-Identifier: Apache-2.0
"""The command of a plan: QEMU's, postern-vmm's, or postern-vmm's inside of the stock-KVM machine."""
from __future__ import annotations

import subprocess
from pathlib import Path

import devices
import kernel_hashes
from devices import escape, file_word
from options import Options, Refused
from plan import BUILD, ROOT, Plan

MONITOR = BUILD / "postern-monitor.elf"
EXIT_DEVICE = "isa-debug-exit,iobase=0xf4,iosize=0x04"
RECORDING = "recording"  # QEMU's log, in the folder of the run
OVMF = "/usr/share/ovmf/OVMF.fd"

# What QEMU and KVM do not mind and the monitor would name: docs/limits.md
FOREIGN_FIRMWARE = "lenient=convert lenient=device lenient=version lenient=psc"

# Policies: no debugging; SEV-ES demanded; SNP's reserved bit, with SMT allowed.
CONFIDENTIAL = {
    "sev": "sev-guest,id=cgs0,{place},policy=0x1",
    "sev-es": "sev-guest,id=cgs0,{place},policy=0x5",
    "snp": "sev-snp-guest,id=cgs0,{place},policy=0x30000",
    "tdx": "tdx-guest,id=cgs0",
}


def join(*words: str) -> str:
    return " ".join(word for word in words if word)


def guest_words(plan: Plan) -> str:
    options = plan.options
    if options.kernel or options.other_firmware:
        return options.append
    workload = ["--", *options.workload] if options.workload else []
    return join("json" * bool(options.json or options.tells_steps), "icount" * options.icount, options.append, *workload)


def monitor_words(plan: Plan) -> str:
    options = plan.options
    kind = "kvm-intel" if options.vendor == "intel" else options.platform
    trace = f"trace={options.trace_events}" if options.trace_events else "trace"
    watched = "trace=exit,page" if options.is_watched else ""
    held = "interrupts=held" if options.is_recorded else ""
    breaks = [f"break={where}" for where in options.breaks] + [f"lie={lie}" for lie in options.lies]
    return join(f"platform={kind}", trace if options.trace or options.is_recorded else "", held, watched, *breaks, FOREIGN_FIRMWARE if options.other_firmware or plan.loader else "",
                options.monitor_option)


# ---- QEMU's

def hardware_machine(platform: str) -> tuple[str, str, str]:
    """Machine, accelerator, processor; what differs is what QEMU insists on."""
    machine = "q35,smm=off,confidential-guest-support=cgs0"
    if platform == "tdx":
        return machine + ",pic=off", "kvm,kernel-irqchip=split", "host"
    return machine, "kvm", "EPYC-Milan" if platform == "snp" else "EPYC"


def machine_options(plan: Plan, trace: str, json: str, gdb_port: int) -> list[str]:
    options = plan.options
    # OVMF as an SNP guest finds no PCI devices on q35, and Linux asks each of its 256 buses
    machine = "pc" if options.other_firmware or plan.loader or options.kernel else "q35"
    accel, cpu = plan.accel, "host" if plan.accel == "kvm" else "EPYC,phys-bits=52,+la57,+svm"
    if plan.mode == "hardware":
        machine, accel, cpu = hardware_machine(options.platform)
    words = [plan.qemu, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
             "-machine", machine, "-accel", accel, "-cpu", cpu, "-smp", str(options.smp), "-m", f"{plan.mem}M",
             "-chardev", "stdio,id=console,signal=on", "-serial", "chardev:console", "-device", EXIT_DEVICE]
    if options.trace or options.is_watched or options.is_recorded:
        words += ["-chardev", f"file,id=trace,path={escape(trace)}", "-device", "isa-debugcon,iobase=0x406,chardev=trace"]
    if json:
        words += ["-chardev", f"file,id=json,path={escape(json)},append=on",
                  "-device", "isa-debugcon,iobase=0x404,chardev=json"]
    if options.icount:
        words += ["-icount", "shift=0,sleep=off", "-rtc", "base=2020-01-01,clock=vm", "-seed", "1"]
    if options.is_debugged:
        words += ["-S", "-gdb", f"tcp:127.0.0.1:{gdb_port}"]
    return words


def monitor_options(plan: Plan, kind: str, image: Path) -> list[str]:
    return ["-kernel", str(MONITOR), "-append", monitor_words(plan),
            "-fw_cfg", f"name=opt/postern/{kind},file={escape(image)}"]


def command_line_file(plan: Plan) -> list[str]:
    """The guest's words as a file: whatever their length, none of the monitor's are in their way."""
    words = guest_words(plan)
    return ["-fw_cfg", f"name=opt/postern/cmdline,string={escape(words)}"] if words else []


def kernel_options(options: Options) -> list[str]:
    """For the monitor: a kernel that it starts itself, or that firmware finds in fw_cfg."""
    words = ["-fw_cfg", f"name=opt/postern/initrd,file={escape(options.initrd)}"] if options.initrd else []
    if options.kernel and options.other_firmware:
        words += ["-fw_cfg", f"name=opt/postern/guest,file={escape(options.kernel)}"]
    return words


def hash_options(plan: Plan, work: Path) -> list[str]:
    """What a firmware image that has room for it is measured with: QEMU's kernel-hashes=on."""
    options, file = plan.options, work / "kernel-hashes"
    if options.platform not in ("sev", "sev-es", "snp") or not options.kernel or not options.other_firmware:
        return []
    if not kernel_hashes.has_room(options.other_firmware):
        return []
    initrd = options.initrd.read_bytes() if options.initrd else b""
    file.write_bytes(kernel_hashes.table(options.kernel.read_bytes(), initrd, options.append))
    return ["-fw_cfg", f"name=opt/postern/kernel-hashes,file={escape(file)}"]


def direct_options(plan: Plan) -> list[str]:
    options = plan.options
    if plan.mode == "native":
        return ["-kernel", str(plan.guest), "-append", guest_words(plan)]
    return monitor_options(plan, "guest", options.kernel or plan.guest) + command_line_file(plan) + kernel_options(options)


def grub_options(plan: Plan, iso: Path) -> list[str]:
    """The menu reads its entry and command line from the SMBIOS system's family and SKU: one ISO serves every run."""
    entry, text = "native", guest_words(plan)
    if plan.mode == "emulate":
        entry, text = "monitor", join(monitor_words(plan), "--", text)
    return [*(["-bios", OVMF] if plan.boot == "grub-uefi" else []),
            "-smbios", f"type=1,family=postern-{entry},sku={escape(text)}",
            "-drive", f"if=none,id=cd,media=cdrom,format=raw,readonly=on,{file_word(iso)}",
            "-device", "ide-cd,drive=cd,bus=ide.0"]


def hardware_options(plan: Plan, rom: Path) -> list[str]:
    """A guest loses one address bit at most, whatever the host loses (CPUID 0x8000001f has the host's). QEMU
    encrypts only flash for SEV and SEV-ES, and takes only -bios for the others."""
    platform = plan.options.platform
    place = f"cbitpos={plan.cbit},reduced-phys-bits=1"
    flash = ["-drive", f"if=pflash,unit=0,format=raw,readonly=on,{file_word(rom)}"]
    return ["-object", CONFIDENTIAL[platform].format(place=place),
            *(flash if platform in ("sev", "sev-es") else ["-bios", str(rom)]), "-action", "panic=exit-failure"]


def rom_options(plan: Plan, rom: Path) -> list[str]:
    """Firmware gets no command line from QEMU: it is a file that the guest asks for."""
    if plan.mode == "emulate":
        words = monitor_options(plan, "firmware", rom) + kernel_options(plan.options)
    elif plan.mode == "hardware":
        words = hardware_options(plan, rom)
    else:
        words = ["-bios", str(rom)]
    return words + command_line_file(plan)


def efi_options(plan: Plan, loader: Path, disk: Path) -> list[str]:
    """From a disk, as a cloud does it: the words are in the image, and the firmware may measure that."""
    device = "virtio-blk-pci,drive=disk"
    if plan.mode == "emulate":
        words = monitor_options(plan, "firmware", loader)
    elif plan.mode == "hardware":
        words = hardware_options(plan, loader)
        device += ",disable-legacy=on,iommu_platform=on"
    else:
        words = ["-bios", str(loader)]
    return [*words, "-drive", f"if=none,id=disk,format=raw,readonly=on,{file_word(disk)}", "-device", device]


def make(words: list[str | Path], what: str) -> None:
    """By a tool of ours, which an installed tree may lack, and which says itself what is wrong."""
    try:
        status = subprocess.run(words, check=False).returncode
    except OSError as error:
        raise Refused(f"no {what} could be made: {words[0]}: {error.strerror}") from None
    if status != 0:
        raise Refused(f"no {what} could be made")


def make_disk(plan: Plan, loader: Path, work: Path) -> Path:
    disk = work / "disk.img"
    if plan.options.dry_run:
        return disk
    if not loader.is_file():
        raise Refused(f"{loader} is not there: run without --no-build")
    words: list[str | Path] = [ROOT / "tools/disk-image", "--guest", plan.guest, f"--append={guest_words(plan)}", disk]
    make(words, "disk")
    return disk


def seal_rom(plan: Plan, rom: Path, work: Path) -> Path:
    """With the hash of the command line that this run has."""
    sealed = work / "measured.fd"
    words: list[str | Path] = [ROOT / "tools/seal.py", f"--append={guest_words(plan)}", rom, sealed]
    if not plan.options.dry_run:
        make(words, "firmware image")
    return sealed


def rom_objects() -> str:
    """Which an installed tree lacks."""
    try:
        return (BUILD / "lists/rom").read_text().strip()
    except OSError as error:
        raise Refused(f"no firmware image could be made: {error.filename}: {error.strerror}") from None


def make_image(plan: Plan, work: Path, suffix: str) -> Path:
    """The ISO or firmware image of the guest: the one that is built, or one for another guest."""
    if plan.guest == BUILD / "postern.elf":
        return BUILD / f"postern.{suffix}"
    image = work / f"guest.{suffix}"
    if plan.options.dry_run:
        return image
    command: list[str | Path] = [ROOT / "tools/iso", plan.guest, MONITOR, image]
    if suffix != "iso":
        command = [ROOT / "tools/rom", plan.guest, rom_objects(), image]
    make(command, "ISO" if suffix == "iso" else "firmware image")
    return image


def device_options(plan: Plan) -> list[str]:
    options = plan.options
    return [*devices.disk_words(options.disks), *devices.net_words(options.net), *devices.share_words(options.shares),
            *(devices.vsock_words() if options.vsock else []), *devices.serial_words(options.serial),
            *(devices.rng_words() if options.rng else []), *options.qemu_words]


def test_root_options(plan: Plan) -> list[str]:
    """Files of the monitor's, which no guest is shown."""
    files = plan.options.test_root_files.items()
    return [word for name, path in files for word in ("-fw_cfg", f"name=opt/postern/{name},file={escape(path)}")]


def record_options(options: Options, work: Path) -> list[str]:
    if not options.is_recorded:
        return []
    return ["-icount", f"rr={'record' if options.record else 'replay'},rrfile={escape(work / RECORDING)}"]


def qemu_command(plan: Plan, work: Path, trace: str, json: str, gdb_port: int) -> list[str]:
    return (boot_command(plan, work, trace, json, gdb_port) + record_options(plan.options, work) + test_root_options(plan)
            + device_options(plan))


def boot_command(plan: Plan, work: Path, trace: str, json: str, gdb_port: int) -> list[str]:
    words = machine_options(plan, trace, json, gdb_port)
    if plan.boot == "direct":
        return words + direct_options(plan)
    if plan.boot == "rom":
        rom = plan.options.other_firmware or make_image(plan, work, "fd")
        return words + rom_options(plan, seal_rom(plan, rom, work) if plan.options.measured else rom) + hash_options(plan, work)
    if plan.loader:
        return words + efi_options(plan, plan.loader, make_disk(plan, plan.loader, work))
    return words + grub_options(plan, make_image(plan, work, "iso"))


# ---- postern-vmm's

def vm_type(plan: Plan) -> str:
    return plan.options.vm_type or "default" if plan.options.platform == "kvm" else plan.options.platform


def vmm_words(plan: Plan, image: str, trace: str, json: str) -> list[str]:
    options = plan.options
    words = ["--memory", f"{plan.mem}M", "--smp", str(options.smp), "--vm-type", vm_type(plan),
             "--timeout", str(plan.timeout)]
    text = join("icount" * options.icount, options.append)
    if text:
        words += ["--cmdline", text]
    if options.trace:
        words += ["--trace", trace]
        words += ["--trace-events", options.trace_events] if options.trace_events else []
    if options.json:
        words += ["--json", json]
    if options.serial:
        words += ["--serial", options.serial if plan.mode == "hardware" else "/dev/ttyS1"]
    return [*words, image, *options.workload]


def vmm_command(plan: Plan, work: Path, trace: str, json: str) -> list[str]:
    if plan.mode == "hardware":
        return [str(BUILD / "postern-vmm"), *vmm_words(plan, str(plan.guest), trace, json)]
    assert plan.timeout is not None  # --gdb, which has none, is QEMU's
    machine = [str(ROOT / "tools/kvm-machine"), "--kvm", "protected" if plan.options.vm_type == "protected" else "stock",
               "--mem", str(plan.mem), "--timeout", str(plan.timeout + 60), "--each", str(plan.timeout + 20),
               "--file", str(BUILD / "postern-vmm"), "--file", f"{plan.guest}=guest.elf", "--out", str(work / "out")]
    machine += ["--cc", "snp"] if plan.options.platform != "kvm" else []
    machine += ["--smp", str(plan.options.host_smp)] if plan.options.host_smp else []
    machine += ["--serial", plan.options.serial] if plan.options.serial else []
    machine += ["--icount"] * plan.options.icount
    machine += ["--test-root", str(plan.options.test_root)] if plan.options.test_root else []
    return [*machine, "--", "/host/postern-vmm", *vmm_words(plan, "/host/guest.elf", "trace", "json")]
