/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decoder agrees with Capstone, which is LLVM's tables: length, name and memory operand of what
 * both know, over all maps. insn-oracle.c holds it against Zydis in more detail.
 * RUN: %unit-cc -O1 %s %root/paravirt/emulate/insn.c %root/paravirt/emulate/insn_map.c -o %t -lcapstone
 */
#include <capstone/capstone.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "Inputs/insn-maps.h"
#include "paravirt/emulate/insn.h"

static csh capstone;
static cs_insn *theirs;
static unsigned long compared, failures;

static const char *const names[] = {
#define INSN(name, access) [INSN_##name] = #name,
#include "paravirt/emulate/insn.def"
#undef INSN
};

/* Behind "lock " and "rep ". */
static const char *mnemonic(void)
{
	const char *last = strrchr(theirs->mnemonic, ' ');

	return last ? last + 1 : theirs->mnemonic;
}

/* Of kinds that have one name, and it is the same. */
static bool same_name(const struct insn *insn)
{
	const char *name = names[insn->kind], *other = mnemonic();

	if (insn->kind < INSN_ADD || insn->kind > INSN_SHRX)
		return true;
	if (!strcmp(other, "sal")) /* the other code of SHL */
		other = "shl";
	for (; *name && toupper((unsigned char)*other) == *name; name++)
		other++;
	return !*name && !*other;
}

static u8 number_of(x86_reg reg)
{
	static const x86_reg wide[] = { X86_REG_RAX, X86_REG_RCX, X86_REG_RDX, X86_REG_RBX,
					X86_REG_RSP, X86_REG_RBP, X86_REG_RSI, X86_REG_RDI,
					X86_REG_R8,  X86_REG_R9,  X86_REG_R10, X86_REG_R11,
					X86_REG_R12, X86_REG_R13, X86_REG_R14, X86_REG_R15,
					X86_REG_RIP };
	static const x86_reg narrow[] = { X86_REG_EAX,  X86_REG_ECX,  X86_REG_EDX,  X86_REG_EBX,
					  X86_REG_ESP,  X86_REG_EBP,  X86_REG_ESI,  X86_REG_EDI,
					  X86_REG_R8D,  X86_REG_R9D,  X86_REG_R10D, X86_REG_R11D,
					  X86_REG_R12D, X86_REG_R13D, X86_REG_R14D, X86_REG_R15D,
					  X86_REG_EIP };

	for (u8 n = 0; n < array_count(wide); n++) {
		if (wide[n] == reg || narrow[n] == reg)
			return n;
	}
	return INSN_BASE_NONE; /* none, or the index that is none: RIZ, EIZ */
}

static const cs_x86_op *memory_of(void)
{
	const cs_x86 *x86 = &theirs->detail->x86;

	for (u8 n = 0; n < x86->op_count; n++) {
		if (x86->operands[n].type == X86_OP_MEM)
			return &x86->operands[n];
	}
	return NULL;
}

/*
 * Capstone 4.0 takes 66 for the prefix of an opcode whose prefix is F2 or F3, or for none, and
 * loses one before two others (MMX, then); a PUSH with REX.W is one of 2 bytes to it, and to
 * Capstone 5 a BSF, BSR or MOVBE with that and 66. The processor does not think so: insn-execute.c
 * has them all.
 */
static bool capstone_is_wrong(const struct insn *insn, const u8 *bytes)
{
	const char *mmx = strstr(theirs->op_str, "mm");

	if (insn->kind == INSN_PUSH || insn->kind == INSN_POP)
		return true;
	if (mmx && (mmx == theirs->op_str || mmx[-1] == ' '))
		return true;
	return memchr(bytes, 0x66, insn->length) &&
	       (insn->kind == INSN_BSF || insn->kind == INSN_BSR || insn->kind == INSN_MOVBE ||
		memchr(bytes, 0xf2, insn->length) || memchr(bytes, 0xf3, insn->length));
}

static const char *compare(const struct insn *insn)
{
	const cs_x86_op *m = memory_of();

	if (theirs->size != insn->length)
		return "length";
	if (!same_name(insn))
		return "name";
	if (insn->kind < INSN_MOV || insn->index == INSN_BASE_AL ||
	    (insn->kind >= INSN_MOVS && insn->kind <= INSN_SCAS))
		return NULL;
	if (!m)
		return "no memory";
	if (insn->kind != INSN_CLFLUSH && m->size != insn->memory_size)
		return "size";
	if (number_of(m->mem.base) != insn->base || number_of(m->mem.index) != insn->index ||
	    (insn->index != INSN_BASE_NONE && m->mem.scale != insn->scale))
		return "base or index";
	return (u32)m->mem.disp == (u32)insn->displacement ? NULL : "displacement";
}

static void check(const u8 *bytes, size_t size)
{
	struct insn insn;
	const u8 *at = bytes;
	u64 address = 0;
	const char *wrong;

	if (insn_decode(&insn, bytes, size) ||
	    !cs_disasm_iter(capstone, &at, &size, &address, theirs))
		return;
	if (capstone_is_wrong(&insn, bytes))
		return;
	compared++;
	wrong = compare(&insn);
	if (!wrong)
		return;
	printf("%s: %s: %s %s:", wrong, names[insn.kind], theirs->mnemonic, theirs->op_str);
	for (u8 i = 0; i < INSN_SIZE_MAX; i++)
		printf(" %02x", bytes[i]);
	printf("\n");
	if (++failures == 50)
		exit(1);
}

int main(void)
{
	if (cs_open(CS_ARCH_X86, CS_MODE_64, &capstone))
		return 1;
	cs_option(capstone, CS_OPT_DETAIL, CS_OPT_ON);
	theirs = cs_malloc(capstone);
	check_maps();
	printf("%lu compared, %lu failures\n", compared, failures);
	cs_free(theirs, 1);
	cs_close(&capstone);
	return failures || compared < 250000;
}
