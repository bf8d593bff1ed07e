/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See launch_digest.h.
 */
#include "monitor/hardware/launch_digest.h"

#include "lib/string.h"

struct snp_page_info {
	u8 digest_cur[SHA384_SIZE];
	u8 contents[SHA384_SIZE];
	u16 length;
	u8 page_type;
	u8 imi_page;
	u8 vmpl_permissions[3]; /* of VMPL 3, 2, 1 */
	u8 reserved_0x67;
	u64 gpa;
};
ABI_SIZE(struct snp_page_info, 0x70);

void snp_digest_page(struct snp_digest *digest, unsigned int type, u64 gpa, const u8 *permissions,
		     const void *contents)
{
	struct snp_page_info info = {
		.length = sizeof(info),
		.page_type = (u8)type,
		.gpa = gpa,
	};

	for (unsigned int i = 0; permissions && i < sizeof(info.vmpl_permissions); i++)
		info.vmpl_permissions[sizeof(info.vmpl_permissions) - 1 - i] = permissions[i];
	memcpy(info.digest_cur, digest->bytes, SHA384_SIZE);
	if (contents)
		sha384(contents, PAGE_SIZE, info.contents);
	sha384(&info, sizeof(info), digest->bytes);
}

void sev_digest_init(struct sev_digest *digest) { sha256_init(&digest->sha); }

void sev_digest_data(struct sev_digest *digest, const void *data, size_t size)
{
	sha256_update(&digest->sha, data, size);
}

void sev_digest_final(struct sev_digest *digest, u8 bytes[SHA256_SIZE])
{
	sha256_final(&digest->sha, bytes);
}

void digest_text(const u8 *digest, size_t size, char text[DIGEST_TEXT_SIZE])
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		text[2 * i] = hex[digest[i] >> 4];
		text[2 * i + 1] = hex[digest[i] & 0xf];
	}
	text[2 * size] = 0;
}
