/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An instruction that the monitor executes is one instruction, whatever its prefixes: the guest
 * goes on behind it, with TF takes #DB there and not one later, and an interrupt that it let in
 * before it comes there too.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=kvm --mode=emulate --trace=%t.trace %t | \
 * RUN:   FileCheck %s -check-prefixes=CHECK,OPEN,KVM,OUTS
 * RUN: FileCheck %s -check-prefix=TRACE < %t.trace
 * RUN: %run-guest --platform=kvm --mode=emulate --vendor=intel %t | \
 * RUN:   FileCheck %s -check-prefixes=CHECK,OPEN,KVM,OUTS
 * RUN: %run-guest --platform=sev %t | FileCheck %s -check-prefixes=CHECK,OPEN,SEV
 * RUN: %run-guest --platform=sev-es %t | FileCheck %s -check-prefixes=CHECK,ES
 * RUN: %run-guest --platform=snp %t | FileCheck %s -check-prefixes=CHECK,ES,SNP
 * RUN: %run-guest --platform=tdx %t | FileCheck %s -check-prefixes=CHECK,TDX
 * OPEN: cpuid: good
 * OPEN-NEXT: wbinvd: good
 * OPEN-NEXT: hlt: good
 * KVM-NEXT: hypercall: good
 * SEV: in: good
 * ES: hlt: good
 * ES-NEXT: ghcb msr: good
 * SNP-NEXT: pvalidate: good
 * TDX: cpuid: good
 * TDX-NEXT: mov to cr4: good
 * TDX-NEXT: tdcall: good
 * TDX-NEXT: tdvmcall: good
 * CHECK: rdmsr: good
 * CHECK-NEXT: wrmsr: good
 * CHECK-NEXT: mov to cr0: good
 * CHECK-NEXT: interrupt: good
 * OUTS-NEXT: outs: good
 * CHECK: exit status 0
 *
 * The bytes of REP OUTS to the transcript's own port, which reach nobody.
 * TRACE-COUNT-4: ioio dir=out port=0x406 size=0x1 value=0x4{{[1-4]}}
 */
#include <stdio.h>
#include <string.h>

#include "../Inputs/must.h"
#include "abi/ghcb.h"
#include "abi/tdx.h"
#include "early/platform.h"
#include "early/trap.h"
#include "kernel/apic.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"

#define IPI_VECTOR 0x51
#define TRAPS_MAX  8

struct registers {
	u64 rax, rbx, rcx, rdx, rsi, r10, r11, r12;
};

/*
 * name(registers, flags): one instruction with these registers and with RFLAGS. With TF its traps
 * are at name_insn, name_next, and the two NOPs behind that.
 */
#define BEFORE                                                                                     \
	"push %rbx\n\tpush %r12\n\tpush %r13\n\tpush %r14\n\tpush %r15\n\tpush %rdi\n\t"           \
	"mov (%rdi), %rax\n\tmov 8(%rdi), %rbx\n\tmov 16(%rdi), %rcx\n\tmov 24(%rdi), %rdx\n\t"    \
	"mov 40(%rdi), %r10\n\tmov 48(%rdi), %r11\n\tmov 56(%rdi), %r12\n\t"                       \
	"push %rsi\n\tmov 32(%rdi), %rsi\n\tpopfq\n\t"
#define AFTER                                                                                      \
	"mov (%rsp), %rdi\n\t"                                                                     \
	"mov %rax, (%rdi)\n\tmov %rbx, 8(%rdi)\n\tmov %rcx, 16(%rdi)\n\tmov %rdx, 24(%rdi)\n\t"    \
	"mov %rsi, 32(%rdi)\n\tmov %r10, 40(%rdi)\n\tmov %r11, 48(%rdi)\n\tmov %r12, 56(%rdi)\n\t" \
	"pop %rdi\n\tpop %r15\n\tpop %r14\n\tpop %r13\n\tpop %r12\n\tpop %rbx\n\t"                 \
	"ret\n"

