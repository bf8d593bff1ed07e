# SPDX-License-Identifier: Apache-2.0
"""How a run under a host that lies ended, against one without a lie."""
from __future__ import annotations

import re
from dataclasses import dataclass

from served import Run

SUCCESS, FAILED, CANNOT_RUN, TERMINATED, VIOLATION, PANIC = range(0x10, 0x16)  # abi/exit_code.h
STATUS = {SUCCESS: 0, FAILED: 1, CANNOT_RUN: 2, TERMINATED: 3, VIOLATION: 4, PANIC: 5}

# From the best to the worst; what comes behind MAY is not for a host to bring about.
CLASSES = {
    "unreached": "the lie was not told",
    "right": "the work was done, and every line is that of the run without a lie",
    "different": "the work was done, and the kernel's lines differ",
    "refused": "the guest ended by protocol with its reason, or with a sentence",
    "denied": "the host took a page away, and the machine ended the guest there",
    "excepted": "the guest panicked over an exception that the host injected, which no guest can tell from its own",
    "violation": "the guest used memory against the rules, by what it was told",
    "panic": "the guest panicked or crashed",
    "hang": "the guest went on without an end",
    "wrong": "the workload said success, with another result",
    "leak": "what is private was shown to the host",
}
MAY = ("unreached", "right", "different", "refused", "denied", "excepted")
SECRET = 0x5EC2E7D1A7E55EC3  # monitor/host/leak.h
TERM_PANIC = 0xA  # abi/termination.h
REGISTERS = re.compile(r"^postern: +(r(ax|si|8|12|ip)|cr0) ", re.M)
EXCEPTION = re.compile(r" lie point=(event/request \S+ \S+ said=0x1?[0-9a-f]\b|vc/)")
# Numbers that differ from run to run, and say nothing of the work: times, how much was done in a time, rows of bench.
TIMES = re.compile(r" *[0-9.]+ +(?=(ticks|[num]?s|cycles|exits|conversions|TLB shootdowns)\b)"
                   r"|(?<= raw)( +\d+)+$|(?<= unpatched)( +\d+)+$|(?<= patched)( +\d+)+$|(?<= exception)( +\d+)+$", re.M)
OWN_LINES = ("postern: ", "monitor: ")
# A workload checks its own work, and all that it prints is its result, but for what it only repeats of the host's:
HOSTS_WORD = re.compile("|".join((
    r" \(emulated( by postern-monitor)?\)",               # CPUID's leaf of this monitor
    r"(?<=^  )(processor|hypervisor|loader) .*",           # names in CPUID; who started the guest
    r"(?<=, )TSC at [0-9.]+ MHz",                          # time
    r"(?<=^attest: )(certificate .*|the host gives no certificates|the quote has no certificates.*)",
    r"^-----(BEGIN|END) .*|^[0-9A-Za-z+/=]{1,64}$",        # ... and what they hold, which a verifier judges
    r"(?<=^smp: processor )\d+:# conversions of \d+ pages",  # how many there are, and when
    r"(?<=^smp: )\d+ processors",
    r"^[a-z0-9-]+ +(raw|unpatched|patched|exception)# *$",  # what is measured of what is there
)))


@dataclass(frozen=True)
class Verdict:
    name: str
    detail: str


def lines(console: str) -> tuple[list[str], list[str]]:
    """The workload's, and the kernel's."""
    console = TIMES.sub("# ", console)
    every = [line.rstrip() for line in console.splitlines() if line.strip()]
    return ([line for line in every if not line.startswith(OWN_LINES)],
            [line for line in every if line.startswith("postern: ")])


def result(run: Run) -> list[str]:
    """What the workload says of itself; steps have their times, which the wait for the lies moves."""
    return [line for line in run.results.splitlines() if '"kind":"workload"' in line]


def last_line(console: str, prefix: str) -> str:
    said = [line for line in console.splitlines() if line.startswith(prefix)]
    return said[-1].removeprefix(prefix) if said else ""


def is_panic(run: Run) -> bool:
    if run.code == PANIC:
        return True
    match = re.search(r"reason set 0x1 code (0x[0-9a-f]+)|fatal error code (0x[0-9a-f]+)", run.console)
    if match is None:
        return False
    return (int(match[1], 16) if match[1] else int(match[2], 16) >> 32) == TERM_PANIC


def own_words(line: str) -> str:
    """@line without what is the host's word in it."""
    return HOSTS_WORD.sub("", line).rstrip()


def of_success(run: Run, honest: Run) -> Verdict:
    """Of what the host let through: it may keep lines, or a line's end, to itself. An event's line may cut another in two."""
    work, kernel = lines(run.console)
    honest_work, honest_kernel = lines(honest.console)
    names = {line.split()[0] for line in honest_work}
    whole = [own_words(line) for line in honest_work]
    other = [line for line in work if line.split()[0] in names and OWN_LINES[0] not in line
             and not any(own.startswith(own_words(line)) for own in whole)]
    if other or (run.results and result(run) != result(honest)):
        return Verdict("wrong", "; ".join(other) or "another result")
    said = [line for line in [*kernel, *work] if line not in [*honest_kernel, *honest_work]]
    if said or (kernel, work) != (honest_kernel, honest_work):
        return Verdict("different", "; ".join(said) or "lines are missing")
    return Verdict("right", "")


def of_code(run: Run, honest: Run) -> Verdict:
    said = last_line(run.console, "monitor: ") or last_line(run.console, "postern: ")
    if run.code == SUCCESS:
        return of_success(run, honest)
    if run.code == VIOLATION:
        return Verdict("denied" if "violation host-denied" in run.console else "violation", said)
    if is_panic(run):
        over = bool(EXCEPTION.search(run.transcript))
        return Verdict("excepted" if over else "panic", last_line(run.console, "postern: panic") or said)
    if run.code == TERMINATED:
        return Verdict("refused", said)
    sentence = last_line(run.console, "postern: ")
    return Verdict("refused" if sentence else "wrong", sentence or f"status {STATUS.get(run.code or 0)} without a sentence")


def judge(run: Run, honest: Run) -> Verdict:
    if REGISTERS.search(run.console):
        return Verdict("leak", "registers on the console")
    if f"{SECRET:x}" in run.console or f"{SECRET:X}" in run.console:
        return Verdict("leak", "the secret word on the console")
    if "campaign: leak" in run.console:
        return Verdict("leak", last_line(run.console, "monitor: campaign: leak: "))
    if " lie point=" not in run.transcript:
        return Verdict("unreached", "")
    if "campaign: hang" in run.console:
        return Verdict("hang", last_line(run.console, "monitor: campaign: hang: "))
    if run.code is None:
        return Verdict("hang" if run.reason.startswith("hang") else "panic", run.reason)
    return of_code(run, honest)
