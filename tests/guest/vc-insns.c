/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each instruction that exits as #VC or #VE has its effect, in every operand size and addressing
 * form that the decoder knows, and changes nothing else; the same program passes on plain, where
 * the processor itself executes it.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain %t | FileCheck %s -check-prefixes=CHECK,STRING
 * RUN: %run-guest --platform=sev %t | FileCheck %s -check-prefixes=CHECK,SEV
 * RUN: %run-guest --platform=sev-es %t | FileCheck %s -check-prefixes=CHECK,STRING
 * RUN: %run-guest --platform=snp %t | FileCheck %s -check-prefixes=CHECK,STRING
 * RUN: %run-guest --platform=tdx %t | FileCheck %s -check-prefixes=CHECK,STRING
 * RUN: %run-guest --platform=sev-es --monitor-option=intercept=rdtsc %t \
 * RUN:   | FileCheck %s -check-prefixes=CHECK,STRING
 * RUN: %run-guest --platform=snp --monitor-option=intercept=rdtsc %t \
 * RUN:   | FileCheck %s -check-prefixes=CHECK,STRING
 * CHECK: cpuid: good
 * CHECK-NEXT: msr: good
 * CHECK-NEXT: ports: good
 * STRING-NEXT: two lines by rep outsb,
 * STRING-NEXT: the second backwards
 * STRING-NEXT: string ports: good
 * SEV-NEXT: string ports: none
 * CHECK: system instructions: good
 * CHECK-NEXT: what a host may intercept: good
 * STRING-NEXT: mmio loads: good
 * STRING-NEXT: mmio stores: good
 * STRING-NEXT: mmio strings: good
 * SEV-NEXT: mmio: AHCI controller by its registers
 * CHECK: exit status 0
 */
#include <stdio.h>
#include <string.h>

#include "../Inputs/must.h"
#include "abi/ghcb.h"
#include "abi/kvm_para.h"
#include "early/platform.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/mm.h"
#include "paravirt/pv_ops.h"

/* The host bridge and the AHCI controller of q35, by ports and by the enhanced mechanism. */
#define PORT_PCI_ADDRESS   0xcf8
#define PORT_PCI_DATA      0xcfc
#define BRIDGE_ID          0x29c08086u
#define BRIDGE_PCIEXBAR    0x60
#define PCIEXBAR_256M_ON   1
#define ECAM_BRIDGE        0xb0000000
#define ECAM_AHCI          0xb00fa000
#define PCI_BAR5           0x24
#define PCI_INTERRUPT_LINE 0x3c
#define PCI_COMMAND        0x04
#define PCI_COMMAND_MEMORY BIT(1)
#define AHCI               (0x1f << 11 | 2 << 8)
#define AHCI_REGISTERS     0xfea00000
/* Of four bytes each: the version, and the first port's command list */
#define AHCI_VERSION (0x10 / 4)
#define AHCI_LIST    (0x100 / 4)

static bool same(struct cpuid_regs a, struct cpuid_regs b) { return !memcmp(&a, &b, sizeof(a)); }

static int test_cpuid(void)
{
	struct cpuid_regs r = cpuid_raw(0, 0);

	MUST(!memcmp(&r.ebx, platform.vendor, 4));
	MUST(same(r, pv_cpuid(0, 0)));
	for (u32 leaf = 1; leaf < 0xe; leaf++)
		MUST(same(cpuid_raw(leaf, 0), pv_cpuid(leaf, 0)));
	MUST(same(cpuid_raw(0xd, 1), pv_cpuid(0xd, 1)));
	MUST(same(cpuid_raw(0x8000001f, 0), pv_cpuid(0x8000001f, 0)));
	MUST(!(cpuid_raw(1, 0).ecx & CPUID_FEATURES_ECX_OSXSAVE) == !(read_cr4() & CR4_OSXSAVE));
	if (platform.kind == PLATFORM_SEV_SNP)
		MUST(same(cpuid_raw(0x30000000, 0), (struct cpuid_regs){ 0 }));
	puts("cpuid: good");
	return 0;
}

