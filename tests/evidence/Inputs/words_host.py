# SPDX-License-Identifier: Apache-2.0
"""A host that has its guest sign the host's own key for tools/key-broker, by the words that it starts the guest with.

Usage: words_host.py BROKER ROOT SECRET MEASUREMENTS RUN-GUEST [argument...]
"""
import hashlib
import re
import subprocess
import sys

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

BROKER, ROOT, SECRET, MEASUREMENTS, *RUN = sys.argv[1:]


def evidence(data):
    """Of all that it wants signed, or of what `attest` takes of it."""
    for wanted in data, data[16:]:
        console = subprocess.run([*RUN, "--", "attest", wanted.hex()], stdout=subprocess.PIPE, text=True, check=False).stdout
        found = re.search(r"^attest: report +([0-9a-f]{2368})$", console, re.MULTILINE)
        print("the guest", f"signs {len(wanted)} bytes" if found else "signs nothing")
        if found:
            return found[1]
    return ""


def main():
    with open(MEASUREMENTS, encoding="ascii") as lines:
        measurement = next(line.split()[1] for line in lines if line.startswith("snp "))
    point = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    with subprocess.Popen([BROKER, "--measurement", measurement, ROOT, SECRET], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as broker:
        print("hello snp", file=broker.stdin, flush=True)
        nonce = bytes.fromhex(broker.stdout.readline().split()[1])
        report = evidence(hashlib.sha512(b"Postern key broker\0" + nonce + point).digest())
        said, _ = broker.communicate(f"key {point.hex()}\nevidence {report}\n")
        print(re.sub("secret .*", "the broker gives its secret", said.strip()))


main()
