/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See launch_digest.h.
 */
#include "monitor/model/launch_digest.h"

#include "lib/string.h"

#define MR_CHUNK 256

struct snp_page_info {
	u8 digest_cur[SHA384_SIZE];
	u8 contents[SHA384_SIZE];
	u16 length;
	u8 page_type;
	u8 imi_page;
	u8 vmpl_permissions[3];
	u8 reserved_0x67;
	u64 gpa;
};
ABI_SIZE(struct snp_page_info, 0x70);

struct mr_block {
	char name[16];
	u64 gpa;
	u8 reserved_0x18[104];
};
ABI_SIZE(struct mr_block, 128);

void snp_digest_page(struct snp_digest *digest, unsigned int type, u64 gpa, const void *contents)
{
	struct snp_page_info info = {
		.length = sizeof(info),
		.page_type = (u8)type,
		.gpa = gpa,
	};

	memcpy(info.digest_cur, digest->bytes, SHA384_SIZE);
	if (contents)
		sha384(contents, PAGE_SIZE, info.contents);
	sha384(&info, sizeof(info), digest->bytes);
}

static void mr_record(struct sha384 *sha, const char *name, u64 gpa)
{
	struct mr_block block = { .gpa = gpa };

	memcpy(block.name, name, strlen(name));
	sha384_update(sha, &block, sizeof(block));
}

void mrtd_page(struct sha384 *sha, u64 gpa, const void *contents, bool measured)
{
	mr_record(sha, "MEM.PAGE.ADD", gpa);
	for (u64 at = 0; measured && at < PAGE_SIZE; at += MR_CHUNK) {
		mr_record(sha, "MR.EXTEND", gpa + at);
		sha384_update(sha, (const u8 *)contents + at, MR_CHUNK);
	}
}

void digest_text(const u8 digest[SHA384_SIZE], char text[DIGEST_TEXT_SIZE])
{
	static const char hex[] = "0123456789abcdef";

	for (unsigned int i = 0; i < SHA384_SIZE; i++) {
		text[2 * i] = hex[digest[i] >> 4];
		text[2 * i + 1] = hex[digest[i] & 0xf];
	}
	text[2 * SHA384_SIZE] = 0;
}
