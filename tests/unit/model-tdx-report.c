/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TD's report is well-formed and holds its true measurements, RTMRs are extended by SHA-384, and
 * metadata fields can be read and written as TDX-ABI says; each bad operand comes back by name.
 * RUN: %monitor-cc %s %root/lib/format.c -o %t
 */
#include "lib/compiler.h"
#include "lib/sha384.h"
#include "tests/unit/Inputs/tdx_machine.h"

#define VM_ELEMENTS  70
#define INVALID(reg) (TDX_OPERAND_INVALID | TDX_OPERAND_##reg)

static bool hash_is(const u8 *digest, const void *data, size_t size)
{
	u8 expected[SHA384_SIZE];

	sha384(data, size, expected);
	return !memcmp(digest, expected, sizeof(expected));
}

static void test_rtmr(void)
{
	u8 pair[2 * SHA384_SIZE] = { 0 };

	setup();
	memset(memory + AT_PRIVATE + 64, 0x5a, SHA384_SIZE);
	memset(pair + SHA384_SIZE, 0x5a, SHA384_SIZE);
	assert(do_tdcall(TDG_MR_RTMR_EXTEND, AT_PRIVATE + 64, 2, 0) == TDX_SUCCESS);
	assert(hash_is(td.info.rtmr[2], pair, sizeof(pair)));
	memcpy(pair, td.info.rtmr[2], SHA384_SIZE);
	assert(do_tdcall(TDG_MR_RTMR_EXTEND, AT_PRIVATE + 64, 2, 0) == TDX_SUCCESS);
	assert(hash_is(td.info.rtmr[2], pair, sizeof(pair)));
	for (unsigned int i = 0; i < SHA384_SIZE; i++)
		assert(!td.info.rtmr[0][i] && !td.info.rtmr[1][i] && !td.info.rtmr[3][i]);
}

static void test_rtmr_refusals(void)
{
	static const u8 zeros[sizeof(td.info.rtmr)];

	setup();
	assert(do_tdcall(TDG_MR_RTMR_EXTEND, AT_PRIVATE + 48, 0, 0) == INVALID(RCX));
	assert(do_tdcall(TDG_MR_RTMR_EXTEND, AT_SHARED | SHARED, 0, 0) == INVALID(RCX));
	assert(do_tdcall(TDG_MR_RTMR_EXTEND, BIT(60), 0, 0) == INVALID(RCX));
	assert(do_tdcall(TDG_MR_RTMR_EXTEND, AT_PRIVATE, 4, 0) == INVALID(RDX));
	assert(tdcall_violates(TDG_MR_RTMR_EXTEND, AT_SHARED, 0, 0) ==
	       VIOLATION_ACCESS_PRIVATE_UNASSIGNED);
	assert(tdcall_violates(TDG_MR_RTMR_EXTEND, AT_PENDING, 0, 0) ==
	       VIOLATION_TDX_ACCESS_NOT_ACCEPTED);
	machine_fails = true;
	assert(do_tdcall(TDG_MR_RTMR_EXTEND, AT_PRIVATE, 0, 0) == INVALID(RCX));
	assert(!memcmp(td.info.rtmr, zeros, sizeof(zeros)));
}

static void test_report(void)
{
	struct tdx_report *report = (void *)(memory + AT_PRIVATE);
	u8 *data = memory + AT_PRIVATE + TDX_REPORT_SIZE;

	setup();
	memset(td.info.mrtd, 0x77, sizeof(td.info.mrtd));
	memset(td.info.rtmr[1], 0x88, sizeof(td.info.rtmr[1]));
	memset(data, 0x99, TDX_REPORT_DATA_SIZE);
	assert(do_tdcall(TDG_MR_REPORT, AT_PRIVATE, AT_PRIVATE + TDX_REPORT_SIZE, 0) ==
	       TDX_SUCCESS);
	assert(report->mac.type == TDX_REPORT_TYPE && !report->mac.subtype && !report->mac.version);
	assert(report->tcb.valid == TDX_TCB_INFO_VALID && report->tcb.tee_tcb_svn[1] == 1);
	assert(!memcmp(report->mac.cpu_svn, platform.root.cpu_svn, 16));
	assert(report->td.attributes == TDX_ATTR_SEPT_VE_DISABLE && report->td.xfam == 7);
	assert(report->td.mrtd[47] == 0x77 && report->td.rtmr[1][0] == 0x88);
	assert(!report->td.rtmr[0][0] && !memcmp(report->mac.report_data, data, 64));
	assert(hash_is(report->mac.tee_info_hash, &report->td, 512));
	assert(hash_is(report->mac.tee_tcb_info_hash, &report->tcb, 239));
	assert(!memcmp(&report->td, &td.info, sizeof(td.info)));
	/* shared buffers are as good */
	assert(do_tdcall(TDG_MR_REPORT, AT_SHARED | SHARED, AT_PRIVATE + 1024, 0) == TDX_SUCCESS);
	assert(!memcmp(memory + AT_SHARED, report, sizeof(*report)));
}

