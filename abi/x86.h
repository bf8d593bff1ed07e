/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The x86-64 architecture's own numbers. C and assembly.
 * Spec: APM2 (sections cited at each group), SDM3 where AMD and Intel differ.
 */
#pragma once

#include "abi/bits.h"

/* APM2 3.1.1 CR0, 3.1.3 CR4 */
#define CR0_PE 0x00000001
#define CR0_MP 0x00000002
#define CR0_EM 0x00000004
#define CR0_TS 0x00000008
#define CR0_ET 0x00000010
#define CR0_NE 0x00000020
#define CR0_WP 0x00010000
#define CR0_AM 0x00040000
#define CR0_NW 0x20000000
#define CR0_CD 0x40000000
#define CR0_PG 0x80000000

#define CR4_PAE        0x00000020
#define CR4_MCE        0x00000040
#define CR4_PGE        0x00000080
#define CR4_OSFXSR     0x00000200
#define CR4_OSXMMEXCPT 0x00000400
#define CR4_UMIP       0x00000800
#define CR4_LA57       0x00001000
#define CR4_FSGSBASE   0x00010000
#define CR4_PCIDE      0x00020000
#define CR4_OSXSAVE    0x00040000
#define CR4_SMEP       0x00100000
#define CR4_SMAP       0x00200000
#define CR4_PKE        0x00400000

/* APM2 3.1.6 RFLAGS */
#define RFLAGS_CF    0x00000001
#define RFLAGS_FIXED 0x00000002
#define RFLAGS_PF    0x00000004
#define RFLAGS_AF    0x00000010
#define RFLAGS_ZF    0x00000040
#define RFLAGS_SF    0x00000080
#define RFLAGS_TF    0x00000100
#define RFLAGS_IF    0x00000200
#define RFLAGS_DF    0x00000400
#define RFLAGS_OF    0x00000800
#define RFLAGS_NT    0x00004000
#define RFLAGS_RF    0x00010000
#define RFLAGS_VM    0x00020000
#define RFLAGS_AC    0x00040000

/* APM2 13.1.1.3 DR6 */
#define DR6_BS 0x00004000

/* APM2 3.1.7 EFER */
#define EFER_SCE  0x00000001
#define EFER_LME  0x00000100
#define EFER_LMA  0x00000400
#define EFER_NXE  0x00000800
#define EFER_SVME 0x00001000

/* APM2 5.4 long-mode page-table entries */
#define PTE_P   BIT(0)
#define PTE_W   BIT(1)
#define PTE_U   BIT(2)
#define PTE_PWT BIT(3)
#define PTE_PCD BIT(4)
#define PTE_A   BIT(5)
#define PTE_D   BIT(6)
#define PTE_PS  BIT(7)
#define PTE_G   BIT(8)
#define PTE_NX  BIT(63)
/* Physical address field [51:12]; a C-bit or shared bit inside it must be masked out first. */
#define PTE_ADDR_MASK U64_C(0x000ffffffffff000)
#define PTE_COUNT     512

/* APM2 8.2 vectors */
#define VEC_DE    0
#define VEC_DB    1
#define VEC_NMI   2
#define VEC_BP    3
#define VEC_OF    4
#define VEC_BR    5
#define VEC_UD    6
#define VEC_NM    7
#define VEC_DF    8
#define VEC_TS    10
#define VEC_NP    11
#define VEC_SS    12
#define VEC_GP    13
#define VEC_PF    14
#define VEC_MF    16
#define VEC_AC    17
#define VEC_MC    18
#define VEC_XF    19
#define VEC_VE    20
#define VEC_CP    21
#define VEC_HV    28
#define VEC_VC    29
#define VEC_SX    30
#define VEC_COUNT 256
/* Vectors whose delivery pushes an error code: DF TS NP SS GP PF AC CP VC SX (APM2 table 8-1). */
#define VEC_HAS_ERROR_CODE 0x60227d00
/* APM2 table 8-1: what the instruction at RIP raises itself; not #DB, NMI, #DF, #MC, #HV, #SX */
#define VEC_BY_INSTRUCTION 0x003b7cf9
/* Below are exceptions. */
#define VEC_IRQ_FIRST 32

/* APM2 8.4.2 page-fault error code */
#define PF_P   0x01
#define PF_W   0x02
#define PF_U   0x04
#define PF_RSV 0x08
#define PF_I   0x10
#define PF_RMP U64_C(0x80000000)