static int test_msr(void)
{
	u64 by_insn, by_hook;

	MUST(!rdmsr_safe(MSR_APIC_BASE, &by_insn));
	MUST(!pv_msr_read(MSR_APIC_BASE, &by_hook));
	MUST(by_insn == by_hook && by_insn & APIC_BASE_ENABLE);
	/* A TD's host keeps it: KVM's tdx_is_read_only_msr() */
	MUST(wrmsr_safe(MSR_APIC_BASE, by_insn) ==
	     (platform.kind == PLATFORM_TDX ? EXTABLE_FAULT | VEC_GP : 0));
	MUST(!rdmsr_safe(MSR_PAT, &by_insn) && !wrmsr_safe(MSR_PAT, by_insn));
	if (cc_has(CC_GHCB)) {
		/* The host's #GP comes out of the instruction, and of the hook as a code. */
		MUST(rdmsr_safe(0xdead, &by_insn) == (EXTABLE_FAULT | VEC_GP));
		MUST(wrmsr_safe(0xdead, 0) == (EXTABLE_FAULT | VEC_GP));
		MUST(pv_msr_read(0xdead, &by_hook) == -E_FAULT);
	}
	puts("msr: good");
	return 0;
}

static int test_ports(void)
{
	u64 rax = 0x1122334455667788;
	u8 mask;

	outl(PORT_PCI_ADDRESS, 0x80000000);
	MUST(inl(PORT_PCI_ADDRESS) == 0x80000000);
	MUST(inl(PORT_PCI_DATA) == BRIDGE_ID);
	MUST(inw(PORT_PCI_DATA) == (u16)BRIDGE_ID && inw(PORT_PCI_DATA + 2) == BRIDGE_ID >> 16);
	MUST(inb(PORT_PCI_DATA) == (u8)BRIDGE_ID);
	MUST(pv_io_in(PORT_PCI_DATA, 4) == BRIDGE_ID && pv_io_in(PORT_PCI_DATA, 2) == 0x8086);

	mask = inb(PORT_PIC1_DATA);
	outb(PORT_PIC1_DATA, 0xfb);
	MUST(inb(PORT_PIC1_DATA) == 0xfb);
	__asm__ volatile("inb %1, %%al" : "+a"(rax) : "N"(PORT_PIC1_DATA)); /* immediate port */
	MUST(rax == 0x11223344556677fb);
	outb(PORT_PIC1_DATA, mask);
	rax = 0x1122334455667788;
	__asm__ volatile("inw %%dx, %%ax" : "+a"(rax) : "d"(PORT_PCI_DATA));
	MUST(rax == 0x1122334455668086);
	__asm__ volatile("inl %%dx, %%eax" : "+a"(rax) : "d"(PORT_PCI_DATA));
	MUST(rax == BRIDGE_ID); /* 32 bits clear the rest */
	puts("ports: good");
	return 0;
}

static void wait_serial(void)
{
	while (!(inb(PORT_COM1 + 5) & 0x40))
		;
}

static int test_string_ports(void)
{
	static const char text[] = "two lines by rep outsb,\n";
	static const char reversed[] = "\nsdrawkcab dnoces eht";
	const char *from = reversed + strlen(reversed) - 1;
	u64 count = strlen(reversed);
	u32 ids[3] = { 0, 0, 7 };
	void *to = ids;

	if (platform.kind == PLATFORM_SEV) { /* the host would do them on ciphertext */
		puts("string ports: none");
		return 0;
	}
	wait_serial();
	outsb(PORT_COM1, text, strlen(text));
	wait_serial();
	__asm__ volatile("std; rep outsb; cld"
			 : "+S"(from), "+c"(count)
			 : "d"(PORT_COM1)
			 : "memory");
	MUST(from == reversed - 1 && count == 0);
	wait_serial();

	count = 2;
	__asm__ volatile("rep insl" : "+D"(to), "+c"(count) : "d"(PORT_PCI_DATA) : "memory");
	MUST(ids[0] == BRIDGE_ID && ids[1] == BRIDGE_ID && ids[2] == 7);
	MUST(to == &ids[2] && count == 0);
	__asm__ volatile("insw" : "+D"(to) : "d"(PORT_PCI_DATA) : "memory");
	MUST(ids[2] == 0x8086 && to == (u8 *)ids + 10);
	count = 0;
	__asm__ volatile("rep insl" : "+D"(to), "+c"(count) : "d"(PORT_PCI_DATA) : "memory");
	MUST(to == (u8 *)ids + 10);

	to = ids;
	count = U64_C(0xdead00000002); /* only ECX counts, and comes out cleared above */
	__asm__ volatile("addr32 rep insb" : "+D"(to), "+c"(count) : "d"(PORT_PCI_DATA) : "memory");
	MUST(to == (u8 *)ids + 2 && (u32)count == 0);
	puts("string ports: good");
	return 0;
}