static void test_report_refusals(void)
{
	setup();
	assert(do_tdcall(TDG_MR_REPORT, AT_PRIVATE + 512, AT_PRIVATE, 0) == INVALID(RCX));
	assert(do_tdcall(TDG_MR_REPORT, AT_PRIVATE, AT_PRIVATE + 32, 0) == INVALID(RDX));
	assert(do_tdcall(TDG_MR_REPORT, AT_PRIVATE, BIT(55), 0) == INVALID(RDX));
	assert(do_tdcall(TDG_MR_REPORT, BIT(55), AT_PRIVATE, 0) == INVALID(RCX));
	assert(do_tdcall(TDG_MR_REPORT, AT_PRIVATE, AT_PRIVATE, 1) == INVALID(R8));
	assert(tdcall_violates(TDG_MR_REPORT, AT_PRIVATE | SHARED, AT_PRIVATE, 0) ==
	       VIOLATION_ACCESS_SHARED_ALIAS);
	assert(tdcall_violates(TDG_MR_REPORT, AT_PRIVATE, AT_SHARED, 0) ==
	       VIOLATION_ACCESS_PRIVATE_UNASSIGNED);
	assert(tdcall_violates(TDG_MR_REPORT, AT_PENDING, AT_PRIVATE, 0) ==
	       VIOLATION_TDX_ACCESS_NOT_ACCEPTED);
	machine_fails = true;
	assert(do_tdcall(TDG_MR_REPORT, AT_PRIVATE, AT_PRIVATE, 0) == INVALID(RDX));
}

static u64 vm_rd(u64 field) { return do_tdcall(TDG_VM_RD, 0, field, 9); }

static u64 write(u64 leaf, u64 field, u64 value, u64 mask)
{
	gpr[TDX_R9] = mask;
	return do_tdcall(leaf, 0, field, value);
}

/* Of a field of several elements each has the next code. */
static void test_elements(void)
{
	u64 expected;

	setup();
	memset(td.info.rtmr[3], 0x31, TDX_HASH_SIZE);
	memset(td.info.mrtd + 40, 0x47, 8);
	td.uuid[3] = 77;
	assert(!vm_rd(TDCS_MRTD + 5) && gpr[TDX_R8] == U64_C(0x4747474747474747));
	assert(!vm_rd(TDCS_MRTD) && !gpr[TDX_R8]);
	assert(vm_rd(TDCS_MRTD + 6) == TDX_METADATA_FIELD_ID_INCORRECT);
	assert(!vm_rd(TDCS_RTMR + 23) && gpr[TDX_R8] == U64_C(0x3131313131313131));
	assert(!vm_rd(TDCS_RTMR + 17) && !gpr[TDX_R8]);
	assert(!vm_rd(TDCS_TD_UUID + 3) && gpr[TDX_R8] == 77);
	memcpy(&expected, td.info.mrowner, sizeof(expected));
	assert(!vm_rd(TDCS_MROWNER) && gpr[TDX_R8] == expected);
	assert(!do_tdcall(TDG_VM_RD | 1 << TDX_VERSION_SHIFT, 0, TDCS_TD_UUID, 0));
	assert(gpr[TDX_RDX] == TDCS_TD_UUID + 1);
	assert(!do_tdcall(TDG_VM_RD | 1 << TDX_VERSION_SHIFT, 0, TDCS_TD_UUID + 3, 0));
	assert(gpr[TDX_RDX] == TDCS_NUM_VCPUS);
	assert(!vm_rd(TDCS_NUM_VCPUS) && gpr[TDX_R8] == td.vcpu_count);
	assert(!vm_rd(TDCS_GPAW) && gpr[TDX_R8] == 1);
	assert(write(TDG_VM_WR, TDCS_MRTD, 1, 1) == TDX_METADATA_FIELD_NOT_WRITABLE);
}

