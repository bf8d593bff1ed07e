# SPDX-License-Identifier: Apache-2.0
"""--record and --replay: QEMU's own log of what came to the machine from outside, and behind it a line that says of
which run it is, with which status it ended, and of which QEMU. Another run would not follow it: QEMU then stands still,
and says nothing.
"""
from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import command
import ending
import outputs
from options import Refused
from plan import BUILD, Plan

MARK = b"\npostern recording "
STATUSES = {str(status).encode() for status in ending.CODES.values()}


def digest(plan: Plan) -> bytes:
    """Of all that decides which instruction is executed when."""
    options = plan.options
    words = [options.platform, plan.mode, plan.boot, str(plan.mem), str(options.measured), command.monitor_words(plan),
             command.guest_words(plan), *options.test_root_files, *options.qemu_words]
    found = hashlib.sha256("\0".join(words).encode(errors="surrogateescape"))
    rom = BUILD / "postern.fd" if plan.boot == "rom" else None
    for path in (command.MONITOR, options.kernel, options.initrd, plan.guest, rom, *options.test_root_files.values()):
        found.update(hashlib.sha256(path.read_bytes() if path and path.is_file() else b"").digest())
    return found.hexdigest().encode()


def qemu_version(plan: Plan) -> bytes:
    """Its first line, "QEMU emulator version 7.2.22 (...)", without what is the same of all."""
    said = subprocess.run([plan.qemu, "--version"], stdin=subprocess.DEVNULL, capture_output=True, check=False).stdout
    return said.partition(b"\n")[0].removeprefix(b"QEMU emulator version ")


def parse(path: Path) -> tuple[bytes, list[bytes]]:
    """QEMU's log; and the digest, the exit status and QEMU's version."""
    log, mark, line = path.read_bytes().rpartition(MARK)
    words = line.strip().split(b" ", 2)
    if not mark or not line.endswith(b"\n") or len(words) != 3 or words[1] not in STATUSES:
        raise Refused(f"--replay {path}: no recording, or one that was cut")
    return log, words


def open_replay(plan: Plan, work: Path) -> None:
    """QEMU's part of it. Refused when it is of another run."""
    path = plan.options.replay
    if not path:
        return
    log, (found, _, version) = parse(path)
    if version != (here := qemu_version(plan)):
        raise Refused(f"--replay {path}: it is of another QEMU, {version.decode(errors='replace')}, than {here.decode(errors='replace')}")
    if found != digest(plan):
        raise Refused(f"--replay {path}: it is of a run with other options, another guest, or another monitor")
    (work / command.RECORDING).write_bytes(log)


def qemu_status(plan: Plan, status: int) -> int:
    """QEMU's, of any run. From 10 on it may end a replay at the note of the end, before the guest says how: by 0, which no
    guest can say. Then it is as it was."""
    if status or not plan.options.replay:
        return status
    recorded = int(parse(plan.options.replay)[1][1])
    return next(code for code, ours in ending.CODES.items() if ours == recorded)


def keep(plan: Plan, work: Path, status: int) -> str | None:
    """What was recorded, and how it ended; a sentence if it is lost."""
    path = plan.options.record
    if not path:
        return None
    line = MARK + b"%s %d %s\n" % (digest(plan), status, qemu_version(plan))
    try:
        outputs.replace(path, (work / command.RECORDING).read_bytes() + line)
    except OSError as error:
        return f"--record {path}: {error.strerror}"
    return None
