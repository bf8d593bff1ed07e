# SPDX-License-Identifier: Apache-2.0
# Compares the boot of two runs that differ in memory: instructions from reset and from the guest's
# first one until the workload starts, and exits until then. Usage: scale.py SMALL BIG, names of
# results (.json) and, where there are, transcripts (.trace). Fails where they differ by 5%.
import json
import os
import sys

LIMIT = 0.05
bad = 0


def compare(what, small, big):
    global bad
    difference = big / small - 1
    bad |= abs(difference) >= LIMIT
    print(f"{what}: {small} {big} {100 * difference:+.2f}%" + (" too much" if abs(difference) >= LIMIT else ""))


def steps(name):
    with open(name + ".json") as file:
        return [line["tsc"] for line in map(json.loads, file) if line["kind"] == "step"]


# Exits by event: the workload, which is hello in both runs, is part of it.
def totals(name):
    with open(name + ".trace") as file:
        words = file.readlines()[-1].split()
    assert words[:2] == ["#", "total"]
    return {key: int(value) for key, value in (word.split("=") for word in words[2:])}


small, big = map(steps, sys.argv[1:])
assert len(small) == len(big)
compare("instructions of the guest", small[-1] - small[0], big[-1] - big[0])
compare("instructions from reset", small[-1], big[-1])
if os.path.exists(sys.argv[1] + ".trace"):
    small, big = map(totals, sys.argv[1:])
    compare("exits", sum(small.values()), sum(big.values()))
    for event in sorted(small.keys() | big.keys()):
        compare("exits, " + event, small.get(event, 0), big.get(event, 0))
sys.exit(bad)
