/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An exit's instruction is fetched once, no page further than it reaches, and is what its exit
 * says; when it is done RIP, RF, the interrupt shadow and single-step are as the processor's.
 * RUN: %unit-cc %s %root/monitor/svm/exit_operand.c %root/monitor/svm/insn_operand.c \
 * RUN:   %root/monitor/svm/insn_operand_32.c -o %t
 */
#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../../monitor/svm/insn.c"
#include "../../monitor/svm/insn_group_7.c"
#undef REX_B
#undef REX_R
#undef REX_W
#include "../../monitor/svm/exit_context.c"

static struct vmcb vmcb;
static struct vcpu cpu;
static const u8 *text;       /* from RIP on */
static size_t first, second; /* bytes in RIP's page, and in the next; 0: not there */
static unsigned int fetches, injected;
static u32 injected_code;
static bool crashed;

noreturn_t stop_crashed(struct vcpu *v, const char *why)
{
	(void)v, (void)why;
	crashed = true;
	exit(0);
}

void inject_exception(struct vcpu *v, unsigned int vector)
{
	(void)v;
	injected = vector;
}

void inject_exception_error(struct vcpu *v, unsigned int vector, u32 code)
{
	(void)v;
	injected = vector;
	injected_code = code;
}

u64 segment_base(const struct vcpu *v, enum insn_segment segment)
{
	(void)v;
	return segment == INSN_SEGMENT_SS ? 0x100000 : 0;
}

/* All is there but the last 64 KiB. */
bool segment_read(struct vcpu *v, enum insn_segment segment, u64 offset, unsigned int size,
		  u64 *linear)
{
	*linear = offset + (segment == INSN_SEGMENT_SS ? 0x100000 : 0);
	if (offset + size <= 0xffff0000)
		return true;
	inject_exception_error(v, VEC_GP, 0);
	return false;
}

size_t walk_fetch(struct vcpu *v, u8 *bytes, size_t count, u64 *address, u32 *error_code)
{
	size_t more = count ? second : first;

	fetches++;
	*address = v->vmcb->save.rip + count;
	*error_code = 0x10;
	if (more > INSN_LENGTH_MAX - count)
		more = INSN_LENGTH_MAX - count;
	memcpy(bytes + count, text + count, more == INSN_LENGTH_MAX ? WALK_FETCH_ROOM : more);
	return count + more;
}

static unsigned int touches;

void walk_touch_text(struct vcpu *v)
{
	(void)v;
	touches++;
}

/* Its page has the one level of tables that there is, of which the entry is @entry. */
static u64 entry;
static unsigned int asked; /* of a walk's state, because pages had changed */
static bool state_changed; /* a page's that it depends on */
static struct npt npt;
static struct walk_translation text_page;

const struct walk_translation *walk_of_text(struct vcpu *v)
{
	static const u64 none;
	const struct vmsa *s = &v->vmcb->save;

	text_page = (struct walk_translation){ .cr0 = s->cr0, .cr3 = s->cr3, .cr4 = s->cr4 };
	text_page.efer = s->efer;
	text_page.npt = v->npt;
	text_page.npt_changes = v->npt->changes;
	text_page.page = (u8 *)(uintptr_t)(text - s->rip % PAGE_SIZE);
	for (unsigned int i = 0; i < WALK_LEVELS_MAX; i++)
		text_page.levels[i].entry = &none;
	text_page.levels[0].entry = &entry;
	text_page.levels[0].value = entry;
	return &text_page;
}

bool walk_is_current(const struct vcpu *v, struct walk_translation *t)
{
	asked++;
	if (state_changed || !t->npt)
		return false;
	t->npt_changes = t->npt->changes;
	return walk_is_unchanged(v, t);
}

static void at(const char *bytes, size_t in_page, size_t in_next)
{
	static u8 copy[16 + 32];

	memset(copy, 0xcc, sizeof(copy));
	memcpy(copy + 16, bytes, strlen(bytes) < 32 ? strlen(bytes) : 32);
	text = copy + 16;
	first = in_page;
	second = in_next;
	fetches = injected = 0;
	memset(&vmcb, 0, sizeof(vmcb));
	memset(&cpu, 0, sizeof(cpu));
	cpu.vmcb = &vmcb;
	cpu.npt = &npt;
	vmcb.save.efer = EFER_LMA;
	vmcb.save.cs.attrib = SEG_ATTRIB_CODE64;
	vmcb.save.rip = 0x1000;
	vmcb.save.rflags = RFLAGS_FIXED | RFLAGS_RF;
	vmcb.save.dr6 = 0xffff0ff0;
	vmcb.control.int_state = VMCB_INT_SHADOW | BIT(1);
	exit_begin(&cpu.exit);
}

