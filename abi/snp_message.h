/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guest messages: what an SNP guest asks of the security processor's firmware. The host carries
 * them, in pages that it can read, and knows no key.
 * Spec: SNP-FW 7 (messages; headers: table "Message header format"), 8.26 (SNP_GUEST_REQUEST).
 */
#pragma once

#include "abi/bits.h"

#define SNP_MESSAGE_ALGO_AES_256_GCM 1
#define SNP_MESSAGE_HEADER_VERSION   1

/* Types: a request's, and behind it the response's. Table "Message type encodings" */
#define SNP_MSG_CPUID_REQ       1
#define SNP_MSG_KEY_REQ         3
#define SNP_MSG_REPORT_REQ      5
#define SNP_MSG_EXPORT_REQ      7
#define SNP_MSG_IMPORT_REQ      9
#define SNP_MSG_ABSORB_REQ      11
#define SNP_MSG_VMRK_REQ        13
#define SNP_MSG_ABSORB_NOMA_REQ 15
#define SNP_MSG_TSC_INFO_REQ    17

/* A response's own status, in a message that was carried */
#define SNP_MSG_SUCCESS       0
#define SNP_MSG_INVALID_PARAM 0x16
#define SNP_MSG_INVALID_KEY   0x27 /* the key that was selected is not there */

#define SNP_MESSAGE_TAG_SIZE 32 /* of which AES-GCM uses 16 */

struct snp_message_header {
	u8 auth_tag[SNP_MESSAGE_TAG_SIZE];
	u64 sequence; /* of this message; the first request has 1, its response 2; the IV too */
	u8 reserved_0x28[8];
	u8 algorithm; /* from here on it is authenticated */
	u8 header_version;
	u16 header_size;
	u8 type;
	u8 version; /* of the payload's format */
	u16 size;   /* of the payload, bytes */
	u32 reserved_0x38;
	u8 vmpck; /* whose key: 0 to 3 */
	u8 reserved_0x3d[35];
};
ABI_SIZE(struct snp_message_header, 0x60);
ABI_OFFSET(struct snp_message_header, sequence, 0x20);
ABI_OFFSET(struct snp_message_header, algorithm, 0x30);
ABI_OFFSET(struct snp_message_header, size, 0x36);
ABI_OFFSET(struct snp_message_header, vmpck, 0x3c);

#define SNP_MESSAGE_PAYLOAD_MAX 4000

struct snp_message {
	struct snp_message_header header;
	u8 payload[SNP_MESSAGE_PAYLOAD_MAX]; /* encrypted */
};
ABI_SIZE(struct snp_message, PAGE_SIZE);

/* MSG_TSC_INFO, version 1: SNP-FW 7.10 */
struct snp_tsc_info_request {
	u8 reserved_0x0[128];
};
ABI_SIZE(struct snp_tsc_info_request, 128);

#define TSC_SCALE_ONE (U64_C(1) << 32)

struct snp_tsc_info_response {
	u32 status; /* 0 */
	u32 reserved_0x4;
	u64 scale;  /* for a VMSA's GUEST_TSC_SCALE */
	u64 offset; /* for its GUEST_TSC_OFFSET */
	u32 factor; /* the TSC runs slower than GUEST_TSC_FREQ by so many hundred-thousandths */
	u8 reserved_0x1c[100];
};
ABI_SIZE(struct snp_tsc_info_response, 128);
ABI_OFFSET(struct snp_tsc_info_response, scale, 0x8);
ABI_OFFSET(struct snp_tsc_info_response, factor, 0x18);

#define TSC_FACTOR_UNIT 100000

/* Which key: of MSG_REPORT_REQ's KEY_SEL [1:0], of MSG_KEY_REQ's [2:1] */
#define SNP_KEY_SEL_ANY  0 /* the VLEK, where one is installed, else the VCEK */
#define SNP_KEY_SEL_VCEK 1
#define SNP_KEY_SEL_VLEK 2

/* MSG_KEY, version 1: SNP-FW 7.2. Linux's request ends before launch_mit_vector. */
#define SNP_KEY_ROOT_VMRK BIT(0)

#define SNP_KEY_FIELD_POLICY            BIT(0)
#define SNP_KEY_FIELD_IMAGE_ID          BIT(1)
#define SNP_KEY_FIELD_FAMILY_ID         BIT(2)
#define SNP_KEY_FIELD_MEASUREMENT       BIT(3)
#define SNP_KEY_FIELD_GUEST_SVN         BIT(4)
#define SNP_KEY_FIELD_TCB_VERSION       BIT(5)
#define SNP_KEY_FIELD_LAUNCH_MIT_VECTOR BIT(6)
#define SNP_KEY_FIELDS                  0x7f

