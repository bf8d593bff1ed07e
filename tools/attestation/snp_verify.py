# SPDX-License-Identifier: Apache-2.0
"""Verifies an SNP report with its certificates, as tools/key-broker does. Spec: SNP-FW, VCEK (57230).

All that a verifier asks is in a line of its own: each has a case of tools/evidence-corpus that nothing else refuses.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import certificate
import der
import ecc
import snp_report
from certificate import Certificate, Refused
from snp_report import Report

PREFIX = "1.3.6.1.4.1.3704.1."
# Of TCB_VERSION, for the extensions 3.N, by the structure of the certificate: before family 1Ah, and from there on
TCB_BYTES = {0: {1: 0, 2: 1, 3: 6, 4: 2, 5: 3, 6: 4, 7: 5, 8: 7}, 1: {9: 0, 1: 1, 2: 2, 3: 3, 5: 4, 6: 5, 7: 6, 8: 7}}
# By family and extended model; Bergamo and Siena are of Genoa's line
LINES = {(0x19, 0): b"Milan", (0x19, 1): b"Genoa", (0x19, 0xA): b"Genoa", (0x1A, 0): b"Turin", (0x1A, 1): b"Turin"}
CHIP_ID_SIZES = {0: 64, 1: 8}
COMMON_NAMES = {snp_report.SIGNED_BY_VCEK: "SEV-VCEK", snp_report.SIGNED_BY_VLEK: "SEV-VLEK"}


@dataclass(frozen=True)
class Expected:
    """What the verifier's user asks for. None: anything."""
    report_data: bytes
    measurement: bytes | None = None
    debug: bool = False
    vmpl: int = 0
    minimum_tcb: int = 0


def need(condition: bool, why: str) -> None:
    if not condition:
        raise Refused(why)


def extension(leaf: Certificate, oid: str) -> bytes:
    value = leaf.extensions.get(der.oid(PREFIX + oid))
    if value is None:
        raise Refused(f"the certificate lacks AMD's extension {oid}")
    return value


def structure(leaf: Certificate) -> int:
    number = certificate.number(extension(leaf, "1"))
    need(number in TCB_BYTES, "the certificate has another structure")
    return number


def certificate_tcb(leaf: Certificate) -> int:
    return sum(certificate.number(extension(leaf, f"3.{i}")) << 8 * byte for i, byte in TCB_BYTES[structure(leaf)].items())


def line(leaf: Certificate) -> bytes:
    """Milan, of a VCEK's Milan-B1 and of a VLEK's Milan."""
    return der.content(extension(leaf, "2"), der.IA5_STRING).split(b"-")[0]


def covers(tcb: int, minimum: int) -> bool:
    """Each of TCB_VERSION's parts is a number of its own."""
    return all(a >= b for a, b in zip(tcb.to_bytes(8, "little"), minimum.to_bytes(8, "little")))


def check_chain(files: Mapping[str, bytes], at: datetime) -> Certificate:
    """@files: report, leaf, intermediate, crl; ark, which is trusted. The leaf."""
    ark, intermediate, leaf = (Certificate.parse(files[name]) for name in ("ark", "intermediate", "leaf"))
    intermediate.check(ark, at)
    leaf.check(intermediate, at)
    need(intermediate.serial not in certificate.revoked(files["crl"], ark, at), "the intermediate key is revoked")
    return leaf


def check_signature(data: bytes, report: Report, numbers: tuple[int, int], leaf: Certificate) -> None:
    need(report.signature_algorithm == snp_report.ECDSA_P384_SHA384, "the signature is of another kind")
    curve, point = leaf.key.point()
    need(curve is ecc.P384, "the key is of another kind")
    ecc.verify(curve, point, data[:snp_report.SIGNED_SIZE], numbers)


def check_binding(report: Report, leaf: Certificate) -> None:
    """That the certificate is of this processor and its TCB, and says what signed it."""
    need(report.signer in COMMON_NAMES, "it is not signed by a VCEK or a VLEK")
    need(certificate.common_name(leaf.subject) == COMMON_NAMES[report.signer], "the certificate is of another kind of key")
    need(report.reported_tcb == certificate_tcb(leaf), "the certificate is of another TCB")
    if report.signer == snp_report.SIGNED_BY_VCEK:
        chip, size = extension(leaf, "4"), CHIP_ID_SIZES[structure(leaf)]
        need(len(chip) == size and chip.ljust(64, b"\0") == report.chip_id, "the certificate is another processor's")
    if report.version >= 3:
        named = LINES.get((report.family, report.model >> 4))
        need(named == line(leaf), "the certificate is of another line of processors")


def check_expected(report: Report, expected: Expected) -> None:
    need(report.version in snp_report.VERSIONS, "the version is not known")
    need(expected.debug or not report.policy & snp_report.POLICY_DEBUG, "the host may debug the guest")
    need(not report.policy & snp_report.POLICY_MIGRATE_MA, "the host's migration agent may have the guest")
    need(report.vmpl == expected.vmpl, "it is of another VMPL")
    need(covers(report.reported_tcb, expected.minimum_tcb), "the TCB is too old")
    need(expected.measurement in (None, report.measurement), "the guest is another one")
    need(report.report_data == expected.report_data, "the report data are not what was asked for")


def verify(files: Mapping[str, bytes], expected: Expected, at: datetime) -> Report:
    """The report. Raises Refused."""
    try:
        report, numbers = snp_report.parse(files["report"])
        need(not (report.reserved_0x4c or any(report.reserved_0x18b)), "what is reserved is not zero")
        leaf = check_chain(files, at)
        check_binding(report, leaf)
        check_signature(files["report"], report, numbers, leaf)
        check_expected(report, expected)
    except (snp_report.BadReport, ecc.BadSignature) as error:
        raise Refused(str(error)) from error
    except (der.BadDer, ValueError, KeyError, IndexError) as error:
        raise Refused(f"a certificate cannot be read: {error}") from error
    return report
