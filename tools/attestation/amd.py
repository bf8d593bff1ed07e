# SPDX-License-Identifier: Apache-2.0
"""AMD's certificates of a test root: ARK, ASK and VCEK, ASVK and VLEK, and the list of revoked ones.

They have what a verifier asks of AMD's own, and "EMULATED" where it asks for nothing: in a `description` of every
name, and in the chip id. Spec: VCEK (57230: certificate and key distribution service), SNP-FW (TCB_VERSION).
"""
from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

import aes_gcm
import der
import x509
from ecc import P384, EcKey
from rsa import RsaKey
from seeded import Seed
from x509 import Validity

EMULATED = "EMULATED by Postern, not AMD"
CSP = "EMULATED by Postern"
KDS = "https://kdsintf.amd.com"
CHIP_ID_SIZE = 64
HASHSTICK_SIZE = 384
GUIDS = {"ark": "c0b406a4-a803-4952-9743-3fb6014cd0ae", "ask": "4ab7b379-bbac-4fe4-a02f-05aef327c782",
         "vcek": "63da758d-e664-4564-adc5-f4b93be8accd", "vlek": "a8074bc2-a25a-483e-aae6-39c045a0b8a1",
         "crl": "92f81bc3-5811-4d3d-97ff-d19f88dc67ea",
         "asvk": "5c40e4a1-92f3-4b0e-8d0a-6f7374617376"}  # AMD has none: model/test_root.h


def name(common: str) -> x509.Name:
    return x509.name(OU="Engineering", C="US", L="Santa Clara", ST="CA", O="Advanced Micro Devices", CN=common,
                     description=EMULATED)


@dataclass(frozen=True)
class Product:
    """What differs between lines of processors. @tcb_bytes: where in TCB_VERSION the level of extension 3.N is, by N."""
    line: str
    stepping: str
    fms: int  # CPUID 1 EAX
    structure: int  # of the extensions
    chip_id_size: int  # what counts of CHIP_ID; the rest is 0
    tcb_bytes: dict[int, int] = field(hash=False)
    levels: dict[int, int] = field(hash=False)  # of a TCB of our time; others are 0

    @property
    def ark(self) -> x509.Name:
        return name(f"ARK-{self.line}")

    @property
    def ask(self) -> x509.Name:
        return name(f"SEV-{self.line}")

    @property
    def asvk(self) -> x509.Name:
        return name(f"SEV-VLEK-{self.line}")

    @property
    def family_model_stepping(self) -> tuple[int, int, int]:
        """As a report has them: APM3 E.3.2."""
        fms = self.fms
        return (fms >> 20 & 0xFF) + (fms >> 8 & 0xF), fms >> 12 & 0xF0 | fms >> 4 & 0xF, fms & 0xF


BOOT_LOADER, TEE, SNP, MICROCODE, FMC = 1, 2, 3, 8, 9  # N of extension 3.N
ZEN_3_AND_4 = {BOOT_LOADER: 0, TEE: 1, SNP: 6, 4: 2, 5: 3, 6: 4, 7: 5, MICROCODE: 7}
ZEN_5 = {BOOT_LOADER: 1, TEE: 2, SNP: 3, 5: 4, 6: 5, 7: 6, MICROCODE: 7, FMC: 0}
MILAN = Product("Milan", "Milan-B1", 0xA00F11, 0, 64, ZEN_3_AND_4, {BOOT_LOADER: 4, SNP: 24, MICROCODE: 219})
GENOA = Product("Genoa", "Genoa-B1", 0xA10F11, 0, 64, ZEN_3_AND_4, {BOOT_LOADER: 10, SNP: 23, MICROCODE: 84})
TURIN = Product("Turin", "Turin-B1", 0xB00F21, 1, 8, ZEN_5, {FMC: 1, BOOT_LOADER: 1, TEE: 1, SNP: 4, MICROCODE: 78})
PRODUCTS = {product.line: product for product in (MILAN, GENOA, TURIN)}


@dataclass(frozen=True)
class Tcb:
    """@others: levels in place of its product's."""
    product: Product = MILAN
    others: dict[int, int] = field(default_factory=dict, hash=False)

    def level(self, number: int) -> int:
        return self.others.get(number, self.product.levels.get(number, 0))

    def number(self) -> int:
        return sum(self.level(i) << 8 * byte for i, byte in self.product.tcb_bytes.items())

    def extensions(self) -> list[x509.Extension]:
        return [extension(f"3.{i}", der.integer(self.level(i))) for i in self.product.tcb_bytes]


