/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The launch digest is the one that others published for edk2-stable202405's AmdSev firmware with
 * one EPYC-v4 processor (virtee/sev-snp-measure, whose digest after the firmware's pages is the
 * start here).
 * RUN: %monitor-cc %s %root/lib/format.c -o %t
 */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "monitor/model/launch.h"
#include "monitor/model/launch_digest.h"

static void parse_hex(const char *text, u8 *to)
{
	for (unsigned int i = 0; i < SHA384_SIZE; i++) {
		const char digits[] = "0123456789abcdef";

		to[i] = (u8)((strchr(digits, text[2 * i]) - digits) << 4 |
			     (strchr(digits, text[2 * i + 1]) - digits));
	}
}

static void add(struct snp_digest *digest, u64 gpa, u64 size, unsigned int type)
{
	for (u64 p = gpa; p < gpa + size; p += PAGE_SIZE)
		snp_digest_page(digest, type, p, NULL);
}

static void test_snp(u64 features, const char *expected)
{
	static union {
		struct vmsa vmsa;
		u8 bytes[PAGE_SIZE];
	} page;
	struct snp_digest digest;
	char text[DIGEST_TEXT_SIZE];

	parse_hex("086e2e9149ebf45abdc3445fba5b2da8270bdbb04094d7a2"
		  "c37faaa4b24af3aa16aff8c374c2a55c467a50da6d466b74",
		  digest.bytes);
	add(&digest, 0x800000, 0x9000, SNP_PAGE_ZERO);
	add(&digest, 0x80a000, 0x3000, SNP_PAGE_ZERO);
	add(&digest, 0x80d000, 0x1000, SNP_PAGE_SECRETS);
	add(&digest, 0x80e000, 0x1000, SNP_PAGE_CPUID);
	add(&digest, 0x80f000, 0x11000, SNP_PAGE_ZERO);
	memset(&page, 0, sizeof(page));
	launch_vmsa_reset(&page.vmsa, 0xfffffff0, 0x800f12);
	page.vmsa.sev_features = features;
	snp_digest_page(&digest, SNP_PAGE_VMSA, SNP_VMSA_GPA, page.bytes);
	digest_text(digest.bytes, SHA384_SIZE, text);
	assert(!strcmp(text, expected));
}

int main(void)
{
	test_snp(0x01, "19358ba9a7615534a9a1e2f0dfc29384dcd4dcb7062ff9c6"
		       "013b26869a5fc6ecabe033c48dd6f6db5d6d76e7c5df632d");
	test_snp(0x21, "e1e1ca029dd7973ab9513295be68198472dcd4fc834bd9af"
		       "9b63f6e8a1674dbf281a9278a4a2ebe0eed9f22adbcd0e2b");
	return 0;
}
