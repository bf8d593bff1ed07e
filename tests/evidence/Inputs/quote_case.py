# SPDX-License-Identifier: Apache-2.0
"""A corpus of the quote that a guest printed, from its console on standard input; and of two that are not it.

Usage: quote_case.py ATTESTATION OUTPUT BYTE - the folder of tools/attestation; of what the report data are.
"""
import re
import sys
from datetime import datetime, timezone
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import corpus  # noqa: E402
from corpus_tdx import TdxCases  # noqa: E402
from root import TestRoot  # noqa: E402

output, report_data, console = Path(sys.argv[2]), 64 * sys.argv[3], sys.stdin.read()
quote = bytes.fromhex("".join(re.findall(r"^(?:quote:|evidence: outblob) ([0-9a-f]+)\s*$", console, re.MULTILINE)))
measured = re.search(r"^monitor: MRTD ([0-9a-f]+)", console, re.MULTILINE)
mrtd = measured[1] if measured else 48 * "00"  # of no firmware nothing is
root = TestRoot.make()
case = TdxCases(root, TestRoot.make(1)).case("guest", quote)
expect = {"report_data": report_data, "mrtd": mrtd}
case = corpus.Case(case.name, case.files, expect)
wrong = case.but("other-data", "it is another's", expect={"report_data": "00" * 64})
unlike = case.but("other-bit", "a bit of it was changed", quote=quote[:200] + bytes([quote[200] ^ 1]) + quote[201:])
output.mkdir(parents=True, exist_ok=True)
time = int(datetime(2030, 1, 1, tzinfo=timezone.utc).timestamp())
corpus.write(output, root.seed, time, [case, wrong, unlike], [], 0)
