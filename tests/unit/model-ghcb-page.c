/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request in the GHCB page passes only with every field marked valid that its exit needs by
 * table 7; the answer marks what it gives; scratch memory stays in the shared buffer.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "../../monitor/host/ghcb_page.c"

static struct ghcb ghcb;

#define GPA 0x7000

static void request(u64 code, u64 info_1, u64 info_2)
{
	memset(&ghcb, 0, sizeof(ghcb));
	ghcb.protocol_version = 2;
	GHCB_SET(&ghcb, sw_exit_code, code);
	GHCB_SET(&ghcb, sw_exit_info_1, info_1);
	GHCB_SET(&ghcb, sw_exit_info_2, info_2);
}

static bool passes(void)
{
	struct ghcb_verdict v = ghcb_check(&ghcb, GHCB_PROTOCOL_MAX);

	return !v.violation && !v.error;
}

static bool lacks(const char *field)
{
	struct ghcb_verdict v = ghcb_check(&ghcb, GHCB_PROTOCOL_MAX);

	return v.violation == VIOLATION_GHCB_FIELD_NOT_VALID && !v.error && !strcmp(v.field, field);
}

static bool errs(u32 error)
{
	struct ghcb_verdict v = ghcb_check(&ghcb, GHCB_PROTOCOL_MAX);

	return !v.violation && v.error == error;
}

static void test_bitmap(void)
{
	static const struct {
		size_t offset;
		unsigned int bit;
	} known[] = {
		{ offsetof(struct ghcb_save_area, cpl), 25 },
		{ offsetof(struct ghcb_save_area, rax), 63 },
		{ offsetof(struct ghcb_save_area, rcx), 97 },
		{ offsetof(struct ghcb_save_area, sw_exit_code), 114 },
		{ offsetof(struct ghcb_save_area, sw_scratch), 117 },
		{ offsetof(struct ghcb_save_area, xcr0), 125 },
	};

	for (unsigned int i = 0; i < array_count(known); i++) {
		memset(&ghcb, 0, sizeof(ghcb));
		assert(!ghcb_is_valid(&ghcb, known[i].offset));
		ghcb_mark_valid(&ghcb, known[i].offset);
		assert(ghcb_is_valid(&ghcb, known[i].offset));
		for (unsigned int byte = 0; byte < 16; byte++)
			assert(ghcb.save.valid_bitmap[byte] ==
			       (byte == known[i].bit / 8 ? 1 << known[i].bit % 8 : 0));
	}
}

static void test_head(void)
{
	request(SVM_EXIT_RDTSC, 0, 0);
	assert(passes());
	ghcb.ghcb_usage = 1;
	assert(errs(GHCB_ERR_INVALID_USAGE));
	ghcb.ghcb_usage = 0;
	ghcb.protocol_version = 1; /* SNP needs 2 */
	assert(errs(GHCB_ERR_INVALID_INPUT));
	ghcb.protocol_version = 3;
	assert(errs(GHCB_ERR_INVALID_INPUT));
	memset(&ghcb, 0, sizeof(ghcb));
	ghcb.protocol_version = 2;
	assert(lacks("sw_exit_code"));
	GHCB_SET(&ghcb, sw_exit_code, SVM_EXIT_RDTSC);
	assert(lacks("sw_exit_info_1"));
	GHCB_SET(&ghcb, sw_exit_info_1, 0);
	assert(lacks("sw_exit_info_2"));
	request(0x7e, 0, 0);
	assert(errs(GHCB_ERR_INVALID_EVENT));
	request(U64_C(0x100000072), 0, 0);
	assert(errs(GHCB_ERR_INVALID_EVENT));
}

