/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TDX module's guest interface, the calls to the host behind it, and what firmware tells a TD.
 * Spec: TDX-ABI, GHCI; TDX-BASE, TDX-CPU, TDVF, ACPI, SDM3, SDM4 where cited. C and assembly.
 */
#pragma once

#include "abi/bits.h"
#include "abi/vmx.h" /* exit reasons, which #VE reports in RCX[31:0] */

/*
 * A module call: RAX is leaf [15:0], version [23:16], the rest 0; RAX returns the status. The
 * registers of each leaf stand beside it: inputs -> outputs. TDX-ABI 5.3, 5.5
 */
#define TDX_LEAF_MASK        0xffff
#define TDX_VERSION_SHIFT    16
#define TDX_VERSION_MASK     0xff
#define TDG_VP_VMCALL        0  /* RCX mask, masked registers -> the masked registers */
#define TDG_VP_INFO          1  /* -> RCX GPAW, RDX attributes, R8 counts, R9 index, R10, R11 */
#define TDG_MR_RTMR_EXTEND   2  /* RCX GPA of 48 bytes (64-byte aligned), RDX index */
#define TDG_VP_VEINFO_GET    3  /* -> RCX reason, RDX qualification, R8 GLA, R9 GPA, R10 */
#define TDG_MR_REPORT        4  /* RCX GPA of TDREPORT, RDX GPA of REPORTDATA, R8 subtype */
#define TDG_VP_CPUIDVE_SET   5  /* RCX TDX_CPUIDVE_* */
#define TDG_MEM_PAGE_ACCEPT  6  /* RCX GPA | level */
#define TDG_VM_RD            7  /* RCX 0, RDX field -> RDX next (version 1), R8 value */
#define TDG_VM_WR            8  /* RCX 0, RDX field, R8 value, R9 mask -> R8 old value */
#define TDG_VP_RD            9  /* the same of the virtual processor; next always */
#define TDG_VP_WR            10 /* the same */
#define TDG_SYS_RD           11 /* RDX field -> RDX next, R8 value */
#define TDG_SYS_RDALL        12 /* RDX GPA of a metadata list, R8 first field */
#define TDG_SERVTD_RD        18 /* RCX binding, RDX field, R10-R13 UUID -> RDX next, R8 value */
#define TDG_SERVTD_WR        20 /* the same, R8 value, R9 mask -> R8 old value */
#define TDG_MR_VERIFYREPORT  22 /* RCX GPA of REPORTMACSTRUCT */
#define TDG_MEM_PAGE_ATTR_RD 23 /* RCX GPA -> RCX GPA | level | pending, RDX attributes */
#define TDG_MEM_PAGE_ATTR_WR 24 /* RCX GPA | level, RDX attributes, R8 mask -> RCX, RDX */
#define TDG_VP_ENTER         25 /* RCX VM [53:52] and flags, RDX GPA of its state */
#define TDG_VP_INVEPT        26 /* RCX VMs */
#define TDG_VP_INVVPID       27 /* RCX VM [53:52] and flags, RDX a list of addresses */

/* SEAMCALL is the host's; in a guest it raises #UD. RAX as for TDCALL. TDX-ABI 5.3 */
#define TDH_VP_ENTER 0
#define TDH_SYS_INFO 32

/*
 * Status: [63:32] what, [31:0] detail (the operand, or the S-EPT level). Bit 63 error, 62 not
 * recoverable by a retry. TDX-ABI 5.2, table 5.2.
 */
