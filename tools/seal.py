#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seals an image of the guest (.elf, .fd, .efi) to its command line.

The image then holds the words' SHA-256, which its launch measurement covers, and ends where it is
started with others. With --inside it brings the words too, for a loader that gives none.
Spec: abi/measured_config.h.
"""
import argparse
import hashlib
import os
import struct
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import files  # noqa: E402

MAGIC = b"POSTERN-CONFIG-1"
HAS_HASH, HAS_WORDS = 1, 2
WORDS_MAX = 1024
RECORD = f"<16sII32s{WORDS_MAX}s"


class BadImage(Exception):
    pass


def seal(image, words, inside=False):
    """@image, bytes, with the record filled in. Raises BadImage."""
    text = os.fsencode(words)
    at = image.find(MAGIC)
    if at < 0 or image.find(MAGIC, at + 1) >= 0 or at + struct.calcsize(RECORD) > len(image):
        raise BadImage("it has no place for a measured command line")
    if len(text) >= WORDS_MAX or b"\0" in text:
        raise BadImage(f"a command line has at most {WORDS_MAX - 1} bytes")
    flags = HAS_HASH | (HAS_WORDS if inside else 0)
    record = struct.pack(RECORD, MAGIC, flags, 0, hashlib.sha256(text).digest(), text if inside else b"")
    return image[:at] + record + image[at + len(record):]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--append", required=True, metavar="WORDS", help="the whole command line")
    parser.add_argument("--inside", action="store_true", help="the image brings the words")
    parser.add_argument("image")
    parser.add_argument("out")
    options = parser.parse_args()
    image = files.read(options.image)
    try:
        sealed = seal(image, options.append, options.inside)
    except BadImage as reason:
        files.die(f"{options.image}: {reason}")
    files.write(options.out, sealed, os.stat(options.image).st_mode & 0o777)


if __name__ == "__main__":
    main()