static int test_system(void)
{
	u64 before = rdtsc(), after, dr7 = read_dr7();
	u32 aux;

	after = rdtscp(&aux);
	MUST(after > before);
	wbinvd();
	pv_wbinvd();
	write_dr7(dr7 | 0x300);
	MUST(read_dr7() == (dr7 | 0x300));
	write_dr7(dr7);
	MUST(read_dr7() == dr7);
	puts("system instructions: good");
	return 0;
}

/* Instructions that this host does not intercept: the frame is what #VC would bring. */
__asm__(".text\n"
	"insn_rdtsc: rdtsc\n"
	"insn_rdtscp: rdtscp\n"
	"insn_monitor: monitor\n"
	"insn_mwait: mwait\n"
	"insn_monitorx: monitorx\n"
	"insn_mwaitx: mwaitx\n"
	"insn_vmmcall: vmmcall\n"
	"insn_end:\n");
extern const char insn_rdtsc[], insn_rdtscp[], insn_monitor[], insn_mwait[], insn_monitorx[],
	insn_mwaitx[], insn_vmmcall[], insn_end[];

static struct trap_frame exit_at(u64 code, const char *insn)
{
	struct trap_frame frame = {
		.vector = VEC_VC,
		.error_code = code,
		.rip = (u64)(uintptr_t)insn,
		.cs = 8,
		.rax = KVM_HC_SCHED_YIELD,
		.rcx = 2,
		.rdx = 3,
	};

	pv_handle_exception(&frame);
	return frame;
}

static int test_intercepts(void)
{
	struct trap_frame f;
	u64 before = rdtsc();

	if (cc_has(CC_GHCB)) {
		f = exit_at(SVM_EXIT_RDTSC, insn_rdtsc);
		MUST(f.rip == (u64)(uintptr_t)insn_rdtscp && f.rcx == 2 && !(f.rax >> 32));
		MUST((f.rdx << 32 | f.rax) > before);
		f = exit_at(SVM_EXIT_RDTSCP, insn_rdtscp);
		MUST(f.rip == (u64)(uintptr_t)insn_monitor && !f.rcx);
		f = exit_at(SVM_EXIT_MONITOR, insn_monitor);
		MUST(f.rip == (u64)(uintptr_t)insn_mwait && f.rcx == 2 && f.rdx == 3);
		f = exit_at(SVM_EXIT_MWAIT, insn_mwait);
		MUST(f.rip == (u64)(uintptr_t)insn_monitorx);
		f = exit_at(SVM_EXIT_MONITOR, insn_monitorx);
		MUST(f.rip == (u64)(uintptr_t)insn_mwaitx && f.rcx == 2 && f.rdx == 3);
		f = exit_at(SVM_EXIT_MWAIT, insn_mwaitx);
		MUST(f.rip == (u64)(uintptr_t)insn_vmmcall);
		f = exit_at(SVM_EXIT_VMMCALL, insn_vmmcall);
		MUST(f.rip == (u64)(uintptr_t)insn_end && !f.rax && f.rdx == 3);
	}
	puts("what a host may intercept: good");
	return 0;
}

