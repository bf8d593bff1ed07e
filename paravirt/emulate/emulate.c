/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch, registers, and the instructions without memory operands.
 */
#include "paravirt/emulate/emulate.h"

#include "abi/ghcb.h"
#include "early/fatal.h"
#include "early/trap.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/format.h"
#include "lib/panic.h"

static const u8 register_offsets[16] = {
	TF_RAX, TF_RCX, TF_RDX, TF_RBX, TF_RSP, TF_RBP, TF_RSI, TF_RDI,
	TF_R8,  TF_R9,  TF_R10, TF_R11, TF_R12, TF_R13, TF_R14, TF_R15,
};

/* kernel/postern.ld */
extern const char __text_start[], __text_end[];

u64 *emulate_register(struct trap_frame *frame, unsigned int number)
{
	return (u64 *)((u8 *)frame + register_offsets[number % 16]);
}

void emulate_write_register(u64 *reg, unsigned int size, u64 value)
{
	u64 mask = size == 1 ? 0xff : 0xffff;

	if (size >= 4)
		*reg = size == 4 ? (u32)value : value;
	else
		*reg = (*reg & ~mask) | (value & mask);
}

void emulate_set_edx_eax(struct trap_frame *frame, u64 value)
{
	frame->rax = (u32)value;
	frame->rdx = value >> 32;
}

u64 emulate_segment_base(const struct insn *insn)
{
	switch (insn->segment) {
	case INSN_SEGMENT_FS: return rdmsr(MSR_FS_BASE);
	case INSN_SEGMENT_GS: return rdmsr(MSR_GS_BASE);
	default: return 0;
	}
}

void emulate_step(const struct emulation *em, u64 *reg, u64 count)
{
	u64 distance = count * em->insn.memory_size;
	u64 next = em->frame->rflags & RFLAGS_DF ? *reg - distance : *reg + distance;

	emulate_write_register(reg, em->insn.address_size, next);
}

u64 emulate_string_count(const struct emulation *em)
{
	if (!em->insn.rep)
		return 1;
	return em->frame->rcx & bits_mask(8 * em->insn.address_size);
}

void emulate_string_done(const struct emulation *em, u64 count)
{
	if (em->insn.rep)
		emulate_write_register(&em->frame->rcx, em->insn.address_size,
				       em->frame->rcx - count);
}

int emulate_msr(struct emulation *em)
{
	struct trap_frame *f = em->frame;
	u64 value = f->rdx << 32 | (u32)f->rax;
	int rc;

	if (em->insn.kind == INSN_WRMSR)
		return em->host->msr_write((u32)f->rcx, value, &em->exception);
	rc = em->host->msr_read((u32)f->rcx, &value, &em->exception);
	if (!rc)
		emulate_set_edx_eax(f, value);
	return rc;
}

int emulate_nothing(struct emulation *em)
{
	(void)em;
	return 0;
}

/* Code of ours from RIP on: how much there is to read, 0 where that points elsewhere. */
static size_t code_size(const struct emulation *em)
{
	u64 rip = em->frame->rip, end = (u64)(uintptr_t)__text_end;

	return rip >= (u64)(uintptr_t)__text_start && rip < end ? end - rip : 0;
}

static const u8 *code_at(const struct emulation *em)
{
	return (const u8 *)(uintptr_t)em->frame->rip;
}

#define HEX_SIZE (3 * INSN_SIZE_MAX + sizeof(" ()"))

/* " (0f 0b ...)": code of ours, which the host knows. */
static void code_as_hex(const struct emulation *em, char hex[HEX_SIZE])
{
	size_t size = code_size(em), at = format(hex, HEX_SIZE, " (");

	for (size_t i = 0; i < size && i < INSN_SIZE_MAX; i++)
		at += format(hex + at, HEX_SIZE - at, i ? " %02x" : "%02x", code_at(em)[i]);
	format(hex + at, HEX_SIZE - at, ")");
}

/* The sentence before the bytes: a TD's report to its host has no room for all. */
static __cold noreturn_t refuse(const struct emulation *em, const char *why, unsigned int reason)
{
	char hex[HEX_SIZE];

	if (!code_size(em)) /* an address that could be anything, which is not for the host */
		fatal(reason, "%s %#lx outside of the code: %s", em->trap->name, em->code, why);
	code_as_hex(em, hex);
	fatal(reason, "%s %#lx at %#lx: %s%s", em->trap->name, em->code, em->frame->rip, why, hex);
}

static const struct emulate_exit *find_exit(const struct emulation *em)
{
	for (size_t i = 0; i < em->trap->exit_count; i++) {
		if (em->trap->exits[i].code == em->code)
			return &em->trap->exits[i];
	}
	return NULL;
}

/* As if the instruction itself had raised what the hypervisor answered. */
static void reflect(const struct emulation *em)
{
	struct trap_frame *frame = em->frame;

	frame->vector = em->exception.vector;
	frame->error_code = em->exception.has_error_code ? em->exception.error_code : 0;
	if (!trap_fixup(frame))
		trap_panic(frame);
}

void emulate(const struct emulate_trap *trap, struct trap_frame *frame, u64 code)
{
	const struct emulate_exit *exit;
	struct emulation em; /* insn_decode() fills in the rest */

	em.trap = trap;
	em.host = trap->host;
	em.frame = frame;
	em.code = code;
	exit = find_exit(&em);
	if (!exit || frame->cs & 3)
		refuse(&em, "exit reason not supported", TERM_UNSUPPORTED_VC);
	if (insn_decode(&em.insn, code_at(&em), code_size(&em)))
		refuse(&em, "instruction not understood", TERM_DECODE);
	if (em.insn.kind < exit->first || em.insn.kind > exit->last)
		refuse(&em, "instruction cannot exit like this", TERM_DECODE);
	switch (exit->handle(&em)) {
	case 0: frame->rip += em.insn.length; break;
	case -E_FAULT: reflect(&em); break;
	default: refuse(&em, "operands not supported", TERM_DECODE);
	}
}
