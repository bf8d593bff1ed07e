# SPDX-License-Identifier: Apache-2.0
"""Carries a plan out: what is missing is installed, what is stale is built, then QEMU runs, and nothing of it is
left behind, whatever ends us."""
from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Callable

import command
import devices
import ending
import outputs
import recording
import seen
from command import join
from gdb_session import Session
from options import Options, Refused
from plan import BUILD, ROOT, Plan, fetched_qemu

KILL_AFTER = 5  # seconds, behind a polite request


class Stopped(Exception):
    """By a signal."""

    def __init__(self, number: int):
        super().__init__(number)
        self.status = 128 + number


def stop_by_signals() -> None:
    def stop(number: int, _: FrameType | None) -> None:
        for other in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
            signal.signal(other, signal.SIG_IGN)
        raise Stopped(number if number == signal.SIGINT else signal.SIGTERM)
    for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
        signal.signal(number, stop)


def grey(options: Options, text: str) -> None:
    if options.quiet:
        return
    print(f"\033[90m{text}\033[0m" if sys.stderr.isatty() else text, file=sys.stderr, flush=True)


# ---- what has to be there

def end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(KILL_AFTER)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def descendants(pid: int) -> list[int]:
    """The processes below one, the nearest first."""
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return children + [below for child in children for below in descendants(child)]


