/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory operand of 16- and 32-bit code: each form of address, its segment, what goes round.
 * RUN: %unit-cc %s %root/monitor/svm/insn.c %root/monitor/svm/insn_group_7.c -o %t
 */
#include <assert.h>
#include <string.h>

#include "../../monitor/svm/insn_operand_32.c"

#define AT(bytes, mode, segment, offset)                                                           \
	expect(bytes, sizeof(bytes) - 1, INSN_MODE_##mode, INSN_SEGMENT_##segment, offset)

/* RAX 0x1111, RCX 0x2222, ...: what is above 32 bits means nothing */
static u64 gpr[8];

static void expect(const char *bytes, size_t count, enum insn_mode mode, enum insn_segment segment,
		   u32 offset)
{
	struct insn_operand_32 o;

	assert(insn_operand_32((const u8 *)bytes, count, mode, gpr, &o));
	assert(o.segment == segment && o.offset == offset);
}

static void forms_16(void)
{
	AT("\x0f\x01\x30", 16, DS, 0xbbbb);         /* lmsw (%bx,%si): 0x4444 + 0x7777 */
	AT("\x0f\x01\x31", 16, DS, 0xcccc);         /* (%bx,%di) */
	AT("\x0f\x01\x32", 16, SS, 0xdddd);         /* (%bp,%si) */
	AT("\x0f\x01\x33", 16, SS, 0xeeee);         /* (%bp,%di) */
	AT("\x0f\x01\x34", 16, DS, 0x7777);         /* (%si) */
	AT("\x0f\x01\x35", 16, DS, 0x8888);         /* (%di) */
	AT("\x0f\x01\x36\x34\x12", 16, DS, 0x1234); /* 0x1234 */
	AT("\x0f\x01\x37", 16, DS, 0x4444);         /* (%bx) */
	AT("\x0f\x01\x76\xff", 16, SS, 0x6665);     /* -1(%bp) */
	AT("\x0f\x01\xb5\x00\x80", 16, DS, 0x0888); /* 0x8000(%di), round the end */
	AT("\x36\x0f\x01\x37", 16, SS, 0x4444);     /* %ss:(%bx) */
	AT("\x67\x0f\x01\x30", 16, DS, 0x1111);     /* (%eax) */
	AT("\x67\x0f\x01\x36\x34\x12", 32, DS, 0x1234);
}

static void forms_32(void)
{
	AT("\x0f\x01\x30", 32, DS, 0x1111);                      /* (%eax) */
	AT("\x66\x0f\x01\x31", 32, DS, 0x2222);                  /* (%ecx) */
	AT("\x0f\x01\x75\x10", 32, SS, 0x6676);                  /* 16(%ebp) */
	AT("\x0f\x01\x74\x24\xfc", 32, SS, 0x5551);              /* -4(%esp) */
	AT("\x0f\x01\x35\x78\x56\x34\x12", 32, DS, 0x12345678);  /* disp32: not from EIP */
	AT("\x0f\x01\xb3\x00\x00\x00\xf0", 32, DS, 0xf0004444);  /* (%ebx) */
	AT("\x0f\x01\x34\x8b", 32, DS, 0x4444 + 4 * 0x2222);     /* (%ebx,%ecx,4) */
	AT("\x0f\x01\x34\xcd\x10\x00\x00\x00", 32, DS, 0x11120); /* 16(,%ecx,8) */
	AT("\x0f\x01\x74\x0d\x00", 32, SS, 0x8888);              /* (%ebp,%ecx) */
	AT("\x0f\x01\x34\x23", 32, DS, 0x4444);                  /* no index */
	AT("\x64\x0f\x01\x75\x00", 32, FS, 0x6666);
	AT("\x2e\x26\x0f\x01\x30", 32, ES, 0x1111); /* the last one counts */
}

int main(void)
{
	struct insn_operand_32 o;

	for (unsigned int i = 0; i < 8; i++)
		gpr[i] = U64_C(0x7700000000) + 0x1111 * (i + 1);
	forms_16();
	forms_32();
	assert(!insn_operand_32((const u8 *)"\x0f\x01\xf0", 3, INSN_MODE_32, gpr, &o));
	assert(insn_operand_32((const u8 *)"\xc7\x05\xf0\x00\xe0\xfe\xff\x01\x00\x00", 10,
			       INSN_MODE_32, gpr, &o) &&
	       o.offset == 0xfee000f0); /* not from EIP */
	assert(insn_operand_32((const u8 *)"\x64\xa3\x80\x00\xe0\xfe", 6, INSN_MODE_32, gpr, &o) &&
	       o.offset == 0xfee00080 && o.segment == INSN_SEGMENT_FS);
	assert(insn_operand_32((const u8 *)"\xa3\x34\x12", 3, INSN_MODE_16, gpr, &o) &&
	       o.offset == 0x1234);
	return 0;
}
