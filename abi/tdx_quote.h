/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TDX quote: what a quoting enclave makes of a TDREPORT. Header, body and the sizes between them
 * lie one behind the other, without gaps.
 * Spec: DCAP A.3 (version 4), A.4 (version 5); SGX REPORT: SDM3 39.15. Integers are little-endian,
 * those of signatures and keys big-endian.
 */
#pragma once

#include "abi/tdx.h"

#define TDX_QUOTE_V4 4
#define TDX_QUOTE_V5 5

/* What all of a quote takes at most: GetQuote's buffer is never larger */
#define TDX_QUOTE_SIZE_MAX 0x4000

#define TDX_QUOTE_ECDSA_P256 2    /* attestation key type */
#define TDX_QUOTE_TEE        0x81 /* TEE type */

struct tdx_quote_head {
	u16 version;
	u16 key_type;
	u32 tee_type;
	u32 reserved_0x08;
	u8 qe_vendor[16];
	u8 user_data[20];
};
ABI_SIZE(struct tdx_quote_head, 48);
ABI_OFFSET(struct tdx_quote_head, qe_vendor, 12);

/* TD report; the last two are of a body of TDX 1.5 alone. */
struct tdx_quote_body {
	u8 tee_tcb_svn[16];
	u8 mr_seam[TDX_HASH_SIZE];
	u8 mr_signer_seam[TDX_HASH_SIZE];
	u64 seam_attributes;
	u64 td_attributes;
	u64 xfam;
	u8 mrtd[TDX_HASH_SIZE];
	u8 mrconfigid[TDX_HASH_SIZE];
	u8 mrowner[TDX_HASH_SIZE];
	u8 mrownerconfig[TDX_HASH_SIZE];
	u8 rtmr[TDX_RTMR_COUNT][TDX_HASH_SIZE];
	u8 report_data[TDX_REPORT_DATA_SIZE];
	u8 tee_tcb_svn_2[16];
	u8 mr_servicetd[TDX_HASH_SIZE];
};
ABI_SIZE(struct tdx_quote_body, 648);
ABI_OFFSET(struct tdx_quote_body, td_attributes, 120);
ABI_OFFSET(struct tdx_quote_body, rtmr, 328);
ABI_OFFSET(struct tdx_quote_body, tee_tcb_svn_2, 584);
#define TDX_QUOTE_BODY_1_0_SIZE 584

/* In front of the body, from version 5 on: u16 type, u32 size */
#define TDX_QUOTE_BODY_HEAD_SIZE 6
#define TDX_QUOTE_BODY_TDX_1_0   2
#define TDX_QUOTE_BODY_TDX_1_5   3

/* Of the quoting enclave, SDM3 39.15, as far as the MAC covers it */
struct sgx_report {
	u8 cpu_svn[16];
	u32 misc_select;
	u8 reserved_0x014[28];
	u8 attributes[16];
	u8 mrenclave[32];
	u8 reserved_0x060[32];
	u8 mrsigner[32];
	u8 reserved_0x0a0[96];
	u16 isv_prod_id;
	u16 isv_svn;
	u8 reserved_0x104[60];
	u8 report_data[64];
};
ABI_SIZE(struct sgx_report, 384);
ABI_OFFSET(struct sgx_report, mrsigner, 128);
ABI_OFFSET(struct sgx_report, isv_prod_id, 256);
ABI_OFFSET(struct sgx_report, report_data, 320);

/* Certification data: u16 type, u32 size, the data */
#define TDX_QUOTE_CERT_PCK_CHAIN 5 /* PEM: PCK, its CA, the root */
#define TDX_QUOTE_CERT_QE_REPORT 6 /* QE report, signature, u16 size of data, data, type 5 */
#define TDX_QUOTE_CERT_HEAD_SIZE 6
