# SPDX-License-Identifier: Apache-2.0
"""Compares two tables of `item: value` lines, stock KVM's and the monitor's, by a list of the differences.

Usage: compare.py KVM MONITOR DIFFERENCES
A line of DIFFERENCES is `item | KVM's value | the monitor's value | reason`; `*` stands for any
value, an item that ends with `*` for all that begin so. A CPUID register may be listed by bits,
`cpuid 0x1.0 ecx bit 21`. Fails where a difference is not listed, and where a line of the list
no longer describes one.
"""
import sys

KINDS = ("hypercall ", "cpuid ", "msr ")


def table(path):
    with open(path, encoding="utf-8") as file:
        lines = [line.strip() for line in file]
    if "complete" not in lines:
        sys.exit(f"compare.py: {path} is not complete")
    return dict(line.split(": ", 1) for line in lines if line.startswith(KINDS) and ": " in line)


class Listed:
    def __init__(self, path):
        self.rows = []
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if not line.strip() or line.startswith("#"):
                    continue
                cells = [cell.strip() for cell in line.split("|")]
                if len(cells) != 4 or not all(cells):
                    sys.exit(f"compare.py: {path}:{number}: not `item | KVM | monitor | reason`")
                self.rows.append(cells)
        self.used = set()

    def has(self, item, kvm, monitor):
        for number, (name, kvm_value, monitor_value, _) in enumerate(self.rows):
            named = item.startswith(name[:-1]) if name.endswith("*") else item == name
            if named and kvm_value in ("*", kvm) and monitor_value in ("*", monitor):
                self.used.add(number)
                return True
        return False

    def stale(self):
        return [" | ".join(row[:3]) for number, row in enumerate(self.rows) if number not in self.used]


def differences(kvm, monitor, listed):
    """What differs and is not listed."""
    for item in [*kvm, *(item for item in monitor if item not in kvm)]:
        a, b = kvm.get(item, "absent"), monitor.get(item, "absent")
        if a == b or listed.has(item, a, b):
            continue
        if not item.startswith("cpuid ") or "absent" in (a, b):
            yield item, a, b
            continue
        changed = int(a, 16) ^ int(b, 16)
        for bit in range(32):
            a_bit, b_bit = int(a, 16) >> bit & 1, int(b, 16) >> bit & 1
            if changed >> bit & 1 and not listed.has(f"{item} bit {bit}", str(a_bit), str(b_bit)):
                yield f"{item} bit {bit}", a_bit, b_bit


def main():
    kvm, monitor, listed = table(sys.argv[1]), table(sys.argv[2]), Listed(sys.argv[3])
    failed = 0
    for item, a, b in differences(kvm, monitor, listed):
        print(f"differs and is not listed: {item} | {a} | {b}")
        failed = 1
    for row in listed.stale():
        print(f"listed and no longer so: {row}")
        failed = 1
    print(f"{len(kvm)} items compared, {len(listed.rows)} differences listed")
    return failed


sys.exit(main())
