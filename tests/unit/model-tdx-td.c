/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TDCALL's leaves return what TDX-ABI says, each bad operand by its name, and #VE information is
 * kept until it is fetched; the wrong step on a page is a named violation.
 * RUN: %monitor-cc %s %root/lib/format.c -o %t
 */
#include <assert.h>
#include "lib/compiler.h"
#include "tests/unit/Inputs/tdx_machine.h"

#define INVALID(reg) (TDX_OPERAND_INVALID | TDX_OPERAND_##reg)

static void test_entry(void)
{
	struct tdx_result result;

	setup();
	call.is_64bit = false;
	assert(tdx_tdcall(&call).outcome == TDX_OUTCOME_GP);
	call.is_64bit = true;
	call.cpl = 3;
	assert(tdx_tdcall(&call).outcome == TDX_OUTCOME_GP);
	call.cpl = 0;
	assert(do_tdcall(12345, 0, 0, 0) == INVALID(RAX));
	assert(do_tdcall(TDG_VP_INFO | BIT(63), 0, 0, 0) == INVALID(RAX));
	assert(do_tdcall(TDG_VP_INFO | BIT(24), 0, 0, 0) == INVALID(RAX));
	assert(do_tdcall(TDG_VP_INFO | BIT(TDX_VERSION_SHIFT), 0, 0, 0) == INVALID(RAX));
	fill_gpr();
	gpr[TDX_RAX] = TDG_VP_VMCALL;
	result = tdx_tdcall(&call);
	assert(result.outcome == TDX_OUTCOME_VMCALL && gpr[TDX_RAX] == TDG_VP_VMCALL);
}

static void test_vp_info(void)
{
	setup();
	td.vcpu_count = 3;
	td.vcpu_max = 4;
	vcpu.index = 2;
	assert(do_tdcall(TDG_VP_INFO, 0, 0, 0) == TDX_SUCCESS);
	assert(gpr[TDX_RCX] == 52 && gpr[TDX_RDX] == TDX_ATTR_SEPT_VE_DISABLE);
	assert(gpr[TDX_R8] == (U64_C(4) << 32 | 3) && gpr[TDX_R9] == 2);
	assert(gpr[TDX_R10] == TDX_INFO_SYS_RD && !gpr[TDX_R11]);
	assert(gpr[TDX_R12] == unset(TDX_R12));
	assert(tdx_shared_mask(&td) == BIT(51));
	tdx_td_init(&td, &machine, TDX_GPAW_48, 0, 7, 1);
	assert(do_tdcall(TDG_VP_INFO, 0, 0, 0) == TDX_SUCCESS && gpr[TDX_RCX] == 48);
	assert(tdx_shared_mask(&td) == BIT(47) && !td.config_flags && !td.td_ctls);
}

static void test_veinfo(void)
{
	const struct tdx_ve ve = { .reason = VMX_EXIT_IO,
				   .qualification = 2,
				   .gla = 3,
				   .gpa = 4,
				   .insn_length = 5,
				   .insn_info = 6 };

	setup();
	assert(do_tdcall(TDG_VP_VEINFO_GET, 9, 9, 9) == TDX_NO_VALID_VE_INFO);
	assert(!gpr[TDX_RCX] && !gpr[TDX_RDX] && !gpr[TDX_R8] && !gpr[TDX_R9] && !gpr[TDX_R10]);
	assert(tdx_ve_raise(&vcpu, &ve) && vcpu.ve_valid);
	assert(!tdx_ve_raise(&vcpu, &ve)); /* #DF */
	assert(do_tdcall(TDG_VP_VEINFO_GET | 2 << TDX_VERSION_SHIFT, 0, 0, 0) == INVALID(RAX));
	assert(vcpu.ve_valid);
	assert(do_tdcall(TDG_VP_VEINFO_GET, 0, 0, 0) == TDX_SUCCESS);
	assert(gpr[TDX_RCX] == VMX_EXIT_IO && gpr[TDX_RDX] == 2 && gpr[TDX_R8] == 3);
	assert(gpr[TDX_R9] == 4 && gpr[TDX_R10] == (U64_C(6) << 32 | 5));
	assert(do_tdcall(TDG_VP_VEINFO_GET, 0, 0, 0) == TDX_NO_VALID_VE_INFO);
	assert(tdx_ve_raise(&vcpu, &ve));
	assert(do_tdcall(TDG_VP_VEINFO_GET | 1 << TDX_VERSION_SHIFT, 0, 0, 0) == TDX_SUCCESS);
}

