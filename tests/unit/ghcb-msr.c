/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MSR protocol: requests have the specified bits, each answer is checked, a malformed one
 * terminates, a refusal is a code, and the MSR is afterwards as it was before.
 * RUN: %unit-cc -include %S/Inputs/ghcb-host.h %s %S/Inputs/ghcb-host.c \
 * RUN:   %root/early/ghcb_msr.c %root/paravirt/ghcb.c %root/paravirt/ghcb_requests.c -o %t
 */
#include <assert.h>
#include <stdio.h>

#include "early/ghcb_msr.h"
#include "Inputs/no-end.h"

#define GPA_BEFORE U64_C(0x123000)

static u64 request, response;

static u64 answer(u64 asked)
{
	request = asked;
	return response;
}

static void test_sev_info(void)
{
	struct ghcb_msr_sev_info info;

	response = 0x0002000133000001;
	info = ghcb_msr_sev_info();
	assert(request == 0x2);
	assert(info.version_max == 2 && info.version_min == 1 && info.cbit == 0x33);
	assert(rdmsr(MSR_GHCB) == GPA_BEFORE);
}

static void test_features(void)
{
	response = 0x3081;
	assert(ghcb_msr_hv_features() == 3 && request == 0x80);
}

static void test_cpuid(void)
{
	u32 value = 7;

	response = 0x12345678c0000005;
	assert(!ghcb_msr_cpuid(0x8000001f, GHCB_CPUID_REG_EDX, &value) && value == 0x12345678);
	assert(request == 0x8000001fc0000004);
	value = 7;
	assert(ghcb_msr_cpuid(0x8000001f, GHCB_CPUID_REG_ECX, &value) ==
	       -E_IO); /* another register */
	response = 0x12345678c0001005;
	assert(ghcb_msr_cpuid(0x8000001f, GHCB_CPUID_REG_EDX, &value) == -E_IO); /* reserved bits */
	response = 0x12345678c0000004;
	assert(ghcb_msr_cpuid(0x8000001f, GHCB_CPUID_REG_EDX, &value) == -E_IO);
	assert(value == 7);
}

static void test_register(void)
{
	response = 0x456013;
	assert(!ghcb_msr_register_gpa(0x456000) && request == 0x456012);
	response = 0x457013;
	assert(ghcb_msr_register_gpa(0x456000) == -E_PERM); /* another page */
	response = 0xfffffffffffff013;
	assert(ghcb_msr_register_gpa(0x456000) == -E_PERM);
}

static void test_psc(void)
{
	response = 0x15;
	assert(!ghcb_msr_psc(0x456, PSC_OP_SHARED) && request == 0x0020000000456014);
	assert(!ghcb_msr_psc(0x456, PSC_OP_PRIVATE) && request == 0x0010000000456014);
	response = 0x100000015;
	assert(ghcb_msr_psc(0x456, PSC_OP_SHARED) == -E_IO);
	response = 0x1015; /* reserved bits */
	assert(ghcb_msr_psc(0x456, PSC_OP_SHARED) == -E_IO);
}

static int value_of(int err) { return err; }

static void call_sev_info(void) { ghcb_msr_sev_info(); }

static void call_features(void) { ghcb_msr_hv_features(); }

static void call_register(void) { value_of(ghcb_msr_register_gpa(0x456000)); }

static void call_psc(void) { value_of(ghcb_msr_psc(0x456, PSC_OP_SHARED)); }

static void call_terminate(void) { ghcb_msr_terminate(GHCB_TERM_SET_POSTERN, TERM_PANIC); }

static void test_malformed(void)
{
	response = 0x2; /* the request comes back, as where no hypervisor listens */
	assert(host_terminates(call_sev_info) == TERM_RESPONSE);
	response = 0x80;
	assert(host_terminates(call_features) == TERM_RESPONSE);
	response = 0x456012;
	assert(host_terminates(call_register) == TERM_RESPONSE);
	response = 0;
	assert(host_terminates(call_psc) == TERM_RESPONSE);
	assert(host_terminates(call_terminate) == TERM_PANIC);
}

int main(void)
{
	host_msr = answer;
	wrmsr(MSR_GHCB, GPA_BEFORE);
	test_sev_info();
	test_features();
	test_cpuid();
	test_register();
	test_psc();
	assert(rdmsr(MSR_GHCB) == GPA_BEFORE && host_irqs_on);
	test_malformed();
	return 0;
}
