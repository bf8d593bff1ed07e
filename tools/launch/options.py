# SPDX-License-Identifier: Apache-2.0
"""The command line: what each option is, and whether its value alone makes sense.

What options mean together is plan.py's. A wrong word is Refused: one sentence, exit status 2.
"""
from __future__ import annotations

import argparse
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, NoReturn

import devices
from devices import wrong
from lie import LIE

PLATFORMS = ("plain", "kvm", "sev", "sev-es", "snp", "tdx")
ENCRYPTED = ("sev", "sev-es", "snp", "tdx")
CPUS_MAX = 64  # AP_MAX, monitor/machine/ap.h; postern-vmm has room for as many

SUMMARY = """\
Boots Postern, our small guest, and shows how a confidential guest starts. Installs what is missing
(Debian packages), builds what is stale, runs QEMU. No confidential hardware is needed: by default
QEMU runs our monitor, which plays an SEV, SEV-ES, SEV-SNP or TDX machine. With no workload: demo."""

EXAMPLES = """\
Examples
  ./run-qemu.sh                                     the demo as an emulated SEV-SNP guest
  ./run-qemu.sh --trace /tmp/trace -- hello         and what passed between guest and host
  ./run-qemu.sh --platform tdx --smp 4 -- smp       four processors of a TD share and check memory
  ./run-qemu.sh --platform plain --icount -- bench  exact instruction counts
  ./run-qemu.sh --boot efi -- hello                 as a cloud boots it: OVMF, and a disk
  ./run-qemu.sh --kernel vmlinuz --initrd initrd --append "console=ttyS0 quiet"

Exit status: 0 the workload succeeded, 1 it failed, 2 it cannot run here, 3 the guest terminated
itself by protocol, 4 the monitor named a violation, 5 crash or panic, 124 timeout."""


class Refused(Exception):
    """What cannot run here, as one sentence."""


@dataclass
class Options:
    """As given; None where the default depends on other options."""

    platform: str = "snp"
    mode: str = "auto"
    boot: str | None = None
    kernel: Path | None = None
    initrd: Path | None = None
    append: str = ""
    firmware: Path | None = None
    measured: bool = False
    test_root: Path | None = None
    list_workloads: bool = False
    smp: int = 1
    mem: int | None = None  # MiB
    accel: str | None = None
    vendor: str | None = None
    vm_type: str | None = None
    host_smp: int | None = None
    qemu: str | None = None
    qemu_words: list[str] = field(default_factory=list)
    disks: list[devices.Disk] = field(default_factory=list)
    net: str | None = None
    shares: list[devices.Share] = field(default_factory=list)
    vsock: bool = False
    serial: str | None = None
    rng: bool = False
    trace: Path | None = None
    trace_events: str | None = None
    json: Path | None = None
    profile: list[Path | None] = field(default_factory=list)  # None: on the terminal
    page_states: Path | None = None
    symbols: Path | None = None
    icount: bool = False
    record: Path | None = None
    replay: Path | None = None
    quiet: bool = False
    gdb: bool = False
    breaks: list[str] = field(default_factory=list)
    lies: list[str] = field(default_factory=list)
    dry_run: bool = False
    timeout: int | None = None  # seconds
    no_build: bool = False
    guest: Path | None = None
    monitor_option: str = ""
    workload: list[str] = field(default_factory=list)

    @property
    def test_root_files(self) -> dict[str, Path]:
        """By the names that the monitor looks for."""
        return {f"test-root-{name}": self.test_root / f"{name}.bin" for name in ("firmware", "certificates")} if self.test_root else {}

    @property
    def other_firmware(self) -> Path | None:
        """What takes our guest's place, where it does not load it."""
        return None if self.boot == "efi" else self.firmware

    @property
    def profiles(self) -> list[Path]:
        return [path for path in self.profile if path]

    @property
    def is_recorded(self) -> bool:
        """Now, or before."""
        return bool(self.record or self.replay)

    @property
    def is_debugged(self) -> bool:
        return self.gdb or bool(self.breaks)

    @property
    def is_watched(self) -> bool:
        """By lines of the transcript that are not for the user."""
        return bool(self.profile or self.page_states)

    @property
    def tells_steps(self) -> bool:
        """Our guest, of its way: its phases. Words that are measured stay as they are."""
        return bool(self.profile) and not (self.kernel or self.other_firmware or self.measured or self.boot == "efi")

    @property
    def first_device(self) -> str | None:
        """An option that asks for more than the machine, of QEMU alone where there is one."""
        given = (("disk", self.disks), ("net", self.net), ("share", self.shares), ("vsock", self.vsock),
                 ("rng", self.rng), ("qemu", self.qemu_words), ("serial", self.serial))
        return next((f"--{name}" for name, value in given if value), None)


