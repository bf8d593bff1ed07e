/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports as the monitor's firmware writes them, for one launch: each a line `NAME HEX`. The launch
 * is what monitor_reports.py has too.
 * Built with FIRMWARE, the path of a test root's firmware.bin.
 */
#include "monitor/hardware/snp_evidence.h"

#include "lib/format.c"

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

static struct snp_platform platform;
static struct snp_launch launch;

static void init(void)
{
	static u64 firmware[0x10000 / 8];
	FILE *file = fopen(FIRMWARE, "rb");
	size_t size;

	assert(file);
	size = fread(firmware, 1, sizeof(firmware), file);
	fclose(file);
	assert(!snp_platform_init(&platform, firmware, size));
	launch.policy = 0x30000;
	memset(launch.measurement, 'M', sizeof(launch.measurement));
	memset(launch.host_data, 'H', sizeof(launch.host_data));
	memset(launch.report_id, 'R', sizeof(launch.report_id));
	launch.id_block.guest_svn = 7;
	memset(launch.id_block.family_id, 'F', sizeof(launch.id_block.family_id));
	memset(launch.id_block.image_id, 'I', sizeof(launch.id_block.image_id));
	memset(launch.id_key_digest, 'K', sizeof(launch.id_key_digest));
	memset(launch.author_key_digest, 'A', sizeof(launch.author_key_digest));
}

static void write_report(const char *name, u32 version, u32 key)
{
	static u64 bytes[4000 / 8];
	struct snp_payload payload = { &platform, &launch, 0, sizeof(struct snp_report_request),
				       (u8 *)bytes };
	const struct snp_report_response *answer = (const void *)bytes;
	struct snp_report_request request = { .key_select = key };

	platform.version = version;
	memset(request.data, 'D', sizeof(request.data));
	memcpy(bytes, &request, sizeof(request));
	assert(snp_answer_report(&payload) == PSP_SUCCESS);
	assert(answer->status == SNP_MSG_SUCCESS && answer->size == sizeof(answer->report));
	printf("%s ", name);
	for (size_t i = 0; i < sizeof(answer->report); i++)
		printf("%02x", ((const u8 *)&answer->report)[i]);
	printf("\n");
}

int main(void)
{
	init();
	write_report("v2", 2, SNP_KEY_SEL_VCEK);
	write_report("v3", 3, SNP_KEY_SEL_VCEK);
	write_report("v5", 5, SNP_KEY_SEL_VCEK);
	launch.has_id_block = true;
	write_report("id-block", 5, SNP_KEY_SEL_VCEK);
	launch.has_author_key = true;
	write_report("author-key", 5, SNP_KEY_SEL_VCEK);
	platform.has_vlek = true;
	write_report("vlek", 5, SNP_KEY_SEL_VLEK);
	return 0;
}
