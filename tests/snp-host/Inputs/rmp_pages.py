# SPDX-License-Identifier: Apache-2.0
"""What became of each page that a host gave to a guest, by a transcript of rmpupdate and psp events.

Usage: rmp_pages.py TRANSCRIPT
Prints how many pages were given and how many came back before their guest was gone, and fails where one is left: KVM must
take each from the guest before it is freed.
"""
import re
import sys

LINE = re.compile(r"\d+ cpu\d+ rmpupdate pa=(\S+) assigned=(\d) gpa=\S+ asid=(\S+) size=(\S+) status=(\S+)")


def main():
    owned, given, back, refused = {}, 0, 0, 0
    for line in open(sys.argv[1], encoding="ascii"):
        found = LINE.match(line)
        if not found:
            continue
        page, asid = found[1], int(found[3], 16)
        if int(found[5], 16):
            refused += 1
        elif int(found[2]) and asid:
            owned[page] = asid
            given += 1
        elif page in owned:
            del owned[page]
            back += 1
    print(f"{given} pages given, {back} back, {len(owned)} left, {refused} refused")
    return bool(owned) or not given


if __name__ == "__main__":
    sys.exit(main())
