# SPDX-License-Identifier: Apache-2.0
"""Writes a workload: some 600 small functions in plain C on a volatile pointer, each called for ordinary
memory and for a device's registers, which must end with the same contents and the same results."""

TYPES = {"u8": 8, "s8": 8, "u16": 16, "s16": 16, "u32": 32, "s32": 32, "u64": 64, "s64": 64}

# In each type T, with p the pointer, v a T and w a u64.
EVERY = """
p[0]++;|--p[2];|p[0] = (T)~p[0];|p[1] = (T)-p[1];|p[0] = p[1];|p[0] = v == 3;|p[w & 3] = v;|p[w & 3] ^= v;
r = (u64)(p[0] == v);|r = (u64)(p[0] < v) + 2 * (p[1] > 5);|if (p[0] & 0x10) r = 7;|r = p[w & 3];
r = p[0] ? w : (u64)v;|r = p[0] > v ? (u64)p[1] : w;|p[0] = (T)(p[1] * 5 + p[2]);
r = (u64)__atomic_exchange_n(p, v, 5);|r = (u64)__atomic_fetch_add(p, v, 5);|__atomic_fetch_sub(p, 1, 5);
r = (u64)__atomic_fetch_or(p, v, 5);|__atomic_fetch_and(p, v, 5);|__atomic_fetch_xor(p, v, 5);
T e = v; r = __atomic_compare_exchange_n(p, &e, (T)w, 0, 5, 5) + (u64)e;
r = (u64)__builtin_popcountll((u64)p[0]);|r = (u64)__builtin_ctzll((u64)p[0] | 256);
r = (u64)__builtin_clzll((u64)p[0] | 1);|r = (u64)(s8)p[0] + (u64)(s16)p[1];
r = w >> (p[0] & 63) | w << (p[1] & 63);|r = w & ~(u64)p[0];|r = w & ((u64)p[0] - 1);
for (int i = 0; i < 4; i++) p[i] = (T)(v + i);|for (int i = 0; i < 4; i++) r += (u64)p[i];
r = (u64)p[0] * w >> 3;|r = (u64)(((unsigned __int128)(u64)p[0] * w) >> 64);
"""

# In the unsigned types that have a byte order, of B bits.
WIDE = """
r = __builtin_bswapB(p[0]);|p[0] = __builtin_bswapB(v);|r = (u64)((p[0] >> (w & 15)) & 1);
p[0] |= (T)(1ull << (w & 15));|p[0] &= (T)~(1ull << (w & 15));|p[0] ^= (T)(1ull << (w & 15));
__atomic_fetch_or(p, (T)(1ull << (w & 15)), 5);
r = !!(__atomic_fetch_and(p, (T)~(1ull << (w & 7)), 5) & (T)(1ull << (w & 7)));
p[0] = (T)(p[0] << 3 | p[0] >> (B - 3));|r = (T)(p[0] << 3 | p[0] >> (B - 3));
"""

# Structures, blocks, floating point.
ONCE = """
((struct pair *)p)[0] = ((struct pair *)p)[1];|memcpy((void *)p, (void *)(p + 4), 16);
struct pair x = *(struct pair *)p; r = x.a + x.b;|memset((void *)p, 0x5a, 32);
memmove((void *)p, (void *)(p + 1), 24);|r = (u64)memcmp((void *)p, (void *)(p + 2), 16);
*(volatile float *)p = 1.5f; r = (u64)(*(volatile float *)p * 4);
*(volatile double *)p = 2.5; double d = *(volatile double *)p; r = (u64)(d * 4);
struct { u64 a : 13, b : 20, c : 31; } volatile *q = (void *)p; q->b += 5; r = q->c;
"""

HEAD = """/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "abi/x86.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/mm.h"

struct pair { u64 a, b; };
static u64 state;
static volatile u64 *device;
static u64 memory[8] __attribute__((aligned(64)));

static u64 noise(void)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return state >> 17 ^ state << 21;
}

static void fill(u64 seed)
{
	state = seed;
	for (int i = 0; i < 8; i++) {
		memory[i] = noise();
		__asm__ volatile("movq %1, %0" : "=m"(device[i]) : "r"(memory[i]));
	}
}

static int compare(const char *code, u64 a, u64 b)
{
	u64 word, different = a ^ b;

	for (int i = 0; i < 8; i++) {
		__asm__ volatile("movq %1, %0" : "=r"(word) : "m"(device[i]));
		different |= word ^ memory[i];
	}
	if (different)
		printf("not the same: %s\\n", code);
	return different != 0;
}

/* What q35's AHCI controller keeps of its configuration space, by the enhanced mechanism. */
static void find_device(void)
{
	outl(0xcf8, 0x80000060);
	outl(0xcfc, 0xb0000001);
	device = (volatile u64 *)((volatile u8 *)mmio_map(pa(0xb00fa000), PAGE_SIZE) + 0xc0);
#ifdef __AVX__
	write_cr4(read_cr4() | CR4_OSXSAVE);
	__asm__ volatile("xsetbv" ::"a"(7), "d"(0), "c"(0));
#endif
}
"""


def pieces(text):
    for line in text.strip().split("\n"):
        yield from (piece.rstrip(";") + ";" for piece in line.split(";|"))


def binary(operator):
    shift, divide = operator in ("<<", ">>"), operator in "/%"
    right = "(v & 7)" if shift else "(v | 1)" if divide else "v"
    device = "(T)(p[0] & 7)" if shift else "(T)(p[0] | 1)" if divide else "p[0]"
    left = "v" if shift else right
    yield from (f"p[0] {operator}= {right};", f"p[1] {operator}= 3;")
    yield from (f"r = (u64)(p[0] {operator} {right});", f"r = (u64)({left} {operator} {device});")


def bodies():
    for kind, bits in TYPES.items():
        for operator in "+ - * & | ^ << >> / %".split():
            yield from ((kind, code) for code in binary(operator))
        yield from ((kind, code) for code in pieces(EVERY))
        if kind in ("u16", "u32", "u64"):
            yield from ((kind, code.replace("B", str(bits))) for code in pieces(WIDE))
    yield from (("u64", code) for code in pieces(ONCE))


def main():
    functions = [(kind, code.replace("T", kind)) for kind, code in bodies()]
    print(HEAD)
    for n, (kind, code) in enumerate(functions):
        print(f"static __attribute__((noinline)) u64 f{n}(volatile {kind} *p, {kind} v, u64 w)")
        print(f"{{\n\tu64 r = 0;\n\n\t(void)p, (void)v, (void)w;\n\t{code}\n\treturn r;\n}}\n")
    print("static int test(int argc, char **argv)\n{\n\tint bad = 0;\n\n\t(void)argc, (void)argv;\n\tfind_device();")
    for n, (kind, code) in enumerate(functions):
        print(f"\tfill({n});\n\t{{\n\t\tu64 w = noise(), a, b;\n\t\t{kind} v = ({kind})noise();\n")
        print(f"\t\ta = f{n}((volatile {kind} *)memory, v, w);\n\t\tb = f{n}((volatile {kind} *)device, v, w);")
        print(f'\t\tbad += compare("{kind}: {code}", a, b);\n\t}}')
    print(f'\tprintf("{len(functions)} functions, %d not the same\\n", bad);\n\treturn bad;\n}}\n')
    print('DEFINE_WORKLOAD("test", "compiled code on a device", test);')


main()
