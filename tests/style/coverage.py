# SPDX-License-Identifier: Apache-2.0
"""docs/coverage.md says of each request what the code does: each number is the one that abi/ has under
that name, what is answered has code that names it and what is refused has none, and neither abi/ nor the
code has a request without a row."""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])
HEADERS = ["abi/ghcb.h", "abi/tdx.h", "abi/vmx.h", "abi/x86.h"]


class Section:
    """Where the answers of one section are: a function's cases, or the lines of tables; and which
    constants are requests of its kind."""

    def __init__(self, path, function, names, other=r"$^"):
        self.path, self.function, self.names, self.other = path, function, names, other

    def text(self):
        code = (ROOT / self.path).read_text(encoding="utf-8")
        if not self.function:
            return code
        body = re.search(rf"^[^\n;]*\b{self.function}\([^;]*?\n{{\n(.*?)^}}", code, re.MULTILINE | re.DOTALL)
        return body.group(1) if body else ""

    def answered(self):
        pattern = r"\bcase (\w+):" if self.function else r"(?:{ |\[INDEX\()(\w+)(?:,|\)\])"
        used = re.findall(pattern, self.text())
        return {name for name in used if self.is_request(name)}

    def is_request(self, name):
        return re.fullmatch(self.names, name) and not re.fullmatch(self.other, name)


SECTIONS = {
    "Exits by the GHCB": Section(
        "monitor/host/ghcb_exit.c",
        None,
        r"SVM_VMGEXIT_\w+|SVM_EXIT_\w+",
        # Exits of SVM that are none of the GHCB's, and operands of its requests.
        r"SVM_EXIT_(EXCP_BASE|INTR|NMI|VINTR|PAUSE|HLT|SHUTDOWN|VMRUN|NPF)|SVM_VMGEXIT_AP_(CREATE\w*|DESTROY)",
    ),
    "Requests by the GHCB MSR": Section(
        "monitor/host/msr_protocol.c", "msr_protocol_request", r"GHCB_MSR_\w+_REQ"
    ),
    "TDCALL": Section("monitor/hardware/tdx_td.c", "tdx_tdcall", r"TDG_\w+"),
    "TDVMCALL": Section(
        "monitor/host/tdx_vmcall.c",
        "do_standard",
        r"TDVMCALL_\w+",
        r"TDVMCALL_(REG_\w+|\w+_MASK|STATUS_\w+|INFO_\w+|STANDARD|READ|WRITE)",
    ),
    "Metadata": Section(
        "monitor/hardware/tdx_metadata.c", None, r"(TDCS|TDVPS|TDX_SYS)_\w+", r"TDCS_CONFIG_(FLAGS_GPAW|FLEX\w+|NO\w+)"
    ),
}
found = []


def constants():
    """name -> number; one that is defined by another one has its number."""
    text = "".join((ROOT / header).read_text(encoding="utf-8") for header in HEADERS)
    raw = dict(re.findall(r"^#define (\w+)\s+(?:U64_C\()?(\w+)\)?(?:\s|$)", text, re.MULTILINE))
    numbers = {}
    for name in raw:
        value = raw[name]
        while value in raw:
            value = raw[value]
        if re.fullmatch(r"0x[0-9a-fA-F]+|[0-9]+", value):
            numbers[name] = int(value, 0)
    return numbers


def rows():
    """section -> [(number, name, is a constant, answered or refused)]"""
    table, section = {name: [] for name in SECTIONS}, None
    for line in (ROOT / "docs/coverage.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line[3:]
            if section not in SECTIONS:
                found.append(f"{section}: a section that nobody holds against anything")
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if section in SECTIONS and line.startswith("|") and re.match(r"(0x)?[0-9a-f]+$", cells[0]):
            table[section].append((int(cells[0], 0), cells[1].strip("`"), "`" in cells[1], cells[2]))
    return table


def check(title, section, table, numbers):
    answered, listed, known = section.answered(), set(), set()
    if not answered:
        found.append(f"{title}: no answers found in {section.path}")
    for number, name, is_constant, said in table:
        if number in known:
            found.append(f"{name}: {number:#x} has two rows")
        known.add(number)
        listed.add(name)
        if is_constant and numbers.get(name) != number:
            found.append(f"{name}: abi/ has no such name for {number:#x}")
        if said not in ("answered", "refused"):
            found.append(f"{name}: '{said}' is neither answered nor refused")
        if said == "answered" and name not in answered:
            found.append(f"{name}: answered, and {section.path} does not name it")
        if said == "refused" and name in answered:
            found.append(f"{name}: refused, and {section.path} answers it")
    for name in sorted(answered - listed):
        found.append(f"{name}: {section.path} answers it, and there is no row")
    for name in sorted(n for n in numbers if section.is_request(n) and n not in listed):
        found.append(f"{name}: abi/ has it, and there is no row")
    return len(table)


all_numbers, all_rows = constants(), rows()
count = sum(check(title, section, all_rows[title], all_numbers) for title, section in SECTIONS.items())
print("\n".join(found))
print(f"{count} requests")
sys.exit(bool(found))
