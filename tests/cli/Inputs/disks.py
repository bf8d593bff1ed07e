# SPDX-License-Identifier: Apache-2.0
"""What outputs.check() says of disks of the machine's, which a test may have none of: it only looks at nodes.

Usage: disks.py ROOT WORK
"""
import os
import pathlib
import stat
import sys

ROOT, WORK = sys.argv[1:]
sys.dont_write_bytecode = True
sys.path.insert(0, f"{ROOT}/tools/launch")
import outputs  # noqa: E402
from options import Refused  # noqa: E402

NUMBERS = {"one": 0x700, "other": 0x700, "second": 0x701}  # loop devices'


def stub(self, **_):
    """A node for each name of NUMBERS: making one takes rights that who tests may not have."""
    mode = stat.S_IFBLK | 0o666
    return os.stat_result((mode, hash(self.name), 0, 1, 0, 0, 0, 0, 0, 0), {"st_rdev": NUMBERS[self.name]})


def say(name, files, inputs):
    try:
        outputs.check(files, inputs)
        print(f"{name}: taken")
    except Refused as reason:
        print(f"{name}: {reason}")


one, other, second = (pathlib.Path(WORK + ".nodes", name) for name in NUMBERS)
one.parent.mkdir(exist_ok=True)
for node in one, other, second:
    node.touch()
pathlib.Path.stat = stub
say("same", [("--disk", one), ("--disk", other)], [])
say("read", [("--disk", one)], [other])
say("words", [("--trace", one)], [])
say("two", [("--disk", one), ("--disk", second)], [])
