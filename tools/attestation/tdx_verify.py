# SPDX-License-Identifier: Apache-2.0
"""Verifies a TDX quote with its collateral, as tools/key-broker does. Spec: Intel TDX DCAP quote library API; PCS API v4."""
from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import certificate
import der
import ecc
import intel
import tdx_quote
from certificate import Certificate, Refused
from snp_verify import need
from tdx_quote import Body, Enclave

PCK, TCB_SIGNING = "Intel SGX PCK Certificate", "Intel SGX TCB Signing"


@dataclass(frozen=True)
class Expected:
    report_data: bytes
    mrtd: bytes | None = None
    debug: bool = False
    rtmrs: Mapping[int, bytes] = field(default_factory=dict)  # those that matter


@dataclass(frozen=True)
class Quote:
    signed: bytes
    body: Body
    signature: bytes
    attestation_key: bytes
    enclave: Enclave
    enclave_report: bytes
    enclave_signature: bytes
    authentication: bytes
    chain: list[Certificate]


class Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def bytes(self, size: int) -> bytes:
        need(size <= len(self.data) - self.at, "it is too short")
        self.at += size
        return self.data[self.at - size:self.at]

    def unpack(self, form: str | struct.Struct) -> tuple[Any, ...]:
        form = struct.Struct(form) if isinstance(form, str) else form
        return form.unpack(self.bytes(form.size))

    def sized(self, form: str) -> Reader:
        """What a length that stands before it says."""
        return Reader(self.bytes(self.unpack(form)[-1]))

    def end(self) -> None:
        need(self.at == len(self.data), "it is too long")


def certificates(pem: bytes) -> list[Certificate]:
    return [Certificate.parse(data) for data in der.unpem("CERTIFICATE", pem.decode())]


def parse_body(reader: Reader) -> Body:
    version, algorithm, tee, *_ = reader.unpack(tdx_quote.HEADER)
    need(version in (4, 5), "the version is not known")
    need(algorithm == tdx_quote.ECDSA_P256 and tee == tdx_quote.TEE_TDX, "it is no TD's")
    kind, size = tdx_quote.BODY_TDX_1_0, tdx_quote.BODY.size
    if version == 5:
        kind, size = reader.unpack(tdx_quote.DESCRIPTOR)
    sizes = {tdx_quote.BODY_TDX_1_0: tdx_quote.BODY.size,
             tdx_quote.BODY_TDX_1_5: tdx_quote.BODY.size + tdx_quote.BODY_MORE.size}
    need(sizes.get(kind) == size, "the body is of another kind")
    return Body(*tdx_quote.BODY.unpack_from(reader.bytes(size)))


def parse(data: bytes) -> Quote:
    reader = Reader(data)
    body = parse_body(reader)
    signed = data[:reader.at]
    outer = reader.sized("<I")
    reader.end()
    signature, key = outer.bytes(tdx_quote.SIGNATURE_SIZE), outer.bytes(tdx_quote.KEY_SIZE)
    kind, size = outer.unpack(tdx_quote.CERTIFICATION)
    need(kind == tdx_quote.QE_REPORT, "its certification data are of another kind")
    inner = Reader(outer.bytes(size))
    outer.end()
    report, report_signature = inner.bytes(tdx_quote.ENCLAVE.size), inner.bytes(tdx_quote.SIGNATURE_SIZE)
    authentication = inner.sized("<H").data
    kind, size = inner.unpack(tdx_quote.CERTIFICATION)
    need(kind == tdx_quote.PCK_CHAIN, "it has no chain of certificates")
    chain = certificates(inner.bytes(size))
    inner.end()
    need(len(chain) == 3, "the chain has not three certificates")
    return Quote(signed, body, signature, key, Enclave(*tdx_quote.ENCLAVE.unpack(report)), report, report_signature,
                 authentication, chain)


def verify_raw(point: bytes, message: bytes, signature: bytes) -> None:
    numbers = [int.from_bytes(part[at:at + 32], "big") for part in (point, signature) for at in (0, 32)]
    ecc.verify(ecc.P256, (numbers[0], numbers[1]), message, (numbers[2], numbers[3]))


def check_chain(quote: Quote, files: Mapping[str, bytes], at: datetime) -> None:
    root = Certificate.parse(files["root"])
    pck, platform, _ = quote.chain
    platform.check(root, at)
    pck.check(platform, at)
    need(certificate.common_name(pck.subject) == PCK, "the certificate is of another kind of key")
    need(platform.serial not in certificate.revoked(files["root_crl"], root, at), "the platform's CA is revoked")
    need(pck.serial not in certificate.revoked(files["pck_crl"], platform, at), "the PCK is revoked")


def check_signatures(quote: Quote) -> None:
    verify_raw(quote.chain[0].key.parts[1][1:], quote.enclave_report, quote.enclave_signature)
    bound = hashlib.sha256(quote.attestation_key + quote.authentication).digest()
    need(quote.enclave.report_data == bound + bytes(32), "the quoting enclave has another attestation key")
    verify_raw(quote.attestation_key, quote.signed, quote.signature)


