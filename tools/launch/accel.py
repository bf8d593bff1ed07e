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


def tcg(smp: int, has_firmware: bool) -> str:
    """More processors than the host has are played by one thread: there one that waits for another gives way to it by
    PAUSE, and does not keep it from running for as long as the host's scheduler likes. A firmware's processors wait
    without PAUSE: each would take its whole turn of that thread."""
    return "tcg,thread=single" if smp > host_processors() and not has_firmware else "tcg"
