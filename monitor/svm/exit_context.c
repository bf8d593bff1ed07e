/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See exit_context.h.
 */
#include "monitor/svm/exit_context.h"

#include "abi/svm.h"
#include "lib/compiler.h"
#include "lib/string.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/vmcb.h"
#include "monitor/svm/walk.h"

/*
 * More, of the same bytes, are no race of two processors: the processor below executes what insn.h
 * does not know.
 */
#define MISSES_MAX 100
/* The same of a #UD by what need not be undefined: then it is. */
#define UNDEFINED_MISSES_MAX 2

#define RDMSR_LENGTH 2

enum insn_mode exit_mode(const struct vcpu *v)
{
	const struct vmcb_seg *cs = &v->vmcb->save.cs;

	if (vcpu_is_64bit(v))
		return INSN_MODE_64;
	return cs->attrib & SEG_ATTRIB_D ? INSN_MODE_32 : INSN_MODE_16;
}

bool exit_fetch(struct vcpu *v)
{
	struct exit_context *e = &v->exit;
	size_t count = e->count;

	if (count == INSN_LENGTH_MAX)
		return false;
	e->count = (u8)walk_fetch(v, e->bytes, count, &e->fault_address, &e->fault_code);
	e->is_fault = e->count == count;
	return !e->is_fault;
}

static u64 load(const u8 *at)
{
	u64 word;

	__builtin_memcpy(&word, at, sizeof(word));
	return word;
}

/* Whether @k is what the guest is at. */
static inline __attribute__((always_inline)) bool is_known(const struct vcpu *v,
							   const struct exit_known *k)
{
	const struct vmsa *s = &v->vmcb->save;

	return k->rip == s->rip && k->cs_base == s->cs.base && k->cs_attrib == s->cs.attrib &&
	       k->cpl == s->cpl && walk_is_unchanged(v, &k->text) &&
	       load(k->at) == load(k->around) && load(k->at + 8) == load(k->around + 8);
}

/* What reaches over a page's end is not worth the trouble; nor what changes at this moment. */
static void remember(struct vcpu *v, struct exit_known *k)
{
	const struct exit_context *e = &v->exit;
	const struct vmsa *s = &v->vmcb->save;
	u64 offset = (s->cs.base + s->rip) % PAGE_SIZE, left = PAGE_SIZE - offset;
	u64 before = left < WALK_FETCH_ROOM ? WALK_FETCH_ROOM - left : 0;
	const struct walk_translation *text;

	if (!e->insn.kind || e->count > left)
		return;
	text = walk_of_text(v);
	if (!text)
		return;
	*k = (struct exit_known){ .rip = s->rip, .cs_base = s->cs.base, .text = *text };
	k->cs_attrib = s->cs.attrib;
	k->cpl = s->cpl;
	k->at = text->page + offset - before;
	__builtin_memcpy(k->around, k->at, WALK_FETCH_ROOM);
	memcpy(k->bytes, k->around + before, WALK_FETCH_ROOM - before);
	k->count = before ? (u8)left : INSN_LENGTH_MAX;
	k->insn = e->insn;
	if (memcmp(k->bytes, e->bytes, e->count))
		k->text.npt = NULL;
}

static void fetch_anew(struct vcpu *v)
{
	struct exit_context *e = &v->exit;

	e->count = 0;
	do {
		if (!exit_fetch(v))
			e->insn = (struct insn){ .kind = INSN_UNKNOWN };
		else
			e->insn = insn_identify(e->bytes, e->count, exit_mode(v));
	} while (e->insn.cut);
}

static const struct insn *take_known(struct exit_context *e, const struct exit_known *k)
{
	e->count = k->count;
	e->is_fault = false;
	__builtin_memcpy(e->bytes, k->bytes, sizeof(e->bytes));
	e->insn = k->insn;
	return &e->insn;
}

static __attribute__((noinline)) const struct insn *look_closer(struct vcpu *v,
								struct exit_known set[2])
{
	u64 rip = v->vmcb->save.rip;
	struct exit_known *k = &set[set[0].rip != rip];

	if (walk_is_current(v, &k->text) && is_known(v, k))
		return take_known(&v->exit, k);
	fetch_anew(v);
	if (k->rip != rip) {
		set[1] = set[0];
		k = &set[0];
	}
	remember(v, k);
	return &v->exit.insn;
}

static inline __attribute__((always_inline)) const struct insn *find_insn(struct vcpu *v)
{
	u64 rip = v->vmcb->save.rip;
	struct exit_known *set = v->known[(rip ^ rip / EXIT_KNOWN_SETS) % EXIT_KNOWN_SETS];
	const struct exit_known *k = &set[set[0].rip != rip];

	v->exit.is_fetched = true;
	return is_known(v, k) ? take_known(&v->exit, k) : look_closer(v, set);
}

