# SPDX-License-Identifier: Apache-2.0
"""The guest's devices: --disk, --net, --share, --vsock, --serial, --rng as given, checked, and as words of QEMU's.

All but the serial port are virtio of the modern kind with VIRTIO_F_ACCESS_PLATFORM: a guest whose memory is encrypted then goes
through buffers that it shares. Spec: VIRTIO 1.2 6 (reserved feature bits).
"""
from __future__ import annotations

import argparse
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

VSOCK = Path("/dev/vhost-vsock")
VSOCK_CID = 3  # the first one that is nobody's: VIRTIO 1.2 5.10.4
QCOW2_MAGIC = b"QFI\xfb"
SECTOR = 512


class Unusable(Exception):
    """A device whose file or folder cannot be what it is to be: the sentence behind the option."""


@dataclass
class Disk:
    path: Path
    format: str | None  # as given
    readonly: bool


@dataclass
class Share:
    path: Path
    tag: str
    readonly: bool


def wrong(value: str, sentence: str) -> NoReturn:
    raise argparse.ArgumentTypeError(f"{value}: {sentence}")


def split(value: str) -> list[str]:
    """At commas; a doubled one is a comma, as QEMU has it."""
    return [word.replace("\0", ",") for word in value.replace(",,", "\0").split(",")]


def parts(value: str, allowed: dict[str, str]) -> tuple[str, dict[str, str]]:
    """What comes first, and the words behind it; @allowed: each with the form of its value, '' for none."""
    first, *words = split(value)
    found: dict[str, str] = {}
    if not first:
        wrong(value, "names no file or folder")
    for word in words:
        name, equals, given = word.partition("=")
        if name not in allowed or bool(equals) != bool(allowed[name]) or not re.fullmatch(allowed[name], given):
            wrong(value, f"'{word}' must be one of: " + " ".join(
                f"{name}={form}" if form else name for name, form in allowed.items()))
        found[name] = given
    return first, found


def disk(value: str) -> Disk:
    path, words = parts(value, {"format": "raw|qcow2", "readonly": ""})
    return Disk(Path(path), words.get("format"), "readonly" in words)


def share(value: str) -> Share:
    path, words = parts(value, {"tag": "[A-Za-z0-9_.-]+", "readonly": ""})
    return Share(Path(path), words.get("tag", "share"), "readonly" in words)


def net(value: str) -> str:
    kind, _, rest = value.partition(",")
    if kind not in ("user", "none") or kind == "none" and rest:
        wrong(value, "must be none, or user and what QEMU's user network takes, as user,hostfwd=tcp::2222-:22")
    return value


def serial(value: str) -> str:
    if not re.fullmatch("unix:.+|[^:]+:[0-9]+", value):
        wrong(value, "must be unix:PATH or HOST:PORT, where somebody listens")
    return value


# ---- what is there

def check_disk(disk: Disk) -> None:
    try:
        mode = disk.path.stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISBLK(mode):
            raise Unusable("it is neither a file nor a disk")
        with open(disk.path, "rb") as file:
            start = file.read(SECTOR)
    except OSError as error:
        raise Unusable(os.strerror(error.errno or 0)) from None
    if not start:
        raise Unusable("the file is empty")
    if not disk.readonly and not os.access(disk.path, os.W_OK):
        raise Unusable("it cannot be written: add ,readonly")
    is_qcow2 = start.startswith(QCOW2_MAGIC)
    if is_qcow2 and disk.format is None:
        raise Unusable("it begins as a qcow2 image: add ,format=qcow2, or ,format=raw if the guest is to see it so")
    if not is_qcow2 and disk.format == "qcow2":
        raise Unusable("this is no qcow2 image")


def check_share(share: Share) -> None:
    if not share.path.is_dir():
        raise Unusable("no such folder")
    if not os.access(share.path, os.R_OK | os.X_OK | (0 if share.readonly else os.W_OK)):
        raise Unusable("it cannot be read" if share.readonly else "it cannot be written: add ,readonly")


def check_vsock() -> None:
    if not os.access(VSOCK, os.R_OK | os.W_OK):
        raise Unusable(f"{VSOCK} cannot be opened: the host's kernel needs its module vhost_vsock, and you the right to it")


def check_serial(where: str) -> None:
    """That somebody listens is for QEMU to find out: a connection is one guest to who takes one at a time."""
    path = Path(where.removeprefix("unix:"))
    if where.startswith("unix:") and not path.is_socket():
        raise Unusable("no such socket")


# ---- QEMU's words

def escape(value: Path | str) -> str:
    """A comma in a QEMU option's value is doubled."""
    return str(value).replace(",", ",,")


def file_word(path: Path) -> str:
    """Of -drive's: from the root, since QEMU takes what is before a colon in another name for a protocol."""
    return f"file={escape(path.absolute())}"


def on_off(is_on: bool) -> str:
    return "on" if is_on else "off"


def virtio(name: str, properties: str = "") -> list[str]:
    return ["-device", f"virtio-{name}-pci,disable-legacy=on,iommu_platform=on{properties and ',' + properties}"]


def disk_words(disks: list[Disk]) -> list[str]:
    words: list[str] = []
    for number, disk in enumerate(disks):
        words += ["-drive", f"if=none,id=disk{number},format={disk.format or 'raw'},readonly={on_off(disk.readonly)},"
                  f"{file_word(disk.path)}", *virtio("blk", f"drive=disk{number}")]
    return words


def share_words(shares: list[Share]) -> list[str]:
    """The guest's files are the user's who runs QEMU, whatever the guest says of their owners."""
    words: list[str] = []
    for number, share in enumerate(shares):
        words += ["-fsdev", f"local,id=share{number},security_model=none,multidevs=remap,readonly={on_off(share.readonly)},"
                  f"path={escape(share.path)}", *virtio("9p", f"fsdev=share{number},mount_tag={share.tag}")]
    return words


def net_words(net: str | None) -> list[str]:
    if net in (None, "none"):
        return []
    kind, comma, rest = str(net).partition(",")
    return ["-netdev", f"{kind},id=net0{comma}{rest}", *virtio("net", "netdev=net0,romfile=")]


def vsock_words() -> list[str]:
    return ["-device", f"vhost-vsock-pci,guest-cid={VSOCK_CID},iommu_platform=on"]


def serial_words(where: str | None) -> list[str]:
    """COM2: COM1 is the console."""
    if where is None:
        return []
    host, _, port = where.rpartition(":")
    place = f"path={escape(where.removeprefix('unix:'))}" if where.startswith("unix:") else f"host={escape(host)},port={port}"
    return ["-chardev", f"socket,id=com2,{place}", "-serial", "chardev:com2"]


def rng_words() -> list[str]:
    return virtio("rng")
