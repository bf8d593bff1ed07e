/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decoder agrees with Zydis on every opcode of all maps, with every ModRM byte, under prefixes,
 * on all of VEX, and at every truncation; and it leaves out no instruction with a memory operand
 * but those that it is meant to.
 * RUN: %unit-cc -O1 %s -o %t -lZydis
 */
#include "Inputs/insn-maps.h"
#include "Inputs/insn-oracle.h"

static unsigned long accepted_count[INSN_KIND_COUNT], failures;

static void check(const u8 *bytes, size_t size)
{
	bool accepted;
	const char *wrong = oracle_check(bytes, size, &accepted);
	struct insn insn;

	if (accepted && !insn_decode(&insn, bytes, size))
		accepted_count[insn.kind]++;
	if (!wrong)
		return;
	oracle_report(bytes, size, wrong);
	if (++failures == 50)
		exit(1);
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
	check_maps();
	check_truncation();
	check_length_limit();
	for (unsigned int kind = INSN_REFUSED + 1; kind < INSN_KIND_COUNT; kind++) {
		if (!accepted_count[kind]) {
			printf("kind %u never came up\n", kind);
			failures++;
		}
	}
	printf("%lu failures\n", failures);
	return failures != 0;
}
