/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The requests, and the check of each answer.
 */
#include "paravirt/host.h"

#include "abi/ghcb.h"
#include "abi/kvm_para.h"
#include "abi/x86.h"
#include "early/fatal.h"
#include "early/platform.h"
#include "early/tdx.h"
#include "lib/compiler.h"
#include "lib/log.h"
#include "lib/string.h"
#include "paravirt/tdx.h"

/*
 * The host refuses an operand: as instructions do, by #GP. Other errors have no meaning for these
 * requests.
 */
static int request(struct tdx_module_args *args, struct host_exception *e)
{
	u64 function = args->r11, status = tdvmcall(args);

	if (status == TDVMCALL_STATUS_SUCCESS)
		return 0;
	if (status != TDVMCALL_STATUS_INVALID_OPERAND)
		fatal(TERM_RESPONSE, "TDVMCALL %#lx answers %#lx", function, status);
	*e = (struct host_exception){ .vector = VEC_GP, .has_error_code = true };
	return -E_FAULT;
}

static int tdx_io_in(u16 port, unsigned int size, u32 *value, struct host_exception *e)
{
	struct tdx_module_args args = {
		.r11 = TDVMCALL_IO, .r12 = size, .r13 = TDVMCALL_READ, .r14 = port
	};
	int rc;

	host_check_io(size);
	rc = request(&args, e);
	if (!rc)
		*value = (u32)(args.r11 & bits_mask(8 * size));
	return rc;
}

static int tdx_io_out(u16 port, unsigned int size, u32 value, struct host_exception *e)
{
	struct tdx_module_args args = { .r11 = TDVMCALL_IO,
					.r12 = size,
					.r13 = TDVMCALL_WRITE,
					.r14 = port,
					.r15 = value & bits_mask(8 * size) };

	host_check_io(size);
	return request(&args, e);
}

static int tdx_io_in_string(u16 port, unsigned int size, void *data, size_t count,
			    struct host_exception *e)
{
	for (u8 *to = data; count; count--, to += size) {
		u32 value;
		int rc = tdx_io_in(port, size, &value, e);

		if (rc)
			return rc;
		memcpy(to, &value, size);
	}
	return 0;
}

static int tdx_io_out_string(u16 port, unsigned int size, const void *data, size_t count,
			     struct host_exception *e)
{
	for (const u8 *from = data; count; count--, from += size) {
		u32 value = 0;
		int rc;

		memcpy(&value, from, size);
		rc = tdx_io_out(port, size, value, e);
		if (rc)
			return rc;
	}
	return 0;
}

static int tdx_msr_read(u32 msr, u64 *value, struct host_exception *e)
{
	struct tdx_module_args args = { .r11 = TDVMCALL_RDMSR, .r12 = msr };
	int rc = request(&args, e);

	if (!rc)
		*value = args.r11;
	return rc;
}

static int tdx_msr_write(u32 msr, u64 value, struct host_exception *e)
{
	struct tdx_module_args args = { .r11 = TDVMCALL_WRMSR, .r12 = msr, .r13 = value };

	return request(&args, e);
}

static int tdx_mmio_read(pa_t address, unsigned int size, u64 *value, struct host_exception *e)
{
	struct tdx_module_args args = { .r11 = TDVMCALL_MMIO,
					.r12 = size,
					.r13 = TDVMCALL_READ,
					.r14 = address.value | platform.shared_mask };
	int rc;

	host_check_mmio(address, size);
	rc = request(&args, e);
	if (!rc)
		*value = args.r11 & bits_mask(8 * size);
	return rc;
}

static int tdx_mmio_write(pa_t address, unsigned int size, u64 value, struct host_exception *e)
{
	struct tdx_module_args args = { .r11 = TDVMCALL_MMIO,
					.r12 = size,
					.r13 = TDVMCALL_WRITE,
					.r14 = address.value | platform.shared_mask,
					.r15 = value & bits_mask(8 * size) };

	host_check_mmio(address, size);
	return request(&args, e);
}

/* R10 = 0 would be another protocol: KVM's number 0 cannot be said. */
s64 hypercall_by_tdvmcall(u64 nr, u64 a, u64 b, u64 c, u64 d)
{
	struct tdx_module_args args = { .r10 = nr, .r11 = a, .r12 = b, .r13 = c, .r14 = d };

	if (nr == TDVMCALL_STANDARD)
		return -KVM_ENOSYS;
	return (s64)tdvmcall(&args);
}

void tdx_hlt(bool blocked)
{
	struct tdx_module_args args = { .r11 = TDVMCALL_HLT, .r12 = blocked };

	tdvmcall_must(&args);
}

/* Where the host cannot, memory is coherent and nothing needs to be done: KVM does not. */
static int tdx_wbinvd(struct host_exception *e __unused)
{
	static bool is_said;
	struct tdx_module_args args = { .r11 = TDVMCALL_WBINVD };
	u64 status = tdvmcall(&args);

	/* Hosts older than the status "unsupported" answer "invalid operand". */
	if (status && status != TDVMCALL_STATUS_SUBFUNC_UNSUPPORTED &&
	    status != TDVMCALL_STATUS_INVALID_OPERAND)
		fatal(TERM_RESPONSE, "TDVMCALL WBINVD answers %#lx", status);
	if (status && !is_said) {
		is_said = true;
		log_info("the host does not flush caches, which a TD can do without");
	}
	return 0;
}

const struct host_requests tdx_requests = {
	.io_in = tdx_io_in,
	.io_out = tdx_io_out,
	.io_in_string = tdx_io_in_string,
	.io_out_string = tdx_io_out_string,
	.string_size = 1, /* one element: TDVMCALL has no strings */
	.msr_read = tdx_msr_read,
	.msr_write = tdx_msr_write,
	.mmio_read = tdx_mmio_read,
	.mmio_write = tdx_mmio_write,
	.wbinvd = tdx_wbinvd,
};