/* Page by page, and only as far as the instruction goes. */
static void bytes(void)
{
	at("\xf3\x0f\x01\xd9", 15, 0);
	assert(exit_insn(&cpu)->kind == INSN_VMGEXIT && exit_insn(&cpu)->length == 4);
	assert(fetches == 1 && exit_opcode(&cpu) == 0xf30f01d9);
	at("\xc3\xf3\x0f", 1, 14); /* ret, at its page's end */
	assert(exit_insn(&cpu)->kind == INSN_UNKNOWN && fetches == 1 && !cpu.exit.is_fault);
	at("\x0f\x30", 2, 13); /* wrmsr, at its page's end */
	assert(exit_insn(&cpu)->kind == INSN_WRMSR && fetches == 1);
	at("\x3e\x0f\x30", 2, 13); /* ds wrmsr, over it */
	assert(exit_insn(&cpu)->kind == INSN_WRMSR && fetches == 2);
	assert(exit_insn(&cpu)->length == 3 && cpu.exit.count == 15);
	at("\x0f\x30", 1, 0);
	assert(exit_insn(&cpu)->kind == INSN_UNKNOWN && cpu.exit.is_fault);
	at("\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x3e\xa2", 15, 0);
	assert(exit_insn(&cpu)->kind == INSN_UNKNOWN && !cpu.exit.is_fault && fetches == 1);
}

/* What another processor made of it meanwhile. */
static void changed(void)
{
	at("\x0f\xa2", 15, 0);
	assert(exit_is(&cpu, SVM_EXIT_CPUID) && !touches);
	assert(!exit_is(&cpu, SVM_EXIT_HLT) && !injected);
	assert(touches == 1 && cpu.npt_seen == NPT_SEEN_NONE);
	at("\x0f\x32", 15, 0);
	assert(exit_is(&cpu, SVM_EXIT_MSR));
	vmcb.control.exit_info_1 = 1;
	assert(!exit_is(&cpu, SVM_EXIT_MSR) && !injected);
	at("\x0f\xa2", 0, 0);
	assert(!exit_is(&cpu, SVM_EXIT_CPUID) && injected == VEC_PF && injected_code == 0x10);
	assert(vmcb.save.cr2 == 0x1000);
	at("\x0f\xa2", 1, 0);
	assert(!exit_is(&cpu, SVM_EXIT_CPUID) && injected == VEC_PF && vmcb.save.cr2 == 0x1001);
	at("\xf0\x0f\xa2", 15, 0);
	assert(!exit_is(&cpu, SVM_EXIT_CPUID) && injected == VEC_UD);
	at("\xf3\x0f\x01\xd9", 15, 0);
	assert(exit_is(&cpu, SVM_EXIT_VMMCALL));
	at("\x0f\x01\xf0", 15, 0);
	assert(exit_is(&cpu, EXIT_CR0_SEL_WRITE) && !exit_is(&cpu, EXIT_CR4_WRITE));
	at("\x0f\x22\xe0", 15, 0);
	assert(exit_is(&cpu, EXIT_CR4_WRITE) && !exit_is(&cpu, EXIT_CR0_SEL_WRITE));
	assert(!exit_is(&cpu, EXIT_CR8_WRITE));
}

static bool exits_by_port(u16 port, u64 how)
{
	vmcb.control.exit_info_1 = (u64)port << IOIO_PORT_SHIFT | how;
	return exit_is(&cpu, SVM_EXIT_IOIO);
}

