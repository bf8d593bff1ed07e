# SPDX-License-Identifier: Apache-2.0
"""Every violation of monitor/svm/violation.def has its row in docs/violations.md, every platform
whose code can name it a cell there, and every cell a test that provokes it: on that platform, with
that FileCheck prefix, by that name."""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])
# A column of the table: the platform, and the test whose prefixes its cells name.
COLUMNS = {
    "sev": "tests/guest/monitor-violations.c",
    "sev-es": "tests/guest/monitor-violations.c",
    "snp": "tests/guest/monitor-violations.c",
    "tdx": "tests/guest/tdx-violations.c",
}
ES = {"sev-es", "snp"}
ENCRYPTED = {"sev"} | ES
# Who runs the code of a file that names violations; with the more exact name first.
PLATFORMS = {
    "monitor/host/ghcb_page.c": ES,
    "monitor/host/msr_protocol.c": ES,
    "monitor/hardware/rmp.c": {"snp"},
    "monitor/hardware/tdx_sept.c": {"tdx"},
    "monitor/hardware/tdx_td.c": {"tdx"},
    "monitor/hardware/vmsa.c": {"snp"},
    "monitor/hardware/es.c": ENCRYPTED,
    "monitor/host/ghcb.c": ES,
    "monitor/host/ghcb_snp.c": {"snp"},
    "monitor/svm/npf.c": ENCRYPTED | {"tdx"},
    "monitor/hardware/sev.c": {"sev"},
    "monitor/hardware/sev_memory.c": {"sev", "sev-es"},
    "monitor/hardware/snp.c": {"snp"},
    "monitor/hardware/snp_insn.c": {"snp"},
    "monitor/svm/pages.c": {"snp", "tdx"},
}
# Where the code of all cannot be brought to it on one.
NEVER = {
    ("access-permission", "snp"),  # the guest is at VMPL 0
    ("ghcb-unregistered", "sev-es"),  # which registers none
}
found = []


def names():
    text = (ROOT / "monitor/svm/violation.def").read_text(encoding="utf-8")
    return dict(re.findall(r'^VIOLATION\(\w+, "([a-z-]+)",\s*"([^"]+)"\)', text, re.MULTILINE))


def rows():
    """name -> (sentence, cells by platform, model test)"""
    table = {}
    for line in (ROOT / "docs/violations.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == len(COLUMNS) + 2:
            table[cells[0].strip("`")] = (cells[-1], dict(zip(COLUMNS, cells[1:-1])))
    return table


def provokes(platform, prefix, name):
    text = (ROOT / COLUMNS[platform]).read_text(encoding="utf-8").replace("\\\n * RUN:", "")
    ran = any(
        f"--platform={platform} " in line and re.search(rf"--check-prefix={prefix}$", line)
        for line in text.splitlines()
        if "RUN:" in line
    )
    return ran and re.search(rf"^ \* {prefix}: monitor: violation {name}:", text, re.MULTILINE)


def constant(name):
    return "VIOLATION_" + name.replace("-", "_").upper()


def raised():
    """constant -> the platforms whose guests can be ended by it"""
    platforms = {}
    for path in sorted((ROOT / "monitor").rglob("*.c")):
        used = set(re.findall(r"\bVIOLATION_[A-Z_]+\b", path.read_text(encoding="utf-8"))) - {"VIOLATION_NONE"}
        where = str(path.relative_to(ROOT))
        if used and where not in PLATFORMS:
            found.append(f"{where}: names {', '.join(sorted(used))}: on which platforms?")
        for violation in used:
            platforms.setdefault(violation, set()).update(PLATFORMS.get(where, ()))
    return platforms


def check(name, sentence, table, platforms):
    if name not in table:
        found.append(f"{name}: no row in docs/violations.md")
        return
    said, cells = table[name]
    if said != sentence:
        found.append(f"{name}: docs/violations.md says '{said}', violation.def '{sentence}'")
    if not any(cells.values()) and constant(name) not in unit_tests():
        found.append(f"{name}: no test at all")
    for platform, prefix in cells.items():
        has = platform in platforms.get(constant(name), ()) and (name, platform) not in NEVER
        if has and not prefix:
            found.append(f"{name}: can happen on {platform}, and has no cell there")
        if prefix and not has:
            found.append(f"{name}: {platform} has a cell, and no code for it")
        if prefix and not provokes(platform, prefix, name):
            found.append(f"{name}: {COLUMNS[platform]} does not provoke it on {platform} as {prefix}")


def unit_tests():
    return "".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / "tests/unit").glob("model-*.c")))


known, documented, can = names(), rows(), raised()
for violation, text_of in known.items():
    check(violation, text_of, documented, can)
for violation in documented.keys() - known.keys():
    found.append(f"{violation}: a row, but no violation")
print("\n".join(found))
print(f"{len(known)} violations")
sys.exit(bool(found))
