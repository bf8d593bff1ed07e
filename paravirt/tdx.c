/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TDX: requests go to the host by TDVMCALL, pages are ours to accept.
 */
#include "paravirt/tdx.h"

#include "abi/acpi.h"
#include "abi/ghcb.h"
#include "abi/kvm_para.h"
#include "early/ap_entry.h"
#include "early/boot_cpus.h"
#include "early/entry.h"
#include "early/fatal.h"
#include "early/tdx.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/deadline.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "paravirt/cpus.h"
#include "paravirt/native.h"
#include "paravirt/pv_ops.h"

/* In ticks of the TSC, some seconds: firmware only has to see the command and to jump. */
#define MAILBOX_TICKS U64_C(10000000000)

#define MSR_KVM_LAST 0x4b564dff

/* No notification by #VE: this guest has no use for one. A module without the field has none. */
static void disable_notifications(void)
{
	struct tdx_module_args args = { .rdx = TDCS_NOTIFY_ENABLES, .r9 = ~U64_C(0) };

	if (tdcall(TDG_VM_WR, &args))
		log_info("the TDX module keeps its notifications");
}

/* GHCI 3.1: leaf 0 is the base that this guest uses; a host that has not even that is none. */
static int tdx_cpu_setup(void)
{
	struct tdx_module_args args = { .r11 = TDVMCALL_GET_TD_VM_CALL_INFO };

	return tdvmcall(&args) ? -E_PERM : 0;
}

/* tdx_init(), before the first page tables, made sure of the rest. */
static void tdx_early_setup(void)
{
	disable_notifications();
	if (tdx_cpu_setup())
		fatal(TERM_CPU_SETUP, "the host has no TDVMCALL of the base GHCI");
	if (tdx_info.attributes & TDX_ATTR_DEBUG && tdx_refuses_debug)
		fatal(TERM_ATTRIBUTES, "this TD can be debugged, which this image refuses");
	if (tdx_info.attributes & TDX_ATTR_DEBUG)
		log_info("this TD can be debugged: the host reads everything in it");
}

/*
 * To private: the host first, since a private mapping must not exist before; to shared: the mapping
 * first, so that no private access can meet a page that is gone.
 */
static int tdx_page_enc_status_prepare(va_t start, u64 page_count, bool private)
{
	if (private)
		tdx_map_gpa(va_to_pa(start), page_count, true);
	return 0;
}

static int tdx_notify_page_enc_status_changed(va_t start, u64 page_count, bool private)
{
	if (private)
		tdx_accept(va_to_pa(start), page_count);
	else
		tdx_map_gpa(va_to_pa(start), page_count, false);
	return 0;
}

static int tdx_accept_memory(pa_t start, u64 size)
{
	CHECK(is_aligned(start.value, (u64)PAGE_SIZE) && is_aligned(size, (u64)PAGE_SIZE));
	tdx_accept(start, size / PAGE_SIZE);
	return 0;
}

/*
 * MSRs that are the host's in every TD, so that an instruction would be a #VE; the others are the
 * module's or the processor's, and must not be asked of the host. Both ends belong to a range.
 */
static const struct {
	u32 first, last;
} host_msrs[] = {
	{ MSR_KVM_WALL_CLOCK_NEW, MSR_KVM_LAST },
	{ X2APIC_MSR(APIC_ICR_LOW), X2APIC_MSR(APIC_ICR_LOW) },
	{ X2APIC_MSR(APIC_LVT_TIMER), X2APIC_MSR(APIC_LVT_TIMER) },
	{ X2APIC_MSR(APIC_TIMER_INITIAL), X2APIC_MSR(APIC_TIMER_DIVIDE) },
};

static bool is_of_host(u32 msr)
{
	for (size_t i = 0; i < array_count(host_msrs); i++) {
		if (msr >= host_msrs[i].first && msr <= host_msrs[i].last)
			return true;
	}
	return false;
}

static int tdx_rdmsr(u32 msr, u64 *value)
{
	return is_of_host(msr) ? host_msr_read(msr, value) : native_msr_read(msr, value);
}

static int tdx_wrmsr(u32 msr, u64 value)
{
	return is_of_host(msr) ? host_msr_write(msr, value) : native_msr_write(msr, value);
}

/* Off until the host has us asleep: it wakes us for what is pending, which is taken right after. */
static void tdx_halt(void)
{
	cli();
	tdx_hlt(false);
	sti();
}

/* ---- other processors, by a mailbox: ACPI 5.2.12.19 */

/* Of whoever started us: firmware's, or our ROM's, whose processors have no paging yet. */
static struct acpi_mailbox *mailbox __ro_after_init;
static void (*vector)(void) __ro_after_init;

static int tdx_cpus_prepare(unsigned int first, unsigned int count,
			    const struct cpus_services *services)
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

static int tdx_cpu_wake(unsigned int cpu)
{
	struct deadline deadline = deadline_in(MAILBOX_TICKS);

	WRITE_ONCE(mailbox->apic_id, percpus[cpu].apic_id);
	WRITE_ONCE(mailbox->vector, (u64)(uintptr_t)vector);
	__atomic_store_n(&mailbox->command, MAILBOX_COMMAND_WAKEUP, __ATOMIC_RELEASE);
	while (!is_taken()) {
		if (deadline_is_over(&deadline)) {
			WRITE_ONCE(mailbox->command, MAILBOX_COMMAND_NOOP);
			return -E_AGAIN;
		}
		cpu_relax();
	}
	return 0;
}

const struct pv_ops pv_ops_tdx = {
	.name = "tdx",
	.early_setup = tdx_early_setup,
	.hypercall = hypercall_tdvmcall,
	.page_enc_status_prepare = tdx_page_enc_status_prepare,
	.notify_page_enc_status_changed = tdx_notify_page_enc_status_changed,
	.accept_memory = tdx_accept_memory,
	.io_in = host_io_in,
	.io_out = host_io_out,
	.io_in_string = host_io_in_string,
	.io_out_string = host_io_out_string,
	.msr_read = tdx_rdmsr,
	.msr_write = tdx_wrmsr,
	.mmio_read = host_mmio_read,
	.mmio_write = host_mmio_write,
	.cpuid = tdx_cpuid,
	.halt = tdx_halt,
	.wbinvd = host_wbinvd,
	.handle_exception = ve_handle,
	.cpus_prepare = tdx_cpus_prepare,
	.cpus_release = PV_DEFAULT(pv_return_zero),
	.cpu_wake = tdx_cpu_wake,
	.cpu_setup = tdx_cpu_setup,
	.nmi_complete = pv_nop,
	.host = &tdx_requests,
	.plainer = NULL,
};
