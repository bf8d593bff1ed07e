# SPDX-License-Identifier: Apache-2.0
"""The files that a run writes. What the guest says comes through a pipe of ours, so that a write that fails is
known, and so that a file of an earlier run is replaced when there is something to replace it with.
"""
from __future__ import annotations

import fcntl
import os
import shutil
import stat
import threading
from pathlib import Path
from typing import Callable, Iterable

from options import Refused

PIPE_SIZE = 1 << 20
LAST_LINE_MAX = 1 << 16
HELD_MAX = 1 << 16


def regular(path: Path) -> bool:
    return not path.exists() or stat.S_ISREG(path.stat().st_mode)


def kept(path: Path) -> bool:
    """What is written stays, so that two names for it are one file: a terminal, a pipe or /dev/null can take several outputs."""
    return regular(path) or stat.S_ISBLK(path.stat().st_mode)


def disk_number(path: Path) -> int | None:
    """Two nodes may be one disk."""
    return path.stat().st_rdev if path.is_block_device() else None


def same(one: Path, other: Path) -> bool:
    if one.exists() and other.exists():
        return one.samefile(other) or disk_number(one) is not None and disk_number(one) == disk_number(other)
    return one.resolve() == other.resolve()


def check(outputs: Iterable[tuple[str, Path]], inputs: Iterable[Path]) -> None:
    """Refuses, before anything is written, what cannot be, or what would destroy a file of the run."""
    taken: list[tuple[str, Path]] = []
    for option, path in outputs:
        if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
            raise Refused(f"{option} {path}: cannot be written")
        if option != "--disk" and path.is_block_device():
            raise Refused(f"{option} {path}: it is a disk")
        if not kept(path):
            continue
        for other, theirs in taken:
            if same(path, theirs):
                raise Refused(f"{option} and {other} need a file each")
        for read in inputs:
            if same(path, read):
                raise Refused(f"{option} {path}: the run reads this file")
        taken.append((option, path))


def replace(path: Path, data: bytes) -> None:
    """By a file beside it, where it is one: what is there before is whole, and so is what is there after."""
    target = path.resolve()
    if not regular(path) or not os.access(target.parent, os.W_OK):
        path.write_bytes(data)
        return
    new = target.with_name(f".postern.{os.getpid()}")
    try:
        new.write_bytes(data)
        if target.exists():
            new.chmod(stat.S_IMODE(target.stat().st_mode))
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)


class Output:
    """One file. `path` is what its writer is told to open; `complete` judges its last line."""

    def __init__(self, option: str, target: Path, complete: Callable[[bytes], bool], first: bytes = b"",
                 copy: Path | None = None):
        self.option = option
        self.target = target
        self.complete = complete
        self.first = first  # goes before what is written
        self.copy = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600) if copy else None  # for us
        self.copy_error = ""
        self.error = ""
        self.file: int | None = None
        self.tail = b""
        # A file of before is replaced when the run is under way, and not by the last words of one that cannot be.
        self.held: bytes | None = b"" if regular(target) else None
        self.reader, self.writer = os.pipe()
        fcntl.fcntl(self.writer, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        self.thread = threading.Thread(target=self._copy, daemon=True)
        self.thread.start()

    @property
    def path(self) -> str:
        return f"/dev/fd/{self.writer}"

    def handed_over(self) -> None:
        """The writer has its end."""
        os.close(self.writer)

    def take(self, file: Path) -> None:
        """What the writer left in a file of its own."""
        if file.exists():
            with open(file, "rb") as source, open(self.writer, "wb", closefd=False) as pipe:
                shutil.copyfileobj(source, pipe, PIPE_SIZE)

    def finish(self, ran: bool) -> str | None:
        """Waits for the last byte. A sentence when the file is not whole; a run that never was leaves it alone."""
        self.thread.join()
        if self.copy is not None:
            os.close(self.copy)
        if ran:
            self._release()
        if self.file is not None:
            self._close()
        if self.error:
            return f"{self.option} {self.target}: {self.error}"
        if self.copy_error:
            return f"the copy of {self.option} in the temporary folder: {self.copy_error}"
        if not self.complete(self.tail.rstrip(b"\n").rpartition(b"\n")[2]):
            return f"{self.option} {self.target}: its last line is missing"
        return None

    def _copy(self) -> None:
        while data := os.read(self.reader, PIPE_SIZE):
            self.tail = (self.tail + data)[-LAST_LINE_MAX:]
            self._keep(data)
            if self.held is None:
                self._write(data)
            else:
                self.held += data
                if len(self.held) > HELD_MAX:
                    self._release()

    def _keep(self, data: bytes) -> None:
        """In the copy. As in _write() the guest does not stand still for an error."""
        try:
            while data and self.copy is not None and not self.copy_error:
                data = data[os.write(self.copy, data):]
        except OSError as error:
            self.copy_error = os.strerror(error.errno or 0)

    def _release(self) -> None:
        held, self.held = self.held, None
        if held is not None or self.file is None:
            self._write(held or b"")

    def _write(self, data: bytes) -> None:
        """After an error the rest is swallowed: the guest must not stand still for it."""
        if self.error:
            return
        try:
            if self.file is None:
                self.file = os.open(self.target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
                data = self.first + data
            while data:
                data = data[os.write(self.file, data):]
        except OSError as error:
            self.error = os.strerror(error.errno or 0)

    def _close(self) -> None:
        assert self.file is not None
        try:
            os.close(self.file)  # a network's file system tells here that its disk is full
        except OSError as error:
            self.error = self.error or os.strerror(error.errno or 0)
