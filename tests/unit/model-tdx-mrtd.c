/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MRTD is the hash of what the host did to build the TD, as Python computes it from the
 * specification's words.
 * RUN: %unit-cc %s %root/lib/sha384.c -o %t > %t.ours
 * RUN: python3 %S/Inputs/mrtd.py > %t.theirs
 * RUN: diff %t.ours %t.theirs
 */
#include <stdio.h>

#include "../../monitor/hardware/tdx_mrtd.c"

static u8 pages[3 * PAGE_SIZE];

static void print(struct tdx_mrtd *mrtd)
{
	u8 digest[TDX_HASH_SIZE];

	tdx_mrtd_final(mrtd, digest);
	for (unsigned int i = 0; i < sizeof(digest); i++)
		printf("%02x", digest[i]);
	printf("\n");
}

int main(void)
{
	struct tdx_mrtd mrtd;

	for (unsigned int i = 0; i < sizeof(pages); i++)
		pages[i] = (u8)(i * 7 + i / 256);
	tdx_mrtd_init(&mrtd);
	print(&mrtd);
	/* firmware measured, then memory that is only added */
	tdx_mrtd_init(&mrtd);
	tdx_mrtd_section(&mrtd, 0xfffff000 - 2 * PAGE_SIZE, pages, sizeof(pages), true);
	tdx_mrtd_section(&mrtd, 0x810000, pages, 2 * PAGE_SIZE, false);
	print(&mrtd);
	/* other hosts add all pages first */
	tdx_mrtd_init(&mrtd);
	tdx_mrtd_page_add(&mrtd, 0x1000);
	tdx_mrtd_page_add(&mrtd, 0x2000);
	tdx_mrtd_extend(&mrtd, 0x1100, pages + 256);
	print(&mrtd);
	return 0;
}
