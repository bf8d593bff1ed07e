/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's TDX code against the monitor's model of module and host: requests arrive as they were
 * meant, pages go to shared and back however the host cuts them up, and each wrong order is the
 * violation that the model names, or a status that the guest takes for an attack.
 * RUN: %monitor-cc -Dtdx_cpuid=guest_tdx_cpuid -include %root/tests/unit/Inputs/tdx-host.h %s \
 * RUN:   -I%root/tests/unit/Inputs %root/tests/unit/Inputs/tdx-host.c %root/early/tdvmcall.c \
 * RUN:   %root/paravirt/tdx_pages.c %root/paravirt/tdx_requests.c %root/lib/format.c -o %t
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "abi/ghcb.h"
#include "early/platform.h"
#include "early/tdx.h"
#include "monitor/host/tdx_vmcall.h"
#include "paravirt/host.h"
#include "paravirt/tdx.h"
#include "../unit/Inputs/no-end.h"

#define PAGES 4096 /* 16 MiB: 4 in the TD from the start, the rest waits */
#define MIB   U64_C(0x100000)

static u32 entries[PAGE_STATE_WORDS(PAGES)];
static struct tdx_td td;
static struct tdx_vcpu vcpu;
static enum violation violation;
static u64 zeroed, converted;
static u64 port_seen, device_seen, msr_seen;

/* ---- the machine below the model */

static int no_read(void *c, u64 gpa, void *data, size_t size)
{
	(void)c, (void)gpa, (void)data, (void)size;
	return -E_FAULT;
}

static int no_write(void *c, u64 gpa, const void *data, size_t size)
{
	(void)c, (void)gpa, (void)data, (void)size;
	return -E_FAULT;
}

static void accepted(void *c, u64 gpa, u64 size)
{
	(void)c, (void)gpa;
	zeroed += size;
}

static void changed(void *c, u64 gpa, u64 size, bool private)
{
	(void)c, (void)gpa, (void)private;
	converted += size;
}

static struct cpuid_values cpuid(void *c, u32 leaf, u32 subleaf)
{
	(void)c;
	return (struct cpuid_values){ leaf, subleaf, 3, 4 };
}

static u32 port_in(void *c, u16 port, unsigned int size)
{
	(void)c;
	port_seen = port;
	return (u32)(0x99887766 & bits_mask(8 * size));
}

static void port_out(void *c, u16 port, unsigned int size, u32 value)
{
	(void)c;
	port_seen = (u64)value << 32 | size << 16 | port;
}

static int msr_read(void *c, u32 msr, u64 *value)
{
	(void)c;
	*value = 0x123456789abcdef0;
	return msr == 0x1a0 ? -E_INVAL : 0;
}

static int msr_write(void *c, u32 msr, u64 value)
{
	(void)c;
	msr_seen = value;
	return msr == 0x1a0 ? -E_INVAL : 0;
}

static int mmio_read(void *c, u64 gpa, unsigned int size, u64 *value)
{
	(void)c;
	device_seen = gpa;
	*value = ~U64_C(0) >> (64 - 8 * size);
	return 0;
}

static int mmio_write(void *c, u64 gpa, unsigned int size, u64 value)
{
	(void)c, (void)size;
	device_seen = gpa ^ value;
	return 0;
}

static s64 hypercall(void *c, const struct kvm_hypercall *call)
{
	(void)c, (void)call;
	return 0;
}

static const struct tdx_machine machine = {
	.read = no_read,
	.write = no_write,
	.accepted = accepted,
};

static const struct tdx_host host = {
	.converted = changed,
	.cpuid = cpuid,
	.port_in = port_in,
	.port_out = port_out,
	.msr_read = msr_read,
	.msr_write = msr_write,
	.mmio_read = mmio_read,
	.mmio_write = mmio_write,
	.hypercall = hypercall,
};

/* ---- TDCALL */

