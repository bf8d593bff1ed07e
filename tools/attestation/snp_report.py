# SPDX-License-Identifier: Apache-2.0
"""An SNP attestation report, written and read: versions 2, 3 and 5.

This is the specification read a second time: the monitor has its own writer. Spec: SNP-FW (ATTESTATION_REPORT,
version 5: revision 1.58; ECDSA P-384 signature format).
"""
from __future__ import annotations

import dataclasses
import struct
from dataclasses import dataclass
from typing import Any

import amd
from ecc import EcKey
from root import TestRoot

SIZE, SIGNED_SIZE = 0x4A0, 0x2A0
COMPONENT = 72  # of a signature: a little-endian number
VERSIONS = (2, 3, 5)
ECDSA_P384_SHA384 = 1
SIGNED_BY_VCEK, SIGNED_BY_VLEK, UNSIGNED = 0, 1, 7
POLICY_SMT, POLICY_RESERVED_ONE, POLICY_MIGRATE_MA, POLICY_DEBUG = 1 << 16, 1 << 17, 1 << 18, 1 << 19
MASKED_CHIP = 1 << 1
PLATFORM_SMT = 1 << 0
PLATFORM_ALIAS_CHECK = 1 << 5

LAYOUT = struct.Struct("<IIQ16s16sII QQII 64s48s32s48s48s32s32s Q3B21s 64sQ 3Bx3Bx Q QQ 152x")
assert LAYOUT.size == SIGNED_SIZE


class BadReport(Exception):
    pass


@dataclass(frozen=True)
class Report:
    """Fields in their order. Of reserved ones only those that are something else in another version."""
    version: int = 5
    guest_svn: int = 0
    policy: int = POLICY_RESERVED_ONE | POLICY_SMT
    family_id: bytes = bytes(16)
    image_id: bytes = bytes(16)
    vmpl: int = 0
    signature_algorithm: int = ECDSA_P384_SHA384
    current_tcb: int = amd.Tcb().number()
    platform_info: int = PLATFORM_SMT
    signer_info: int = SIGNED_BY_VCEK << 2
    reserved_0x4c: int = 0
    report_data: bytes = bytes(64)
    measurement: bytes = bytes(48)
    host_data: bytes = bytes(32)
    id_key_digest: bytes = bytes(48)
    author_key_digest: bytes = bytes(48)
    report_id: bytes = bytes(32)
    report_id_ma: bytes = b"\xff" * 32  # no migration agent
    reported_tcb: int = amd.Tcb().number()
    family: int = 0x19  # this and the next two: from version 3 on
    model: int = 0x01
    stepping: int = 0x01
    reserved_0x18b: bytes = bytes(21)
    chip_id: bytes = bytes(64)
    committed_tcb: int = amd.Tcb().number()
    current_build: int = 21
    current_minor: int = 58
    current_major: int = 1
    committed_build: int = 21
    committed_minor: int = 58
    committed_major: int = 1
    launch_tcb: int = amd.Tcb().number()
    launch_mitigations: int = 0  # this and the next: from version 5 on
    current_mitigations: int = 0

    @property
    def signer(self) -> int:
        return self.signer_info >> 2 & 7

    def body(self) -> bytes:
        """What is signed."""
        return LAYOUT.pack(*dataclasses.astuple(self))

    def signed(self, key: EcKey) -> bytes:
        return self.body() + encode_signature(*key.sign_numbers(self.body()))


def make(version: int, **fields: object) -> Report:
    """A report without what @version has not."""
    without: dict[str, object] = {}
    if version < 3:
        without = {"family": 0, "model": 0, "stepping": 0}
    return dataclasses.replace(Report(version=version, **without), **fields)  # type: ignore[arg-type]


def platform(root: TestRoot, version: int) -> dict[str, Any]:
    """The fields of a report that say where it is from."""
    tcb, (family, model, stepping) = root.amd_tcb.number(), root.product.family_model_stepping
    processor = {} if version < 3 else {"family": family, "model": model, "stepping": stepping}
    return {"chip_id": root.chip_id, "current_tcb": tcb, "reported_tcb": tcb, "committed_tcb": tcb, "launch_tcb": tcb, **processor}


def encode_signature(r: int, s: int) -> bytes:
    numbers = b"".join(number.to_bytes(COMPONENT, "little") for number in (r, s))
    return numbers + bytes(SIZE - SIGNED_SIZE - len(numbers))


def parse(data: bytes) -> tuple[Report, tuple[int, int]]:
    """The report and its signature, which is not looked at."""
    if len(data) != SIZE:
        raise BadReport(f"a report has {SIZE} bytes, not {len(data)}")
    report = Report(*LAYOUT.unpack_from(data))
    numbers = data[SIGNED_SIZE:SIGNED_SIZE + 2 * COMPONENT]
    if report.body() + numbers + bytes(SIZE - SIGNED_SIZE - len(numbers)) != data:
        raise BadReport("what is reserved is not zero")
    r, s = (int.from_bytes(numbers[at:at + COMPONENT], "little") for at in (0, COMPONENT))
    return report, (r, s)
