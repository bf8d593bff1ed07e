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

/* Types: a request's, and behind it the response's */
#define SNP_MSG_REPORT_REQ   5
#define SNP_MSG_TSC_INFO_REQ 17
#define SNP_MSG_TSC_INFO_RSP 18

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
