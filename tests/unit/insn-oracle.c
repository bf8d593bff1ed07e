/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decoder agrees with Zydis on every opcode of the first two maps and of 0f 01, with every
 * ModRM byte, under the prefixes that change something, and at every truncation.
 * RUN: %unit-cc %s -o %t -lZydis
 */
#include "Inputs/insn-oracle.h"

static const struct prefix {
	u8 size;
	u8 bytes[3];
} prefixes[] = {
	{ 0, { 0 } },
	{ 1, { 0x66 } },
	{ 1, { 0x67 } },
	{ 1, { 0xf2 } },
	{ 1, { 0xf3 } },
	{ 1, { 0xf0 } },
	{ 1, { 0x2e } },
	{ 1, { 0x64 } },
	{ 1, { 0x65 } },
	{ 1, { 0x40 } },
	{ 1, { 0x41 } },
	{ 1, { 0x42 } },
	{ 1, { 0x44 } },
	{ 1, { 0x47 } },
	{ 1, { 0x48 } },
	{ 1, { 0x4f } },
	{ 2, { 0x66, 0x48 } },
	{ 2, { 0x66, 0x45 } },
	{ 2, { 0x48, 0x66 } }, /* a REX that does not count */
	{ 2, { 0x67, 0x66 } },
	{ 2, { 0xf3, 0x48 } },
	{ 2, { 0xf3, 0x66 } },
	{ 2, { 0xf2, 0xf3 } },
	{ 2, { 0x64, 0x65 } },
	{ 3, { 0x67, 0xf3, 0x4f } },
	{ 3, { 0x65, 0x67, 0x49 } },
};

static const struct prefix maps[] = {
	{ 0, { 0 } },          { 1, { 0x0f } },       { 2, { 0x0f, 0x01 } },
	{ 2, { 0x0f, 0x38 } }, { 2, { 0x0f, 0x3a } },
};

static u32 seed = 1;

static u8 noise(void)
{
	seed = seed * 1664525 + 1013904223;
	return (u8)(seed >> 24);
}

static unsigned long accepted_count, failures;

static void check(const u8 *bytes, size_t size)
{
	bool accepted;
	const char *wrong = oracle_check(bytes, size, &accepted);

	accepted_count += accepted;
	if (!wrong)
		return;
	oracle_report(bytes, size, wrong);
	if (++failures == 50000)
		exit(1);
}

static void check_modrm(const struct prefix *prefix, const struct prefix *map, u8 opcode, u8 modrm)
{
	u8 bytes[20];
	size_t at = 0;

	memcpy(bytes, prefix->bytes, prefix->size);
	at += prefix->size;
	memcpy(bytes + at, map->bytes, map->size);
	at += map->size;
	bytes[at++] = opcode;
	bytes[at++] = modrm;
	while (at < sizeof(bytes))
		bytes[at++] = noise();
	check(bytes, sizeof(bytes));
}

static void check_opcode(const struct prefix *prefix, const struct prefix *map, u8 opcode)
{
	for (unsigned int modrm = 0; modrm < 256; modrm++)
		check_modrm(prefix, map, opcode, (u8)modrm);
}

/* All of VEX: the bits of its two bytes, each opcode, some ModRM bytes (/0 to /7, both rm = 4) */
static void check_vex(const struct prefix *prefix, u8 map)
{
	for (unsigned int n = 0; n < 256 * 256; n++) {
		struct prefix three = { 3, { 0xc4, (u8)(noise() & 0xe0) | map, (u8)n } };
		struct prefix two = { 2, { 0xc5, (u8)n } };
		u8 opcode = (u8)(n >> 8);

		for (unsigned int modrm = 0; modrm < 0x40; modrm += 7) {
			check_modrm(prefix, &three, opcode, (u8)modrm);
			if (map == 1)
				check_modrm(prefix, &two, opcode, (u8)(modrm ^ 0x44));
		}
	}
}