#define LOAD(insn, type, before)                                                                   \
	({                                                                                         \
		u64 value = (before);                                                              \
                                                                                                   \
		__asm__ volatile(insn : "+a"(value) : "b"(p), "c"(u64_one) : "memory");            \
		(type) value;                                                                      \
	})
#define OLD U64_C(0x1122334455667788)

static u64 u64_one = 1;

/* Where firmware puts it, of which there is none in our ROM. */
static void enable_ecam(void)
{
	outl(PORT_PCI_ADDRESS, 0x80000000 | BRIDGE_PCIEXBAR);
	outl(PORT_PCI_DATA, ECAM_BRIDGE | PCIEXBAR_256M_ON);
}

static int test_loads(void)
{
	const volatile u8 *p = mmio_map(pa(ECAM_BRIDGE), PAGE_SIZE);

	/* 8086 29c0: bytes 86 80 c0 29 */
	MUST(LOAD("movl (%%rbx), %%eax", u64, OLD) == BRIDGE_ID);
	MUST(LOAD("movw (%%rbx), %%ax", u64, OLD) == 0x1122334455668086);
	MUST(LOAD("movb (%%rbx), %%al", u64, OLD) == 0x1122334455667786);
	MUST(LOAD("movb 2(%%rbx), %%ah", u64, OLD) == 0x112233445566c088);
	MUST(LOAD("movzbl (%%rbx), %%eax", u64, OLD) == 0x86);
	MUST(LOAD("movzbw 1(%%rbx), %%ax", u64, OLD) == 0x1122334455660080);
	MUST(LOAD("movzwl 2(%%rbx), %%eax", u64, OLD) == 0x29c0);
	MUST(LOAD("movzwq (%%rbx), %%rax", u64, OLD) == 0x8086);
	MUST(LOAD("movsbl (%%rbx), %%eax", u64, OLD) == 0xffffff86);
	MUST(LOAD("movsbq (%%rbx), %%rax", u64, OLD) == 0xffffffffffffff86);
	MUST(LOAD("movswl (%%rbx), %%eax", u64, OLD) == 0xffff8086);
	MUST(LOAD("movslq (%%rbx), %%rax", u64, OLD) == BRIDGE_ID);
	MUST(LOAD("movzbl 1(%%rbx,%%rcx,2), %%eax", u64, OLD) == 0x29);
	MUST(LOAD("movabsl 0xb0000000, %%eax", u64, OLD) == BRIDGE_ID);
	MUST(LOAD("addr32 movl (%%ebx), %%eax", u64, OLD) == BRIDGE_ID);
	MUST(pv_mmio_read(pa(ECAM_BRIDGE), 4) == BRIDGE_ID);
	puts("mmio loads: good");
	return 0;
}

#define STORE(insn, value)                                                                         \
	__asm__ volatile(insn : : "a"((u64)(value)), "b"(p), "c"(u64_one) : "memory")

static int test_stores(void)
{
	volatile u8 *p = mmio_map(pa(ECAM_AHCI), PAGE_SIZE);
	volatile u32 *bar = (volatile u32 *)(p + PCI_BAR5);
	u32 bar_before = *bar, line = p[PCI_INTERRUPT_LINE];

	STORE("movb %%al, 0x3c(%%rbx)", 0x12);
	MUST(p[PCI_INTERRUPT_LINE] == 0x12);
	STORE("movb %%ah, 0x3c(%%rbx)", 0x3412);
	MUST(p[PCI_INTERRUPT_LINE] == 0x34);
	STORE("movb $0x56, 0x3c(%%rbx)", 0);
	MUST(p[PCI_INTERRUPT_LINE] == 0x56);
	STORE("movb %%al, 0x3b(%%rbx,%%rcx)", 0x78);
	MUST(p[PCI_INTERRUPT_LINE] == 0x78);
	STORE("movl %%eax, 0x24(%%rbx)", 0xfe123000);
	MUST(*bar == 0xfe123000);
	STORE("movl $0xfe456000, 0x24(%%rbx)", 0);
	MUST(*bar == 0xfe456000);
	STORE("movw %%ax, 0x26(%%rbx)", 0xfe78);
	MUST(*bar == 0xfe786000);
	STORE("movw $0xfe9a, 0x26(%%rbx)", 0);
	MUST(*bar == 0xfe9a6000);
	STORE("movntil %%eax, 0x24(%%rbx)", 0xfebc0000);
	MUST(*bar == 0xfebc0000);
	pv_mmio_write(pa(ECAM_AHCI + PCI_BAR5), 4, bar_before);
	MUST(*bar == bar_before);
	p[PCI_INTERRUPT_LINE] = (u8)line;
	puts("mmio stores: good");
	return 0;
}

