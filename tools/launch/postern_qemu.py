# SPDX-License-Identifier: Apache-2.0
"""postern-qemu takes QEMU's command line, and QEMU then takes its place. A guest that is to be confidential, by
`-machine ...,confidential-guest-support=ID` and `-object sev-guest|sev-snp-guest|tdx-guest,id=ID,...`, runs on our monitor,
without such hardware; a command line without one is QEMU's as it is. docs/guests.md says what is played, and what is refused.

    POSTERN_QEMU       the QEMU that runs, if not the first qemu-system-x86_64 in PATH that is not this
    POSTERN_MONITOR    more words for the monitor
    POSTERN_TRACE      a file for the transcript
    POSTERN_DRY_RUN    print the command, and end
"""
from __future__ import annotations

import math
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import accel
import confidential
import kernel_hashes
from command import EXIT_DEVICE, FOREIGN_FIRMWARE, MONITOR
from confidential import Guest
from devices import escape
from options import CPUS_MAX, Refused
from plan import ROOT
from qemu_line import Properties, Word, arguments, flat, is_on, keys, parse, text

INSIDE = "POSTERN_QEMU_PROCESS"
PROCESSOR = "EPYC,phys-bits={bits},+la57,+svm,check=off"
SUPPORT = ("confidential-guest-support", "memory-encryption")
OF_KVM = ("accel", "kernel-irqchip", "kernel_irqchip", "kvm-shadow-mem", "kvm-type", "igvm-cfg", *SUPPORT)
MACHINES = ("pc", "q35")
# which answer `help`, and `KIND,help`, with a list
ASKED = ("object", "machine", "M", "accel", "cpu", "device", "netdev", "chardev", "audiodev", "display", "vga", "d")
FIRMWARE_FOLDERS = ("/usr/share/qemu", "/usr/share/ovmf", "/usr/share/OVMF", "/usr/share/seabios")

# -option: why a confidential guest's command line cannot have it here
REFUSED = {
    "incoming": "a guest on the monitor is not migrated",
    "loadvm": "a guest on the monitor is not saved",
    "shim": "nothing here loads a shim",
    "readconfig": "what is in that file is not looked at: say it on the command line",
    "icount": "use run-qemu.sh --icount",
}
# what the monitor's words take the place of, or what is KVM's
TAKEN = ("machine", "M", "accel", "enable-kvm", "cpu", "kernel", "initrd", "append", "bios", "pflash")


@dataclass
class Line:
    """The parts of a command line that the monitor has a say in."""

    machine: Properties = field(default_factory=dict)
    objects: dict[str, Properties] = field(default_factory=dict)
    blocks: dict[str, Properties] = field(default_factory=dict)  # by node name
    flash: list[Properties] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)  # kernel, initrd, append, bios
    tcg: str | None = None  # as given, with words of its own
    rest: list[Word] = field(default_factory=list)
    twice: str | None = None  # a sentence


def sort(words: list[Word]) -> Line:
    line = Line()
    for word in words:
        value = word.value or ""
        if word.name in ("machine", "M"):
            line.machine |= keys(value, "type")
        elif word.name in ("kernel", "initrd", "append", "bios"):
            line.files[word.name] = value
        elif word.name == "pflash":
            line.flash.append({"file": value})
        elif word.name == "accel" and value.startswith("tcg,"):
            line.tcg = value
        elif word.name == "object":
            found = keys(value, "qom-type")
            name = str(found.get("id"))
            line.twice = f"-object {word.value}: there is another object {name}" if name in line.objects else line.twice
            line.objects[name] = found
            line.rest.append(word)
        elif word.name == "drive" and keys(value, "file").get("if") == "pflash":
            line.flash.append(keys(value, "file"))
        elif word.name not in TAKEN:
            if word.name == "blockdev":
                found = keys(value, "driver")
                line.blocks[str(found.get("node-name"))] = found
            line.rest.append(word)
    return line


# ---- the firmware

def block_file(line: Line, node: str) -> str:
    """The file below a node of -blockdev, which may have others in it: as JSON, or with dots."""
    found = line.blocks.get(node)
    for _ in range(8):
        if found is None:
            raise Refused(f"-machine pflash0={node}: there is no such -blockdev")
        if "filename" in found:
            return str(found["filename"])
        below = found.get("file", {name.removeprefix("file."): value for name, value in found.items() if name.startswith("file.")})
        found = below if isinstance(below, dict) else line.blocks.get(str(below))
    raise Refused(f"-machine pflash0={node}: its -blockdev has no file")


def flash_file(line: Line) -> str | None:
    images = [str(found.get("file", "")) for found in line.flash]
    for name in "pflash0", "pflash1":
        if name in line.machine:
            images.append(block_file(line, str(line.machine.pop(name))))
    if len(images) > 1:
        raise Refused(f"a second flash, {images[1]}: a guest on the monitor has none to write; "
                      "use a firmware image that is whole, such as OVMF.fd or OVMF.amdsev.fd")
    return images[0] if images else None


