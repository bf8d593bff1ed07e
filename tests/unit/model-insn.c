/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intercepted instructions are told by their bytes, with prefixes, in each mode, and their length
 * is right; what is cut off or unknown has length 0.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <stdio.h>

#include "../../monitor/svm/insn.c"
#include "../../monitor/svm/insn_group_7.c"

struct sample {
	const char *bytes;
	unsigned int count;
	enum insn_mode mode;
	enum insn_kind kind;
};

/* clang-format off */
#define SAMPLE(text, mode, kind) { text, sizeof(text) - 1, INSN_MODE_##mode, INSN_##kind }
/* clang-format on */

static const struct sample samples[] = {
	SAMPLE("\xf2\x0f\x01\xff", 64, PVALIDATE),
	SAMPLE("\xf3\x0f\x01\xfe", 64, RMPADJUST),
	SAMPLE("\xf3\x0f\x01\xfd", 64, RMPQUERY),
	SAMPLE("\xf2\x0f\x01\xfe", 64, RMPUPDATE),
	SAMPLE("\xf3\x0f\x01\xff", 64, PSMASH),
	SAMPLE("\xf3\x0f\x01\xd9", 64, VMGEXIT),
	SAMPLE("\xf2\x0f\x01\xd9", 64, VMGEXIT),
	SAMPLE("\xf3\x0f\x01\xd9", 32, VMGEXIT),
	SAMPLE("\x0f\x01\xd9", 64, VMMCALL),
	SAMPLE("\x66\x0f\x01\xd9", 64, VMMCALL),
	SAMPLE("\x0f\x01\xc1", 64, VMCALL),
	SAMPLE("\x66\x0f\x01\xcc", 64, TDCALL),
	SAMPLE("\x66\x0f\x01\xcf", 64, SEAMCALL),
	SAMPLE("\x0f\x01\xc8", 64, MONITOR),
	SAMPLE("\x0f\x01\xc9", 64, MWAIT),
	SAMPLE("\x0f\x01\xd0", 64, XGETBV),
	SAMPLE("\x0f\x01\xd1", 64, XSETBV),
	SAMPLE("\x0f\x01\xf9", 64, RDTSCP),
	SAMPLE("\xf3\x0f\x01\xc9", 64, MWAIT), /* as processors execute it */
	SAMPLE("\xf2\x3e\x0f\x01\xf9", 64, RDTSCP),
	SAMPLE("\x0f\x01\xfe", 64, INVLPGB),
	SAMPLE("\x0f\x01\xff", 64, TLBSYNC),
	SAMPLE("\x0f\x01\xd8", 64, VMRUN),
	SAMPLE("\x0f\x01\xdf", 64, INVLPGA),
	SAMPLE("\xf3\x0f\x01\xd8", 64, VMRUN),
	SAMPLE("\xf2\x0f\x01\xda", 64, VMLOAD),
	SAMPLE("\xf3\x0f\x01\xdb", 64, VMSAVE),
	SAMPLE("\xf3\x0f\x01\xdc", 64, STGI),
	SAMPLE("\xf2\x0f\x01\xdd", 64, CLGI),
	SAMPLE("\xf3\x0f\x01\xde", 64, SKINIT),
	SAMPLE("\xf2\x0f\x01\xdf", 64, INVLPGA),
	SAMPLE("\x0f\x01\x38", 64, INVLPG),                         /* (%rax) */
	SAMPLE("\x0f\x01\x3d\x01\x02\x03\x04", 64, INVLPG),         /* disp32(%rip) */
	SAMPLE("\x0f\x01\x7c\x24\x08", 64, INVLPG),                 /* 8(%rsp) */
	SAMPLE("\x0f\x01\x3c\x25\x01\x02\x03\x04", 64, INVLPG),     /* absolute by SIB */
	SAMPLE("\x41\x0f\x01\xbc\x24\x01\x02\x03\x04", 64, INVLPG), /* disp32(%r12) */
	SAMPLE("\x0f\x01\x3e\x34\x12", 16, INVLPG),                 /* 0x1234 */
	SAMPLE("\x0f\x01\x7e\x34", 16, INVLPG),                     /* 0x34(%bp) */
	SAMPLE("\x0f\xa2", 64, CPUID),
	SAMPLE("\x0f\xa2", 16, CPUID),
	SAMPLE("\x48\x0f\xa2", 64, CPUID),
	SAMPLE("\x2e\x66\x67\x0f\xa2", 64, CPUID),
	SAMPLE("\x0f\x32", 64, RDMSR),
	SAMPLE("\x0f\x30", 64, WRMSR),
	SAMPLE("\x0f\x31", 64, RDTSC),
	SAMPLE("\x0f\x33", 64, RDPMC),
	SAMPLE("\xf4", 64, HLT),
	SAMPLE("\xf3\x90", 64, PAUSE),
	SAMPLE("\x0f\x08", 64, INVD),
	SAMPLE("\x0f\x09", 64, WBINVD),
	SAMPLE("\xf3\x0f\x09", 64, WBINVD),
	SAMPLE("\x0f\x06", 64, CLTS),
	SAMPLE("\x0f\x01\xf0", 64, LMSW),
	SAMPLE("\x0f\x01\x74\x24\x08", 64, LMSW), /* 8(%rsp) */
	SAMPLE("\xf0\x0f\xa2", 64, LOCKED),
	SAMPLE("\xf0\xf3\x0f\x01\xd9", 64, LOCKED),
	SAMPLE("\x3e\x0f\x30", 64, WRMSR), /* as Linux writes one in place of WRMSRNS */
	SAMPLE("\xcc", 64, INT3),
	SAMPLE("\x0f\x0b", 64, UD2),
	SAMPLE("\xec", 64, IN),
	SAMPLE("\xe4\x60", 64, IN),
	SAMPLE("\x66\xe7\x80", 64, OUT),
	SAMPLE("\xee", 64, OUT),
	SAMPLE("\x6c", 64, INS),
	SAMPLE("\xf3\x66\x6f", 64, OUTS),
	SAMPLE("\x89\x07", 64, STORE),
	SAMPLE("\x89\x34\x25\xb0\xd0\x5f\xff", 64, STORE), /* as Linux writes its APIC */
	SAMPLE("\x44\x89\x87\xb0\x00\x00\x00", 64, STORE),
	SAMPLE("\xc7\x87\xb0\x00\x00\x00\x00\x00\x00\x00", 64, STORE),
	SAMPLE("\x89\x05\x00\x03\xe0\xfe", 32, STORE),
	SAMPLE("\x48\x89\x07", 64, STORE),
	SAMPLE("\x66\xc7\x07\x34\x12", 64, STORE),
	SAMPLE("\xc6\x07\x12", 64, STORE),
	SAMPLE("\xa3\x00\x03\xe0\xfe", 32, STORE),
	SAMPLE("\xa2\x00\x03\xe0\xfe\x00\x00\x00\x00", 64, STORE),
	SAMPLE("\x89\x07", 16, STORE),
	SAMPLE("\xf0\x89\x07", 64, LOCKED),
	SAMPLE("\x0f\x20\xd8", 64, MOV_FROM_CR),
	SAMPLE("\x44\x0f\x22\xc0", 64, MOV_TO_CR),
	SAMPLE("\x0f\x21\xf8", 64, MOV_FROM_DR),
	SAMPLE("\x41\x0f\x23\xf8", 64, MOV_TO_DR),
	SAMPLE("\x48\xf3\x0f\x01\xd9", 64, VMGEXIT), /* a REX before a prefix counts for nothing */
	SAMPLE("\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x0f\xa2", 64, CPUID),
};

