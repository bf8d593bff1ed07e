# SPDX-License-Identifier: Apache-2.0
"""tools/measure against digests that others published, and against a second computation.

The published ones are virtee/sev-snp-measure's for edk2-stable202405: the digest after its AmdSev
firmware's pages, and the launch digests of one EPYC-v4 processor without a kernel, and of four with an
empty one, also in the middle, behind the page of that one's hashes.
"""
import hashlib
import importlib.machinery
import importlib.util
import struct
import subprocess
import sys

TOOL, WORK = sys.argv[1:]
sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("measure", TOOL)
measure = importlib.util.module_from_spec(importlib.util.spec_from_loader("measure", loader))
loader.exec_module(measure)


def sha(data):
    """Not hashlib's: coreutils."""
    return bytes.fromhex(subprocess.run(["sha384sum"], input=data, capture_output=True).stdout[:96].decode())


FIRMWARE = bytes.fromhex("086e2e9149ebf45abdc3445fba5b2da8270bdbb04094d7a2"
                         "c37faaa4b24af3aa16aff8c374c2a55c467a50da6d466b74")
SECTIONS = [(0x800000, 0x9000, 1), (0x80A000, 0x3000, 1), (0x80D000, 0x1000, 2), (0x80E000, 0x1000, 3),
            (0x80F000, 0x1000, 4), (0x810000, 0x1000, 0x10), (0x811000, 0xF000, 1)]
WITH_KERNEL = bytes.fromhex("09048f370bff1a29414c64f73db9cacdd1bc0dd523da79b0"
                            "48c495e713448bc72cf1c17ba0ed88c96c84237d6572c158")


def published():
    for features, expected in (
            (0x21, "e1e1ca029dd7973ab9513295be68198472dcd4fc834bd9af9b63f6e8a1674dbf281a9278a4a2ebe0eed9f22adbcd0e2b"),
            (0x01, "19358ba9a7615534a9a1e2f0dfc29384dcd4dcb7062ff9c6013b26869a5fc6ecabe033c48dd6f6db5d6d76e7c5df632d")):
        digest = measure.SnpDigest(FIRMWARE)
        digest.metadata(SECTIONS)
        digest.page(measure.VMSA, measure.VMSA_GPA,
                    measure.vmsa(0xFFFFFFF0, measure.cpu_signature("EPYC-v4"), features))
        assert digest.digest.hex() == expected, digest.digest.hex()


def published_of_kernel():
    """The firmware leaves 0x400 bytes at 0x810c00 for the hashes."""
    area = struct.pack("<IIH", 0x810C00, 0x400, 26) + guid("7255371f-3a3b-4b04-927b-1da6efa8d454")
    rom = (area + struct.pack("<H", len(area) + 18) + guid("96b582de-1fb2-45f7-baea-a366c55a082d") + bytes(32)).rjust(0x10000)
    hashes = measure.kernel_hashes.table(b"", b"", "")
    digest = measure.SnpDigest(FIRMWARE)
    digest.metadata(SECTIONS, measure.hash_page(rom, hashes))
    assert digest.digest == WITH_KERNEL, digest.digest.hex()


def published_of_four():
    """From the digest before the processors on; the firmware's reset block is at 0x80b004."""
    reset = struct.pack("<IH", 0x80B004, 22) + guid("00f771de-1a7e-4fcb-890e-68c77e2fb44e")
    footer = struct.pack("<H", len(reset) + 18) + guid("96b582de-1fb2-45f7-baea-a366c55a082d")
    for features, expected in (
            (0x21, "4953b1fb416fa874980e8442b3706d345926d5f38879134e00813c5d7abcbe78eafe7b422907be0b4698e2414a631942"),
            (0x01, "5061fffb019493a903613d56d54b94912a1a2f9e4502385f5c194616753720a92441310ba6c4933de877c36e23046ad5")):
        digest = measure.SnpDigest(WITH_KERNEL)
        for page in measure.vmsas((reset + footer + bytes(32)).rjust(0x10000), 4, measure.cpu_signature("EPYC-v4"), features):
            digest.page(measure.VMSA, measure.VMSA_GPA, page)
        assert digest.digest.hex() == expected, digest.digest.hex()


SEV = [(0x200000, 0x2000, 1), (0x202000, 0x1000, 2), (0x203000, 0x1000, 3)]
TDVF = [(0, 0x10000, 0xFFFF0000, 0x10000, 0, 1), (0, 0, 0x200000, 0x2000, 3, 0), (0, 0, 0x202000, 0x2000, 2, 0),
        (0x100, 0x80, 0x300000, 0x1000, 1, 1)]


def guid(text):
    parts = text.split("-")
    return struct.pack("<IHH", *(int(p, 16) for p in parts[:3])) + bytes.fromhex(parts[3] + parts[4])


