/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A firmware image's own account of how it is to be launched, as QEMU reads it.
 * Spec: abi/firmware.h.
 */
#pragma once

#include "abi/firmware.h"
#include "abi/launch_note.h"
#include "abi/tdx.h"
#include "lib/errno.h"

#define FIRMWARE_SECTIONS_MAX 32
#define FIRMWARE_UNIT         0x10000 /* the image is whole ones of these */

struct firmware {
	const u8 *image;
	u64 size;
	u32 sev_es_reset;                    /* 0: the image has none */
	struct firmware_hash_area hash_area; /* of size 0: none */
	unsigned int sev_count, tdvf_count;
	struct launch_section sev[FIRMWARE_SECTIONS_MAX];
	struct tdvf_section tdvf[FIRMWARE_SECTIONS_MAX];
	const void *hashes; /* the caller's: what goes into @hash_area; NULL: nothing */
	u64 hashes_size;
};

/*
 * An image without the table is one that names nothing. -E_INVAL: a table that is there is wrong,
 * *why says how. Pages of sections are whole; TDVF's data lie inside the image.
 */
must_check int firmware_parse(const void *image, u64 size, struct firmware *firmware,
			      const char **why);
