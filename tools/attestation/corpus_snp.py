# SPDX-License-Identifier: Apache-2.0
"""The corpus' part of SNP: reports with their certificates, good ones and what is wrong with others.

A case's files: report; leaf (VCEK or VLEK), intermediate (ASK or ASVK) and ark, DER; crl. With an ASVK also ask, for who
wants both.
"""
from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import amd
import snp_report
from corpus import Case, Mutation
from ecc import P256, EcKey
from root import TestRoot
from snp_report import Report
from x509 import Validity

NONCE, OTHER_NONCE = (hashlib.sha512(words).digest() for words in (b"a nonce", b"another nonce"))
VLEK_SIGNED = snp_report.SIGNED_BY_VLEK << 2


class SnpCases:
    def __init__(self, root: TestRoot, other: TestRoot) -> None:
        self.root, self.other, self.keys = root, other, root.amd_keys
        self.certificates = root.amd_certificates()
        self.crl = amd.crl(self.keys, root.product.ark, root.validity)
        self.report = snp_report.make(5, report_data=NONCE, guest_svn=1, **snp_report.platform(root, 5),
                                      measurement=hashlib.sha384(b"a guest").digest(),
                                      report_id=hashlib.sha256(b"a guest's life").digest())
        self.good = self.case("good-v5", self.report)
        self.good_vlek = dataclasses.replace(
            self.case("good-vlek", self.of(signer_info=VLEK_SIGNED), self.keys.vlek),
            files={**self.good.files, "leaf": self.certificates["vlek"], "intermediate": self.certificates["asvk"],
                   "ask": self.certificates["ask"], "report": self.of(signer_info=VLEK_SIGNED).signed(self.keys.vlek)})

    def of(self, **fields: Any) -> Report:
        return dataclasses.replace(self.report, **fields)

    def case(self, name: str, report: Report, key: EcKey | None = None) -> Case:
        files = {"report": report.signed(key or self.keys.vcek), "leaf": self.certificates["vcek"],
                 "intermediate": self.certificates["ask"], "ark": self.certificates["ark"], "crl": self.crl}
        expect = {"report_data": NONCE.hex(), "measurement": self.report.measurement.hex(), "debug": False, "vmpl": 0,
                  "minimum_tcb": self.root.amd_tcb.number()}
        return Case(f"snp/{name}", files, expect)

    def all_good(self) -> Iterator[Case]:
        for version in (2, 3):
            without = {"family": 0, "model": 0, "stepping": 0} if version < 3 else {}
            yield self.case(f"good-v{version}", self.of(version=version, **without))
        yield self.good
        yield self.case("good-mitigations", self.of(launch_mitigations=3, current_mitigations=7))
        yield self.good_vlek

    def bad_certificates(self) -> Iterator[Case]:
        start, end, day = self.root.validity.start, self.root.validity.end, timedelta(days=1)
        product, always = self.root.product, self.root.validity
        past, future = Validity(start, start + day), Validity(end - day, end)

        def vcek(tcb: amd.Tcb = self.root.amd_tcb, chip: bytes | None = self.root.hardware_id,
                 validity: Validity = self.root.validity, issuer: bytes | None = None) -> bytes:
            return amd.vcek(self.keys, tcb, chip, validity, issuer=issuer)

        def ask(validity: Validity = self.root.validity, signs: bool = True) -> bytes:
            return amd.authority(self.keys, product, self.keys.ask, product.ask, amd.ASK_SERIAL, "vcek", validity, signs)

        def crl(validity: Validity, *revoked: int, keys: amd.Keys = self.keys, issuer: bytes = self.root.product.ark) -> bytes:
            return amd.crl(keys, issuer, validity, *revoked)
        theirs = self.other.amd_certificates()
        but = self.good.but
        yield but("wrong-root", "the root is not the trusted one", report=self.report.signed(self.other.amd_keys.vcek),
                  leaf=theirs["vcek"], intermediate=theirs["ask"])
        yield but("wrong-intermediate", "the ASK is another root's", intermediate=theirs["ask"])
        yield but("expired", "the VCEK's certificate is over", leaf=vcek(validity=past))
        yield but("not-yet-valid", "the VCEK's certificate is not valid yet", leaf=vcek(validity=future))
        yield but("other-issuer", "the VCEK's certificate names another issuer", leaf=vcek(issuer=product.asvk))
        yield but("intermediate-expired", "the ASK's certificate is over", intermediate=ask(past))
        yield but("no-authority", "the ASK may sign no certificates", intermediate=ask(signs=False))
        yield but("revoked", "the ASK is revoked", crl=crl(always, amd.ASK_SERIAL))
        yield self.good_vlek.but("vlek-revoked", "the ASVK is revoked", crl=crl(always, amd.ASVK_SERIAL))
        yield but("crl-of-another-root", "the list of revoked certificates is not the ARK's",
                  crl=crl(always, keys=self.other.amd_keys))
        yield but("crl-of-another-name", "the list of revoked certificates is another's by its name",
                  crl=crl(always, issuer=product.ask))
        yield but("crl-expired", "the list of revoked certificates is over", crl=crl(past))
        yield but("crl-not-yet-valid", "the list of revoked certificates is not valid yet", crl=crl(future))
        yield but("no-chip", "the VCEK's certificate is of no processor", leaf=vcek(chip=None))
        yield but("other-chip", "the VCEK is another processor's", leaf=vcek(chip=bytes(product.chip_id_size)))
        yield but("other-tcb", "the VCEK is another TCB's", leaf=vcek(tcb=amd.Tcb(product, {amd.MICROCODE: 77})))
        old = amd.Tcb(product, {amd.SNP: 1})
        yield but("old-tcb", "the TCB is older than what is asked for", leaf=vcek(tcb=old),
                  report=self.of(reported_tcb=old.number()).signed(self.keys.vcek))
        yield but("other-product", "the report is of another line of processors",
                  report=self.of(family=0x1B).signed(self.keys.vcek))

    def bad_signers(self) -> Iterator[Case]:
        but, vlek, report = self.good.but, self.good_vlek, self.report
        yield but("vlek-in-place-of-vcek", "it says VCEK, and comes with a VLEK that signed it",
                  report=report.signed(self.keys.vlek), leaf=vlek.files["leaf"],
                  intermediate=vlek.files["intermediate"])
        yield vlek.but("vcek-in-place-of-vlek", "it says VLEK, and comes with a VCEK that signed it",
                       report=self.of(signer_info=VLEK_SIGNED).signed(self.keys.vcek), leaf=self.good.files["leaf"],
                       intermediate=self.good.files["intermediate"])
        yield but("other-key", "it is signed by another key", report=report.signed(self.other.amd_keys.vcek))
        small = EcKey.make(self.root.seed, "P-256", P256)
        yield but("p-256", "the VCEK is a key on P-256", report=report.signed(small), leaf=amd.vcek(
            self.keys, self.root.amd_tcb, self.root.hardware_id, self.root.validity, small))
        r, s = self.keys.vcek.sign_numbers(report.body())
        for name, numbers in {"zero-signature": (0, 0), "zero-r": (0, s), "zero-s": (r, 0),
                              "r-plus-order": (r + self.keys.vcek.curve.n, s)}.items():
            yield but(name, "the signature has a number out of range",
                      report=report.body() + snp_report.encode_signature(*numbers))
        swapped = b"".join(n.to_bytes(48, "big") + bytes(24) for n in (r, s))
        yield but("big-endian", "the signature's numbers are big-endian",
                  report=report.body() + swapped + bytes(snp_report.SIZE - snp_report.SIGNED_SIZE - len(swapped)))
        yield but("unsigned", "it is not signed", report=self.of(
            signer_info=snp_report.UNSIGNED << 2, signature_algorithm=0).body() + bytes(512))
        yield but("unknown-algorithm", "the algorithm of its signature is not known",
                  report=self.of(signature_algorithm=2).signed(self.keys.vcek))

    def bad_reports(self) -> Iterator[Case]:
        good = self.good.files["report"]

        def signed(name: str, why: str, **fields: Any) -> Case:
            return self.good.but(name, why, report=self.of(**fields).signed(self.keys.vcek))
        yield signed("debug-policy", "the host may debug the guest",
                     policy=self.report.policy | snp_report.POLICY_DEBUG)
        yield signed("migratable", "a migration agent of the host's may have the guest",
                     policy=self.report.policy | snp_report.POLICY_MIGRATE_MA)
        yield signed("vmpl", "it is of VMPL 1", vmpl=1)
        yield signed("wrong-report-data", "the report data are not what is asked for", report_data=bytes(64))
        yield signed("wrong-measurement", "the guest is another one", measurement=bytes(48))
        yield signed("unknown-version", "the version is not known", version=0xFF)
        yield signed("reserved", "what is reserved is not zero", reserved_0x4c=1)
        yield self.good.but("replay", "it answers an earlier question", {"report_data": OTHER_NONCE.hex()})
        yield self.good.but("truncated", "it is too short", report=good[:-1])
        yield self.good.but("trailing-bytes", "it is too long", report=good + b"\0")

    def cases(self) -> Iterator[Case]:
        yield from self.all_good()
        yield from self.bad_certificates()
        yield from self.bad_signers()
        yield from self.bad_reports()

    def mutations(self) -> Iterator[Mutation]:
        for case in self.all_good():
            yield Mutation(case, "report")
        for case in self.good, self.good_vlek:
            yield Mutation(case, "leaf")
            yield Mutation(case, "intermediate")
        yield Mutation(self.good, "crl")
