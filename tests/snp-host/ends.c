/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What no machine goes on after ends this one, with a sentence: a host that touches what its
 * firmware calls reserved, that shuts down, that suspends, or that lets a guest shut down, which is
 * a reset. And one that stores to the end of a page and the first registers of a device at once.
 * RUN: %guest-cc %s -o %t -I %S/Inputs
 * RUN: not env ARGS=own %S/Inputs/run %build %t | FileCheck %s --check-prefix=OWN
 * OWN: monitor: the guest crashed: it touched the monitor's memory
 * OWN: QEMU's status 43
 * RUN: not env ARGS=triple %S/Inputs/run %build %t | FileCheck %s --check-prefix=TRIPLE
 * TRIPLE: monitor: the guest crashed: shutdown (triple fault)
 * TRIPLE: QEMU's status 43
 * RUN: not env ARGS=guest %S/Inputs/run %build %t | FileCheck %s --check-prefix=GUEST
 * GUEST: monitor: the guest crashed: a guest's shutdown, which it lets be
 * GUEST: QEMU's status 43
 * RUN: not env ARGS=across %S/Inputs/run %build %t | FileCheck %s --check-prefix=ACROSS
 * ACROSS: monitor: the guest crashed: it wrote a device's register other than by a plain store
 * ACROSS: QEMU's status 43
 * RUN: not env ARGS=suspend %S/Inputs/run %build %t | FileCheck %s --check-prefix=SUSPEND
 * SUSPEND: monitor: the guest crashed: it suspended the machine, which the monitor would not survive
 * SUSPEND: QEMU's status 43
 */
#include "mm/mm.h"
#include "vm.h"

#define MONITOR 0xfe00000 /* at the end of 256M */
#define IOMMU   0xfed80000

GUEST(code, "ud2"); /* and it has no IDT */

static void without_idt(void)
{
	const struct table_register none = { 0, 0 };

	__asm__ volatile("lidt %0\n\tud2" ::"m"(none));
}

static int guest(void)
{
	if (vm_new())
		return 1;
	vm_state(&vmcb->save, code);
	vmcb->save.idtr = (struct vmcb_seg){ 0 };
	vmcb->control.intercepts[VMCB_INTERCEPT_SHUTDOWN / 32] &=
		~(1u << VMCB_INTERCEPT_SHUTDOWN % 32);
	return (int)vm_run();
}

static int across(void)
{
	volatile char *page = mmio_map(pa(IOMMU - PAGE), 2 * PAGE);

	__asm__ volatile("movq %1, %0" : "=m"(*(volatile u64 *)(page + PAGE - 4)) : "r"(~U64_C(0)));
	return 0;
}

/* PIIX4's power management, which does not move. */
static int suspend(void)
{
	u16 base;

	outl(0xcf8, 0x80000b40);
	base = inl(0xcfc) & 0xffc0;
	outl(0xcfc, 0x9001);
	MUST(base && (inl(0xcfc) & 0xffc0) == base);
	outw(base + 4, (u16)(BIT(13) | 1 << 10));
	return 0;
}

static int workload(int argc, char **argv)
{
	const char *step = argc > 1 ? argv[1] : "";

	if (!strcmp(step, "own"))
		return *(volatile u8 *)mmio_map(pa(MONITOR), PAGE);
	if (!strcmp(step, "triple"))
		without_idt();
	if (!strcmp(step, "across"))
		return across();
	if (!strcmp(step, "suspend"))
		return suspend();
	return guest();
}

DEFINE_WORKLOAD("test", "is a host that its machine ends with", workload);