static void test_cpuidve(void)
{
	setup();
	assert(do_tdcall(TDG_VP_CPUIDVE_SET, 4, 0, 0) == INVALID(RCX) && !vcpu.cpuid_ve);
	assert(do_tdcall(TDG_VP_CPUIDVE_SET, 3, 0, 0) == TDX_SUCCESS && vcpu.cpuid_ve == 3);
	td.td_ctls |= TD_CTLS_LOCK;
	assert(do_tdcall(TDG_VP_CPUIDVE_SET, 3, 0, 0) == TDX_SUCCESS);
	assert(do_tdcall(TDG_VP_CPUIDVE_SET, 1, 0, 0) == INVALID(RCX) && vcpu.cpuid_ve == 3);
}

static void test_accept(void)
{
	setup();
	assert(do_tdcall(TDG_MEM_PAGE_ACCEPT, AT_PENDING | TDX_LEVEL_2M, 0, 0) == TDX_SUCCESS);
	assert(was_asked("accepted", AT_PENDING, M2, 0) && asked.count == 1);
	assert(do_tdcall(TDG_MEM_PAGE_ACCEPT, AT_PENDING | SHARED, 0, 0) == INVALID(RCX));
	assert(do_tdcall(TDG_MEM_PAGE_ACCEPT, AT_PENDING | TDX_LEVEL_1G, 0, 0) == INVALID(RCX));
}

static void test_accept_violations(void)
{
	setup();
	assert(tdcall_violates(TDG_MEM_PAGE_ACCEPT, AT_PRIVATE, 0, 0) ==
	       VIOLATION_TDX_ACCEPT_TWICE);
	assert(tdcall_violates(TDG_MEM_PAGE_ACCEPT, AT_SHARED, 0, 0) ==
	       VIOLATION_TDX_ACCEPT_SHARED);
	assert(tdcall_violates(TDG_MEM_PAGE_ACCEPT, PAGES * PAGE_SIZE, 0, 0) ==
	       VIOLATION_TDX_ACCEPT_SHARED);
	assert(!asked.count);
	/* as hardware answers it */
	td.lenient = true;
	assert(do_tdcall(TDG_MEM_PAGE_ACCEPT, AT_PRIVATE, 0, 0) == TDX_PAGE_ALREADY_ACCEPTED);
	assert(!asked.count);
}

static void test_accept_busy(void)
{
	setup();
	td.busy_count = 2;
	for (int i = 0; i < 2; i++)
		assert(do_tdcall(TDG_MEM_PAGE_ACCEPT, AT_PENDING, 0, 0) ==
		       (TDX_OPERAND_BUSY | TDX_OPERAND_RCX));
	assert(!asked.count);
	assert(do_tdcall(TDG_MEM_PAGE_ACCEPT, AT_PENDING, 0, 0) == TDX_SUCCESS);
	assert(was_asked("accepted", AT_PENDING, PAGE_SIZE, 0));
}

