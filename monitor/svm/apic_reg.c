/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See apic_reg.h.
 */
#include "monitor/svm/apic_reg.h"

#include "abi/x86.h"
#include "lib/compiler.h"
#include "monitor/svm/apic_ipi.h"

#define LVT_VECTOR    0xff
#define LVT_MODE      0x700
#define LVT_STATUS    0x1000 /* delivery status, read-only */
#define LVT_PIN       0xe000 /* polarity, remote IRR, trigger mode */
#define LVT_PLAIN     (LVT_VECTOR | LVT_STATUS | APIC_LVT_MASKED)
#define LVT_WITH_MODE (LVT_PLAIN | LVT_MODE)
#define SVR_KNOWN     0x3ff /* no suppression of EOI broadcasts: the version register says so */
#define DIVIDE_KNOWN  0xb
#define ICR_KNOWN     U64_C(0xffffffff000cdfff)
#define VECTOR_LAST   0xff

static const struct {
	u16 first, last;
	bool read, write;
	u64 writable; /* bits */
} registers[] = {
	{ APIC_ID, APIC_VERSION, true, false, 0 },
	{ APIC_TPR, APIC_TPR, true, true, 0xff },
	{ APIC_PPR, APIC_PPR, true, false, 0 },
	{ APIC_EOI, APIC_EOI, false, true, 0 },
	{ APIC_LDR, APIC_LDR, true, false, 0 },
	{ APIC_SVR, APIC_SVR, true, true, SVR_KNOWN },
	{ APIC_ISR, APIC_ESR - 1, true, false, 0 },
	{ APIC_ESR, APIC_ESR, true, true, 0 },
	{ APIC_ICR_LOW, APIC_ICR_LOW, true, true, ICR_KNOWN },
	{ APIC_LVT_TIMER, APIC_LVT_TIMER, true, true, LVT_PLAIN | APIC_LVT_PERIODIC },
	{ APIC_LVT_THERMAL, APIC_LVT_PERF, true, true, LVT_WITH_MODE },
	{ APIC_LVT_LINT0, APIC_LVT_LINT1, true, true, LVT_WITH_MODE | LVT_PIN },
	{ APIC_LVT_ERROR, APIC_LVT_ERROR, true, true, LVT_PLAIN },
	{ APIC_TIMER_INITIAL, APIC_TIMER_INITIAL, true, true, 0xffffffff },
	{ APIC_TIMER_CURRENT, APIC_TIMER_CURRENT, true, false, 0 },
	{ APIC_TIMER_DIVIDE, APIC_TIMER_DIVIDE, true, true, DIVIDE_KNOWN },
	{ APIC_SELF_IPI, APIC_SELF_IPI, false, true, VECTOR_LAST },
};

static int find(u32 offset)
{
	for (int i = 0; i < (int)array_count(registers); i++)
		if (offset >= registers[i].first && offset <= registers[i].last)
			return i;
	return -1;
}

bool x2apic_is_readable(u32 offset)
{
	int i = find(offset);

	return i >= 0 && registers[i].read;
}

bool x2apic_is_writable(u32 offset, u64 value)
{
	int i = find(offset);

	return i >= 0 && registers[i].write && !(value & ~registers[i].writable);
}

/* Whether the processor itself may deliver what entry @value says, of those that have a mode. */
static bool is_allowed(u32 value)
{
	return APIC_ICR_MODE_OF(value) == APIC_MODE_NMI || apic_is_harmless(value);
}

u32 apic_lvt(u32 offset, u32 value)
{
	int i = find(offset);

	value &= (u32)registers[i].writable;
	return value & APIC_LVT_MASKED || is_allowed(value) ? value : value | APIC_LVT_MASKED;
}