/* The port is the exit's, what else there is the instruction's: they are of one. */
static void ports(void)
{
	at("\xe4\x92", 15, 0);
	cpu.gpr[REG_RDX] = 0x3f8;
	assert(exits_by_port(0x92, IOIO_TYPE_IN | IOIO_DATA_8));
	assert(!exits_by_port(0x93, IOIO_TYPE_IN | IOIO_DATA_8));
	assert(!exits_by_port(0x92, IOIO_DATA_8));
	assert(!exits_by_port(0x92, IOIO_TYPE_IN | IOIO_DATA_32));
	assert(!exits_by_port(0x92, IOIO_TYPE_IN | IOIO_TYPE_STR | IOIO_DATA_8));
	at("\xf3\x66\x6f", 15, 0);
	cpu.gpr[REG_RDX] = 0xf03f8;
	assert(exits_by_port(0x3f8, IOIO_TYPE_STR | IOIO_REP | IOIO_DATA_16));
	assert(!exits_by_port(0x3f8, IOIO_TYPE_STR | IOIO_TYPE_IN | IOIO_DATA_16));
}

/* What LMSW reads, by its mode; -1: the guest was told that there is nothing. */
static u64 lmsw_reads(const char *code, u16 attrib)
{
	u64 linear;

	at(code, 15, 0);
	vmcb.save.cs.attrib = attrib;
	cpu.gpr[REG_RBX] = U64_C(0x100004000);
	cpu.gpr[REG_RSI] = 0xffffe000;
	if (exit_read_address(&cpu, 2, &linear))
		return linear;
	assert(injected == VEC_GP);
	return ~U64_C(0);
}

static void read_addresses(void)
{
	assert(lmsw_reads("\x0f\x01\x33", SEG_ATTRIB_CODE32) == 0x4000);
	assert(lmsw_reads("\x36\x0f\x01\x33", SEG_ATTRIB_CODE32) == 0x104000);
	assert(lmsw_reads("\x0f\x01\x36", SEG_ATTRIB_CODE32) == ~U64_C(0));
	assert(lmsw_reads("\x0f\x01\x30", SEG_ATTRIB_CODE16) == 0x2000); /* (%bx,%si) */
	assert(lmsw_reads("\x67\x0f\x01\x33", SEG_ATTRIB_CODE16) == 0x4000);
}

/* It comes anew, and its bytes are those of the last time. */
static bool is_undefined_next(void)
{
	exit_begin(&cpu.exit);
	return exit_is(&cpu, SVM_EXIT_EXCP_BASE + VEC_UD);
}

/* Of what is not always undefined it is believed when it stays so. */
static void undefined(void)
{
	at("\x0f\x01\xd9", 15, 0); /* this one is no #UD */
	assert(!is_undefined_next() && !is_undefined_next() && is_undefined_next());
	assert(!is_undefined_next());
	at("\x0f\x0b", 15, 0);
	assert(is_undefined_next());
	at("\xf3\x0f\x01\xff", 15, 0); /* PSMASH */
	assert(is_undefined_next());
	at("\xc3", 15, 0);
	touches = 0;
	assert(!is_undefined_next() && !is_undefined_next() && is_undefined_next());
	assert(touches == 2);
	assert(!is_undefined_next());
	((u8 *)(uintptr_t)text)[0] = 0x90;
	assert(!is_undefined_next() && !is_undefined_next() && is_undefined_next());
}

/* Who changes it all the time ends nobody. */
static void changes_for_ever(void)
{
	at("\xc3", 15, 0);
	for (unsigned int i = 0; i < 10000; i++) {
		exit_begin(&cpu.exit);
		assert(!exit_is(&cpu, SVM_EXIT_CPUID));
		((u8 *)(uintptr_t)text)[0] ^= 1;
	}
}

