/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AP creation: each thing that the host refuses, and each state that VMRUN refuses, is told from a
 * request and a state that are good.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "abi/sev.h"
#include "../../monitor/hardware/launch.c"
#include "../../monitor/hardware/msr_value.c"
#include "../../monitor/hardware/vmsa.c"
#include "../../monitor/host/vmsa_request.c"

#define FEATURES SEV_FEATURES_SNP_ACTIVE
#define PAGE     U64_C(0x345000)
#define CPUS     4
#define XCR0     7

static struct ghcb ghcb;
static struct vmsa vmsa;

static u32 ask(u64 info_1, u64 gpa, u64 features, struct vmsa_request *r)
{
	ghcb.save.sw_exit_info_1 = info_1;
	ghcb.save.sw_exit_info_2 = gpa;
	ghcb.save.rax = features;
	return vmsa_request(&ghcb, CPUS, FEATURES, r);
}

static bool refused(u64 info_1, u64 gpa, u64 features)
{
	struct vmsa_request r;

	return ask(info_1, gpa, features, &r) == GHCB_ERR_INVALID_INPUT;
}

static void test_requests(void)
{
	const u64 cpu = U64_C(3) << 32;
	struct vmsa_request r;

	assert(!ask(cpu | SVM_VMGEXIT_AP_CREATE, PAGE, FEATURES, &r));
	assert(r.type == SVM_VMGEXIT_AP_CREATE && r.apic_id == 3 && r.gpa == PAGE);
	assert(!ask(cpu, PAGE, FEATURES, &r) && r.type == SVM_VMGEXIT_AP_CREATE_ON_INIT);
	assert(!ask(SVM_VMGEXIT_AP_DESTROY, 1, 99, &r) && r.type == SVM_VMGEXIT_AP_DESTROY);
	assert(refused((u64)CPUS << 32 | 1, PAGE, FEATURES));
	assert(refused(U64_C(0xffffffff) << 32 | 2, PAGE, FEATURES));
	assert(refused(cpu | 3, PAGE, FEATURES));
	assert(refused(cpu | 1 << 16 | 1, PAGE, FEATURES)); /* VMPL 1 */
	assert(refused(cpu | 1, PAGE, 0) && refused(cpu, PAGE, FEATURES | 2));
	assert(refused(cpu | 1, PAGE + 1, FEATURES));
	assert(refused(cpu | 1, PAGE_2M_SIZE, FEATURES) && refused(cpu | 1, 0, FEATURES));
}

static void make_good(void)
{
	launch_vmsa_linux(&vmsa, 0x1000, 0, 0x2000, 0);
	vmsa.efer |= EFER_SVME;
	vmsa.sev_features = FEATURES;
}

static bool judged(enum violation violation, const char *reason)
{
	const char *why = NULL;
	bool equal =
		vmsa_check(&vmsa, FEATURES, XCR0, &why) == violation && why && !strcmp(why, reason);

	make_good();
	return equal;
}

static bool bad(const char *reason) { return judged(VIOLATION_VMSA_STATE, reason); }

static void test_states(void)
{
	const char *why;

	make_good();
	assert(!vmsa_check(&vmsa, FEATURES, XCR0, &why));
	vmsa.xcr0 = XCR0;
	assert(!vmsa_check(&vmsa, FEATURES, XCR0, &why));
	vmsa.xcr0 = 0;
	assert(bad("XCR0 is none that the processor has"));
	vmsa.xcr0 = XCR0 | BIT(9);
	assert(bad("XCR0 is none that the processor has"));
	vmsa.xcr0 = 5;
	assert(bad("XCR0 is none that the processor has"));
	vmsa.efer &= ~(u64)EFER_SVME;
	assert(bad("EFER.SVME is clear"));
	vmsa.efer |= BIT(40);
	assert(bad("EFER has unknown bits set"));
	vmsa.sev_features = 9;
	assert(judged(VIOLATION_VMSA_FEATURES, "SEV_FEATURES"));
	vmsa.vmpl = 1;
	assert(bad("its VMPL is not 0"));
	vmsa.cr0 |= CR0_NW;
	assert(bad("CR0.NW is set without CR0.CD"));
	vmsa.cr4 |= BIT(32);
	assert(bad("a control or debug register has high bits set"));
	vmsa.dr7 |= BIT(63);
	assert(bad("a control or debug register has high bits set"));
	vmsa.cr4 = 0;
	assert(bad("long mode without CR4.PAE"));
	vmsa.cr0 &= ~(u64)CR0_PE;
	assert(bad("CR0.PG is set without CR0.PE"));
	vmsa.cs.attrib |= SEG_ATTRIB_D;
	assert(bad("CS has both L and D"));
	launch_vmsa_sipi(&vmsa, 1, 0); /* real mode: CD and NW are set */
	vmsa.sev_features = FEATURES;
	assert(!vmsa_check(&vmsa, FEATURES, XCR0, &why));
	vmsa.sev_features = FEATURES | SEV_FEATURES_SECURE_TSC;
	assert(vmsa_check(&vmsa, vmsa.sev_features, XCR0, &why) == VIOLATION_VMSA_STATE);
	assert(!strcmp(why, "GUEST_TSC_SCALE is not what MSG_TSC_INFO has"));
	vmsa.guest_tsc_scale = TSC_SCALE_ONE;
	assert(!vmsa_check(&vmsa, vmsa.sev_features, XCR0, &why));
	vmsa.sev_features = FEATURES;
	vmsa.guest_tsc_scale = 0;
}

/* Whatever is in the page, it is judged, and what is let through has what VMRUN looks for. */
static void test_noise(void)
{
	u64 seed = 1;
	const char *why;

	for (unsigned int round = 0; round < 200000; round++) {
		make_good();
		for (unsigned int i = 0; i < 3; i++) {
			seed = seed * U64_C(6364136223846793005) + 1442695040888963407;
			((u8 *)&vmsa)[seed >> 33 & 0x7ff] ^= (u8)(1 << (seed >> 60 & 7));
		}
		if (vmsa_check(&vmsa, FEATURES, XCR0, &why))
			assert(why[0]);
		else
			assert(vmsa.efer & EFER_SVME && !vmsa.vmpl &&
			       vmsa.sev_features == FEATURES);
	}
}

int main(void)
{
	test_requests();
	test_states();
	test_noise();
	return 0;
}