#define TDX_STATUS_SHIFT                       32
#define TDX_STATUS_MASK                        U64_C(0xffffffff00000000)
#define TDX_ERROR                              BIT(63)
#define TDX_SUCCESS                            U64_C(0)
#define TDX_OPERAND_INVALID                    U64_C(0xc000010000000000)
#define TDX_OPERAND_ADDR_RANGE_ERROR           U64_C(0xc000010100000000)
#define TDX_OPERAND_BUSY                       U64_C(0x8000020000000000)
#define TDX_OPERAND_BUSY_HOST_PRIORITY         U64_C(0x8000020400000000)
#define TDX_NO_VALID_VE_INFO                   U64_C(0xc000070400000000)
#define TDX_PAGE_ALREADY_ACCEPTED              U64_C(0x00000b0a00000000)
#define TDX_PAGE_SIZE_MISMATCH                 U64_C(0xc0000b0b00000000)
#define TDX_PAGE_ATTR_INVALID                  U64_C(0xc0000b1100000000)
#define TDX_METADATA_FIELD_ID_INCORRECT        U64_C(0xc0000c0000000000)
#define TDX_METADATA_FIELD_NOT_WRITABLE        U64_C(0xc0000c0100000000)
#define TDX_METADATA_FIELD_NOT_READABLE        U64_C(0xc0000c0200000000)
#define TDX_METADATA_FIELD_VALUE_NOT_VALID     U64_C(0xc0000c0300000000)
#define TDX_METADATA_WR_MASK_NOT_VALID         U64_C(0xc0000c0a00000000)
#define TDX_INVALID_CPUSVN                     U64_C(0xc000100000000000)
#define TDX_INVALID_REPORTMACSTRUCT            U64_C(0xc000100100000000)
#define TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT U64_C(0x00000c0b00000000)
/* The status class [47:40] = 0xff is software's: the vector that the instruction raised. */
#define TDX_SW_ERROR             U64_C(0x8000ff0000000000)
#define TDX_SW_ERROR_VECTOR_MASK 0xff

/* Operand identifiers, TDX-ABI table 5.5: the register's number */
#define TDX_OPERAND_RAX 0
#define TDX_OPERAND_RCX 1
#define TDX_OPERAND_RDX 2
#define TDX_OPERAND_R8  8
#define TDX_OPERAND_R9  9

/* TDG.VP.INFO: RCX[5:0]; the SHARED bit is the highest bit of a guest-physical address */
#define TDX_GPAW_MASK 0x3f
#define TDX_GPAW_48   48
#define TDX_GPAW_52   52
/* clang-format off */
#define TDX_SHARED_BIT(gpaw) ((gpaw) - 1)
/* clang-format on */
/* R8: NUM_VCPUS [31:0], MAX_VCPUS [63:32]; R9: VCPU_INDEX [31:0]; R10: */
#define TDX_INFO_SYS_RD BIT(0)

/* TD attributes, TDX-ABI table 3.16: RDX of VP.INFO */
#define TDX_ATTR_DEBUG           BIT(0)
#define TDX_ATTR_HGS_PLUS_PROF   BIT(4)
#define TDX_ATTR_PERF_PROF       BIT(5)
#define TDX_ATTR_PMT_PROF        BIT(6)
#define TDX_ATTR_ICSSD           BIT(16)
#define TDX_ATTR_LASS            BIT(27)
#define TDX_ATTR_SEPT_VE_DISABLE BIT(28)
#define TDX_ATTR_MIGRATABLE      BIT(29)
#define TDX_ATTR_PKS             BIT(30)
#define TDX_ATTR_KL              BIT(31)
#define TDX_ATTR_TPA             BIT(62)
#define TDX_ATTR_PERFMON         BIT(63)

/*
 * Metadata fields, TDX-ABI 3.10: class [61:56], context [54:52], mask and size [51:50], last field
 * [46:38], last element [37:34], size [33:32], code [23:0]. Class and code name a field; context,
 * mask and sizes of a request are not looked at; for one element all else is zero.
 */
