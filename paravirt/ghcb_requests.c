/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The requests to the hypervisor, one function each.
 * Spec: GHCB table 7, which says the state that each exit needs.
 */
#include "abi/kvm_para.h"
#include "early/fatal.h"
#include "early/ghcb_msr.h"
#include "early/percpu.h"
#include "lib/string.h"
#include "paravirt/ghcb.h"

static u64 shared_buffer_gpa(const struct ghcb *g) { return pa_of(g->shared_buffer).value; }

/* IOIO_DATA_8, 16 or 32 */
static u64 ioio_size(unsigned int size)
{
	host_check_io(size);
	return (u64)size << 4;
}

static u64 ioio_port(u16 port) { return (u64)port << IOIO_PORT_SHIFT; }

static int ghcb_io_in(u16 port, unsigned int size, u32 *value, struct host_exception *e)
{
	struct ghcb_request r = ghcb_begin();
	int rc;

	rc = ghcb_exit(r.ghcb, SVM_EXIT_IOIO, ioio_port(port) | ioio_size(size) | IOIO_TYPE_IN, 0,
		       e);
	if (!rc)
		*value = (u32)(ghcb_get(r.ghcb, rax) & bits_mask(8 * size));
	ghcb_end(&r);
	return rc;
}

static int ghcb_io_out(u16 port, unsigned int size, u32 value, struct host_exception *e)
{
	struct ghcb_request r = ghcb_begin();
	int rc;

	ghcb_set(r.ghcb, rax, value & bits_mask(8 * size));
	rc = ghcb_exit(r.ghcb, SVM_EXIT_IOIO, ioio_port(port) | ioio_size(size), 0, e);
	ghcb_end(&r);
	return rc;
}

/* One exit: @count units through the shared buffer, which they fit. */
static int io_string_once(struct ghcb *g, u64 info1, size_t count, struct host_exception *e)
{
	ghcb_set(g, sw_scratch, shared_buffer_gpa(g));
	return ghcb_exit(g, SVM_EXIT_IOIO, info1 | IOIO_TYPE_STR | IOIO_REP | IOIO_ADDR_64, count,
			 e);
}

static size_t string_batch(unsigned int size, size_t count)
{
	size_t most = GHCB_SHARED_BUFFER_SIZE / size;

	return count < most ? count : most;
}

static int ghcb_io_in_string(u16 port, unsigned int size, void *data, size_t count,
			     struct host_exception *e)
{
	u64 info1 =
		ioio_port(port) | ioio_size(size) | IOIO_TYPE_IN | IOIO_SEG_ES << IOIO_SEG_SHIFT;
	int rc = 0;

	for (u8 *to = data; count && !rc;) {
		size_t batch = string_batch(size, count);
		struct ghcb_request r = ghcb_begin();

		rc = io_string_once(r.ghcb, info1, batch, e);
		if (!rc)
			memcpy(to, r.ghcb->shared_buffer, batch * size);
		ghcb_end(&r);
		to += batch * size;
		count -= batch;
	}
	return rc;
}

static int ghcb_io_out_string(u16 port, unsigned int size, const void *data, size_t count,
			      struct host_exception *e)
{
	u64 info1 = ioio_port(port) | ioio_size(size) | IOIO_SEG_DS << IOIO_SEG_SHIFT;
	int rc = 0;

	for (const u8 *from = data; count && !rc;) {
		size_t batch = string_batch(size, count);
		struct ghcb_request r = ghcb_begin();

		memcpy(r.ghcb->shared_buffer, from, batch * size);
		rc = io_string_once(r.ghcb, info1, batch, e);
		ghcb_end(&r);
		from += batch * size;
		count -= batch;
	}
	return rc;
}

static u64 get_edx_eax(const struct ghcb *g)
{
	u64 low = ghcb_get(g, rax), high = ghcb_get(g, rdx);

	return high << 32 | (u32)low;
}

