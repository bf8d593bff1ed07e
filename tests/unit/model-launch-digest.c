/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The launch digests are those that others published for edk2-stable202405's AmdSev firmware with
 * EPYC-v4 processors: one, and four with an empty kernel (virtee/sev-snp-measure, whose digests
 * after the firmware's pages are the start here).
 * RUN: %monitor-cc %s %root/lib/format.c -o %t
 */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "monitor/hardware/launch.h"
#include "monitor/hardware/launch_digest.h"

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
		snp_digest_page(digest, type, p, NULL, NULL);
}

union vmsa_page {
	struct vmsa vmsa;
	u8 bytes[PAGE_SIZE];
};

/* The firmware's table has its reset block at 0x80b004. */
static const u8 *vmsa_page(unsigned int cpu, u64 features)
{
	static union vmsa_page page;

	launch_vmsa_reset(&page.vmsa, cpu ? 0x80b004 : 0xfffffff0, 0x800f12);
	page.vmsa.sev_features = features;
	return page.bytes;
}

static void test_snp(u64 features, const char *expected)
{
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
	snp_digest_page(&digest, SNP_PAGE_VMSA, SNP_VMSA_GPA, NULL, vmsa_page(0, features));
	digest_text(digest.bytes, SHA384_SIZE, text);
	assert(!strcmp(text, expected));
}

static void test_snp_4(u64 features, const char *expected)
{
	struct snp_digest digest;
	char text[DIGEST_TEXT_SIZE];

	parse_hex("09048f370bff1a29414c64f73db9cacdd1bc0dd523da79b0"
		  "48c495e713448bc72cf1c17ba0ed88c96c84237d6572c158",
		  digest.bytes);
	for (unsigned int i = 0; i < 4; i++)
		snp_digest_page(&digest, SNP_PAGE_VMSA, SNP_VMSA_GPA, NULL, vmsa_page(i, features));
	digest_text(digest.bytes, SHA384_SIZE, text);
	assert(!strcmp(text, expected));
}

/* The state after the firmware's 4096 bytes and its table of hashes, of 176. */
static void test_sev_es(unsigned int cpu_count, const char *expected)
{
	struct sev_digest digest = {
		.sha = { .state = { 0x00b2f711, 0xaffc3e3b, 0xe95a07e8, 0x6b7b9991, 0x65c46f82,
				    0x5afcf383, 0xf4529d3d, 0x93b0b3ea },
			 .length = 4096 + 176,
			 .block = { 0xd5, 0xb1, 0x72, 0xd2, 0x04, 0x5b, 0x32, 0x00, 0xe3, 0xb0,
				    0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8,
				    0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
				    0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55 } },
	};
	char text[DIGEST_TEXT_SIZE];
	u8 bytes[SHA256_SIZE];

	for (unsigned int i = 0; i < cpu_count; i++)
		sev_digest_data(&digest, vmsa_page(i, 0), PAGE_SIZE);
	sev_digest_final(&digest, bytes);
	digest_text(bytes, sizeof(bytes), text);
	assert(!strcmp(text, expected));
}

int main(void)
{
	test_snp_4(0x01, "5061fffb019493a903613d56d54b94912a1a2f9e4502385f"
			 "5c194616753720a92441310ba6c4933de877c36e23046ad5");
	test_snp_4(0x21, "4953b1fb416fa874980e8442b3706d345926d5f38879134e"
			 "00813c5d7abcbe78eafe7b422907be0b4698e2414a631942");
	test_sev_es(1, "13810ae661ea11e2bb205621f582fee268f0367c8f97bc297b7fadef3e12002c");
	test_sev_es(4, "0dccbcaba8e90b261bd0d2e1863a2f9da714768b7b2a19363cd6ae35aa90de91");
	test_snp(0x01, "19358ba9a7615534a9a1e2f0dfc29384dcd4dcb7062ff9c6"
		       "013b26869a5fc6ecabe033c48dd6f6db5d6d76e7c5df632d");
	test_snp(0x21, "e1e1ca029dd7973ab9513295be68198472dcd4fc834bd9af"
		       "9b63f6e8a1674dbf281a9278a4a2ebe0eed9f22adbcd0e2b");
	return 0;
}