@dataclass(frozen=True)
class Keys:
    ark: RsaKey
    ask: RsaKey
    asvk: RsaKey
    vcek: EcKey
    vlek: EcKey

    @classmethod
    def make(cls, seed: Seed) -> Keys:
        return cls(RsaKey.make(seed, "ARK"), RsaKey.make(seed, "ASK"), RsaKey.make(seed, "ASVK"),
                   EcKey.make(seed, "VCEK", P384), EcKey.make(seed, "VLEK", P384))


def extension(oid: str, value: bytes) -> x509.Extension:
    return x509.extension("1.3.6.1.4.1.3704.1." + oid, value)


ARK_SERIAL, ASK_SERIAL, ASVK_SERIAL, LEAF_SERIAL = 0x10000, 0x10001, 0x10002, 0


def chip_id(seed: Seed, product: Product) -> bytes:
    """Of Turin's 8 bytes nothing is left for a seed."""
    words = EMULATED.encode() + b"\0"
    return (words + seed.bytes("chip id", CHIP_ID_SIZE - len(words)))[:product.chip_id_size]


def authority(keys: Keys, product: Product, key: RsaKey, subject: x509.Name, serial: int, service: str,
              validity: Validity, signs: bool = True) -> bytes:
    """A certificate of a key that signs certificates; the ARK signs it."""
    root = key is keys.ark
    extensions = [x509.subject_key(key), *[x509.authority_key(keys.ark)] * (not root),
                  x509.basic_constraints(signs, None if root or not signs else 0),
                  x509.key_usage(x509.SIGN_CERTIFICATE | (x509.SIGN_CRL if root else 0)),
                  x509.crl_at(f"{KDS}/{service}/v1/{product.line}/crl")]
    return x509.certificate(serial=serial, subject=subject, key=key, issuer=product.ark, by=keys.ark, validity=validity,
                            extensions=extensions)


def vcek(keys: Keys, tcb: Tcb, chip: bytes | None, validity: Validity, key: EcKey | None = None,
         issuer: x509.Name | None = None) -> bytes:
    """The chip id has no type, as AMD has it. Of wrong ones: none, another key, another issuer's name."""
    product = tcb.product
    extensions = [extension("1", der.integer(product.structure)), extension("2", der.text(product.stepping, der.IA5_STRING)),
                  *tcb.extensions(), *([] if chip is None else [extension("4", chip)])]
    return x509.certificate(serial=LEAF_SERIAL, subject=name("SEV-VCEK"), key=key or keys.vcek, issuer=issuer or product.ask,
                            by=keys.ask, validity=validity, extensions=extensions)


def vlek(keys: Keys, tcb: Tcb, validity: Validity) -> bytes:
    product = tcb.product
    extensions = [extension("1", der.integer(product.structure)), extension("2", der.text(product.line, der.IA5_STRING)),
                  *tcb.extensions(), extension("5", der.text(CSP, der.IA5_STRING))]
    return x509.certificate(serial=LEAF_SERIAL, subject=name("SEV-VLEK"), key=keys.vlek, issuer=product.asvk, by=keys.asvk,
                            validity=validity, extensions=extensions)


def hashstick(keys: Keys, tcb: Tcb, seed: Seed) -> bytes:
    """The VLEK as SNP_VLEK_LOAD takes it, for the chip with this VCEK: abi/psp.h, monitor/hardware/snp_vlek.c."""
    key = hmac.new(keys.vcek.secret_bytes, b"VLEK wrapping key", hashlib.sha384).digest()[:32]
    words = EMULATED.encode()
    iv, version = seed.bytes("VLEK hashstick", 12), tcb.number().to_bytes(8, "little") + bytes(8)
    wrapped, tag = aes_gcm.encrypt(key, iv, (keys.vlek.secret_bytes + words).ljust(HASHSTICK_SIZE, b"\0"), version)
    return iv + bytes(4) + wrapped + version + tag


def crl(keys: Keys, issuer: x509.Name, validity: Validity, *revoked: int) -> bytes:
    return x509.crl(issuer=issuer, by=keys.ark, validity=validity, revoked=revoked)


def certificates(keys: Keys, tcb: Tcb, chip: bytes, validity: Validity) -> dict[str, bytes]:
    product = tcb.product
    return {"ark": authority(keys, product, keys.ark, product.ark, ARK_SERIAL, "vcek", validity),
            "ask": authority(keys, product, keys.ask, product.ask, ASK_SERIAL, "vcek", validity),
            "asvk": authority(keys, product, keys.asvk, product.asvk, ASVK_SERIAL, "vlek", validity),
            "vcek": vcek(keys, tcb, chip, validity), "vlek": vlek(keys, tcb, validity)}
