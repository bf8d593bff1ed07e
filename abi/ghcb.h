/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest-hypervisor communication block: MSR protocol, page layout, exits, page-state changes.
 * Spec: GHCB. Used by guest and monitor; the builders below are the only encoders of each field.
 */
#pragma once

#include "abi/bits.h"
#include "abi/termination.h"

#define MSR_GHCB 0xc0010130

/* GHCB 2.3.1: GHCBInfo in [11:0], GHCBData in [63:12] */
#define GHCB_MSR_INFO_MASK          0xfff
#define GHCB_MSR_GPA_MASK           U64_C(0xfffffffffffff000)
#define GHCB_MSR_SEV_INFO_RESP      0x001
#define GHCB_MSR_SEV_INFO_REQ       0x002
#define GHCB_MSR_CPUID_REQ          0x004
#define GHCB_MSR_CPUID_RESP         0x005
#define GHCB_MSR_AP_RESET_HOLD_REQ  0x006
#define GHCB_MSR_AP_RESET_HOLD_RESP 0x007
#define GHCB_MSR_PREFERRED_GPA_REQ  0x010
#define GHCB_MSR_PREFERRED_GPA_RESP 0x011
#define GHCB_MSR_REGISTER_GPA_REQ   0x012
#define GHCB_MSR_REGISTER_GPA_RESP  0x013
#define GHCB_MSR_PSC_REQ            0x014
#define GHCB_MSR_PSC_RESP           0x015
#define GHCB_MSR_RUN_VMPL_REQ       0x016
#define GHCB_MSR_RUN_VMPL_RESP      0x017
#define GHCB_MSR_HV_FEATURES_REQ    0x080
#define GHCB_MSR_HV_FEATURES_RESP   0x081
#define GHCB_MSR_TERMINATE_REQ      0x100

/* GHCB table 5, hypervisor feature bits */
#define GHCB_HV_FEATURE_SNP                  BIT(0)
#define GHCB_HV_FEATURE_AP_CREATION          BIT(1)
#define GHCB_HV_FEATURE_RESTRICTED_INJECTION BIT(2)
#define GHCB_HV_FEATURE_INJECTION_TIMER      BIT(3)
#define GHCB_HV_FEATURE_APIC_ID_LIST         BIT(4)
#define GHCB_HV_FEATURE_MULTI_VMPL           BIT(5)

/* Protocol versions this project speaks: GHCB 2.1. SNP needs 2. */
#define GHCB_PROTOCOL_MIN       1
#define GHCB_PROTOCOL_MAX       2
#define GHCB_PROTOCOL_SNP       2
#define GHCB_PREFERRED_GPA_NONE U64_C(0xfffffffffffff000)

/* CPUID by MSR, 2.3.1: function in [63:32], register in [31:30] */
#define GHCB_CPUID_REG_EAX 0
#define GHCB_CPUID_REG_EBX 1
#define GHCB_CPUID_REG_ECX 2
#define GHCB_CPUID_REG_EDX 3

/* Termination, 2.3.1: reason set in [15:12], reason code in [23:16] */
#define GHCB_TERM_SET_GENERAL    0 /* GHCB table 4 */
#define GHCB_TERM_GENERAL        0
#define GHCB_TERM_PROTOCOL_RANGE 1
#define GHCB_TERM_SNP_FEATURES   2
#define GHCB_TERM_SET_POSTERN    1 /* belongs to the guest: abi/termination.h */

/* Page operations, table 3 (MSR: private and shared only) */
#define PSC_OP_PRIVATE 1
#define PSC_OP_SHARED  2
#define PSC_OP_PSMASH  3
#define PSC_OP_UNSMASH 4

