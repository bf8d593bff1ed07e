# SPDX-License-Identifier: Apache-2.0
"""QEMU's confidential objects, as the monitor plays them: sev-guest, sev-snp-guest, tdx-guest.

Each of their properties is played, means nothing here and is told, or is refused by name.
Spec: QEMU qapi/qom.json (SevGuestProperties, SevSnpGuestProperties, TdxGuestProperties); policies: SEV-API table 2,
SNP-FW table 9; attributes: TDX-ABI (ATTRIBUTES).
"""
from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass, field
from typing import Any, Callable

from options import Refused
from qemu_line import Properties, is_on, number

OBJECTS = ("sev-guest", "sev-snp-guest", "tdx-guest")

SEV_POLICY_ES = 1 << 2
SNP_POLICY_ONE = 1 << 17  # reserved, must be set
TDX_DEBUG, TDX_SEPT_VE_DISABLE = 1 << 0, 1 << 28
TDX_ID_SIZE = 48
CBIT_DEFAULT = 51
CBIT_MIN, CBIT_MAX = 40, 51


# What -object KIND,help lists: named as by QEMU 11.
PROPERTIES = {
    "sev-guest": ("cbitpos=<uint32>", "dh-cert-file=<string>", "handle=<uint32>", "kernel-hashes=<bool>", "legacy-vm-type=<OnOffAuto>",
                  "policy=<uint32>", "reduced-phys-bits=<uint32>", "session-file=<string>", "sev-device=<string>"),
    "sev-snp-guest": ("author-key-enabled=<bool>", "cbitpos=<uint32>", "certs-path=<string>", "guest-visible-workarounds=<string>",
                      "host-data=<string>", "id-auth=<string>", "id-block=<string>", "kernel-hashes=<bool>", "policy=<uint64>",
                      "reduced-phys-bits=<uint32>", "sev-device=<string>", "vcek-disabled=<bool>"),
    "tdx-guest": ("attributes=<uint64>", "debug=<bool>", "mrconfigid=<string>", "mrowner=<string>", "mrownerconfig=<string>",
                  "quote-generation-socket=<SocketAddress>", "sept-ve-disable=<bool>"),
}


@dataclass
class Guest:
    """What an object makes of the machine."""

    platform: str
    cbit: int = CBIT_DEFAULT
    kernel_hashes: bool = False  # of a kernel behind a firmware image
    words: list[str] = field(default_factory=list)  # of the monitor's
    td_ids: bytes = b""  # MRCONFIGID, MROWNER, MROWNERCONFIG
    snp_launch: bytes = b""  # struct snp_launch_words of abi/psp.h
    has_id_block: bool = False
    unseen: list[str] = field(default_factory=list)  # properties that only a report of the hardware's would show