/* MSRs: APM2 appendix A */
#define MSR_TSC            0x00000010
#define MSR_APIC_BASE      0x0000001b
#define MSR_MTRR_CAP       0x000000fe
#define MSR_MTRR_DEF_TYPE  0x000002ff
#define MSR_TSC_DEADLINE   0x000006e0
#define MSR_MISC_FEATURES  0x00000140
#define MSR_DEBUGCTL       0x000001d9
#define MSR_POWER_CTL      0x000001fc
#define MSR_HWCR           0xc0010015
#define MSR_MMIO_CONF_BASE 0xc0010058
#define MSR_DE_CFG         0xc0011029
#define MSR_SYSENTER_CS    0x00000174
#define MSR_SYSENTER_ESP   0x00000175
#define MSR_SYSENTER_EIP   0x00000176
#define MSR_PAT            0x00000277
#define MSR_XSS            0x00000da0
#define MSR_EFER           0xc0000080
#define MSR_STAR           0xc0000081
#define MSR_LSTAR          0xc0000082
#define MSR_CSTAR          0xc0000083
#define MSR_SFMASK         0xc0000084
#define MSR_FS_BASE        0xc0000100
#define MSR_GS_BASE        0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102
#define MSR_TSC_AUX        0xc0000103
#define MSR_VM_CR          0xc0010114
#define MSR_VM_HSAVE_PA    0xc0010117

#define VM_CR_SVMDIS 0x10

/* Machine check, a bank has four: APM2 9.3.1, 9.3.2 */
#define MSR_MCG_CAP    0x00000179
#define MSR_MCG_CTL    0x0000017b
#define MSR_MC0_CTL    0x00000400
#define MSR_MC0_STATUS 0x00000401
#define MSR_MC_EACH    4
#define MSR_MC_END     0x00000480 /* the first of VMX */
#define MCG_CAP_COUNT  0xff

/* CPUID leaves: APM3 appendix E */
#define CPUID_VENDOR          0x00000000
#define CPUID_FEATURES        0x00000001
#define CPUID_STRUCTURED      0x00000007
#define CPUID_TOPOLOGY        0x0000000b
#define CPUID_XSTATE          0x0000000d
#define CPUID_TSC             0x00000015
#define CPUID_TOPOLOGY_2      0x0000001f
#define CPUID_HYPERVISOR_BASE 0x40000000
#define CPUID_EXT_MAX         0x80000000
#define CPUID_EXT_FEATURES    0x80000001
#define CPUID_ADDRESS_SIZES   0x80000008
#define CPUID_SVM             0x8000000a
#define CPUID_SEV             0x8000001f

#define CPUID_FEATURES_EDX_APIC        BIT(9)
#define CPUID_FEATURES_EDX_HTT         BIT(28)
#define CPUID_FEATURES_ECX_X2APIC      BIT(21)
#define CPUID_FEATURES_ECX_XSAVE       BIT(26)
#define CPUID_FEATURES_ECX_OSXSAVE     BIT(27)
#define CPUID_FEATURES_ECX_RDRAND      BIT(30)
#define CPUID_FEATURES_ECX_HYPERVISOR  BIT(31)
#define CPUID_STRUCTURED_EBX_SMEP      BIT(7)
#define CPUID_STRUCTURED_EBX_SMAP      BIT(20)
#define CPUID_STRUCTURED_ECX_UMIP      BIT(2)
#define CPUID_STRUCTURED_ECX_PKU       BIT(3)
#define CPUID_EXT_FEATURES_ECX_SVM     BIT(2)
#define CPUID_EXT_FEATURES_ECX_TOPOEXT BIT(22)
#define CPUID_EXT_FEATURES_EDX_NX      BIT(20)
#define CPUID_EXT_FEATURES_EDX_LM      BIT(29)

/* Local APIC registers: APM2 16.3 */
#define APIC_BASE_DEFAULT  0xfee00000
#define APIC_BASE_BOOT     BIT(8)
#define APIC_BASE_ENABLE   BIT(11)
#define APIC_ID            0x020
#define APIC_VERSION       0x030
#define APIC_TPR           0x080
#define APIC_PPR           0x0a0
#define APIC_EOI           0x0b0
#define APIC_LDR           0x0d0
#define APIC_DFR           0x0e0
#define APIC_SVR           0x0f0
#define APIC_SVR_ENABLE    0x100
#define APIC_ISR           0x100 /* in service, 8 registers; trigger modes; requests */
#define APIC_TMR           0x180
#define APIC_IRR           0x200
#define APIC_ESR           0x280
#define APIC_ICR_LOW       0x300
#define APIC_ICR_HIGH      0x310
#define APIC_LVT_TIMER     0x320
#define APIC_LVT_THERMAL   0x330
#define APIC_LVT_PERF      0x340
#define APIC_LVT_LINT0     0x350
#define APIC_LVT_LINT1     0x360
#define APIC_LVT_ERROR     0x370
#define APIC_LVT_MASKED    0x10000
#define APIC_LVT_PERIODIC  0x20000
#define APIC_LVT_DEADLINE  0x40000 /* SDM3 11.5.1 */
#define APIC_TIMER_INITIAL 0x380
#define APIC_TIMER_CURRENT 0x390
#define APIC_TIMER_DIVIDE  0x3e0
#define APIC_SELF_IPI      0x3f0 /* of an x2APIC */

/* The PC's serial ports and PICs */
#define PORT_COM1      0x3f8
#define PORT_COM2      0x2f8
#define PORT_PIC1_DATA 0x21
#define PORT_PIC2_DATA 0xa1