/* The next one too by what has been fetched, and by no more. */
static void following(void)
{
	bool rdmsr;

	at("\x0f\x30\xf3\x0f\x01\xd9", 15, 0);
	assert(exit_insn(&cpu)->length == 2);
	exit_finish(&cpu);
	assert(exit_next_is_vmgexit(&cpu, &rdmsr) && fetches == 1 && !rdmsr);
	assert(exit_insn(&cpu)->kind == INSN_VMGEXIT && exit_opcode(&cpu) == 0xf30f01d9);
	exit_finish(&cpu);
	assert(vmcb.save.rip == 0x1006);
	at("\x0f\x30\xf3\x0f\x01\xd9\x0f\x32", 15, 0);
	assert(exit_insn(&cpu)->length == 2);
	exit_finish(&cpu);
	assert(exit_next_is_vmgexit(&cpu, &rdmsr) && rdmsr);
	at("\x0f\x30\xf3\x0f\x01\xd9\x0f\x32", 7, 8); /* ... begins at the page's end */
	assert(exit_insn(&cpu)->length == 2);
	exit_finish(&cpu);
	assert(exit_next_is_vmgexit(&cpu, &rdmsr) && !rdmsr);
	at("\x0f\x30\xc3\xf3", 3, 12);
	assert(exit_insn(&cpu)->length == 2);
	exit_finish(&cpu);
	assert(!exit_next_is_vmgexit(&cpu, &rdmsr) && fetches == 1);
	at("\x0f\x30\xf3\x0f\x01\xd9", 5, 10); /* over the page's end: at its own exit */
	assert(exit_insn(&cpu)->length == 2);
	exit_finish(&cpu);
	assert(!exit_next_is_vmgexit(&cpu, &rdmsr) && fetches == 1);
	at("\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x0f\x30\xf3", 15, 0);
	assert(exit_insn(&cpu)->length == 15);
	exit_finish(&cpu);
	assert(!exit_next_is_vmgexit(&cpu, &rdmsr));
}

static void finishes(void)
{
	at("\x3e\x0f\xa2", 15, 0);
	assert(exit_is(&cpu, SVM_EXIT_CPUID));
	exit_finish(&cpu);
	assert(vmcb.save.rip == 0x1003 && vmcb.save.rflags == RFLAGS_FIXED && !injected);
	assert(vmcb.control.int_state == BIT(1) && vmcb.save.dr6 == 0xffff0ff0);
	at("\x0f\xa2", 15, 0);
	vmcb.save.rflags |= RFLAGS_TF;
	assert(exit_is(&cpu, SVM_EXIT_CPUID));
	exit_finish(&cpu);
	assert(injected == VEC_DB && vmcb.save.dr6 == 0xffff4ff0);
	assert(vmcb.save.rip == 0x1002 && vmcb.save.rflags == (RFLAGS_FIXED | RFLAGS_TF));
	at("\x0f\xa2", 15, 0);
	vmcb.save.cs.attrib = SEG_ATTRIB_CODE32;
	vmcb.save.rip = 0xfffffffe;
	assert(exit_is(&cpu, SVM_EXIT_CPUID));
	exit_finish(&cpu);
	assert(vmcb.save.rip == 0);
	at("\xf3\x6e", 15, 0);
	vmcb.save.rflags |= RFLAGS_TF;
	vmcb.control.exit_info_1 = IOIO_TYPE_STR | IOIO_DATA_8;
	assert(exit_is(&cpu, SVM_EXIT_IOIO));
	exit_repeat(&cpu);
	assert(injected == VEC_DB && vmcb.save.rip == 0x1000 && vmcb.save.rflags & RFLAGS_RF);
	assert(vmcb.control.int_state == BIT(1));
}

/* Comes there again: whether it was fetched anew. */
static bool fetched_anew(enum insn_kind kind)
{
	unsigned int before = fetches;

	exit_begin(&cpu.exit);
	assert(exit_insn(&cpu)->kind == kind && cpu.exit.count == first && !cpu.exit.is_fault);
	assert(!memcmp(cpu.exit.bytes, text, first < INSN_LENGTH_MAX ? first : WALK_FETCH_ROOM));
	return fetches != before;
}

static bool once_anew(enum insn_kind kind) { return fetched_anew(kind) && !fetched_anew(kind); }