def one_of(*allowed: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in allowed:
            wrong(value, f"must be one of: {' '.join(allowed)}")
        return value
    return check


def number(first: int, last: int, what: str) -> Callable[[str], int]:
    def check(value: str) -> int:
        if not re.fullmatch(r"[1-9][0-9]{0,5}", value) or not first <= int(value) <= last:
            wrong(value, f"must be a {what} from {first} to {last}")
        return int(value)
    return check


def size(value: str) -> int:
    """In MiB."""
    match = re.fullmatch(r"([1-9][0-9]{0,5})([MG])", value)
    if match is None:
        wrong(value, "must be a size such as 256M or 1G")
    mib = int(match[1]) * (1024 if match[2] == "G" else 1)
    if mib < 64:
        wrong(value, "must be at least 64M")
    return mib


def profile(value: str) -> Path:
    if not value.endswith((".html", ".json")):
        wrong(value, "must be a file whose name ends in .html or .json")
    return Path(value)


def html(value: str) -> Path:
    if not value.endswith(".html"):
        wrong(value, "must be a file whose name ends in .html")
    return Path(value)


def events(value: str) -> str:
    if not re.fullmatch(r"[a-z,-]+", value):
        wrong(value, "must be events with commas in between, as vmgexit,npf")
    return value


def where(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]+(:[^\s,=:]+=[^\s,]+(,[^\s,=:]+=[^\s,]+)*)?", value):
        wrong(value, "must be a violation's or an event's name, and behind a colon words of its line, as vmgexit:code=0x80000010")
    return value


def lie(value: str) -> str:
    if not LIE.fullmatch(value):
        wrong(value, "must be POINT@N[+STEPS][xTIMES][=[ADDRESS:]VALUE], as ghcb-info2/ap-jump-table@0=0xa0000; docs/hostile-host.md has the points")
    return value


# What run-qemu.sh itself says, and what would take QEMU's status from it.
TAKEN = ("kernel", "initrd", "append", "bios", "daemonize", "chroot", "runas")


def qemu(value: str) -> tuple[str, list[str]]:
    """The name of one, or words for it, which begin with a dash as no name does."""
    if not value.startswith("-"):
        return value, []
    try:
        words = shlex.split(value)
    except ValueError as error:
        wrong(value, f"a shell would not read it: {error}")
    for word in words:
        if word.lstrip("-") in TAKEN and word.startswith("-"):
            wrong(value, f"{word} is not for others to say")
    return "", words


class Parser(argparse.ArgumentParser):
    """argparse, with this program's sentences."""

    def error(self, message: str) -> NoReturn:
        option, _, what = message.removeprefix("argument ").partition(": ")
        if what.startswith("expected one argument"):
            raise Refused(f"{option} needs a value")
        if what.startswith("ignored explicit argument"):
            raise Refused(f"{option} takes no value")
        raise Refused(f"{option} {what}")

    def takes_value(self, word: str) -> bool:
        action = self._option_string_actions.get(word)
        return action is not None and action.nargs not in (0, "?")


def make_parser() -> Parser:
    parser = Parser(prog="run-qemu.sh", usage="./run-qemu.sh [options] [-- workload [arguments...]]",
                    description=SUMMARY, epilog=EXAMPLES, allow_abbrev=False, add_help=False,
                    formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, max_help_position=21, width=100))
    add_what(parser.add_argument_group("What to run"))
    add_where(parser.add_argument_group("On what"))
    add_devices(parser.add_argument_group("With which devices, virtio but for --serial"))
    add_seen(parser.add_argument_group("What to see"))
    add_for_tests(parser)
    return parser


Group = argparse._ArgumentGroup  # argparse has no public name for it