static int ghcb_msr_read(u32 msr, u64 *value, struct host_exception *e)
{
	struct ghcb_request r = ghcb_begin();
	int rc;

	ghcb_set(r.ghcb, rcx, msr);
	rc = ghcb_exit(r.ghcb, SVM_EXIT_MSR, GHCB_MSR_EXIT_READ, 0, e);
	if (!rc)
		*value = get_edx_eax(r.ghcb);
	ghcb_end(&r);
	return rc;
}

static int ghcb_msr_write(u32 msr, u64 value, struct host_exception *e)
{
	struct ghcb_request r = ghcb_begin();
	int rc;

	ghcb_set(r.ghcb, rcx, msr);
	ghcb_set(r.ghcb, rax, (u32)value);
	ghcb_set(r.ghcb, rdx, value >> 32);
	rc = ghcb_exit(r.ghcb, SVM_EXIT_MSR, GHCB_MSR_EXIT_WRITE, 0, e);
	ghcb_end(&r);
	return rc;
}

static int ghcb_mmio_read(pa_t address, unsigned int size, u64 *value, struct host_exception *e)
{
	struct ghcb_request r;
	int rc;

	host_check_mmio(address, size);
	r = ghcb_begin();
	ghcb_set(r.ghcb, sw_scratch, shared_buffer_gpa(r.ghcb));
	rc = ghcb_exit(r.ghcb, SVM_VMGEXIT_MMIO_READ, address.value, size, e);
	if (!rc) {
		*value = 0;
		memcpy(value, r.ghcb->shared_buffer, size);
	}
	ghcb_end(&r);
	return rc;
}

static int ghcb_mmio_write(pa_t address, unsigned int size, u64 value, struct host_exception *e)
{
	struct ghcb_request r;
	int rc;

	host_check_mmio(address, size);
	r = ghcb_begin();
	memcpy(r.ghcb->shared_buffer, &value, size);
	ghcb_set(r.ghcb, sw_scratch, shared_buffer_gpa(r.ghcb));
	rc = ghcb_exit(r.ghcb, SVM_VMGEXIT_MMIO_WRITE, address.value, size, e);
	ghcb_end(&r);
	return rc;
}

int ghcb_cpuid(u32 leaf, u32 subleaf, struct cpuid_regs *regs, struct host_exception *e)
{
	struct ghcb_request r = ghcb_begin();
	int rc;

	ghcb_set(r.ghcb, rax, leaf);
	ghcb_set(r.ghcb, rcx, subleaf);
	if (leaf == CPUID_XSTATE)
		ghcb_set(r.ghcb, xcr0, read_cr4() & CR4_OSXSAVE ? xgetbv(0) : 1);
	rc = ghcb_exit(r.ghcb, SVM_EXIT_CPUID, 0, 0, e);
	if (!rc) {
		regs->eax = (u32)ghcb_get(r.ghcb, rax);
		regs->ebx = (u32)ghcb_get(r.ghcb, rbx);
		regs->ecx = (u32)ghcb_get(r.ghcb, rcx);
		regs->edx = (u32)ghcb_get(r.ghcb, rdx);
	}
	ghcb_end(&r);
	return rc;
}

int ghcb_vmmcall(u64 nr, const u64 args[4], u64 *result, struct host_exception *e)
{
	struct ghcb_request r = ghcb_begin();
	int rc;

	ghcb_set(r.ghcb, rax, nr);
	ghcb_set(r.ghcb, rbx, args[0]);
	ghcb_set(r.ghcb, rcx, args[1]);
	ghcb_set(r.ghcb, rdx, args[2]);
	ghcb_set(r.ghcb, rsi, args[3]);
	ghcb_set(r.ghcb, cpl, 0);
	rc = ghcb_exit(r.ghcb, SVM_EXIT_VMMCALL, 0, 0, e);
	if (!rc)
		*result = ghcb_get(r.ghcb, rax);
	ghcb_end(&r);
	return rc;
}

/*
 * GHCB 4.1: VMMCALL. Without a GHCB there is no way: the MSR protocol carries no arguments, and
 * the instruction itself would be a #VC. Whoever calls so early cannot go on without the answer.
 */