static void test_vm_fields(void)
{
	static const unsigned int zeros[] = { 24, 31, 34, 46, 47, 49, 55, 62 };

	setup();
	assert(!vm_rd(TDCS_CONFIG_FLAGS) && gpr[TDX_R8] == TDCS_CONFIG_FLAGS_GPAW);
	assert(!vm_rd(TDCS_TD_CTLS) && gpr[TDX_R8] == TD_CTLS_PENDING_VE_DISABLE);
	assert(!vm_rd(TDCS_ATTRIBUTES) && gpr[TDX_R8] == TDX_ATTR_SEPT_VE_DISABLE);
	assert(!vm_rd(TDCS_XFAM) && gpr[TDX_R8] == 7);
	/* class and code name a field, other spellings are in use */
	assert(!vm_rd(U64_C(0x9110000300000016)) && gpr[TDX_R8] == TDCS_CONFIG_FLAGS_GPAW);
	assert(vm_rd(0x1110000300000099) == TDX_METADATA_FIELD_ID_INCORRECT && !gpr[TDX_R8]);
	for (size_t i = 0; i < array_count(zeros); i++)
		assert(vm_rd(TDCS_XFAM | BIT(zeros[i])) == TDX_METADATA_FIELD_ID_INCORRECT);
	assert(!vm_rd(TDCS_XFAM ^ BIT(52) ^ BIT(51) ^ BIT(50) ^ BIT(32)) && gpr[TDX_R8] == 7);
	assert(do_tdcall(TDG_VM_RD, 1, TDCS_TD_CTLS, 0) == INVALID(RCX));
	assert(do_tdcall(TDG_VM_RD | 2 << TDX_VERSION_SHIFT, 0, TDCS_XFAM, 9) == INVALID(RAX));
	assert(gpr[TDX_RDX] == TDX_FIELD_NA && !gpr[TDX_R8]);
	/* version 1 goes through all of them */
	assert(do_tdcall(TDG_VM_RD | 1 << TDX_VERSION_SHIFT, 0, TDX_FIELD_NA, 0) ==
	       TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT);
	assert(gpr[TDX_RDX] == TDCS_TD_UUID);
	for (int i = 0; i < VM_ELEMENTS; i++) {
		assert(gpr[TDX_RDX] != TDX_FIELD_NA);
		assert(!do_tdcall(TDG_VM_RD | 1 << TDX_VERSION_SHIFT, 0, gpr[TDX_RDX], 0));
	}
	assert(gpr[TDX_RDX] == TDX_FIELD_NA);
	/* whatever the context of the null field is */
	assert(do_tdcall(TDG_VM_RD | 1 << TDX_VERSION_SHIFT, 0,
			 TDX_FIELD_NA & ~TDX_FIELD_CONTEXT_MASK,
			 0) == TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT);
}

