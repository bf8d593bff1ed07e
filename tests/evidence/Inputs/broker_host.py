# SPDX-License-Identifier: Apache-2.0
"""A host between its guest's serial port and tools/key-broker, who does something else at each question of its guest's.

Usage: broker_host.py BROKER ROOT MEASUREMENTS PLATFORM WORK RUN-GUEST [argument...]
"""
import os
import pathlib
import re
import socket
import subprocess
import sys
import threading

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

BROKER, ROOT, MEASUREMENTS, PLATFORM, WORK, *RUN = sys.argv[1:]
HOSTS = "honest", "replays", "own-key", "own-nonce", "earlier-answer", "changes", "swaps", "honest"


def own_key():
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint).hex()


class Broker:
    """Its end of one question."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect("broker")
        self.lines = self.socket.makefile("rw")

    def ask(self, *lines):
        for line in lines:
            print(line, file=self.lines, flush=True)
        return self.lines.readline().strip()


class Host:
    def __init__(self, guest):
        self.guest = guest.makefile("rw")
        self.earlier = self.answer = ""

    def hear(self):
        return self.guest.readline().strip()

    def say(self, line):
        print(line, file=self.guest, flush=True)

    def evidence(self):
        """The guest's lines, up to its evidence."""
        lines = [self.hear()]
        while not lines[-1].startswith("evidence"):
            lines.append(self.hear())
        return lines

    def question(self, kind):
        broker = Broker()
        nonce = broker.ask(self.hear())
        self.say("nonce " + "00" * 32 if kind == "own-nonce" else nonce)
        lines = self.evidence()
        sent = self.earlier if kind == "replays" else lines
        if kind == "own-key":
            sent = ["key " + own_key(), *lines[1:]]
        if kind == "swaps":  # this evidence, with the key of an earlier question
            sent = [self.earlier[0], *lines[1:]]
        answer = broker.ask(*sent)
        head = answer.split()[0]
        print(kind, "gets", head)
        if kind == "earlier-answer":
            answer = self.answer
        if kind == "changes":
            answer = answer[:-1] + format(int(answer[-1], 16) ^ 1, "x")
        if kind == "honest":
            self.earlier, self.answer = lines, answer
        self.say(answer)


def serve(server):
    guest, _ = server.accept()
    host = Host(guest)
    for kind in HOSTS:
        host.question(kind)
    host.hear()  # QEMU drops what its guest has not read yet of a connection that is closed


def main():
    os.chdir(WORK)
    pathlib.Path("secret").write_text("the disk's key")
    measured = dict(line.split() for line in pathlib.Path(MEASUREMENTS).read_text().splitlines())[PLATFORM]
    server = socket.socket(socket.AF_UNIX)
    server.bind("com2")
    server.listen()
    words = [BROKER, "--listen", "unix:broker", "--measurement", measured, ROOT, "secret"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as broker:
        assert broker.stderr.readline() == "key-broker: ready\n"
        threading.Thread(target=serve, args=[server], daemon=True).start()
        run = [*RUN, "--measured", "--serial=unix:" + os.path.abspath("com2"), "--", "broker", str(len(HOSTS))]
        console = subprocess.run(run, stdout=subprocess.PIPE, text=True, check=False).stdout
        broker.terminate()
    print("\n".join(re.findall("^broker: .*", console, re.MULTILINE)))


main()