const struct insn *exit_insn(struct vcpu *v)
{
	return v->exit.is_fetched ? &v->exit.insn : find_insn(v);
}

bool exit_next_is_vmgexit(struct vcpu *v, bool *rdmsr)
{
	struct exit_context *e = &v->exit;
	const u8 *next = e->bytes + e->insn.length;

	if (e->insn.length + sizeof(u32) > e->count || !insn_begins(next, INSN_VMGEXIT_BYTES))
		return false;
	*rdmsr = e->insn.length + sizeof(u32) + RDMSR_LENGTH <= e->count && next[4] == 0x0f &&
		 next[5] == 0x32;
	e->insn = (struct insn){ .kind = INSN_VMGEXIT, .length = sizeof(u32) };
	e->count = sizeof(u32);
	__builtin_memmove(e->bytes, next, sizeof(u32));
	return true;
}

#define KIND(name) BIT(INSN_##name)

/* What TCG has no other exit for; of all else #UD is an exit where it is not allowed. */
#define KINDS_UNDEFINED                                                                            \
	(KIND(UD2) | KIND(PVALIDATE) | KIND(RMPADJUST) | KIND(RMPQUERY) | KIND(RMPUPDATE) |        \
	 KIND(PSMASH) | KIND(VMCALL) | KIND(TDCALL) | KIND(SEAMCALL))

static u64 moves_to(struct vcpu *v, unsigned int cr)
{
	return exit_insn(v)->special == cr ? KIND(MOV_TO_CR) : 0;
}

static u64 debug_register_kinds(struct vcpu *v, u64 kind)
{
	return exit_insn(v)->special == 7 ? kind : 0;
}

/* Where the port and the size are as its exit tells them */
static inline __attribute__((always_inline)) u64 port_kinds(struct vcpu *v)
{
	const struct insn *insn = v->exit.is_fetched ? &v->exit.insn : find_insn(v);
	u64 info = v->vmcb->control.exit_info_1;
	u16 port = (u16)(insn->port == INSN_PORT_DX ? v->gpr[REG_RDX] : insn->port);
	unsigned int size = info & IOIO_DATA_8 ? 1 : info & IOIO_DATA_16 ? 2 : 4;

	if (insn->operand_size != size || port != (u16)(info >> IOIO_PORT_SHIFT))
		return 0;
	if (info & IOIO_TYPE_STR)
		return info & IOIO_TYPE_IN ? KIND(INS) : KIND(OUTS);
	return info & IOIO_TYPE_IN ? KIND(IN) : KIND(OUT);
}

/* TCG has neighbours' codes for RDTSCP and INVD. */
const u64 exit_kinds[EXIT_KINDS] = {
	[EXIT_XSETBV] = KIND(XSETBV),
	[SVM_EXIT_CPUID] = KIND(CPUID),
	[SVM_EXIT_HLT] = KIND(HLT),
	[SVM_EXIT_PAUSE] = KIND(PAUSE),
	[SVM_EXIT_RDTSC] = KIND(RDTSC) | KIND(RDTSCP),
	[SVM_EXIT_RDTSCP] = KIND(RDTSC) | KIND(RDTSCP),
	[SVM_EXIT_RDPMC] = KIND(RDPMC),
	[SVM_EXIT_INVD] = KIND(INVD) | KIND(WBINVD),
	[SVM_EXIT_WBINVD] = KIND(INVD) | KIND(WBINVD),
	[SVM_EXIT_MONITOR] = KIND(MONITOR),
	[SVM_EXIT_MWAIT] = KIND(MWAIT),
	[SVM_EXIT_VMMCALL] = KIND(VMMCALL) | KIND(VMGEXIT),
	[SVM_EXIT_VMRUN] = KIND(VMRUN),
	[SVM_EXIT_VMLOAD] = KIND(VMLOAD),
	[SVM_EXIT_VMSAVE] = KIND(VMSAVE),
	[SVM_EXIT_STGI] = KIND(STGI),
	[SVM_EXIT_CLGI] = KIND(CLGI),
	[SVM_EXIT_SKINIT] = KIND(SKINIT),
	[SVM_EXIT_INVLPGA] = KIND(INVLPGA),
};

