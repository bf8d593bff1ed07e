# SPDX-License-Identifier: Apache-2.0
"""What --profile and --page-states make of what is cut off, damaged, hostile, or has no room: no traceback, and nothing half.

Usage: damage.py ROOT IMAGE WORK
"""
import gzip
import json
import lzma
import os
import pathlib
import random
import signal
import struct
import sys

ROOT, IMAGE, WORK = sys.argv[1:]
sys.dont_write_bytecode = True
sys.path.insert(0, f"{ROOT}/tools/launch")
import guest_symbols  # noqa: E402
import linux_image  # noqa: E402
import outputs  # noqa: E402
import page  # noqa: E402
import page_states_page  # noqa: E402
import profile  # noqa: E402
import profile_page  # noqa: E402
import seen  # noqa: E402

work = pathlib.Path(WORK)
work.mkdir(exist_ok=True)
signal.alarm(100)  # a test that hangs has failed

LINES = """1 cpu0 page gpa=0x1000 size=0x1000 from=private to=shared tsc=0x10 rip=0x2000
2 cpu0 exit code=0x81 rip=0x2000 cpl=0 tsc=0x11 ticks=0x20 asked=vmgexit:0x80000010 cause=0x3000 stack=0:1,1f:81000000
3 cpu0 exit code=0x81 rip=0x2000 cpl=0 tsc=0x12 ticks=0x20 frames=2000,3000
"""


def cut_transcript():
    """At each byte: what is whole counts."""
    for length in range(len(LINES)):
        text = LINES[:length].splitlines(True)
        run = profile.read(text)
        assert len(run.exits) + len(run.pages) == LINES[:length].count("\n")
        profile.text(profile.summarise(run, guest_symbols.Symbols("guest"), [], "cycles"))
    print("transcript cut at each of its bytes")


def results():
    """Of a guest that is somebody else's, and of one that was cut off."""
    file = work / "results"
    file.write_bytes(b'{"kind":"step","name":"a","tsc":2}\n{"kind":"step"}\n"kind":"step"\n[]\n\xff"kind":"step"\n' + b"[" * 100000 +
                     b'\n{"kind":"step","name":"b","tsc":[]}\n{"kind":"step","name":"c","tsc":1}\n{"kind":"step","na')
    assert profile.steps_of(file) == [("c", 1), ("a", 2)]
    print("steps among anything")


def read(data):
    symbols = guest_symbols.Symbols("kernel")
    file = work / "image"
    file.write_bytes(data)
    try:
        symbols.read(file)
    except linux_image.Unreadable:
        return False
    symbols.stack(0xffffffff81000000, "0:81000001,1:81000002", "")
    symbols.stack(0x2000, "", "2000,,3")
    return True


def bzimage(payload):
    image = bytearray(0x400)
    image[0x1f1], image[0x202:0x206] = 1, b"HdrS"
    struct.pack_into("<II", image, 0x248, 0, len(payload))
    return bytes(image) + payload


def tables(entries):
    """A kernel with tables for unwinding, the second of them so long."""
    names = b"\0.orc_unwind_ip\0.orc_unwind\0.shstrtab\0"
    ip = struct.pack("<ii", 0, 0x1000)
    version = b"Linux version 6.12.0\0"
    body = ip + entries + names + version
    sections = [(0, 0, 0, 0, 0)] + [(names.index(name), kind, address, offset, size) for name, kind, address, offset, size in (
        (b".orc_unwind_ip", 1, 0xffffffff81000000, 120, len(ip)), (b".orc_unwind\0", 1, 0, 120 + len(ip), len(entries)),
        (b".shstrtab", 3, 0, 120 + len(ip) + len(entries), len(names)))]
    head = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 2, 62, 1, 0, 64, 120 + len(body), 0, 64, 56, 1, 64, 4, 3)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, 0xffffffff81000000, 0x1000000, 4096, 4096, 4096)
    return head + segment + body + b"".join(struct.pack("<IIQQQQIIQQ", name, kind, 0, address, offset, size, 0, 0, 1, 0)
                                            for name, kind, address, offset, size in sections)


