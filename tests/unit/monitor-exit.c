/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An exit's instruction is fetched once, no page further than it reaches, and is what its exit
 * says; when it is done RIP, RF, the interrupt shadow and single-step are as the processor's.
 * RUN: %unit-cc %s %root/monitor/svm/insn_operand.c -o %t
 */
#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../../monitor/svm/insn.c"
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

size_t walk_fetch(struct vcpu *v, u8 *bytes, size_t count, u64 *address, u32 *error_code)
{
	size_t more = count ? second : first;

	fetches++;
	*address = v->vmcb->save.rip + count;
	*error_code = 0x10;
	if (more > INSN_LENGTH_MAX - count)
		more = INSN_LENGTH_MAX - count;
	memcpy(bytes + count, text + count, more);
	return count + more;
}

static void at(const char *bytes, size_t in_page, size_t in_next)
{
	static u8 copy[32];

	memset(copy, 0xcc, sizeof(copy));
	memcpy(copy, bytes, strlen(bytes) < sizeof(copy) ? strlen(bytes) : sizeof(copy));
	text = copy;
	first = in_page;
	second = in_next;
	fetches = injected = 0;
	memset(&vmcb, 0, sizeof(vmcb));
	cpu.vmcb = &vmcb;
	vmcb.save.efer = EFER_LMA;
	vmcb.save.cs.attrib = SEG_ATTRIB_CODE64;
	vmcb.save.rip = 0x1000;
	vmcb.save.rflags = RFLAGS_FIXED | RFLAGS_RF;
	vmcb.save.dr6 = 0xffff0ff0;
	vmcb.control.int_state = VMCB_INT_SHADOW | BIT(1);
	exit_begin(&cpu);
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
	assert(exit_is(&cpu, SVM_EXIT_CPUID) && !exit_is(&cpu, SVM_EXIT_HLT) && !injected);
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
	at("\xc3", 15, 0);
	assert(exit_is(&cpu, SVM_EXIT_EXCP_BASE + VEC_UD)); /* any */
	at("\xf3\x0f\x01\xd9", 15, 0);
	assert(exit_is(&cpu, SVM_EXIT_VMMCALL));
	at("\x0f\x01\xf0", 15, 0);
	assert(exit_is(&cpu, EXIT_CR0_SEL_WRITE) && !exit_is(&cpu, EXIT_CR4_WRITE));
}

/* The next one too by what has been fetched, and by no more. */
static void following(void)
{
	at("\x0f\x30\xf3\x0f\x01\xd9", 15, 0);
	assert(exit_insn(&cpu)->length == 2);
	exit_finish(&cpu);
	assert(exit_next_is_vmgexit(&cpu) && fetches == 1);
	assert(exit_insn(&cpu)->kind == INSN_VMGEXIT && exit_opcode(&cpu) == 0xf30f01d9);
	exit_finish(&cpu);
	assert(vmcb.save.rip == 0x1006);
	at("\x0f\x30\xc3\xf3", 3, 12);
	assert(exit_insn(&cpu)->length == 2);
	exit_finish(&cpu);
	assert(!exit_next_is_vmgexit(&cpu) && fetches == 1);
	at("\x0f\x30\xf3\x0f\x01\xd9", 5, 10); /* over the page's end: at its own exit */
	assert(exit_insn(&cpu)->length == 2);
	exit_finish(&cpu);
	assert(!exit_next_is_vmgexit(&cpu) && fetches == 1);
	at("\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x3e\x0f\x30\xf3", 15, 0);
	assert(exit_insn(&cpu)->length == 15);
	exit_finish(&cpu);
	assert(!exit_next_is_vmgexit(&cpu));
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
	assert(exit_is(&cpu, SVM_EXIT_IOIO));
	exit_repeat(&cpu);
	assert(injected == VEC_DB && vmcb.save.rip == 0x1000 && vmcb.save.rflags & RFLAGS_RF);
	assert(vmcb.control.int_state == BIT(1));
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
	following();
	finishes();
	gives_up();
	return 1;
}
