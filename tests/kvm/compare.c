/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor answers a guest as stock KVM does: one table of hypercall results, CPUID leaves, and
 * MSR reads, writes and faults, taken under both. What differs stands in Inputs/differences with
 * its reason; a difference that is not there, and a reason that no longer is one, fail.
 * MAP_GPA_RANGE is an encrypted guest's under the monitor.
 * REQUIRES: nested
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=kvm --mode=nested --smp 2 %t > %t.kvm
 * RUN: %run-guest --platform=kvm --mode=emulate --vendor=amd --smp 2 %t > %t.kind-kvm
 * RUN: %run-guest --platform=sev --mode=emulate %t -- test calls > %t.kind-sev
 * RUN: grep -v map-gpa %t.kind-kvm > %t.monitor && grep map-gpa %t.kind-sev >> %t.monitor
 * RUN: python3 %S/Inputs/compare.py %t.kvm %t.monitor %S/Inputs/differences
 */
#include <stdio.h>
#include <string.h>

#include "abi/kvm_para.h"
#include "early/percpu.h"
#include "kernel/apic.h"
#include "kernel/smp.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"

#define VECTOR   0x51
#define IPI_NMI  0x400
#define IPI_SMI  0x200
#define LOGICAL  0x800
#define TO_ALL   0x80000
#define NOWHERE  BIT(46) /* an address without memory */
#define NO_CPU   0x7fff0000
#define LAST_MSR 0xffffffff