#define TDCS_TD_UUID                    U64_C(0x8010000300000020) /* 4 elements */
#define TDCS_NUM_VCPUS                  U64_C(0x9010000200000001)
#define TDCS_NUM_L2_VMS                 U64_C(0x9010000100000005)
#define TDCS_ATTRIBUTES                 U64_C(0x1110000300000000)
#define TDCS_XFAM                       U64_C(0x1110000300000001)
#define TDCS_MAX_VCPUS                  U64_C(0x1110000200000002)
#define TDCS_GPAW                       U64_C(0x1110000000000003)
#define TDCS_TSC_FREQUENCY              U64_C(0x111000010000000c) /* in 25 MHz */
#define TDCS_CONFIG_FLAGS               U64_C(0x1110000300000016)
#define TDCS_TD_CTLS                    U64_C(0x1110000300000017)
#define TDCS_NOTIFY_ENABLES             U64_C(0x9100000000000010)
#define TDCS_TOPOLOGY_CONFIGURED        U64_C(0x9100000000000019) /* TOPOLOGY_ENUM_CONFIGURED */
#define TDCS_MRTD                       U64_C(0x1310000300000000) /* 6 elements, as the next 3 */
#define TDCS_MRCONFIGID                 U64_C(0x1310000300000010)
#define TDCS_MROWNER                    U64_C(0x1310000300000018)
#define TDCS_MROWNERCONFIG              U64_C(0x1310000300000020)
#define TDCS_RTMR                       U64_C(0x1310000300000040) /* 4 of 6 elements */
#define TDCS_SERVTD_HASH                U64_C(0x9910000300000000) /* 6 elements */
#define TDCS_SERVTD_NUM                 U64_C(0x9910000100000006)
#define TDVPS_VCPU_INDEX                U64_C(0xa020000200000002)
#define TDVPS_CPUID_SUPERVISOR_VE       U64_C(0xa020000000000007)
#define TDVPS_CPUID_USER_VE             U64_C(0xa020000000000008)
#define TDX_SYS_VENDOR_ID               U64_C(0x0800000200000000)
#define TDX_SYS_MINOR_VERSION           U64_C(0x0800000100000003)
#define TDX_SYS_MAJOR_VERSION           U64_C(0x0800000100000004)
#define TDX_SYS_ATTRIBUTES              U64_C(0x0a00000200000000)
#define TDX_SYS_NUM_FEATURES            U64_C(0x0a00000000000001)
#define TDX_SYS_FEATURES0               U64_C(0x0a00000300000008)
#define TDX_FEATURES0_LOCAL_ATTESTATION BIT(8) /* TDG.MR.VERIFYREPORT; TDX-ABI 3.3.3 */
#define TDX_FIELD_NA                    (~U64_C(0))
#define TDX_FIELD_KEY_MASK              U64_C(0x3f00000000ffffff)
#define TDX_FIELD_CONTEXT_MASK          U64_C(0x0070000000000000)
#define TDX_FIELD_ZERO_MASK             U64_C(0x4083fffcff000000)

/* In a list of fields (TDG.SYS.RDALL) each sequence has an identifier in front: */
#define TDX_FIELD_LAST_SHIFT 38 /* last field in the sequence */
#define TDX_FIELD_SIZE(id)   bits_get(id, 33, 32)
#define TDX_FIELD_CLASS(id)  bits_get(id, 61, 56)
#define TDX_FIELD_CODE(id)   bits_get(id, 23, 0)

#define TDCS_CONFIG_FLAGS_GPAW          BIT(0)
#define TDCS_CONFIG_FLEXIBLE_PENDING_VE BIT(1)
#define TDCS_CONFIG_NO_RBP_MOD          BIT(2)

#define TD_CTLS_PENDING_VE_DISABLE BIT(0)
#define TD_CTLS_ENUM_TOPOLOGY      BIT(1)
#define TD_CTLS_VIRT_CPUID2        BIT(2)
#define TD_CTLS_REDUCE_VE          BIT(3)
#define TD_CTLS_LOCK               BIT(63)

/* TDG.VP.CPUIDVE.SET: every CPUID of that privilege raises #VE */
#define TDX_CPUIDVE_SUPERVISOR BIT(0)
#define TDX_CPUIDVE_USER       BIT(1)

/* S-EPT levels of RCX[2:0] and of status details; RCX[51:12] is the page */
#define TDX_LEVEL_MASK    0x7
#define TDX_LEVEL_4K      0
#define TDX_LEVEL_2M      1
#define TDX_LEVEL_1G      2
#define TDX_PAGE_GPA_MASK U64_C(0x000ffffffffff000)
/* TDG.MEM.PAGE.ATTR.RD: RCX; RDX holds 16 bits for each of four VMs, the TD itself first */
#define TDX_PAGE_PENDING      BIT(62)
#define TDX_PAGE_ATTR_R       BIT(0)
#define TDX_PAGE_ATTR_W       BIT(1)
#define TDX_PAGE_ATTR_XS      BIT(2)
#define TDX_PAGE_ATTR_XU      BIT(3)
#define TDX_PAGE_ATTR_VALID   BIT(15)
#define TDX_PAGE_ATTR_VM_BITS 16

/* Exit qualification of I/O, SDM3 table 28-5 */
#define VE_IO_SIZE_MASK  0x7 /* bytes - 1 */
#define VE_IO_IN         BIT(3)
#define VE_IO_STRING     BIT(4)
#define VE_IO_REP        BIT(5)
#define VE_IO_IMMEDIATE  BIT(6)
#define VE_IO_PORT_SHIFT 16

/* Exit qualification of an EPT violation, SDM3 table 28-7 */
#define VE_EPT_READ       BIT(0)
#define VE_EPT_WRITE      BIT(1)
#define VE_EPT_FETCH      BIT(2)
#define VE_EPT_GLA_VALID  BIT(7)
#define VE_EPT_TRANSLATED BIT(8)