s64 hypercall_by_ghcb(u64 nr, u64 a, u64 b, u64 c, u64 d)
{
	const u64 args[4] = { a, b, c, d };
	struct host_exception exception;
	u64 result;

	if (!ghcb_is_ready())
		ghcb_terminate(TERM_EARLY_CALL);
	if (ghcb_vmmcall(nr, args, &result, &exception))
		return -KVM_ENOSYS;
	return (s64)result;
}

int ghcb_tsc(u64 code, u64 *tsc, u32 *aux, struct host_exception *e)
{
	struct ghcb_request r = ghcb_begin();
	int rc = ghcb_exit(r.ghcb, code, 0, 0, e);

	if (!rc) {
		*tsc = get_edx_eax(r.ghcb);
		if (code == SVM_EXIT_RDTSCP)
			*aux = (u32)ghcb_get(r.ghcb, rcx);
	}
	ghcb_end(&r);
	return rc;
}

int ghcb_pmc(u32 counter, u64 *value, struct host_exception *e)
{
	struct ghcb_request r = ghcb_begin();
	int rc;

	ghcb_set(r.ghcb, rcx, counter);
	rc = ghcb_exit(r.ghcb, SVM_EXIT_RDPMC, 0, 0, e);
	if (!rc)
		*value = get_edx_eax(r.ghcb);
	ghcb_end(&r);
	return rc;
}

int ghcb_dr7_write(u64 value, struct host_exception *e)
{
	struct ghcb_request r = ghcb_begin();
	int rc;

	ghcb_set(r.ghcb, rax, value);
	rc = ghcb_exit(r.ghcb, SVM_EXIT_WRITE_DR7, 0, 0, e);
	ghcb_end(&r);
	return rc;
}

int ghcb_simple(u64 code, struct host_exception *e)
{
	struct ghcb_request r = ghcb_begin();
	int rc = ghcb_exit(r.ghcb, code, 0, 0, e);

	ghcb_end(&r);
	return rc;
}

static struct {
	bool is_completing, again;
	bool is_owed; /* it came before there was a way to say that it is complete */
} nmis[CPU_MAX];

static void nmi_complete_once(void)
{
	struct host_exception exception;

	if (ghcb_simple(SVM_VMGEXIT_NMI_COMPLETE, &exception))
		fatal(TERM_RESPONSE, "the host refused NMI complete");
}

/*
 * The next NMI may come inside this request. It is completed by it too, behind it: else one that
 * comes for each would need one more level of stack and GHCB for each.
 */
void ghcb_nmi_complete(void)
{
	unsigned int cpu = cpu_index();

	if (!ghcb_is_ready()) {
		WRITE_ONCE(nmis[cpu].is_owed, true);
		return;
	}
	if (READ_ONCE(nmis[cpu].is_completing)) {
		WRITE_ONCE(nmis[cpu].again, true);
		return;
	}
	do {
		WRITE_ONCE(nmis[cpu].again, false);
		WRITE_ONCE(nmis[cpu].is_completing, true);
		nmi_complete_once();
		WRITE_ONCE(nmis[cpu].is_completing, false);
	} while (READ_ONCE(nmis[cpu].again));
}

void ghcb_nmi_catch_up(void)
{
	unsigned int cpu = cpu_index();

	if (!READ_ONCE(nmis[cpu].is_owed))
		return;
	WRITE_ONCE(nmis[cpu].is_owed, false);
	ghcb_nmi_complete();
}

static int ghcb_wbinvd(struct host_exception *e) { return ghcb_simple(SVM_EXIT_WBINVD, e); }

const struct host_requests ghcb_requests = {
	.io_in = ghcb_io_in,
	.io_out = ghcb_io_out,
	.io_in_string = ghcb_io_in_string,
	.io_out_string = ghcb_io_out_string,
	.string_size = GHCB_SHARED_BUFFER_SIZE,
	.msr_read = ghcb_msr_read,
	.msr_write = ghcb_msr_write,
	.mmio_read = ghcb_mmio_read,
	.mmio_write = ghcb_mmio_write,
	.wbinvd = ghcb_wbinvd,
};