/* One instruction cut short at each byte: refused as such, and no byte behind is read. */
static void check_truncation(void)
{
	static const u8 longest[] = { 0x65, 0x67, 0x66, 0x41, 0xc7, 0x84, 0x88, 1, 2, 3, 4, 5, 6 };
	struct insn insn;

	for (size_t size = 0; size < sizeof(longest); size++) {
		u8 *exact = malloc(size ? size : 1);

		memcpy(exact, longest, size);
		if (insn_decode(&insn, exact, size) != -E_FAULT) {
			printf("not refused when cut to %zu bytes\n", size);
			failures++;
		}
		free(exact);
	}
	if (insn_decode(&insn, longest, sizeof(longest)) || insn.length != sizeof(longest)) {
		printf("the whole one is refused\n");
		failures++;
	}
}

/* 15 bytes is the longest instruction there is. */
static void check_length_limit(void)
{
	u8 bytes[17];
	struct insn insn;

	memset(bytes, 0x66, sizeof(bytes));
	bytes[14] = 0xed;
	if (insn_decode(&insn, bytes, sizeof(bytes)) || insn.length != 15) {
		printf("15 bytes refused\n");
		failures++;
	}
	bytes[14] = 0x66;
	bytes[15] = 0xed;
	if (insn_decode(&insn, bytes, sizeof(bytes)) != -E_INVAL) {
		printf("16 bytes accepted\n");
		failures++;
	}
}

/* movslq -0x310d362d(,%ecx,4), %rax: see oracle_is_wrong() */
static void check_no_base(void)
{
	static const u8 bytes[] = { 0x67, 0x49, 0x63, 0x04, 0x8d, 0xd3, 0xc9, 0xf2, 0xce };
	struct insn insn;

	if (insn_decode(&insn, bytes, sizeof(bytes)) || insn.base != INSN_BASE_NONE ||
	    insn.index != 1 || insn.scale != 4 || insn.displacement != -0x310d362d) {
		printf("a base that is not there\n");
		failures++;
	}
}

/* The address of the operand, in each form. */
static void check_address(void)
{
	const u64 registers[16] = { [0] = 0x1000, [1] = 3, [13] = 0x8000000000 };
	const struct {
		u8 bytes[10];
		u64 address;
	} cases[] = {
		{ { 0x8b, 0x00 }, 0x1000 },                                 /* (%rax) */
		{ { 0x8b, 0x40, 0xff }, 0xfff },                            /* -1(%rax) */
		{ { 0x8b, 0x44, 0xc8, 0x10 }, 0x1028 },                     /* 16(%rax,%rcx,8) */
		{ { 0x8b, 0x05, 0xfa, 0, 0, 0 }, 0x500100 },                /* 250(%rip) */
		{ { 0x41, 0x8b, 0x45, 0x80 }, 0x7fffffff80 },               /* -128(%r13) */
		{ { 0x67, 0x8b, 0x40, 0x80 }, 0xf80 },                      /* -128(%eax) */
		{ { 0x67, 0x8b, 0x41, 0x80 }, 0xffffff83 },                 /* -128(%ecx) */
		{ { 0x65, 0x8b, 0x00 }, 0xabc0001000 },                     /* %gs:(%rax) */
		{ { 0xa1, 0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01 }, /* movabs */
		  0x123456789abcdef },
	};

	for (size_t i = 0; i < array_count(cases); i++) {
		struct insn insn;
		u64 base = 0, address = 0;
		int rc = insn_decode(&insn, cases[i].bytes, sizeof(cases[i].bytes));

		if (insn.segment)
			base = 0xabc0000000;
		if (!rc)
			address = insn_address(&insn, registers, 0x500000, base);
		if (rc || address != cases[i].address) {
			printf("address %zu: %d, %#lx\n", i, rc, address);
			failures++;
		}
	}
}

int main(void)
{
	check_no_base();
	check_address();
	for (size_t p = 0; p < array_count(prefixes); p++) {
		for (size_t m = 0; m < array_count(maps); m++) {
			for (unsigned int opcode = 0; opcode < 256; opcode++)
				check_opcode(&prefixes[p], &maps[m], (u8)opcode);
		}
	}
	for (u8 map = 0; map < 8; map++)
		check_vex(&prefixes[0], map);
	check_vex(&prefixes[1], 1); /* 66, which is not for VEX, and FS, which is */
	check_vex(&prefixes[7], 1);
	check_truncation();
	check_length_limit();
	printf("%lu accepted, %lu failures\n", accepted_count, failures);
	return failures || accepted_count < 100000;
}
