# SPDX-License-Identifier: Apache-2.0
"""How many processors tools/launch takes a container to have, by what its cpu.max says. Usage: quota.py ROOT WORK"""
import os
import pathlib
import sys

ROOT, WORK = sys.argv[1:]
sys.dont_write_bytecode = True
sys.path.insert(0, f"{ROOT}/tools/launch")
import accel  # noqa: E402

os.sched_getaffinity = lambda _: {0, 1, 2, 3}
accel.QUOTA = pathlib.Path(WORK)
for text in "250000 100000", "100000 100000", "5000 100000", "99900000 100000", "max 100000", "0 0", "":
    accel.QUOTA.write_text(text + "\n")
    print(f"{text}: {accel.host_processors()}")