/* R10 of TDG.VP.VEINFO.GET: instruction length [31:0], instruction information [63:32] */
#define VE_INSN_INFO_SHIFT 32

/*
 * TDG.VP.VMCALL: RCX[15:0] names the registers that the host sees and sets, by their number;
 * RAX, RCX and RSP must not be in it, nor RBP where CONFIG_FLAGS.NO_RBP_MOD. [31:16] are XMM.
 * R10 = 0: the call of GHCI in R11; otherwise R10 is the hypervisor's own, KVM's number.
 */
#define TDVMCALL_REG_RDX          BIT(2)
#define TDVMCALL_REG_RBX          BIT(3)
#define TDVMCALL_REG_RBP          BIT(5)
#define TDVMCALL_REG_RSI          BIT(6)
#define TDVMCALL_REG_RDI          BIT(7)
#define TDVMCALL_REG_R8           BIT(8)
#define TDVMCALL_REG_R9           BIT(9)
#define TDVMCALL_REG_R10          BIT(10)
#define TDVMCALL_REG_R11          BIT(11)
#define TDVMCALL_REG_R12          BIT(12)
#define TDVMCALL_REG_R13          BIT(13)
#define TDVMCALL_REG_R14          BIT(14)
#define TDVMCALL_REG_R15          BIT(15)
#define TDVMCALL_EXPOSE_REGS_MASK 0xffcc /* all but RAX RCX RSP RBP */
#define TDVMCALL_FORBIDDEN_MASK   U64_C(0xffffffff00000013)

#define TDVMCALL_STANDARD 0

/* GHCI table 2-4: R11; inputs -> outputs beside R10. The first group are exit reasons. */
#define TDVMCALL_CPUID               VMX_EXIT_CPUID /* R12 leaf, R13 sub-leaf -> R12 to R15 */
#define TDVMCALL_HLT                 VMX_EXIT_HLT   /* R12 1: interrupts are blocked */
#define TDVMCALL_IO                  VMX_EXIT_IO /* R12 size, R13 direction, R14 port, R15 -> R11 */
#define TDVMCALL_RDMSR               VMX_EXIT_MSR_READ      /* R12 index -> R11 */
#define TDVMCALL_WRMSR               VMX_EXIT_MSR_WRITE     /* R12 index, R13 value */
#define TDVMCALL_MMIO                VMX_EXIT_EPT_VIOLATION /* the same, R14 GPA with SHARED */
#define TDVMCALL_WBINVD              VMX_EXIT_WBINVD        /* R12 0 WBINVD, 1 WBNOINVD */
#define TDVMCALL_PCONFIG             VMX_EXIT_PCONFIG
#define TDVMCALL_GET_TD_VM_CALL_INFO 0x10000 /* R12 leaf -> R11 to R14 */
#define TDVMCALL_MAP_GPA             0x10001 /* R12 GPA, R13 size -> R11 failing or next GPA */
#define TDVMCALL_GET_QUOTE           0x10002 /* R12 GPA of struct tdx_quote_header, R13 size */
#define TDVMCALL_REPORT_FATAL_ERROR  0x10003 /* R12 TDX_FATAL_*, R13 GPA, message registers */
#define TDVMCALL_SETUP_EVENT_NOTIFY  0x10004 /* R12 vector, 32 to 255 */
#define TDVMCALL_SERVICE             0x10005

/* GetTdVmCallInfo, leaf 1: calls beyond the base. R11 */
#define TDVMCALL_INFO_EVENT_NOTIFY BIT(1)

/* Direction of IO and MMIO */
#define TDVMCALL_READ  0
#define TDVMCALL_WRITE 1

/* R10 on return, GHCI table 2-6 */
#define TDVMCALL_STATUS_SUCCESS             U64_C(0)
#define TDVMCALL_STATUS_RETRY               U64_C(1)
#define TDVMCALL_STATUS_INVALID_OPERAND     U64_C(0x8000000000000000)
#define TDVMCALL_STATUS_GPA_INUSE           U64_C(0x8000000000000001)
#define TDVMCALL_STATUS_ALIGN_ERROR         U64_C(0x8000000000000002)
#define TDVMCALL_STATUS_SUBFUNC_UNSUPPORTED U64_C(0x8000000000000003)

