/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SNP's launch digest, which the firmware keeps page by page for a verifier.
 * Spec: SNP-FW, SNP_LAUNCH_UPDATE (PAGE_INFO).
 */
#pragma once

#include "monitor/model/sha384.h"

/* PAGE_INFO's PAGE_TYPE */
#define SNP_PAGE_NORMAL  1
#define SNP_PAGE_VMSA    2
#define SNP_PAGE_ZERO    3
#define SNP_PAGE_SECRETS 5
#define SNP_PAGE_CPUID   6

/* The address under which a processor's first state is measured. */
#define SNP_VMSA_GPA U64_C(0xfffffffff000)

/* Starts as zero. */
struct snp_digest {
	u8 bytes[SHA384_SIZE];
};

/* @contents: PAGE_SIZE bytes, of normal pages and VMSAs; NULL where they do not count. */
void snp_digest_page(struct snp_digest *digest, unsigned int type, u64 gpa, const void *contents);

#define DIGEST_TEXT_SIZE (2 * SHA384_SIZE + 1)
void digest_text(const u8 digest[SHA384_SIZE], char text[DIGEST_TEXT_SIZE]);