static void test_vm_write(void)
{
	const u64 pending = TD_CTLS_PENDING_VE_DISABLE, topology = TD_CTLS_ENUM_TOPOLOGY;

	setup();
	assert(!vm_rd(TDCS_TOPOLOGY_CONFIGURED) && gpr[TDX_R8] == 1);
	assert(!vm_rd(U64_C(0x9100000000000019)) && gpr[TDX_R8] == 1); /* as Linux asks */
	td.td_ctls_offered &= ~topology;
	assert(!vm_rd(TDCS_TOPOLOGY_CONFIGURED) && !gpr[TDX_R8]);
	td.td_ctls_offered |= topology;
	assert(write(TDG_VM_WR, TDCS_TOPOLOGY_CONFIGURED, 0, 1) == TDX_METADATA_FIELD_NOT_WRITABLE);
	assert(!write(TDG_VM_WR, TDCS_NOTIFY_ENABLES, 1, ~U64_C(0)) && td.notify_enables == 1);
	assert(!gpr[TDX_R8]); /* the old value */
	assert(!write(TDG_VM_WR, TDCS_NOTIFY_ENABLES, 0, 1) && gpr[TDX_R8] == 1);
	assert(write(TDG_VM_WR, TDCS_CONFIG_FLAGS, 0, 1) == TDX_METADATA_FIELD_NOT_WRITABLE);
	assert(write(TDG_VM_WR, TDCS_NOTIFY_ENABLES, 2, 2) == TDX_METADATA_FIELD_NOT_WRITABLE);
	assert(write(TDG_VM_WR, TDCS_NOTIFY_ENABLES, 3, 3) == TDX_METADATA_FIELD_VALUE_NOT_VALID);
	assert(!td.notify_enables);
	assert(!write(TDG_VM_WR, TDCS_TD_CTLS, topology, topology));
	assert(td.td_ctls == (pending | topology) && gpr[TDX_R8] == pending);
	assert(write(TDG_VM_WR, TDCS_TD_CTLS, TD_CTLS_REDUCE_VE, TD_CTLS_REDUCE_VE) ==
	       TDX_METADATA_FIELD_VALUE_NOT_VALID);
	/* whether pending pages raise #VE: only where the host let the guest choose */
	assert(write(TDG_VM_WR, TDCS_TD_CTLS, 0, pending) == TDX_METADATA_FIELD_VALUE_NOT_VALID);
	assert(!gpr[TDX_R8] && td.td_ctls & pending);
	td.config_flags |= TDCS_CONFIG_FLEXIBLE_PENDING_VE;
	assert(!write(TDG_VM_WR, TDCS_TD_CTLS, 0, pending) && !(td.td_ctls & pending));
	assert(!write(TDG_VM_WR, TDCS_TD_CTLS, pending, pending) && td.td_ctls & pending);
	assert(!write(TDG_VM_WR, TDCS_TD_CTLS, TD_CTLS_LOCK, TD_CTLS_LOCK));
	assert(write(TDG_VM_WR, TDCS_TD_CTLS, 0, pending) == TDX_METADATA_FIELD_NOT_WRITABLE);
}

