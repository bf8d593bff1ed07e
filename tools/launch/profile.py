# SPDX-License-Identifier: Apache-2.0
"""Where a run's exits went: the transcript's `exit` and `page` lines, added up.

The words are those of `perf kvm stat`: an exit is a sample, and its time is what the monitor took for it, HLT's the
wait. Time is in cycles of the machine's TSC, or in instructions under --icount.
"""
from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterable, Iterator

from guest_symbols import Symbols
from linux_image import KERNEL_HALF

# APM2 appendix C; GHCB's own from its table 7. A GHCB's code is the exit that it stands for.
EXITS = {
    0x52: "excp-de", 0x60: "interrupt", 0x61: "nmi", 0x64: "vintr", 0x65: "cr0-write", 0x6e: "rdtsc", 0x6f: "rdpmc",
    0x72: "cpuid", 0x74: "iret", 0x76: "invd", 0x77: "pause", 0x78: "hlt", 0x7b: "io", 0x7c: "msr", 0x7f: "shutdown",
    0x81: "vmmcall", 0x87: "rdtscp", 0x89: "wbinvd", 0x8a: "monitor", 0x8b: "mwait", 0x8d: "xsetbv", 0x400: "npf",
    0x80000001: "mmio-read", 0x80000002: "mmio-write", 0x80000003: "nmi-complete", 0x80000004: "ap-hlt-loop",
    0x80000005: "ap-jump-table", 0x80000010: "psc", 0x80000011: "guest-request", 0x80000012: "ext-guest-request",
    0x80000013: "ap-creation", 0x80000014: "hv-doorbell", 0x80000017: "apic-id-list", 0x8000fffd: "hv-features",
    0x8000fffe: "unsupported",
}
GHCB_MSRS = {0x002: "sev-info", 0x004: "cpuid", 0x006: "ap-reset-hold", 0x010: "preferred-gpa", 0x012: "register-gpa",
             0x014: "psc", 0x080: "hv-features", 0x100: "terminate"}
TDCALLS = {1: "vp-info", 2: "mr-rtmr-extend", 3: "vp-veinfo-get", 4: "mr-report", 5: "vp-cpuidve-set", 6: "mem-page-accept",
           7: "vm-rd", 8: "vm-wr", 22: "mr-verifyreport", 23: "mem-page-attr-rd", 24: "mem-page-attr-wr"}
TDVMCALLS = {10: "cpuid", 12: "hlt", 30: "io", 31: "rdmsr", 32: "wrmsr", 48: "mmio", 65: "pconfig", 0x10000: "get-td-info",
             0x10001: "map-gpa", 0x10002: "get-quote", 0x10003: "report-fatal", 0x10004: "setup-notify", 0x10005: "service"}
EXITS_MAX = 500000  # some hundred MiB; a boot of Linux has some ten thousand
NAMES = {"vmgexit": EXITS, "ghcb-msr": GHCB_MSRS, "tdcall": TDCALLS, "tdvmcall": TDVMCALLS}


@dataclass(slots=True)
class Exit:
    kind: str
    rip: int
    user: bool
    tsc: int
    ticks: int
    cause: int | None
    stack: str
    frames: str
    lstar: int
    shared: int = 0  # pages
    private: int = 0
    accepted: int = 0


@dataclass(slots=True)
class Page:
    """A line of the transcript's: a range that became something else."""
    gpa: int
    size: int
    before: str
    after: str
    tsc: int
    rip: int
    cpu: str
    by: Exit | None = None

    @property
    def launch(self) -> bool:
        return self.rip == 0

    @property
    def count(self) -> int:
        return self.size >> 12

    @property
    def what(self) -> str:
        """As one speaks of it: a page is converted by the host, and accepted by the guest."""
        if self.launch:
            return "launch"
        if self.after == "shared":
            return "shared"
        if self.before == "shared":
            return "private"
        return {("pending", "private"): "accepted", ("private", "pending"): "rescinded"}.get((self.before, self.after), "changed")


def exit_name(code: int) -> str:
    if code < 0x40:
        return f"{'dr' if code & 0x20 else 'cr'}{code & 15}-{'write' if code & 0x10 else 'read'}"
    if 0x40 <= code < 0x60:
        return "ud" if code == 0x46 else f"excp-{code - 0x40}"
    return EXITS.get(code, f"{code:#x}")


