/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-384, for measurement registers: no library is there without an operating system.
 * Spec: FIPS 180-4. Not constant-time: what is measured is no secret.
 */
#pragma once

#include "abi/bits.h"

#define SHA384_SIZE       48
#define SHA384_BLOCK_SIZE 128

struct sha384 {
	u64 state[8];
	u64 length; /* bytes so far */
	u8 block[SHA384_BLOCK_SIZE];
};

void sha384_init(struct sha384 *sha);
void sha384_update(struct sha384 *sha, const void *data, size_t size);
/* @sha is used up. */
void sha384_final(struct sha384 *sha, u8 digest[SHA384_SIZE]);

/* All three. */
void sha384(const void *data, size_t size, u8 digest[SHA384_SIZE]);
