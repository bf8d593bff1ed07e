# SPDX-License-Identifier: Apache-2.0
"""Intel's certificates and collateral of a test root: PCK chain, TCB info, QE identity, lists of revoked ones.

They have what a verifier asks of Intel's own, and "EMULATED" where it asks for nothing: in a `description` of every
name, in PPID and FMSPC, and in MRSIGNER of the quoting enclave. Spec: Intel SGX PCK certificate and CRL profile;
Intel PCS API v4 (TCB info, QE identity).
"""
from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import der
import x509
from ecc import P256, EcKey
from seeded import Seed
from x509 import Validity

EMULATED = "EMULATED by Postern, not Intel"
PPID = b"EMULATED-Postern"
PLATFORM_INSTANCE = b"EMULATED-Postern"
FMSPC = b"EMULAT"  # what Intel has none of
PCE_ID = bytes(2)
SCALABLE = 1  # SGX type
QE_MRSIGNER = b"EMULATED: quoting in the monitor"
QE_MRENCLAVE = b"EMULATED quoting enclave: no SGX"
QE_PRODUCT, QE_SVN = 2, 4
MRSEAM = b"EMULATED by Postern, not a TDX module of Intel's"
QE_ATTRIBUTES = bytes([0x11]) + bytes(7) + bytes.fromhex("e700000000000000")  # INIT, 64 bits; XFRM
QE_ATTRIBUTES_MASK = bytes.fromhex("fbffffffffffffff0000000000000000")  # without MODE64BIT
PCS = "https://api.trustedservices.intel.com/sgx/certification/v4/pckcrl?ca=platform&encoding=der"
ROOT_CRL = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der"
SGX = "1.2.840.113741.1.13.1"


@dataclass(frozen=True)
class Tcb:
    """Security versions: of the processor, of the PCE, and of the TDX module (TEE_TCB_SVN)."""
    cpu: bytes = bytes([5] * 4 + [0] * 12)
    pce: int = 13
    module: bytes = bytes([5, 1, 2] + [0] * 13)  # minor version, major version, SEAM loader


@dataclass(frozen=True)
class Keys:
    root: EcKey
    platform: EcKey
    pck: EcKey
    tcb_signing: EcKey

    @classmethod
    def make(cls, seed: Seed) -> Keys:
        return cls(*(EcKey.make(seed, label, P256) for label in ("Intel root", "PCK CA", "PCK", "TCB signing")))


def name(common: str) -> x509.Name:
    return x509.name(CN=common, O="Intel Corporation", L="Santa Clara", ST="CA", C="US", description=EMULATED)


ROOT, PLATFORM = name("Intel SGX Root CA"), name("Intel SGX PCK Platform CA")
PCK, TCB_SIGNING = name("Intel SGX PCK Certificate"), name("Intel SGX TCB Signing")


def serial(key: EcKey) -> int:
    return int.from_bytes(x509.key_id(key), "big")


def item(oid: str, value: bytes) -> bytes:
    return der.sequence(der.oid(f"{SGX}.{oid}"), value)


def sgx_extension(tcb: Tcb) -> x509.Extension:
    levels = [item(f"2.{i}", der.integer(svn)) for i, svn in enumerate(tcb.cpu, 1)]
    levels += [item("2.17", der.integer(tcb.pce)), item("2.18", der.octets(tcb.cpu))]
    configuration = [item(f"7.{i}", der.boolean(value)) for i, value in enumerate([True, True, True], 1)]
    return x509.extension(SGX, der.sequence(
        item("1", der.octets(PPID)), item("2", der.sequence(*levels)), item("3", der.octets(PCE_ID)),
        item("4", der.octets(FMSPC)), item("5", der.integer(SCALABLE, der.ENUMERATED)),
        item("6", der.octets(PLATFORM_INSTANCE)), item("7", der.sequence(*configuration))))


def certificate(subject: x509.Name, key: EcKey, issuer: x509.Name, by: EcKey, validity: Validity,
                *more: x509.Extension, crl: str = ROOT_CRL) -> bytes:
    return x509.certificate(
        serial=serial(key), subject=subject, key=key, issuer=issuer, by=by, validity=validity,
        extensions=[x509.authority_key(by), x509.crl_at(crl), x509.subject_key(key), *more])