/* An instruction is known by where and in which mode it is, as long as its bytes are the same. */
static void known(void)
{
	struct vmsa *s = &vmcb.save;
	struct npt other = { 0 };
	bool rdmsr;
	u8 *p;

	at("\x0f\x30\xf3\x0f\x01\xd9", 15, 0);
	p = (u8 *)(uintptr_t)text;
	assert(once_anew(INSN_WRMSR));
	exit_finish(&cpu);
	assert(exit_next_is_vmgexit(&cpu, &rdmsr) && exit_insn(&cpu)->kind == INSN_VMGEXIT);
	s->rip = 0x1000;
	assert(!fetched_anew(INSN_WRMSR)); /* what followed it has not stayed */
	p[1] = 0x32; /* by whomever, and without an exit: the guest or another processor */
	assert(once_anew(INSN_RDMSR));
	p[14] ^= 1; /* any byte that was fetched, and the one behind them too */
	assert(once_anew(INSN_RDMSR));
	p[15] ^= 1;
	assert(once_anew(INSN_RDMSR));
	entry++; /* its page is another one, no INVLPG seen */
	assert(once_anew(INSN_RDMSR));
	s->cr3 = 0x5000;
	assert(once_anew(INSN_RDMSR));
	s->cr0 ^= CR0_WP;
	assert(once_anew(INSN_RDMSR));
	s->cr4 ^= CR4_SMEP;
	assert(once_anew(INSN_RDMSR));
	s->efer ^= EFER_NXE;
	assert(once_anew(INSN_RDMSR));
	s->cpl = 3;
	assert(once_anew(INSN_RDMSR));
	npt.changes++; /* some page's state */
	asked = 0;
	assert(!fetched_anew(INSN_RDMSR) && asked == 1 && !fetched_anew(INSN_RDMSR) && asked == 1);
	npt.changes++;
	state_changed = true;
	assert(fetched_anew(INSN_RDMSR));
	state_changed = false;
	assert(!fetched_anew(INSN_RDMSR));
	other.changes = npt.changes;
	cpu.npt = &other;
	assert(once_anew(INSN_RDMSR));
	s->cs.base = 0x10000;
	assert(once_anew(INSN_RDMSR));
}

/* The same bytes in another mode: 48 is a prefix in one and an instruction in the other. */
static void known_by_mode(void)
{
	at("\x48\x0f\xa2", 15, 0);
	assert(once_anew(INSN_CPUID));
	vmcb.save.cs.attrib = SEG_ATTRIB_CODE32;
	assert(fetched_anew(INSN_UNKNOWN) && fetched_anew(INSN_UNKNOWN)); /* such are not kept */
	vmcb.save.cs.attrib = SEG_ATTRIB_CODE64;
	assert(!fetched_anew(INSN_CPUID));
	at("\xe5\x10", 15, 0);
	assert(once_anew(INSN_IN) && cpu.exit.insn.operand_size == 4);
	vmcb.save.cs.attrib = SEG_ATTRIB_CODE32 & ~SEG_ATTRIB_D;
	assert(once_anew(INSN_IN) && cpu.exit.insn.operand_size == 2);
}

/* Two places of one set are known, a third takes the older's; and what ends with its page is. */
static void known_by_place(void)
{
	at("\x0f\xa2", 15, 0);
	assert(once_anew(INSN_CPUID));
	vmcb.save.rip = 0x1021;
	assert(once_anew(INSN_CPUID));
	vmcb.save.rip = 0x1000;
	assert(!fetched_anew(INSN_CPUID));
	vmcb.save.rip = 0x1042;
	assert(once_anew(INSN_CPUID));
	vmcb.save.rip = 0x1021;
	assert(!fetched_anew(INSN_CPUID));
	vmcb.save.rip = 0x1000;
	assert(once_anew(INSN_CPUID));
	vmcb.save.rip = 0x1042;
	assert(!fetched_anew(INSN_CPUID));
	vmcb.save.rip = 0x1ff0;
	assert(once_anew(INSN_CPUID));
	at("\x0f\xa2", 14, 0);
	vmcb.save.rip = 0x1ff2;
	assert(once_anew(INSN_CPUID));
	at("\x0f\xa2", 2, 0);
	vmcb.save.rip = 0x1ffe;
	assert(once_anew(INSN_CPUID));
	((u8 *)(uintptr_t)text)[1] = 0x30;
	assert(once_anew(INSN_WRMSR));
	at("\x0f\xa2", 1, 2); /* over it */
	vmcb.save.rip = 0x1fff;
	for (unsigned int i = 0; i < 2; i++, exit_begin(&cpu.exit))
		assert(exit_insn(&cpu)->kind == INSN_CPUID && fetches == 2 * i + 2);
}

/* For ever is an answer to nobody. */
static void gives_up(void)
{
	at("\xc3", 15, 0);
	for (unsigned int i = 0; i < 10000; i++)
		assert(!exit_is(&cpu, SVM_EXIT_CPUID));
	assert(!"it ended");
}

int main(void)
{
	bytes();
	changed();
	read_addresses();
	ports();
	undefined();
	changes_for_ever();
	following();
	finishes();
	known();
	known_by_mode();
	known_by_place();
	gives_up();
	return 1;
}
