# SPDX-License-Identifier: Apache-2.0
"""A QEMU that serves for many runs: it goes back to the guest's first instruction each time.

monitor/machine/served.h is the other side. The machine is taken back by QEMU's own snapshot, in memory
where there is room for one (/dev/shm).
"""
from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import struct
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
CLUSTER = 1 << 16
DISK = 8 << 30
ROOM = 1 << 30
EVENTS = "lie,point,violation"


class Dead(Exception):
    """QEMU is not there any more, or does not say what it should."""


@dataclass
class Run:
    """How one ended."""

    code: int | None  # of abi/exit_code.h; None: by itself it did not
    reason: str       # "" or why there is no code
    console: str
    transcript: str
    results: str


def empty_disk(path: Path) -> None:
    """A qcow2 image with nothing in it, for snapshots: a header, its two tables of references, and the map."""
    header = struct.pack(">4sIQIIQIIQQIIQ", b"QFI\xfb", 2, 0, 0, 16, DISK, 0, DISK // (CLUSTER * CLUSTER // 8),
                         3 * CLUSTER, CLUSTER, 1, 0, 0)
    parts = (header, struct.pack(">Q", 2 * CLUSTER), struct.pack(">4H", 1, 1, 1, 1), b"")
    path.write_bytes(b"".join(part.ljust(CLUSTER, b"\0") for part in parts))


def busy(pid: int) -> float:
    """Seconds that the process has run for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def with_served(options: list[str]) -> list[str]:
    """The monitor's words are one option: of several, the last would be it."""
    end = options.index("--") if "--" in options else len(options)
    own, words, left = options[:end], ["served"], []
    while own:
        word = own.pop(0)
        if word == "--monitor-option" and own:
            words.append(own.pop(0))
        elif word.startswith("--monitor-option="):
            words.append(word.partition("=")[2])
        else:
            left.append(word)
    return ["--monitor-option", " ".join(words), *left, *options[end:]]


class Tail:
    """A file that grows, a part at a time."""

    def __init__(self, path: Path) -> None:
        self.path, self.at = path, 0

    def more(self) -> str:
        with self.path.open("rb") as file:
            file.seek(self.at)
            data = file.read()
        self.at += len(data)
        return data.decode(errors="replace").replace("\r", "")


def in_memory() -> str | None:
    """A container's /dev/shm may have no room for a machine's memory."""
    try:
        return "/dev/shm" if shutil.disk_usage("/dev/shm").free >= ROOM else None
    except OSError:
        return None