static u64 kinds_of(struct vcpu *v, u64 code)
{
	if (code < EXIT_KINDS && exit_kinds[code])
		return exit_kinds[code];
	switch (code) {
	case SVM_EXIT_MSR: return exit_kind_of_msr(v->vmcb->control.exit_info_1);
	case EXIT_CR0_SEL_WRITE: return moves_to(v, 0) | KIND(LMSW);
	case EXIT_CR4_WRITE: return moves_to(v, 4);
	case EXIT_CR8_WRITE: return moves_to(v, 8);
	case SVM_EXIT_DR_READ(7): return debug_register_kinds(v, KIND(MOV_FROM_DR));
	case SVM_EXIT_DR_WRITE(7): return debug_register_kinds(v, KIND(MOV_TO_DR));
	default: return ~(KIND(UNKNOWN) | KIND(LOCKED));
	}
}

static void page_fault(struct vcpu *v)
{
	v->vmcb->save.cr2 = v->exit.fault_address;
	inject_exception_error(v, VEC_PF, v->exit.fault_code);
}

/*
 * QEMU translates a page while another processor may still be about to write to it, and knows of no
 * write afterwards: what it has then executes what was there before, again and again, until the
 * bytes are written to the next time. And the address may be another page's by now, which the
 * processor need not know until it is told. What is translated and what is in the TLB goes: both
 * may go at any time.
 */
static bool anew(struct vcpu *v, unsigned int max)
{
	struct exit_context *e = &v->exit;

	exit_insn(v);
	if (e->missed_rip != v->vmcb->save.rip || memcmp(e->missed_bytes, e->bytes, e->count))
		e->misses = 0;
	if (e->misses >= max) {
		e->misses = 0;
		return false;
	}
	e->misses++;
	e->missed_rip = v->vmcb->save.rip;
	memcpy(e->missed_bytes, e->bytes, e->count);
	walk_touch_text(v);
	v->npt_seen = NPT_SEEN_NONE;
	return true;
}

bool exit_anew(struct vcpu *v) { return anew(v, MISSES_MAX); }

static __attribute__((noinline)) bool missed(struct vcpu *v)
{
	if (v->exit.is_fault)
		page_fault(v);
	else if (v->exit.insn.kind == INSN_LOCKED)
		inject_exception(v, VEC_UD);
	else if (!exit_anew(v))
		stop_crashed(v, "an instruction whose bytes do not say why it exits");
	return false;
}

bool exit_is_of(struct vcpu *v, u64 kinds)
{
	const struct insn *insn = v->exit.is_fetched ? &v->exit.insn : find_insn(v);

	if (!(BIT(insn->kind) & kinds))
		return missed(v);
	v->exit.misses = 0;
	return true;
}

bool exit_is_port(struct vcpu *v) { return exit_is_of(v, port_kinds(v)); }

/* Of what is undefined there are more instructions than insn.h knows. */
static bool is_undefined(struct vcpu *v)
{
	const struct insn *insn = exit_insn(v);

	if (v->exit.is_fault || insn->kind == INSN_LOCKED)
		return missed(v);
	return BIT(insn->kind) & KINDS_UNDEFINED || !anew(v, UNDEFINED_MISSES_MAX);
}

bool exit_is(struct vcpu *v, u64 code)
{
	if (code == SVM_EXIT_EXCP_BASE + VEC_UD)
		return is_undefined(v);
	if (code == SVM_EXIT_IOIO)
		return exit_is_port(v);
	return exit_is_of(v, kinds_of(v, code));
}

/* DebugCtl.BTF, which would limit TF to branches, is never set: see docs/limits.md. */
static void single_step(struct vcpu *v)
{
	v->vmcb->control.int_state &= ~(u64)VMCB_INT_SHADOW;
	if (!(v->vmcb->save.rflags & RFLAGS_TF))
		return;
	v->vmcb->save.dr6 |= DR6_BS;
	inject_exception(v, VEC_DB);
}

void exit_finish(struct vcpu *v)
{
	struct vmsa *s = &v->vmcb->save;

	s->rip += v->exit.insn.length;
	if (!vcpu_is_64bit(v))
		s->rip = (u32)s->rip;
	s->rflags &= ~(u64)RFLAGS_RF;
	single_step(v);
}

void exit_repeat(struct vcpu *v)
{
	v->vmcb->save.rflags |= RFLAGS_RF;
	single_step(v);
}

u64 exit_code_of(struct vcpu *v, u64 code)
{
	switch (exit_insn(v)->kind) {
	case INSN_INVD: return SVM_EXIT_INVD;
	case INSN_RDTSCP: return SVM_EXIT_RDTSCP;
	default: return code;
	}
}

u64 exit_opcode(struct vcpu *v)
{
	const struct insn *insn = exit_insn(v);
	u64 opcode = 0;

	for (unsigned int i = 0; i < insn->length && i < sizeof(opcode); i++)
		opcode = opcode << 8 | v->exit.bytes[i];
	return opcode;
}
