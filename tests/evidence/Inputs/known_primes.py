# SPDX-License-Identifier: Apache-2.0
"""rsa.KNOWN against OpenSSL: what is said to be a prime is one, and none lies before it.

Usage: known_primes.py MODULES
"""
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import rsa  # noqa: E402
from seeded import Seed  # noqa: E402

for (number, label), offset in rsa.KNOWN.items():
    start = rsa.first_candidate(Seed(number), label)
    candidates = [f"{candidate:X}" for candidate in range(start, start + offset + 1, 2)]
    said = subprocess.run(["openssl", "prime", "-hex", *candidates], capture_output=True, text=True, check=True).stdout
    verdicts = [line.endswith("is prime") for line in said.splitlines()]
    assert len(verdicts) == len(candidates) and verdicts.index(True) == len(verdicts) - 1, label
print(len(rsa.KNOWN), "primes")