def decode(name: str, value: Any, size: int) -> bytes:
    try:
        data = base64.b64decode(str(value), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(f"{name} is no base64") from None
    if len(data) != size:
        raise Refused(f"{name} has {len(data)} bytes, not {size}")
    return data


def position(found: Properties) -> int:
    """The C-bit is the highest address bit: the processor gets as many."""
    cbit = number(found.pop("cbitpos", CBIT_DEFAULT), 32)
    if not CBIT_MIN <= cbit <= CBIT_MAX:
        raise Refused(f"cbitpos={cbit}: the monitor's processor has its C-bit between {CBIT_MIN} and {CBIT_MAX}")
    if number(found.pop("reduced-phys-bits", 1), 32) < 1:
        raise Refused("reduced-phys-bits=0: a guest loses the C-bit at least")
    return cbit


def refuse(found: Properties, name: str, why: str) -> None:
    if name in found:
        raise Refused(f"{name}: {why}")


def sev(found: Properties) -> Guest:
    policy = number(found.pop("policy", 1), 32)
    guest = Guest("sev-es" if policy & SEV_POLICY_ES else "sev", position(found), is_on(found.pop("kernel-hashes", "off")))
    for name in "dh-cert-file", "session-file":
        refuse(found, name, "there is no firmware with which an owner could have a session")
    for name in "sev-device", "handle", "legacy-vm-type":
        found.pop(name, None)
    return guest


ID_BLOCK, ID_AUTH = 0x60, 0x1000
FINISH_ID_BLOCK, FINISH_AUTHOR_KEY, FINISH_VCEK_DIS = 1 << 0, 1 << 1, 1 << 2


def snp_launch(found: Properties, policy: int) -> bytes:
    """As QEMU puts them into SNP_LAUNCH_FINISH: tables of the id block and its authentication, SNP-FW 8.18."""
    if ("id-block" in found) != ("id-auth" in found):
        raise Refused("id-block and id-auth go together")
    parts = {name: decode(name, found[name], size) if name in found else bytes(size)
             for name, size in (("host-data", 32), ("id-block", ID_BLOCK), ("id-auth", ID_AUTH))}
    flags = FINISH_ID_BLOCK * ("id-block" in found)
    flags |= FINISH_AUTHOR_KEY * is_on(found.get("author-key-enabled", "off"))
    flags |= FINISH_VCEK_DIS * is_on(found.get("vcek-disabled", "off"))
    return struct.pack("<QQ", policy, flags) + b"".join(parts.values())


def snp(found: Properties) -> Guest:
    policy = number(found.pop("policy", 0x30000))
    if not policy & SNP_POLICY_ONE:
        raise Refused(f"policy={policy:#x}: bit 17 must be set")
    guest = Guest("snp", position(found), is_on(found.pop("kernel-hashes", "off")))
    guest.snp_launch = snp_launch(found, policy)
    guest.has_id_block = "id-block" in found
    for name in "id-block", "id-auth", "author-key-enabled", "host-data", "vcek-disabled":
        found.pop(name, None)
    workarounds = found.pop("guest-visible-workarounds", None)
    if workarounds is not None and any(decode("guest-visible-workarounds", workarounds, 16)):
        raise Refused("guest-visible-workarounds: the monitor's processor has none")
    guest.unseen = ["certs-path"] if found.pop("certs-path", None) is not None else []
    for name in "sev-device", "legacy-vm-type":
        found.pop(name, None)
    return guest


def tdx(found: Properties) -> Guest:
    attributes = number(found.pop("attributes", TDX_SEPT_VE_DISABLE))
    if "sept-ve-disable" in found:
        attributes = attributes & ~TDX_SEPT_VE_DISABLE | TDX_SEPT_VE_DISABLE * is_on(found.pop("sept-ve-disable"))
    if "debug" in found:
        attributes = attributes & ~TDX_DEBUG | TDX_DEBUG * is_on(found.pop("debug"))
    if attributes & ~(TDX_DEBUG | TDX_SEPT_VE_DISABLE):
        raise Refused(f"attributes={attributes:#x}: of a TD's attributes there are DEBUG and SEPT_VE_DISABLE")
    guest = Guest("tdx")
    guest.words += ["inject=tdx-debug"] * bool(attributes & TDX_DEBUG)
    guest.words += ["inject=tdx-pending-ve"] * (not attributes & TDX_SEPT_VE_DISABLE)
    names = "mrconfigid", "mrowner", "mrownerconfig"
    if any(name in found for name in names):
        guest.td_ids = b"".join(
            decode(name, found.pop(name), TDX_ID_SIZE) if name in found else bytes(TDX_ID_SIZE) for name in names)
    guest.unseen = [name for name in list(found) if name.startswith("quote-generation-socket")]
    for name in guest.unseen:
        found.pop(name)
    return guest


KINDS: dict[str, Callable[[Properties], Guest]] = {"sev-guest": sev, "sev-snp-guest": snp, "tdx-guest": tdx}


def play(found: Properties) -> Guest:
    """Of -object's keys. What is left of them nobody here knows."""
    kind = str(found.get("qom-type"))
    rest = {name: value for name, value in found.items() if name not in ("qom-type", "id")}
    try:
        if kind not in KINDS:
            raise Refused("it is no confidential object that the monitor plays: " + ", ".join(OBJECTS))
        guest = KINDS[kind](rest)
        if rest:
            raise Refused(f"{next(iter(rest))} is unknown")
    except Refused as reason:
        raise Refused(f"-object {kind}: {reason}") from None
    return guest
