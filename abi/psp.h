/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The security processor as a host meets it: its registers, commands, command buffers and
 * statuses.
 * Spec: SNP-FW, SEV-API (55766 rev. 3.24); the registers are those of Linux drivers/crypto/ccp.
 */
#pragma once

#include "abi/bits.h"
#include "abi/snp_message.h"

/* Registers in BAR2 of PCI function 1022:14ca */
#define PSP_REG_CMDRESP   0x10980
#define PSP_REG_ADDR_LOW  0x109e0
#define PSP_REG_ADDR_HIGH 0x109e4
#define PSP_REG_FEATURE   0x109fc
#define PSP_REG_INTEN     0x10690
#define PSP_REG_INTSTS    0x10694

#define PSP_FEATURE_SEV   BIT(0)
#define PSP_INTR_COMPLETE BIT(1) /* of INTEN and INTSTS */

/* CMDRESP, written: command [26:16], interrupt on completion; read: status [15:0], response */
#define PSP_CMDRESP_RESPONSE BIT(31)
#define PSP_CMDRESP_IOC      BIT(0)

/* Statuses: SNP-FW table "Status Codes" */
#define PSP_SUCCESS                0x00
#define PSP_INVALID_PLATFORM_STATE 0x01
#define PSP_INVALID_GUEST_STATE    0x02
#define PSP_INVALID_CONFIG         0x03
#define PSP_INVALID_LENGTH         0x04
#define PSP_ALREADY_OWNED          0x05
#define PSP_INVALID_CERTIFICATE    0x06
#define PSP_POLICY_FAILURE         0x07
#define PSP_INACTIVE               0x08
#define PSP_INVALID_ADDRESS        0x09
#define PSP_BAD_SIGNATURE          0x0a
#define PSP_BAD_MEASUREMENT        0x0b
#define PSP_ASID_OWNED             0x0c
#define PSP_INVALID_ASID           0x0d
#define PSP_WBINVD_REQUIRED        0x0e
#define PSP_DF_FLUSH_REQUIRED      0x0f
#define PSP_INVALID_GUEST          0x10
#define PSP_INVALID_COMMAND        0x11
#define PSP_ACTIVE                 0x12
#define PSP_HWERROR_PLATFORM       0x13
#define PSP_HWERROR_UNSAFE         0x14
#define PSP_UNSUPPORTED            0x15
#define PSP_INVALID_PARAM          0x16
#define PSP_RESOURCE_LIMIT         0x17
#define PSP_SECURE_DATA_INVALID    0x18
#define PSP_INVALID_PAGE_SIZE      0x19
#define PSP_INVALID_PAGE_STATE     0x1a
#define PSP_INVALID_MDATA_ENTRY    0x1b
#define PSP_INVALID_PAGE_OWNER     0x1c
#define PSP_AEAD_OFLOW             0x1d /* no sequence number is left */
#define PSP_RMP_INIT_REQUIRED      0x20
#define PSP_BAD_SVN                0x21
#define PSP_RMP_INIT_FAILED        0x26

/* Platform and guest states: SEV-API 4.1, 4.3; SNP-FW 5.1, 6.1 */
enum sev_state {
	SEV_STATE_UNINIT,
	SEV_STATE_INIT,
	SEV_STATE_WORKING,
};

enum snp_state {
	SNP_STATE_UNINIT,
	SNP_STATE_INIT,
};

enum sev_guest_state {
	SEV_GUEST_INVALID,
	SEV_GUEST_LUPDATE,
	SEV_GUEST_LSECRET,
	SEV_GUEST_RUNNING,
};

enum snp_guest_state {
	SNP_GUEST_INIT,
	SNP_GUEST_LAUNCH,
	SNP_GUEST_RUNNING,
};

/* A guest's policy: SEV-API table "Guest Policy", SNP-FW table "Guest Policy" */
#define SEV_POLICY_NODBG         BIT(0)
#define SEV_POLICY_NOKS          BIT(1)
#define SEV_POLICY_ES            BIT(2)
#define SNP_POLICY_SMT           BIT(16)
#define SNP_POLICY_MBO           BIT(17)
#define SNP_POLICY_MIGRATE_MA    BIT(18)
#define SNP_POLICY_DEBUG         BIT(19)
#define SNP_POLICY_SINGLE_SOCKET BIT(20)
#define SNP_POLICY_KNOWN         0x1fffff

/* SEV-API: command buffers. Where one ends inside of 8 bytes, its size is a macro. */
#define SEV_INIT_ES BIT(0)

struct sev_cmd_init {
	u16 flags;
	u16 reserved_0x02;
	u32 reserved_0x04;
	u64 tmr_paddr;
	u32 tmr_length;
	u32 pad;
};

struct sev_cmd_init_ex {
	u32 length;
	u16 flags;
	u16 reserved_0x06;
	u64 tmr_paddr;
	u32 tmr_length;
	u32 reserved_0x14;
	u64 nv_paddr;
	u32 nv_length;
	u32 pad;
};
#define SEV_INIT_EX_LENGTH    0x24
#define SEV_INIT_EX_NV_LENGTH 0x8000