static void to_model(u64 gpr[TDX_GPR_COUNT], const struct tdx_module_args *a)
{
	gpr[TDX_RCX] = a->rcx, gpr[TDX_RDX] = a->rdx, gpr[TDX_R8] = a->r8, gpr[TDX_R9] = a->r9;
	gpr[TDX_R10] = a->r10, gpr[TDX_R11] = a->r11, gpr[TDX_R12] = a->r12;
	gpr[TDX_R13] = a->r13, gpr[TDX_R14] = a->r14, gpr[TDX_R15] = a->r15;
	gpr[TDX_RBX] = a->rbx, gpr[TDX_RDI] = a->rdi, gpr[TDX_RSI] = a->rsi;
}

static void from_model(struct tdx_module_args *a, const u64 gpr[TDX_GPR_COUNT])
{
	*a = (struct tdx_module_args){
		.rcx = gpr[TDX_RCX],
		.rdx = gpr[TDX_RDX],
		.r8 = gpr[TDX_R8],
		.r9 = gpr[TDX_R9],
		.r10 = gpr[TDX_R10],
		.r11 = gpr[TDX_R11],
		.r12 = gpr[TDX_R12],
		.r13 = gpr[TDX_R13],
		.r14 = gpr[TDX_R14],
		.r15 = gpr[TDX_R15],
		.rbx = gpr[TDX_RBX],
		.rdi = gpr[TDX_RDI],
		.rsi = gpr[TDX_RSI],
	};
}

/* A violation would end the guest: here its call fails, which ends it as well. */
static u64 module(u64 leaf, struct tdx_module_args *args)
{
	u64 gpr[TDX_GPR_COUNT] = { [TDX_RAX] = leaf };
	struct tdx_call call = { &td, &vcpu, NULL, gpr, 0, true };
	struct tdx_result result;

	to_model(gpr, args);
	result = tdx_tdcall(&call);
	if (result.outcome == TDX_OUTCOME_VMCALL) {
		struct tdx_vmcall request = tdx_vmcall(&call, &host);

		assert(!request.rax);
	} else if (result.outcome != TDX_OUTCOME_RESUME) {
		violation = result.violation;
		return TDX_OPERAND_INVALID;
	}
	from_model(args, gpr);
	return gpr[TDX_RAX];
}

static u64 vmcall(struct tdx_module_args *args) { return module(TDG_VP_VMCALL, args); }

static void start(u64 attributes)
{
	tdx_td_init(&td, &machine, TDX_GPAW_48, attributes, 7, 1);
	sept_init(&td.sept, entries, PAGES);
	assert(!sept_assign(&td.sept, 0, 4 * MIB, true));
	assert(!sept_assign(&td.sept, 4 * MIB, 12 * MIB, false));
	host_module = module;
	host_vmcall = vmcall;
	violation = VIOLATION_NONE;
	zeroed = converted = 0;
	assert(!host_is_told(tdx_init));
	platform.shared_mask = tdx_info.shared_mask;
}

/* ---- */

static void test_start(void)
{
	start(TDX_ATTR_SEPT_VE_DISABLE);
	assert(tdx_info.shared_mask == BIT(47) && tdx_info.vcpu_count == 1);
	tdx_td_init(&td, &machine, TDX_GPAW_48, 0, 7, 1);
	assert(host_is_told(tdx_init) && host_reason == TERM_ATTRIBUTES);
	td.config_flags |= TDCS_CONFIG_FLEXIBLE_PENDING_VE;
	td.td_ctls_offered |= TD_CTLS_PENDING_VE_DISABLE;
	assert(!host_is_told(tdx_init) && td.td_ctls & TD_CTLS_PENDING_VE_DISABLE);
}