def images():
    elf = pathlib.Path(IMAGE).read_bytes()
    assert read(elf) and read(bzimage(gzip.compress(elf, 1) + bytes(4))) and not read(bzimage(b"\x7fELF"))
    packed = gzip.compress(elf[:50000]), lzma.compress(elf[:50000]), lzma.compress(elf[:50000], lzma.FORMAT_ALONE), b"BZh9"
    for payload in packed:
        assert not read(bzimage(payload[:len(payload) // 2]))
        assert not read(bzimage(payload[:100] + bytes(100) + payload[200:]))
    assert not read(bytes(0x202) + b"HdrS")
    digits = b"".join(b"%d\0" % digit for digit in range(10))
    for tail in b"", bytes(3000):
        assert not read(elf[:64].ljust(0x1000, b"\1")[:0x38] + bytes(8) + digits + tail)
    chance = random.Random(1)
    taken = 0
    for _ in range(300):
        data = bytearray(elf[:chance.choice((64, 200, 5000, len(elf)))])
        for _ in range(8):
            data[chance.randrange(5, min(len(data), 500))] = chance.randrange(256)
        taken += read(bytes(data))
    assert read(tables(bytes(12))) in (True, False) and not read(tables(bytes(6)))
    back = struct.pack("<hhH", -21 * 8, 0, 5 | 3 << 8)  # registers below the stack that they are on
    orc = linux_image.Unwinder(linux_image.Elf(tables(back * 2)))
    assert orc.callers(0xffffffff81000000, dict.fromkeys(range(64), 0xffffffff81000000)) == []
    print("images that are damaged")


def no_room():
    """The copy that we read has no room: the guest goes on, and the user is told."""
    target = work / "trace"
    output = outputs.Output("--trace", target, lambda _: True, copy=pathlib.Path("/dev/full"))
    text = b"line\n" * (1 << 20)
    with open(output.writer, "wb", closefd=False) as pipe:
        pipe.write(text)
    output.handed_over()
    print(output.finish(True))
    assert target.read_bytes() == text


def hostile_names():
    """A name from somebody's System.map ends no element of the page, and begins no comment in it."""
    name = "<!--<script></script><img/src=x>"
    text = page.page(name, page.table([name], [[name]]), [name], "")
    data = text[text.index('id="data">') + 10:]
    assert "<" not in data[:data.index("</script>")] and name not in text
    run = profile.Run(violation={"name": name})
    assert name not in page_states_page.write("", run, guest_symbols.Symbols("guest"), 16, "cycles")
    print("names that are HTML")


def many():
    """However much happened, a browser can show it; what begins alike is there once."""
    stacks = [{"stack": ["main", f"f{number}", "exit"], "samples": 1, "time": number * number} for number in range(200000)]
    text = json.dumps(profile_page.flame(stacks))
    found = profile_page.flame(stacks)["tree"]
    assert found[1] == len(stacks) and len(text) < 3000000 and len(found[3]) == 1
    assert found[3][0][3] and all(time * profile_page.PARTS_MAX > found[2] for _, _, time, _ in found[3][0][3]), "what nobody sees is left out"
    few = profile_page.flame(stacks[:2])
    assert few == {"names": ["all", "main", "f0", "exit", "f1"],
                   "tree": [0, 2, 1, [[1, 2, 1, [[2, 1, 0, [[3, 1, 0, []]]], [4, 1, 1, [[3, 1, 1, []]]]]]]]}
    change = profile.Page(0x1000, 0x1000, "private", "shared", 1, 2, "cpu0")
    text = page_states_page.write("", profile.Run(pages=[change] * 100001), guest_symbols.Symbols("guest"), 16, "cycles")
    assert "Of 100,001 changes these are the first 100,000." in text
    profile.EXITS_MAX = 1
    run = profile.read([*LINES.splitlines(True), "4 cpu0 violation name=x\n"])
    found = profile.summarise(run, guest_symbols.Symbols("guest"), [], "cycles")
    assert run.violation and found["total"]["samples"] == 1 and "first 1 exits; 1 more" in profile.text(found)
    assert "first 1 exits; 1 more" in profile_page.write("", found)
    print("a run without an end")


def whole_or_before():
    file = work / "page.html"
    file.write_text("before")
    files = seen.Files()
    files.write("--profile", file, lambda: "a name that is no text: \udcff")
    assert not files.lost and file.read_bytes() == b"a name that is no text: ?"
    file.chmod(0o600)
    link = work / "link.html"
    link.unlink(missing_ok=True)
    link.symlink_to(file)
    was = file.stat().st_ino
    with open(file, "rb") as before:
        files.write("--profile", link, lambda: "x" * (1 << 20))
        assert len(before.read()) == 25, "it is replaced, not overwritten"
    assert link.is_symlink() and file.stat().st_ino != was and file.stat().st_mode & 0o777 == 0o600
    assert sorted(os.listdir(work)) == ["image", "link.html", "page.html", "results", "trace"]
    print("a page is whole")


cut_transcript()
results()
images()
no_room()
hostile_names()
many()
whole_or_before()