static const struct sample unknown[] = {
	SAMPLE("\x90", 64, UNKNOWN),
	SAMPLE("\xf3\x41\x90", 64, UNKNOWN), /* xchg %r8, %rax */
	SAMPLE("\x48\x0f\xa2", 32, UNKNOWN), /* dec %eax */
	SAMPLE("\x0f\x01\xcc", 64, UNKNOWN),
	SAMPLE("\xf2\x0f\x01\xc1", 64, UNKNOWN),
	SAMPLE("\x0f\x01\x10", 64, UNKNOWN), /* lgdt */
	SAMPLE("\x0f\x05", 64, UNKNOWN),
	SAMPLE("\x8b\x07", 64, UNKNOWN),
	SAMPLE("\x89\xc7", 64, UNKNOWN), /* to a register */
	SAMPLE("\xc7\x0f\x78\x56\x34\x12", 64, UNKNOWN),
	SAMPLE("\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x0f\xa2", 64, UNKNOWN),
	SAMPLE("", 64, UNKNOWN),
};

static struct insn identify(const struct sample *s, unsigned int count)
{
	u8 bytes[32];

	for (unsigned int i = 0; i < sizeof(bytes); i++)
		bytes[i] = i < s->count ? (u8)s->bytes[i] : 0xcc;
	return insn_identify(bytes, count, s->mode);
}

static void test_stores(void)
{
	static const struct sample reg = SAMPLE("\x44\x89\x07", 64, STORE);
	static const struct sample value = SAMPLE("\xc7\x07\x78\x56\x34\x12", 64, STORE);
	static const struct sample high = SAMPLE("\x88\x2f", 64, STORE);    /* CH */
	static const struct sample low = SAMPLE("\x40\x88\x2f", 64, STORE); /* BPL */
	static const struct sample wide = SAMPLE("\x48\xc7\x07\xfe\xff\xff\xff", 64, STORE);
	struct insn insn = identify(&reg, reg.count);

	assert(!insn.has_immediate && insn.gpr == 8 && insn.operand_size == 4);
	insn = identify(&value, value.count);
	assert(insn.has_immediate && insn.immediate == 0x12345678);
	insn = identify(&high, high.count);
	assert(insn.has_high_byte && insn.gpr == 5 && insn.operand_size == 1);
	insn = identify(&low, low.count);
	assert(!insn.has_high_byte && insn.gpr == 5 && insn.operand_size == 1);
	insn = identify(&wide, wide.count);
	assert(insn.immediate == 0xfffffffe && insn.operand_size == 8);
}