/* Exits through the GHCB page, table 7: hardware reasons are the SVM exit codes */
#define SVM_EXIT_READ_DR7             0x027
#define SVM_EXIT_WRITE_DR7            0x037
#define SVM_EXIT_EXCP_BASE            0x040
#define SVM_EXIT_INTR                 0x060
#define SVM_EXIT_NMI                  0x061
#define SVM_EXIT_VINTR                0x064
#define SVM_EXIT_RDTSC                0x06e
#define SVM_EXIT_RDPMC                0x06f
#define SVM_EXIT_CPUID                0x072
#define SVM_EXIT_INVD                 0x076
#define SVM_EXIT_PAUSE                0x077
#define SVM_EXIT_HLT                  0x078
#define SVM_EXIT_IOIO                 0x07b
#define SVM_EXIT_MSR                  0x07c
#define SVM_EXIT_SHUTDOWN             0x07f
#define SVM_EXIT_VMRUN                0x080
#define SVM_EXIT_VMMCALL              0x081
#define SVM_EXIT_RDTSCP               0x087
#define SVM_EXIT_WBINVD               0x089
#define SVM_EXIT_MONITOR              0x08a
#define SVM_EXIT_MWAIT                0x08b
#define SVM_EXIT_NPF                  0x400
#define SVM_VMGEXIT_MMIO_READ         0x80000001
#define SVM_VMGEXIT_MMIO_WRITE        0x80000002
#define SVM_VMGEXIT_NMI_COMPLETE      0x80000003
#define SVM_VMGEXIT_AP_HLT_LOOP       0x80000004
#define SVM_VMGEXIT_AP_JUMP_TABLE     0x80000005
#define SVM_VMGEXIT_PSC               0x80000010
#define SVM_VMGEXIT_GUEST_REQUEST     0x80000011
#define SVM_VMGEXIT_EXT_GUEST_REQUEST 0x80000012
#define SVM_VMGEXIT_AP_CREATION       0x80000013
#define SVM_VMGEXIT_HV_DOORBELL_PAGE  0x80000014
#define SVM_VMGEXIT_HV_IPI            0x80000015
#define SVM_VMGEXIT_HV_TIMER          0x80000016
#define SVM_VMGEXIT_APIC_ID_LIST      0x80000017
#define SVM_VMGEXIT_SNP_RUN_VMPL      0x80000018
#define SVM_VMGEXIT_HV_FEATURES       0x8000fffd
#define SVM_VMGEXIT_TERM_REQUEST      0x8000fffe
#define SVM_VMGEXIT_UNSUPPORTED_EVENT 0x8000ffff

/* SW_EXITINFO1 for VMGEXIT_AP_JUMP_TABLE, 4.1.5 */
#define GHCB_JUMP_TABLE_SET 0
#define GHCB_JUMP_TABLE_GET 1

/* The AP jump table: where a processor goes on after a reset hold, 4.3.1 */
#ifndef __ASSEMBLER__
struct ghcb_jump_table {
	u16 ip;
	u16 cs;
};
ABI_SIZE(struct ghcb_jump_table, 4);
#endif

/*
 * SW_EXITINFO2 after VMGEXIT_GUEST_REQUEST and its extended form, 4.1.7, 4.1.8: [63:32] the host's,
 * the rest the firmware's
 */
#define GHCB_GUEST_REQUEST_INVALID_LENGTH (U64_C(1) << 32) /* RBX: how many pages it takes */
#define GHCB_GUEST_REQUEST_BUSY           (U64_C(2) << 32) /* ask the same again, later */

/* SW_EXITINFO1 for VMGEXIT_AP_CREATION, 4.1.9 */
#define SVM_VMGEXIT_AP_CREATE_ON_INIT 0
#define SVM_VMGEXIT_AP_CREATE         1
#define SVM_VMGEXIT_AP_DESTROY        2

/* SW_EXITINFO1 for the #HV doorbell page; the page, or the answer, is in SW_EXITINFO2 */
#define HV_DOORBELL_GET_PREFERRED 0
#define HV_DOORBELL_SET           1
#define HV_DOORBELL_QUERY         2
#define HV_DOORBELL_CLEAR         3
#define HV_DOORBELL_NONE          (~U64_C(0))

/* PendingEvent of the #HV doorbell page: a vector in [7:0], 0 for none, and: */
#define HV_EVENT_VECTOR_MASK       0xff
#define HV_EVENT_NMI               BIT(8)
#define HV_EVENT_MC                BIT(9)
#define HV_EVENT_NO_FURTHER_SIGNAL BIT(15)
#define HV_NO_EOI_REQUIRED         BIT(0)

/* EXITINFO1 of IOIO: APM2 15.10.2 */
#define IOIO_TYPE_IN    BIT(0)
#define IOIO_TYPE_STR   BIT(2)
#define IOIO_REP        BIT(3)
#define IOIO_DATA_8     BIT(4)
#define IOIO_DATA_16    BIT(5)
#define IOIO_DATA_32    BIT(6)
#define IOIO_ADDR_16    BIT(7)
#define IOIO_ADDR_32    BIT(8)
#define IOIO_ADDR_64    BIT(9)
#define IOIO_SEG_SHIFT  10
#define IOIO_SEG_ES     0
#define IOIO_SEG_DS     3
#define IOIO_PORT_SHIFT 16

/* EXITINFO1 of MSR: 0 = RDMSR, 1 = WRMSR */
#define GHCB_MSR_EXIT_READ  0
#define GHCB_MSR_EXIT_WRITE 1

