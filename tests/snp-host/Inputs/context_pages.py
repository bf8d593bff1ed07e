# SPDX-License-Identifier: Apache-2.0
"""What a host gave to its firmware for a launch that this one then refused, by a transcript of rmpupdate and psp events.

Usage: context_pages.py TRANSCRIPT
What the firmware has from its own start on (before INIT) it keeps. Of a launch whose LAUNCH_START has an error the context
must be decommissioned, and each page be the host's again before there is another context; at the end none is left.
"""
import re
import sys

GIVEN = re.compile(r"\d+ cpu\d+ rmpupdate pa=(\S+) assigned=(\d) gpa=\S+ asid=(\S+) size=\S+ status=0x0$")
COMMAND = re.compile(r"\d+ cpu\d+ psp command=(\S+) .*status=(\S+)$")


class Launches:
    def __init__(self):
        self.pages, self.lost = set(), set()  # the firmware's; those of launches that it refused
        self.contexts = self.refused = self.ended = 0
        self.faults = []

    def give(self, page, is_given, asid):
        if is_given and not asid:
            self.pages.add(page)
        elif not is_given:
            self.pages.discard(page)
            self.lost.discard(page)

    def command(self, name, failed):
        if name == "INIT":
            self.pages.clear()
        elif name == "SNP_GCTX_CREATE":
            self.contexts += 1
            self.faults += [f"{page} of the refused launch is still the firmware's" for page in self.lost]
        elif name == "SNP_LAUNCH_START" and failed:
            self.refused += 1
            self.lost |= self.pages
        elif name == "SNP_DECOMMISSION" and not failed:
            self.ended += 1


def main():
    launches = Launches()
    for line in open(sys.argv[1], encoding="ascii"):
        if found := GIVEN.match(line):
            launches.give(found[1], found[2] == "1", int(found[3], 16))
        elif found := COMMAND.match(line):
            launches.command(found[1], int(found[2], 16))
    launches.faults += [f"{page} is left to the firmware" for page in launches.pages]
    print(f"{launches.contexts} contexts, {launches.refused} refused, {launches.ended} decommissioned; {len(launches.faults)} faults")
    print("\n".join(launches.faults), end="")
    return bool(launches.faults) or not launches.refused or launches.ended != launches.contexts


if __name__ == "__main__":
    sys.exit(main())
