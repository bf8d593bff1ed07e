/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host with two processors. INIT leaves the mode of the x2APIC, and with it the logical id: a
 * processor that is started once more, in real mode, gets an interrupt by it.
 * RUN: %guest-cc %s -o %t -I %S/Inputs
 * RUN: env SMP=2 %S/Inputs/run %build %t | FileCheck %s
 * CHECK: processors: 2 of 2 run
 * CHECK: started once more, and interrupted by its logical id
 * CHECK: QEMU's status 33
 */
#include <stdio.h>
#include <string.h>

#include "../Inputs/must.h"
#include "abi/tdx.h"
#include "early/percpu.h"
#include "kernel/apic.h"
#include "kernel/smp.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "mm/mm.h"
#include "mm/pgtable.h"

#define VECTOR  0x51
#define LOGICAL 0x800
#define INIT    0x4500
#define SIPI    0x4600
#define REG(r)  X2APIC_MSR(APIC_##r)

/* Below 1 MiB, where nothing else is any more: text, and behind it what it uses. */
#define AREA     U64_C(0x6000)
#define VECTORS  (AREA + 0x400)
#define REGISTER (AREA + 0x700)
#define RUNS     (AREA + 0x800)
#define TAKEN    (AREA + 0x804)

extern const u8 area_text[], area_handler[], area_end[];
__asm__(".pushsection .rodata\n.code16\narea_text:\n"
	"cli\nxor %ax, %ax\nmov %ax, %ds\nmov %ax, %ss\nmov $0x6ff0, %sp\nlidt 0x6700\n"
	"mov $0x80f, %ecx\nmov $0x1ff, %eax\nxor %edx, %edx\nwrmsr\n" /* SVR: on */
	"incl 0x6800\nsti\n1: hlt\njmp 1b\n"
	"area_handler:\nincl 0x6804\nmov $0x80b, %ecx\nxor %eax, %eax\nxor %edx, %edx\nwrmsr\n"
	"iret\narea_end:\n.code64\n.popsection");

static void enable(void *context)
{
	(void)context;
	(void)wrmsr_safe(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | APIC_BASE_EXTD);
}

static int make_area(void)
{
	struct table_register vectors = { 0x3ff, VECTORS };
	u16 gate[2] = { (u16)(area_handler - area_text), AREA >> 4 };

	MUST(!pgtable_map(mm_pgtable(), va(AREA), pa(AREA), PAGE_SIZE, PGTABLE_W));
	memset((void *)AREA, 0, PAGE_SIZE);
	memcpy((void *)AREA, area_text, (size_t)(area_end - area_text));
	memcpy((void *)(VECTORS + VECTOR * sizeof(gate)), gate, sizeof(gate));
	memcpy((void *)REGISTER, &vectors, sizeof(vectors));
	return 0;
}

static bool comes(u64 word)
{
	for (unsigned int i = 0; i < 10000000 && !READ_ONCE(*(u32 *)word); i++)
		cpu_relax();
	return *(u32 *)word;
}

static int start_again(void)
{
	MUST(!make_area());
	wrmsr(REG(ICR_LOW), U64_C(1) << 32 | INIT);
	wrmsr(REG(ICR_LOW), U64_C(1) << 32 | SIPI | AREA >> PAGE_SHIFT);
	MUST(comes(RUNS));
	wrmsr(REG(ICR_LOW), U64_C(2) << 32 | LOGICAL | VECTOR);
	MUST(comes(TAKEN));
	printf("started once more, and interrupted by its logical id\n");
	return 0;
}

/* The other one is lost to this program, which cannot wait for it. */
static int workload(int argc, char **argv)
{
	int failed;

	(void)argc, (void)argv;
	smp_run(enable, NULL);
	failed = start_again();
	fflush(stdout);
	outb(0xf4, failed ? 0x11 : 0x10);
	return 1;
}

DEFINE_WORKLOAD("test", "starts a processor once more", workload);