def find_firmware(line: Line) -> str | None:
    """QEMU looks for -bios in folders of its own, too."""
    flash, bios = flash_file(line), line.files.get("bios")
    if flash or not bios:
        return flash
    places = [bios, *(f"{folder}/{bios}" for folder in FIRMWARE_FOLDERS if "/" not in bios)]
    return next((place for place in places if os.path.isfile(place)), bios)


def check_file(option: str, name: str | None) -> None:
    if name is not None and not (os.path.isfile(name) and os.access(name, os.R_OK)):
        raise Refused(f"{option} {name}: no such file that can be read")


# ---- the words

def monitor_words(guest: Guest, firmware: str | None) -> str:
    words = [f"platform={guest.platform}", "ends=machine", "quiet", *guest.words]
    words += ["trace"] if os.environ.get("POSTERN_TRACE") else []
    words += [FOREIGN_FIRMWARE] if firmware else []
    return " ".join([*words, *os.environ.get("POSTERN_MONITOR", "").split()])


def hand_over(kind: str, name: str) -> list[str]:
    return ["-fw_cfg", f"name=opt/postern/{kind},file={escape(name)}"]


def hand_over_bytes(kind: str, data: bytes) -> list[str]:
    """By a file of this process's, which QEMU inherits."""
    file = os.memfd_create(kind, 0)
    os.write(file, data)
    return hand_over(kind, f"/proc/self/fd/{file}")


def test_root_words() -> list[str]:
    folder = os.environ.get("POSTERN_TEST_ROOT")
    return [word for name in ("firmware", "certificates") if folder for word in hand_over(f"test-root-{name}", f"{folder}/{name}.bin")]


def guest_files(line: Line, guest: Guest, firmware: str | None) -> list[str]:
    kernel, initrd, append = (line.files.get(name) for name in ("kernel", "initrd", "append"))
    words = hand_over("firmware", firmware) if firmware else []
    words += hand_over("guest", kernel) if kernel else []
    words += hand_over("initrd", initrd) if initrd else []
    words += ["-fw_cfg", f"name=opt/postern/cmdline,string={escape(append)}"] if append else []
    words += hand_over_bytes("td-ids", guest.td_ids) if guest.td_ids else []
    words += hand_over_bytes("snp-launch", guest.snp_launch) if guest.snp_launch else []
    if guest.has_id_block and not firmware:
        raise Refused("id-block: without a firmware image nothing is measured that it could be of")
    words += test_root_words()
    if guest.kernel_hashes and kernel:
        if not firmware:
            raise Refused("kernel-hashes: without a firmware image nobody looks at them")
        if not kernel_hashes.has_room(firmware):
            raise Refused(f"kernel-hashes: {firmware} has no room for the hashes of a kernel")
        words += hand_over_bytes("kernel-hashes", kernel_hashes.table(Path(kernel).read_bytes(), Path(initrd).read_bytes() if initrd else b"", append or ""))
    return words


def processors(line: Line) -> int:
    """By what -smp says of their number; QEMU judges it."""
    found = {name.removeprefix("smp."): value for name, value in flat(line.machine) if name.startswith("smp.")}
    for word in line.rest:
        found |= dict(flat(keys(word.value or "", "cpus"))) if word.name == "smp" else {}
    counts = {name: int(value) for name, value in found.items() if value.isdecimal()}
    return counts.get("cpus", math.prod(count for name, count in counts.items() if name != "maxcpus"))


def check_processors(line: Line) -> None:
    if processors(line) > CPUS_MAX:
        raise Refused(f"-smp: {processors(line)} processors: the monitor has room for {CPUS_MAX}")


def check_global(word: Word) -> None:
    """A default of the confidential object's that is not in its own words."""
    value = word.value or ""
    driver = str(keys(value, "driver").get("driver", value)).partition(".")[0]
    if driver in confidential.OBJECTS:
        raise Refused(f"-global {word.value}: say it with -object {driver}")


def machine_words(line: Line, guest: Guest, has_firmware: bool) -> list[str]:
    kind = str(line.machine.get("type", "pc"))
    if not kind.startswith(MACHINES):
        raise Refused(f"-machine {kind}: the monitor needs a PC's chipset: pc or q35")
    machine = {name: value for name, value in line.machine.items() if name not in OF_KVM}
    return ["-machine", text(machine, "type"), "-accel", line.tcg or accel.tcg(processors(line), has_firmware, restores_x87=True), "-cpu", PROCESSOR.format(bits=guest.cbit + 1)]


def trace_words() -> list[str]:
    trace = os.environ.get("POSTERN_TRACE")
    if not trace:
        return []
    return ["-chardev", f"file,id=postern-trace,path={escape(trace)}", "-device", "isa-debugcon,iobase=0x406,chardev=postern-trace"]


# Of a confidential guest QEMU sets these itself: buffers for DMA are shared ones, and legacy drivers know of none.
# By name, since a kind of each that has no legacy half lacks the property.
LEGACY = ("virtio-blk", "virtio-net", "virtio-9p", "virtio-rng", "virtio-scsi", "virtio-serial", "virtio-balloon", "vhost-vsock")