struct snp_key_request {
	u32 key_select; /* SNP_KEY_ROOT_VMRK, SNP_KEY_SEL_* << 1 */
	u32 reserved_0x4;
	u64 field_select;
	u32 vmpl;
	u32 guest_svn;
	u64 tcb_version;
	u64 launch_mit_vector;
	u8 reserved_0x28[512 - 0x28];
};
ABI_SIZE(struct snp_key_request, 512);
ABI_OFFSET(struct snp_key_request, launch_mit_vector, 0x20);
#define SNP_KEY_REQUEST_SIZE 0x20

#define SNP_DERIVED_KEY_SIZE 32

struct snp_key_response {
	u32 status; /* SNP_MSG_* */
	u8 reserved_0x4[28];
	u8 key[SNP_DERIVED_KEY_SIZE];
};
ABI_SIZE(struct snp_key_response, 64);

/* MSG_REPORT, version 1: SNP-FW 7.3 */
#define SNP_REPORT_DATA_SIZE 64

struct snp_report_request {
	u8 data[SNP_REPORT_DATA_SIZE];
	u32 vmpl;
	u32 key_select;
	u8 reserved_0x48[24];
};
ABI_SIZE(struct snp_report_request, 0x60);

/* SIGNING_KEY in a report's flags [4:2] */
#define SNP_SIGNED_BY_VCEK    0
#define SNP_SIGNED_BY_VLEK    1
#define SNP_SIGNED_BY_NOBODY  7
#define SNP_REPORT_AUTHOR_KEY BIT(0)
#define SNP_REPORT_MASK_KEY   BIT(1)

#define SNP_NO_REPORT_ID   0xff /* each byte of report_id_ma without a migration agent */
#define SNP_REPORT_VERSION 5    /* the newest */

/* Signatures: SNP-FW chapter "Digital signatures" */
#define SNP_ECDSA_P384_SHA384 1
#define SNP_NUMBER_SIZE       72 /* little-endian */

struct snp_signature {
	u8 r[SNP_NUMBER_SIZE];
	u8 s[SNP_NUMBER_SIZE];
	u8 reserved_0x90[0x200 - 0x90];
};
ABI_SIZE(struct snp_signature, 0x200);

/* Table "PLATFORM_INFO field": it was tried that no two addresses reach the same memory */
#define SNP_PLATFORM_ALIAS_CHECK_COMPLETE BIT(5)

/* Table "ATTESTATION_REPORT structure" */
struct snp_report {
	u32 version;
	u32 guest_svn;
	u64 policy;
	u8 family_id[16];
	u8 image_id[16];
	u32 vmpl;
	u32 signature_algorithm;
	u64 current_tcb;
	u64 platform_info;
	u32 flags; /* AUTHOR_KEY_EN [0], MASK_CHIP_KEY [1], SIGNING_KEY [4:2] */
	u32 reserved_0x4c;
	u8 data[SNP_REPORT_DATA_SIZE];
	u8 measurement[48];
	u8 host_data[32];
	u8 id_key_digest[48];
	u8 author_key_digest[48];
	u8 report_id[32];
	u8 report_id_ma[32];
	u64 reported_tcb;
	u8 family, model, stepping; /* since version 3 */
	u8 reserved_0x18b[21];
	u8 chip_id[64];
	u64 committed_tcb;
	u8 current_build, current_minor, current_major;
	u8 reserved_0x1eb;
	u8 committed_build, committed_minor, committed_major;
	u8 reserved_0x1ef;
	u64 launch_tcb;
	u64 launch_mit_vector; /* since version 5 */
	u64 current_mit_vector;
	u8 reserved_0x208[0x2a0 - 0x208];
	struct snp_signature signature; /* of all before it */
};
ABI_SIZE(struct snp_report, 0x4a0);
ABI_OFFSET(struct snp_report, flags, 0x48);
ABI_OFFSET(struct snp_report, data, 0x50);
ABI_OFFSET(struct snp_report, host_data, 0xc0);
ABI_OFFSET(struct snp_report, reported_tcb, 0x180);
ABI_OFFSET(struct snp_report, chip_id, 0x1a0);
ABI_OFFSET(struct snp_report, committed_tcb, 0x1e0);
ABI_OFFSET(struct snp_report, committed_build, 0x1ec);
ABI_OFFSET(struct snp_report, launch_tcb, 0x1f0);
ABI_OFFSET(struct snp_report, signature, 0x2a0);

struct snp_report_response {
	u32 status; /* SNP_MSG_*; else there is no report */
	u32 size;
	u8 reserved_0x8[24];
	struct snp_report report;
};
ABI_SIZE(struct snp_report_response, 0x4c0);
