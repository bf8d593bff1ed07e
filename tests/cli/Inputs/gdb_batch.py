# SPDX-License-Identifier: Apache-2.0
"""Runs a command that waits for gdb, and the gdb command that it prints, with what to do there.

Usage: gdb_batch.py COMMAND... -- GDB-COMMAND...    (the last -- counts)
"""
import re
import subprocess
import sys

words = sys.argv[1:]
at = len(words) - 1 - words[::-1].index("--")
run = subprocess.Popen(words[:at], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
for line in run.stderr:
    found = re.match(r"run-qemu: waiting for gdb: (gdb .*)", line)
    if found:
        break
else:
    sys.exit(f"it does not wait for gdb, and ended with {run.wait()}")
commands = " ".join(f"-ex '{word}'" for word in words[at + 1:])
gdb = subprocess.run(f"{found[1]} -batch {commands}", shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                     timeout=100, check=False)
print(gdb.stdout, flush=True)
run.stderr.read()
print("status", run.wait())