#define SEV_PLATFORM_FLAG_OWNED BIT(0)

struct sev_cmd_platform_status {
	u8 api_major;
	u8 api_minor;
	u8 state;
	u8 flags;
	u16 config; /* SEV_INIT_* */
	u8 reserved_0x06;
	u8 build;
	u32 guest_count;
};
ABI_SIZE(struct sev_cmd_platform_status, 12);

struct sev_cmd_buffer { /* PEK_CSR, GET_ID, DOWNLOAD_FIRMWARE */
	u64 paddr;
	u32 length;
	u32 pad;
};
#define SEV_ID_LENGTH 64 /* GET_ID: of one socket; with two of them twice that */

struct sev_cmd_guest { /* DECOMMISSION, DEACTIVATE, LAUNCH_FINISH */
	u32 handle;
};

struct sev_cmd_activate {
	u32 handle;
	u32 asid;
};

struct sev_cmd_guest_status {
	u32 handle;
	u32 policy;
	u32 asid;
	u8 state;
	u8 pad[3];
};

struct sev_cmd_launch_start {
	u32 handle;
	u32 policy;
	u64 dh_cert_paddr;
	u32 dh_cert_length;
	u32 reserved_0x14;
	u64 session_paddr;
	u32 session_length;
	u32 pad;
};

struct sev_cmd_memory { /* LAUNCH_UPDATE_DATA, _VMSA, LAUNCH_MEASURE */
	u32 handle;
	u32 reserved_0x04;
	u64 paddr;
	u32 length;
	u32 pad;
};

struct sev_measurement {
	u8 measurement[32];
	u8 nonce[16];
};

struct sev_cmd_secret {
	u32 handle;
	u32 reserved_0x04;
	u64 header_paddr;
	u32 header_length;
	u32 reserved_0x14;
	u64 guest_paddr;
	u32 guest_length;
	u32 reserved_0x24;
	u64 transport_paddr;
	u32 transport_length;
	u32 pad;
};

struct sev_packet_header {
	u32 flags;
	u8 iv[16];
	u8 mac[32];
};
ABI_SIZE(struct sev_packet_header, 52);

struct sev_cmd_debug {
	u32 handle;
	u32 reserved_0x04;
	u64 source_paddr;
	u64 target_paddr;
	u32 length;
	u32 pad;
};

/* SNP-FW 8: command buffers */
struct snp_cmd_page { /* PLATFORM_STATUS, DECOMMISSION, GCTX_CREATE, PAGE_RECLAIM, PAGE_UNSMASH */
	u64 paddr;
};
#define SNP_RECLAIM_2M BIT(0)

struct snp_platform_status {
	u8 api_major;
	u8 api_minor;
	u8 state;
	u8 memory; /* SNP_STATUS_MEMORY_* */
	u32 build;
	u32 features; /* SNP_STATUS_* */
	u32 guest_count;
	u64 current_tcb;
	u64 reported_tcb;
};
ABI_SIZE(struct snp_platform_status, 32);
/* The second one is revision 1.57's, and firmware's in which CVE-2024-21944 is mended. */
#define SNP_STATUS_MEMORY_RMP_INITIALIZED BIT(0)
#define SNP_STATUS_MEMORY_NO_ALIASES      BIT(1)
#define SNP_STATUS_MASK_CHIP_ID           BIT(0)
#define SNP_STATUS_MASK_CHIP_KEY          BIT(1)
#define SNP_STATUS_VLEK_EN                BIT(2)
#define SNP_STATUS_FEATURE_INFO           BIT(3)

struct snp_cmd_init_ex {
	u32 flags;
	u32 reserved_0x04;
	u64 list_paddr;
	u8 reserved_0x10[48];
};
ABI_SIZE(struct snp_cmd_init_ex, 64);
#define SNP_INIT_RMP  BIT(0)
#define SNP_INIT_LIST BIT(1)

struct snp_range {
	u64 base;
	u32 page_count;
	u32 reserved_0x0c;
};
struct snp_range_list {
	u32 count;
	u32 reserved_0x04;
	struct snp_range ranges[(PAGE_SIZE - 8) / sizeof(struct snp_range)];
};

struct snp_cmd_shutdown_ex {
	u32 length;
	u32 flags;
};
#define SNP_SHUTDOWN_IOMMU BIT(0)

struct snp_cmd_activate {
	u64 gctx_paddr;
	u32 asid;
	u32 pad;
};

struct snp_cmd_guest_status {
	u64 gctx_paddr;
	u64 status_paddr;
};

struct snp_guest_status {
	u64 policy;
	u32 asid;
	u8 state;
	u8 reserved_0x0d[3];
	u32 flags;
	u32 reserved_0x14;
	u64 reserved_0x18;
};
ABI_SIZE(struct snp_guest_status, 32);

