# SPDX-License-Identifier: Apache-2.0
"""What a verifier under a test root is given, of the root's folder, of the host and of its user: for snp_verify, tdx_verify."""
from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path

import amd
import snp_report

SIGNER_AT = 0x48  # in a report: [4:2]
COLLATERAL = {"root": "root.der", "root_crl": "root.crl", "pck_crl": "pck.crl", "pck_crl_chain": "ca-chain.pem",
              "tcb_chain": "tcb-chain.pem", "tcb_info": "tcb-info.json", "qe_identity": "qe-identity.json"}


def rtmr(text: str) -> tuple[int, bytes]:
    """N=HEX, of a command line."""
    if not re.fullmatch("[0-3]=[0-9a-fA-F]{96}", text):
        raise argparse.ArgumentTypeError(f"{text}: must be 0 to 3, = and 96 hexadecimal digits")
    return int(text[0]), bytes.fromhex(text[2:])


def snp_files(folder: Path, report: bytes, table: Mapping[str, bytes]) -> dict[str, bytes]:
    """The chain is the host's, or else the folder's; the root and what it revoked are the folder's."""
    signer = report[SIGNER_AT] >> 2 & 7 if len(report) > SIGNER_AT else snp_report.SIGNED_BY_VCEK
    leaf, intermediate = ("vlek", "asvk") if signer == snp_report.SIGNED_BY_VLEK else ("vcek", "ask")

    def own(name: str) -> bytes:
        return (folder / f"amd/{name}.der").read_bytes()

    def find(name: str) -> bytes:
        found = table.get(amd.GUIDS[name])
        return own(name) if found is None else found
    return {"report": report, "leaf": find(leaf), "intermediate": find(intermediate), "ask": own("ask"),
            "ark": own("ark"), "crl": own("crl")}


def tdx_files(folder: Path, quote: bytes) -> dict[str, bytes]:
    return {"quote": quote, **{role: (folder / "intel" / name).read_bytes() for role, name in COLLATERAL.items()}}
