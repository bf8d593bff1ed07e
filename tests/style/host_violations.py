# SPDX-License-Identifier: Apache-2.0
"""What a host is answered or named for under platform=snp-host has its row in the second table of
docs/violations.md, and every row a test that provokes it: a step that a host of tests/snp-host prints, or a function
of tests/unit that has the row's status in it."""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])
# Who answers a host; and what of it is no answer.
ANSWERS = ["monitor/hardware/psp/*.c", "monitor/hardware/iommu/*.c"] + [
    f"monitor/hardware/{name}.c" for name in ("rmp_table", "snp_id_block", "guest_message")
]
NAMES = ["monitor/hardware/l1/*.c", "monitor/hardware/nested/*.c"]
NO_REFUSAL = {"PSP_SUCCESS"}
STATUS = re.compile(r"\b(?:RMPUPDATE_FAIL|PSMASH_FAIL)_[A-Z]+\b|\bIOMMU_EVENT_[A-Z_]+(?:_ERROR|_COMMAND)\b")
ROW = re.compile(r"^\| `([a-z0-9-]+)` \| (.*) \| `([a-z0-9-]+\.c)`: (.*) \| (.*) \|$", re.MULTILINE)
# Where a machine ends: sentences that a host brings about.
ENDS = re.compile(r'stop_crashed\([^"]*?"([^"]*)"')
NOT_BROUGHT_ABOUT = {
    "an exit of another kind of guest",  # ours: kind.c's hooks, which nobody calls
    "an exit that nobody asked for",
    "an exit of a guest that nobody asked for",
    "the processor refuses its state",
    "the machine's ACPI has no place for an IVRS",  # QEMU's, before the host begins
    # of a guest, whose host gets the exit, or ends by "which it lets be"
    "a guest's shutdown, which its host lets be",
    "its tables, stack or text are not validated",
    "a page beyond what its nested tables reach here",
    # docs/snp-host.md: what is not played
    "it wrote a device's register other than by a plain store",
    "string I/O with a port that is played",
}
found = []


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def code(patterns):
    return "".join(p.read_text(encoding="utf-8") for g in patterns for p in sorted(ROOT.glob(g)))


def statuses():
    known = set(re.findall(r"^#define (PSP_[A-Z_]+)\s+0x[0-9a-f]{2}\b", read("abi/psp.h"), re.MULTILINE))
    text = code(ANSWERS)
    return (known & set(re.findall(r"\bPSP_[A-Z_]+\b", text)) - NO_REFUSAL) | set(STATUS.findall(text))


def named():
    return set(re.findall(r'VIOLATION,\s*"name=([a-z-]+)', code(NAMES)))


def body(text, function):
    match = re.search(rf"^(?:static void|int) {function}\(void\)\n{{\n(.*?)^}}", text, re.MULTILINE | re.DOTALL)
    return match.group(1) if match else ""


def provokes(file, step, wanted):
    """The step is one that @file checks; of a unit test, with each of @wanted."""
    host, unit = f"tests/snp-host/{file}", f"tests/unit/{file}"
    if (ROOT / host).is_file():
        return re.search(rf"^ \* [A-Z]+(-NEXT)?: {re.escape(step)}$", read(host), re.MULTILINE)
    return (ROOT / unit).is_file() and (text := body(read(unit), step)) and all(w in text for w in wanted)


def check(name, answer, file, step):
    wanted = set(re.findall(r"`([A-Z_]+)`", answer))
    if not provokes(file, step, wanted):
        found.append(f"{name}: {file} does not provoke it by: {step}")
    for status in wanted - answered:
        found.append(f"{name}: {status} is nobody's answer")
    is_named = answer.startswith("named")
    if is_named != (name in events):
        found.append(f"{name}: {'named' if is_named else 'not named'} by docs/violations.md, and otherwise by the code")
    if is_named and not re.search(rf"^ \* [A-Z-]+: violation name={name}\b", read(f"tests/snp-host/{file}"), re.MULTILINE):
        found.append(f"{name}: {file} does not look for its event")
    return wanted


answered, events = statuses(), named()
rows = ROW.findall(read("docs/violations.md"))
seen = set()
for row in rows:
    seen |= check(*row[:4])
ends = {step for _, _, _, step, _ in rows}
for sentence in sorted(set(ENDS.findall(code(NAMES))) - NOT_BROUGHT_ABOUT):
    if not any(sentence in step for step in ends):
        found.append(f"{sentence}: no row of the host's in docs/violations.md")
names = [row[0] for row in rows]
for missing in sorted(answered - seen) + sorted(events - set(names)):
    found.append(f"{missing}: no row of the host's in docs/violations.md")
for name in sorted({n for n in names if names.count(n) > 1}):
    found.append(f"{name}: two rows of the host's")
print("\n".join(found))
print(f"{len(rows)} steps of a host")
sys.exit(bool(found))
