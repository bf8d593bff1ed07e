/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host that does anything, by a seed: PSP commands, RMPUPDATE and PSMASH, VMCBs and VMSAs of any
 * contents, MSRs, PCI configuration, the I/O MMU's registers, SMIs and the like by interrupt
 * controllers. Its machine goes on. Then with a second processor that runs guests meanwhile, and
 * takes pages.
 * RUN: %guest-cc %s -o %t -I %S/Inputs
 * RUN: %S/Inputs/run %build %t | FileCheck %s
 * RUN: env SMP=2 %S/Inputs/run %build %t | FileCheck %s --check-prefixes=CHECK,TWO
 * CHECK: 600 steps by seed 1, the machine goes on, {{[1-9][0-9]+}} guests ran
 * TWO-NEXT: the other processor ran {{[1-9][0-9]+}}
 * CHECK: QEMU's status 33
 */
#include <stdlib.h>

#include "abi/tdx.h"
#include "early/percpu.h"
#include "kernel/smp.h"
#include "kernel/traps.h"
#include "lib/compiler.h"
#include "snp.h"

#define STEPS     600
#define IOMMU     0xfed80000
#define IOMMU_BAR 0x4000
#define TIMER     0xf0
#define PICS      0xe0 /* 16 vectors */
#define APIC      U64_C(0xfee00000)
#define IOAPIC    U64_C(0xfec00000)
#define INIT      0x500

#define MSR_AVIC_DOORBELL 0xc001011b /* APM2 15.29.10 */

GUEST(code,
      "1: vmmcall\n.byte 0xf3, 0x0f, 0x01, 0xd9\ncpuid\nmov %cr3, %rax\nmov %rax, %cr3\nrdtsc\n"
      "mov vm_area(%rip), %rbx\nmov %eax, (%rbx)\nout %al, $0x80\nhlt\njmp 1b");

#define PROCESSORS 2

/* What each processor has of its own. */
static struct cpu {
	u64 seed;
	struct vmcb *vmcb, *hsave;
	unsigned int ran;
} cpus[PROCESSORS];

static u64 arena;
static struct vmcb good;
static unsigned int steps;
static bool done, failed;
static u32 iommu_slot, psp_slot;