/*
 * ReportFatalError, GHCI 3.4: R12 code [31:0], and whether R13 is the GPA of a message. Without
 * that, the message is the 64 bytes of R14 R15 RBX RDI RSI R8 R9 RDX, in that order.
 */
#define TDX_FATAL_CODE_MASK    0xffffffff
#define TDX_FATAL_GPA_VALID    BIT(63)
#define TDX_FATAL_MESSAGE_SIZE 64

/* GetQuote, GHCI table 3-10: the status in the shared buffer */
#define TDX_QUOTE_VERSION     1
#define TDX_QUOTE_SUCCESS     U64_C(0)
#define TDX_QUOTE_IN_FLIGHT   U64_C(0xffffffffffffffff)
#define TDX_QUOTE_ERROR       U64_C(0x8000000000000000)
#define TDX_QUOTE_UNAVAILABLE U64_C(0x8000000000000001)

/* CPUID leaf 0x21 EBX EDX ECX spell "IntelTDX    ": TDX-CPU; and what a TD's leaf 0 spells */
#define TDX_CPUID         0x00000021
#define TDX_SIGNATURE_EBX 0x65746e49 /* "Inte" */
#define TDX_SIGNATURE_EDX 0x5844546c /* "lTDX" */
#define TDX_SIGNATURE_ECX 0x20202020 /* "    " */
#define INTEL_VENDOR_EBX  0x756e6547 /* "Genu" */
#define INTEL_VENDOR_EDX  0x49656e69 /* "ineI" */
#define INTEL_VENDOR_ECX  0x6c65746e /* "ntel" */

/* MSRs that matter in a TD: SDM4 table 2-2 */
#define MSR_ARCH_CAPABILITIES    0x0000010a
#define MSR_X2APIC_FIRST         0x00000800
#define MSR_X2APIC_LAST          0x000008ff
#define MSR_XAPIC_DISABLE_STATUS 0x000000bd
#define MSR_PERF_CAPABILITIES    0x00000345
#define ARCH_CAP_XAPIC_DISABLE   BIT(21)
#define LEGACY_XAPIC_DISABLED    BIT(0)
#define APIC_BASE_EXTD           BIT(10)
#define X2APIC_MSR(offset)       (MSR_X2APIC_FIRST + ((offset) >> 4))
/* The ranges that the MSR bitmaps cover; every other MSR raises #VE: SDM3 25.6.9 */
#define MSR_BITMAP_LOW_END    0x00002000
#define MSR_BITMAP_HIGH_START 0xc0000000
#define MSR_BITMAP_HIGH_END   0xc0002000

/* Bits that a TD cannot change: TDX-BASE, CR handling */
#define TDX_CR0_FIXED_1 0x00000021 /* PE, NE */
#define TDX_CR4_FIXED_1 0x00000040 /* MCE */
#define TDX_CR4_FIXED_0 0x00006000 /* VMXE, SMXE */

/* TDVF 11.1: descriptor "TDVF" and its sections */
#define TDVF_SIGNATURE        0x46564454
#define TDVF_VERSION          1
#define TDVF_SECTION_BFV      0
#define TDVF_SECTION_CFV      1
#define TDVF_SECTION_TD_HOB   2
#define TDVF_SECTION_TEMP_MEM 3
#define TDVF_SECTION_PERM_MEM 4
#define TDVF_ATTR_EXTENDMR    BIT(0)
#define TDVF_ATTR_PAGE_AUG    BIT(1)

#define TDX_HASH_SIZE        48
#define TDX_RTMR_COUNT       4
#define TDX_REPORT_DATA_SIZE 64
#define TDX_REPORT_SIZE      1024
#define TDX_REPORT_TYPE      0x81
#define TDX_RTMR_ALIGNMENT   64

#ifndef __ASSEMBLER__
/* TDREPORT_STRUCT, TDX-ABI table 3.24: MAC structure, module's TCB, this TD */
struct tdx_report_mac {
	u8 type; /* TDX_REPORT_TYPE */
	u8 subtype;
	u8 version;
	u8 reserved_0x003[13];
	u8 cpu_svn[16];
	u8 tee_tcb_info_hash[TDX_HASH_SIZE];
	u8 tee_info_hash[TDX_HASH_SIZE];
	u8 report_data[TDX_REPORT_DATA_SIZE];
	u8 reserved_0x0c0[32];
	u8 mac[32];
};
ABI_SIZE(struct tdx_report_mac, 256);
ABI_OFFSET(struct tdx_report_mac, cpu_svn, 16);
ABI_OFFSET(struct tdx_report_mac, report_data, 128);
ABI_OFFSET(struct tdx_report_mac, mac, 224);

