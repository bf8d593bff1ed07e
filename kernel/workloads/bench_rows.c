/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of the benchmark, each the shortest code that takes its path once. Rows that change
 * page states leave the pages as they found them; only the named step is inside the bracket.
 */
#include "kernel/workloads/bench.h"

#include "abi/sev.h"
#include "abi/termination.h"
#include "early/fatal.h"
#include "early/ghcb_msr.h"
#include "kernel/workloads/bench_offsets.h"
#include "kernel/workloads/bench_tdx.h"
#include "lib/cpu.h"
#include "mm/phys.h"
#include "mm/visibility.h"
#include "paravirt/ghcb.h"
#include "paravirt/pv_ops.h"

#define PORT_LINE_STATUS (PORT_COM1 + 5) /* reading it changes nothing that matters */
#define BATCH_PAGES      PSC_ENTRY_MAX

/* A 2M unit of our own, private and accepted between samples. */
static pa_t unit;
/* A second one, never split: PVALIDATE of 2M needs an RMP entry of 2M. */
static pa_t whole_unit;

#define BRACKET(step)                                                                              \
	({                                                                                         \
		u64 bracket_start = rdtsc();                                                       \
                                                                                                   \
		step;                                                                              \
		rdtsc() - bracket_start;                                                           \
	})

u64 bench_empty_sample(void) { return BRACKET(barrier()); }

static int have(pa_t *own) { return own->value ? 0 : phys_alloc(PHYS_ORDER_2M, own); }

int bench_rows_init(void)
{
	int error = have(&unit);

	return error ? error : have(&whole_unit);
}

/* In what states its pages are is the host's to know, who refused a change: nobody has it again. */
static u64 give_up(pa_t *own)
{
	*own = pa(0);
	return BENCH_CANNOT;
}

/* Hypercalls: VAPIC_POLL_IRQ does nothing and answers 0; a host that is no KVM, something else. */
static u64 hypercall_amd(void) { return BRACKET(bench_vmmcall(KVM_HC_VAPIC_POLL_IRQ)); }

static u64 hypercall_intel(void) { return BRACKET(bench_vmcall(KVM_HC_VAPIC_POLL_IRQ)); }

static u64 hypercall_by_page(void)
{
	static const u64 args[4];
	struct host_exception e;
	u64 result = 0, ticks;
	int rc;

	ticks = BRACKET(rc = ghcb_vmmcall(KVM_HC_VAPIC_POLL_IRQ, args, &result, &e));
	return rc || result ? BENCH_CANNOT : ticks;
}

static u64 hypercall_unpatched(void)
{
	return BRACKET(bench_hypercall_unpatched(KVM_HC_VAPIC_POLL_IRQ));
}

static u64 hypercall_patched(void)
{
	s64 result;
	u64 ticks = BRACKET(result = kvm_hypercall0(KVM_HC_VAPIC_POLL_IRQ));

	return result ? BENCH_CANNOT : ticks;
}

static u64 vmgexit_msr(void) { return BRACKET(ghcb_msr_call(GHCB_MSR_SEV_INFO_REQ)); }

static u64 vmgexit_ghcb(void)
{
	struct host_exception e;
	u64 ticks;
	int rc;

	if (ghcb_version() < GHCB_PROTOCOL_SNP)
		return BENCH_CANNOT;
	ticks = BRACKET({
		struct ghcb_request r = ghcb_begin();

		rc = ghcb_exit(r.ghcb, SVM_VMGEXIT_HV_FEATURES, 0, 0, &e);
		ghcb_end(&r);
	});
	return rc ? BENCH_CANNOT : ticks;
}

/* Leaf 0x80000000 stands on the CPUID page and needs no fix-up. */
static u64 cpuid_page_exception(void) { return BRACKET(cpuid_raw(CPUID_EXT_MAX, 0)); }

static u64 cpuid_page_patched(void) { return BRACKET(pv_cpuid(CPUID_EXT_MAX, 0)); }

/* Leaf 1 is completed by the host: it has the APIC ID. */
static u64 cpuid_exit_exception(void) { return BRACKET(cpuid_raw(CPUID_FEATURES, 0)); }

static u64 cpuid_exit_raw(void)
{
	struct host_exception e;
	struct cpuid_regs regs;
	int rc;
	u64 ticks = BRACKET(rc = ghcb_cpuid(CPUID_FEATURES, 0, &regs, &e));

	return rc ? BENCH_CANNOT : ticks;
}

static u64 msr_exception(void) { return BRACKET(rdmsr(MSR_APIC_BASE)); }

static u64 msr_patched(void)
{
	u64 value;
	int rc;
	u64 ticks = BRACKET(rc = pv_msr_read(MSR_APIC_BASE, &value));

	return rc ? BENCH_CANNOT : ticks;
}

