/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's request for a quote, by a host that answers, or does worse: late, never, with sizes
 * that are none, with the quote of another TD. What it says is read once, all waits end, and the
 * buffer is the guest's again whatever happened.
 * RUN: %unit-cc -include %S/Inputs/tdx-host.h %s %S/Inputs/tdx-host.c %root/early/tdvmcall.c \
 * RUN:   %root/lib/format.c -o %t
 */
/* Time flies. */
#include "lib/cpu.h"

static unsigned long long now;
#define rdtsc() (now += 1ULL << 16)
#include "../../paravirt/tdx_quote.c"

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include "Inputs/no-end.h"

#define SHARED BIT(51)

static struct tdx_quote quote;
static u64 status, module_status, host_status;
static unsigned int shared_pages, busy, module_busy;
static u8 data[TDX_REPORT_DATA_SIZE];
static struct tdx_quote_header answer;
static struct {
	struct tdx_quote_head head;
	struct tdx_quote_body body;
} v4;
static void (*lie)(void);
static bool no_memory;

int visibility_share(va_t start, u64 count, const char *user, visibility_setter_t share)
{
	(void)start, (void)user, (void)share;
	if (no_memory)
		return -E_NOMEM;
	shared_pages += count;
	memset(&buffer, 0xa5, sizeof(buffer));
	return 0;
}

int visibility_unshare(va_t start, u64 count, visibility_setter_t unshare)
{
	(void)start, (void)unshare;
	assert(shared_pages == count);
	shared_pages -= count;
	memset(&buffer, 0x5a, sizeof(buffer));
	return 0;
}

static const struct tdx_quote_way way;

static void fill_report(struct tdx_report *r)
{
	memset(r, 0x31, sizeof(*r));
	memcpy(r->mac.report_data, data, sizeof(data));
}

static u64 on_module(u64 leaf, struct tdx_module_args *args)
{
	assert(leaf == TDG_MR_REPORT && !args->r8);
	assert(args->rcx == pa_of(&module.report).value && args->rdx == pa_of(module.data).value);
	if (module_busy) {
		module_busy--;
		return TDX_OPERAND_BUSY;
	}
	if (!module_status)
		fill_report(&module.report);
	return module_status;
}

/* As the service would; and only what is there may be seen by the host. */
static u64 on_vmcall(struct tdx_module_args *args)
{
	struct tdx_report expected;

	assert(shared_pages == 4 && args->r11 == TDVMCALL_GET_QUOTE);
	assert(args->r12 == (pa_of(&buffer).value | SHARED) && args->r13 == 4 * PAGE_SIZE);
	assert(buffer.header.version == 1 && !buffer.header.status);
	assert(buffer.header.in_size == 1024 && !buffer.header.out_size);
	fill_report(&expected);
	assert(!memcmp(buffer.data, &expected, sizeof(expected)));
	for (size_t i = sizeof(expected); i < sizeof(buffer.data); i++)
		assert(!buffer.data[i]);
	args->r10 = host_status;
	if (busy) {
		busy--;
		args->r10 = TDVMCALL_STATUS_RETRY;
	}
	if (args->r10)
		return 0;
	buffer.header = answer;
	memcpy(buffer.data, &v4, sizeof(v4));
	if (lie)
		lie();
	return 0;
}

static void start(void)
{
	struct tdx_report r;

	memset(data, 0x99, sizeof(data));
	fill_report(&r);
	memset(&v4, 0x31, sizeof(v4));
	v4.head = (struct tdx_quote_head){ .version = 4, .key_type = 2, .tee_type = 0x81 };
	memcpy(v4.body.report_data, data, sizeof(data));
	answer = (struct tdx_quote_header){ 1, TDX_QUOTE_SUCCESS, 1024, sizeof(v4) + 100 };
	module_status = host_status = 0;
	busy = module_busy = 0;
	lie = NULL;
	host_module = on_module;
	host_vmcall = on_vmcall;
	host_vmcalls = 0;
	tdx_info.shared_mask = SHARED;
}

