/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hooks that are requests to the host, whichever way they take.
 */
#include "paravirt/host.h"

#include "abi/ghcb.h"
#include "early/fatal.h"
#include "paravirt/pv_ops.h"

/* What no instruction could have raised. */
static noreturn_t host_refused(const char *what, u64 where)
{
	fatal(TERM_RESPONSE, "the host refused %s %#lx", what, where);
}

u32 host_io_in(u16 port, unsigned int size)
{
	struct host_exception exception;
	u32 value;

	if (pv_ops.host->io_in(port, size, &value, &exception))
		host_refused("input from port", port);
	return value;
}

void host_io_out(u16 port, unsigned int size, u32 value)
{
	struct host_exception exception;

	if (pv_ops.host->io_out(port, size, value, &exception))
		host_refused("output to port", port);
}

void host_io_in_string(u16 port, void *data, size_t count)
{
	struct host_exception exception;

	if (pv_ops.host->io_in_string(port, 1, data, count, &exception))
		host_refused("input from port", port);
}

void host_io_out_string(u16 port, const void *data, size_t count)
{
	struct host_exception exception;

	if (pv_ops.host->io_out_string(port, 1, data, count, &exception))
		host_refused("output to port", port);
}

int host_msr_read(u32 msr, u64 *value)
{
	struct host_exception exception;

	return pv_ops.host->msr_read(msr, value, &exception);
}

int host_msr_write(u32 msr, u64 value)
{
	struct host_exception exception;

	return pv_ops.host->msr_write(msr, value, &exception);
}

u64 host_mmio_read(pa_t address, unsigned int size)
{
	struct host_exception exception;
	u64 value;

	if (pv_ops.host->mmio_read(address, size, &value, &exception))
		host_refused("a read of device memory at", address.value);
	return value;
}

void host_mmio_write(pa_t address, unsigned int size, u64 value)
{
	struct host_exception exception;

	if (pv_ops.host->mmio_write(address, size, value, &exception))
		host_refused("a write of device memory at", address.value);
}

void host_wbinvd(void)
{
	struct host_exception exception;

	if (pv_ops.host->wbinvd(&exception))
		host_refused("WBINVD", 0);
}