class Machine:
    """@options are run-qemu.sh's; @budget is seconds of a processor's time for a run."""

    def __init__(self, options: list[str], budget: float) -> None:
        self.options, self.budget = options, budget
        self.folder = tempfile.TemporaryDirectory(prefix="postern-", dir=in_memory())
        self.path = Path(self.folder.name)
        self.qemu: subprocess.Popen[bytes] | None = None
        self.words: list[str] = []  # QEMU's command line
        self.cost = 0.0  # of the last run, in seconds of a processor's time

    def __enter__(self) -> Machine:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.folder.cleanup()

    def command(self) -> list[str]:
        plan = subprocess.run(
            [ROOT / "run-qemu.sh", "--no-build", "--dry-run", "--mode", "emulate", "--trace", self.path / "transcript",
             "--trace-events", EVENTS, "--json", self.path / "results", *with_served(self.options)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if plan.returncode:
            raise Dead(plan.stderr.strip().splitlines()[-1].removeprefix("run-qemu.sh: "))
        words = shlex.split(plan.stdout)
        console = next(i for i, word in enumerate(words) if word.startswith("stdio,id=console"))
        words[console] = f"file,id=console,path={self.path}/console"
        return words + ["-chardev", f"socket,id=served,path={self.path}/served,server=on,wait=off", "-serial", "chardev:served",
                        "-qmp", f"unix:{self.path}/qmp,server=on,wait=off",
                        "-drive", f"if=none,id=snapshots,format=qcow2,file={self.path}/snapshots"]

    def start(self) -> None:
        command = self.words = self.command()
        empty_disk(self.path / "snapshots")
        for name in ("console", "transcript", "results"):
            (self.path / name).write_bytes(b"")
        self.tails = {name: Tail(self.path / name) for name in ("console", "transcript", "results")}
        with open(self.path / "errors", "wb") as errors:
            self.qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
        self.lines = self.connect("served")
        self.qmp = self.connect("qmp").makefile("rwb")
        self.qmp.readline()
        self.ask("qmp_capabilities")
        if self.hear(busy(self.qemu.pid) + 120) != "ready":
            raise Dead(self.tails["console"].more().strip() or (self.path / "errors").read_text().strip())
        self.ask("stop")
        self.do("savevm ready")

    def connect(self, name: str) -> socket.socket:
        assert self.qemu
        while self.qemu.poll() is None:
            line = socket.socket(socket.AF_UNIX)
            try:
                line.connect(str(self.path / name))
                return line
            except OSError:
                line.close()
                time.sleep(0.01)
        raise Dead((self.path / "errors").read_text().strip())

    def ask(self, what: str, **arguments: Any) -> Any:
        self.qmp.write(json.dumps({"execute": what, "arguments": arguments}).encode() + b"\n")
        self.qmp.flush()
        while line := self.qmp.readline():
            answer = json.loads(line)
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise Dead(answer["error"]["desc"])
        raise Dead("QEMU has ended")

    def do(self, command: str) -> None:
        if said := self.ask("human-monitor-command", **{"command-line": command}).strip():
            raise Dead(f"{command}: {said}")

    def hear(self, until: float) -> str | None:
        """The machine's next line; None: there is none before the process has run @until seconds in all."""
        assert self.qemu
        text = b""
        self.lines.settimeout(1)
        while not text.endswith(b"\n"):
            try:
                part = self.lines.recv(1)
            except TimeoutError:
                if busy(self.qemu.pid) > until:
                    return None
                continue
            if not part:
                raise Dead("QEMU has ended")
            text += part
        return text.decode(errors="replace").strip()

    def ready(self) -> None:
        """At the guest's first instruction, in the QEMU that is there or in a new one."""
        if self.qemu is not None:
            try:
                self.do("loadvm ready")
                return
            except (Dead, OSError):
                self.stop()
        self.start()

    def run(self, words: str) -> Run:
        """With @words of the monitor's options."""
        self.ready()
        assert self.qemu
        for tail in self.tails.values():
            tail.more()
        before = busy(self.qemu.pid)
        self.ask("cont")
        self.lines.sendall(words.encode() + b"\n")
        reason, said = "", None
        try:
            said = self.hear(before + self.budget)
            self.cost = busy(self.qemu.pid) - before
            if said is None:
                reason = "hang: " + self.where()
            self.ask("stop")
        except (Dead, OSError):
            self.qemu.wait()
            reason = f"QEMU ended, status {self.qemu.returncode}"
        run = Run(int(said.split()[1]) if said else None, reason, *(self.tails[name].more() for name in
                                                                    ("console", "transcript", "results")))
        if reason:
            self.stop()
        return run

    def where(self) -> str:
        """Where the processors are, some moments long."""
        places = []
        for _ in range(3):
            text = self.ask("human-monitor-command", **{"command-line": "info registers -a"})
            places.append(" ".join(word for word in text.split() if word.startswith("RIP=")))
            time.sleep(0.05)
        return ", ".join(dict.fromkeys(places))

    def stop(self) -> None:
        if self.qemu is not None:
            self.qemu.kill()
            self.qemu.wait()
            self.lines.close()
            for name in ("served", "qmp"):
                (self.path / name).unlink(missing_ok=True)
        self.qemu = None
