# SPDX-License-Identifier: Apache-2.0
"""Every violation of monitor/model/violation.def has its row in docs/violations.md, and every cell of
that table a test that provokes it: on that platform, with that FileCheck prefix, by that name."""
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
found = []


def names():
    text = (ROOT / "monitor/model/violation.def").read_text(encoding="utf-8")
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


def check(name, sentence, table):
    if name not in table:
        found.append(f"{name}: no row in docs/violations.md")
        return
    said, cells = table[name]
    if said != sentence:
        found.append(f"{name}: docs/violations.md says '{said}', violation.def '{sentence}'")
    if not any(cells.values()) and f"VIOLATION_{name.replace('-', '_').upper()}" not in unit_tests():
        found.append(f"{name}: no test at all")
    for platform, prefix in cells.items():
        if prefix and not provokes(platform, prefix, name):
            found.append(f"{name}: {COLUMNS[platform]} does not provoke it on {platform} as {prefix}")


def unit_tests():
    return "".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / "tests/unit").glob("model-*.c")))


known, documented = names(), rows()
for violation, text_of in known.items():
    check(violation, text_of, documented)
for violation in documented.keys() - known.keys():
    found.append(f"{violation}: a row, but no violation")
print("\n".join(found))
print(f"{len(known)} violations")
sys.exit(bool(found))