static char page[2 * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static unsigned int taken;

static void handler(struct trap_frame *frame)
{
	(void)frame;
	__atomic_fetch_add(&taken, 1, __ATOMIC_SEQ_CST);
	apic_eoi();
}

struct call {
	const char *name;
	u64 nr, args[4];
};

/* An SNP guest's pages are converted by its protocol, and by no hypercall. */
static bool converts(const struct call *c)
{
	return c->nr == KVM_HC_MAP_GPA_RANGE && c->args[0] % PAGE_SIZE == 0 && c->args[1] == 1 &&
	       c->args[0] != NOWHERE && c->args[2] < BIT(5);
}

static void show_calls(bool with_conversions)
{
	const u64 here = (u64)(uintptr_t)page;
	const u32 self = pv_cpuid(CPUID_FEATURES, 0).ebx >> 24;
	const struct call calls[] = {
		{ "0", 0, {} },
		{ "vapic-poll-irq", KVM_HC_VAPIC_POLL_IRQ, {} },
		{ "vapic-poll-irq, arguments", KVM_HC_VAPIC_POLL_IRQ, { 1, 2, 3, 4 } },
		{ "mmu-op", 2, {} },
		{ "features", 3, {} },
		{ "ppc-map-magic-page", 4, {} },
		{ "kick-cpu, self", KVM_HC_KICK_CPU, { 0, self } },
		{ "kick-cpu, absent", KVM_HC_KICK_CPU, { 0, NO_CPU } },
		{ "mips-get-clock-freq", 6, {} },
		{ "clock-pairing, wall", KVM_HC_CLOCK_PAIRING, { here, 0 } },
		{ "clock-pairing, kind 1", KVM_HC_CLOCK_PAIRING, { here, 1 } },
		{ "clock-pairing, no memory", KVM_HC_CLOCK_PAIRING, { NOWHERE, 0 } },
		{ "clock-pairing, unaligned", KVM_HC_CLOCK_PAIRING, { here + 1, 0 } },
		{ "send-ipi, nobody", KVM_HC_SEND_IPI, { 0, 0, 0, VECTOR } },
		{ "send-ipi, self", KVM_HC_SEND_IPI, { 1, 0, self, VECTOR } },
		{ "send-ipi, self by high word", KVM_HC_SEND_IPI, { 0, 1, self - 64, VECTOR } },
		{ "send-ipi, absent", KVM_HC_SEND_IPI, { 1, 0, NO_CPU, VECTOR } },
		{ "send-ipi, self and absent",
		  KVM_HC_SEND_IPI,
		  { 3UL << 62 | 1, 7, self, VECTOR } },
		{ "send-ipi, both", KVM_HC_SEND_IPI, { 3, 0, 0, VECTOR } },
		{ "send-ipi, the other", KVM_HC_SEND_IPI, { 2, 0, self, VECTOR } },
		{ "send-ipi, the other by high word",
		  KVM_HC_SEND_IPI,
		  { 0, 2, self - 64, VECTOR } },
		{ "send-ipi, the other alone", KVM_HC_SEND_IPI, { 1, 0, self + 1, VECTOR } },
		{ "send-ipi, one of 128", KVM_HC_SEND_IPI, { ~0UL, ~0UL, self + 1, VECTOR } },
		{ "send-ipi, logical", KVM_HC_SEND_IPI, { 1, 0, self, VECTOR | LOGICAL } },
		{ "send-ipi, shorthand", KVM_HC_SEND_IPI, { 1, 0, self, VECTOR | TO_ALL } },
		{ "send-ipi, SMI to nobody", KVM_HC_SEND_IPI, { 0, 0, self, IPI_SMI } },
		{ "send-ipi, NMI to nobody", KVM_HC_SEND_IPI, { 0, 0, self, IPI_NMI } },
		{ "send-ipi, vector 0 to nobody", KVM_HC_SEND_IPI, { 0, 0, self, 0 } },
		{ "sched-yield, self", KVM_HC_SCHED_YIELD, { self } },
		{ "sched-yield, the other", KVM_HC_SCHED_YIELD, { self + 1 } },
		{ "sched-yield, absent", KVM_HC_SCHED_YIELD, { NO_CPU } },
		{ "map-gpa-range, unaligned", KVM_HC_MAP_GPA_RANGE, { here + 1, 1, 0 } },
		{ "map-gpa-range, empty", KVM_HC_MAP_GPA_RANGE, { here, 0, 0 } },
		{ "map-gpa-range, overflow", KVM_HC_MAP_GPA_RANGE, { here, ~0UL, 0 } },
		{ "map-gpa-range, no memory", KVM_HC_MAP_GPA_RANGE, { NOWHERE, 1, 0 } },
		{ "map-gpa-range, attribute 5", KVM_HC_MAP_GPA_RANGE, { here, 1, BIT(5) } },
		{ "map-gpa-range, attribute 63", KVM_HC_MAP_GPA_RANGE, { here, 1, BIT(63) } },
		{ "map-gpa-range, page size 3", KVM_HC_MAP_GPA_RANGE, { here, 1, 3 } },
		{ "map-gpa-range, to shared", KVM_HC_MAP_GPA_RANGE, { here, 1, 0 } },
		{ "map-gpa-range, to private", KVM_HC_MAP_GPA_RANGE, { here, 1, BIT(4) } },
		{ "13", 13, {} },
		{ "0xffffffff", 0xffffffff, {} },
		{ "-1", ~0UL, {} },
		{ "vapic-poll-irq | 1 << 32", KVM_HC_VAPIC_POLL_IRQ | BIT(32), {} },
	};

	for (size_t i = 0; i < array_count(calls); i++) {
		unsigned int before;
		s64 result;
		const struct call *c = &calls[i];

		if (!with_conversions && converts(c))
			continue;
		before = READ_ONCE(taken);
		result = kvm_hypercall4(c->nr, c->args[0], c->args[1], c->args[2], c->args[3]);

		for (int wait = 0; wait < 1000000 && READ_ONCE(taken) - before < result; wait++)
			cpu_relax();
		printf("hypercall %s: result %ld, %u interrupts\n", c->name, result,
		       READ_ONCE(taken) - before);
	}
}

/* KVM takes it for one that was compiled for another machine, and rewrites it where it may. */
static void show_other_instruction(void)
{
	u64 rax = KVM_HC_VAPIC_POLL_IRQ;

	__asm__ volatile("1: vmcall\n\t2:\n\t" EXTABLE("1b", "2b") : "+a"(rax) : : "memory");
	if (rax & EXTABLE_FAULT)
		printf("hypercall by VMCALL: vector %lu, error code %#lx\n", rax & 0xff, rax >> 32);
	else
		printf("hypercall by VMCALL: result %ld\n", (s64)rax);
}

static void show_regs(u32 leaf, u32 subleaf, struct cpuid_regs r, const char *of)
{
	const u32 values[] = { r.eax, r.ebx, r.ecx, r.edx };

	for (size_t i = 0; i < array_count(values); i++)
		printf("cpuid %#x.%u%s e%cx: %#010x\n", leaf, subleaf, of, 'a' + (char)i,
		       values[i]);
}

static void show_leaf(u32 leaf, u32 subleaf)
{
	show_regs(leaf, subleaf, pv_cpuid(leaf, subleaf), "");
}

/* What tells processors apart, of the other one. */
static const u32 own_leaves[] = { CPUID_FEATURES, 0xb, 0x80000008, 0x8000001e };
static struct cpuid_regs own[CPU_MAX][array_count(own_leaves)];

static void take_own_leaves(void *context)
{
	(void)context;
	for (size_t i = 0; i < array_count(own_leaves); i++)
		own[cpu_index()][i] = pv_cpuid(own_leaves[i], 0);
}

static void show_other_processor(void)
{
	smp_run(take_own_leaves, NULL);
	for (size_t i = 0; i < array_count(own_leaves); i++)
		show_regs(own_leaves[i], 0, own[1][i], " of the other");
}

static void show_leaves(void)
{
	static const u32 leaves[] = {
		0x0,        0x1,        0x2,        0x4,        0x5,        0x6,        0x9,
		0xa,        0xb,        0xf,        0x10,       0x12,       0x14,       0x15,
		0x16,       0x17,       0x18,       0x1d,       0x1f,       0x40000000, 0x40000001,
		0x40000002, 0x40000010, 0x40000100, 0x80000000, 0x80000001, 0x80000002, 0x80000003,
		0x80000004, 0x80000005, 0x80000006, 0x80000007, 0x80000008, 0x8000000a, 0x80000019,
		0x8000001a, 0x8000001b, 0x8000001d, 0x8000001e, 0x8000001f, 0x80000020, 0x80000021,
		0x80000022, 0xc0000000, 0x7fffffff, 0xffffffff,
	};

	for (size_t i = 0; i < array_count(leaves); i++)
		show_leaf(leaves[i], 0);
	for (u32 subleaf = 0; subleaf < 3; subleaf++)
		show_leaf(0x7, subleaf);
	for (u32 subleaf = 0; subleaf < 4; subleaf++)
		show_leaf(0xd, subleaf);
	show_leaf(0xb, 1);
	show_leaf(0x8000001d, 1);
}

/* Reads of these differ by their nature: time, and addresses of this image. */
static const u32 vary[] = {
	MSR_TSC,
	0x3b,  /* TSC_ADJUST */
	0x6e0, /* TSC_DEADLINE */
	0xe7,
	0xe8, /* MPERF, APERF */
	MSR_KVM_WALL_CLOCK_NEW,
	MSR_KVM_SYSTEM_TIME_NEW,
	MSR_KVM_ASYNC_PF_EN,
	MSR_KVM_STEAL_TIME,
	MSR_KVM_PV_EOI_EN,
};

static bool varies(u32 msr)
{
	for (size_t i = 0; i < array_count(vary); i++) {
		if (vary[i] == msr)
			return true;
	}
	return false;
}

static void show_write(u32 msr, const char *what, u64 value)
{
	int fault = wrmsr_safe(msr, value);

	if (fault)
		printf("msr %#x write %s: vector %d\n", msr, what, fault & 0xff);
	else
		printf("msr %#x write %s: ok\n", msr, what);
}

static void show_msr(u32 msr)
{
	u64 value;
	int fault = rdmsr_safe(msr, &value);

	if (fault) {
		printf("msr %#x read: vector %d\n", msr, fault & 0xff);
		show_write(msr, "back", 0);
		return;
	}
	if (varies(msr))
		printf("msr %#x read: ok\n", msr);
	else
		printf("msr %#x read: %#lx\n", msr, value);
	show_write(msr, "back", value);
}

static void show_msrs(void)
{
	static const u32 msrs[] = {
		0x0,        0x1,        0x10,       0x11,       0x12,       0x17,       0x1b,
		0x20,       0x2a,       0x2c,       0x34,       0x3a,       0x3b,       0x48,
		0x49,       0x79,       0x8b,       0x9b,       0x9e,       0xc1,       0xc2,
		0xcd,       0xce,       0xe1,       0xe2,       0xe7,       0xe8,       0xfe,
		0x10a,      0x10b,      0x11e,      0x122,      0x123,      0x140,      0x174,
		0x175,      0x176,      0x179,      0x17a,      0x17b,      0x180,      0x186,
		0x187,      0x198,      0x199,      0x19a,      0x19b,      0x19c,      0x1a0,
		0x1a2,      0x1d9,      0x1db,      0x1dc,      0x1dd,      0x1de,      0x1c4,
		0x1c5,      0x1fc,      0x200,      0x201,      0x20e,      0x20f,      0x250,
		0x258,      0x259,      0x268,      0x26f,      0x277,      0x280,      0x2ff,
		0x309,      0x345,      0x38d,      0x38e,      0x38f,      0x390,      0x3f1,
		0x400,      0x401,      0x402,      0x403,      0x404,      0x480,      0x4d0,
		0x48b,      0x490,      0x560,      0x570,      0x606,      0x610,      0x611,
		0x619,      0x639,      0x641,      0x6a0,      0x6e0,      0x770,      0x800,
		0x802,      0x803,      0x808,      0x80b,      0x80f,      0x830,      0x83f,
		0xc80,      0xd90,      0xda0,      0x40000000, 0x40000001, 0x40000020, 0x40000021,
		0x4b564d00, 0x4b564d01, 0x4b564d02, 0x4b564d03, 0x4b564d04, 0x4b564d05, 0x4b564d06,
		0x4b564d07, 0x4b564d08, 0x4b564d09, 0xc0000080, 0xc0000081, 0xc0000082, 0xc0000083,
		0xc0000084, 0xc0000100, 0xc0000101, 0xc0000102, 0xc0000103, 0xc0000104, 0xc0000200,
		0xc0000300, 0xc0000408, 0xc0010000, 0xc0010003, 0xc0010004, 0xc0010007, 0xc0010010,
		0xc0010015, 0xc0010016, 0xc0010018, 0xc001001a, 0xc001001b, 0xc001001d, 0xc001001f,
		0xc0010020, 0xc0010030, 0xc0010054, 0xc0010055, 0xc0010056, 0xc0010058, 0xc0010060,
		0xc0010061, 0xc0010062, 0xc0010063, 0xc0010064, 0xc0010071, 0xc0010111, 0xc0010112,
		0xc0010113, 0xc0010114, 0xc0010115, 0xc0010117, 0xc0010118, 0xc001011e, 0xc001011f,
		0xc0010130, 0xc0010131, 0xc0010132, 0xc0010133, 0xc0010140, 0xc0010141, 0xc0010200,
		0xc0011020, 0xc0011021, 0xc0011022, 0xc0011023, 0xc0011029, 0xc001102a, 0xc001102c,
		0x12345678, LAST_MSR,
	};

	for (size_t i = 0; i < array_count(msrs); i++)
		show_msr(msrs[i]);
}

/* Values that KVM refuses or takes; what was there before comes back. */
static void show_writes(void)
{
	static const struct {
		u32 msr;
		u64 value;
	} writes[] = {
		{ 0x1a0, 0 }, /* MISC_ENABLE */
		{ 0x6e0, 1 }, /* TSC_DEADLINE */
		{ MSR_KVM_WALL_CLOCK_NEW, 1 },
		{ MSR_KVM_WALL_CLOCK_NEW, NOWHERE },
		{ MSR_KVM_SYSTEM_TIME_NEW, 0 },
		{ MSR_KVM_SYSTEM_TIME_NEW, 2 },
		{ MSR_KVM_SYSTEM_TIME_NEW, 3 },
		{ MSR_KVM_SYSTEM_TIME_NEW, NOWHERE },
		{ MSR_KVM_SYSTEM_TIME_NEW, NOWHERE | KVM_MSR_ENABLED },
		{ MSR_KVM_ASYNC_PF_EN, 0 },
		{ MSR_KVM_ASYNC_PF_EN, BIT(2) },
		{ MSR_KVM_ASYNC_PF_EN, BIT(4) },
		{ MSR_KVM_ASYNC_PF_EN, BIT(5) },
		{ MSR_KVM_ASYNC_PF_EN, BIT(1) },
		{ MSR_KVM_ASYNC_PF_EN, BIT(3) },
		{ MSR_KVM_ASYNC_PF_EN, KVM_MSR_ENABLED },
		{ MSR_KVM_ASYNC_PF_EN, NOWHERE | KVM_MSR_ENABLED | BIT(3) },
		{ MSR_KVM_STEAL_TIME, 0 },
		{ MSR_KVM_STEAL_TIME, 2 },
		{ MSR_KVM_STEAL_TIME, BIT(5) },
		{ MSR_KVM_STEAL_TIME, NOWHERE },
		{ MSR_KVM_STEAL_TIME, NOWHERE | KVM_MSR_ENABLED },
		{ MSR_KVM_PV_EOI_EN, 0 },
		{ MSR_KVM_PV_EOI_EN, 2 },
		{ MSR_KVM_PV_EOI_EN, NOWHERE },
		{ MSR_KVM_PV_EOI_EN, NOWHERE | KVM_MSR_ENABLED },
		{ MSR_KVM_ASYNC_PF_INT, 0x100 },
		{ MSR_KVM_ASYNC_PF_INT, BIT(32) },
		{ MSR_KVM_ASYNC_PF_ACK, 0 },
		{ MSR_KVM_ASYNC_PF_ACK, 1 },
		{ MSR_KVM_ASYNC_PF_ACK, 2 },
		{ MSR_KVM_MIGRATION_CONTROL, 2 },
	};

	for (size_t i = 0; i < array_count(writes); i++) {
		char what[32];
		u64 before = 0;
		int fault = rdmsr_safe(writes[i].msr, &before);

		snprintf(what, sizeof(what), "%#lx", writes[i].value);
		show_write(writes[i].msr, what, writes[i].value);
		if (!fault && wrmsr_safe(writes[i].msr, before))
			printf("msr %#x does not take its own value\n", writes[i].msr);
	}
}

/* Values that a processor or KVM takes, keeps, changes or refuses, and what is read then. */
static void show_kept(void)
{
	static const struct {
		u32 msr;
		u64 value;
	} writes[] = {
		{ 0x17a, 0 }, /* MCG_STATUS */
		{ 0x17a, 4 },
		{ 0x17a, BIT(63) },
		{ 0x140, 1 }, /* MISC_FEATURES_ENABLES */
		{ 0x140, 2 },
		{ 0x174, 0x1234 }, /* SYSENTER_CS, ESP, EIP */
		{ 0x174, BIT(40) },
		{ 0x175, 0x123456789a },
		{ 0x175, BIT(63) },
		{ 0x176, 0x123456789a },
		{ 0x176, BIT(47) },
		{ 0x1a0, BIT(0) }, /* MISC_ENABLE */
		{ 0x1d9, 1 },      /* DEBUGCTL */
		{ 0x1d9, BIT(6) },
		{ 0x1d9, BIT(15) },
		{ 0x1fc, 1 }, /* POWER_CTL */
		{ 0x200, 0 }, /* MTRRs */
		{ 0x200, 2 },
		{ 0x201, BIT(63) },
		{ 0x250, 0x0606060606060606 },
		{ 0x250, 2 },
		{ 0x277, 0x0007040600070406 }, /* PAT */
		{ 0x277, 2 },
		{ 0x277, 0x0808080808080808 },
		{ 0x2ff, 2 },
		{ 0x400, 2 }, /* MC0_CTL, STATUS, ADDR */
		{ 0x401, 0 },
		{ 0x401, 1 },
		{ 0x402, 0 },
		{ 0x402, 1 },
		{ 0x8b, 1 }, /* UCODE_REV */
		{ 0xc0000080, 0 },
		{ 0xc0000080, BIT(1) },
		{ 0xc0000080, BIT(16) },
		{ 0xc0000080, BIT(63) },
		{ 0xc0000081, ~0UL }, /* STAR, LSTAR, CSTAR, SFMASK */
		{ 0xc0000082, 0x123456789a },
		{ 0xc0000082, BIT(63) },
		{ 0xc0000083, BIT(47) },
		{ 0xc0000084, ~0UL },
		{ 0xc0000100, 0x123456789a }, /* FS base */
		{ 0xc0000100, BIT(63) },
		{ 0xc0000102, BIT(62) },
		{ 0xc0000102, 0x123456789a },
		{ 0xc0000103, 0x12345678 }, /* TSC_AUX */
		{ 0xc0000103, BIT(32) },
		{ 0xc0010010, BIT(18) }, /* SYSCFG */
		{ 0xc0010015, BIT(3) },  /* HWCR */
		{ 0xc0010015, BIT(6) },
		{ 0xc0010015, BIT(18) },
		{ 0xc0010015, BIT(24) },
		{ 0xc0010015, BIT(0) },
		{ 0xc001001f, BIT(46) },
		{ 0xc001001f, 0 },
		{ 0xc0010058, 1 },
		{ 0xc0010114, 2 }, /* VM_CR */
		{ 0xc0010114, 16 },
		{ 0xc0010117, 0x1000 },
		{ 0xc0010117, 1 },
		{ 0xc0011029, BIT(1) }, /* DE_CFG */
		{ 0xc0011029, BIT(0) },
	};

	for (size_t i = 0; i < array_count(writes); i++) {
		u64 before, after = 0;

		if (rdmsr_safe(writes[i].msr, &before))
			continue;
		if (wrmsr_safe(writes[i].msr, writes[i].value))
			printf("msr %#x keeps of %#lx: refused\n", writes[i].msr, writes[i].value);
		else if (rdmsr_safe(writes[i].msr, &after))
			printf("msr %#x keeps of %#lx: unreadable\n", writes[i].msr,
			       writes[i].value);
		else
			printf("msr %#x keeps of %#lx: %#lx\n", writes[i].msr, writes[i].value,
			       after & writes[i].value);
		(void)wrmsr_safe(writes[i].msr, before);
	}
}

static int test(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	irq_register(VECTOR, handler);
	show_calls(strcmp(what, "snp") != 0);
	if (!strcmp(what, "calls"))
		return 0;
	if (!*what) /* an encrypted guest's text nobody can rewrite */
		show_other_instruction();
	show_leaves();
	show_other_processor();
	show_msrs();
	show_writes();
	show_kept();
	printf("complete\n");
	return 0;
}

DEFINE_WORKLOAD("test", "what the hypervisor answers", test);
