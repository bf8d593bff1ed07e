/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each request marks valid exactly what its exit needs, with interrupts off; answers that are not
 * what they must be terminate; an exception is handed to the caller; an NMI inside a request gets
 * the page and gives it back as it was, and a third level terminates.
 * RUN: %unit-cc -include %S/Inputs/ghcb-host.h %s %S/Inputs/ghcb-host.c \
 * RUN:   %root/early/ghcb_msr.c %root/paravirt/ghcb.c %root/paravirt/ghcb_requests.c -o %t
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "abi/kvm_para.h"
#include "paravirt/ghcb.h"
#include "Inputs/no-end.h"

/* The request as the hypervisor saw it. */
static struct ghcb seen;
static struct host_exception exception;

#define BITS(...) (const unsigned int[]){ __VA_ARGS__ }, sizeof((unsigned int[]){ __VA_ARGS__ }) / 4
#define V(field)  GHCB_VALID_BIT(field)

static void expect_valid(const unsigned int *bits, size_t count)
{
	u8 bitmap[16] = { 0 };
	const unsigned int always[] = { V(sw_exit_code), V(sw_exit_info_1), V(sw_exit_info_2) };

	for (size_t i = 0; i < 3; i++)
		bitmap[always[i] / 8] |= (u8)(1 << always[i] % 8);
	for (size_t i = 0; i < count; i++)
		bitmap[bits[i] / 8] |= (u8)(1 << bits[i] % 8);
	assert(!memcmp(bitmap, seen.save.valid_bitmap, sizeof(bitmap)));
	assert(seen.protocol_version == 2 && seen.ghcb_usage == 0);
}

static void expect_exit(u64 code, u64 info1, u64 info2)
{
	assert(seen.save.sw_exit_code == code);
	assert(seen.save.sw_exit_info_1 == info1);
	assert(seen.save.sw_exit_info_2 == info2);
}

static void host_registers(struct ghcb *g)
{
	seen = *g;
	host_answer(g, 0, 0);
	host_set(g, rax, 0x1111111122222222);
	host_set(g, rbx, 0x3333333344444444);
	host_set(g, rcx, 0x5555555566666666);
	host_set(g, rdx, 0x7777777788888888);
	memset(g->shared_buffer, 0x99, sizeof(g->shared_buffer));
}

static void test_port(void)
{
	u32 value;
	u8 data[5000];

	assert(!ghcb_requests.io_in(0x3f8, 1, &value, &exception) && value == 0x22);
	expect_exit(SVM_EXIT_IOIO, 0x3f80000 | IOIO_DATA_8 | IOIO_TYPE_IN, 0);
	expect_valid(NULL, 0);
	assert(!ghcb_requests.io_in(0x3f8, 4, &value, &exception) && value == 0x22222222);

	assert(!ghcb_requests.io_out(0xcf8, 2, 0x12345678, &exception));
	expect_exit(SVM_EXIT_IOIO, 0xcf80000 | IOIO_DATA_16, 0);
	expect_valid(BITS(V(rax)));
	assert(seen.save.rax == 0x5678); /* no more than what is written */

	memset(data, 0x77, sizeof(data));
	host_page_exits = 0;
	assert(!ghcb_requests.io_out_string(0x3f8, 1, data, sizeof(data), &exception));
	assert(host_page_exits == 3);
	expect_exit(SVM_EXIT_IOIO,
		    0x3f80000 | IOIO_DATA_8 | IOIO_TYPE_STR | IOIO_REP | IOIO_ADDR_64 |
			    IOIO_SEG_DS << IOIO_SEG_SHIFT,
		    sizeof(data) - 2 * GHCB_SHARED_BUFFER_SIZE);
	expect_valid(BITS(V(sw_scratch)));
	assert(seen.shared_buffer[0] == 0x77);

	host_page_exits = 0;
	assert(!ghcb_requests.io_in_string(0x1f0, 2, data, 1200, &exception));
	assert(host_page_exits == 2 && data[0] == 0x99 && data[2399] == 0x99 && data[2400] == 0x77);
}

