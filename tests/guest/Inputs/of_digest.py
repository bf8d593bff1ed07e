# SPDX-License-Identifier: Apache-2.0
"""Starts guests with good and bad words of their owner. Usage: of_digest.py DIGEST-FILE ROOT BUILD FOLDER"""
import base64
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
digest, root, build, folder = Path(sys.argv[1]).read_text().strip(), *sys.argv[2:]


def words(name, *arguments):
    said = subprocess.run([sys.executable, HERE / "id_block.py", f"{folder}.{name}", *arguments], check=True,
                          capture_output=True, text=True)
    return Path(f"{folder}.{name}", "words").read_text() + ",author-key-enabled=on", said.stdout


def start(properties):
    return subprocess.run([HERE / "snp-owned", root, build, properties], capture_output=True, text=True, check=False).stdout


def refused(name, properties):
    found = re.search(r"cannot start the guest: .*", start(properties))
    print(f"{name}: {found[0] if found else 'it starts'}")


good, expected = words("good", digest)
print("".join(f"expected: {line}\n" for line in expected.splitlines()), end="")
console = start(good)
print(console)
report = bytes.fromhex(re.search(r"attest: report +([0-9a-f]{1000,})", console)[1])
print(f"in the report: SVN {report[4]}, {report[0x10:0x16].decode()}, {report[0x20:0x25].decode()}, author "
      f"{report[0x110:0x140].hex()}, flags {report[0x48]:#x}")
refused("another digest", words("digest", "00" * 48)[0])
refused("another policy", good.replace("policy=0x30000", "policy=0xb0000"))
block = re.search(r"id-block=([^,]*)", good)[1]
changed = bytearray(base64.b64decode(block))
changed[0x54] ^= 1
refused("another signature", good.replace(block, base64.b64encode(changed).decode()))
refused("no such policy", "policy=0x30200")  # of firmware 2.0
