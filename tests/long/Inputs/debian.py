# SPDX-License-Identifier: Apache-2.0
"""Boots a Debian that tools/debian-root made, logs in on its console, installs a package, pings, powers off.

Usage: debian.py RUN-QEMU FOLDER PLATFORM    The disk is left as it was: -snapshot has what the guest writes.
"""
import os
import re
import select
import subprocess
import sys
import time

RUN, FOLDER, PLATFORM = sys.argv[1:]
LIMIT = 3000  # seconds: one console line of an emulated guest on a busy machine may take minutes
PROMPT = r"root@guest:~# "


class Console:
    def __init__(self, command):
        self.run = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.text, self.end = "", time.monotonic() + LIMIT

    def read(self):
        """Some more of it; False at its end."""
        if not select.select([self.run.stdout], [], [], max(0, self.end - time.monotonic()))[0]:
            self.run.terminate()
            sys.exit(f"nothing more in {LIMIT} seconds behind:\n{self.text[-2000:]}")
        data = os.read(self.run.stdout.fileno(), 65536)
        self.text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", self.text + data.decode(errors="replace"))
        return bool(data)

    def until(self, pattern):
        """What is before it, and no longer to come."""
        while not (found := re.search(pattern, self.text)):
            if not self.read():
                sys.exit(f"it ended before {pattern}:\n{self.text[-2000:]}")
        before, self.text = self.text[:found.start()], self.text[found.end():]
        return before

    def say(self, line):
        self.run.stdin.write(line.encode() + b"\n")
        self.run.stdin.flush()


def main():
    proxy = os.environ.get("http_proxy", "")
    console = Console([RUN, "--no-build", "--quiet", "--platform", PLATFORM, "--smp", "2", "--mem", "1G", "--timeout", str(LIMIT),
                       "--kernel", f"{FOLDER}/vmlinuz", "--initrd", f"{FOLDER}/initrd.img", "--append", "console=ttyS0 root=/dev/vda",
                       "--disk", f"{FOLDER}/disk.img", "--net", "user", "--qemu", "-snapshot"])
    console.until("guest login: ")
    console.say("root")
    console.until(PROMPT)
    for line in ("dmesg | grep -E 'Memory Encryption|tdx: Guest'", "nproc",
                 "until ip -4 route | grep -q default; do sleep 5; done; ping -c 2 10.0.2.2 | grep received",
                 f"{'export http_proxy=' + proxy + '; ' if proxy else ''}apt-get -qq update && apt-get -qq install -y hello >/dev/null 2>&1; hello"):
        console.say(line)
        print(console.until(PROMPT), flush=True)
    console.say("poweroff")
    while console.read():
        pass
    status = console.run.wait()
    print("status", status)
    if status:
        sys.exit(console.text[-2000:])


main()
