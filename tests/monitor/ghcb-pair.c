/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's GHCB code against the monitor's model: every request passes the model's check of
 * fields and scratch, a region goes to shared and back with the RMP as it was, and each wrong
 * order is the violation that the model names.
 * RUN: %monitor-cc -include %root/tests/unit/Inputs/ghcb-host.h %s \
 * RUN:   %root/tests/unit/Inputs/ghcb-host.c %root/early/ghcb_msr.c %root/paravirt/ghcb.c \
 * RUN:   %root/paravirt/ghcb_requests.c %root/paravirt/psc.c \
 * RUN:   %root/lib/format.c -o %t
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/host/ghcb_page.h"
#include "monitor/host/msr_protocol.h"
#include "monitor/host/psc.h"
#include "paravirt/host.h"
#include "paravirt/ghcb.h"
#include "../unit/Inputs/no-end.h"

/* The guest's side, by hand: its header and the model's have functions for the same ends. */
int ghcb_cpuid(u32 leaf, u32 subleaf, struct cpuid_regs *regs, struct host_exception *e);
int ghcb_vmmcall(u64 nr, const u64 args[4], u64 *result, struct host_exception *e);
int ghcb_simple(u64 code, struct host_exception *e);

#define PAGES 8192
#define MIB   U64_C(0x100000)

static struct rmp rmp;
static u32 entries[PAGE_STATE_WORDS(PAGES)];
static enum violation violation;
static struct msr_protocol protocol = { .rmp = &rmp, .registered_gpa = GHCB_UNREGISTERED };

static void changed(void *context, u64 gpa, u64 size, bool private)
{
	(void)context, (void)gpa, (void)size, (void)private;
}

static void model_psc(struct ghcb *copy, u32 offset)
{
	struct psc_desc desc;
	struct psc_result r;

	memcpy(&desc, copy->shared_buffer + offset, sizeof(desc));
	r = psc_process(&desc, PSC_ENTRY_MAX, &rmp, changed, NULL);
	violation = r.violation;
	memcpy(copy->shared_buffer + offset, &desc, sizeof(desc));
	ghcb_reply(copy);
	GHCB_SET(copy, sw_exit_info_2, r.error);
}

static u64 needs_scratch(const struct ghcb *g)
{
	switch (g->save.sw_exit_code) {
	case SVM_VMGEXIT_PSC: return sizeof(struct psc_desc);
	case SVM_VMGEXIT_MMIO_WRITE: return g->save.sw_exit_info_2;
	case SVM_EXIT_IOIO:
		return g->save.sw_exit_info_1 & IOIO_TYPE_STR ? g->save.sw_exit_info_2 : 0;
	default: return 0;
	}
}

/* As the monitor does it: a private copy, judged, answered, written back. */
static void model_page(struct ghcb *g)
{
	struct ghcb copy = *g;
	struct ghcb_verdict verdict = ghcb_check(&copy, GHCB_PROTOCOL_MAX);
	u32 offset = 0;

	if (verdict.violation || verdict.error) {
		printf("exit %#lx: %s, error %u\n", copy.save.sw_exit_code,
		       verdict.field ? verdict.field : "-", verdict.error);
		exit(1);
	}
	assert((u64)(uintptr_t)g == protocol.registered_gpa);
	if (needs_scratch(&copy))
		assert(!ghcb_scratch(&copy, (u64)(uintptr_t)g, needs_scratch(&copy), &offset));
	if (copy.save.sw_exit_code == SVM_VMGEXIT_PSC) {
		model_psc(&copy, offset);
	} else if (copy.save.sw_exit_code == SVM_EXIT_MSR && copy.save.rcx == 0xbad) {
		ghcb_reply_exception(&copy, VEC_GP, true, 0);
	} else {
		ghcb_reply(&copy);
		GHCB_SET(&copy, rax, 1);
		GHCB_SET(&copy, rbx, 2);
		GHCB_SET(&copy, rcx, 3);
		GHCB_SET(&copy, rdx, 4);
	}
	*g = copy;
}

static u64 model_msr(u64 request)
{
	struct msr_protocol_result r;

	/* Our GHCB lies at an address of this process, far outside of the model's memory. */
	if (ghcb_msr_info(request) == GHCB_MSR_REGISTER_GPA_REQ) {
		protocol.registered_gpa = request & GHCB_MSR_GPA_MASK;
		return host_msr_default(request);
	}
	r = msr_protocol_request(&protocol, request);
	violation = r.violation;
	assert(r.action == MSR_PROTOCOL_RESPOND || r.action == MSR_PROTOCOL_VIOLATION);
	return r.value;
}