/* The fields of table 7, each in the order in which it is missed. */
static const struct {
	u64 code;
	u64 info_1;
	const char *fields[5];
} needs[] = {
	{ SVM_EXIT_READ_DR7, 0, { 0 } },
	{ SVM_EXIT_WRITE_DR7, 0, { "rax" } },
	{ SVM_EXIT_RDTSC, 0, { 0 } },
	{ SVM_EXIT_RDTSCP, 0, { 0 } },
	{ SVM_EXIT_RDPMC, 0, { "rcx" } },
	{ SVM_EXIT_CPUID, 0, { "rax", "rcx" } },
	{ SVM_EXIT_INVD, 0, { 0 } },
	{ SVM_EXIT_WBINVD, 0, { 0 } },
	{ SVM_EXIT_IOIO, IOIO_TYPE_IN | IOIO_DATA_8, { 0 } },
	{ SVM_EXIT_IOIO, IOIO_DATA_8, { "rax" } },
	{ SVM_EXIT_IOIO, IOIO_TYPE_STR | IOIO_DATA_8, { "sw_scratch" } },
	{ SVM_EXIT_IOIO, IOIO_TYPE_STR | IOIO_TYPE_IN | IOIO_REP, { "sw_scratch" } },
	{ SVM_EXIT_MSR, GHCB_MSR_EXIT_READ, { "rcx" } },
	{ SVM_EXIT_MSR, GHCB_MSR_EXIT_WRITE, { "rax", "rcx", "rdx" } },
	{ SVM_EXIT_VMMCALL, 0, { "cpl", "rax" } },
	{ SVM_EXIT_MONITOR, 0, { "rax", "rcx", "rdx" } },
	{ SVM_EXIT_MWAIT, 0, { "rax", "rcx" } },
	{ SVM_VMGEXIT_MMIO_READ, 0, { "sw_scratch" } },
	{ SVM_VMGEXIT_MMIO_WRITE, 0, { "sw_scratch" } },
	{ SVM_VMGEXIT_NMI_COMPLETE, 0, { 0 } },
	{ SVM_VMGEXIT_AP_HLT_LOOP, 0, { 0 } },
	{ SVM_VMGEXIT_AP_JUMP_TABLE, 0, { 0 } },
	{ SVM_VMGEXIT_PSC, 0, { "sw_scratch" } },
	{ SVM_VMGEXIT_GUEST_REQUEST, 0, { 0 } },
	{ SVM_VMGEXIT_EXT_GUEST_REQUEST, 0, { "rax", "rbx" } },
	{ SVM_VMGEXIT_AP_CREATION, SVM_VMGEXIT_AP_CREATE, { "rax" } },
	{ SVM_VMGEXIT_AP_CREATION, SVM_VMGEXIT_AP_CREATE_ON_INIT, { "rax" } },
	{ SVM_VMGEXIT_AP_CREATION, SVM_VMGEXIT_AP_DESTROY, { 0 } },
	{ SVM_VMGEXIT_HV_FEATURES, 0, { 0 } },
	{ SVM_VMGEXIT_TERM_REQUEST, 0, { 0 } },
	{ SVM_VMGEXIT_UNSUPPORTED_EVENT, 0, { 0 } },
};

static void mark(const char *name)
{
	for (unsigned int i = 0; i < FIELD_COUNT; i++)
		if (!strcmp(fields[i].name, name))
			ghcb_mark_valid(&ghcb, fields[i].offset);
}

static void test_needs(void)
{
	for (unsigned int i = 0; i < array_count(needs); i++) {
		request(needs[i].code, needs[i].info_1, 0);
		for (unsigned int f = 0; needs[i].fields[f]; f++) {
			assert(lacks(needs[i].fields[f]));
			mark(needs[i].fields[f]);
		}
		assert(passes());
	}
	request(SVM_EXIT_CPUID, 0, 0);
	GHCB_SET(&ghcb, rax, 0xd);
	GHCB_SET(&ghcb, rcx, 0);
	assert(lacks("xcr0"));
	mark("xcr0");
	assert(passes());
}

