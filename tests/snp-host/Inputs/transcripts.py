# SPDX-License-Identifier: Apache-2.0
"""Compares transcripts of one guest under our own host and under stock KVM, by a list of the differences.

Usage: transcripts.py DIFFERENCES NAME=OURS=KVM=CPU[+COUNT]...
CPU is the number that the guest's processor has in KVM's transcript; in ours it is 0. Of COUNT processors the lines are
compared as a set, since their order and number are the scheduler's. A line of DIFFERENCES is
`KIND | PATTERN | REASON`, the pattern an expression that begins where the event does:
  drop        not compared: in neither
  as TEXT     what matches is TEXT in both
  kvm, ours   such lines stand in that transcript alone
  kvm?        such lines may stand in KVM's alone
Fails where lines differ and are not listed, and where a row of the list, but for drop and kvm?, describes nothing.
"""
import difflib
import pathlib
import re
import sys

PAGES_2M = 512


def events(path, cpu):
    pattern = re.compile(rf"\d+ cpu{cpu} (.*)")
    return [found[1] for line in pathlib.Path(path).read_text().splitlines() if (found := pattern.fullmatch(line))]


def sets(path, cpus):
    return sorted({line for cpu in cpus for line in join_pages(events(path, cpu))})


def join_pages(lines):
    """2M that a host cannot give the guest validates page by page: one line, as where it can."""
    joined, count = [], 0
    for line in lines:
        found = re.match(r"pvalidate gpa=(0x[0-9a-f]+) size=0x([01]) validate=0x1 status=0x([06])", line)
        if found and found[2] == "1" and found[3] == "6":
            continue
        joined.append(line)
        page = found and found[2] == "0" and int(found[1], 16) // 4096
        count = count + 1 if page and page % PAGES_2M == count else 0
        if count == PAGES_2M:
            joined[-PAGES_2M:] = [f"pvalidate gpa={page // PAGES_2M * 0x200000:#x} size=0x1 validate=0x1 status=0x0 unchanged=0"]
            count = 0
    return joined


class Listed:
    def __init__(self, path):
        self.rows = []
        for number, line in enumerate(pathlib.Path(path).read_text().splitlines(), 1):
            if not line or line.startswith("#"):
                continue
            cells = [cell.strip() for cell in line.split(" | ")]
            if len(cells) != 3 or not all(cells):
                sys.exit(f"transcripts.py: {path}:{number}: not `KIND | PATTERN | REASON`")
            self.rows.append((cells[0], re.compile(cells[1])))
        self.used = set()

    def matches(self, kind, line):
        found = [i for i, (name, pattern) in enumerate(self.rows) if name == kind and pattern.match(line)]
        self.used.update(found)
        return bool(found)

    def plain(self, lines):
        for line in lines:
            if self.matches("drop", line):
                continue
            for i, (kind, pattern) in enumerate(self.rows):
                if kind.startswith("as ") and pattern.search(line):
                    self.used.add(i)
                    line = pattern.sub(kind[3:], line)
            yield line

    def stale(self):
        return [f"{kind} | {pattern.pattern}" for i, (kind, pattern) in enumerate(self.rows)
                if i not in self.used and kind != "drop" and not kind.endswith("?")]


def differences(ours, kvm, listed):
    for line in difflib.ndiff(ours, kvm):
        kind = {"- ": "ours", "+ ": "kvm"}.get(line[:2])
        if kind and not any([listed.matches(kind, line[2:]), listed.matches(kind + "?", line[2:])]):
            yield f"{kind} alone: {line[2:]}"


def main():
    listed, failed = Listed(sys.argv[1]), False
    for words in sys.argv[2:]:
        name, ours, kvm, cpu = words.split("=")
        cpu, _, count = cpu.partition("+")
        if count:
            ours, kvm = sets(ours, range(int(count))), sets(kvm, range(int(cpu), int(cpu) + int(count)))
            ours, kvm = (sorted(set(listed.plain(lines))) for lines in (ours, kvm))
        else:
            ours, kvm = (list(listed.plain(join_pages(lines))) for lines in (events(ours, 0), events(kvm, int(cpu))))
        found = list(differences(ours, kvm, listed))
        for line in found:
            print(f"{name}: {line}")
        failed |= bool(found) or not ours
        print(f"{name}: {len(ours)} events of ours, {len(kvm)} of KVM's, {len(found)} differences without a reason")
    for row in listed.stale():
        print(f"describes nothing: {row}")
        failed = True
    return failed


if __name__ == "__main__":
    sys.exit(main())
