# SPDX-License-Identifier: Apache-2.0
"""Runs a command while tools/key-broker listens.

Usage: with_broker.py BROKER ROOT SOCKET COMMAND [argument...]
"""
import pathlib
import subprocess
import sys

BROKER, ROOT, SOCKET, *COMMAND = sys.argv[1:]

pathlib.Path(SOCKET).unlink(missing_ok=True)
secret = pathlib.Path(SOCKET + ".secret")
secret.write_text("the disk's key")
with subprocess.Popen([BROKER, "--listen", "unix:" + SOCKET, ROOT, secret], stderr=subprocess.PIPE, text=True) as broker:
    try:
        assert broker.stderr.readline() == "key-broker: ready\n"
        status = subprocess.run(COMMAND, check=False).returncode
    finally:
        broker.terminate()
sys.exit(status)
