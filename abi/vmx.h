/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMX as a host programs it: MSRs, controls, exit reasons, error numbers, EPT. The fields of a VMCS
 * are in vmcs.def.
 * Spec: SDM3 25 to 28 (VMCS, non-root operation, entries, exits), 29.3 (EPT), 31 (instructions),
 * appendices A (MSRs), B (field encodings), C (exit reasons).
 */
#pragma once

#include "abi/bits.h"

#define CPUID_FEATURES_ECX_VMX BIT(5)
#define CR4_VMXE               0x00002000

/* SDM4 table 2-2 */
#define MSR_FEATURE_CONTROL             0x0000003a
#define FEATURE_CONTROL_LOCK            BIT(0)
#define FEATURE_CONTROL_VMX_OUTSIDE_SMX BIT(2)

/* Capabilities: appendix A */
#define MSR_VMX_BASIC        0x00000480
#define MSR_VMX_PIN          0x00000481
#define MSR_VMX_PRIMARY      0x00000482
#define MSR_VMX_EXIT         0x00000483
#define MSR_VMX_ENTRY        0x00000484
#define MSR_VMX_MISC         0x00000485
#define MSR_VMX_CR0_FIXED0   0x00000486
#define MSR_VMX_CR0_FIXED1   0x00000487
#define MSR_VMX_CR4_FIXED0   0x00000488
#define MSR_VMX_CR4_FIXED1   0x00000489
#define MSR_VMX_VMCS_ENUM    0x0000048a
#define MSR_VMX_SECONDARY    0x0000048b
#define MSR_VMX_EPT_VPID_CAP 0x0000048c
#define MSR_VMX_TRUE_PIN     0x0000048d
#define MSR_VMX_TRUE_PRIMARY 0x0000048e
#define MSR_VMX_TRUE_EXIT    0x0000048f
#define MSR_VMX_TRUE_ENTRY   0x00000490
#define VMX_BASIC_SIZE_SHIFT 32 /* of a VMCS, in bytes */
#define VMX_BASIC_TYPE_SHIFT 50 /* of the memory for it */
#define VMX_BASIC_IN_OUT     BIT(54)
#define VMX_BASIC_TRUE       BIT(55)
#define VMX_MISC_STORES_LMA  BIT(5)
#define VMX_MISC_HLT         BIT(6)
#define VMX_MISC_CR3_SHIFT   16
#define VMX_MEMORY_UC        0
#define VMX_MEMORY_WB        6

/* IA32_VMX_EPT_VPID_CAP: A.10 */
#define VMX_EPT_WALK_4         BIT(6)
#define VMX_EPT_UC             BIT(8)
#define VMX_EPT_WB             BIT(14)
#define VMX_EPT_2M             BIT(16)
#define VMX_EPT_1G             BIT(17)
#define VMX_EPT_INVEPT         BIT(20)
#define VMX_EPT_AD             BIT(21)
#define VMX_EPT_INVEPT_SINGLE  BIT(25)
#define VMX_EPT_INVEPT_ALL     BIT(26)
#define VMX_VPID_INVVPID       BIT(32)
#define VMX_VPID_ADDRESS       BIT(40)
#define VMX_VPID_SINGLE        BIT(41)
#define VMX_VPID_ALL           BIT(42)
#define VMX_VPID_RETAIN_GLOBAL BIT(43)

/* Pin-based controls: table 25-5 */
#define VMX_PIN_INTERRUPT BIT(0)
#define VMX_PIN_NMI       BIT(3)

/* Primary processor-based controls: table 25-6 */
#define VMX_PRIMARY_INTERRUPT_WINDOW BIT(2)
#define VMX_PRIMARY_TSC_OFFSET       BIT(3)
#define VMX_PRIMARY_HLT              BIT(7)
#define VMX_PRIMARY_INVLPG           BIT(9)
#define VMX_PRIMARY_MWAIT            BIT(10)
#define VMX_PRIMARY_RDPMC            BIT(11)
#define VMX_PRIMARY_RDTSC            BIT(12)
#define VMX_PRIMARY_CR3_LOAD         BIT(15)
#define VMX_PRIMARY_CR3_STORE        BIT(16)
#define VMX_PRIMARY_CR8_LOAD         BIT(19)
#define VMX_PRIMARY_CR8_STORE        BIT(20)
#define VMX_PRIMARY_MOV_DR           BIT(23)
#define VMX_PRIMARY_IO               BIT(24)
#define VMX_PRIMARY_IO_BITMAPS       BIT(25)
#define VMX_PRIMARY_MSR_BITMAPS      BIT(28)
#define VMX_PRIMARY_MONITOR          BIT(29)
#define VMX_PRIMARY_PAUSE            BIT(30)
#define VMX_PRIMARY_SECONDARY        BIT(31)

