# SPDX-License-Identifier: Apache-2.0
"""What tools/evidence wrote, verified and told.

Usage: look_at_evidence.py MODULES ROOT FOLDER
"""
import datetime
import pathlib
import struct
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import root  # noqa: E402
import snp_report  # noqa: E402
import snp_verify  # noqa: E402
import tdx_verify  # noqa: E402
from key_broker import COLLATERAL  # noqa: E402

ROOT, FOLDER = map(pathlib.Path, sys.argv[2:])
NOW = datetime.datetime.now(datetime.timezone.utc)
CERTIFICATES = root.TestRoot.load(ROOT).amd_certificates()


def snp(data):
    report, behind = data[:snp_report.SIZE], data[snp_report.SIZE:]
    found, _ = snp_report.parse(report)
    leaf, intermediate = ("VLEK", "asvk") if found.signer == snp_report.SIGNED_BY_VLEK else ("VCEK", "ask")
    files = {"report": report, "leaf": CERTIFICATES[leaf.lower()], "intermediate": CERTIFICATES[intermediate],
             "ark": CERTIFICATES["ark"], "crl": (ROOT / "amd/crl.der").read_bytes()}
    snp_verify.verify(files, snp_verify.Expected(found.report_data), NOW)
    assert behind in (b"", (ROOT / "certificates.bin").read_bytes())
    return found.report_data, found.measurement, ", " + leaf + (", and the host's table" if behind else "")


def tdx(data):
    files = {role: (ROOT / "intel" / name).read_bytes() for role, name in COLLATERAL.items()}
    bound = tdx_verify.parse(data).body.report_data
    body = tdx_verify.verify({**files, "quote": data}, tdx_verify.Expected(bound), NOW)
    return body.report_data, body.mrtd, ""


for path in sorted(FOLDER.iterdir()):
    data = path.read_bytes()
    report_data, measurement, more = (snp if path.name.startswith("snp") else tdx)(data)
    version, = struct.unpack_from("<H", data)
    print(f"{path.name}: version {version}, {report_data.rstrip(bytes(1))}, {measurement.rstrip(bytes(1))}{more}")
