# SPDX-License-Identifier: Apache-2.0
"""Runs a command whose console becomes an EFI shell, and powers off there. Prints the console,
without its escape sequences, and how the command ended.

Usage: efi-shell.py SECONDS COMMAND...
"""
import os
import re
import select
import subprocess
import sys
import time

limit = time.monotonic() + float(sys.argv[1])
run = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
text, answers = b"", [(b" to skip ", b"\x1b"), (b"Shell> ", b"reset -s\r")]
while time.monotonic() < limit:
    if not select.select([run.stdout], [], [], 1)[0]:
        continue
    piece = os.read(run.stdout.fileno(), 65536)
    if not piece:
        break
    text += piece
    if answers and answers[0][0] in text:
        run.stdin.write(answers.pop(0)[1])
        run.stdin.flush()
else:
    run.terminate()
print(re.sub(r"\x1b\[[0-9;=]*[A-Za-z]", "\n", text.decode("latin-1")).replace("\r", ""))
print("exit status", run.wait())
