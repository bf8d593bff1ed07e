/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waking by INIT and SIPI, and by a mailbox. Spec: ACPI 5.2.12.19.
 */
#include "paravirt/cpus.h"

#include "abi/acpi.h"
#include "early/ap_entry.h"
#include "early/boot_cpus.h"
#include "early/entry.h"
#include "lib/compiler.h"
#include "lib/cpu.h"

/* In ticks of the TSC, some seconds: firmware only has to see the command and to jump. */
#define MAILBOX_TICKS U64_C(10000000000)

int cpu_wake_by_sipi(unsigned int cpu)
{
	(void)cpu;
	return -E_NOSYS;
}

/* Of whoever started us: firmware's, or our ROM's, whose processors have no paging yet. */
static struct acpi_mailbox *mailbox __ro_after_init;
static void (*vector)(void) __ro_after_init;

int tdx_cpus_prepare(unsigned int first, unsigned int count, const struct cpus_services *services)
{
	(void)first, (void)count;
	if (entry_record.loader == ENTRY_LOADER_ROM) {
		mailbox = &ap_mailbox;
		vector = rom_ap_entry32;
		return 0;
	}
	if (!boot_cpus.mailbox)
		return -E_NOENT;
	mailbox = pa_ptr(pa(boot_cpus.mailbox));
	vector = ap_entry64;
	return services->map(pa(boot_cpus.mailbox), true);
}

static bool is_taken(void) { return READ_ONCE(mailbox->command) == MAILBOX_COMMAND_NOOP; }

int mailbox_cpu_wake(unsigned int cpu)
{
	u64 begin = rdtsc();

	WRITE_ONCE(mailbox->apic_id, percpus[cpu].apic_id);
	WRITE_ONCE(mailbox->vector, (u64)(uintptr_t)vector);
	__atomic_store_n(&mailbox->command, MAILBOX_COMMAND_WAKEUP, __ATOMIC_RELEASE);
	while (!is_taken()) {
		if (rdtsc() - begin > MAILBOX_TICKS) {
			WRITE_ONCE(mailbox->command, MAILBOX_COMMAND_NOOP);
			return -E_AGAIN;
		}
		cpu_relax();
	}
	return 0;
}