def kind_of(values: dict[str, str]) -> str:
    if "asked" not in values:
        return exit_name(int(values["code"], 0))
    event, _, code = values["asked"].partition(":")
    if event == "vmgexit" and 0x40 <= int(code, 0) < 0x60:
        return f"vmgexit:{exit_name(int(code, 0))}"
    return f"{event}:{NAMES[event].get(int(code, 0), code)}" if event in NAMES else event


def lines(text: Iterable[str]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """(processor, event, values). Where a run was cut off, the last line is a part of one."""
    for line in text:
        words = line.split()
        if len(words) > 2 and words[1].startswith("cpu") and line.endswith("\n"):
            yield words[1], words[2], dict(word.split("=", 1) for word in words[3:] if "=" in word)


@dataclass
class Run:
    """What is in a transcript."""
    exits: list[Exit] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    violation: dict[str, str] | None = None
    left_out: int = 0  # exits, behind the first EXITS_MAX


def page_of(cpu: str, values: dict[str, str]) -> Page:
    return Page(int(values["gpa"], 0), int(values["size"], 0), values["from"], values["to"], int(values["tsc"], 0),
                int(values["rip"], 0), cpu)


def exit_of(values: dict[str, str]) -> Exit:
    return Exit(kind_of(values), int(values["rip"], 0), values["cpl"] == "0x3" or values["cpl"] == "3", int(values["tsc"], 0),
                int(values["ticks"], 0), int(values["cause"], 0) if "cause" in values else None, values.get("stack", ""),
                values.get("frames", ""), int(values.get("lstar", "0"), 0))


def read(text: Iterable[str]) -> Run:
    """Pages change in the exit whose line comes next on their processor."""
    run = Run()
    waiting: dict[str, list[Page]] = {}
    same: dict[str, str] = {}  # a stack comes often
    for cpu, event, values in lines(text):
        if len(run.exits) >= EXITS_MAX and event != "violation":
            run.left_out += event == "exit"
        elif event == "page":
            run.pages.append(page_of(cpu, values))
            waiting.setdefault(cpu, []).append(run.pages[-1])
        elif event == "exit":
            run.exits.append(exit_of(values))
            run.exits[-1].stack = same.setdefault(run.exits[-1].stack, run.exits[-1].stack)
            for page in waiting.pop(cpu, []):
                page.by = run.exits[-1]
                count(run.exits[-1], page)
        elif event == "violation":
            run.violation = values
    return run


def count(of: Exit, page: Page) -> None:
    if page.what == "shared":
        of.shared += page.count
    elif page.what == "private":
        of.private += page.count
    elif page.what == "accepted":
        of.accepted += page.count


# ---- phases

def phases_of_steps(steps: list[tuple[str, int]], exits: list[Exit]) -> list[str]:
    """Of our guest, which tells when a step is done: what comes before it is the way to it."""
    found, at = [], 0
    for e in exits:
        while at < len(steps) and e.tsc >= steps[at][1]:
            at += 1
        found.append(f"to {steps[at][0]}" if at < len(steps) else "workload")
    return found


LINUX_PHASES = ("decompressor, early code at physical addresses", "early kernel, until system calls have their entry",
                "kernel initialisation, until the first user instruction", "user space")


def phases_of_linux(exits: list[Exit]) -> list[str]:
    found, at = [], 0
    for e in exits:
        if e.rip >= KERNEL_HALF:
            at = max(at, 2 if e.lstar else 1)
        if e.user:
            at = 3
        found.append(LINUX_PHASES[at])
    return found


# ---- sums

@dataclass
class Sum:
    samples: int = 0
    time: int = 0
    least: int = 0
    most: int = 0
    shared: int = 0
    private: int = 0
    accepted: int = 0

    def add(self, e: Exit) -> None:
        self.least = min(self.least, e.ticks) if self.samples else e.ticks
        self.most = max(self.most, e.ticks)
        self.samples += 1
        self.time += e.ticks
        self.shared += e.shared
        self.private += e.private
        self.accepted += e.accepted

    def row(self, name: str, value: str, total: Sum) -> dict[str, Any]:
        return {name: value, "samples": self.samples, "samples_percent": percent(self.samples, total.samples),
                "time": self.time, "time_percent": percent(self.time, total.time), "min": self.least, "max": self.most,
                "avg": round(self.time / self.samples, 2) if self.samples else 0, "pages_shared": self.shared,
                "pages_private": self.private, "pages_accepted": self.accepted}


def percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0


def add_up(name: str, keyed: Iterable[tuple[str, Exit]], total: Sum, in_order: bool = False) -> list[dict[str, Any]]:
    sums: dict[str, Sum] = {}
    for key, e in keyed:
        sums.setdefault(key, Sum()).add(e)
    ordered = sums.items() if in_order else sorted(sums.items(), key=lambda item: (-item[1].time, item[0]))
    return [found.row(name, key, total) for key, found in ordered]


def stack_of(e: Exit, symbols: Symbols) -> list[str]:
    """Functions, the outermost first; what a #VC or #VE was for comes before its handler."""
    if e.user:
        return ["[user]"]
    stack = symbols.stack(e.rip, e.stack, e.frames)
    if symbols.is_linux or e.cause is None or any(is_handler(name) for name in stack):
        return stack
    return [symbols.function(e.cause), *stack]


def is_handler(name: str) -> bool:
    """Of #VC or #VE: where Linux's, or ours, are entered."""
    return name in ("asm_exc_vmm_communication", "asm_exc_virtualization_exception", "vc_no_ghcb", "vc_boot_ghcb")


def function_of(stack: list[str], e: Exit, symbols: Symbols) -> str:
    """Whose instruction it was: of a handler's exit the one that #VC or #VE was for."""
    for number, name in enumerate(stack[1:], 1):
        if is_handler(name):
            return stack[number - 1]
    return stack[-1] if symbols.is_linux or e.cause is None else symbols.function(e.cause)


def summarise(run: Run, symbols: Symbols, steps: list[tuple[str, int]], unit: str) -> dict[str, Any]:
    symbols.moved(max((e.lstar for e in run.exits), default=0))
    total = Sum()
    for e in run.exits:
        total.add(e)
    phases = phases_of_steps(steps, run.exits) if steps else phases_of_linux(run.exits) if symbols.is_linux else ["all"] * total.samples
    found = [stack_of(e, symbols) for e in run.exits]
    functions = (function_of(stack, e, symbols) for stack, e in zip(found, run.exits))
    stacks: dict[tuple[str, ...], Sum] = {}
    for stack, e in zip(found, run.exits):
        stacks.setdefault((*stack, e.kind), Sum()).add(e)
    return {
        "unit": unit, "total": total.row("exit", "total", total), "exits_left_out": run.left_out,
        "exits": add_up("exit", ((e.kind, e) for e in run.exits), total),
        "functions": add_up("function", zip(functions, run.exits), total),
        "phases": add_up("phase", zip(phases, run.exits), total, True),
        "stacks": [{"stack": list(stack), "samples": of.samples, "time": of.time} for stack, of in sorted(stacks.items())],
    }


def step_of(line: str) -> tuple[str, int] | None:
    """A line may be anything: whatever guest runs has written it."""
    try:
        found = json.loads(line)
        return (str(found["name"]), int(found["tsc"])) if found["kind"] == "step" else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def steps_of(path: Path) -> list[tuple[str, int]]:
    """Of our guest's results."""
    found = map(step_of, path.read_text(encoding="utf-8", errors="replace").splitlines())
    return sorted((step for step in found if step), key=lambda step: step[1])


# ---- for a terminal

def table(title: str, name: str, rows: list[dict[str, Any]], unit: str, limit: int = 20) -> Iterator[str]:
    shown = rows[:limit]
    width = max([len(title), *(len(row[name]) for row in shown)])
    yield f"{title:>{width}} {'Samples':>9} {'Samples%':>9} {'Time%':>8} {'Min Time':>12} {'Max Time':>12} {'Avg time':>14}  ({unit})"
    for row in shown:
        yield (f"{row[name]:>{width}} {row['samples']:>9} {row['samples_percent']:>8.2f}% {row['time_percent']:>7.2f}% "
               f"{row['min']:>12} {row['max']:>12} {row['avg']:>14.2f}")
    if len(rows) > limit:
        yield f"{'... and':>{width}} {len(rows) - limit:>9} more"


def left_out(found: dict[str, Any]) -> list[str]:
    more = found["exits_left_out"]
    return [f"These are the first {EXITS_MAX:,} exits; {more:,} more are left out."] if more else []


def text(found: dict[str, Any]) -> str:
    total, unit = found["total"], found["unit"]
    return "\n".join([
        *table("VM-EXIT", "exit", found["exits"], unit), "",
        *table("Guest function", "function", found["functions"], unit), "",
        *table("Boot phase", "phase", found["phases"], unit), "",
        *left_out(found),
        f"Total Samples:{total['samples']}, Total events handled time:{total['time']} {unit}. Pages converted: "
        f"{total['pages_shared']} to shared, {total['pages_private']} to private; accepted: {total['pages_accepted']}."])