static u64 next(void)
{
	u64 z = cpus[cpu_index()].seed += U64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * U64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * U64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* What may make a difference: addresses of what may be spoilt alone, numbers, bits. */
static u64 value(void)
{
	switch (next() % 8) {
	case 0: return 0;
	case 1: return next() % 16;
	case 2: return arena + next() % 512 * PAGE;
	case 3: return arena + next() % HUGE;
	case 4: return BIT(next() % 64);
	case 5: return ~U64_C(0) << next() % 64;
	case 6: return next() & 0xffffffff;
	default: return next();
	}
}

static void commands(void)
{
	static const u16 ids[] = { 0x01, 0x04, 0x0a, 0x20, 0x21, 0x22, 0x23, 0x30, 0x31,
				   0x32, 0x33, 0x34, 0x35, 0x60, 0x61, 0x81, 0x84, 0x85,
				   0x86, 0x90, 0x91, 0x92, 0x93, 0xa0, 0xa1, 0xa2, 0xb0,
				   0xb1, 0xc6, 0xc7, 0xc8, 0xc9, 0xcb, 0xce };

	u32 id;

	memset(&psp_buffer, 0, sizeof(psp_buffer));
	for (unsigned int i = 0; i < 64; i += 4)
		if (next() % 2) {
			u64 v = value();

			memcpy(psp_buffer.bytes + i, &v, 4 + next() % 2 * 4);
		}
	id = next() % 8 ? ids[next() % array_count(ids)] : (u32)next() % 0x200;
	/* Without SNP a launch enciphers whatever it names, and all of this host's own memory. */
	if (id != 0x02 && id != 0x82 && id != 0x86)
		(void)psp_command(id);
}

static void pages(void)
{
	const struct rmp_state state = { value(),
					 (u8)(next() % 2),
					 (u8)(next() % 2),
					 (u8)(next() % 2),
					 0,
					 (u32)(next() % 4 ? next() % 8 : value()) };
	u64 pa = next() % 8 ? arena + next() % 512 * PAGE : value() | BIT(46);

	if (next() % 4)
		(void)rmpupdate(pa, state);
	else
		(void)psmash(pa);
}

static void spoil(void *at, u64 size)
{
	for (u64 n = next() % 6; n; n--) {
		u64 v = value();

		memcpy((u8 *)at + next() % (size / 8) * 8, &v, 8);
	}
}

/* Somebody interrupts whatever runs. */
static void timer(u32 ticks)
{
	*(volatile u32 *)(APIC + 0x3e0) = 0xb;
	*(volatile u32 *)(APIC + 0x320) = TIMER;
	*(volatile u32 *)(APIC + 0x380) = ticks;
}

static void guests(void)
{
	struct cpu *cpu = &cpus[cpu_index()];
	struct vmcb_control_area *c = &cpu->vmcb->control;

	*cpu->vmcb = good;
	spoil(c, 0x400);
	if (next() % 2)
		spoil(&cpu->vmcb->save, 0x400);
	if (next() % 4 == 0)
		c->nested_ctl = next() % 8;
	if (next() % 4 == 0)
		c->asid = (u32)next() % 600;
	c->vmsa_pa = next() % 2 ? arena + next() % 512 * PAGE : value();
	for (unsigned int i = 0; i < 6; i++)
		c->intercepts[i] |= good.control.intercepts[i];
	cpu->hsave->save.xcr0 = xgetbv(0);
	timer(100000);
	cpu->ran += vm_run_by(cpu->vmcb, cpu->hsave) != ~U64_C(0);
}

/* Not those that this host itself lives by: where its system calls go, how its memory is cached. */
static void msrs(void)
{
	static const u32 known[] = {
		MSR_SYSCFG,
		MSR_HWCR,
		MSR_RMP_BASE,
		MSR_RMP_END,
		MSR_VM_CR,
		MSR_SEV_STATUS,
		MSR_GHCB,
		MSR_AVIC_DOORBELL,
		X2APIC_MSR(APIC_ID),
		X2APIC_MSR(APIC_ICR_LOW),
	};
	u32 msr = known[next() % array_count(known)];
	u64 was;

	if (rdmsr_safe(msr, &was))
		return;
	(void)wrmsr_safe(msr, value());
	(void)wrmsr_safe(msr, was);
}

/*
 * Modes that the machine's firmware alone has use for, to anybody. Of a pin an ExtINT would be the
 * interrupt controller's before it, and this host's own.
 */
static void interrupts(void)
{
	static const u32 modes[] = { 2, 3, 7 }; /* SMI, none, ExtINT */
	u32 other = (u32)value() & ~0x700U, command = other | modes[next() % 2] << 8;

	*(volatile u32 *)(APIC + APIC_ICR_HIGH) = (u32)value();
	*(volatile u32 *)(APIC + APIC_ICR_LOW) = other | modes[next() % 3] << 8;
	*(volatile u32 *)(APIC + (next() % 2 ? APIC_LVT_PERF : APIC_LVT_LINT1)) = command;
	*(volatile u32 *)IOAPIC = 0x10 + next() % 24 * 2;
	*(volatile u32 *)(IOAPIC + 0x10) = next() % 2 ? command : other | INIT;
}

static void devices(void)
{
	u32 slot = next() % 2 ? iommu_slot : psp_slot;
	u32 at = (u32)next() % 64 * 4;

	if (next() % 2)
		pci_set(slot, at, (u32)value());
	else
		*(volatile u32 *)(IOMMU + next() % (IOMMU_BAR / 4) * 4) = (u32)value();
	pci_set(psp_slot, 0x18, PSP_BAR);
	pci_set(psp_slot, 4, 2);
	(void)pci_at(slot, at);
}

static void step(void)
{
	switch (next() % 7) {
	case 0: commands(); break;
	case 1: pages(); break;
	case 2:
	case 3: guests(); break;
	case 4: msrs(); break;
	case 5: interrupts(); break;
	default: devices(); break;
	}
}

static __attribute__((target("general-regs-only"))) void tick(struct trap_frame *frame)
{
	(void)frame;
	*(volatile u32 *)(APIC + 0xb0) = 0;
}

/* An ExtINT with nothing pending is the PIC's vector for its spurious one: no exception's. */
static void move_pics(void)
{
	static const struct {
		u16 port;
		u8 value;
	} words[] = {
		{ 0x20, 0x11 }, { 0xa0, 0x11 }, { 0x21, PICS }, { 0xa1, PICS + 8 }, { 0x21, 4 },
		{ 0xa1, 2 },    { 0x21, 1 },    { 0xa1, 1 },    { 0x21, 0xff },     { 0xa1, 0xff },
	};

	for (unsigned int i = 0; i < array_count(words); i++)
		outb(words[i].port, words[i].value);
	for (unsigned int i = 0; i < 16; i++)
		irq_register(PICS + i, tick);
}

/* The guest has a copy of the image, with tables for no key, and writes nowhere else but there. */
static int confine(void)
{
	u64 copy = image_copy(), *tables = (u64 *)(copy + (u64)guest_tables - IMAGE);

	MUST(copy);
	for (unsigned int i = 0; i < sizeof(guest_tables) / 8; i++)
		tables[i] &= ~C_BIT;
	for (unsigned int i = 0; i < 512; i++)
		if (i != IMAGE / HUGE && i != arena / HUGE && i != vm_area / HUGE)
			npt[i] &= ~(u64)PTE_W;
	sev_state(&vmcb->save, code);
	vmcb->save.cr3 &= ~C_BIT;
	return 0;
}

/* SNP_INIT asks each processor for it; and DF_FLUSH for the other. */
static void enable(void *context)
{
	(void)context;
	(void)wrmsr_safe(MSR_SYSCFG, SYSCFG_SNP_ALL);
}

static void flush(void *context)
{
	(void)context;
	wbinvd();
}

static int prepare(void)
{
	pa_t block;

	smp_run(enable, NULL);
	MUST(!snp_init());
	smp_run(flush, NULL);
	MUST(!psp_command(0x84) && !vm_new() && !phys_alloc(9, &block));
	arena = block.value;
	for (u64 i = 0; i < HUGE; i += 8)
		*(u64 *)(arena + i) = value();
	while (pci_at(psp_slot, 0) != PCI_FUNCTION)
		psp_slot++;
	while (pci_at(iommu_slot, 0) != 0x164f1022)
		iommu_slot++;
	MUST(!pgtable_map(mm_pgtable(), va(IOMMU), pa(IOMMU), IOMMU_BAR, PGTABLE_W));
	MUST(mmio_map(pa(IOAPIC), PAGE));
	irq_register(TIMER, tick);
	move_pics();
	if (confine())
		return 1;
	intercept(VMCB_INTERCEPT_INTR);
	intercept(VMCB_INTERCEPT_HLT);
	good = *vmcb;
	return 0;
}

static int begin(struct cpu *cpu)
{
	write_cr4(read_cr4() | CR4_OSXSAVE);
	if (!cpu_index()) {
		cpu->vmcb = vmcb;
		cpu->hsave = hsave;
		return 0;
	}
	MUST(!wrmsr_safe(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME));
	MUST(!wrmsr_safe(MSR_VM_HSAVE_PA, (u64)cpu->hsave));
	return 0;
}

static void run(void *context)
{
	struct cpu *cpu = &cpus[cpu_index()];

	(void)context;
	if (begin(cpu))
		WRITE_ONCE(failed, true);
	for (unsigned int i = 0; !cpu_index() && i < steps; i++)
		step();
	while (cpu_index() && !READ_ONCE(done) && !READ_ONCE(failed)) {
		if (next() % 4)
			guests();
		else
			pages();
	}
	if (!cpu_index())
		WRITE_ONCE(done, true);
}

static int workload(int argc, char **argv)
{
	steps = argc > 2 ? (unsigned int)atoi(argv[2]) : STEPS;
	cpus[0].seed = argc > 1 ? (u64)atoi(argv[1]) : 1;
	cpus[1].seed = ~cpus[0].seed;
	printf("fuzz: ");
	cpus[1].vmcb = page_new();
	cpus[1].hsave = page_new();
	if (!cpus[1].hsave || prepare())
		return 1;
	smp_run(run, NULL);
	printf("%u steps by seed %s, the machine goes on, %u guests ran\n", steps,
	       argc > 1 ? argv[1] : "1", cpus[0].ran);
	if (smp_count() > 1)
		printf("the other processor ran %u\n", cpus[1].ran);
	return failed;
}

DEFINE_WORKLOAD("test", "is a host that does anything", workload);