def add_what(group: Group) -> None:
    group.add_argument("--platform", metavar="P", type=one_of(*PLATFORMS), help="plain, kvm, sev, sev-es, snp (default), tdx")
    group.add_argument("--mode", metavar="M", type=one_of("auto", "hardware", "nested", "emulate"),
                       help="auto (default): hardware where a probe succeeds, else emulate, for kvm nested. "
                       "emulate: under our monitor; hardware: this machine's own; nested: Debian's kernel "
                       "with its own KVM inside of QEMU, for sev, sev-es and snp on an SNP host that the monitor plays; "
                       "there, and for kvm, the guest runs in our postern-vmm")
    group.add_argument("--boot", metavar="B", type=one_of("direct", "grub-bios", "grub-uefi", "rom", "efi"),
                       help="rom: our own firmware image, the default for sev, sev-es, snp and tdx; direct, the "
                       "default otherwise; grub-bios, grub-uefi; efi: from a disk's EFI system partition, by OVMF or by "
                       "--firmware F")
    group.add_argument("--kernel", metavar="F", type=Path,
                       help="another guest than ours, under the monitor: a Linux bzImage or vmlinux, or an ELF image "
                       "that is entered by PVH or multiboot")
    group.add_argument("--initrd", metavar="F", type=Path, help="its initial RAM disk")
    group.add_argument("--append", metavar="S",
                       help="its command line (Linux's gets panic=-1 unless it says panic=); for our guest: key=value "
                       "words before the workload")
    group.add_argument("--firmware", metavar="F", type=Path,
                       help="a firmware image instead of ours, under the monitor, such as Debian's OVMF.fd; with --kernel "
                       "it finds that one, with --boot efi it loads our guest")
    group.add_argument("--measured", action="store_true",
                       help="our firmware image holds the command line's hash, so that a launch measurement covers it "
                       "(the disk of --boot efi always does): other words end the guest")
    group.add_argument("--test-root", metavar="DIR", type=Path,
                       help="keys and certificates of the emulated firmware, by tools/test-root; without it those that "
                       "were built, which are public")
    group.add_argument("--monitor-option", metavar="W",
                       help="more words for the monitor, as lenient=touch, which names a violation and goes on: docs/limits.md")
    group.add_argument("--list", dest="list_workloads", action="store_true", help="the workloads, one line each")


def add_where(group: Group) -> None:
    group.add_argument("--smp", metavar="N", type=number(1, CPUS_MAX, "number"), help="processors (default 1; our guest takes 8 at most)")
    group.add_argument("--mem", metavar="SIZE", type=size, help="memory, as 256M or 1G (default 256M; with --kernel 512M)")
    group.add_argument("--accel", metavar="A", type=one_of("tcg", "tcg,thread=multi", "tcg,thread=single", "kvm", "auto"),
                       help="tcg (default), kvm, auto; tcg,thread=multi: a thread for each processor, where one for all is the default")
    group.add_argument("--vendor", metavar="V", type=one_of("amd", "intel"),
                       help="amd or intel: the processor that the monitor shows a kvm guest")
    group.add_argument("--vm-type", metavar="T", type=one_of("default", "protected"),
                       help="default or protected: the VM that postern-vmm makes for a kvm guest")
    group.add_argument("--host-smp", metavar="N", type=number(1, 4, "number"),
                       help="processors of the SNP host that --mode nested boots (default 1)")
    group.add_argument("--qemu", metavar="Q", type=qemu, action="append",
                       help="another QEMU than the machine's: newest, or a suite of Debian's such as trixie (it is "
                       "fetched, not installed); or a path. What begins with a dash is more words for QEMU, behind ours: "
                       "--qemu \"-machine q35 -device e1000,netdev=net0\"")


def add_devices(group: Group) -> None:
    group.add_argument("--disk", dest="disks", metavar="FILE", type=devices.disk, action="append",
                       help="a disk, vda; the next one is vdb. FILE[,format=raw|qcow2][,readonly]")
    group.add_argument("--net", metavar="N", type=devices.net,
                       help="user: a network of QEMU's, by which the guest reaches what this user does, with "
                       "its options, as user,hostfwd=tcp::2222-:22; none (default)")
    group.add_argument("--share", dest="shares", metavar="DIR", type=devices.share, action="append",
                       help="a folder of this machine, by 9p: mount -t 9p -o trans=virtio share /mnt. "
                       "DIR[,tag=NAME][,readonly]")
    group.add_argument("--vsock", action="store_true", help="sockets to this machine, as CID 3 (needs /dev/vhost-vsock)")
    group.add_argument("--serial", metavar="WHERE", type=devices.serial,
                       help="a second serial port, COM2, to who listens at unix:PATH or HOST:PORT, as tools/key-broker does")
    group.add_argument("--rng", action="store_true", help="entropy of this machine")