static void test_kinds(void)
{
	for (unsigned int i = 0; i < array_count(samples); i++) {
		const struct sample *s = &samples[i];
		struct insn insn = identify(s, sizeof(u8[20]));

		if (insn.kind != s->kind || insn.length != s->count)
			fprintf(stderr, "sample %u: kind %d length %u\n", i, insn.kind,
				insn.length);
		assert(insn.kind == s->kind && insn.length == s->count);
		assert(identify(s, s->count).length == s->count);
		for (unsigned int count = 0; count < s->count; count++)
			assert(identify(s, count).kind == INSN_UNKNOWN &&
			       identify(s, count).length == 0 && identify(s, count).cut);
	}
	for (unsigned int i = 0; i < array_count(unknown); i++) {
		struct insn insn = identify(&unknown[i], unknown[i].count);

		assert(insn.kind == INSN_UNKNOWN && insn.length == 0);
		assert(insn.cut == (unknown[i].count == 0)); /* complete, but for none at all */
	}
}

static struct insn decode_text(const char *text, size_t count, enum insn_mode mode)
{
	return insn_identify((const u8 *)text, count, mode);
}

static void test_special_registers(void)
{
	struct insn i = decode_text("\x44\x0f\x22\xc0", 4, INSN_MODE_64);

	assert(i.special == 8 && i.gpr == 0); /* mov %rax, %cr8 */
	i = decode_text("\xf0\x0f\x22\xc1", 4, INSN_MODE_32);
	assert(i.special == 8 && i.gpr == 1);
	i = decode_text("\x41\x0f\x23\xff", 4, INSN_MODE_64);
	assert(i.special == 7 && i.gpr == 15); /* mov %r15, %dr7 */
	i = decode_text("\x0f\x21\xfb", 3, INSN_MODE_64);
	assert(i.special == 7 && i.gpr == 3);
}

/* How much of rAX PVALIDATE's address is: by the code's size and the prefix. */
static void test_address(void)
{
	struct insn i = decode_text("\xf2\x0f\x01\xff", 4, INSN_MODE_64);

	assert(i.address_size == 8 && i.segment == INSN_SEGMENT_DS);
	assert(decode_text("\x67\xf2\x0f\x01\xff", 5, INSN_MODE_64).address_size == 4);
	assert(decode_text("\xf2\x0f\x01\xff", 4, INSN_MODE_32).address_size == 4);
	assert(decode_text("\x67\xf2\x0f\x01\xff", 5, INSN_MODE_32).address_size == 2);
	assert(decode_text("\xf2\x0f\x01\xff", 4, INSN_MODE_16).address_size == 2);
	i = decode_text("\x65\xf3\x0f\x01\xfe", 5, INSN_MODE_64);
	assert(i.kind == INSN_RMPADJUST && i.segment == INSN_SEGMENT_GS);
}

static void test_ports(void)
{
	struct insn i = decode_text("\xec", 1, INSN_MODE_64);

	assert(i.port == INSN_PORT_DX && i.operand_size == 1 && !i.rep);
	i = decode_text("\xe5\x71", 2, INSN_MODE_64);
	assert(i.port == 0x71 && i.operand_size == 4);
	i = decode_text("\x66\xed", 2, INSN_MODE_64);
	assert(i.operand_size == 2);
	i = decode_text("\x48\xed", 2, INSN_MODE_64);
	assert(i.operand_size == 4); /* there is no 64-bit port */
	i = decode_text("\x66\x48\xed", 3, INSN_MODE_64);
	assert(i.operand_size == 4);
	i = decode_text("\xed", 1, INSN_MODE_16);
	assert(i.operand_size == 2);
	i = decode_text("\x66\xed", 2, INSN_MODE_16);
	assert(i.operand_size == 4);
	i = decode_text("\xf3\x6e", 2, INSN_MODE_64);
	assert(i.rep && i.segment == INSN_SEGMENT_DS && i.address_size == 8);
	i = decode_text("\xf2\x67\x64\x6e", 4, INSN_MODE_64);
	assert(i.rep && i.segment == INSN_SEGMENT_FS && i.address_size == 4);
	i = decode_text("\x64\x6d", 2, INSN_MODE_32);
	assert(!i.rep && i.segment == INSN_SEGMENT_ES && i.address_size == 4);
	i = decode_text("\x67\x6d", 2, INSN_MODE_32);
	assert(i.address_size == 2);
	i = decode_text("\x67\x6d", 2, INSN_MODE_16);
	assert(i.address_size == 4);
}

int main(void)
{
	test_kinds();
	test_stores();
	test_special_registers();
	test_address();
	test_ports();
	return 0;
}