static int test_strings(void)
{
	volatile u8 *p = mmio_map(pa(ECAM_AHCI), PAGE_SIZE);
	volatile u32 *bar = (volatile u32 *)(p + PCI_BAR5);
	u32 before = *bar, copy[4] = { 0 }, value = 0xfe345000;
	volatile void *from = p;
	volatile void *to = copy;
	u64 count = 4;

	__asm__ volatile("rep movsl" : "+S"(from), "+D"(to), "+c"(count) : : "memory");
	MUST(copy[0] == 0x29228086 && copy[3] == pv_mmio_read(pa(ECAM_AHCI + 12), 4));
	MUST(from == p + 16 && to == copy + 4 && !count);

	from = &value;
	to = bar;
	__asm__ volatile("movsl" : "+S"(from), "+D"(to) : : "memory");
	MUST(*bar == value && from == &value + 1 && to == bar + 1);

	to = p + PCI_INTERRUPT_LINE;
	__asm__ volatile("stosb" : "+D"(to) : "a"(0x0b) : "memory");
	MUST(p[PCI_INTERRUPT_LINE] == 0x0b && to == p + PCI_INTERRUPT_LINE + 1);

	to = bar;
	count = 1;
	__asm__ volatile("std; rep stosl; cld" : "+D"(to), "+c"(count) : "a"(before) : "memory");
	MUST(*bar == before && to == bar - 1 && !count);
	puts("mmio strings: good");
	return 0;
}

static u32 pci_ahci(u32 reg)
{
	outl(PORT_PCI_ADDRESS, 0x80000000 | AHCI | reg);
	return inl(PORT_PCI_DATA);
}

static void pci_ahci_set(u32 reg, u32 value)
{
	outl(PORT_PCI_ADDRESS, 0x80000000 | AHCI | reg);
	outl(PORT_PCI_DATA, value);
}

/* An SEV guest has devices to itself, and no configuration memory: another device's registers. */
static int test_own_device(void)
{
	volatile u32 *ahci;
	u32 list;

	pci_ahci_set(PCI_BAR5, AHCI_REGISTERS);
	pci_ahci_set(PCI_COMMAND, pci_ahci(PCI_COMMAND) | PCI_COMMAND_MEMORY);
	ahci = mmio_map(pa(AHCI_REGISTERS), PAGE_SIZE);
	MUST(ahci[AHCI_VERSION] == 0x00010000 &&
	     pv_mmio_read(pa(AHCI_REGISTERS + 0x10), 4) == 0x00010000);
	list = ahci[AHCI_LIST];
	ahci[AHCI_LIST] = 0x12345c00;
	MUST(ahci[AHCI_LIST] == 0x12345c00);
	pv_mmio_write(pa(AHCI_REGISTERS + 4 * AHCI_LIST), 4, list);
	MUST(ahci[AHCI_LIST] == list);
	puts("mmio: AHCI controller by its registers");
	return 0;
}

static int test_mmio(void)
{
	if (platform.kind == PLATFORM_SEV)
		return test_own_device();
	enable_ecam();
	return test_loads() || test_stores() || test_strings();
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	return test_cpuid() || test_msr() || test_ports() || test_string_ports() || test_system() ||
	       test_intercepts() || test_mmio();
}

DEFINE_WORKLOAD("test", "instructions that exit", test);
