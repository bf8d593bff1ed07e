# SPDX-License-Identifier: Apache-2.0
"""A TDX quote, written: version 4, and version 5 with a TD report of TDX 1.0 or 1.5.

This is the specification read a second time: the monitor has its own writer. Spec: Intel TDX DCAP quote library API
(quote format version 4 and 5; QE report certification data); SGX REPORT.
"""
from __future__ import annotations

import dataclasses
import hashlib
import struct
from dataclasses import dataclass

import intel
from ecc import P256, EcKey
from root import TestRoot, chain

ECDSA_P256 = 2
TEE_SGX, TEE_TDX = 0, 0x81
INTEL_QE = bytes.fromhex("939a7233f79c4ca9940a0db3957f0607")
USER_DATA = b"EMULATED by Postern\0"
BODY_TDX_1_0, BODY_TDX_1_5 = 2, 3
PCK_CHAIN, QE_REPORT = 5, 6  # types of certification data
AUTHENTICATION = b"EMULATED by Postern: not Intel's"
ATTRIBUTE_DEBUG, ATTRIBUTE_PERF_PROFILE = 1 << 0, 1 << 5
ATTRIBUTE_SEPT_VE_DISABLE, ATTRIBUTE_MIGRATABLE = 1 << 28, 1 << 29
ATTRIBUTES_UNDER_DEBUG = 0xFF  # TUD: with any of them a TD is not to be trusted, TDX-ABI (ATTRIBUTES)

HEADER = struct.Struct("<HHIHH16s20s")
DESCRIPTOR = struct.Struct("<HI")
CERTIFICATION = struct.Struct("<HI")
BODY = struct.Struct("<16s48s48sQQQ48s48s48s48s48s48s48s48s64s")
BODY_MORE = struct.Struct("<16s48s")
ENCLAVE = struct.Struct("<16sI28x16s32s32x32s96xHH60x64s")
SIGNATURE_SIZE = KEY_SIZE = 64
assert (HEADER.size, BODY.size, BODY.size + BODY_MORE.size, ENCLAVE.size) == (48, 584, 648, 384)


@dataclass(frozen=True)
class Body:
    """TD report, fields in their order."""
    tee_tcb_svn: bytes = intel.Tcb().module
    mrseam: bytes = intel.MRSEAM
    mrsignerseam: bytes = bytes(48)
    seam_attributes: int = 0
    attributes: int = ATTRIBUTE_SEPT_VE_DISABLE
    xfam: int = 0xE7
    mrtd: bytes = bytes(48)
    mrconfigid: bytes = bytes(48)
    mrowner: bytes = bytes(48)
    mrownerconfig: bytes = bytes(48)
    rtmr0: bytes = bytes(48)
    rtmr1: bytes = bytes(48)
    rtmr2: bytes = bytes(48)
    rtmr3: bytes = bytes(48)
    report_data: bytes = bytes(64)

    def encoded(self) -> bytes:
        return BODY.pack(*dataclasses.astuple(self))


@dataclass(frozen=True)
class Enclave:
    """SGX REPORT of the quoting enclave. Its own data bind the attestation key."""
    cpu_svn: bytes = intel.Tcb().cpu
    misc_select: int = 0
    attributes: bytes = intel.QE_ATTRIBUTES
    mrenclave: bytes = intel.QE_MRENCLAVE
    mrsigner: bytes = intel.QE_MRSIGNER
    product: int = intel.QE_PRODUCT
    svn: int = intel.QE_SVN
    report_data: bytes = bytes(64)

    def encoded(self) -> bytes:
        return ENCLAVE.pack(*dataclasses.astuple(self))


@dataclass(frozen=True)
class Quoting:
    """Who signs: the attestation key, the PCK that vouches for it, and the PCK's chain."""
    attestation: EcKey
    pck: EcKey
    pck_chain: bytes
    enclave: Enclave = Enclave()
    bound: bytes | None = None  # in place of what binds the key
    signer: EcKey | None = None  # in place of the attestation key
    types: tuple[int, int] = (QE_REPORT, PCK_CHAIN)
    behind: tuple[bytes, bytes] = (b"", b"")  # the certification data

    def signature_data(self, signed: bytes) -> bytes:
        public = self.attestation.public_bytes
        bound = hashlib.sha256(public + AUTHENTICATION).digest() if self.bound is None else self.bound
        report = dataclasses.replace(self.enclave, report_data=bound + bytes(64 - len(bound))).encoded()
        certification = (report + self.pck.sign_raw(report) +
                         struct.pack("<H", len(AUTHENTICATION)) + AUTHENTICATION +
                         CERTIFICATION.pack(self.types[1], len(self.pck_chain)) + self.pck_chain + self.behind[1])
        return ((self.signer or self.attestation).sign_raw(signed) + public +
                CERTIFICATION.pack(self.types[0], len(certification)) + certification + self.behind[0])


def quoting(root: TestRoot) -> Quoting:
    return Quoting(EcKey.make(root.seed, "attestation key", P256), root.intel_keys.pck,
                   chain(root.intel_certificates(), "pck", "platform", "root"))


def quote(by: Quoting, body: Body, version: int = 4, tdx_1_5: bool = False, tee: int = TEE_TDX,
          kind: int | None = None) -> bytes:
    """@kind: of the body, in place of what it is."""
    signed = HEADER.pack(version, ECDSA_P256, tee, 0, 0, INTEL_QE, USER_DATA)
    inside = body.encoded()
    if tdx_1_5:
        inside += BODY_MORE.pack(body.tee_tcb_svn, bytes(48))
    if version >= 5:
        is_kind = BODY_TDX_1_5 if tdx_1_5 else BODY_TDX_1_0
        signed += DESCRIPTOR.pack(is_kind if kind is None else kind, len(inside))
    signed += inside
    data = by.signature_data(signed)
    return signed + struct.pack("<I", len(data)) + data


def signed_ranges(data: bytes) -> list[tuple[int, int]]:
    """Where a quote's signed bytes, signatures and keys lie, as [start, end): not its lengths, types and PEM text,
    of which not each bit means something."""
    version = struct.unpack_from("<H", data)[0]
    body = HEADER.size if version < 5 else HEADER.size + DESCRIPTOR.size
    size = BODY.size if version < 5 else DESCRIPTOR.unpack_from(data, HEADER.size)[1]
    start = body + size + 4
    report = start + SIGNATURE_SIZE + KEY_SIZE + CERTIFICATION.size
    authentication = report + ENCLAVE.size + SIGNATURE_SIZE
    return [(0, body + size), (start, start + SIGNATURE_SIZE + KEY_SIZE), (report, authentication),
            (authentication + 2, authentication + 2 + len(AUTHENTICATION))]