static u32 model_pvalidate(u64 address, u32 size, u32 validate, bool *unchanged)
{
	struct rmp_result r = rmp_pvalidate(&rmp, address, size, validate);

	violation = r.violation;
	*unchanged = r.unchanged;
	return r.violation ? PVALIDATE_FAIL_INPUT : r.status;
}

static void test_requests(void)
{
	struct host_exception e;
	const u64 args[4] = { 0x1000, 1, 2, 3 };
	struct cpuid_regs regs;
	u64 value;
	u32 v;
	char text[3000] = { 0 };

	assert(!ghcb_requests.io_in(0x3f8, 1, &v, &e) && v == 1);
	assert(!ghcb_requests.io_out(0x3f8, 1, 2, &e));
	assert(!ghcb_requests.io_out_string(0x3f8, 1, text, sizeof(text), &e));
	assert(!ghcb_requests.msr_read(0x1b, &value, &e) && value == (U64_C(4) << 32 | 1));
	assert(ghcb_requests.msr_read(0xbad, &value, &e) == -E_FAULT && e.vector == VEC_GP);
	assert(!ghcb_requests.msr_write(0x1b, 5, &e));
	assert(!ghcb_requests.mmio_write(pa(0xfee000b0), 4, 0, &e));
	assert(!ghcb_cpuid(0, 0, &regs, &e) && regs.edx == 4);
	assert(!ghcb_cpuid(0xd, 1, &regs, &e));
	for (u64 nr = 0; nr < 16; nr++)
		assert(!ghcb_vmmcall(nr, args, &value, &e) && value == 1);
	assert(!ghcb_simple(SVM_EXIT_WBINVD, &e));
	assert(!ghcb_simple(SVM_VMGEXIT_NMI_COMPLETE, &e));
}

/* 7 pages, 2M, 2M and 3 pages, from 4 MiB - 7 pages on. */
#define START (4 * MIB - 7 * PAGE_SIZE)
#define COUNT (7 + 1024 + 3)

static void to_shared(void)
{
	psc_validate(va(START), COUNT, false);
	psc_change(pa(START), COUNT, PSC_OP_SHARED);
}

static void to_private(void)
{
	psc_change(pa(START), COUNT, PSC_OP_PRIVATE);
	psc_validate(va(START), COUNT, true);
}

static void expect_all(u32 flags)
{
	for (u64 i = 0; i < COUNT; i++) {
		u32 now = rmp_flags(&rmp, START + i * PAGE_SIZE);

		assert((now & (RMP_ASSIGNED | RMP_VALIDATED)) == flags);
	}
}

static void test_round_trip(void)
{
	assert(host_terminates(to_shared) == -1);
	expect_all(0);
	assert(host_terminates(to_private) == -1);
	expect_all(RMP_ASSIGNED | RMP_VALIDATED);
	/* again: nothing was left half done */
	assert(host_terminates(to_shared) == -1);
	assert(host_terminates(to_private) == -1);
	expect_all(RMP_ASSIGNED | RMP_VALIDATED);
}

static void share_validated(void) { psc_change(pa(START), 1, PSC_OP_SHARED); }

static void validate_twice(void) { psc_validate(va(START), 1, true); }

static void test_wrong_orders(void)
{
	assert(host_terminates(share_validated) == TERM_PSC);
	assert(violation == VIOLATION_PSC_SHARED_VALIDATED);
	assert(host_terminates(validate_twice) == TERM_PVALIDATE);
	assert(violation == VIOLATION_PVALIDATE_TWICE);
	assert(host_terminates(to_shared) == -1);
	assert(host_terminates(validate_twice) == TERM_PVALIDATE);
	assert(violation == VIOLATION_PVALIDATE_UNASSIGNED);
}

static void launch(void)
{
	rmp_init(&rmp, entries, PAGES);
	assert(!rmp_assign(&rmp, 0, (u64)PAGES * PAGE_SIZE, RMP_VALIDATED));
}

int main(void)
{
	psc_set_eviction(false); /* there is no memory here to read */
	host_msr = model_msr;
	host_page = model_page;
	host_pvalidate = model_pvalidate;
	launch();
	/* Before the GHCB: page by page. */
	assert(host_terminates(to_shared) == -1);
	expect_all(0);
	assert(host_terminates(to_private) == -1);
	assert(host_msr_exits == 2 * COUNT && !host_page_exits);
	launch();
	host_setup();
	test_requests();
	host_page_exits = 0;
	test_round_trip();
	assert(host_page_exits == 4);
	test_wrong_orders();
	puts("ok");
	return 0;
}