def add_seen(group: Group) -> None:
    group.add_argument("--trace", metavar="FILE", type=Path, help="the transcript: every exit of the guest, a line each")
    group.add_argument("--trace-events", metavar="L", type=events,
                       help="only those of these kinds, as vmgexit,npf; docs/architecture.md lists them")
    group.add_argument("--json", metavar="FILE", type=Path, help="the results, as JSON lines")
    group.add_argument("--profile", metavar="FILE", nargs="?", const=None, type=profile, action="append",
                       help="where the exits went: by kind, guest function and boot phase, in the words of perf kvm stat; "
                       "with a flame graph to FILE.html, as numbers to FILE.json, else at the end of the run: --profile[=FILE]")
    group.add_argument("--page-states", metavar="F.html", type=html,
                       help="a picture of guest memory over time: private, shared, pending, and what was converted how often")
    group.add_argument("--symbols", metavar="F", type=Path,
                       help="for both, names of the guest's functions: an ELF file, a System.map, or a copy of /proc/kallsyms "
                       "(default: what is in the guest's image)")
    group.add_argument("--icount", action="store_true", help="count instructions instead of time: the same in every run")
    group.add_argument("--record", metavar="F", type=Path,
                       help="what comes to the machine from outside, by QEMU's record/replay; with --icount, and one processor")
    group.add_argument("--replay", metavar="F", type=Path,
                       help="the recorded run once more, instruction by instruction, by the same options; --gdb looks into it")
    group.add_argument("--quiet", action="store_true", help="the guest's console and nothing else")
    group.add_argument("--gdb", action="store_true", help="stop before the first instruction and wait for gdb")
    group.add_argument("--break", dest="breaks", metavar="W", type=where, action="append",
                       help="--gdb, and stop there: at a violation, by name or any (violation), or at an event of the "
                       "transcript whose line has these words: vmgexit:code=0x80000010,entries=2")
    group.add_argument("--lie", dest="lies", metavar="L", type=lie, action="append",
                       help="the host answers otherwise than is true, as ghcb-info2/ap-jump-table@0=0xa0000: docs/hostile-host.md; "
                       "SEV-ES, SNP, TDX; up to eight of them")
    group.add_argument("--dry-run", action="store_true", help="print the plan and QEMU's command; install, build and run nothing")
    group.add_argument("--timeout", metavar="S", type=number(1, 999999, "number of seconds"),
                       help="give up after S seconds (default 60; nested, or with --kernel, --firmware or --boot efi 120; on the SNP host 240; "
                       "with --gdb or --break never)")
    group.add_argument("-h", "--help", action="store_true", help="this")


def add_for_tests(parser: Parser) -> None:
    """Boot what is built already; another guest image than build/postern.elf."""
    parser.add_argument("--no-build", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--guest", type=Path, help=argparse.SUPPRESS)


def split(parser: Parser, words: list[str]) -> tuple[list[str], list[str]]:
    """Options, each in one word with its value, which may begin with a dash; and the workload."""
    own: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            return own, list(rest)
        if parser.takes_value(word):
            value = next(rest, None)
            if value is None or value == "" and word != "--append":
                raise Refused(f"{word} needs a value")
            word = f"{word}={value}"
        own.append(word)
    return own, []


def refuse_unknown(words: list[str]) -> None:
    for word in words:
        if word.startswith("-"):
            raise Refused(f"unknown option {word.partition('=')[0]}; see ./run-qemu.sh --help")
        raise Refused(f"unexpected argument '{word}'; a workload comes after --")


def split_qemu(given: list[tuple[str, list[str]]]) -> dict[str, Any]:
    names = [name for name, _ in given if name]
    return {"qemu": names[-1] if names else None, "qemu_words": [word for _, words in given for word in words]}


def parse(words: list[str]) -> Options | None:
    """None when help was asked for and given."""
    parser = make_parser()
    own, workload = split(parser, words)
    given, unknown = parser.parse_known_args(own)
    refuse_unknown(unknown)
    if given.help:
        parser.print_help()
        return None
    values: dict[str, Any] = {name: value for name, value in vars(given).items() if name != "help" and value not in (None, False)}
    values |= split_qemu(values.get("qemu", []))
    return Options(**values, workload=workload)
