# SPDX-License-Identifier: Apache-2.0
"""AMD's certificates of a test root: ARK, ASK and VCEK, ASVK and VLEK, and the list of revoked ones.

They have what a verifier asks of AMD's own, and "EMULATED" where it asks for nothing: in a `description` of every
name, and in the chip id. Spec: VCEK (57230: certificate and key distribution service), SNP-FW (TCB_VERSION).
"""
from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

import aes_gcm
import der
import x509
from ecc import P384, EcKey
from rsa import RsaKey
from seeded import Seed
from x509 import Validity

EMULATED = "EMULATED by Postern, not AMD"
LINE = "Milan"
PRODUCT = "Milan-B1"
FMS = 0xA00F11  # CPUID 1 EAX of it: family 19h, model 1, stepping 1
CSP = "EMULATED by Postern"
KDS = "https://kdsintf.amd.com"
CHIP_ID_SIZE = 64
HASHSTICK_SIZE = 384
GUIDS = {"ark": "c0b406a4-a803-4952-9743-3fb6014cd0ae", "ask": "4ab7b379-bbac-4fe4-a02f-05aef327c782",
         "vcek": "63da758d-e664-4564-adc5-f4b93be8accd", "vlek": "a8074bc2-a25a-483e-aae6-39c045a0b8a1",
         "crl": "92f81bc3-5811-4d3d-97ff-d19f88dc67ea",
         "asvk": "5c40e4a1-92f3-4b0e-8d0a-6f7374617376"}  # AMD has none: model/test_root.h


@dataclass(frozen=True)
class Tcb:
    """Milan's TCB_VERSION"""
    boot_loader: int = 4
    tee: int = 0
    snp: int = 24
    microcode: int = 219

    def number(self) -> int:
        return self.microcode << 56 | self.snp << 48 | self.tee << 8 | self.boot_loader

    def extensions(self) -> list[x509.Extension]:
        levels = [self.boot_loader, self.tee, self.snp, 0, 0, 0, 0, self.microcode]
        return [extension(f"3.{i}", der.integer(level)) for i, level in enumerate(levels, 1)]


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


def name(common: str) -> x509.Name:
    return x509.name(OU="Engineering", C="US", L="Santa Clara", ST="CA", O="Advanced Micro Devices", CN=common,
                     description=EMULATED)


ARK, ASK, ASVK = name(f"ARK-{LINE}"), name(f"SEV-{LINE}"), name(f"SEV-VLEK-{LINE}")
ARK_SERIAL, ASK_SERIAL, ASVK_SERIAL, LEAF_SERIAL = 0x10000, 0x10001, 0x10002, 0


def chip_id(seed: Seed) -> bytes:
    words = EMULATED.encode() + b"\0"
    return words + seed.bytes("chip id", CHIP_ID_SIZE - len(words))


def authority(keys: Keys, key: RsaKey, subject: x509.Name, serial: int, service: str, validity: Validity,
              signs: bool = True) -> bytes:
    """A certificate of a key that signs certificates; the ARK signs it."""
    root = key is keys.ark
    extensions = [x509.subject_key(key), *[x509.authority_key(keys.ark)] * (not root),
                  x509.basic_constraints(signs, None if root or not signs else 0),
                  x509.key_usage(x509.SIGN_CERTIFICATE | (x509.SIGN_CRL if root else 0)),
                  x509.crl_at(f"{KDS}/{service}/v1/{LINE}/crl")]
    return x509.certificate(serial=serial, subject=subject, key=key, issuer=ARK, by=keys.ark, validity=validity,
                            extensions=extensions)


def vcek(keys: Keys, tcb: Tcb, chip: bytes | None, validity: Validity, key: EcKey | None = None,
         issuer: x509.Name = ASK) -> bytes:
    """The chip id has no type, as AMD has it. Of wrong ones: none, another key, another issuer's name."""
    extensions = [extension("1", der.integer(0)), extension("2", der.text(PRODUCT, der.IA5_STRING)),
                  *tcb.extensions(), *([] if chip is None else [extension("4", chip)])]
    return x509.certificate(serial=LEAF_SERIAL, subject=name("SEV-VCEK"), key=key or keys.vcek, issuer=issuer,
                            by=keys.ask, validity=validity, extensions=extensions)


def vlek(keys: Keys, tcb: Tcb, validity: Validity) -> bytes:
    extensions = [extension("1", der.integer(0)), extension("2", der.text(LINE, der.IA5_STRING)),
                  *tcb.extensions(), extension("5", der.text(CSP, der.IA5_STRING))]
    return x509.certificate(serial=LEAF_SERIAL, subject=name("SEV-VLEK"), key=keys.vlek, issuer=ASVK, by=keys.asvk,
                            validity=validity, extensions=extensions)


def hashstick(keys: Keys, tcb: Tcb, seed: Seed) -> bytes:
    """The VLEK as SNP_VLEK_LOAD takes it, for the chip with this VCEK: abi/psp.h, monitor/hardware/snp_vlek.c."""
    key = hmac.new(keys.vcek.secret_bytes, b"VLEK wrapping key", hashlib.sha384).digest()[:32]
    words = EMULATED.encode()
    iv, version = seed.bytes("VLEK hashstick", 12), tcb.number().to_bytes(8, "little") + bytes(8)
    wrapped, tag = aes_gcm.encrypt(key, iv, (keys.vlek.secret_bytes + words).ljust(HASHSTICK_SIZE, b"\0"), version)
    return iv + bytes(4) + wrapped + version + tag


def crl(keys: Keys, validity: Validity, *revoked: int, issuer: x509.Name = ARK) -> bytes:
    return x509.crl(issuer=issuer, by=keys.ark, validity=validity, revoked=revoked)


def certificates(keys: Keys, tcb: Tcb, chip: bytes, validity: Validity) -> dict[str, bytes]:
    return {"ark": authority(keys, keys.ark, ARK, ARK_SERIAL, "vcek", validity),
            "ask": authority(keys, keys.ask, ASK, ASK_SERIAL, "vcek", validity),
            "asvk": authority(keys, keys.asvk, ASVK, ASVK_SERIAL, "vlek", validity),
            "vcek": vcek(keys, tcb, chip, validity), "vlek": vlek(keys, tcb, validity)}
