# SPDX-License-Identifier: Apache-2.0
"""Writes a bzImage anew with one thing changed. Usage: bzimage.py IN relocatable=N|cut OUT"""
import sys

RELOCATABLE_KERNEL = 0x234  # boot.rst
source, change, out = sys.argv[1:]
image = bytearray(open(source, "rb").read())
if change == "cut":
    del image[len(image) // 2:]
else:
    image[RELOCATABLE_KERNEL] = int(change.removeprefix("relocatable="))
open(out, "wb").write(image)