/* TEE_TCB_INFO, table 3.26, with the gap behind it */
struct tdx_tcb_info {
	u64 valid; /* a bit for each field below */
	u8 tee_tcb_svn[16];
	u8 mr_seam[TDX_HASH_SIZE];
	u8 mr_signer_seam[TDX_HASH_SIZE];
	u64 attributes;
	u8 tee_tcb_svn_2[16];
	u8 reserved_0x090[95];
	u8 gap_0x0ef[17];
};
ABI_SIZE(struct tdx_tcb_info, 256);
ABI_OFFSET(struct tdx_tcb_info, attributes, 120);
#define TDX_TCB_INFO_SIZE  239 /* what tee_tcb_info_hash covers */
#define TDX_TCB_INFO_VALID 0x301ff

/* TDINFO_STRUCT, table 3.27 */
struct tdx_td_info {
	u64 attributes;
	u64 xfam;
	u8 mrtd[TDX_HASH_SIZE];
	u8 mrconfigid[TDX_HASH_SIZE];
	u8 mrowner[TDX_HASH_SIZE];
	u8 mrownerconfig[TDX_HASH_SIZE];
	u8 rtmr[TDX_RTMR_COUNT][TDX_HASH_SIZE];
	u8 servtd_hash[TDX_HASH_SIZE];
	u8 reserved_0x1c0[64];
};
ABI_SIZE(struct tdx_td_info, 512);
ABI_OFFSET(struct tdx_td_info, rtmr, 208);
ABI_OFFSET(struct tdx_td_info, servtd_hash, 400);

struct tdx_report {
	struct tdx_report_mac mac;
	struct tdx_tcb_info tcb;
	struct tdx_td_info td;
};
ABI_SIZE(struct tdx_report, TDX_REPORT_SIZE);
ABI_OFFSET(struct tdx_report, tcb, 256);
ABI_OFFSET(struct tdx_report, td, 512);

/* Head of a list of metadata fields, TDX-ABI 3.10: sequences follow */
struct tdx_field_list {
	u16 size; /* in bytes, with this */
	u16 sequence_count;
	u32 reserved;
};
ABI_SIZE(struct tdx_field_list, 8);

/* GHCI table 3-10: head of the buffer of GetQuote, data follows */
struct tdx_quote_header {
	u64 version;
	u64 status;
	u32 in_size;
	u32 out_size;
};
ABI_SIZE(struct tdx_quote_header, 24);

struct tdvf_descriptor {
	u32 signature;
	u32 length; /* with the sections */
	u32 version;
	u32 section_count;
};
ABI_SIZE(struct tdvf_descriptor, 16);

struct tdvf_section {
	u32 data_offset;
	u32 raw_size;
	u64 gpa;
	u64 size;
	u32 type;
	u32 attributes;
};
ABI_SIZE(struct tdvf_section, 32);

static inline u64 tdx_status_code(u64 status) { return status & TDX_STATUS_MASK; }
static inline u32 tdx_status_detail(u64 status) { return (u32)status; }

/* RCX of ACCEPT and ATTR.WR: level [2:0], page [51:12] */
static inline u64 tdx_page_operand(u64 gpa, unsigned int level)
{
	return (gpa & TDX_PAGE_GPA_MASK) | bits_put(level, 2, 0);
}

/* SDM3 table 28-5: size [2:0], flags, port [31:16]; @flags: VE_IO_* */
static inline u64 ve_io_qualification(u16 port, unsigned int size, u64 flags)
{
	return bits_put(size - 1, 2, 0) | flags | bits_put(port, 31, 16);
}

/* SDM3 table 28-3, MOV to CR: number [3:0], access type [5:4] = 0, register [11:8] */
static inline u64 ve_cr_qualification(unsigned int cr, unsigned int gpr)
{
	return bits_put(cr, 3, 0) | bits_put(gpr, 11, 8);
}

static inline unsigned int ve_io_size(u64 qualification)
{
	return (unsigned int)(qualification & VE_IO_SIZE_MASK) + 1;
}
static inline u16 ve_io_port(u64 qualification) { return (u16)bits_get(qualification, 31, 16); }
static inline u32 ve_insn_length(u64 r10) { return (u32)r10; }
#endif