/* Secondary: table 25-7 */
#define VMX_SECONDARY_EPT          BIT(1)
#define VMX_SECONDARY_RDTSCP       BIT(3)
#define VMX_SECONDARY_VPID         BIT(5)
#define VMX_SECONDARY_WBINVD       BIT(6)
#define VMX_SECONDARY_UNRESTRICTED BIT(7)

/* Exit controls: table 25-13 */
#define VMX_CTL_EXIT_SAVE_DEBUG  BIT(2)
#define VMX_CTL_EXIT_HOST_64     BIT(9)
#define VMX_CTL_EXIT_ACKNOWLEDGE BIT(15)
#define VMX_CTL_EXIT_SAVE_PAT    BIT(18)
#define VMX_CTL_EXIT_LOAD_PAT    BIT(19)
#define VMX_CTL_EXIT_SAVE_EFER   BIT(20)
#define VMX_CTL_EXIT_LOAD_EFER   BIT(21)

/* Entry controls: table 25-16 */
#define VMX_CTL_ENTRY_LOAD_DEBUG BIT(2)
#define VMX_CTL_ENTRY_64         BIT(9)
#define VMX_CTL_ENTRY_LOAD_PAT   BIT(14)
#define VMX_CTL_ENTRY_LOAD_EFER  BIT(15)

/* Bits that were 1 before they had a meaning (default1): A.3.1, A.3.2, A.4, A.5 */
#define VMX_PIN_DEFAULT1     0x00000016
#define VMX_PRIMARY_DEFAULT1 0x0401e172
#define VMX_EXIT_DEFAULT1    0x00036dff
#define VMX_ENTRY_DEFAULT1   0x000011ff

/* Interruption information: tables 25-17, 25-19 and 25-20 */
#define VMX_EVENT_VECTOR_MASK    0xff
#define VMX_EVENT_TYPE_SHIFT     8
#define VMX_EVENT_TYPE_MASK      0x700
#define VMX_EVENT_INTERRUPT      0
#define VMX_EVENT_NMI            2
#define VMX_EVENT_EXCEPTION      3
#define VMX_EVENT_SOFT_INTERRUPT 4
#define VMX_EVENT_PRIVILEGED     5 /* INT1 */
#define VMX_EVENT_SOFT_EXCEPTION 6 /* INT3, INTO */
#define VMX_EVENT_OTHER          7
#define VMX_EVENT_HAS_ERROR_CODE BIT(11)
#define VMX_EVENT_NMI_UNBLOCKED  BIT(12) /* by IRET */
#define VMX_EVENT_VALID          BIT(31)

/* Segments' access rights (table 25-2): type [3:0] S DPL [6:5] P, AVL L D G in [15:12] */
#define VMX_AR_TYPE_MASK 0x0000f
#define VMX_AR_S         BIT(4)
#define VMX_AR_DPL_SHIFT 5
#define VMX_AR_P         BIT(7)
#define VMX_AR_RESERVED  0xfffe0f00
#define VMX_AR_L         BIT(13)
#define VMX_AR_D         BIT(14)
#define VMX_AR_G         BIT(15)
#define VMX_AR_UNUSABLE  BIT(16)

/* Guest's non-register state: table 25-3, 25.4.2 */
#define VMX_ACTIVITY_ACTIVE       0
#define VMX_ACTIVITY_HLT          1
#define VMX_BLOCKED_BY_STI        BIT(0)
#define VMX_BLOCKED_BY_MOV_SS     BIT(1)
#define VMX_BLOCKED_BY_NMI        BIT(3)
#define VMX_PENDING_DEBUG_HITS    0xf
#define VMX_PENDING_DEBUG_ENABLED BIT(12)
#define VMX_PENDING_DEBUG_BS      BIT(14)
#define VMX_NO_POINTER            (~U64_C(0)) /* to a VMCS */

/* EPT pointer: table 25-9; and entries: 29.3.2 */
#define EPTP_TYPE_MASK    0x7
#define EPTP_LENGTH_SHIFT 3 /* of a walk, less 1 */
#define EPTP_AD           BIT(6)
#define EPTP_RESERVED     0xf80
#define EPT_R             BIT(0)
#define EPT_W             BIT(1)
#define EPT_X             BIT(2)
#define EPT_TYPE_SHIFT    3
#define EPT_PS            BIT(7)
#define EPT_A             BIT(8)
#define EPT_D             BIT(9)

/* Exit qualification of an EPT violation: table 28-7 */
#define VMX_EPT_VIOLATION_READ      BIT(0)
#define VMX_EPT_VIOLATION_WRITE     BIT(1)
#define VMX_EPT_VIOLATION_FETCH     BIT(2)
#define VMX_EPT_VIOLATION_RWX_SHIFT 3 /* what the entries allow */
#define VMX_EPT_VIOLATION_LINEAR    BIT(7)
#define VMX_EPT_VIOLATION_FINAL     BIT(8) /* of that address, and not of a table's entry */

