# SPDX-License-Identifier: Apache-2.0
"""The corpus' part of TDX: quotes with their collateral, good ones and what is wrong with others.

A case's files: quote; root, DER; the PCS' answers tcb_info and qe_identity, with tcb_chain (PEM); root_crl, and pck_crl
with pck_crl_chain.
"""
from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import intel
import tdx_quote
from corpus import Case, Mutation, Range
from corpus_snp import NONCE, OTHER_NONCE
from root import TestRoot, chain
from tdx_quote import Body, Enclave, Quoting
from x509 import Validity

OLD = bytes([1, 1, 2] + [0] * 13)


class TdxCases:
    def __init__(self, root: TestRoot, other: TestRoot) -> None:
        self.root, self.other, self.keys, self.validity = root, other, root.intel_keys, root.validity
        self.quoting = tdx_quote.quoting(root)
        self.body = Body(report_data=NONCE, mrtd=hashlib.sha384(b"a guest").digest())
        self.good = self.case("good-v4", tdx_quote.quote(self.quoting, self.body))

    def case(self, name: str, quote: bytes) -> Case:
        certificates = self.root.intel_certificates()
        files = {"quote": quote, "root": certificates["root"],
                 "tcb_info": intel.tcb_info(self.keys, self.root.intel_tcb, self.validity),
                 "qe_identity": intel.qe_identity(self.keys, self.validity),
                 "tcb_chain": chain(certificates, "tcb-signing", "root"),
                 "root_crl": intel.root_crl(self.keys, self.validity),
                 "pck_crl": intel.pck_crl(self.keys, self.validity),
                 "pck_crl_chain": chain(certificates, "platform", "root")}
        return Case(f"tdx/{name}", files, {"report_data": NONCE.hex(), "mrtd": self.body.mrtd.hex(), "debug": False})

    def all_good(self) -> Iterator[Case]:
        yield self.good
        yield self.case("good-v5", tdx_quote.quote(self.quoting, self.body, 5))
        yield self.case("good-v5-tdx-1.5", tdx_quote.quote(self.quoting, self.body, 5, tdx_1_5=True))

    def but(self, name: str, why: str, quoting: Quoting | None = None, **fields: Any) -> Case:
        body = dataclasses.replace(self.body, **fields)
        return self.good.but(name, why, quote=tdx_quote.quote(quoting or self.quoting, body))

    def with_certificate(self, name: str, certificate: bytes) -> Quoting:
        certificates = {**self.root.intel_certificates(), name: certificate}
        return dataclasses.replace(self.quoting, pck_chain=chain(certificates, "pck", "platform", "root"))

    def bad_certificates(self) -> Iterator[Case]:
        start, day = self.validity.start, timedelta(days=1)
        past, future, good = Validity(start, start + day), Validity(self.validity.end - day, self.validity.end), self.good
        yield self.but("wrong-root", "the root is not the trusted one", tdx_quote.quoting(self.other))
        yield self.but("wrong-platform", "the platform's CA is not the root's",
                       tdx_quote.quoting(self.other)).but(
            "wrong-platform", "the platform's CA is not the root's",
            pck_crl=intel.pck_crl(self.other.intel_keys, self.validity))
        yield self.but("other-certificate", "the certificate is no PCK's", self.with_certificate(
            "pck", intel.pck(self.keys, self.root.intel_tcb, self.validity, intel.TCB_SIGNING)))
        yield self.but("short-chain", "the chain is not whole",
                       dataclasses.replace(self.quoting, pck_chain=chain(self.root.intel_certificates(), "pck")))
        yield self.but("expired", "the PCK's certificate is over",
                       self.with_certificate("pck", intel.pck(self.keys, self.root.intel_tcb, past)))
        yield good.but("revoked", "the PCK is revoked",
                       pck_crl=intel.pck_crl(self.keys, self.validity, intel.serial(self.keys.pck)))
        yield good.but("platform-revoked", "the platform's CA is revoked",
                       root_crl=intel.root_crl(self.keys, self.validity, intel.serial(self.keys.platform)))
        yield good.but("crl-of-another-root", "the list of revoked certificates is not the root's",
                       root_crl=intel.root_crl(self.other.intel_keys, self.validity))
        yield good.but("crl-of-another-name", "the list of revoked certificates is another's by its name",
                       pck_crl=intel.pck_crl(self.keys, self.validity, issuer=intel.ROOT))
        yield good.but("crl-expired", "the list of revoked certificates is over",
                       pck_crl=intel.pck_crl(self.keys, past))
        yield good.but("crl-not-yet-valid", "the list of revoked certificates is not valid yet",
                       pck_crl=intel.pck_crl(self.keys, future))
        yield good.but("root-crl-expired", "the root's list of revoked certificates is over",
                       root_crl=intel.root_crl(self.keys, past))

    def bad_collateral(self) -> Iterator[Case]:
        start, day = self.validity.start, timedelta(days=1)
        past, tcb = Validity(start, start + day), self.root.intel_tcb
        good, theirs = self.good, self.other.intel_keys
        info, identity = good.files["tcb_info"], good.files["qe_identity"]
        yield good.but("tcb-info-expired", "the TCB info is over", tcb_info=intel.tcb_info(self.keys, tcb, past))
        yield good.but("qe-identity-expired", "the QE identity is over",
                       qe_identity=intel.qe_identity(self.keys, past))
        yield good.but("tcb-info-of-another-root", "the TCB info is another's",
                       tcb_info=intel.tcb_info(theirs, tcb, self.validity))
        yield good.but("qe-identity-of-another-root", "the QE identity is another's",
                       qe_identity=intel.qe_identity(theirs, self.validity))
        yield good.but("collateral-of-another-root", "the collateral is another root's",
                       tcb_info=intel.tcb_info(theirs, tcb, self.validity),
                       qe_identity=intel.qe_identity(theirs, self.validity),
                       tcb_chain=chain(self.other.intel_certificates(), "tcb-signing", "root"))
        platform = dataclasses.replace(self.keys, tcb_signing=self.keys.platform)
        yield good.but("collateral-by-platform", "the collateral is signed by a CA for PCKs",
                       tcb_info=intel.tcb_info(platform, tcb, self.validity),
                       qe_identity=intel.qe_identity(platform, self.validity), tcb_chain=good.files["pck_crl_chain"])
        yield good.but("collateral-key-revoked", "the collateral's key is revoked",
                       root_crl=intel.root_crl(self.keys, self.validity, intel.serial(self.keys.tcb_signing)))
        yield good.but("other-platform", "the TCB info is another platform's",
                       tcb_info=intel.tcb_info(self.keys, tcb, self.validity, fmspc=b"OTHER!"))
        yield good.but("sgx-tcb-info", "the TCB info is SGX's",
                       tcb_info=intel.tcb_info(self.keys, tcb, self.validity, kind="SGX"))
        yield self.but("other-module", "the TDX module is another signer's", mrsignerseam=b"\1" * 48)
        yield self.but("debug-module", "the host may debug the TDX module", seam_attributes=1)
        yield good.but("tcb-info-changed", "the TCB info was changed",
                       tcb_info=info.replace(b"OutOfDate", b"UpToDate"))
        yield good.but("qe-identity-changed", "the QE identity was changed",
                       qe_identity=identity.replace(b"OutOfDate", b"UpToDate"))
        newer = dataclasses.replace(tcb, pce=tcb.pce + 1)
        yield good.but("old-pce", "the PCE is older than what is up to date",
                       tcb_info=intel.tcb_info(self.keys, newer, self.validity))
        yield self.but("old-tcb", "the TDX module is older than what is up to date", tee_tcb_svn=OLD)
        yield self.but("old-qe", "the quoting enclave is older than what is up to date",
                       dataclasses.replace(self.quoting, enclave=Enclave(svn=1)))

    def bad_quotes(self) -> Iterator[Case]:
        good = self.good.files["quote"]
        other = tdx_quote.quoting(self.other)
        yield self.but("debug", "the host may debug the guest",
                       attributes=self.body.attributes | tdx_quote.ATTRIBUTE_DEBUG)
        yield self.but("profiled", "the host may look at what the guest does",
                       attributes=self.body.attributes | tdx_quote.ATTRIBUTE_PERF_PROFILE)
        yield self.but("migratable", "a migration TD of the host's may have the guest",
                       attributes=self.body.attributes | tdx_quote.ATTRIBUTE_MIGRATABLE)
        yield self.but("wrong-report-data", "the report data are not what is asked for", report_data=bytes(64))
        yield self.but("wrong-mrtd", "the guest is another one", mrtd=bytes(48))
        yield self.but("other-attestation-key", "the quoting enclave has another attestation key",
                       dataclasses.replace(self.quoting, attestation=other.attestation, bound=hashlib.sha256(
                           self.quoting.attestation.public_bytes + tdx_quote.AUTHENTICATION).digest()))
        yield self.but("wrong-signature", "it is signed by another key than the one that it has",
                       dataclasses.replace(self.quoting, signer=other.attestation))
        yield self.but("other-pck", "the quoting enclave's report is another PCK's",
                       dataclasses.replace(self.quoting, pck=other.pck))
        yield self.but("other-enclave", "the quoting enclave is another one",
                       dataclasses.replace(self.quoting, enclave=Enclave(mrsigner=bytes(32))))
        yield self.but("debug-enclave", "the host may debug the quoting enclave", dataclasses.replace(
            self.quoting, enclave=Enclave(attributes=bytes([0x13]) + intel.QE_ATTRIBUTES[1:])))
        yield self.good.but("sgx", "it is no TD's", quote=tdx_quote.quote(
            self.quoting, self.body, tee=tdx_quote.TEE_SGX))
        yield from self.bad_structure()
        yield self.good.but("replay", "it answers an earlier question", {"report_data": OTHER_NONCE.hex()})
        yield self.good.but("truncated", "it is too short", quote=good[:-1])
        yield self.good.but("trailing-bytes", "it is too long", quote=good + b"\0")

    def bad_structure(self) -> Iterator[Case]:
        def quote(name: str, why: str, by: Quoting = self.quoting, version: int = 4, kind: int | None = None) -> Case:
            return self.good.but(name, why, quote=tdx_quote.quote(by, self.body, version, kind=kind))

        def quoting(types: tuple[int, int] = self.quoting.types,
                    behind: tuple[bytes, bytes] = self.quoting.behind) -> Quoting:
            return dataclasses.replace(self.quoting, types=types, behind=behind)
        yield quote("old-version", "a quote of that version is no TD's", version=3)
        yield quote("unknown-version", "the version is not known", version=6)
        yield quote("unknown-body", "the body's type is not known", version=5, kind=9)
        yield quote("wrong-body", "the body's type is of another size", version=5, kind=tdx_quote.BODY_TDX_1_5)
        yield quote("no-enclave-report", "the certification data are of another type", quoting((5, 5)))
        yield quote("no-chain", "the PCK's are of another type", quoting((6, 4)))
        yield quote("trailing-certification", "there is something behind the certification data",
                    quoting(behind=(b"\0", b"")))
        yield quote("trailing-chain", "there is something behind the chain", quoting(behind=(b"", b"\0")))

    def cases(self) -> Iterator[Case]:
        yield from self.all_good()
        yield from self.bad_certificates()
        yield from self.bad_collateral()
        yield from self.bad_quotes()

    def mutations(self) -> Iterator[Mutation]:
        for case in self.all_good():
            quote = case.files["quote"]
            yield Mutation(case, "quote", tdx_quote.signed_ranges(quote))
        yield Mutation(self.good, "quote", base64_ranges(self.good.files["quote"]))
        for role in "tcb_info", "qe_identity":
            yield Mutation(self.good, role, [value_range(self.good.files[role])])
        for role in "root_crl", "pck_crl":
            yield Mutation(self.good, role)
        yield Mutation(self.good, "tcb_chain", base64_ranges(self.good.files["tcb_chain"]))


def value_range(answer: bytes) -> Range:
    """Of what is signed in an answer of the PCS."""
    return answer.index(b":") + 1, answer.rindex(b',"signature"')


def base64_ranges(data: bytes) -> list[Range]:
    """Lines of PEM whose bits all count: a certificate's last may be padded; the root's are not looked at by who has it."""
    end = data.rindex(b"-----BEGIN")
    return [line.span() for line in re.finditer(rb"(?m)^[A-Za-z0-9+/]{64}$(?=\n[A-Za-z0-9+/])", data[:end])]
