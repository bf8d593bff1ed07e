# SPDX-License-Identifier: Apache-2.0
"""The bytes that a seed stands for, by label: whoever has the seed has every key made of it."""
from __future__ import annotations

import hashlib


class Seed:
    def __init__(self, number: int) -> None:
        self.number = number

    def bytes(self, label: str, size: int) -> bytes:
        return hashlib.shake_256(f"Postern test root {self.number}: {label}".encode()).digest(size)

    def below(self, label: str, limit: int) -> int:
        """From 1 on; 8 bytes more than needed, so that no number is more likely than another."""
        return 1 + int.from_bytes(self.bytes(label, (limit.bit_length() + 7) // 8 + 8), "big") % (limit - 1)