def image():
    """64 KiB with both tables, as OVMF lays them out."""
    rom = bytearray(i * 37 % 251 for i in range(0x10000))
    sev_at, tdvf_at, reset = 0x8000, 0x9000, 0xFFFF1234
    rom[sev_at:sev_at + 52] = b"ASEV" + struct.pack("<III", 52, 1, 3) + b"".join(struct.pack("<III", *s) for s in SEV)
    tdvf = b"TDVF" + struct.pack("<III", 16 + 32 * 4, 1, 4) + b"".join(struct.pack("<IIQQII", *s) for s in TDVF)
    rom[tdvf_at:tdvf_at + len(tdvf)] = tdvf
    table = b""
    for name, value in (("dc886566-984a-4798-a75e-5585a7bf67cc", 0x10000 - sev_at),
                        ("e47a6535-984a-4798-865e-4685a7bf8ec2", 0x10000 - tdvf_at),
                        ("00f771de-1a7e-4fcb-890e-68c77e2fb44e", reset)):
        table += struct.pack("<IH", value, 22) + guid(name)
    table += struct.pack("<H", len(table) + 18) + guid("96b582de-1fb2-45f7-baea-a366c55a082d")
    rom[-32 - len(table):-32] = table
    return bytes(rom)


def vmsa(ip, base, cpu, features):
    """Quadword by quadword, segments as two: selector, attributes, limit, then base."""
    data = 0x0000FFFF_0093_0000
    words = {0x10: 0x0000FFFF_009B_F000, 0x18: base, 0x60: 0xFFFF << 32, 0x70: 0x0000FFFF_0082_0000,
             0x80: 0xFFFF << 32, 0x90: 0x0000FFFF_008B_0000, 0xD0: 1 << 12, 0x148: 1 << 6, 0x158: 1 << 4,
             0x160: 1 << 10, 0x168: 0xFFFF0FF0, 0x170: 1 << 1, 0x178: ip, 0x268: 0x0007_0406_0007_0406,
             0x310: cpu, 0x3B0: features, 0x3E8: 1, 0x408: 0x1F80, 0x410: 0x37F}
    words.update({at: data for at in (0x00, 0x20, 0x30, 0x40, 0x50)})
    return b"".join(struct.pack("<Q", words.get(at, 0)) for at in range(0, 4096, 8))


def second_snp(rom, smp, cpu, features):
    pages = [(1, 0xFFFF0000 + at, sha(rom[at:at + 4096])) for at in range(0, len(rom), 4096)]
    pages += [(3, 0x200000, bytes(48)), (3, 0x201000, bytes(48)), (5, 0x202000, bytes(48)), (6, 0x203000, bytes(48))]
    for i in range(smp):
        page = vmsa(0x1234 if i else 0xFFF0, 0xFFFF0000, cpu, features)
        pages.append((2, (1 << 48) - 4096, sha(page)))
    digest = bytes(48)
    for kind, gpa, contents in pages:
        digest = sha(digest + contents + b"\x70\0" + bytes([kind]) + bytes(5) + gpa.to_bytes(8, "little"))
    return digest


def second_mrtd(rom):
    def block(name, gpa):
        return name + bytes(16 - len(name)) + gpa.to_bytes(8, "little") + bytes(104)

    def add(gpa, contents=None):
        out = block(b"MEM.PAGE.ADD", gpa)
        for i in range(16 if contents else 0):
            out += block(b"MR.EXTEND", gpa + 256 * i) + contents[256 * i:256 * i + 256]
        return out

    stream = b"".join(add(0xFFFF0000 + at, rom[at:at + 4096]) for at in range(0, 0x10000, 4096))
    stream += b"".join(add(gpa) for gpa in (0x200000, 0x201000, 0x202000, 0x203000))
    stream += add(0x300000, rom[0x100:0x180] + bytes(4096 - 0x80))
    return sha(stream)


def second():
    rom = image()
    for smp, cpu, features in ((1, 0x800F12, 1), (2, 0xA00F11, 0x21)):
        assert measure.snp(rom, smp, cpu, features) == second_snp(rom, smp, cpu, features)
        states = b"".join(vmsa(0x1234 if i else 0xFFF0, 0xFFFF0000, cpu, 0) for i in range(smp))
        assert measure.sev_es(rom, smp, cpu) == hashlib.sha256(rom + states).digest()
    assert measure.tdx(rom) == second_mrtd(rom)
    with open(WORK + ".fd", "wb") as file:
        file.write(rom)
    tdvf = rom.index(b"TDVF") + 16  # BFV, TEMP_MEM, TD_HOB, CFV, each: offset, raw, gpa, size, type
    for name, broken in (("cut", rom[:-1]), ("footer", rom[:-0x30] + bytes(0x30)),
                         ("table", rom[:-0x32] + b"\xff\xff" + rom[-0x30:]),
                         ("section", rom[:0x8018] + b"\x77" + rom[0x8019:]),
                         ("unaligned", rom[:0x8010] + b"\x01" + rom[0x8011:]),
                         ("offset", rom.replace(b"TDVF", b"TDVG")),
                         ("td-type", rom[:tdvf + 24] + b"\x77" + rom[tdvf + 25:]),
                         ("td-unaligned", rom[:tdvf + 8] + b"\x01" + rom[tdvf + 9:]),
                         ("td-data", rom[:tdvf + 32 + 4] + b"\x01" + rom[tdvf + 32 + 5:]),
                         ("td-outside", rom[:tdvf] + b"\x01" + rom[tdvf + 1:]),
                         ("td-hob", rom[:tdvf + 64 + 24] + b"\x03" + rom[tdvf + 64 + 25:])):
        with open(f"{WORK}.{name}.fd", "wb") as file:
            file.write(broken)


published()
published_of_kernel()
published_of_four()
second()
