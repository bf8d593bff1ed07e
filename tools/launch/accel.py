# SPDX-License-Identifier: Apache-2.0
"""How TCG plays several processors: each by a thread of its own, or all by one."""
from __future__ import annotations

import os
from pathlib import Path

QUOTA = Path("/sys/fs/cgroup/cpu.max")  # a container's own; Linux Documentation/admin-guide/cgroup-v2.rst


def host_processors() -> int:
    """Those that this process may use, or a container's share of their time: whole ones."""
    allowed = len(os.sched_getaffinity(0))
    try:
        quota, period = map(int, QUOTA.read_text().split())
        return min(allowed, max(quota // period, 1))
    except (OSError, ValueError, ZeroDivisionError):
        return allowed


def tcg(smp: int, has_firmware: bool, restores_x87: bool) -> str:
    """More processors than the host has are played by one thread: there one that waits for another gives way to it by
    PAUSE, and does not keep it from running for as long as the host's scheduler likes. So are those of a kernel that
    @restores_x87 under the monitor, by FXRSTOR or XRSTOR: for that QEMU's thread of one processor writes the flags of the
    first, SVM's among them, which that one's thread writes too (docs/limits.md). A firmware's processors wait without
    PAUSE: each would take its whole turn of that thread."""
    is_one = smp > host_processors() or (restores_x87 and smp > 1)
    return "tcg,thread=single" if is_one and not has_firmware else "tcg"