static void test_hypercall_needs(void)
{
	static const char *const names[] = { "rbx", "rcx", "rdx", "rsi" };
	static const struct {
		u64 nr;
		unsigned int count;
	} calls[] = {
		{ KVM_HC_VAPIC_POLL_IRQ, 0 },
		{ KVM_HC_KICK_CPU, 2 },
		{ KVM_HC_CLOCK_PAIRING, 2 },
		{ KVM_HC_SEND_IPI, 4 },
		{ KVM_HC_SCHED_YIELD, 1 },
		{ KVM_HC_MAP_GPA_RANGE, 3 },
		{ 999, 0 },
	};

	for (unsigned int i = 0; i < array_count(calls); i++) {
		request(SVM_EXIT_VMMCALL, 0, 0);
		GHCB_SET(&ghcb, rax, calls[i].nr);
		GHCB_SET(&ghcb, cpl, 0);
		for (unsigned int f = 0; f < calls[i].count; f++) {
			assert(lacks(names[f]));
			mark(names[f]);
		}
		assert(passes());
	}
}

static bool scratch_ok(u64 scratch, u64 size, u32 expected)
{
	u32 offset = 0xdead;
	u32 error;

	ghcb.save.sw_scratch = scratch;
	error = ghcb_scratch(&ghcb, GPA, size, &offset);
	assert(error == 0 || error == GHCB_ERR_INVALID_SCRATCH);
	assert(!error || offset == 0xdead);
	return !error && offset == expected;
}

static void test_scratch(void)
{
	assert(scratch_ok(GPA + 0x800, 2032, 0));
	assert(scratch_ok(GPA + 0x800 + 2031, 1, 2031));
	assert(scratch_ok(GPA + 0x800 + 8, 0, 8));
	assert(!scratch_ok(GPA + 0x800, 2033, 0));
	assert(!scratch_ok(GPA + 0x800 + 2031, 2, 2031));
	assert(!scratch_ok(GPA + 0x800 + 2032, 0, 2032));
	assert(!scratch_ok(GPA + 0x7ff, 1, 0));
	assert(!scratch_ok(GPA, 8, 0));
	assert(!scratch_ok(0, 8, 0));
	assert(!scratch_ok(~U64_C(0), 8, 0));
	assert(!scratch_ok(GPA + 0x800, ~U64_C(0), 0));
}

static void test_reply(void)
{
	request(SVM_EXIT_CPUID, 1, 2);
	GHCB_SET(&ghcb, rcx, 5);
	ghcb_reply(&ghcb);
	assert(!GHCB_IS_VALID(&ghcb, rcx) && !GHCB_IS_VALID(&ghcb, sw_exit_code));
	assert(GHCB_IS_VALID(&ghcb, sw_exit_info_1) && GHCB_IS_VALID(&ghcb, sw_exit_info_2));
	assert(ghcb.save.sw_exit_info_1 == 0 && ghcb.save.sw_exit_info_2 == 0);
	GHCB_SET(&ghcb, rax, 7);
	assert(GHCB_IS_VALID(&ghcb, rax) && ghcb.save.rax == 7);
	ghcb_reply_error(&ghcb, GHCB_ERR_INVALID_SCRATCH);
	assert(ghcb.save.sw_exit_info_1 == 2 && ghcb.save.sw_exit_info_2 == 3);
	assert(!GHCB_IS_VALID(&ghcb, rax));
	ghcb_reply_exception(&ghcb, VEC_GP, true, 0x18);
	assert(ghcb.save.sw_exit_info_1 == 1);
	assert(ghcb.save.sw_exit_info_2 == U64_C(0x0000001880000b0d));
	ghcb_reply_exception(&ghcb, VEC_UD, false, 0x18);
	assert(ghcb.save.sw_exit_info_2 == U64_C(0x80000306));
}

int main(void)
{
	test_bitmap();
	test_head();
	test_needs();
	test_hypercall_needs();
	test_scratch();
	test_reply();
	return 0;
}
