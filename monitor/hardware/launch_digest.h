/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the security processor's firmware keeps of a launch for a verifier: SNP's digest, page by
 * page; of SEV and SEV-ES the one that the launch measurement is a keyed hash of.
 * Spec: SNP-FW, SNP_LAUNCH_UPDATE (PAGE_INFO); SEV-API, LAUNCH_UPDATE_DATA and _VMSA (GCTX.LD).
 */
#pragma once

#include "lib/sha256.h"
#include "lib/sha384.h"

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

/*
 * @contents: PAGE_SIZE bytes, of normal pages and VMSAs; NULL where they do not count.
 * @permissions: of VMPL 1, 2 and 3; NULL: none.
 */
void snp_digest_page(struct snp_digest *digest, unsigned int type, u64 gpa, const u8 *permissions,
		     const void *contents);

/* SEV and SEV-ES: the contents in launch order, VMSAs last. */
struct sev_digest {
	struct sha256 sha;
};

void sev_digest_init(struct sev_digest *digest);
void sev_digest_data(struct sev_digest *digest, const void *data, size_t size);
/* @digest is used up. */
void sev_digest_final(struct sev_digest *digest, u8 bytes[SHA256_SIZE]);

/* @size: of the digest, at most SHA384_SIZE. */
#define DIGEST_TEXT_SIZE (2 * SHA384_SIZE + 1)
void digest_text(const u8 *digest, size_t size, char text[DIGEST_TEXT_SIZE]);
