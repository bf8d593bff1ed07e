/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SEV-SNP: requests go to the hypervisor by GHCB, page states are ours to change.
 */
#include "paravirt/snp.h"

#include "early/ghcb_msr.h"
#include "early/launch_pages.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "paravirt/ghcb.h"
#include "paravirt/hypercall.h"
#include "paravirt/native.h"
#include "paravirt/psc.h"
#include "paravirt/pv_tables.h"
#include "early/snp_cpuid.h"
#include "paravirt/vc.h"

/* The host answered with an exception where no instruction could have raised one. */
static noreturn_t refuse(const char *what, u64 where)
{
	log_error("the host answered %s %#lx with an exception", what, where);
	ghcb_msr_terminate(GHCB_TERM_SET_POSTERN, GHCB_TERM_RESPONSE);
}

static int host_cpuid(u32 leaf, u32 subleaf, struct cpuid_regs *regs)
{
	struct host_exception exception;

	return ghcb_cpuid(leaf, subleaf, regs, &exception);
}

static u64 read_xcr0(void) { return xgetbv(0); }

static int snp_msr_read(u32 msr, u64 *value)
{
	struct host_exception exception;

	return ghcb_msr_read(msr, value, &exception);
}

static int snp_msr_write(u32 msr, u64 value)
{
	struct host_exception exception;

	return ghcb_msr_write(msr, value, &exception);
}

static u64 read_xss(void)
{
	u64 xss;

	return snp_msr_read(MSR_XSS, &xss) ? 0 : xss;
}

void snp_cpuid_now(u32 leaf, u32 subleaf, struct cpuid_regs *regs)
{
	const struct snp_cpuid_context context = {
		.page = &launch_cpuid_page,
		.cr4 = read_cr4(),
		.xcr0 = read_xcr0,
		.xss = read_xss,
		.host = host_cpuid,
	};

	if (snp_cpuid(&context, leaf, subleaf, regs))
		ghcb_msr_terminate(GHCB_TERM_SET_POSTERN, GHCB_TERM_CPUID);
}

static u32 snp_io_in(u16 port, unsigned int size)
{
	struct host_exception exception;
	u32 value;

	if (ghcb_io_in(port, size, &value, &exception))
		refuse("input from port", port);
	return value;
}

static void snp_io_out(u16 port, unsigned int size, u32 value)
{
	struct host_exception exception;

	if (ghcb_io_out(port, size, value, &exception))
		refuse("output to port", port);
}

static void snp_io_out_string(u16 port, const void *data, size_t count)
{
	struct host_exception exception;

	if (ghcb_io_out_string(port, 1, data, count, &exception))
		refuse("output to port", port);
}

static u64 snp_mmio_read(pa_t address, unsigned int size)
{
	struct host_exception exception;
	u64 value;

	if (ghcb_mmio_read(address, size, &value, &exception))
		refuse("a read of device memory", address.value);
	return value;
}

static void snp_mmio_write(pa_t address, unsigned int size, u64 value)
{
	struct host_exception exception;

	if (ghcb_mmio_write(address, size, value, &exception))
		refuse("a write of device memory", address.value);
}

/* To shared: rescind, then give away; never the other way, which would leave a validated page. */
static int snp_page_enc_status_prepare(va_t start, u64 page_count, bool private)
{
	if (!private)
		psc_validate(start, page_count, false);
	psc_change(va_to_pa(start), page_count, private ? PSC_OP_PRIVATE : PSC_OP_SHARED);
	return 0;
}

/* To private: only now is the mapping private, which PVALIDATE translates by. */
static int snp_notify_page_enc_status_changed(va_t start, u64 page_count, bool private)
{
	if (private)
		psc_validate(start, page_count, true);
	return 0;
}

static int snp_accept_memory(pa_t start, u64 size)
{
	CHECK(is_aligned(start.value, PAGE_SIZE) && is_aligned(size, PAGE_SIZE));
	psc_change(start, size / PAGE_SIZE, PSC_OP_PRIVATE);
	psc_validate(pa_to_va(start), size / PAGE_SIZE, true);
	return 0;
}

static void snp_wbinvd(void)
{
	struct host_exception exception;

	if (ghcb_simple(SVM_EXIT_WBINVD, &exception))
		refuse("WBINVD", 0);
}

static void snp_nmi_complete(void)
{
	struct host_exception exception;

	if (ghcb_simple(SVM_VMGEXIT_NMI_COMPLETE, &exception))
		refuse("NMI complete", 0);
}

static void snp_terminate(unsigned int reason)
{
	ghcb_msr_terminate(GHCB_TERM_SET_POSTERN, reason);
}

const struct pv_ops pv_ops_snp = {
	.name = "snp",
	.early_setup = snp_early_setup,
	.hypercall = hypercall_ghcb,
	.page_enc_status_prepare = snp_page_enc_status_prepare,
	.notify_page_enc_status_changed = snp_notify_page_enc_status_changed,
	.accept_memory = snp_accept_memory,
	.io_in = snp_io_in,
	.io_out = snp_io_out,
	.io_out_string = snp_io_out_string,
	.msr_read = snp_msr_read,
	.msr_write = snp_msr_write,
	.mmio_read = snp_mmio_read,
	.mmio_write = snp_mmio_write,
	.cpuid = snp_cpuid_now,
	.halt = native_halt, /* HLT exits by itself, without a #VC: APM2 table 15-35 */
	.wbinvd = snp_wbinvd,
	.handle_exception = vc_handle,
	.nmi_complete = snp_nmi_complete,
	.terminate = snp_terminate,
};
