# SPDX-License-Identifier: Apache-2.0
"""Writes evidence for who writes verifiers: SNP reports and TDX quotes, each with its certificates and collateral, good
and bad ones, and the verdict that they should get.

index.json names them: for each case its files, what its verifier is asked to expect, the verdict and its reason; and
for each signed structure bits of which any that is changed must make a good case a bad one. All of it is EMULATED, under
a test root. The corpus is the same for the same root and seed.
"""
from __future__ import annotations

import argparse
import dataclasses
import sys
from datetime import datetime, timezone
from pathlib import Path

import amd
import corpus
import intel
from corpus_snp import SnpCases
from corpus_tdx import TdxCases
from ecc import P384, EcKey
from root import TestRoot
from seeded import Seed

TIME = int(datetime(2026, 1, 1, tzinfo=timezone.utc).timestamp())


def another(root: TestRoot) -> TestRoot:
    """A root with other keys. New RSA keys take long: they are @root's, each in another's role."""
    seed, of = Seed(root.seed.number + 1), root.amd_keys
    keys = amd.Keys(of.asvk, of.ark, of.ask, EcKey.make(seed, "VCEK", P384), EcKey.make(seed, "VLEK", P384))
    return dataclasses.replace(root, seed=seed, amd_keys=keys, intel_keys=intel.Keys.make(seed))


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("evidence-corpus", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--test-root", type=Path, metavar="DIR", help="the default root otherwise")
    parser.add_argument("--seed", type=int, default=0, help="chooses the bits")
    parser.add_argument("--bits", type=int, default=1000, help="of each signed structure (%(default)s)")
    return parser.parse_args(arguments)


def main() -> int:
    options = parse(sys.argv[1:])
    try:
        root = TestRoot.load(options.test_root) if options.test_root else TestRoot.make()
        options.folder.mkdir(parents=True, exist_ok=True)
        other = another(root)
        snp, tdx = SnpCases(root, other), TdxCases(root, other)
        corpus.write(options.folder, Seed(options.seed), TIME, [*snp.cases(), *tdx.cases()],
                     [*snp.mutations(), *tdx.mutations()], options.bits)
    except OSError as error:
        print(f"evidence-corpus: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    return 0
