# SPDX-License-Identifier: Apache-2.0
"""For gdb, of a guest under the monitor: the command page-states, and symbols where the guest's kernel and the monitor
have put themselves, which is known at a stop."""
import re

import gdb

FILE = re.compile(r"^symbols (.*) (0x[0-9a-f]+)$", re.M)
loaded = set()


class PageStates(gdb.Command):
    """The states of a guest's pages where --break has stopped it: page-states [-p] ADDRESS [COUNT]

ADDRESS is an expression, as $rsp or &symbol; with -p it is one of the guest's physical memory."""

    def __init__(self):
        super().__init__("page-states", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        words = gdb.string_to_argv(argument)
        physical = words[:1] == ["-p"]
        if not 1 <= len(words) - physical <= 2:
            raise gdb.GdbError("page-states [-p] ADDRESS [COUNT]")
        numbers = [int(gdb.parse_and_eval(word).cast(gdb.lookup_type("unsigned long"))) for word in words[physical:]]
        gdb.execute(" ".join(["monitor page-states", "-p" * physical, *map(hex, numbers)]))


def load(_=None):
    """At each stop, as it is not known at the first."""
    for path, distance in FILE.findall(gdb.execute("monitor postern-files", to_string=True)):
        if path not in loaded:
            loaded.add(path)
            gdb.execute(f"add-symbol-file '{path}' -o {distance}", to_string=True)


PageStates()
gdb.events.stop.connect(load)
load()