/* SW_EXITINFO1[31:0] on return, GHCB 4.1: what the hypervisor answers */
#define GHCB_RESULT_OK           0
#define GHCB_RESULT_EXCEPTION    1 /* inject the event in SW_EXITINFO2 */
#define GHCB_RESULT_ERROR        2 /* malformed input: GHCB_ERR_ in SW_EXITINFO2 */
#define GHCB_ERR_NOT_REGISTERED  1
#define GHCB_ERR_INVALID_USAGE   2
#define GHCB_ERR_INVALID_SCRATCH 3
#define GHCB_ERR_MISSING_INPUT   4
#define GHCB_ERR_INVALID_INPUT   5
#define GHCB_ERR_INVALID_EVENT   6

/* Event in SW_EXITINFO2 after GHCB_RESULT_EXCEPTION, laid out as EVENTINJ: APM2 15.20 */
#define EVENT_VECTOR_MASK      0xff
#define EVENT_TYPE_SHIFT       8
#define EVENT_TYPE_MASK        0x700
#define EVENT_TYPE_INTR        0
#define EVENT_TYPE_NMI         2
#define EVENT_TYPE_EXCEPTION   3
#define EVENT_TYPE_SOFT_INTR   4
#define EVENT_ERROR_CODE_VALID BIT(11)
#define EVENT_VALID            BIT(31)

/* PSC result in SW_EXITINFO2, 4.1.6: 0 success; otherwise cause in [63:32] */
#define PSC_ERROR_GENERIC        U64_C(0x0000010000000000)
#define PSC_ERROR_INVALID_HEADER U64_C(0x0000000100000001)
#define PSC_ERROR_INVALID_ENTRY  U64_C(0x0000000100000002)
#define PSC_ENTRY_MAX            253
#define PSC_PAGE_SIZE_4K         0
#define PSC_PAGE_SIZE_2M         1

#define GHCB_SHARED_BUFFER_SIZE 2032
#define GHCB_USAGE_STANDARD     0

#ifndef __ASSEMBLER__
/* Save area, GHCB table 2; the same offsets as the VMSA (APM2 table B-4) */
struct ghcb_save_area {
	u8 reserved_0x000[0xcb];
	u8 cpl;
	u8 reserved_0x0cc[0x140 - 0x0cc];
	u64 xss;
	u8 reserved_0x148[0x160 - 0x148];
	u64 dr7;
	u8 reserved_0x168[0x178 - 0x168];
	u64 rip;
	u8 reserved_0x180[0x1d8 - 0x180];
	u64 rsp;
	u8 reserved_0x1e0[0x1f8 - 0x1e0];
	u64 rax;
	u8 reserved_0x200[0x308 - 0x200];
	u64 rcx;
	u64 rdx;
	u64 rbx;
	u8 reserved_0x320[8];
	u64 rbp;
	u64 rsi;
	u64 rdi;
	u64 r8;
	u64 r9;
	u64 r10;
	u64 r11;
	u64 r12;
	u64 r13;
	u64 r14;
	u64 r15;
	u8 reserved_0x380[16];
	u64 sw_exit_code;
	u64 sw_exit_info_1;
	u64 sw_exit_info_2;
	u64 sw_scratch;
	u8 reserved_0x3b0[0x3e8 - 0x3b0];
	u64 xcr0;
	u8 valid_bitmap[16];
	u64 x87_state_gpa;
	u8 reserved_0x408[0x800 - 0x408];
};
ABI_SIZE(struct ghcb_save_area, 0x800);
ABI_OFFSET(struct ghcb_save_area, cpl, 0x0cb);
ABI_OFFSET(struct ghcb_save_area, xss, 0x140);
ABI_OFFSET(struct ghcb_save_area, dr7, 0x160);
ABI_OFFSET(struct ghcb_save_area, rip, 0x178);
ABI_OFFSET(struct ghcb_save_area, rsp, 0x1d8);
ABI_OFFSET(struct ghcb_save_area, rax, 0x1f8);
ABI_OFFSET(struct ghcb_save_area, rcx, 0x308);
ABI_OFFSET(struct ghcb_save_area, rbp, 0x328);
ABI_OFFSET(struct ghcb_save_area, sw_exit_code, 0x390);
ABI_OFFSET(struct ghcb_save_area, sw_scratch, 0x3a8);
ABI_OFFSET(struct ghcb_save_area, xcr0, 0x3e8);
ABI_OFFSET(struct ghcb_save_area, valid_bitmap, 0x3f0);
ABI_OFFSET(struct ghcb_save_area, x87_state_gpa, 0x400);