#define STEP(name, insn)                                                                           \
	__asm__(".globl " #name ", " #name "_insn, " #name "_next\n" #name ":\n\t" BEFORE          \
		"nop\n" #name "_insn: " insn "\n" #name "_next: nop\n\tnop\n\tnop\n\t" AFTER);     \
	void name(struct registers *registers, u64 flags);                                         \
	extern const char name##_insn[], name##_next[]

STEP(cpuid_bare, "cpuid");
STEP(cpuid_ds, ".byte 0x3e; cpuid");
STEP(cpuid_many, ".byte 0x66, 0x2e, 0x67, 0x48; cpuid");
STEP(rdmsr_bare, "rdmsr");
STEP(rdmsr_ds, ".byte 0x3e; rdmsr");
STEP(wrmsr_bare, "wrmsr");
STEP(wrmsr_ds, ".byte 0x3e; wrmsr");
STEP(wrmsr_rex, ".byte 0x2e, 0x48; wrmsr");
STEP(cr0_bare, "mov %rax, %cr0");
STEP(cr0_ds, ".byte 0x3e; mov %rax, %cr0");
STEP(cr4_bare, "mov %rax, %cr4");
STEP(cr4_ds, ".byte 0x3e; mov %rax, %cr4");
STEP(wbinvd_bare, "wbinvd");
STEP(wbinvd_ds, ".byte 0x3e; wbinvd");
STEP(hlt_bare, "hlt");
STEP(hlt_ds, ".byte 0x3e; hlt");
STEP(vmmcall_bare, "vmmcall");
STEP(vmmcall_ds, ".byte 0x3e; vmmcall");
STEP(vmcall_bare, "vmcall");
STEP(vmcall_ds, ".byte 0x3e; vmcall");
STEP(in_bare, "in %dx, %al");
STEP(in_ds, ".byte 0x3e; in %dx, %al");
STEP(pvalidate_bare, ".byte 0xf2, 0x0f, 0x01, 0xff");
STEP(pvalidate_ds, ".byte 0x3e, 0xf2, 0x0f, 0x01, 0xff");
STEP(tdcall_bare, ".byte 0x66, 0x0f, 0x01, 0xcc");
STEP(tdcall_ds, ".byte 0x3e, 0x66, 0x0f, 0x01, 0xcc");
STEP(outs_bare, "rep outsb");
STEP(outs_fs, ".byte 0x67, 0x3e; rep outsb"); /* a 32-bit address */
STEP(sti_cpuid, "sti; .byte 0x3e; cpuid");
STEP(sti_rdmsr, "sti; .byte 0x3e; rdmsr");

/* A request by the MSR protocol, and its answer: one exit of the monitor. */
STEP(vmgexit_pair, "wrmsr; .byte 0xf3, 0x0f, 0x01, 0xd9");
STEP(vmgexit_read, "wrmsr; .byte 0xf3, 0x0f, 0x01, 0xd9; rdmsr");
STEP(vmgexit_ds, ".byte 0x3e; wrmsr; .byte 0x3e, 0xf3, 0x0f, 0x01, 0xd9");

static struct {
	u64 rip, dr6;
} traps[TRAPS_MAX];
static unsigned int trap_count, trap_limit;
static u64 irq_rip;

static void take_db(struct trap_frame *frame)
{
	if (trap_count < TRAPS_MAX) {
		traps[trap_count].rip = frame->rip;
		__asm__ volatile("mov %%dr6, %0" : "=r"(traps[trap_count].dr6));
	}
	trap_count++;
	__asm__ volatile("mov %0, %%dr6" ::"r"(U64_C(0xffff0ff0)));
	if (trap_count >= trap_limit)
		frame->rflags &= ~(u64)RFLAGS_TF;
}

static void handler(struct trap_frame *frame)
{
	if (frame->vector == VEC_DB) {
		take_db(frame);
	} else if (frame->vector == VEC_VC || frame->vector == VEC_VE) {
		pv_handle_exception(frame);
	} else if (frame->vector == IPI_VECTOR) {
		irq_rip = frame->rip;
		apic_eoi();
	} else if (!trap_fixup(frame)) {
		trap_panic(frame);
	}
}

typedef void (*step_t)(struct registers *registers, u64 flags);

/*
 * The traps come at @insn, @middle and @last unless NULL, @next and the two behind it, all by
 * single-step.
 */
static bool steps(step_t step, const char *insn, const char *middle, const char *last,
		  const char *next, struct registers *r)
{
	const u64 expected[] = { (u64)insn, (u64)middle,   (u64)last,
				 (u64)next, (u64)next + 1, (u64)next + 2 };
	struct registers alone = *r;
	unsigned int n = 0;

	trap_count = 0;
	step(&alone, RFLAGS_FIXED);
	if (trap_count)
		return false;
	trap_limit = 4 + (middle != NULL) + (last != NULL);
	step(r, RFLAGS_FIXED | RFLAGS_TF);
	for (unsigned int i = 0; i < 6; i++) {
		if (!expected[i])
			continue;
		if (traps[n].rip != expected[i] || (traps[n].dr6 & 0xffff) != 0x4ff0) {
			printf("trap %u: at %#lx, not %#lx, DR6 %#lx\n", n, traps[n].rip,
			       expected[i], traps[n].dr6);
			return false;
		}
		n++;
	}
	return trap_count == n;
}

#define STEPS(name, ...)                                                                           \
	({                                                                                         \
		r = (struct registers){ __VA_ARGS__ };                                             \
		steps(name, name##_insn, NULL, NULL, name##_next, &r);                             \
	})

static struct registers r;

static int test_cpuid(void)
{
	const struct cpuid_regs c = cpuid_raw(0x80000008, 0);

	MUST(STEPS(cpuid_bare, .rax = 0x80000008) && r.rax == c.eax && r.rcx == c.ecx);
	MUST(STEPS(cpuid_ds, .rax = 0x80000008) && r.rax == c.eax && r.rbx == c.ebx);
	MUST(STEPS(cpuid_many, .rax = 0x80000008) && r.rax == c.eax && r.rdx == c.edx);
	puts("cpuid: good");
	return 0;
}

/* Which of them the host does not have to answer. */
static u32 own_msr(void) { return platform.kind == PLATFORM_TDX ? MSR_TSC_AUX : MSR_EFER; }

static int test_msr(void)
{
	u64 value = rdmsr(own_msr());

	MUST(STEPS(rdmsr_bare, .rcx = own_msr()) && (r.rdx << 32 | r.rax) == value);
	MUST(STEPS(rdmsr_ds, .rcx = own_msr()) && (r.rdx << 32 | r.rax) == value);
	puts("rdmsr: good");
	MUST(STEPS(wrmsr_bare, .rax = value, .rcx = own_msr()));
	MUST(STEPS(wrmsr_ds, .rax = value, .rcx = own_msr()));
	MUST(STEPS(wrmsr_rex, .rax = value, .rcx = own_msr()));
	puts("wrmsr: good");
	return 0;
}

/* Each write changes WP, which is what is watched. */
static int test_cr0(void)
{
	u64 cr0 = read_cr0();

	MUST(STEPS(cr0_bare, .rax = cr0 ^ CR0_WP) && read_cr0() == (cr0 ^ CR0_WP));
	MUST(STEPS(cr0_ds, .rax = cr0) && read_cr0() == cr0);
	puts("mov to cr0: good");
	return 0;
}

static int test_open(void)
{
	MUST(STEPS(wbinvd_bare, .rax = 0) && STEPS(wbinvd_ds, .rax = 0));
	puts("wbinvd: good");
	return 0;
}

/* Interrupts are off: but for the #DB it would be for ever. */
static bool halts(step_t step, const char *insn, const char *next)
{
	trap_count = 0;
	trap_limit = 4;
	step(&r, RFLAGS_FIXED | RFLAGS_TF);
	return trap_count == 4 && traps[0].rip == (u64)insn && traps[1].rip == (u64)next &&
	       traps[2].rip == (u64)next + 1;
}

static int test_hlt(void)
{
	MUST(halts(hlt_bare, hlt_bare_insn, hlt_bare_next));
	MUST(halts(hlt_ds, hlt_ds_insn, hlt_ds_next));
	puts("hlt: good");
	return 0;
}

/* KVM's VAPIC_POLL_IRQ, which does nothing */
static int test_hypercall(void)
{
	if (!memcmp(platform.vendor, "Genu", 4)) {
		MUST(STEPS(vmcall_bare, .rax = 1) && !r.rax);
		MUST(STEPS(vmcall_ds, .rax = 1) && !r.rax);
	} else {
		MUST(STEPS(vmmcall_bare, .rax = 1) && !r.rax);
		MUST(STEPS(vmmcall_ds, .rax = 1) && !r.rax);
	}
	puts("hypercall: good");
	return 0;
}

static int test_in(void)
{
	MUST(STEPS(in_bare, .rdx = PORT_COM1 + 5) && STEPS(in_ds, .rdx = PORT_COM1 + 5));
	puts("in: good");
	return 0;
}

static int test_ghcb_msr(void)
{
	u64 old = rdmsr(MSR_GHCB);

	r = (struct registers){ .rax = GHCB_MSR_SEV_INFO_REQ, .rcx = MSR_GHCB };
	MUST(steps(vmgexit_pair, vmgexit_pair_insn, vmgexit_pair_insn + 2, NULL, vmgexit_pair_next,
		   &r));
	MUST((rdmsr(MSR_GHCB) & 0xfff) == GHCB_MSR_SEV_INFO_RESP);
	r = (struct registers){ .rax = GHCB_MSR_SEV_INFO_REQ, .rcx = MSR_GHCB };
	MUST(steps(vmgexit_ds, vmgexit_ds_insn, vmgexit_ds_insn + 3, NULL, vmgexit_ds_next, &r));
	MUST((rdmsr(MSR_GHCB) & 0xfff) == GHCB_MSR_SEV_INFO_RESP);
	r = (struct registers){ .rax = GHCB_MSR_SEV_INFO_REQ, .rcx = MSR_GHCB };
	vmgexit_read(&r, RFLAGS_FIXED);
	MUST((r.rax & 0xfff) == GHCB_MSR_SEV_INFO_RESP);
	r = (struct registers){ .rax = GHCB_MSR_SEV_INFO_REQ, .rcx = MSR_GHCB };
	MUST(steps(vmgexit_read, vmgexit_read_insn, vmgexit_read_insn + 2, vmgexit_read_insn + 6,
		   vmgexit_read_next, &r));
	MUST((r.rax & 0xfff) == GHCB_MSR_SEV_INFO_RESP);
	wrmsr(MSR_GHCB, old);
	puts("ghcb msr: good");
	return 0;
}

/* 2M at an address that is none: refused, and nothing changes. */
static int test_pvalidate(void)
{
	u64 page = (u64)pvalidate_bare & ~U64_C(0xfff);

	MUST(STEPS(pvalidate_bare, .rax = page, .rcx = 1, .rdx = 1) && r.rax == 1);
	MUST(STEPS(pvalidate_ds, .rax = page, .rcx = 1, .rdx = 1) && r.rax == 1);
	puts("pvalidate: good");
	return 0;
}

static int test_tdx(void)
{
	MUST(STEPS(cr4_bare, .rax = read_cr4()) && STEPS(cr4_ds, .rax = read_cr4()));
	puts("mov to cr4: good");
	MUST(STEPS(tdcall_bare, .rax = TDG_VP_INFO) && !r.rax &&
	     STEPS(tdcall_ds, .rax = TDG_VP_INFO) && !r.rax);
	puts("tdcall: good");
	MUST(STEPS(tdcall_bare, .rax = 0, .rcx = 0xfc00, .r11 = TDVMCALL_GET_TD_VM_CALL_INFO) &&
	     !r.rax);
	MUST(STEPS(tdcall_ds, .rax = 0, .rcx = 0xfc00, .r11 = TDVMCALL_GET_TD_VM_CALL_INFO) &&
	     !r.r10);
	puts("tdvmcall: good");
	return 0;
}

/* One trap a repetition, of which three are left when the fourth has come. */
static int test_outs(void)
{
	static const char text[] = "ABCD";

	r = (struct registers){ .rsi = (u64)text, .rcx = 2, .rdx = 0x406 };
	trap_count = 0;
	trap_limit = 4;
	outs_bare(&r, RFLAGS_FIXED | RFLAGS_TF);
	MUST(traps[0].rip == (u64)outs_bare_insn && traps[1].rip == (u64)outs_bare_insn);
	MUST(traps[2].rip == (u64)outs_bare_next && traps[3].rip == (u64)outs_bare_next + 1);
	MUST(!r.rcx && r.rsi == (u64)text + 2);
	r.rcx = U64_C(0xdead00000002);
	r.rsi |= U64_C(0xdead00000000);
	outs_fs(&r, RFLAGS_FIXED);
	MUST(!r.rcx && r.rsi == (u64)text + 4);
	puts("outs: good");
	return 0;
}

/* The shadow of STI is one instruction long, be it one that exits. */
static int test_interrupt(void)
{
	if (!cc_has(CC_GHCB)) { /* there CPUID is the guest's own #VC handler's */
		apic_self_ipi(IPI_VECTOR);
		r = (struct registers){ .rax = 0x80000008 };
		sti_cpuid(&r, RFLAGS_FIXED);
		cli();
		MUST(irq_rip == (u64)sti_cpuid_next);
	}
	apic_self_ipi(IPI_VECTOR);
	r = (struct registers){ .rcx = own_msr() };
	sti_rdmsr(&r, RFLAGS_FIXED);
	cli();
	MUST(irq_rip == (u64)sti_rdmsr_next);
	puts("interrupt: good");
	return 0;
}

static int test_kind(void)
{
	switch (platform.kind) {
	case PLATFORM_KVM: return test_cpuid() || test_open() || test_hlt() || test_hypercall();
	case PLATFORM_SEV: return test_cpuid() || test_open() || test_hlt() || test_in();
	case PLATFORM_SEV_ES: return test_hlt() || test_ghcb_msr();
	case PLATFORM_SEV_SNP: return test_hlt() || test_ghcb_msr() || test_pvalidate();
	case PLATFORM_TDX: return test_cpuid() || test_tdx();
	default: return 1;
	}
}

static int test(int argc, char **argv)
{
	int failed;

	(void)argc, (void)argv;
	cli();
	write_cr0(read_cr0() & ~(u64)CR0_WP); /* sealed by now */
	trap_set_handler(handler);
	failed = test_kind() || test_msr() || test_cr0() || test_interrupt();
	if (failed || platform.kind != PLATFORM_KVM)
		return failed;
	return test_outs();
}

DEFINE_WORKLOAD("test", "single-steps instructions that exit", test);
