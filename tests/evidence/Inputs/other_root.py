# SPDX-License-Identifier: Apache-2.0
"""A test root with other keys, in no time: its RSA keys are the default root's, each in another's role.

Usage: other_root.py MODULES FOLDER
"""
import dataclasses
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import amd  # noqa: E402
import intel  # noqa: E402
import root  # noqa: E402
import test_root  # noqa: E402
from ecc import P384, EcKey  # noqa: E402
from seeded import Seed  # noqa: E402

default, seed = root.TestRoot.make(), Seed(1)
keys = amd.Keys(default.amd_keys.asvk, default.amd_keys.ark, default.amd_keys.ask,
                EcKey.make(seed, "VCEK", P384), EcKey.make(seed, "VLEK", P384))
other = dataclasses.replace(default, seed=seed, amd_keys=keys, intel_keys=intel.Keys.make(seed))
test_root.write(pathlib.Path(sys.argv[2]), root.files(other))
