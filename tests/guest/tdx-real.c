/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In a TD: SEAMCALL is a software error code and TDCALL's own errors come back as they are; ports by
 * #VE have exact widths; a hypercall by VMCALL is refused without asking the host, by R10 it is
 * answered; memory that comes back from the host is zero. What cannot be emulated, a page that is
 * accepted a second time, and a host that takes a page away where #VE tells of it, end the guest.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=tdx %t | FileCheck %s
 * RUN: %run-guest --platform=tdx --status=3 %t -- invd | FileCheck %s -check-prefix=INVD
 * RUN: %run-guest --platform=tdx --status=3 %t -- fatal | FileCheck %s -check-prefix=FATAL
 * RUN: not %run-guest --platform=tdx %t -- again | FileCheck %s -check-prefix=AGAIN
 * RUN: %run-guest --platform=tdx --status=3 --monitor-option=inject=tdx-flexible \
 * RUN:   --trace=%t.trace %t -- taken | FileCheck %s -check-prefix=TAKEN
 * RUN: FileCheck %s -check-prefix=TRACE < %t.trace
 *
 * CHECK: seamcall: 0x8000ff0000000006
 * CHECK-NEXT: leaf 0xfff: 0xc0000100{{[0-9a-f]+}}
 * CHECK-NEXT: info: 52 bits, pending #VE disabled
 * CHECK-NEXT: the host's CPUID: Genu, as the module's: yes, thermal leaf: 0
 * CHECK-NEXT: in: 4 bytes clear the rest, 2 keep it
 * CHECK-NEXT: MMIO over a page's end: refused 3 of 3
 * CHECK-NEXT: vmcall: -1000, hypercall: 0
 * CHECK-NEXT: pages back from the host are zero
 * CHECK-NEXT: slept and woke
 * CHECK: exit status 0
 *
 * INVD: #VE 0xd at 0x{{[0-9a-f]+}}: exit reason not supported
 * INVD: "#VE 0xd at 0x{{.*}}: exit reason not supported (0f 08
 * FATAL: the end of it
 * AGAIN-NOT: accepted again
 * AGAIN: {{violation|ACCEPT of}}
 *
 * An access to private memory is never asked of the host as if it were a device's.
 * TAKEN: taken from 0x[[#%x,]]
 * TAKEN-NEXT: #VE 0x30 at 0x{{[0-9a-f]+}}: operands not supported
 * TAKEN-NOT: it read
 * TRACE: inject vector=0x14 reason=0x30 {{.*}}qualification=0x181 gpa=0x[[PAGE:[0-9a-f]+]]
 * TRACE-NOT: tdvmcall function=0x30 {{.*}}a2=0x{{8?0*}}[[PAGE]]
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "early/fatal.h"
#include "early/tdx.h"
#include "kernel/apic.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "mm/visibility.h"
#include "paravirt/pv_ops.h"

#define PORT_PCI_ADDRESS 0xcf8
#define PORT_PCI_DATA    0xcfc

static void module(void)
{
	struct tdx_module_args args = { 0 };

	printf("seamcall: %#lx\n", seamcall(0, &args));
	args = (struct tdx_module_args){ 0 };
	printf("leaf 0xfff: %#lx\n", tdcall(0xfff, &args));
	printf("info: %d bits, pending #VE %s\n",
	       tdx_info.shared_mask == BIT(51)   ? 52
	       : tdx_info.shared_mask == BIT(47) ? 48
						 : 0,
	       tdx_info.attributes & TDX_ATTR_SEPT_VE_DISABLE ? "disabled" : "by TD_CTLS");
}

static void cpuids(void)
{
	struct cpuid_regs name, features, thermal, module = cpuid_raw(CPUID_FEATURES, 0);

	tdx_cpuid_by_host(CPUID_VENDOR, 0, &name);
	tdx_cpuid_by_host(CPUID_FEATURES, 0, &features);
	tdx_cpuid_by_host(6, 0, &thermal);
	printf("the host's CPUID: %.4s, as the module's: %s, thermal leaf: %u\n",
	       (const char *)&name.ebx, memcmp(&features, &module, sizeof(module)) ? "no" : "yes",
	       thermal.eax);
}

static void ports(void)
{
	u64 long_rax = ~U64_C(0), short_rax = 0x1122334455667788;

	outl(PORT_PCI_ADDRESS, 0x80000000);
	__asm__ volatile("inl %%dx, %%eax" : "+a"(long_rax) : "d"(PORT_PCI_DATA));
	__asm__ volatile("inw %%dx, %%ax" : "+a"(short_rax) : "d"(PORT_PCI_DATA));
	printf("in: 4 bytes %s the rest, 2 %s it\n", long_rax >> 32 ? "leave" : "clear",
	       short_rax == (0x1122334455660000 | (u16)long_rax) ? "keep" : "change");
}

/* From a page in front of the I/O APIC's and of the local APIC's into it, and out of one. */
static void mmio_over_pages(void)
{
	static const struct {
		u64 gpa, size, direction;
	} asked[] = { { 0xfebffffc, 8, TDVMCALL_WRITE },
		      { 0xfedffffc, 8, TDVMCALL_WRITE },
		      { 0xfec00ffd, 4, TDVMCALL_READ } };
	int refused = 0;

	for (unsigned int i = 0; i < array_count(asked); i++) {
		struct tdx_module_args args = { .r11 = TDVMCALL_MMIO,
						.r12 = asked[i].size,
						.r13 = asked[i].direction,
						.r14 = asked[i].gpa | tdx_info.shared_mask };

		refused += tdvmcall(&args) == TDVMCALL_STATUS_INVALID_OPERAND;
	}
	printf("MMIO over a page's end: refused %d of %zu\n", refused, array_count(asked));
}

static void hypercalls(void)
{
	s64 result = KVM_HC_VAPIC_POLL_IRQ;

	__asm__ volatile("vmcall" : "+a"(result)::"memory");
	printf("vmcall: %ld, hypercall: %ld\n", result, kvm_hypercall0(KVM_HC_VAPIC_POLL_IRQ));
}

static void pages(void)
{
	const u64 size = 3 * PAGE_SIZE;
	u8 *memory = memalign(PAGE_SIZE, size);
	u64 wrong = 0;

	memset(memory, 0x55, size);
	if (set_memory_decrypted(va_of(memory), 3))
		printf("not shared\n");
	memset(memory, 0xaa, size);
	if (set_memory_encrypted(va_of(memory), 3))
		printf("not private\n");
	for (u64 i = 0; i < size; i++)
		wrong += memory[i] != 0;
	printf("pages back from the host %s zero\n", wrong ? "are not" : "are");
}

static volatile bool woken;

static void wake(struct trap_frame *frame)
{
	(void)frame;
	woken = true;
	apic_eoi();
}

/* The interrupt is pending before the sleep: that must not miss it. */
static void sleep_late(void)
{
	irq_register(VEC_TIMER, wake);
	cli();
	apic_self_ipi(VEC_TIMER);
	pv_halt();
	printf("slept and %s\n", woken ? "woke" : "did not wake");
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	module();
	cpuids();
	ports();
	mmio_over_pages();
	hypercalls();
	pages();
	sleep_late();
	return 0;
}

static int invd(int argc, char **argv)
{
	(void)argc, (void)argv;
	__asm__ volatile("invd" ::: "memory");
	return 0;
}

static int end(int argc, char **argv)
{
	(void)argc, (void)argv;
	fatal(1, "the end of it");
}

static int again(int argc, char **argv)
{
	u8 *memory = memalign(PAGE_SIZE, PAGE_SIZE);

	(void)argc, (void)argv;
	memset(memory, 1, PAGE_SIZE);
	if (!pv_accept_memory(pa_of(memory), PAGE_SIZE))
		printf("accepted again\n");
	return 0;
}

/* MapGPA behind the page tables' back: a page that is not accepted is in the other one's place. */
static void take(u64 gpa)
{
	const u64 there_and_back[] = { gpa | tdx_info.shared_mask, gpa };

	for (unsigned int i = 0; i < 2; i++) {
		struct tdx_module_args args = { .r11 = TDVMCALL_MAP_GPA,
						.r12 = there_and_back[i],
						.r13 = PAGE_SIZE };

		tdvmcall_must(&args);
	}
}

static int taken(int argc, char **argv)
{
	struct tdx_module_args args = { .rdx = TDCS_TD_CTLS, .r9 = TD_CTLS_PENDING_VE_DISABLE };
	volatile u64 *memory = memalign(PAGE_SIZE, PAGE_SIZE);

	(void)argc, (void)argv;
	memory[5] = 1;
	tdcall_must(TDG_VM_WR, &args);
	take((u64)(uintptr_t)memory);
	printf("taken from %#lx\n", (u64)(uintptr_t)memory);
	printf("it read %lu\n", memory[5]);
	return 0;
}

DEFINE_WORKLOAD("taken", "touches a page that the host took", taken);
DEFINE_WORKLOAD("test", "what only a TD has", test);
DEFINE_WORKLOAD("invd", "an instruction that must not be emulated", invd);
DEFINE_WORKLOAD("fatal", "a fatal error with its text", end);
DEFINE_WORKLOAD("again", "accepts a page twice", again);
