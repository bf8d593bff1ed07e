/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TD of 8 MiB with one processor, over memory and devices that write down what they were asked.
 */
#pragma once

#include <assert.h>
#include <string.h>

#include "monitor/host/tdx_vmcall.h"

#define M2     ((u64)PAGE_2M_SIZE)
#define PAGES  2048
#define SHARED BIT(51)

/* 0: in the TD from the start; 2M: shared; from 4M on: to be accepted. */
#define AT_PRIVATE U64_C(0x1000)
#define AT_SHARED  U64_C(0x200000)
#define AT_PENDING U64_C(0x400000)

static u8 memory[2 * PAGE_2M_SIZE];
static u32 entries[PAGE_STATE_WORDS(PAGES)];
static struct tdx_td td;
static struct tdx_platform platform;
static struct tdx_vcpu vcpu;
static u64 gpr[TDX_GPR_COUNT];
static struct tdx_call call;
static int context;

/* What the machine was asked last */
static struct {
	const char *what;
	u64 args[4];
	unsigned int count;
} asked;
static bool machine_fails;
static u64 machine_value;

static void ask(void *c, const char *what, u64 a, u64 b, u64 d)
{
	assert(c == &context);
	asked.what = what;
	asked.args[0] = a;
	asked.args[1] = b;
	asked.args[2] = d;
	asked.count++;
}

static inline bool was_asked(const char *what, u64 a, u64 b, u64 d)
{
	return asked.what && !strcmp(asked.what, what) && asked.args[0] == a &&
	       asked.args[1] == b && asked.args[2] == d;
}

static int fake_read(void *c, u64 gpa, void *data, size_t size)
{
	assert(c == &context);
	if (machine_fails || gpa + size > sizeof(memory))
		return -E_FAULT;
	memcpy(data, memory + gpa, size);
	return 0;
}

static int fake_write(void *c, u64 gpa, const void *data, size_t size)
{
	assert(c == &context);
	if (machine_fails || gpa + size > sizeof(memory))
		return -E_FAULT;
	memcpy(memory + gpa, data, size);
	return 0;
}

static void fake_accepted(void *c, u64 gpa, u64 size) { ask(c, "accepted", gpa, size, 0); }

static void fake_converted(void *c, u64 gpa, u64 size, bool private)
{
	ask(c, "converted", gpa, size, private);
}

static struct cpuid_values fake_host_cpuid(void *c, u32 leaf, u32 subleaf)
{
	ask(c, "cpuid", leaf, subleaf, 0);
	return (struct cpuid_values){ 1, 2, 3, 4 };
}

static u32 fake_port_in(void *c, u16 port, unsigned int size)
{
	ask(c, "in", port, size, 0);
	return (u32)machine_value;
}

static void fake_port_out(void *c, u16 port, unsigned int size, u32 value)
{
	ask(c, "out", port, size, value);
}

static int fake_msr_read(void *c, u32 msr, u64 *value)
{
	ask(c, "rdmsr", msr, 0, 0);
	*value = machine_value;
	return machine_fails ? -E_INVAL : 0;
}

static int fake_msr_write(void *c, u32 msr, u64 value)
{
	ask(c, "wrmsr", msr, value, 0);
	return machine_fails ? -E_INVAL : 0;
}

static int fake_mmio_read(void *c, u64 gpa, unsigned int size, u64 *value)
{
	ask(c, "mmio-read", gpa, size, 0);
	*value = machine_value;
	return machine_fails ? -E_INVAL : 0;
}

static int fake_mmio_write(void *c, u64 gpa, unsigned int size, u64 value)
{
	ask(c, "mmio-write", gpa, size, value);
	return machine_fails ? -E_INVAL : 0;
}

static struct tdx_quote_request quote_request;

/* One at a time */
static struct tdx_quote_request *fake_quote(void *c)
{
	ask(c, "quote", 0, 0, 0);
	quote_request.due = 77;
	return quote_request.is_pending ? NULL : &quote_request;
}

static s64 fake_hypercall(void *c, const struct kvm_hypercall *h)
{
	ask(c, "hypercall", h->nr, h->args[0], h->args[3]);
	assert(!h->cpl && h->is_64bit);
	return -KVM_ENOSYS;
}

static const struct tdx_machine machine = {
	.read = fake_read,
	.write = fake_write,
	.accepted = fake_accepted,
};

static const struct tdx_host host = {
	.converted = fake_converted,
	.cpuid = fake_host_cpuid,
	.port_in = fake_port_in,
	.port_out = fake_port_out,
	.msr_read = fake_msr_read,
	.msr_write = fake_msr_write,
	.mmio_read = fake_mmio_read,
	.mmio_write = fake_mmio_write,
	.quote = fake_quote,
	.hypercall = fake_hypercall,
};

/* What no answer is, so that a register left alone or changed is seen. */
static inline u64 unset(unsigned int reg) { return U64_C(0x1111111111111111) * reg + 0xdead; }

static void fill_gpr(void)
{
	for (unsigned int i = 0; i < TDX_GPR_COUNT; i++)
		gpr[i] = unset(i);
}

static void setup(void)
{
	tdx_td_init(&td, &machine, TDX_GPAW_52, TDX_ATTR_SEPT_VE_DISABLE, 7, 1);
	platform = (struct tdx_platform){ .root = { .cpu_svn = { 5 }, .tee_tcb_svn = { 6, 1 } },
					  .report_key = "a key of this processor's" };
	td.platform = &platform;
	sept_init(&td.sept, entries, PAGES);
	assert(!sept_assign(&td.sept, 0, M2, true));
	assert(!sept_assign(&td.sept, M2, 3 * M2, false));
	assert(!sept_convert(&td.sept, AT_SHARED, M2, false));
	vcpu = (struct tdx_vcpu){ 0 };
	memset(&asked, 0, sizeof(asked));
	quote_request.is_pending = false;
	machine_fails = false;
	fill_gpr();
	call = (struct tdx_call){
		.td = &td, .vcpu = &vcpu, .context = &context, .gpr = gpr, .is_64bit = true
	};
}

/* TDCALL with three inputs; the status where the guest goes on. */
static inline u64 do_tdcall(u64 leaf, u64 rcx, u64 rdx, u64 r8)
{
	struct tdx_result result;

	gpr[TDX_RAX] = leaf;
	gpr[TDX_RCX] = rcx;
	gpr[TDX_RDX] = rdx;
	gpr[TDX_R8] = r8;
	result = tdx_tdcall(&call);
	assert(result.outcome == TDX_OUTCOME_RESUME && !result.violation);
	return gpr[TDX_RAX];
}

static inline enum violation tdcall_violates(u64 leaf, u64 rcx, u64 rdx, u64 r8)
{
	struct tdx_result result;

	gpr[TDX_RAX] = leaf;
	gpr[TDX_RCX] = rcx;
	gpr[TDX_RDX] = rdx;
	gpr[TDX_R8] = r8;
	result = tdx_tdcall(&call);
	assert(result.outcome == TDX_OUTCOME_VIOLATION);
	return result.violation;
}
