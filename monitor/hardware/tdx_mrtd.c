/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MRTD: see tdx_mrtd.h. Each operation is a block of 128 bytes: its name, and the address at 16.
 */
#include "monitor/hardware/tdx_mrtd.h"
#include "lib/string.h"

#define RECORD_SIZE    128
#define RECORD_ADDRESS 16

_Static_assert(TDX_HASH_SIZE == SHA384_SIZE, "one hash for all measurements");

static void record(struct tdx_mrtd *mrtd, const char *name, u64 gpa)
{
	u8 block[RECORD_SIZE] = { 0 };

	for (unsigned int i = 0; name[i]; i++)
		block[i] = (u8)name[i];
	memcpy(block + RECORD_ADDRESS, &gpa, sizeof(gpa));
	sha384_update(&mrtd->sha, block, sizeof(block));
}

void tdx_mrtd_init(struct tdx_mrtd *mrtd) { sha384_init(&mrtd->sha); }

void tdx_mrtd_page_add(struct tdx_mrtd *mrtd, u64 gpa) { record(mrtd, "MEM.PAGE.ADD", gpa); }

void tdx_mrtd_extend(struct tdx_mrtd *mrtd, u64 gpa, const void *data)
{
	record(mrtd, "MR.EXTEND", gpa);
	sha384_update(&mrtd->sha, data, TDX_MRTD_CHUNK);
}

void tdx_mrtd_final(struct tdx_mrtd *mrtd, u8 digest[TDX_HASH_SIZE])
{
	sha384_final(&mrtd->sha, digest);
}

void tdx_mrtd_section(struct tdx_mrtd *mrtd, u64 gpa, const void *data, u64 size, bool measured)
{
	const u8 *bytes = data;

	for (u64 page = 0; page < size; page += PAGE_SIZE) {
		tdx_mrtd_page_add(mrtd, gpa + page);
		for (u64 at = page; measured && at < page + PAGE_SIZE; at += TDX_MRTD_CHUNK)
			tdx_mrtd_extend(mrtd, gpa + at, bytes + at);
	}
}