/* Exit reasons: appendix C */
#define VMX_EXIT_EXCEPTION        0 /* or NMI */
#define VMX_EXIT_INTERRUPT        1
#define VMX_EXIT_TRIPLE_FAULT     2
#define VMX_EXIT_INIT             3
#define VMX_EXIT_INTERRUPT_WINDOW 7
#define VMX_EXIT_TASK_SWITCH      9
#define VMX_EXIT_CPUID            10
#define VMX_EXIT_HLT              12
#define VMX_EXIT_INVD             13
#define VMX_EXIT_INVLPG           14
#define VMX_EXIT_RDPMC            15
#define VMX_EXIT_RDTSC            16
#define VMX_EXIT_VMCALL           18
#define VMX_EXIT_VMCLEAR          19
#define VMX_EXIT_VMLAUNCH         20
#define VMX_EXIT_VMPTRLD          21
#define VMX_EXIT_VMPTRST          22
#define VMX_EXIT_VMREAD           23
#define VMX_EXIT_VMRESUME         24
#define VMX_EXIT_VMWRITE          25
#define VMX_EXIT_VMXOFF           26
#define VMX_EXIT_VMXON            27
#define VMX_EXIT_CR_ACCESS        28
#define VMX_EXIT_DR_ACCESS        29
#define VMX_EXIT_IO               30
#define VMX_EXIT_MSR_READ         31
#define VMX_EXIT_MSR_WRITE        32
#define VMX_EXIT_GUEST_STATE      33 /* an entry that failed, as the next one */
#define VMX_EXIT_MSR_LOAD         34
#define VMX_EXIT_MWAIT            36
#define VMX_EXIT_MONITOR          39
#define VMX_EXIT_PAUSE            40
#define VMX_EXIT_EPT_VIOLATION    48
#define VMX_EXIT_EPT_MISCONFIG    49
#define VMX_EXIT_INVEPT           50
#define VMX_EXIT_RDTSCP           51
#define VMX_EXIT_INVVPID          53
#define VMX_EXIT_WBINVD           54
#define VMX_EXIT_XSETBV           55
#define VMX_EXIT_PCONFIG          65
#define VMX_EXIT_ENTRY_FAILED     BIT(31)

/* Exit qualification of an entry that fails by the guest's state: 27.8 */
#define VMX_ENTRY_FAILED_BY_PDPTE 2
#define VMX_ENTRY_FAILED_BY_LINK  4

/* Numbers in the VM-instruction error field: table 31-1 */
#define VMX_ERROR_VMCALL_IN_ROOT        1
#define VMX_ERROR_VMCLEAR_ADDRESS       2
#define VMX_ERROR_VMCLEAR_VMXON         3
#define VMX_ERROR_VMLAUNCH_NOT_CLEAR    4
#define VMX_ERROR_VMRESUME_NOT_LAUNCHED 5
#define VMX_ERROR_ENTRY_CONTROLS        7
#define VMX_ERROR_ENTRY_HOST            8
#define VMX_ERROR_VMPTRLD_ADDRESS       9
#define VMX_ERROR_VMPTRLD_VMXON         10
#define VMX_ERROR_VMPTRLD_REVISION      11
#define VMX_ERROR_NO_FIELD              12
#define VMX_ERROR_READ_ONLY_FIELD       13
#define VMX_ERROR_VMXON_IN_ROOT         15
#define VMX_ERROR_ENTRY_MOV_SS          26
#define VMX_ERROR_INVALIDATION          28

/* Types of INVEPT and INVVPID: 31.3 */
#define INVEPT_SINGLE         1
#define INVEPT_ALL            2
#define INVVPID_ADDRESS       0
#define INVVPID_SINGLE        1
#define INVVPID_ALL           2
#define INVVPID_RETAIN_GLOBAL 3

/* An encoding: appendix B */
#define VMCS_ENCODING_HIGH  1 /* the upper half of a field of 64 bits */
#define VMCS_WIDTH_16       0
#define VMCS_WIDTH_64       1
#define VMCS_WIDTH_32       2
#define VMCS_WIDTH_NATURAL  3
#define VMCS_TYPE_READ_ONLY 1

#ifndef __ASSEMBLER__
static inline unsigned int vmcs_width(u32 encoding) { return encoding >> 13 & 3; }
static inline unsigned int vmcs_type(u32 encoding) { return encoding >> 10 & 3; }
static inline unsigned int vmcs_index(u32 encoding) { return encoding >> 1 & 0x1ff; }

enum vmcs_encoding {
#define VMCS_FIELD(NAME, name, encoding) VMCS_##NAME = (encoding),
#include "abi/vmcs.def"
#undef VMCS_FIELD
};
#endif
