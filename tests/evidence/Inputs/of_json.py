# SPDX-License-Identifier: Apache-2.0
"""A guest's evidence from its results: the report, and the host's certificates behind it.  Usage: of_json.py JSON OUT"""
import json
import sys
from pathlib import Path

lines = [json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()]
evidence = {line["name"]: bytes.fromhex(line["hex"]) for line in lines if line["kind"] == "evidence"}
Path(sys.argv[2]).write_bytes(evidence["report"] + evidence["certificates"])