struct ghcb {
	struct ghcb_save_area save;
	u8 shared_buffer[GHCB_SHARED_BUFFER_SIZE];
	u8 reserved_0xff0[10];
	u16 protocol_version;
	u32 ghcb_usage;
};
ABI_SIZE(struct ghcb, PAGE_SIZE);
ABI_OFFSET(struct ghcb, shared_buffer, 0x800);
ABI_OFFSET(struct ghcb, protocol_version, 0xffa);
ABI_OFFSET(struct ghcb, ghcb_usage, 0xffc);

/* The valid_bitmap's bit of a quadword field of the save area, GHCB 2.3 */
#define GHCB_VALID_BIT(field) (offsetof(struct ghcb_save_area, field) / sizeof(u64))

/* GHCB 4.1.6, the shared buffer of a page-state change */
struct psc_header {
	u16 cur_entry;
	u16 end_entry;
	u32 reserved;
};
ABI_SIZE(struct psc_header, 8);

/* What the hypervisor has for a processor with restricted injection: the #HV doorbell page */
struct hv_doorbell_page {
	u16 pending_event; /* HV_EVENT_*: the hypervisor sets, the guest clears, both atomically */
	u8 no_eoi_required;
	u8 reserved_0x3[PAGE_SIZE - 3];
};
ABI_SIZE(struct hv_doorbell_page, PAGE_SIZE);

/* The APIC id list, in shared pages of the guest's */
struct ghcb_apic_id_list {
	u32 count;
	u32 apic_ids[];
};

struct psc_desc {
	struct psc_header header;
	u64 entries[PSC_ENTRY_MAX];
};
ABI_SIZE(struct psc_desc, GHCB_SHARED_BUFFER_SIZE);

/* current page [11:0], GFN [51:12], operation [55:52], page size [56], reserved [63:57] */
static inline u64 psc_entry(u64 gfn, unsigned int op, unsigned int page_size)
{
	return bits_put(gfn, 51, 12) | bits_put(op, 55, 52) | bits_put(page_size, 56, 56);
}

static inline u64 psc_entry_cur_page(u64 entry) { return bits_get(entry, 11, 0); }
static inline u64 psc_entry_gfn(u64 entry) { return bits_get(entry, 51, 12); }
static inline unsigned int psc_entry_op(u64 entry) { return bits_get(entry, 55, 52); }
static inline unsigned int psc_entry_page_size(u64 entry) { return bits_get(entry, 56, 56); }
static inline u64 psc_entry_reserved(u64 entry) { return bits_get(entry, 63, 57); }

static inline u64 ghcb_msr_info(u64 msr) { return msr & GHCB_MSR_INFO_MASK; }
static inline u64 ghcb_msr_data(u64 msr) { return bits_get(msr, 63, 12); }

/* SEV information response: max version [63:48], min [47:32], C-bit [31:24] */
static inline u64 ghcb_msr_sev_info_resp(u64 max, u64 min, u64 cbit)
{
	return bits_put(max, 63, 48) | bits_put(min, 47, 32) | bits_put(cbit, 31, 24) |
	       GHCB_MSR_SEV_INFO_RESP;
}

static inline u64 ghcb_msr_cpuid_req(u32 fn, unsigned int reg)
{
	return bits_put(fn, 63, 32) | bits_put(reg, 31, 30) | GHCB_MSR_CPUID_REQ;
}

/* CPUID response: value [63:32], register [31:30] */
static inline u64 ghcb_msr_cpuid_resp(u32 value, unsigned int reg)
{
	return bits_put(value, 63, 32) | bits_put(reg, 31, 30) | GHCB_MSR_CPUID_RESP;
}

/* GFN in [63:12]; the response repeats it, or has all ones where refused */
static inline u64 ghcb_msr_register_gpa_req(u64 gpa)
{
	return (gpa & GHCB_MSR_GPA_MASK) | GHCB_MSR_REGISTER_GPA_REQ;
}

/* operation [55:52], GFN [51:12] */
static inline u64 ghcb_msr_psc_req(u64 gfn, unsigned int op)
{
	return bits_put(op, 55, 52) | bits_put(gfn, 51, 12) | GHCB_MSR_PSC_REQ;
}

/* error code [63:32], reserved [31:12] */
static inline u64 ghcb_msr_psc_resp(u32 error)
{
	return bits_put(error, 63, 32) | GHCB_MSR_PSC_RESP;
}

/* features [63:12] */
static inline u64 ghcb_msr_hv_features_resp(u64 features)
{
	return bits_put(features, 63, 12) | GHCB_MSR_HV_FEATURES_RESP;
}

/* reason set [15:12], reason code [23:16] */
static inline u64 ghcb_msr_terminate_req(unsigned int set, unsigned int code)
{
	return bits_put(set, 15, 12) | bits_put(code, 23, 16) | GHCB_MSR_TERMINATE_REQ;
}
#endif
