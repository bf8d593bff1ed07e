# SPDX-License-Identifier: Apache-2.0
"""A test root: its keys, made of a seed or read from its folder, and the files of it.

Spec: model/test_root.h (certificates.bin and firmware.bin).
"""
from __future__ import annotations

import dataclasses
import json
import struct
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import amd
import der
import guid_table
import intel
from ecc import EcKey
from rsa import RsaKey
from seeded import Seed
from x509 import Validity

# model/test_root.h
VCEK = "1d5bb7e2-8f0c-4c53-9a1e-706f7374766b"
VLEK = "7b9c2f64-0d1a-4e77-b5c3-706f73746c6b"
SNP = "e30f6a58-4b97-4d21-8c6f-706f7374736e"
PCK = "a94d1c03-6e2b-4f38-91d7-706f73747063"
TDX = "5c0e7f92-1b46-4d8a-a3f5-706f73747464"
PCK_CHAIN = "f2c85b1e-3d70-4a96-b8e4-706f73746363"  # PEM, as a quote has it
SNP_RECORD = struct.Struct(f"<{amd.CHIP_ID_SIZE}sQQQQII")
TDX_RECORD = struct.Struct("<16s16s48s32s32s16sHHHH")

ALWAYS = Validity(datetime(2020, 1, 1, tzinfo=timezone.utc), datetime(2049, 12, 31, 23, 59, 59, tzinfo=timezone.utc))
README = """EMULATED: a test root of Postern, made by tools/test-root, with seed {seed}. What is signed with its keys proves
nothing: whoever has the seed has the keys, and those of the default root are public on purpose.
"""


@dataclass(frozen=True)
class TestRoot:
    seed: Seed
    validity: Validity
    amd_keys: amd.Keys
    intel_keys: intel.Keys
    amd_tcb: amd.Tcb = amd.Tcb()
    intel_tcb: intel.Tcb = intel.Tcb()

    @classmethod
    def make(cls, seed: int = 0, validity: Validity = ALWAYS, product: amd.Product = amd.MILAN) -> TestRoot:
        source = Seed(seed)
        return cls(source, validity, amd.Keys.make(source), intel.Keys.make(source), amd.Tcb(product))

    @classmethod
    def load(cls, folder: Path) -> TestRoot:
        about = json.loads((folder / "root.json").read_text())

        def ec(name: str) -> EcKey:
            return EcKey.from_pem((folder / f"{name}.key").read_text())

        def rsa(name: str) -> RsaKey:
            return RsaKey.from_pem((folder / f"{name}.key").read_text())
        return cls(Seed(about["seed"]), Validity(*(datetime.fromisoformat(about[key]) for key in ("start", "end"))),
                   amd.Keys(rsa("amd/ark"), rsa("amd/ask"), rsa("amd/asvk"), ec("amd/vcek"), ec("amd/vlek")),
                   intel.Keys(*(ec(f"intel/{name}") for name in ("root", "platform", "pck", "tcb-signing"))),
                   amd.Tcb(amd.PRODUCTS[about.get("product", amd.MILAN.line)]))

    @property
    def product(self) -> amd.Product:
        return self.amd_tcb.product

    @property
    def chip_id(self) -> bytes:
        """As reports have it."""
        return self.hardware_id.ljust(amd.CHIP_ID_SIZE, b"\0")

    @property
    def hardware_id(self) -> bytes:
        """As the VCEK's certificate has it."""
        return amd.chip_id(self.seed, self.product)

    def amd_certificates(self) -> dict[str, bytes]:
        return amd.certificates(self.amd_keys, self.amd_tcb, self.hardware_id, self.validity)

    def intel_certificates(self) -> dict[str, bytes]:
        return intel.certificates(self.intel_keys, self.intel_tcb, self.validity)


def keys(of: amd.Keys | intel.Keys) -> dict[str, RsaKey | EcKey]:
    return {field.name.replace("_", "-"): getattr(of, field.name) for field in dataclasses.fields(of)}


def tdx_record(tcb: intel.Tcb) -> bytes:
    return TDX_RECORD.pack(tcb.cpu, tcb.module, intel.MRSEAM, intel.QE_MRENCLAVE, intel.QE_MRSIGNER,
                           intel.QE_ATTRIBUTES, intel.QE_PRODUCT, intel.QE_SVN, tcb.pce, 0)


def firmware(root: TestRoot, pck_chain: bytes) -> bytes:
    tcb = root.amd_tcb.number()
    return guid_table.table({
        VCEK: root.amd_keys.vcek.secret_bytes, VLEK: root.amd_keys.vlek.secret_bytes,
        SNP: SNP_RECORD.pack(root.chip_id, tcb, tcb, tcb, tcb, root.product.fms, 0),
        TDX: tdx_record(root.intel_tcb), PCK: root.intel_keys.pck.secret_bytes, PCK_CHAIN: pck_chain})


def chain(certificates: dict[str, bytes], *names: str) -> bytes:
    return "".join(der.pem("CERTIFICATE", certificates[name]) for name in names).encode()


def amd_files(root: TestRoot) -> dict[str, bytes]:
    certificates = root.amd_certificates()
    crl = amd.crl(root.amd_keys, root.product.ark, root.validity)
    host = {**certificates, "crl": crl}
    files = {f"amd/{name}.der": certificate for name, certificate in certificates.items()}
    files |= {f"amd/{name}.pem": chain(certificates, name) for name in certificates}
    files |= {f"amd/{name}.key": key.pem().encode() for name, key in keys(root.amd_keys).items()}
    return files | {"amd/crl.der": crl, "amd/vlek-hashstick.bin": amd.hashstick(root.amd_keys, root.amd_tcb, root.seed),
                    "amd/vcek-chain.pem": chain(certificates, "ask", "ark"),
                    "amd/vlek-chain.pem": chain(certificates, "asvk", "ark"),
                    "certificates.bin": guid_table.table({amd.GUIDS[name]: host[name] for name in amd.GUIDS})}


def intel_files(root: TestRoot) -> dict[str, bytes]:
    of, validity = root.intel_keys, root.validity
    certificates = root.intel_certificates()
    pck_chain = chain(certificates, "pck", "platform", "root")
    files = {f"intel/{name}.der": certificate for name, certificate in certificates.items()}
    files |= {f"intel/{name}.pem": chain(certificates, name) for name in certificates}
    files |= {f"intel/{name}.key": key.pem().encode() for name, key in keys(of).items()}
    return files | {"intel/root.crl": intel.root_crl(of, validity), "intel/pck.crl": intel.pck_crl(of, validity),
                    "intel/pck-chain.pem": pck_chain, "intel/ca-chain.pem": chain(certificates, "platform", "root"),
                    "intel/tcb-chain.pem": chain(certificates, "tcb-signing", "root"),
                    "intel/tcb-info.json": intel.tcb_info(of, root.intel_tcb, validity),
                    "intel/qe-identity.json": intel.qe_identity(of, validity),
                    "firmware.bin": firmware(root, pck_chain)}


def files(root: TestRoot) -> dict[str, bytes]:
    about = {"emulated": True, "seed": root.seed.number, "start": root.validity.start.isoformat(),
             "end": root.validity.end.isoformat(), "product": root.product.line,
             "chip_id": root.chip_id.hex(), "tcb": root.amd_tcb.number()}
    return {**amd_files(root), **intel_files(root), "root.json": (json.dumps(about, indent=1) + "\n").encode(),
            "README": README.format(seed=root.seed.number).encode()}