static void test_registers(void)
{
	const u64 args[4] = { 1, 2, 3, 4 };
	struct cpuid_regs regs;
	u64 value;
	u32 aux;

	assert(!ghcb_requests.msr_read(0x1b, &value, &exception) && value == 0x8888888822222222);
	expect_exit(SVM_EXIT_MSR, 0, 0);
	expect_valid(BITS(V(rcx)));
	assert(!ghcb_requests.msr_write(0x1b, 0xaaaaaaaabbbbbbbb, &exception));
	expect_exit(SVM_EXIT_MSR, 1, 0);
	expect_valid(BITS(V(rcx), V(rax), V(rdx)));
	assert(seen.save.rcx == 0x1b && seen.save.rax == 0xbbbbbbbb && seen.save.rdx == 0xaaaaaaaa);

	assert(!ghcb_cpuid(1, 2, &regs, &exception));
	expect_valid(BITS(V(rax), V(rcx)));
	assert(regs.eax == 0x22222222 && regs.edx == 0x88888888);
	assert(!ghcb_cpuid(CPUID_XSTATE, 0, &regs, &exception));
	expect_valid(BITS(V(rax), V(rcx), V(xcr0)));
	assert(seen.save.xcr0 == 1);

	assert(!ghcb_vmmcall(12, args, &value, &exception) && value == 0x1111111122222222);
	expect_valid(BITS(V(rax), V(rbx), V(rcx), V(rdx), V(rsi), V(cpl)));
	assert(seen.save.rax == 12 && seen.save.rbx == 1 && seen.save.rsi == 4 && !seen.save.cpl);

	assert(!ghcb_tsc(SVM_EXIT_RDTSCP, &value, &aux, &exception) && aux == 0x66666666);
	expect_valid(NULL, 0);
	assert(!ghcb_pmc(3, &value, &exception));
	expect_valid(BITS(V(rcx)));
	assert(!ghcb_dr7_write(0x400, &exception));
	expect_valid(BITS(V(rax)));
	assert(!ghcb_simple(SVM_EXIT_WBINVD, &exception));
	expect_valid(NULL, 0);
}

static void test_mmio(void)
{
	u64 value;

	assert(!ghcb_requests.mmio_read(pa(0xfee00020), 4, &value, &exception) &&
	       value == 0x99999999);
	expect_exit(SVM_VMGEXIT_MMIO_READ, 0xfee00020, 4);
	expect_valid(BITS(V(sw_scratch)));
	assert(!ghcb_requests.mmio_write(pa(0xfee000b0), 8, 0x123456789, &exception));
	expect_exit(SVM_VMGEXIT_MMIO_WRITE, 0xfee000b0, 8);
	assert(!memcmp(seen.shared_buffer, "\x89\x67\x45\x23\x01\0\0\0", 8));
}

/* Answers, good and bad. */
static u64 answer1, answer2;

static void host_answers(struct ghcb *g) { host_answer(g, answer1, answer2); }

static void read_msr(void)
{
	u64 value;

	assert(ghcb_requests.msr_read(1, &value, &exception) == -E_FAULT);
}

#define EVENT(vector, type) (EVENT_VALID | (u64)(type) << EVENT_TYPE_SHIFT | (vector))

static int answered(u64 info1, u64 info2)
{
	answer1 = info1;
	answer2 = info2;
	host_page = host_answers;
	return host_terminates(read_msr);
}

static void host_is_silent(struct ghcb *g)
{
	memset(g->save.valid_bitmap, 0, sizeof(g->save.valid_bitmap));
}

/* A terminated request leaves the page in use: count it back, as no guest can. */
static void recover(void)
{
	struct ghcb_request r = { .flags = RFLAGS_IF };
	static struct ghcb scrap;

	r.ghcb = &scrap;
	ghcb_end(&r);
}