def answer(files: Mapping[str, bytes], name: str, at: datetime) -> dict[str, Any]:
    """What the PCS signed."""
    root, data = Certificate.parse(files["root"]), files[name]
    signer = certificates(files["tcb_chain"])[0]
    signer.check(root, at)
    need(certificate.common_name(signer.subject) == TCB_SIGNING, "the collateral is signed by another kind of key")
    need(signer.serial not in certificate.revoked(files["root_crl"], root, at), "the collateral's key is revoked")
    body = data[data.index(b":") + 1:data.rindex(b',"signature"')]
    verify_raw(signer.key.parts[1][1:], body, bytes.fromhex(json.loads(data)["signature"]))
    value: dict[str, Any] = json.loads(body)
    start, end = (datetime.fromisoformat(value[key].replace("Z", "+00:00")) for key in ("issueDate", "nextUpdate"))
    need(start <= at <= end, "the collateral is not valid at this time")
    return value


def up_to_date(levels: list[dict[str, Any]], reached: Any) -> None:
    """The first level that is @reached says it."""
    found = next((level["tcbStatus"] for level in levels if reached(level["tcb"])), "Unsupported")
    need(found == "UpToDate", f"the TCB is {found}")


def components(pck: Certificate) -> tuple[bytes, int, bytes]:
    """CPUSVN, PCESVN and FMSPC of a PCK's certificate."""
    items = certificate.items(pck.extensions[der.oid(intel.SGX)])
    tcb = certificate.items(items[der.oid(intel.SGX + ".2")])
    return (der.content(tcb[der.oid(intel.SGX + ".2.18")], der.OCTET_STRING),
            certificate.number(tcb[der.oid(intel.SGX + ".2.17")]),
            der.content(items[der.oid(intel.SGX + ".4")], der.OCTET_STRING))


def masked(attributes: bytes, mask: str) -> str:
    return bytes(a & m for a, m in zip(attributes, bytes.fromhex(mask), strict=True)).hex()


def module_identity(info: dict[str, Any], major: int) -> dict[str, Any]:
    """Of a TDX module of that version."""
    identities: list[dict[str, Any]] = info["tdxModuleIdentities"] if major else [{"id": "TDX_00", **info["tdxModule"]}]
    return next(identity for identity in identities if identity["id"] == f"TDX_{major:02x}")


def check_tcb(quote: Quote, info: dict[str, Any]) -> None:
    cpu, pce, fmspc = components(quote.chain[0])
    module = quote.body.tee_tcb_svn
    need(info["id"] == "TDX" and info["fmspc"] == fmspc.hex(), "the TCB info is another platform's")
    identity = module_identity(info, module[1])
    need(quote.body.mrsignerseam.hex() == identity["mrsigner"], "the TDX module is another signer's")
    attributes = masked(quote.body.seam_attributes.to_bytes(8, "little"), identity["attributesMask"])
    need(attributes == identity["attributes"], "the TDX module has other attributes")

    def reached(tcb: dict[str, Any]) -> bool:
        svns = [[part["svn"] for part in tcb[name]] for name in ("sgxtcbcomponents", "tdxtcbcomponents")]
        skip = 2 if module[1] else 0  # the module's own version is judged by its identity
        return (all(a >= b for a, b in zip(cpu, svns[0])) and pce >= tcb["pcesvn"] and
                all(a >= b for a, b in zip(module[skip:], svns[1][skip:])))
    up_to_date(info["tcbLevels"], reached)
    if module[1]:
        up_to_date(identity["tcbLevels"], lambda tcb: module[0] >= tcb["isvsvn"])


def check_enclave(enclave: Enclave, identity: dict[str, Any]) -> None:
    attributes = masked(enclave.attributes, identity["attributesMask"])
    need(identity["id"] == "TD_QE" and identity["mrsigner"] == enclave.mrsigner.hex() and
         identity["isvprodid"] == enclave.product, "the quoting enclave is another one")
    need(identity["attributes"] == attributes and not enclave.misc_select, "the quoting enclave has other attributes")
    up_to_date(identity["tcbLevels"], lambda tcb: enclave.svn >= tcb["isvsvn"])


def verify(files: Mapping[str, bytes], expected: Expected, at: datetime) -> Body:
    """The TD's report. Raises Refused."""
    try:
        quote = parse(files["quote"])
        check_chain(quote, files, at)
        check_signatures(quote)
        check_tcb(quote, answer(files, "tcb_info", at))
        check_enclave(quote.enclave, answer(files, "qe_identity", at))
    except ecc.BadSignature as error:
        raise Refused(str(error)) from error
    except (der.BadDer, ValueError, KeyError, IndexError, TypeError, StopIteration) as error:
        raise Refused(f"it cannot be read: {error}") from error
    need(expected.debug or not quote.body.attributes & tdx_quote.ATTRIBUTES_UNDER_DEBUG, "the host may debug the guest")
    need(not quote.body.attributes & tdx_quote.ATTRIBUTE_MIGRATABLE, "the host's migration TD may have the guest")
    need(expected.mrtd in (None, quote.body.mrtd), "the guest is another one")
    for number, value in expected.rtmrs.items():
        need(getattr(quote.body, f"rtmr{number}") == value, f"RTMR {number} is another one")
    need(quote.body.report_data == expected.report_data, "the report data are not what was asked for")
    return quote.body
