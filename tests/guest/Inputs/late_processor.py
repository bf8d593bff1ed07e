# SPDX-License-Identifier: Apache-2.0
"""Runs a command that waits for gdb, with two processors under the monitor; the second one stands still from when the
monitor has its processors wait for a guest until the guest's first kick for it was sent, as on a machine that has no time
for it. Usage: late_processor.py MONITOR.sym COMMAND..."""
import re
import socket
import subprocess
import sys
import time


def packet(text):
    return f"${text}#{sum(text.encode()) % 256:02x}".encode()


class Stub:
    def __init__(self, port):
        for _ in range(100):
            try:
                self.socket = socket.create_connection(("127.0.0.1", port), timeout=200)
                return
            except ConnectionRefusedError:
                time.sleep(0.1)
        sys.exit("nobody listens")

    def ask(self, text):
        self.socket.sendall(packet(text))
        answer = b""
        while not (found := re.search(rb"\$([^#]*)#..", answer)):
            answer += self.socket.recv(65536)
        self.socket.sendall(b"+")
        return found.group(1).decode()

    def registers(self):
        words = bytes.fromhex(self.ask("g")[:17 * 16])
        names = "rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip".split()
        return {name: int.from_bytes(words[8 * i:8 * i + 8], "little") for i, name in enumerate(names)}

    def run_to(self, address, go="c"):
        self.ask(f"Z1,{address:x},1")
        self.ask(go)
        self.ask(f"z1,{address:x},1")
        return self.registers()


symbols = {name: int(address, 16) for address, _, name in map(str.split, open(sys.argv[1]))}
run = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
try:
    port = next(found for line in run.stderr if (found := re.search(r"target remote :(\d+)", line))).group(1)
    stub = Stub(int(port))
    stub.run_to(symbols["move_image"])
    moved = stub.run_to(symbols["memcpy"])["rdi"] - symbols["monitor_start"]
    stub.run_to(symbols["ap_release_all"] + moved)
    to = 0
    while to != 1:  # the first one kicks itself, too
        at = stub.run_to(symbols["ap_send"] + moved, "vCont;c:1")
        to = at["rdi"]
        stub.run_to(int.from_bytes(bytes.fromhex(stub.ask(f"m{at['rsp']:x},8")), "little"), "vCont;c:1")
    print(f"processor {to} was kicked")
    stub.socket.sendall(packet("c"))
    output, _ = run.communicate(timeout=200)
    print(output)
    print("status", run.returncode)
finally:
    run.terminate()  # with --gdb it has no limit of its own
    run.wait(timeout=60)