def virtio_words() -> list[str]:
    words = ["-global", "virtio-device.iommu_platform=on"]
    for name in LEGACY:
        words += ["-global", f"{name}-pci.disable-legacy=on"]
    return words


def translate(line: Line, guest: Guest, support: str) -> list[str]:
    firmware = find_firmware(line)
    if not firmware and not line.files.get("kernel"):
        raise Refused("neither a firmware image (-bios, or flash) nor a -kernel: QEMU's own firmware starts no such guest")
    check_file("-bios", firmware)
    for name in "kernel", "initrd":
        check_file(f"-{name}", line.files.get(name))
    rest = [word for word in line.rest if not (word.name == "object" and keys(word.value or "", "qom-type").get("id") == support)]
    return [*machine_words(line, guest, bool(firmware)), *virtio_words(), *arguments(rest), "-device", EXIT_DEVICE, *trace_words(),
            "-kernel", str(MONITOR), "-append", monitor_words(guest, firmware), *guest_files(line, guest, firmware)]


# ---- the run

def is_this(path: str | Path) -> bool:
    return Path(path).resolve() == (ROOT / "postern-qemu").resolve()


def find_qemu() -> str:
    """Not this program under QEMU's name, nor one that starts it: a process that comes here again would do so for ever."""
    named = os.environ.get("POSTERN_QEMU")
    if os.environ.get(INSIDE) == str(os.getpid()) or named and is_this(shutil.which(named) or named):
        raise Refused(f"POSTERN_QEMU={named} is no QEMU, but postern-qemu itself")
    if named:
        return shutil.which(named) or named
    for folder in os.get_exec_path():
        path = Path(folder, "qemu-system-x86_64")
        if os.access(path, os.X_OK) and not is_this(path):
            return str(path)
    raise Refused("there is no qemu-system-x86_64 in PATH; POSTERN_QEMU can name one")


def list_objects(qemu: str, value: str) -> int:
    """QEMU's own list, and what it lacks."""
    try:
        said = subprocess.run([qemu, "-object", value], capture_output=True, text=True, check=False)
    except OSError as error:
        raise Refused(f"{qemu} cannot be run: {error.strerror}") from None
    lines = said.stdout.splitlines()
    print("\n".join(lines + [f"  {name}" for name in confidential.OBJECTS if f"  {name}" not in lines]))
    sys.stderr.write(said.stderr)
    return said.returncode


def list_properties(kind: str) -> int:
    print(f"{kind} options:", *(f"  {name}" for name in confidential.PROPERTIES[kind]), sep="\n")
    return 0


def asks(word: Word) -> bool:
    """For a list, for which QEMU does nothing else."""
    return word.name in ASKED and (word.value or "").rpartition(",")[2] in ("help", "?")


def answer(qemu: str, word: Word) -> int:
    kind, comma, _ = (word.value or "").rpartition(",")
    if word.name == "object" and not comma:
        return list_objects(qemu, "help")
    kind = str(keys(kind, "qom-type").get("qom-type"))
    if word.name == "object" and kind in confidential.PROPERTIES:
        return list_properties(kind)
    return execute([qemu, *arguments([word])])


def execute(command: list[str]) -> int:
    if os.environ.get("POSTERN_DRY_RUN"):
        print(shlex.join(command))
        return 0
    os.environ[INSIDE] = str(os.getpid())  # which QEMU keeps
    try:
        os.execv(command[0], command)
    except OSError as error:
        raise Refused(f"{command[0]} cannot be run: {error.strerror}") from None


def run(words: list[str]) -> int:
    if words == ["--postern-help"]:
        print(__doc__)
        return 0
    qemu = find_qemu()
    parsed = parse(words)
    question = next((word for word in parsed if asks(word)), None)
    if question:
        return answer(qemu, question)
    line = sort(parsed)
    support = next((str(line.machine[name]) for name in SUPPORT if name in line.machine), None)
    if support is None:
        return execute([qemu, *words])
    for word in parsed:
        if word.name in REFUSED:
            raise Refused(f"-{word.name}: {REFUSED[word.name]}")
        if word.name == "global":
            check_global(word)
    if support not in line.objects:
        raise Refused(f"-machine confidential-guest-support={support}: there is no such -object")
    if line.twice:
        raise Refused(line.twice)
    check_processors(line)
    guest = confidential.play(line.objects[support])
    if not MONITOR.is_file():
        raise Refused(f"{MONITOR} is not there: run ./run-qemu.sh once")
    if guest.unseen:
        print(f"postern-qemu: there is no attestation, thus nobody sees: {' '.join(guest.unseen)}", file=sys.stderr, flush=True)
    return execute([qemu, *translate(line, guest, support)])


def main() -> int:
    try:
        status = run(sys.argv[1:])
        sys.stdout.flush()
        return status
    except Refused as reason:
        print(f"postern-qemu: {reason}", file=sys.stderr)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"postern-qemu: {error.filename or 'the output'}: {error.strerror}", file=sys.stderr)
    return 1  # as QEMU does


if __name__ == "__main__":
    sys.exit(main())
