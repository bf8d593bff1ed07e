/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See apic.h. Reads are the machine's own registers', through the mapping of the page.
 */
#include "monitor/hardware/l1/apic.h"

#include "monitor/machine/lapic.h"
#include "monitor/svm/apic_reg.h"
#include "monitor/svm/smp.h"
#include "monitor/svm/xapic.h"

static void write(u64 offset, unsigned int size, u64 value)
{
	struct vcpu *v = smp_here();

	(void)size;
	if (offset >= PAGE_SIZE || !offset || offset % 0x10)
		return; /* QEMU has a device's message, or a register nearby: see svm/xapic.h */
	switch (offset) {
	case APIC_LDR: v->apic.ldr = (u32)value; break;
	case APIC_DFR: v->apic.dfr = (u32)value; break;
	case APIC_ICR_LOW: xapic_command(v, (u32)value, lapic_read(APIC_ICR_HIGH) >> 24); return;
	case APIC_LVT_TIMER:
	case APIC_LVT_THERMAL:
	case APIC_LVT_PERF:
	case APIC_LVT_LINT0:
	case APIC_LVT_LINT1:
	case APIC_LVT_ERROR: value = apic_lvt((u32)offset, (u32)value); break;
	default: break;
	}
	lapic_write((u32)offset, (u32)value);
}

static void nothing(void) {}

struct l1_device l1_apic = {
	.gpa = APIC_BASE_DEFAULT,
	.size = APIC_WINDOW_END - APIC_BASE_DEFAULT,
	.memory = (void *)APIC_BASE_DEFAULT,
	.write = write,
	.init = nothing,
};

bool l1_apic_plays(u32 icr)
{
	enum apic_mode mode = APIC_ICR_MODE_OF(icr);

	return mode != APIC_MODE_FIXED && mode != APIC_MODE_LOWEST;
}
