/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `test emulate` lets KVM meet an instruction that its emulator does not know; `test triple` loses
 * the IDT and faults.
 */
#include <string.h>

#include "abi/x86.h"
#include "kernel/workload.h"

/* The local APIC's page, where every access is KVM's to emulate. */
static void emulate(void)
{
	__asm__ volatile("paddb (%0), %%xmm0" : : "r"(APIC_BASE_DEFAULT) : "xmm0");
}

static void triple(void)
{
	static const struct {
		u16 limit;
		u64 base;
	} __attribute__((packed)) none = { 0, 0 };

	__asm__ volatile("lidt %0\n\tint3" : : "m"(none));
}

static int test(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "emulate"))
		emulate();
	else
		triple();
	return 0;
}

DEFINE_WORKLOAD("test", "crashes", test);