struct snp_cmd_launch_start {
	u64 gctx_paddr;
	u64 policy;
	u64 ma_gctx_paddr;
	u32 flags;
	u32 desired_tsc_khz;
	u8 gosvw[16];
};
ABI_SIZE(struct snp_cmd_launch_start, 48);
#define SNP_LAUNCH_MA  BIT(0)
#define SNP_LAUNCH_IMI BIT(1)

struct snp_cmd_launch_update {
	u64 gctx_paddr;
	u32 flags; /* page size [0], page type [3:1], IMI page [4] */
	u32 reserved_0x0c;
	u64 page_paddr;
	u8 reserved_0x18;
	u8 vmpl_permissions[3]; /* of VMPL 1, 2, 3 */
	u32 reserved_0x1c;
};
ABI_SIZE(struct snp_cmd_launch_update, 32);

struct snp_cmd_launch_finish {
	u64 gctx_paddr;
	u64 id_block_paddr;
	u64 id_auth_paddr;
	u64 flags; /* SNP_FINISH_* */
	u8 host_data[32];
};
ABI_SIZE(struct snp_cmd_launch_finish, 64);
#define SNP_FINISH_ID_BLOCK   BIT(0)
#define SNP_FINISH_AUTHOR_KEY BIT(1)
#define SNP_FINISH_VCEK_DIS   BIT(2)

/* What the guest's owner signed of a launch, and by which keys: tables of SNP_LAUNCH_FINISH */
#define SNP_CURVE_P384 2

struct snp_public_key {
	u32 curve;
	u8 x[SNP_NUMBER_SIZE];
	u8 y[SNP_NUMBER_SIZE];
	u8 reserved_0x94[0x404 - 0x94];
};
ABI_SIZE(struct snp_public_key, 0x404);

struct snp_id_block {
	u8 launch_digest[48];
	u8 family_id[16];
	u8 image_id[16];
	u32 version;
	u32 guest_svn;
	u64 policy;
};
ABI_SIZE(struct snp_id_block, 0x60);

struct snp_id_auth {
	u32 id_key_algorithm;
	u32 author_key_algorithm;
	u8 reserved_0x008[0x040 - 0x008];
	struct snp_signature block_signature;
	struct snp_public_key id_key;
	u8 reserved_0x644[0x680 - 0x644];
	struct snp_signature id_key_signature;
	struct snp_public_key author_key;
	u8 reserved_0xc84[0x1000 - 0xc84];
};
ABI_SIZE(struct snp_id_auth, PAGE_SIZE);
ABI_OFFSET(struct snp_id_auth, id_key, 0x240);
ABI_OFFSET(struct snp_id_auth, id_key_signature, 0x680);
ABI_OFFSET(struct snp_id_auth, author_key, 0x880);

/*
 * Ours: what QEMU's sev-snp-guest says of a launch, for the monitor as a host. By SNP_LAUNCH_START
 * and SNP_LAUNCH_FINISH.
 */
struct snp_launch_words {
	u64 policy;
	u64 flags; /* SNP_FINISH_* */
	u8 host_data[32];
	struct snp_id_block id_block;
	struct snp_id_auth id_auth;
};
ABI_SIZE(struct snp_launch_words, 0x1090);

struct snp_cmd_guest_request {
	u64 gctx_paddr;
	u64 request_paddr;
	u64 response_paddr;
};
ABI_SIZE(struct snp_cmd_guest_request, 24);

struct snp_cmd_debug {
	u64 gctx_paddr;
	u64 source_paddr;
	u64 target_paddr;
};

struct snp_cmd_config {
	u64 reported_tcb;
	u32 flags; /* SNP_STATUS_MASK_* */
	u8 reserved_0x0c[52];
};
ABI_SIZE(struct snp_cmd_config, 64);

struct snp_cmd_list { /* PAGE_SET_STATE */
	u32 length;
	u32 reserved_0x04;
	u64 list_paddr;
};

struct snp_cmd_length { /* COMMIT */
	u32 length;
};

struct snp_cmd_vlek_load {
	u32 length;
	u8 version; /* of the hashstick: 0 */
	u8 reserved_0x05[3];
	u64 paddr;
};
ABI_SIZE(struct snp_cmd_vlek_load, 16);

/* What AMD's key distribution service wraps by AES-256-GCM for one chip: SNP-FW 8.30 */
struct snp_vlek_hashstick {
	u8 iv[12];
	u8 reserved_0x00c[4];
	u8 wrapped[384];
	u64 tcb_version; /* with what is behind it the additional data */
	u64 reserved_0x198;
	u8 auth_tag[16];
};
ABI_SIZE(struct snp_vlek_hashstick, 432);
ABI_OFFSET(struct snp_vlek_hashstick, tcb_version, 0x190);

struct snp_cmd_feature_info {
	u32 length;
	u32 ecx_in;
	u64 paddr;
};

struct snp_feature_info {
	u32 eax; /* of 0: the last one; of 1: guest messages that are answered */
	u32 ebx; /* of 0: legacy commands */
	u32 ecx;
	u32 edx;
};
