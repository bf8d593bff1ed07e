/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SVM and the host's side of SEV: CPUID, MSRs, exit codes and the VMCB's fields of a host that runs
 * such guests. Spec: APM2 15 and appendix C; APM3 E.4.9, E.4.17.
 */
#pragma once

#include "abi/bits.h"

/* CPUID Fn8000_000A EDX: APM3 E.4.9 */
#define SVM_FEATURE_NP             BIT(0)
#define SVM_FEATURE_LBR_VIRT       BIT(1)
#define SVM_FEATURE_NRIPS          BIT(3)
#define SVM_FEATURE_VMCB_CLEAN     BIT(5)
#define SVM_FEATURE_FLUSH_BY_ASID  BIT(6)
#define SVM_FEATURE_DECODE_ASSISTS BIT(7)
#define SVM_FEATURE_SVME_ADDR_CHK  BIT(28)

/* Branch records: APM2 13.1.1.4; and what DEBUGCTL has in family 19h: LBR, BTF, PB */
#define MSR_BR_FROM        0x000001db
#define MSR_BR_TO          0x000001dc
#define MSR_LAST_EXCP_FROM 0x000001dd
#define MSR_LAST_EXCP_TO   0x000001de
#define AMD_DEBUGCTL_KNOWN 0x3f

/* MSRs: APM2 15.30, 15.34.3, 15.36.2 */
#define MSR_SYSCFG         0xc0010010
#define SYSCFG_MFDM        BIT(19) /* MtrrFixDramModEn */
#define SYSCFG_MEM_ENCRYPT BIT(23)
#define SYSCFG_SNP_EN      BIT(24)
#define SYSCFG_VMPL_EN     BIT(25)
#define HWCR_SMMLOCK       BIT(0)
#define MSR_RMP_BASE       0xc0010132
#define MSR_RMP_END        0xc0010133
#define VM_CR_LOCK         0x08

/* Exit codes: APM2 appendix C */
#define SVM_EXIT_CR_READ(n)         (0x00 + (n))
#define SVM_EXIT_CR_WRITE(n)        (0x10 + (n))
#define SVM_EXIT_DR_READ(n)         (0x20 + (n))
#define SVM_EXIT_DR_WRITE(n)        (0x30 + (n))
#define SVM_EXIT_SMI                0x62
#define SVM_EXIT_INIT               0x63
#define SVM_EXIT_IRET               0x74
#define SVM_EXIT_SWINT              0x75
#define SVM_EXIT_INVLPG             0x79
#define SVM_EXIT_INVLPGA            0x7a
#define SVM_EXIT_TASK_SWITCH        0x7d
#define SVM_EXIT_VMLOAD             0x82
#define SVM_EXIT_VMSAVE             0x83
#define SVM_EXIT_STGI               0x84
#define SVM_EXIT_CLGI               0x85
#define SVM_EXIT_SKINIT             0x86
#define SVM_EXIT_XSETBV             0x8d
#define SVM_EXIT_EFER_WRITE_TRAP    0x8f
#define SVM_EXIT_CR_WRITE_TRAP(n)   (0x90 + (n))
#define SVM_EXIT_VMGEXIT            0x403
#define SVM_EXIT_PAGE_NOT_VALIDATED 0x404