static void test_attributes(void)
{
	const u64 all = TDX_PAGE_ATTR_R | TDX_PAGE_ATTR_W | TDX_PAGE_ATTR_XS | TDX_PAGE_ATTR_XU |
			TDX_PAGE_ATTR_VALID;

	setup();
	assert(do_tdcall(TDG_MEM_PAGE_ATTR_RD, AT_PRIVATE, 0, 0) == TDX_SUCCESS);
	assert(gpr[TDX_RCX] == AT_PRIVATE && gpr[TDX_RDX] == all);
	assert(do_tdcall(TDG_MEM_PAGE_ATTR_RD, AT_PENDING + PAGE_SIZE, 0, 0) == TDX_SUCCESS);
	assert(gpr[TDX_RCX] == (AT_PENDING | TDX_LEVEL_2M | TDX_PAGE_PENDING));
	assert(do_tdcall(TDG_MEM_PAGE_ATTR_RD, AT_PRIVATE | SHARED, 0, 0) == INVALID(RCX));
	assert(!gpr[TDX_RCX] && !gpr[TDX_RDX]);
	assert(do_tdcall(TDG_MEM_PAGE_ATTR_RD, AT_PRIVATE | 1, 0, 0) == INVALID(RCX));
	assert(tdcall_violates(TDG_MEM_PAGE_ATTR_RD, AT_SHARED, 0, 0) ==
	       VIOLATION_ACCESS_PRIVATE_UNASSIGNED);
	assert(do_tdcall(TDG_MEM_PAGE_ATTR_WR, AT_PRIVATE, 0, 0) == TDX_SUCCESS);
	assert(gpr[TDX_RCX] == AT_PRIVATE && gpr[TDX_RDX] == all);
	assert(do_tdcall(TDG_MEM_PAGE_ATTR_WR, AT_PRIVATE, 1, 0) == INVALID(RDX));
	assert(do_tdcall(TDG_MEM_PAGE_ATTR_WR, AT_PRIVATE, BIT(16), 0) == INVALID(RDX));
	assert(do_tdcall(TDG_MEM_PAGE_ATTR_WR, AT_PRIVATE, 0, BIT(16)) == INVALID(R8));
	assert(do_tdcall(TDG_MEM_PAGE_ATTR_WR, AT_PRIVATE | 8, 0, 0) == INVALID(RCX));
	assert(do_tdcall(TDG_MEM_PAGE_ATTR_WR, AT_PRIVATE | SHARED, 0, 0) == INVALID(RCX));
	assert(do_tdcall(TDG_MEM_PAGE_ATTR_WR, 0 | TDX_LEVEL_2M, 0, 0) ==
	       (TDX_PAGE_SIZE_MISMATCH | TDX_LEVEL_2M));
	assert(tdcall_violates(TDG_MEM_PAGE_ATTR_WR, AT_SHARED, 0, 0) ==
	       VIOLATION_ACCESS_PRIVATE_UNASSIGNED);
}

static void test_access(void)
{
	struct tdx_result r;

	setup();
	assert(tdx_access(&td, AT_PRIVATE, ACCESS_WRITE).outcome == TDX_OUTCOME_RESUME);
	assert(tdx_access(&td, AT_SHARED | SHARED, ACCESS_WRITE).outcome == TDX_OUTCOME_RESUME);
	r = tdx_access(&td, (AT_PRIVATE + 5) | SHARED, ACCESS_READ);
	assert(r.outcome == TDX_OUTCOME_VIOLATION && r.violation == VIOLATION_ACCESS_SHARED_ALIAS);
	assert(r.gpa == (AT_PRIVATE | SHARED));
	r = tdx_access(&td, AT_PENDING, ACCESS_WRITE);
	assert(r.violation == VIOLATION_TDX_ACCESS_NOT_ACCEPTED);
	/* a TD that asks for it gets #VE */
	td.td_ctls = 0;
	r = tdx_access(&td, AT_PENDING + 8, ACCESS_WRITE);
	assert(r.outcome == TDX_OUTCOME_VE && r.ve.reason == VMX_EXIT_EPT_VIOLATION);
	assert(r.ve.qualification == VE_EPT_WRITE && r.ve.gpa == AT_PENDING + 8);
	assert(tdx_access(&td, AT_PENDING, ACCESS_EXECUTE).ve.qualification == VE_EPT_FETCH);
	assert(tdx_access(&td, AT_PENDING, ACCESS_READ).ve.qualification == VE_EPT_READ);
}

static void test_gpa_valid(void)
{
	setup();
	assert(tdx_gpa_valid(&td, 0, 1) && tdx_gpa_valid(&td, BIT(52) - 1, 1));
	assert(!tdx_gpa_valid(&td, BIT(52), 1) && !tdx_gpa_valid(&td, BIT(52) - 1, 2));
	assert(!tdx_gpa_valid(&td, BIT(51) - 1, 2) && tdx_gpa_valid(&td, BIT(51) - 2, 2));
	assert(!tdx_gpa_valid(&td, ~U64_C(0), 2) && !tdx_gpa_valid(&td, 0, ~U64_C(0)));
}

int main(void)
{
	test_entry();
	test_vp_info();
	test_veinfo();
	test_cpuidve();
	test_accept();
	test_accept_violations();
	test_accept_busy();
	test_attributes();
	test_access();
	test_gpa_valid();
	return 0;
}
