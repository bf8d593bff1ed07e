# SPDX-License-Identifier: Apache-2.0
"""What verifiers said (verify/main.go, dcap-qvl.js) against what the corpus says that they should say.

Usage: compare.py CORPUS SAID KNOWN [KIND]    KIND/...: only such cases are looked for
KNOWN has lines `EXPRESSION # reason`: what a verifier is known to say otherwise, such as `snp/good-v9 refuse` or
`snp/good-v9 leaf bit 7 accept`. Prints how many verdicts agree, and what is known; status 1 and the rest otherwise.
"""
import json
import pathlib
import re
import sys

CASE = re.compile(r"(\S+) (accept|refuse)(?:: .*)?$")
BITS = re.compile(r"(\S+ \S+) (\d+) of (\d+) refuse(.*)$")
BIT = re.compile(r"\(bit (\d+)")


def said(lines, verdicts):
    """What differs, one line each; and how many verdicts do not."""
    differs, agree, seen = [], 0, set()
    for line in lines:
        if found := CASE.match(line):
            seen.add(found[1])
            if verdicts[found[1]] == found[2]:
                agree += 1
            else:
                differs.append(f"{found[1]} {found[2]}")
        elif found := BITS.match(line):
            seen.add(found[1])
            agree += int(found[2])
            bits = BIT.findall(found[4])
            assert len(bits) == int(found[3]) - int(found[2]), line
            differs += [f"{found[1]} bit {bit} accept" for bit in bits]
        else:
            differs.append("not understood: " + line)
    return differs + [f"{name} nothing" for name in verdicts if name not in seen], agree


def main():
    corpus, output, known = map(pathlib.Path, sys.argv[1:4])
    index = json.loads((corpus / "index.json").read_text())
    verdicts = {c["name"]: c["verdict"] for c in index["cases"]}
    verdicts |= {f"{m['case']} {m['file']}": m["verdict"] for m in index["mutations"]}
    verdicts = {name: verdict for name, verdict in verdicts.items() if name.startswith("".join(sys.argv[4:]))}
    expected = [line.split(" # ")[0] for line in known.read_text().splitlines() if not line.startswith("#")]
    differs, agree = said(output.read_text().splitlines(), verdicts)
    new = [line for line in differs if not any(re.fullmatch(e, line) for e in expected)]
    print(f"{agree} verdicts agree, {len(differs) - len(new)} differ as is known")
    if new:
        sys.exit("\n".join(new))


main()