static void test_vp_and_sys(void)
{
	setup();
	vcpu.index = 5;
	assert(!do_tdcall(TDG_VP_RD, 0, TDVPS_VCPU_INDEX, 0) && gpr[TDX_R8] == 5);
	assert(gpr[TDX_RDX] == TDVPS_CPUID_SUPERVISOR_VE); /* the next field, in version 0 too */
	assert(do_tdcall(TDG_VP_RD, 0, TDX_FIELD_NA, 0) == TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT);
	assert(gpr[TDX_RDX] == TDVPS_VCPU_INDEX && !gpr[TDX_R8]);
	assert(do_tdcall(TDG_VP_RD, 1, TDVPS_VCPU_INDEX, 0) == INVALID(RCX));
	assert(gpr[TDX_RDX] == TDX_FIELD_NA && !gpr[TDX_R8]);
	gpr[TDX_R9] = 1;
	assert(do_tdcall(TDG_VP_WR, 1, TDVPS_CPUID_USER_VE, 1) == INVALID(RCX));
	assert(!vcpu.cpuid_ve && !gpr[TDX_R8]);
	assert(!write(TDG_VP_WR, TDVPS_CPUID_USER_VE, 1, ~U64_C(0)));
	assert(vcpu.cpuid_ve == TDX_CPUIDVE_USER);
	assert(!write(TDG_VP_WR, TDVPS_CPUID_SUPERVISOR_VE, 1, 1) && vcpu.cpuid_ve == 3);
	assert(!write(TDG_VP_WR, TDVPS_CPUID_USER_VE, 0, 1) && gpr[TDX_R8] == 1);
	assert(!do_tdcall(TDG_VP_RD, 0, TDVPS_CPUID_USER_VE, 0) && !gpr[TDX_R8]);
	assert(!do_tdcall(TDG_VP_RD, 0, TDVPS_CPUID_SUPERVISOR_VE, 0) && gpr[TDX_R8] == 1);
	assert(write(TDG_VP_WR, TDVPS_VCPU_INDEX, 1, 1) == TDX_METADATA_FIELD_NOT_WRITABLE);
	assert(do_tdcall(TDG_VP_RD, 0, TDCS_XFAM, 0) == TDX_METADATA_FIELD_ID_INCORRECT);
	assert(!do_tdcall(TDG_SYS_RD, 0, TDX_SYS_MAJOR_VERSION, 0) && gpr[TDX_R8] == 1);
	assert(gpr[TDX_RDX] == TDX_SYS_ATTRIBUTES);
	assert(!do_tdcall(TDG_SYS_RD, 0, TDX_SYS_FEATURES0, 0));
	assert(gpr[TDX_R8] == TDX_FEATURES0_LOCAL_ATTESTATION);
	assert(gpr[TDX_RDX] == TDX_FIELD_NA);
	assert(do_tdcall(TDG_SYS_RD, 0, TDX_FIELD_NA, 0) == TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT);
	assert(gpr[TDX_RDX] == TDX_SYS_VENDOR_ID);
	assert(!do_tdcall(TDG_SYS_RD, 0, gpr[TDX_RDX], 0) && gpr[TDX_R8] == 0x8086);
	assert(gpr[TDX_RDX] == TDX_SYS_MINOR_VERSION);
	assert(!do_tdcall(TDG_SYS_RD, 0, gpr[TDX_RDX], 0) && gpr[TDX_R8] == 5);
	assert(do_tdcall(TDG_SYS_RD, 0, 0x77, 0) == TDX_METADATA_FIELD_ID_INCORRECT);
}

/* Vendor | minor, major | attributes | number of features | features */
static void test_rdall(void)
{
	const u64 *list = (const u64 *)(memory + AT_PRIVATE);

	setup();
	assert(!do_tdcall(TDG_SYS_RDALL, 0, AT_PRIVATE, TDX_FIELD_NA));
	assert(gpr[TDX_R8] == TDX_FIELD_NA);
	assert(list[0] == (5 << 16 | 8 * (1 + 5 + 6)));
	assert(list[1] == TDX_SYS_VENDOR_ID && list[2] == 0x8086);
	assert(list[3] == (TDX_SYS_MINOR_VERSION | BIT(38)) && list[4] == 5 && list[5] == 1);
	assert(list[6] == TDX_SYS_ATTRIBUTES && list[7] == 0);
	assert(list[8] == TDX_SYS_NUM_FEATURES && list[9] == 1);
	assert(list[10] == TDX_SYS_FEATURES0 && list[11] == TDX_FEATURES0_LOCAL_ATTESTATION);
	/* from one in the midst of a sequence on */
	assert(!do_tdcall(TDG_SYS_RDALL, 0, AT_PRIVATE, TDX_SYS_MAJOR_VERSION));
	assert(list[0] == (4 << 16 | 8 * (1 + 4 + 4)) && list[1] == TDX_SYS_MAJOR_VERSION);
	memset(memory + AT_PRIVATE, 0x5a, PAGE_SIZE);
	assert(do_tdcall(TDG_SYS_RDALL, 0, AT_PRIVATE, 0x77) == TDX_METADATA_FIELD_ID_INCORRECT);
	assert(gpr[TDX_R8] == TDX_FIELD_NA && (u8)list[0] == 0x5a);
	assert(do_tdcall(TDG_SYS_RDALL, 0, AT_PRIVATE + 8, TDX_FIELD_NA) == INVALID(RDX));
	assert(do_tdcall(TDG_SYS_RDALL, 0, AT_SHARED | SHARED, TDX_FIELD_NA) == INVALID(RDX));
	assert(do_tdcall(TDG_SYS_RDALL, 0, BIT(60), TDX_FIELD_NA) == INVALID(RDX));
	assert(tdcall_violates(TDG_SYS_RDALL, 0, AT_PENDING, TDX_FIELD_NA) ==
	       VIOLATION_TDX_ACCESS_NOT_ACCEPTED);
	machine_fails = true;
	assert(do_tdcall(TDG_SYS_RDALL, 0, AT_PRIVATE, TDX_FIELD_NA) == INVALID(RDX));
}

