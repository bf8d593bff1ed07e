# SPDX-License-Identifier: Apache-2.0
"""OpenSSL's view of a test root: keys, chains, lists of revoked certificates; and what it says it is.

Usage: openssl_chains.py ROOT [SECONDS since 1970, at which it is looked at]
"""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1])
TIME = ["-attime", sys.argv[2]] if sys.argv[2:] else []
LEAVES = {"amd/ark": ("amd/ark", None), "amd/ask": ("amd/ark", None), "amd/asvk": ("amd/ark", None),
          "amd/vcek": ("amd/ark", "amd/ask"), "amd/vlek": ("amd/ark", "amd/asvk"),
          "intel/root": ("intel/root", None), "intel/platform": ("intel/root", None),
          "intel/pck": ("intel/root", "intel/platform"), "intel/tcb-signing": ("intel/root", None)}
LISTS = {"amd/crl.der": "amd/ark", "intel/root.crl": "intel/root", "intel/pck.crl": "intel/platform"}


def openssl(*words):
    run = subprocess.run(["openssl", *words], capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"openssl {' '.join(words)}: {run.stdout}{run.stderr}")
    return run.stdout + run.stderr


def path(name, suffix="pem"):
    return str(ROOT / f"{name}.{suffix}")


def main():
    for name, (root, between) in LEAVES.items():
        strict = [] if name in ("amd/vcek", "amd/vlek") else ["-x509_strict"]  # AMD's have no key identifiers
        untrusted = ["-untrusted", path(between)] if between else []
        openssl("verify", *strict, *TIME, "-CAfile", path(root), *untrusted, path(name))
        words = openssl("x509", "-in", path(name), "-noout", "-subject", "-issuer")
        assert words.count("EMULATED by Postern, not") == 2, words
    for name, by in LISTS.items():
        words = openssl("crl", "-inform", "DER", "-in", str(ROOT / name), "-noout", "-issuer", "-CAfile", path(by))
        assert "verify OK" in words and "EMULATED" in words, words
    print(f"{len(LEAVES)} certificates, {len(LISTS)} lists")
    for name in LEAVES:
        public = openssl("pkey", "-in", path(name, "key"), "-check", "-pubout")
        assert openssl("x509", "-in", path(name), "-noout", "-pubkey") in public, name
    print(len(LEAVES), "keys")


main()