def pck(keys: Keys, tcb: Tcb, validity: Validity, subject: x509.Name = PCK) -> bytes:
    return certificate(subject, keys.pck, PLATFORM, keys.platform, validity,
                       x509.key_usage(x509.SIGN_DIGITAL | x509.SIGN_CONTENT), x509.basic_constraints(False),
                       sgx_extension(tcb), crl=PCS)


def certificates(keys: Keys, tcb: Tcb, validity: Validity) -> dict[str, bytes]:
    signs = x509.key_usage(x509.SIGN_CERTIFICATE | x509.SIGN_CRL)
    return {"root": certificate(ROOT, keys.root, ROOT, keys.root, validity, signs, x509.basic_constraints(True, 1)),
            "platform": certificate(PLATFORM, keys.platform, ROOT, keys.root, validity, signs,
                                    x509.basic_constraints(True, 0)),
            "pck": pck(keys, tcb, validity),
            "tcb-signing": certificate(TCB_SIGNING, keys.tcb_signing, ROOT, keys.root, validity,
                                       x509.key_usage(x509.SIGN_DIGITAL | x509.SIGN_CONTENT),
                                       x509.basic_constraints(False))}


def root_crl(keys: Keys, validity: Validity, *revoked: int) -> bytes:
    return x509.crl(issuer=ROOT, by=keys.root, validity=validity, revoked=revoked)


def pck_crl(keys: Keys, validity: Validity, *revoked: int, issuer: x509.Name = PLATFORM) -> bytes:
    return x509.crl(issuer=issuer, by=keys.platform, validity=validity, revoked=revoked)


def date(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


def signed(field: str, value: dict[str, Any], key: EcKey) -> bytes:
    """A response of the PCS: the signature is of the field's bytes as they stand there."""
    body = json.dumps(value, separators=(",", ":"))
    return f'{{"{field}":{body},"signature":"{key.sign_raw(body.encode()).hex()}"}}'.encode()


def level(tcb: dict[str, Any], status: str, validity: Validity) -> dict[str, Any]:
    return {"tcb": tcb, "tcbDate": date(validity.start), "tcbStatus": status}


def head(kind: str, version: int, validity: Validity) -> dict[str, Any]:
    return {"id": kind, "version": version, "issueDate": date(validity.start), "nextUpdate": date(validity.end),
            "tcbEvaluationDataNumber": 17}


def tcb_info(keys: Keys, tcb: Tcb, validity: Validity, by: EcKey | None = None, fmspc: bytes = FMSPC,
             kind: str = "TDX") -> bytes:
    """All that is below @tcb is out of date."""
    none = bytes(16)

    def versions(cpu: bytes, pce: int, module: bytes) -> dict[str, Any]:
        return {"sgxtcbcomponents": [{"svn": svn} for svn in cpu], "pcesvn": pce,
                "tdxtcbcomponents": [{"svn": svn} for svn in module]}
    module = {"mrsigner": "00" * 48, "attributes": "00" * 8, "attributesMask": "FF" * 8}
    return signed("tcbInfo", {
        **head(kind, 3, validity), "fmspc": fmspc.hex(), "pceId": PCE_ID.hex(), "tcbType": 0, "tdxModule": module,
        "tdxModuleIdentities": [{"id": f"TDX_{tcb.module[1]:02x}", **module, "tcbLevels": [
            level({"isvsvn": tcb.module[0]}, "UpToDate", validity), level({"isvsvn": 0}, "OutOfDate", validity)]}],
        "tcbLevels": [level(versions(tcb.cpu, tcb.pce, tcb.module), "UpToDate", validity),
                      level(versions(none, 0, none), "OutOfDate", validity)]}, by or keys.tcb_signing)


def qe_identity(keys: Keys, validity: Validity) -> bytes:
    return signed("enclaveIdentity", {
        **head("TD_QE", 2, validity), "miscselect": "00" * 4, "miscselectMask": "FF" * 4,
        "attributes": bytes(a & m for a, m in zip(QE_ATTRIBUTES, QE_ATTRIBUTES_MASK)).hex(),
        "attributesMask": QE_ATTRIBUTES_MASK.hex(), "mrsigner": QE_MRSIGNER.hex(), "isvprodid": QE_PRODUCT,
        "tcbLevels": [level({"isvsvn": QE_SVN}, "UpToDate", validity),
                      level({"isvsvn": 0}, "OutOfDate", validity)]}, keys.tcb_signing)
