# SPDX-License-Identifier: Apache-2.0
"""How a run ended: from QEMU's exit status and its last words to the contract's exit status."""
from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

# QEMU leaves with (code << 1) | 1 of abi/exit_code.h; any other status is a crash, its own 0 too.
CODES = {33: 0, 35: 1, 37: 2, 39: 3, 41: 4, 43: 5, 124: 124}
SUCCESS, FAILED, CANNOT_RUN, TERMINATED, VIOLATION, CRASHED, TIMEOUT = 0, 1, 2, 3, 4, 5, 124

REGISTERS = re.compile(r"^[ER]AX=", re.M)
KVM_FAILED = re.compile(r"^(error: kvm run failed|KVM internal error|KVM: entry failed)", re.M)
NOISE = re.compile(r"warning: TCG doesn't support requested feature|terminating on signal")


def complaint(stderr: str) -> bool:
    """QEMU says why it did not start."""
    return any(re.match(r"qemu[^ ]*: ", line) for line in stderr.splitlines() if ": warning:" not in line)


def of_hardware(status: int, stderr: str) -> int:
    """What QEMU's status would be where it told. A guest that ended itself by protocol is a panic to newer ones (a
    TD, with 11 an SEV-ES guest too), and a reason to stop that older ones do not know. That KVM failed is said in
    words."""
    if status == 1 and not complaint(stderr):
        return 39
    if not REGISTERS.search(stderr):
        return status
    return 43 if KVM_FAILED.search(stderr) else 39


def watch(child: subprocess.Popen[bytes], stderr: Path) -> None:
    """Ends a QEMU that stopped its guest, as it does when KVM gives a processor up, and waits, which nobody else
    does for it. The registers are printed then, and a last word may follow."""
    while child.poll() is None:
        if REGISTERS.search(stderr.read_text(errors="replace")):
            try:
                child.wait(0.5)
            except subprocess.TimeoutExpired:
                child.terminate()
            return
        time.sleep(0.2)


def of_qemu(status: int, stderr: str) -> int:
    if status == 1 and complaint(stderr):
        return CANNOT_RUN
    return CODES.get(status, CRASHED)


def of_vmm(status: int) -> int:
    return status if status <= CRASHED or status == TIMEOUT else CRASHED


def sentence(status: int, qemu: int | None, timeout: int | None) -> str:
    """`qemu` is QEMU's own status, None where postern-vmm told ours."""
    reset = "the machine was reset or shut down without a verdict (by a panic, or a triple fault?)"
    what = {
        FAILED: "the workload failed",
        CANNOT_RUN: "it cannot run here" if qemu in (None, 37) else "QEMU did not start",
        TERMINATED: "the guest terminated itself by protocol",
        VIOLATION: "the monitor named a violation",
        CRASHED: "crash, panic or reset" if qemu in (None, 43) else reset if qemu == 0 else f"QEMU ended with status {qemu}",
        TIMEOUT: f"no end after {timeout} seconds",
    }[status]
    return f"exit status {status}: {what}"
