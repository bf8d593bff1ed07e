# SPDX-License-Identifier: Apache-2.0
"""--record and --replay: QEMU's own log of what came to the machine from outside, and behind it a line that says of
which run it is. Another run would not follow it: QEMU then stands still, and says nothing.
"""
from __future__ import annotations

import hashlib
from pathlib import Path

import command
import outputs
from options import Refused
from plan import Plan

MARK = b"\npostern recording "


def digest(plan: Plan) -> bytes:
    """Of all that decides which instruction is executed when."""
    options = plan.options
    words = [options.platform, plan.mode, plan.boot, str(plan.mem), command.monitor_words(plan), command.guest_words(plan),
             *options.qemu_words]
    found = hashlib.sha256("\0".join(words).encode(errors="surrogateescape"))
    for path in (command.MONITOR, options.kernel, options.initrd, plan.guest):
        found.update(hashlib.sha256(path.read_bytes() if path and path.is_file() else b"").digest())
    return found.hexdigest().encode()


def open_replay(plan: Plan, work: Path) -> None:
    """QEMU's part of it. Refused when it is of another run."""
    path = plan.options.replay
    if not path:
        return
    log, mark, found = path.read_bytes().rpartition(MARK)
    if not mark:
        raise Refused(f"--replay {path}: no recording, or one that was cut")
    if found.strip() != digest(plan):
        raise Refused(f"--replay {path}: it is of a run with other options, another guest, or another monitor")
    (work / command.RECORDING).write_bytes(log)


def keep(plan: Plan, work: Path) -> str | None:
    """What was recorded; a sentence if it is lost."""
    path = plan.options.record
    if not path:
        return None
    try:
        outputs.replace(path, (work / command.RECORDING).read_bytes() + MARK + digest(plan) + b"\n")
    except OSError as error:
        return f"--record {path}: {error.strerror}"
    return None
