# SPDX-License-Identifier: Apache-2.0
"""The reports of monitor_report.c, against those that tools/attestation writes of the same launch: each byte; and as a
corpus for verifiers.

Usage: monitor_reports.py MODULES ROOT REPORTS CORPUS
"""
import dataclasses
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import amd  # noqa: E402
import corpus  # noqa: E402
import evidence_corpus  # noqa: E402
import root  # noqa: E402
import snp_report  # noqa: E402
from seeded import Seed  # noqa: E402

ROOT = root.TestRoot.load(pathlib.Path(sys.argv[2]))
FIRMWARE = {"current_build": 29, "current_minor": 55, "current_major": 1, "committed_build": 29, "committed_minor": 55,
            "committed_major": 1, "platform_info": snp_report.PLATFORM_ALIAS_CHECK}
LAUNCH = {"policy": 0x30000, "measurement": b"M" * 48, "host_data": b"H" * 32, "report_id": b"R" * 32,
          "report_data": b"D" * 64, "chip_id": ROOT.chip_id}
ID_BLOCK = {"guest_svn": 7, "family_id": b"F" * 16, "image_id": b"I" * 16, "id_key_digest": b"K" * 48}
AUTHOR = {**ID_BLOCK, "author_key_digest": b"A" * 48, "signer_info": 1}
REPORTS = {"v2": (2, {}), "v3": (3, {}), "v5": (5, {}), "id-block": (5, ID_BLOCK), "author-key": (5, AUTHOR),
           "vlek": (5, {**AUTHOR, "signer_info": 1 | snp_report.SIGNED_BY_VLEK << 2})}


def fields(data):
    return dataclasses.asdict(snp_report.parse(data)[0])


def compare(name, data):
    version, more = REPORTS[name]
    report = snp_report.make(version, **FIRMWARE, **LAUNCH, **more)
    for field, value in dataclasses.asdict(report).items():
        assert fields(data)[field] == value, f"{name}: {field}: {fields(data)[field]} and {value}"
    key = ROOT.amd_keys.vlek if report.signer == snp_report.SIGNED_BY_VLEK else ROOT.amd_keys.vcek
    assert report.signed(key) == data, f"{name}: the signature"


def case(name, data):
    leaf, intermediate = ("vlek", "asvk") if name == "vlek" else ("vcek", "ask")
    certificates = ROOT.amd_certificates()
    files = {"report": data, "leaf": certificates[leaf], "intermediate": certificates[intermediate],
             "ark": certificates["ark"], "ask": certificates["ask"], "crl": amd.crl(ROOT.amd_keys, ROOT.product.ark, ROOT.validity)}
    return corpus.Case(f"snp/{name}", files, {"report_data": "44" * 64, "measurement": "4d" * 48, "debug": False, "vmpl": 0,
                                              "minimum_tcb": ROOT.amd_tcb.number()})


def main():
    lines = pathlib.Path(sys.argv[3]).read_text().split()
    reports = {name: bytes.fromhex(data) for name, data in zip(lines[::2], lines[1::2])}
    assert list(reports) == list(REPORTS)
    for name, data in reports.items():
        compare(name, data)
    print(len(reports), "reports are the same")
    folder = pathlib.Path(sys.argv[4])
    folder.mkdir(parents=True, exist_ok=True)
    corpus.write(folder, Seed(0), evidence_corpus.TIME, [case(*item) for item in reports.items()], [], 0)


main()