static int ask(void)
{
	int err = tdx_quote_ask(data, &way, &quote, &status);

	assert(!shared_pages);
	return err;
}

static void test_good(void)
{
	tdx_info.shared_mask = 0;
	assert(!tdx_quote_is_possible());
	start();
	assert(tdx_quote_is_possible() && !ask() && quote.size == sizeof(v4) + 100);
	assert(!memcmp(quote.bytes, &v4, sizeof(v4)) && quote.report.td.mrtd[0] == 0x31);
	start();
	no_memory = true;
	assert(ask() == -E_NOMEM && !host_vmcalls);
	no_memory = false;
	busy = 5;
	module_busy = 5;
	assert(!ask());
}

static void shift_v5(u16 type)
{
	u32 size = 648;

	buffer.data[0] = 5;
	memmove(buffer.data + 54, buffer.data + 48, sizeof(v4.body));
	memcpy(buffer.data + 48, &type, sizeof(type));
	memcpy(buffer.data + 50, &size, sizeof(size));
}

static void v5_of_1_0(void) { shift_v5(2); }
static void v5_of_1_5(void) { shift_v5(3); }
static void v5_of_else(void) { shift_v5(4); }

static void test_v5(void)
{
	start();
	lie = v5_of_1_0;
	assert(!ask());
	lie = v5_of_1_5;
	assert(!ask());
	lie = v5_of_else;
	assert(ask() == -E_PERM);
}

static void test_refused(void)
{
	start();
	host_status = TDVMCALL_STATUS_SUBFUNC_UNSUPPORTED;
	assert(ask() == -E_IO && status == host_status);
	start();
	answer.status = TDX_QUOTE_UNAVAILABLE;
	assert(ask() == -E_IO && status == TDX_QUOTE_UNAVAILABLE);
	start();
	answer.status = TDX_QUOTE_ERROR;
	assert(ask() == -E_IO && status == TDX_QUOTE_ERROR);
	start();
	answer.status = 7;
	assert(ask() == -E_IO && status == 7);
	start();
	module_status = TDX_OPERAND_INVALID | TDX_OPERAND_R8;
	assert(ask() == -E_IO && status == module_status && !host_vmcalls);
	start();
	module_busy = 1000;
	assert(ask() == -E_IO && tdx_status_code(status) == TDX_OPERAND_BUSY);
}

static void test_late(void)
{
	start();
	answer.status = TDX_QUOTE_IN_FLIGHT;
	assert(ask() == -E_AGAIN && status == TDX_QUOTE_IN_FLIGHT);
	start();
	busy = ~0U;
	assert(ask() == -E_AGAIN && status == TDVMCALL_STATUS_RETRY);
}

static void test_sizes(void)
{
	start();
	answer.out_size = sizeof(buffer.data);
	assert(!ask());
	answer.out_size++;
	assert(ask() == -E_PERM);
	answer.out_size = ~0U;
	assert(ask() == -E_PERM);
	answer.out_size = 0;
	assert(ask() == -E_PERM);
	answer.out_size = 48 + 6 + 647;
	assert(ask() == -E_PERM);
}

/* Each field that the module vouches for, of another TD. */
static size_t changed;

static void change(void) { buffer.data[changed] ^= 1; }

static void test_another(void)
{
	for (changed = 48; changed < 48 + 584; changed++) {
		bool is_seam = changed >= 48 + 64 && changed < 48 + 120; /* the signer's */

		start();
		lie = change;
		assert(ask() == (is_seam ? 0 : -E_PERM));
	}
	for (changed = 0; changed < 8; changed++) {
		start();
		lie = change; /* version, key type, TEE */
		assert(ask() == (changed == 2 || changed == 3 ? 0 : -E_PERM));
	}
}

int main(void)
{
	test_good();
	test_v5();
	test_refused();
	test_late();
	test_sizes();
	test_another();
	return 0;
}
