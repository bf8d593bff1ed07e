# SPDX-License-Identifier: Apache-2.0
"""Which sites of the alternatives can a processor reach that stands still while they are patched?
Walks the calls of the linked image from where it waits and from every exception's entry; none may
reach a site. Usage: still.py IMAGE CALLS. CALLS says where calls through a pointer lead, a line each:
`FROM: TO...  # why`. FROM is the pointer's object, or the function that has the call in a register; TO
is a function, an object, for every function in it, or pv_ops.HOOK, for every platform's; nothing: it
stays in FROM."""
import bisect
import collections
import pathlib
import re
import struct
import subprocess
import sys

DEF = pathlib.Path(__file__).parents[2] / "paravirt/pv_ops.def"
ROOTS = ["stand_still", "halt_for_ever", "trap_stubs"]
CALL = re.compile(r"^(call\w*|j\w+)\s+(\*?)(?:0x)?([0-9a-f]+)?")
POINTER = re.compile(r"# 0x([0-9a-f]+) <")
PADDING = re.compile(r"^(nop|int3)")
FALLS_NOT_THROUGH = re.compile(r"^(jmp|ret|iret|ud2|hlt)")
Symbol = collections.namedtuple("Symbol", "address size kind name")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Image:
    def __init__(self, path):
        self.bytes = open(path, "rb").read()
        self.segments = [struct.unpack_from("<QQQQ", self.bytes, at + 8)[:2] + struct.unpack_from("<Q", self.bytes, at + 32)
                         for at in self.headers() if struct.unpack_from("<I", self.bytes, at)[0] == 1]
        self.symbols = [Symbol(int(f[1], 16), int(f[2], 0), f[3], f[7]) for f in map(
            str.split, run("llvm-readelf", "-sW", path).splitlines()) if len(f) == 8 and re.fullmatch(r"\d+:", f[0])]
        self.text(run("llvm-objdump", "-d", "--no-show-raw-insn", path))

    def headers(self):
        offset, = struct.unpack_from("<Q", self.bytes, 0x20)
        size, count = struct.unpack_from("<HH", self.bytes, 0x36)
        return range(offset, offset + size * count, size)

    def text(self, listing):
        """Each label's instructions, and for each address the label that it is behind."""
        self.code, label = {}, None
        for line in listing.splitlines():
            if found := re.match(r"^([0-9a-f]+) <.+>:$", line):
                label = int(found[1], 16)
                self.code[label] = []
            elif found := re.match(r"^\s*([0-9a-f]+):\s+(.*)$", line):
                self.code[label].append((int(found[1], 16), found[2]))
        self.labels = sorted(self.code)
        self.names = {s.address: s.name for s in self.symbols if s.address in self.code}
        self.untyped = {s.address for s in self.symbols if s.kind == "NOTYPE"}

    def label(self, address):
        return self.labels[bisect.bisect_right(self.labels, address) - 1]

    def read(self, address, size):
        for offset, start, length in self.segments:
            if start <= address and address + size <= start + length:
                return self.bytes[offset + address - start:][:size]
        return bytes(size)

    def value(self, name):
        return next(s.address for s in self.symbols if s.name == name)

    def sites(self):
        for table in "alt_sites", "pv_sites":
            first, end = self.value(f"__{table}_start"), self.value(f"__{table}_end")
            for at in range(first, end, 4):
                yield at + struct.unpack("<i", self.read(at, 4))[0]

    def functions_in(self, address, size):
        words = struct.unpack(f"<{size // 8}Q", self.read(address, size // 8 * 8))
        return [word for word in words if word in self.code]

    def named(self, name):
        """The functions of that name, or those in all objects of that name."""
        found = [s for s in self.symbols if s.name == name]
        if not found:
            sys.exit(f"still: there is no {name}")
        return [a for s in found for a in (
            [s.address] if s.address in self.code else self.functions_in(s.address, s.size))]

    def object_at(self, address):
        return next((s for s in self.symbols if s.kind == "OBJECT" and s.address <= address < s.address + s.size), None)


class Walk:
    def __init__(self, image, calls):
        self.image, self.calls, self.used = image, calls, set()
        self.ops = image.object_at(image.value("pv_ops"))
        self.tables = [s for s in image.symbols if s.kind == "OBJECT" and re.match(r"pv_ops_\w+$", s.name) and s.size == self.ops.size]
        self.hooks = re.findall(r"PV_HOOK\(\w+, (?:SITE|TABLE|OWN), \w+, (\w+),", DEF.read_text())
        self.sites, self.faults = set(image.sites()), []

    def listed(self, name):
        if name not in self.calls:
            return None
        self.used.add(name)
        return [address for target in self.calls[name] for address in self.named(target)]

    def named(self, target):
        return self.hooks_at(8 + 8 * self.hooks.index(target[7:])) if target.startswith("pv_ops.") else self.image.named(target)

    def hooks_at(self, offset):
        return [f for t in self.tables for f in self.image.functions_in(t.address + offset, 8)]

    def through_pointer(self, label, insn):
        """Where `call *...` leads; None: nobody knows."""
        if insn.startswith("jmp") and "(,%" in insn:
            return []  # a switch: its cases are in this function, all of whose instructions are looked at
        pointer = POINTER.search(insn)
        target = pointer and self.image.object_at(int(pointer[1], 16))
        if target == self.ops:
            return self.hooks_at(int(pointer[1], 16) - target.address)
        return self.listed(target.name if target else self.image.names[label])

    def next_of(self, label):
        code = self.image.code[label]
        for address, insn in code:
            call = CALL.match(insn)
            if address in self.sites:
                yield address, "a site"
            elif call and call[2]:
                targets = self.through_pointer(label, insn)
                yield from [(target, None) for target in targets] if targets is not None else [(address, "a call to who knows where")]
            elif call and call[3]:
                yield self.image.label(int(call[3], 16)), None
        if label in self.image.untyped and self.falls_through(code):
            yield from [(l, None) for l in self.image.labels[self.image.labels.index(label) + 1:][:1]]

    @staticmethod
    def falls_through(code):
        insns = [insn for _, insn in code if not PADDING.match(insn)]
        return not insns or not FALLS_NOT_THROUGH.match(insns[-1])

    def chain(self, label, came):
        names = []
        while label is not None:
            names.append(self.image.names.get(label, hex(label)))
            label = came[label]
        return " <- ".join(names)

    def walk(self, roots):
        came = {address: None for root in roots for address in self.image.named(root)}
        todo = list(came)
        while todo:
            label = todo.pop()
            for target, fault in self.next_of(label):
                if fault:
                    self.faults.append(f"{fault} at {target:#x}: {self.chain(label, came)}")
                elif target not in came:
                    came[target] = label
                    todo.append(target)
        return came


def read_calls(path):
    lines = [line.split("#")[0].strip() for line in open(path)]
    return {line.split(":")[0]: line.split(":")[1].split() for line in lines if line}


def main():
    image, calls = Image(sys.argv[1]), read_calls(sys.argv[2])
    walk = Walk(image, calls)
    reached = walk.walk(ROOTS)
    print(f"{len(walk.sites)} sites; {len(reached)} functions are reached")
    walk.faults += [f"no call of {name} is reached: {sys.argv[2]} need not name it" for name in sorted(set(calls) - walk.used)]
    for fault in sorted(set(walk.faults)):
        print(fault)
    return bool(walk.faults)


sys.exit(main())