static void test_answers(void)
{
	assert(answered(1, EVENT(VEC_GP, 3) | EVENT_ERROR_CODE_VALID | 5ULL << 32) == -1);
	assert(exception.vector == VEC_GP && exception.has_error_code && exception.error_code == 5);
	assert(answered(1, EVENT(VEC_UD, 3)) == -1);
	assert(exception.vector == VEC_UD && !exception.has_error_code);
	assert(host_irqs_on);

	assert(answered(1, EVENT(VEC_PF, 3)) == TERM_RESPONSE);
	recover();
	assert(answered(1, EVENT(VEC_GP, 0)) == TERM_RESPONSE);
	recover();
	assert(answered(1, EVENT(VEC_GP, 3) & ~EVENT_VALID) == TERM_RESPONSE);
	recover();
	assert(answered(2, GHCB_ERR_MISSING_INPUT) == TERM_RESPONSE);
	recover();
	assert(answered(3, 0) == TERM_RESPONSE);
	recover();
	assert(answered(0, 0) == TERM_RESPONSE); /* no RAX in the answer */
	recover();
	host_page = host_is_silent;
	assert(host_terminates(read_msr) == TERM_RESPONSE);
	recover();
}

/* An NMI while the hypervisor has the request of the code below. */
static unsigned int nmi_depth;

static void nmi(void)
{
	u32 value;

	assert(!ghcb_requests.io_in(0x60, 1, &value, &exception) && value == 0x22);
}

static void host_with_nmi(struct ghcb *g)
{
	if (nmi_depth) {
		struct ghcb before = *g;

		nmi_depth--;
		nmi();
		/* Valid bits, fields and buffer: all as if nothing had been. */
		assert(!memcmp(&before, g, sizeof(before)));
	}
	host_registers(g);
}

static void write_mmio(void)
{
	assert(!ghcb_requests.mmio_write(pa(0xfee000b0), 4, 0x12345678, &exception));
}

static void test_nesting(void)
{
	host_page = host_with_nmi;
	for (int deepest = 1; deepest <= 3; deepest++) {
		nmi_depth = deepest;
		assert(host_terminates(write_mmio) == -1);
		expect_exit(SVM_VMGEXIT_MMIO_WRITE, 0xfee000b0, 4);
		assert(!memcmp(seen.shared_buffer, "\x78\x56\x34\x12", 4));
	}

	nmi_depth = 4;
	assert(host_terminates(write_mmio) == TERM_NESTED);
}

/* NMIs that each come inside of the last one's completion, with a request of their own. */
static unsigned int nmis_left, completions, inside;

static void host_with_next_nmi(struct ghcb *g)
{
	if (g->save.sw_exit_code == SVM_VMGEXIT_NMI_COMPLETE) {
		assert(!inside++);
		completions++;
		if (nmis_left) {
			nmis_left--;
			nmi();
			ghcb_nmi_complete();
		}
		inside--;
	}
	host_registers(g);
}

static void complete(void) { ghcb_nmi_complete(); }

static void test_nmi_complete(void)
{
	host_page = host_with_next_nmi;
	nmis_left = 100;
	assert(host_terminates(complete) == -1);
	assert(completions == 101 && !inside);
	assert(host_terminates(write_mmio) == -1);
}

static u64 refuse_registration(u64 request)
{
	(void)request;
	return GHCB_PREFERRED_GPA_NONE | GHCB_MSR_REGISTER_GPA_RESP;
}

static void call(void) { (void)hypercall_by_ghcb(KVM_HC_SCHED_YIELD, 0, 0, 0, 0); }

/* Before there is a page nothing goes by it; and none that cannot be shared is used. */
static void test_without_page(void)
{
	assert(host_terminates(call) == TERM_EARLY_CALL);
	host_shares_nothing = true;
	assert(host_terminates(ghcb_setup) == TERM_PSC);
	assert(host_terminates(ghcb_setup_unregistered) == TERM_PSC);
	host_shares_nothing = false;
	assert(!ghcb_is_ready() && !host_page_exits);
}

int main(void)
{
	test_without_page();
	host_msr = refuse_registration;
	assert(host_terminates(ghcb_setup) == TERM_REGISTER);
	host_msr = host_msr_default;
	host_setup();
	host_page = host_registers;
	test_port();
	test_registers();
	test_mmio();
	test_answers();
	test_nmi_complete();
	test_nesting();
	puts("ok");
	return 0;
}