def call(*words: str | Path) -> int:
    """A program of ours. What it started ends with us, too: a script that dies leaves a compiler running."""
    child = subprocess.Popen(words)
    try:
        return child.wait()
    except Stopped:
        for pid in descendants(child.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        end(child)
        raise


def set_up(words: list[str]) -> None:
    status = call(ROOT / "tools/setup.sh", *words)
    if status != 0:
        raise SystemExit(status)


def build(targets: list[str]) -> None:
    if call(ROOT / "tools/build.sh", *targets) != 0:
        raise SystemExit(ending.CANNOT_RUN)


def prepare(plan: Plan) -> None:
    if not plan.options.no_build:
        set_up(plan.setup)
        build(plan.targets)
        if plan.boot.startswith("grub-") and not plan.options.guest:
            build(["iso"])
    images = [plan.guest, BUILD / "postern-vmm"] if plan.by_vmm else [plan.options.kernel or plan.guest, command.MONITOR]
    for image in images:
        if not image.is_file():
            raise Refused(f"{image} is not there: run without --no-build")


def check_qemu(plan: Plan) -> None:
    """A program of that name that is no QEMU would end in a riddle. The machine's own one may not be installed yet."""
    if "POSTERN_QEMU" not in os.environ or plan.by_vmm:
        return
    try:
        said = subprocess.run([plan.qemu, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Refused(f"QEMU cannot be run: {plan.qemu}: {error.strerror}") from None
    if not said.stdout.startswith("QEMU emulator version"):
        raise Refused(f"{plan.qemu} is no QEMU: it does not tell its version")


# ---- inputs and outputs

def check_inputs(options: Options) -> list[Path]:
    given = {f"--{name}": getattr(options, name) for name in ("firmware", "kernel", "initrd", "guest", "symbols", "replay")}
    files = [(option, path) for option, path in given.items() if path is not None]
    files += [("--test-root", path) for path in options.test_root_files.values()]
    for option, path in files:
        if not path.is_file() or not os.access(path, os.R_OK):
            raise Refused(f"{option} {path}: no such file that can be read")
        if path.stat().st_size == 0:
            raise Refused(f"{option} {path}: cannot start the guest: the file is empty")
    return [path for _, path in files] + check_devices(options)


def check_devices(options: Options) -> list[Path]:
    """The disks that are only read."""
    for disk in options.disks:
        check_device(f"--disk {disk.path}", devices.check_disk, disk)
    for share in options.shares:
        check_device(f"--share {share.path}", devices.check_share, share)
    if options.vsock and not options.dry_run:
        check_device("--vsock", devices.check_vsock)
    if options.serial and not options.dry_run:
        check_device(f"--serial {options.serial}", devices.check_serial, options.serial)
    return [disk.path for disk in options.disks if disk.readonly]


def check_device(name: str, check: Callable[..., None], *device: object) -> None:
    try:
        check(*device)
    except devices.Unusable as reason:
        raise Refused(f"{name}: {reason}") from None


def written(options: Options) -> list[tuple[str, Path]]:
    given = [("--trace", options.trace), ("--json", options.json), ("--record", options.record)]
    given += [("--profile", path) for path in options.profiles] + [("--page-states", options.page_states)]
    given += [("--disk", disk.path) for disk in options.disks if not disk.readonly]
    return [(option, path) for option, path in given if path is not None]


def check_outputs(options: Options, inputs: list[Path]) -> None:
    built = [BUILD / name for name in ("postern.elf", "postern.fd", "postern.iso", "postern-monitor.elf", "postern-vmm")]
    outputs.check(written(options), [*inputs, *built])


def is_total(line: bytes) -> bool:
    return line.startswith(b"# total ")


def is_end(line: bytes) -> bool:
    """Of a workload; what KVM counted comes behind it."""
    try:
        return bool(json.loads(line)["kind"] in ("workload", "kvm"))
    except (ValueError, KeyError, TypeError):
        return False


def open_outputs(plan: Plan, work: Path) -> dict[str, outputs.Output]:
    options, files = plan.options, {}
    if options.trace:
        files["trace"] = outputs.Output("--trace", options.trace, is_total, copy=work / "seen" if options.is_watched else None)
    elif options.is_watched:
        files["trace"] = outputs.Output("the transcript", work / "seen", is_total)
    if options.json or options.tells_steps:
        first = {"kind": "run", "platform": options.platform, "mode": plan.mode, "boot": plan.boot, "smp": options.smp,
                 "mem_mib": plan.mem}
        line = json.dumps(first, separators=(",", ":")) + "\n"
        copy = work / "steps" if options.json and options.tells_steps else None
        files["json"] = outputs.Output("--json", options.json or work / "steps", is_end if options.json else lambda _: True,
                                       line.encode(), copy)
    return files


# ---- the run

def describe(plan: Plan, session: Session | None) -> None:
    options = plan.options
    how = {"native": "on QEMU as it is", "emulate": "under postern-monitor", "hardware": "on this machine's own",
           "nested": "on stock KVM inside of QEMU's emulation"}[plan.mode]
    if plan.mode == "nested" and options.platform != "kvm":
        how = "on stock KVM, on an SNP host that postern-monitor plays"
    if plan.mode == "nested" and options.vm_type == "protected":
        how = "on stock KVM, rebuilt with protected VMs, inside of QEMU's emulation"
    other = options.other_firmware or options.kernel
    what = other.name if other else options.workload[0] if options.workload else "the demo"
    grey(options, f"run-qemu: {what}, platform {options.platform}, {how} ({plan.mode}: {plan.why}), {plan.boot} boot, "
         f"{options.smp} processor(s), {plan.mem} MiB, {plan.accel}")
    if session:
        print(f"run-qemu: waiting for gdb: gdb {session.words()}", file=sys.stderr, flush=True)


def wait(child: subprocess.Popen[bytes], timeout: int | None) -> int:
    """Its status; 124 when it had to be ended."""
    try:
        status = child.wait(timeout)
    except subprocess.TimeoutExpired:
        end(child)
        return ending.TIMEOUT
    except Stopped:
        end(child)
        raise
    return status if status >= 0 else 128 - status


def start(plan: Plan, files: dict[str, outputs.Output], stderr: int | None) -> subprocess.Popen[bytes]:
    try:
        child = subprocess.Popen(plan.command, stderr=stderr, pass_fds=[file.writer for file in files.values()])
    except OSError as error:
        raise Refused(f"{plan.command[0]} cannot be run: {error.strerror}") from None
    return child


def run_qemu(plan: Plan, work: Path, files: dict[str, outputs.Output], session: Session | None) -> int:
    log = work / "stderr"
    with open(log, "wb") as stderr:
        child = start(plan, files, stderr.fileno())
    for file in files.values():
        file.handed_over()
    if session:
        session.start(lambda: child.poll() is None)
    if plan.mode == "hardware":
        threading.Thread(target=ending.watch, args=(child, log), daemon=True).start()
    try:
        status = wait(child, plan.timeout)
    finally:
        text = log.read_text(errors="replace")
        sys.stderr.write("".join(line for line in text.splitlines(True) if not ending.NOISE.search(line)))
        sys.stderr.flush()
    if plan.mode == "hardware":
        status = ending.of_hardware(status, text)
    status = recording.qemu_status(plan, status)
    ours = ending.of_qemu(status, text)
    if ours:
        grey(plan.options, "run-qemu: " + ending.sentence(ours, status, plan.timeout))
    if ours == ending.VIOLATION and plan.options.firmware:
        grey(plan.options, "run-qemu: what hardware and KVM would not mind can go on: --monitor-option lenient=touch, for "
             "Debian 12's OVMF.fd as an SNP guest; docs/limits.md has the other words")
    return ours


def run_vmm(plan: Plan, work: Path, files: dict[str, outputs.Output]) -> int:
    child = start(plan, files, None)
    try:
        status = wait(child, None)  # it has a limit of its own
    finally:
        for name, file in files.items():
            file.take(work / "out" / name)
            file.handed_over()
    ours = ending.of_vmm(status)
    if ours:
        grey(plan.options, "run-qemu: " + ending.sentence(ours, None, plan.timeout))
    return ours


def print_plan(plan: Plan, inputs: list[Path]) -> None:
    """The command, which a shell reads back, and beside it what else there is to know."""
    options = plan.options
    grey(options, f"run-qemu: mode {plan.mode}: {plan.why}")
    for path in inputs:
        grey(options, f"run-qemu: reads {path}")
    for _, output in written(options):
        grey(options, f"run-qemu: writes {output}")
    if not options.no_build:
        grey(options, f"run-qemu: before it: {join('tools/setup.sh', *plan.setup)}; tools/build.sh {' '.join(plan.targets)}")
    grey(options, f"run-qemu: gives up after {plan.timeout} seconds" if plan.timeout else "run-qemu: has no time limit")
    plain = re.compile(r"[A-Za-z0-9_./:=,+@-]+")
    print(" ".join(word if plain.fullmatch(word) else shlex.quote(word) for word in plan.command))


def run(plan: Plan, work: Path, inputs: list[Path]) -> int:
    """The exit status, of a run or of a dry one."""
    options = plan.options
    session = Session(plan, work) if options.is_debugged else None
    gdb_port = session.qemu_port if session else 0
    names = {"trace": str(options.trace or (work / "seen" if options.is_watched else "/dev/null")), "json": str(options.json or "")}
    if options.tells_steps and not options.json:
        names["json"] = str(work / "steps")
    if options.dry_run:
        fill_command(plan, work, names, gdb_port)
        print_plan(plan, inputs)
        return ending.SUCCESS
    if not fetched_qemu(options):
        check_qemu(plan)
    prepare(plan)
    if fetched_qemu(options):
        check_qemu(plan)
    if options.symbols:
        seen.symbols(plan)  # a file that is of no use is known before the run
    recording.open_replay(plan, work)
    files = open_outputs(plan, work)
    fill_command(plan, work, {**names, **{name: file.path for name, file in files.items()}}, gdb_port)
    describe(plan, session)
    status = run_vmm(plan, work, files) if plan.by_vmm else run_qemu(plan, work, files, session)
    return close_outputs(plan, work, files, status)


def fill_command(plan: Plan, work: Path, names: dict[str, str], gdb_port: int) -> None:
    if plan.by_vmm:
        plan.command = command.vmm_command(plan, work, names["trace"], names["json"])
    else:
        plan.command = command.qemu_command(plan, work, names["trace"], names["json"], gdb_port)


def close_outputs(plan: Plan, work: Path, files: dict[str, outputs.Output], status: int) -> int:
    """A success whose output is lost is none. Of a run that failed, what is there is kept, and told is what could not be
    written at all: that the guest's own words are cut off is no news there."""
    lost = [sentence for file in files.values() if (sentence := file.finish(status != ending.CANNOT_RUN))]
    made: list[str] = []
    if status != ending.CANNOT_RUN and (sentence := recording.keep(plan, work, status)):
        made.append(sentence)
    if plan.options.is_watched and status != ending.CANNOT_RUN:
        made += seen.show(plan, work / "seen", work / "steps")
    prefix = f"run-qemu: exit status {ending.CANNOT_RUN}:" if status == ending.SUCCESS else "run-qemu: lost:"
    for sentence in lost + made if status == ending.SUCCESS else made:
        print(f"{prefix} {sentence}", file=sys.stderr)
    return ending.CANNOT_RUN if lost + made and status == ending.SUCCESS else status
