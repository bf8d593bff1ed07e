/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SEV, SEV-ES and SEV-SNP as a guest meets them: status MSR, instructions, CPUID and secrets
 * pages. C and assembly.
 * Spec: APM2 15.34-15.36, APM3 (PVALIDATE, RMPADJUST), SNP-FW.
 */
#pragma once

#include "abi/bits.h"

/* SEV_STATUS: APM2 15.34.10 */
#define MSR_SEV_STATUS                  0xc0010131
#define MSR_GUEST_TSC_FREQ              0xc0010134 /* with Secure TSC */
#define GUEST_TSC_FREQ_MHZ              0x3ffff    /* the rest is reserved */
#define SEV_STATUS_SEV                  0x1
#define SEV_STATUS_SEV_ES               0x2
#define SEV_STATUS_SEV_SNP              0x4
#define SEV_STATUS_VTOM                 0x8
#define SEV_STATUS_REFLECT_VC           0x10
#define SEV_STATUS_RESTRICTED_INJECTION 0x20
#define SEV_STATUS_ALTERNATE_INJECTION  0x40
#define SEV_STATUS_DEBUG_SWAP           0x80
#define SEV_STATUS_PREVENT_HOST_IBS     0x100
#define SEV_STATUS_BTB_ISOLATION        0x200
#define SEV_STATUS_SECURE_TSC           0x800
#define SEV_STATUS_SMT_PROTECTION       0x20000
#define SEV_STATUS_IBPB_ON_ENTRY        0x800000

/* The VMSA's SEV_FEATURES, SEV_STATUS from bit 2 on: APM2 table B-4 */
#define SEV_FEATURES_SNP_ACTIVE           0x1
#define SEV_FEATURES_RESTRICTED_INJECTION 0x8
#define SEV_FEATURES_DEBUG_SWAP           0x20
#define SEV_FEATURES_SECURE_TSC           0x200
#define SEV_STATUS_OF_FEATURES(features)  ((u64)(features) << 2)

/* CPUID Fn8000_001F: APM3 E.4.17 */
#define CPUID_SEV_EAX_SME        BIT(0)
#define CPUID_SEV_EAX_SEV        BIT(1)
#define CPUID_SEV_EAX_SEV_ES     BIT(3)
#define CPUID_SEV_EAX_SEV_SNP    BIT(4)
#define CPUID_SEV_EAX_VMPL       BIT(5)
#define CPUID_SEV_EAX_SECURE_TSC BIT(8)
#define CPUID_SEV_EAX_64BIT_HOST BIT(11)
#define CPUID_SEV_EAX_DEBUG_SWAP BIT(14)
/* The caches know which key a line has: a change of the C-bit needs no flush. */
#define CPUID_SEV_EAX_COHERENT        BIT(10)
#define CPUID_SEV_EBX_CBIT_MASK       0x3f /* EBX[5:0] */
#define CPUID_SEV_EBX_REDUCTION_SHIFT 6    /* EBX[11:6] */
/* PVALIDATE leaves no stale cache line behind: the guest need not evict the page. */
#define CPUID_SEV_EBX_COHERENCY_SFW_NO BIT(31)

/* PVALIDATE F2 0F 01 FF: rAX = address, ECX = size, EDX = validate; EAX = status, CF = no change */
#define RMP_PG_SIZE_4K              0
#define RMP_PG_SIZE_2M              1
#define PVALIDATE_SUCCESS           0
#define PVALIDATE_FAIL_INPUT        1
#define PVALIDATE_FAIL_SIZEMISMATCH 6

/*
 * RMPADJUST F3 0F 01 FE: RAX = address, RCX = size,
 * RDX = VMPL [7:0], permissions [15:8], VMSA [16]
 */
#define RMPADJUST_SUCCESS           0
#define RMPADJUST_FAIL_INPUT        1
#define RMPADJUST_FAIL_PERMISSION   2
#define RMPADJUST_FAIL_SIZEMISMATCH 6
#define RMPADJUST_VMSA              BIT(16)
#define RMPADJUST_PERM_SHIFT        8
#define RMP_PERM_READ               0x1
#define RMP_PERM_WRITE              0x2
#define RMP_PERM_EXECUTE_USER       0x4
#define RMP_PERM_EXECUTE_SUPERVISOR 0x8
#define RMP_PERM_ALL                0xf

#define VMPL_COUNT 4

#ifndef __ASSEMBLER__
/* The CPUID page: SNP-FW 7.1, table "CPUID page" */
#define SNP_CPUID_COUNT_MAX 64

struct snp_cpuid_fn {
	u32 eax_in;
	u32 ecx_in;
	u64 xcr0_in;
	u64 xss_in;
	u32 eax;
	u32 ebx;
	u32 ecx;
	u32 edx;
	u64 reserved;
};
ABI_SIZE(struct snp_cpuid_fn, 48);
ABI_OFFSET(struct snp_cpuid_fn, eax, 24);

struct snp_cpuid_page {
	u32 count;
	u32 reserved_0x4;
	u64 reserved_0x8;
	struct snp_cpuid_fn fn[SNP_CPUID_COUNT_MAX];
	u8 reserved_0xc10[PAGE_SIZE - 0xc10];
};
ABI_SIZE(struct snp_cpuid_page, PAGE_SIZE);
ABI_OFFSET(struct snp_cpuid_page, fn, 16);

/* The secrets page: SNP-FW, SNP_LAUNCH_UPDATE, table "Secrets page format" */
#define SNP_VMPCK_SIZE 32

struct snp_secrets_os_area {
	u32 msg_seqno_0;
	u32 msg_seqno_1;
	u32 msg_seqno_2;
	u32 msg_seqno_3;
	u64 ap_jump_table_pa;
	u8 reserved_0x18[40];
	u8 guest_usage[32];
};
ABI_SIZE(struct snp_secrets_os_area, 96);

struct snp_secrets_page {
	u32 version;
	u32 imien_flags;
	u32 fms;
	u32 reserved_0x00c;
	u8 gosvw[16];
	u8 vmpck[VMPL_COUNT][SNP_VMPCK_SIZE];
	struct snp_secrets_os_area os_area;
	u8 vmsa_tweak_bitmap[64];
	u64 svsm_base;
	u64 svsm_size;
	u64 svsm_caa;
	u32 svsm_max_version;
	u8 svsm_guest_vmpl;
	u8 reserved_0x15d[3];
	u32 tsc_factor; /* since version 4: as TSC_INFO's */
	u8 reserved_0x164[PAGE_SIZE - 0x164];
};
ABI_SIZE(struct snp_secrets_page, PAGE_SIZE);
ABI_OFFSET(struct snp_secrets_page, vmpck, 0x20);
ABI_OFFSET(struct snp_secrets_page, os_area, 0xa0);
ABI_OFFSET(struct snp_secrets_page, vmsa_tweak_bitmap, 0x100);
ABI_OFFSET(struct snp_secrets_page, svsm_base, 0x140);
ABI_OFFSET(struct snp_secrets_page, svsm_guest_vmpl, 0x15c);

/* The blob by which firmware hands both pages to Linux: OVMF ConfidentialComputingSevSnpBlob */
#define CC_BLOB_SEV_MAGIC 0x45444d41 /* "AMDE" */

struct cc_blob_sev_info {
	u32 magic;
	u16 version;
	u16 reserved_0x6;
	u64 secrets_phys;
	u32 secrets_len;
	u32 reserved_0x14;
	u64 cpuid_phys;
	u32 cpuid_len;
	u32 reserved_0x24;
};
ABI_SIZE(struct cc_blob_sev_info, 40);
#endif
