# SPDX-License-Identifier: Apache-2.0
"""A command line of QEMU's: its options, and the keys and values within them.

Spec: QEMU's invocation documentation; a value is `key=value,...`, where a comma is doubled and the first key may be
left out, or a JSON object.
"""
from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Iterator

from options import Refused

# All other options take a value. Those of QEMU 7.2 to 11, and older ones: one that is missing takes the next word as its value.
FLAGS = frozenset("""
    h help version S s enable-kvm no-reboot no-shutdown nographic nodefaults no-user-config nouserconfig daemonize
    snapshot no-acpi no-hpet no-fd-bootchk full-screen win2k-hack singlestep mem-prealloc usb portrait no-quit
    alt-grab ctrl-grab curses only-migratable preconfig xen-attach xen-domid-restrict semihosting old-param enable-fips
    async-teardown audio-help enable-sync-profile jitdump perfmap
    """.split())

Properties = dict[str, Any]


@dataclass
class Word:
    """An option, without its dashes, and its value; or a disk image, which has no option."""

    name: str
    value: str | None = None

    def __str__(self) -> str:
        return f"-{self.name}" + ("" if self.value is None else f" {self.value}")


def parse(words: list[str]) -> list[Word]:
    found: list[Word] = []
    rest = iter(words)
    for word in rest:
        if not word.startswith("-") or word == "-":
            found.append(Word("", word))
            continue
        name = word.removeprefix("-").removeprefix("-")
        value = None if name in FLAGS else next(rest, None)
        if name not in FLAGS and value is None:
            raise Refused(f"-{name} needs a value")
        found.append(Word(name, value))
    return found


def arguments(words: list[Word]) -> list[str]:
    given: list[str] = []
    for word in words:
        given += [f"-{word.name}"] if word.name else []
        given += [] if word.value is None else [word.value]
    return given


def keys(value: str, first: str) -> Properties:
    """@first: the key that the first value may stand without. Without `=` a later one is on, or off behind a `no`."""
    if value.startswith("{"):
        try:
            found = json.loads(value)
        except ValueError as error:
            raise Refused(f"this is no JSON ({error}): {value}") from None
        if not isinstance(found, dict):
            raise Refused(f"this is no JSON object: {value}")
        return dict(found)
    pairs: Properties = {}
    for number, part in enumerate(value.replace(",,", "\0").split(",")):
        name, equals, given = part.replace("\0", ",").partition("=")
        if not equals:
            name, given = (first, name) if number == 0 else (name.removeprefix("no"), "off" if name[:2] == "no" else "on")
        pairs[name] = given
    return pairs


def flat(found: Properties) -> Iterator[tuple[str, str]]:
    """As keys and values without JSON's types: a switch is on or off, and what is nested has a dot in its name."""
    for name, value in found.items():
        if isinstance(value, (dict, list)):
            inside = value if isinstance(value, dict) else {str(number): item for number, item in enumerate(value)}
            yield from ((f"{name}.{below}", item) for below, item in flat(inside))
        elif isinstance(value, bool):
            yield name, "on" if value else "off"
        else:
            yield name, str(value)


def text(found: Properties, first: str) -> str:
    """What keys() reads, again."""
    pairs = {name: value.replace(",", ",,") for name, value in flat(found)}
    start = [pairs.pop(first)] if first in pairs else []
    return ",".join(start + [f"{name}={value}" for name, value in pairs.items()])


def number(value: Any, bits: int = 64) -> int:
    """As QEMU has it: decimal or 0x."""
    if not re.fullmatch(r"0[xX][0-9a-fA-F]+|[0-9]+", str(value)):
        raise Refused(f"{value} is no number")
    found = int(str(value), 16 if str(value)[:2].lower() == "0x" else 10)
    if found >> bits:
        raise Refused(f"{value} has more than {bits} bits")
    return found


def is_on(value: Any) -> bool:
    if str(value).lower() not in ("on", "yes", "true", "y", "off", "no", "false", "n"):
        raise Refused(f"{value} is neither on nor off")
    return str(value).lower() in ("on", "yes", "true", "y")
