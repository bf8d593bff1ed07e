/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MRTD: the measurement of what a TD is built from, in the order in which the host builds it.
 * Spec: TDX-ABI 5.3 (TDH.MEM.PAGE.ADD, TDH.MR.EXTEND, TDH.MR.FINALIZE).
 */
#pragma once

#include "abi/tdx.h"
#include "lib/sha384.h"

#define TDX_MRTD_CHUNK 256 /* of TDH.MR.EXTEND */

struct tdx_mrtd {
	struct sha384 sha;
};

void tdx_mrtd_init(struct tdx_mrtd *mrtd);
/* TDH.MEM.PAGE.ADD of the page at @gpa: its address alone is measured. */
void tdx_mrtd_page_add(struct tdx_mrtd *mrtd, u64 gpa);
/* TDH.MR.EXTEND: the TDX_MRTD_CHUNK bytes @data at @gpa. */
void tdx_mrtd_extend(struct tdx_mrtd *mrtd, u64 gpa, const void *data);
void tdx_mrtd_final(struct tdx_mrtd *mrtd, u8 digest[TDX_HASH_SIZE]);

/*
 * A section as QEMU adds it, page by page; @measured (TDVF_ATTR_EXTENDMR): with its contents. Whole
 * pages.
 */
void tdx_mrtd_section(struct tdx_mrtd *mrtd, u64 gpa, const void *data, u64 size, bool measured);
