/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See es.h. A request that the host refuses with an exception, where no instruction could have
 * raised one, ends the guest.
 */
#include "paravirt/es.h"

#include "early/ghcb_msr.h"
#include "early/platform.h"
#include "lib/log.h"
#include "paravirt/ghcb.h"

/* The first thing that is asked of the hypervisor: GHCB 2.3.1. */
void es_check_protocol(void)
{
	struct ghcb_msr_sev_info info = ghcb_msr_sev_info();

	if (info.version_min > GHCB_PROTOCOL_MAX || info.version_max < GHCB_PROTOCOL_MAX)
		ghcb_msr_terminate(GHCB_TERM_SET_GENERAL, GHCB_TERM_PROTOCOL_RANGE);
	if (info.cbit >= 64 || BIT(info.cbit) != platform.private_mask)
		ghcb_msr_terminate(GHCB_TERM_SET_POSTERN, GHCB_TERM_CBIT);
}

/* The host answered with an exception where no instruction could have raised one. */
static noreturn_t refuse(const char *what, u64 where)
{
	log_error("the host answered %s %#lx with an exception", what, where);
	ghcb_msr_terminate(GHCB_TERM_SET_POSTERN, GHCB_TERM_RESPONSE);
}

int es_msr_read(u32 msr, u64 *value)
{
	struct host_exception exception;

	return ghcb_msr_read(msr, value, &exception);
}

int es_msr_write(u32 msr, u64 value)
{
	struct host_exception exception;

	return ghcb_msr_write(msr, value, &exception);
}

u32 es_io_in(u16 port, unsigned int size)
{
	struct host_exception exception;
	u32 value;

	if (ghcb_io_in(port, size, &value, &exception))
		refuse("input from port", port);
	return value;
}

void es_io_out(u16 port, unsigned int size, u32 value)
{
	struct host_exception exception;

	if (ghcb_io_out(port, size, value, &exception))
		refuse("output to port", port);
}

void es_io_in_string(u16 port, void *data, size_t count)
{
	struct host_exception exception;

	if (ghcb_io_in_string(port, 1, data, count, &exception))
		refuse("input from port", port);
}

void es_io_out_string(u16 port, const void *data, size_t count)
{
	struct host_exception exception;

	if (ghcb_io_out_string(port, 1, data, count, &exception))
		refuse("output to port", port);
}

u64 es_mmio_read(pa_t address, unsigned int size)
{
	struct host_exception exception;
	u64 value;

	if (ghcb_mmio_read(address, size, &value, &exception))
		refuse("a read of device memory", address.value);
	return value;
}

void es_mmio_write(pa_t address, unsigned int size, u64 value)
{
	struct host_exception exception;

	if (ghcb_mmio_write(address, size, value, &exception))
		refuse("a write of device memory", address.value);
}

void es_wbinvd(void)
{
	struct host_exception exception;

	if (ghcb_simple(SVM_EXIT_WBINVD, &exception))
		refuse("WBINVD", 0);
}

void es_nmi_complete(void)
{
	struct host_exception exception;

	if (ghcb_simple(SVM_VMGEXIT_NMI_COMPLETE, &exception))
		refuse("NMI complete", 0);
}

void es_terminate(unsigned int reason) { ghcb_msr_terminate(GHCB_TERM_SET_POSTERN, reason); }
