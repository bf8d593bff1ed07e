/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The linear address of a memory operand, for each form of address in 64-bit mode.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "../../monitor/svm/insn_operand.c"

#define NONE (~U64_C(0))

static u64 gpr[16];
static const struct insn_operand_state state = {
	.gpr = gpr,
	.rip = 0x10000,
	.fs_base = 0xf5000000,
	.gs_base = 0x65000000,
};

/* The address, or all ones where there is none. */
static u64 address(const char *bytes, size_t count, bool write)
{
	u8 copy[16];
	u64 linear;

	memcpy(copy, bytes, count);
	return insn_operand(copy, count, &state, write, &linear) == INSN_OPERAND_FOUND ? linear
										       : NONE;
}
#define AT(bytes)    address(bytes, sizeof(bytes) - 1, false)
#define AT_TO(bytes) address(bytes, sizeof(bytes) - 1, true)
#define REG(n)       (U64_C(0x1000000) * ((n) + 1))

static void bases(void)
{
	assert(AT("\x8b\x00") == REG(0));                                 /* mov (%rax), %eax */
	assert(AT("\x41\x8b\x45\x00") == REG(13));                        /* mov 0(%r13), %eax */
	assert(AT("\x8b\x46\xf8") == REG(6) - 8);                         /* mov -8(%rsi), %eax */
	assert(AT_TO("\x89\x87\x00\x00\x00\x80") == REG(7) - 0x80000000); /* disp32 */
	assert(AT("\x67\x8b\x00") == (u32)REG(0));
	assert(AT("\x64\x8b\x00") == REG(0) + 0xf5000000);
	assert(AT("\x65\x48\x8b\x00") == REG(0) + 0x65000000);
}

static void sib(void)
{
	assert(AT("\x8b\x04\x24") == REG(4));                   /* (%rsp) */
	assert(AT("\x42\x8b\x04\xa3") == REG(3) + 4 * REG(12)); /* (%rbx,%r12,4) */
	assert(AT("\x8b\x44\xc8\x10") == REG(0) + 8 * REG(1) + 0x10);
	assert(AT("\x8b\x04\x25\xb0\x00\xe0\xfe") == U64_C(0xfffffffffee000b0));
	assert(AT("\x8b\x04\x4d\x10\x00\x00\x00") == 2 * REG(1) + 0x10);
}

static void from_rip(void)
{
	assert(AT("\x8b\x05\x10\x00\x00\x00") == 0x10016);
	assert(AT("\xc7\x05\x10\x00\x00\x00\x01\x02\x03\x04") == 0x1001a);
	assert(AT("\x66\xc7\x05\x10\x00\x00\x00\x01\x02") == 0x10019);
	assert(AT("\xf7\x05\x10\x00\x00\x00\x01\x02\x03\x04") == 0x1001a);
	assert(AT("\xf7\x15\x10\x00\x00\x00") == 0x10016);
	assert(AT("\x0f\xba\x25\x10\x00\x00\x00\x01") == 0x10018);
	assert(AT("\x0f\xb6\x05\x10\x00\x00\x00") == 0x10017);
}

static void others(void)
{
	assert(AT("\xa1\x88\x77\x66\x55\x44\x33\x22\x11") == U64_C(0x1122334455667788));
	assert(AT("\xf3\xa4") == REG(6) && AT_TO("\xf3\xa4") == REG(7));
	assert(AT_TO("\xaa") == REG(7) && AT("\xad") == REG(6));
	assert(AT("\x8b\xc0") == NONE);           /* a register */
	assert(AT("\x50") == NONE);               /* push */
	assert(AT("\x48\x8d\x00") == NONE);       /* lea */
	assert(AT("\x0f\x38\xf0\x00") == REG(0)); /* movbe */
	for (size_t i = 0; i < 9; i++) {
		u64 linear;

		assert(insn_operand((const u8 *)"\x65\x48\x8b\x84\xc8\x10\x00\x00\x00", i, &state,
				    false, &linear) == INSN_OPERAND_CUT);
	}
	assert(insn_operand((const u8 *)"\x50", 1, &state, false, &(u64){ 0 }) ==
	       INSN_OPERAND_NONE); /* all of it is there */
}

int main(void)
{
	for (unsigned int i = 0; i < 16; i++)
		gpr[i] = REG(i);
	bases();
	sib();
	from_rip();
	others();
	return 0;
}
