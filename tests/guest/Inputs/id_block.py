# SPDX-License-Identifier: Apache-2.0
"""Makes the id block of an SNP launch and what authenticates it, signed by OpenSSL with keys made for it.

Usage: id_block.py FOLDER DIGEST [POLICY]: writes FOLDER/words, properties of QEMU's sev-snp-guest, and prints the digests
of both keys.  Spec: SNP-FW 8.18 (tables "ID block", "ID authentication information").
"""
import base64
import hashlib
import struct
import subprocess
import sys
from pathlib import Path

P384, ECDSA = 2, 1


def openssl(*words):
    return subprocess.run(["openssl", *words], check=True, capture_output=True).stdout


def number(data):
    return data[::-1].ljust(72, b"\0")


def public_key(key):
    point = openssl("ec", "-in", key, "-pubout", "-outform", "DER")[-96:]
    return (struct.pack("<I", P384) + number(point[:48]) + number(point[48:])).ljust(0x404, b"\0")


def signature(key, data, folder):
    (folder / "data").write_bytes(data)
    der = openssl("dgst", "-sha384", "-sign", key, folder / "data")
    size = der[3]
    r, s = der[4:4 + size], der[6 + size:]
    return (number(r[-48:].rjust(48, b"\0")) + number(s[-48:].rjust(48, b"\0"))).ljust(0x200, b"\0")


def main():
    folder, digest = Path(sys.argv[1]), bytes.fromhex(sys.argv[2])
    policy = int(sys.argv[3], 0) if len(sys.argv) > 3 else 0x30000
    folder.mkdir(parents=True, exist_ok=True)
    keys = folder / "id", folder / "author"
    for key in keys:
        openssl("ecparam", "-name", "secp384r1", "-genkey", "-noout", "-out", key)
    block = digest + b"family".ljust(16, b"\0") + b"image".ljust(16, b"\0") + struct.pack("<IIQ", 1, 9, policy)
    own, author = (public_key(key) for key in keys)
    auth = struct.pack("<II", ECDSA, ECDSA).ljust(0x40, b"\0") + signature(keys[0], block, folder) + own
    auth = auth.ljust(0x680, b"\0") + signature(keys[1], own, folder) + author
    words = (f"id-block={base64.b64encode(block).decode()},id-auth={base64.b64encode(auth.ljust(0x1000, bytes(1))).decode()},"
             f"host-data={base64.b64encode(b'host'.ljust(32, bytes(1))).decode()},policy={policy:#x}")
    (folder / "words").write_text(words)
    print(f"id {hashlib.sha384(own).hexdigest()}")
    print(f"author {hashlib.sha384(author).hexdigest()}")


main()
