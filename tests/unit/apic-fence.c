/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was stored for a processor is there before an x2APIC's write interrupts it, by whatever
 * message; an xAPIC's write is a store itself, and needs no more. A host that refuses a register
 * ends the guest by a reason.
 * RUN: %unit-cc %s -iquote %S/Inputs/apic -o %t
 */
#include <assert.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#define mfence fence_of_processor
#define lfence load_fence_of_processor
#include "lib/cpu.h"
#undef mfence
#undef lfence
#include "lib/irq.h"

static char events[8];

static void happened(char what) { events[strlen(events)] = what; }
static void mfence(void) { happened('m'); }
static void lfence(void) { happened('l'); }

#define irq_save()     0
#define irq_restore(x) (void)(x)
#define irq_enable()   (void)0
#include "../../kernel/apic.c"

static jmp_buf end;
static bool refuses;
static const char *refusal = "the APIC has no register ";

noreturn_t fatal(unsigned int reason, const char *fmt, ...)
{
	assert(refuses && reason == TERM_RESPONSE && strstr(fmt, refusal));
	longjmp(end, 1);
}
noreturn_t exit_cannot_run(const char *fmt, ...) { (void)fmt, abort(); }
void irq_register(unsigned int vector, irq_handler_t handler) { (void)vector, (void)handler; }
const char *memory_map_what(u64 start, u64 size) { return (void)start, (void)size, ""; }
volatile void *mmio_map(pa_t start, u64 size) { return (void)start, (void)size, NULL; }
bool pv_async_pf_interrupt(void) { return false; }
void pv_async_pf_catch_up(void) {}
bool pv_eoi_consume(void) { return false; }
bool doorbell_eoi_consume(void) { return false; }
struct cpuid_regs pv_cpuid(u32 leaf, u32 subleaf)
{
	return (void)leaf, (void)subleaf, (struct cpuid_regs){ 0 };
}
int pv_msr_read(u32 msr, u64 *value) { return (void)msr, *value = 0, refuses ? -E_FAULT : 0; }
void pv_io_out(u16 port, unsigned int size, u32 value) { (void)port, (void)size, (void)value; }
u64 pv_mmio_read(pa_t address, unsigned int size) { return (void)address, (void)size, 0; }

int pv_msr_write(u32 msr, u64 value)
{
	(void)value;
	if (refuses)
		return -E_FAULT;
	happened(msr == X2APIC_MSR(APIC_ICR_LOW) ? 'W' : 'w');
	return 0;
}

void pv_mmio_write(pa_t address, unsigned int size, u64 value)
{
	(void)size, (void)value;
	happened(address.value & 0xfff ? 's' : '?');
}

struct percpu percpus[CPU_MAX];
struct platform platform;
static u64 asked[4];
static s64 answer;
s64 kvm_hypercall4(u64 nr, u64 a, u64 b, u64 c, u64 d)
{
	assert(nr == KVM_HC_SEND_IPI);
	asked[0] = a, asked[1] = b, asked[2] = c, asked[3] = d;
	happened('h');
	return answer;
}

static void expect(const char *what)
{
	assert(!strcmp(events, what));
	memset(events, 0, sizeof(events));
}

static void send_one(void) { apic_ipi(3, 0x80); }
static void read_id(void) { (void)apic_id(); }

/* An x2APIC's register, its mode, or its ICR. */
static void test_refused(void)
{
	static void (*const asks[])(void) = { apic_eoi, send_one, read_id, apic_init_cpu };

	x2apic = refuses = true;
	for (size_t i = 0; i < array_count(asks); i++) {
		if (asks[i] == apic_init_cpu)
			refusal = "the APIC has no x2APIC mode";
		if (setjmp(end))
			continue;
		asks[i]();
		assert(!"goes on");
	}
	refuses = false;
	memset(events, 0, sizeof(events));
}

int main(void)
{
	test_refused();
	x2apic = true;
	apic_ipi(3, 0x80);
	expect("mlW");
	apic_ipi_others(BIT(1) | BIT(2), 0x80);
	expect("mlW");
	apic_init_ipi(3);
	expect("mlW");
	apic_startup_ipi(3, pa(0x9000));
	expect("mlW");
	apic_self_ipi(0x80);
	expect("mlW");
	apic_eoi(); /* nobody waits for that */
	expect("w");

	x2apic = false;
	apic_ipi(3, 0x80);
	expect("ss");
	apic_ipi_others(BIT(1) | BIT(2), 0x80);
	expect("s");

	/* KVM's SEND_IPI: one request where registers are memory, until it is refused. */
	platform.kvm_features = BIT(KVM_FEATURE_PV_SEND_IPI);
	percpus[1].apic_id = 9;
	percpus[2].apic_id = 5;
	apic_ipi_others(BIT(1) | BIT(2), 0x80);
	expect("h");
	assert(asked[0] == 0x11 && !asked[1] && asked[2] == 5 && asked[3] == 0x80);
	apic_ipi(3, 0x81);
	expect("h");
	assert(asked[0] == 1 && asked[2] == 3 && asked[3] == 0x81);
	apic_ipi(3, 0x400); /* an NMI: APIC_DM_NMI, as Linux sends it */
	expect("h");
	assert(asked[0] == 1 && asked[2] == 3 && asked[3] == 0x400);
	percpus[1].apic_id = 5 + 64; /* no bit for it */
	apic_ipi_others(BIT(1) | BIT(2), 0x80);
	expect("s");
	x2apic = true;
	apic_ipi(3, 0x80);
	expect("mlW");
	x2apic = false;
	answer = -KVM_ENOSYS;
	apic_ipi(3, 0x80);
	expect("hss");
	apic_ipi(3, 0x80);
	expect("ss");
	return 0;
}