static u64 port_exception(void) { return BRACKET(inb(PORT_LINE_STATUS)); }

static u64 port_patched(void) { return BRACKET(pv_io_in(PORT_LINE_STATUS, 1)); }

/* A page that was so before, as in psc_validate(): that is never the guest's doing. */
static void must_change(u64 address, u32 status, bool unchanged)
{
	if (!status && unchanged)
		fatal(TERM_PVALIDATE, "bench: pvalidate of %#lx changes nothing", address);
}

/* 0, or what PVALIDATE answers for one of them. */
static u32 pvalidate_pages(u64 count, bool validate)
{
	for (u64 i = 0; i < count; i++) {
		u64 address = unit.value + i * PAGE_SIZE;
		bool unchanged;
		u32 status = pvalidate(address, RMP_PG_SIZE_4K, validate, &unchanged);

		must_change(address, status, unchanged);
		if (status)
			return status;
	}
	return 0;
}

/* 0, or the host's error. */
static u64 psc_pages(u64 count, unsigned int op)
{
	static struct psc_desc desc;

	desc.header = (struct psc_header){ .cur_entry = 0, .end_entry = count - 1 };
	for (u64 i = 0; i < count; i++)
		desc.entries[i] = psc_entry((unit.value >> PAGE_SHIFT) + i, op, PSC_PAGE_SIZE_4K);
	return psc_request(&desc);
}

/* One page to shared and back by bare requests; returns what the step of @measured took. */
static u64 psc_round(u64 count, unsigned int measured)
{
	u64 to_shared = 0, to_private = 0, error = pvalidate_pages(count, false);

	if (!error)
		to_shared = BRACKET(error = psc_pages(count, PSC_OP_SHARED));
	if (!error)
		to_private = BRACKET(error = psc_pages(count, PSC_OP_PRIVATE));
	if (!error)
		error = pvalidate_pages(count, true);
	if (error)
		return give_up(&unit);
	return measured == PSC_OP_SHARED ? to_shared : to_private;
}

static u64 psc_shared_1(void) { return psc_round(1, PSC_OP_SHARED); }
static u64 psc_private_1(void) { return psc_round(1, PSC_OP_PRIVATE); }
static u64 psc_shared_253(void) { return psc_round(BATCH_PAGES, PSC_OP_SHARED); }
static u64 psc_private_253(void) { return psc_round(BATCH_PAGES, PSC_OP_PRIVATE); }

static u64 pvalidate_4k(void)
{
	u32 status = pvalidate_pages(1, false);
	u64 ticks;

	if (status)
		return give_up(&unit);
	ticks = BRACKET(status = pvalidate_pages(1, true));
	return status ? give_up(&unit) : ticks;
}

static u32 pvalidate_unit(bool validate)
{
	bool unchanged;
	u32 status = pvalidate(whole_unit.value, RMP_PG_SIZE_2M, validate, &unchanged);

	must_change(whole_unit.value, status, unchanged);
	return status;
}

static u64 pvalidate_2m(void)
{
	u32 status = pvalidate_unit(false);
	u64 ticks;

	if (status == PVALIDATE_FAIL_SIZEMISMATCH)
		return BENCH_CANNOT;
	if (status)
		return give_up(&whole_unit);
	ticks = BRACKET(status = pvalidate_unit(true));
	return status ? give_up(&whole_unit) : ticks;
}

/* Only told: the pages stay as they are, and the host's books end as they were. */
static u64 tell_pages(u64 count, u64 attributes)
{
	s64 result;
	u64 ticks = BRACKET(
		result = kvm_hypercall3(KVM_HC_MAP_GPA_RANGE, unit.value, count, attributes));

	return result ? BENCH_CANNOT : ticks;
}

static u64 tell_round(u64 count, bool private)
{
	u64 to_shared = tell_pages(count, KVM_MAP_GPA_RANGE_DECRYPTED);
	u64 to_private = tell_pages(count, KVM_MAP_GPA_RANGE_ENCRYPTED);

	return private ? to_private : to_shared;
}

static u64 tell_shared_1(void) { return tell_round(1, false); }
static u64 tell_private_1(void) { return tell_round(1, true); }
static u64 tell_shared_253(void) { return tell_round(BATCH_PAGES, false); }
static u64 tell_private_253(void) { return tell_round(BATCH_PAGES, true); }

#define MAPGPA_ROUND(count, step)                                                                  \
	({                                                                                         \
		struct bench_tdx_round round;                                                      \
                                                                                                   \
		bench_tdx_round(unit, (count), &round) ? round.step : give_up(&unit);              \
	})

static u64 mapgpa_shared_1(void) { return MAPGPA_ROUND(1, to_shared); }
static u64 mapgpa_private_1(void) { return MAPGPA_ROUND(1, to_private); }
static u64 mapgpa_shared_253(void) { return MAPGPA_ROUND(BATCH_PAGES, to_shared); }
static u64 mapgpa_private_253(void) { return MAPGPA_ROUND(BATCH_PAGES, to_private); }
static u64 accept_4k(void) { return MAPGPA_ROUND(1, accept); }