static void test_requests(void)
{
	struct host_exception e;
	struct cpuid_regs regs;
	u64 value;
	u32 word;

	start(TDX_ATTR_SEPT_VE_DISABLE);
	assert(!tdx_requests.io_in(0x3f8, 2, &word, &e) && word == 0x7766 && port_seen == 0x3f8);
	assert(!tdx_requests.io_out(0x80, 1, 0x1234, &e) &&
	       port_seen == (U64_C(0x34) << 32 | 0x10080));
	assert(!tdx_requests.msr_read(0x1b, &value, &e) && value == 0x123456789abcdef0);
	assert(!tdx_requests.msr_write(0x832, 7, &e) && msr_seen == 7);
	assert(tdx_requests.msr_write(0x1b, 7, &e) == -E_FAULT && e.vector == VEC_GP);
	assert(tdx_requests.msr_read(0x1a0, &value, &e) == -E_FAULT && e.vector == VEC_GP);
	assert(!tdx_requests.mmio_read(pa(0xfee00020), 4, &value, &e) && value == 0xffffffff);
	assert(device_seen == 0xfee00020);
	assert(!tdx_requests.mmio_write(pa(0xfec00000), 8, 5, &e) && device_seen == 0xfec00005);
	tdx_cpuid_by_host(0x40000001, 2, &regs);
	assert(regs.eax == 0x40000001 && regs.ebx == 2 && regs.edx == 4);
	tdx_hlt(false);
	assert(!tdx_requests.wbinvd(&e));
}

static u64 at, size;

static void accept_range(void) { tdx_accept(pa(at), size / PAGE_SIZE); }

static void round_trip(void)
{
	tdx_map_gpa(pa(at), size / PAGE_SIZE, false);
	assert(!sept_is_private(&td.sept, at));
	tdx_map_gpa(pa(at), size / PAGE_SIZE, true);
	tdx_accept(pa(at), size / PAGE_SIZE);
}

static bool fails(void (*function)(void), u64 start_at, u64 of_size)
{
	at = start_at;
	size = of_size;
	return host_is_told(function);
}

static void test_pages(void)
{
	start(TDX_ATTR_SEPT_VE_DISABLE);
	assert(!fails(accept_range, 4 * MIB, 8 * MIB) && zeroed == 8 * MIB);
	/* over the ends of 2M units, and cut up by the host */
	td.retry_chunks = 1;
	td.busy_count = 5;
	zeroed = 0;
	assert(!fails(round_trip, 5 * MIB, 4 * MIB + PAGE_SIZE));
	assert(converted == 2 * (4 * MIB + PAGE_SIZE) && zeroed == 4 * MIB + PAGE_SIZE);
	assert(tdx_access(&td, 5 * MIB, ACCESS_WRITE).outcome == TDX_OUTCOME_RESUME);
	/* a host that maps 4K pages only, as KVM */
	td.sept.small_only = true;
	assert(!fails(accept_range, 12 * MIB, 4 * MIB));
	assert(tdx_access(&td, 15 * MIB, ACCESS_READ).outcome == TDX_OUTCOME_RESUME);
	assert(!violation);
}

static void test_bad(void)
{
	start(TDX_ATTR_SEPT_VE_DISABLE);
	td.retry_forever = true;
	assert(fails(round_trip, 4 * MIB, 2 * MIB) && host_reason == TERM_PSC);
	td.retry_forever = false;
	td.map_gpa_refused = true;
	assert(fails(round_trip, 4 * MIB, 2 * MIB) && host_reason == TERM_PSC);
	td.map_gpa_refused = false;
	assert(!fails(accept_range, 4 * MIB, 2 * MIB));
	/* The monitor names it; hardware leaves it to the guest to see. */
	assert(fails(accept_range, 4 * MIB, PAGE_SIZE) && violation == VIOLATION_TDX_ACCEPT_TWICE);
	td.lenient = true;
	assert(fails(accept_range, 4 * MIB, PAGE_SIZE) && host_reason == TERM_PVALIDATE);
	td.busy_count = ~0U;
	assert(fails(accept_range, 8 * MIB, PAGE_SIZE) && host_reason == TERM_PVALIDATE);
}

int main(void)
{
	test_start();
	test_requests();
	test_pages();
	test_bad();
	puts("ok");
	return 0;
}