static void test_verify(void)
{
	struct tdx_report_mac *mac = (void *)(memory + AT_PRIVATE);
	u8 *bytes = memory + AT_PRIVATE;

	setup();
	assert(!do_tdcall(TDG_MR_REPORT, AT_PRIVATE, AT_PRIVATE + TDX_REPORT_SIZE, 0));
	for (size_t bit = 0; bit < 8 * sizeof(*mac); bit++) {
		bool is_svn = bit / 8 - offsetof(struct tdx_report_mac, cpu_svn) < 16;

		bytes[bit / 8] ^= 1 << bit % 8;
		assert(do_tdcall(TDG_MR_VERIFYREPORT, AT_PRIVATE, 0, 0) ==
		       (is_svn ? TDX_INVALID_CPUSVN : TDX_INVALID_REPORTMACSTRUCT));
		bytes[bit / 8] ^= 1 << bit % 8;
	}
	assert(!do_tdcall(TDG_MR_VERIFYREPORT, AT_PRIVATE, 0, 0));
	/* another processor's */
	platform.report_key[0] ^= 1;
	assert(do_tdcall(TDG_MR_VERIFYREPORT, AT_PRIVATE, 0, 0) == TDX_INVALID_REPORTMACSTRUCT);
	assert(do_tdcall(TDG_MR_VERIFYREPORT, AT_PRIVATE + 64, 0, 0) == INVALID(RCX));
	assert(do_tdcall(TDG_MR_VERIFYREPORT, AT_SHARED | SHARED, 0, 0) == INVALID(RCX));
	assert(tdcall_violates(TDG_MR_VERIFYREPORT, AT_PENDING, 0, 0) ==
	       VIOLATION_TDX_ACCESS_NOT_ACCEPTED);
	machine_fails = true;
	assert(do_tdcall(TDG_MR_VERIFYREPORT, AT_PRIVATE, 0, 0) == INVALID(RCX));
}

/* There are no nested VMs, and nobody's service TD. */
static void test_absent(void)
{
	setup();
	assert(do_tdcall(TDG_VP_ENTER, BIT(52), AT_PRIVATE + 8, 0) == INVALID(RDX));
	assert(do_tdcall(TDG_VP_ENTER, BIT(52), AT_PRIVATE | SHARED, 0) == INVALID(RDX));
	for (u64 vm = 0; vm < 4; vm++) {
		assert(do_tdcall(TDG_VP_ENTER, vm << 52, AT_PRIVATE, 0) == INVALID(RCX));
		assert(do_tdcall(TDG_VP_INVVPID, vm << 52, 0, 0) == INVALID(RCX));
		assert(do_tdcall(TDG_VP_INVEPT, BIT(vm), 0, 0) == INVALID(RCX));
	}
	assert(!do_tdcall(TDG_VP_INVEPT, 0, 0, 0));
	assert(do_tdcall(TDG_SERVTD_RD, 0, TDCS_XFAM, 9) == INVALID(RCX));
	assert(gpr[TDX_RDX] == TDX_FIELD_NA && !gpr[TDX_R8]);
	assert(do_tdcall(TDG_SERVTD_WR, 7, TDCS_XFAM, 9) == INVALID(RCX));
	assert(gpr[TDX_RDX] == TDCS_XFAM && !gpr[TDX_R8]);
	/* a version that they do not have */
	assert(do_tdcall(TDG_VP_INVEPT | 1 << TDX_VERSION_SHIFT, 0, 0, 0) == INVALID(RAX));
}

int main(void)
{
	test_rdall();
	test_verify();
	test_absent();
	test_elements();
	test_rtmr();
	test_rtmr_refusals();
	test_report();
	test_report_refusals();
	test_vm_fields();
	test_vm_write();
	test_vp_and_sys();
	return 0;
}