static u64 accept_2m(void)
{
	u64 ticks = bench_tdx_accept_2m(whole_unit);

	return ticks == BENCH_CANNOT ? give_up(&whole_unit) : ticks;
}

/* The whole of it: hooks, page tables, TLB. A host that refuses ends the guest. */
static u64 notify_round(u64 count)
{
	va_t start = pa_to_va(unit);
	int error;
	u64 ticks = BRACKET({
		error = set_memory_decrypted(start, count);
		if (!error)
			error = set_memory_encrypted(start, count);
	});

	return error ? BENCH_NO_MEMORY : ticks;
}

static u64 notify_1(void) { return notify_round(1); }
static u64 notify_253(void) { return notify_round(BATCH_PAGES); }

const struct bench_row bench_rows[] = {
	{ "hypercall", NULL, BENCH_KVM_VMMCALL, 1, hypercall_amd },
	{ "hypercall", NULL, BENCH_KVM_VMCALL, 1, hypercall_intel },
	{ "hypercall", "raw", BENCH_GHCB, 1, hypercall_by_page },
	{ "hypercall", "unpatched", BENCH_KVM, 1, hypercall_unpatched },
	{ "hypercall", "patched", BENCH_KVM, 1, hypercall_patched },
	{ "hypercall", "raw", BENCH_TD, 1, bench_tdx_hypercall },
	{ "vmgexit-msr", "raw", BENCH_GHCB, 1, vmgexit_msr },
	{ "vmgexit-ghcb", "raw", BENCH_GHCB, 1, vmgexit_ghcb },
	{ "tdcall", "raw", BENCH_TD, 1, bench_tdcall },
	{ "tdvmcall", "raw", BENCH_TD, 1, bench_tdvmcall },
	{ "cpuid-page", NULL, BENCH_ANYWHERE, 1, cpuid_page_exception },
	{ "cpuid-page", "patched", BENCH_ANYWHERE, 1, cpuid_page_patched },
	{ "cpuid-exit", NULL, BENCH_ANYWHERE, 1, cpuid_exit_exception },
	{ "cpuid-exit", "raw", BENCH_GHCB, 1, cpuid_exit_raw },
	{ "cpuid-host", "exception", BENCH_TD, 1, bench_tdx_cpuid_exception },
	{ "cpuid-host", "patched", BENCH_TD, 1, bench_tdx_cpuid_patched },
	{ "msr-read", NULL, BENCH_ANYWHERE, 1, msr_exception },
	{ "msr-read", "patched", BENCH_ANYWHERE, 1, msr_patched },
	{ "port-in", NULL, BENCH_ANYWHERE, 1, port_exception },
	{ "port-in", "patched", BENCH_ANYWHERE, 1, port_patched },
	{ "psc-shared-1", "raw", BENCH_RMP, 2, psc_shared_1 },
	{ "psc-private-1", "raw", BENCH_RMP, 2, psc_private_1 },
	{ "psc-shared-253", "raw", BENCH_RMP, 100, psc_shared_253 },
	{ "psc-private-253", "raw", BENCH_RMP, 100, psc_private_253 },
	{ "pvalidate-4k", "raw", BENCH_RMP, 2, pvalidate_4k },
	{ "pvalidate-2m", "raw", BENCH_RMP, 2, pvalidate_2m },
	{ "mapgpa-shared-1", "raw", BENCH_TD, 2, mapgpa_shared_1 },
	{ "mapgpa-private-1", "raw", BENCH_TD, 2, mapgpa_private_1 },
	{ "mapgpa-shared-253", "raw", BENCH_TD, 100, mapgpa_shared_253 },
	{ "mapgpa-private-253", "raw", BENCH_TD, 100, mapgpa_private_253 },
	{ "mapgpa-shared-1", "raw", BENCH_BOOKS, 2, tell_shared_1 },
	{ "mapgpa-private-1", "raw", BENCH_BOOKS, 2, tell_private_1 },
	{ "mapgpa-shared-253", "raw", BENCH_BOOKS, 2, tell_shared_253 },
	{ "mapgpa-private-253", "raw", BENCH_BOOKS, 2, tell_private_253 },
	{ "accept-4k", "raw", BENCH_TD, 2, accept_4k },
	{ "accept-2m", "raw", BENCH_TD, 100, accept_2m },
	{ "enc-status-change-1", "patched", BENCH_ANYWHERE, 4, notify_1 },
	{ "enc-status-change-253", "patched", BENCH_ANYWHERE, 100, notify_253 },
};

const unsigned int bench_row_count = array_count(bench_rows);
