/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256, for the launch digest of SEV and SEV-ES: see sha384.h.
 * Spec: FIPS 180-4. Not constant-time: what is measured is no secret.
 */
#pragma once

#include "abi/bits.h"

#define SHA256_SIZE       32
#define SHA256_BLOCK_SIZE 64

struct sha256 {
	u32 state[8];
	u64 length; /* bytes so far */
	u8 block[SHA256_BLOCK_SIZE];
};

void sha256_init(struct sha256 *sha);
void sha256_update(struct sha256 *sha, const void *data, size_t size);
/* @sha is used up. */
void sha256_final(struct sha256 *sha, u8 digest[SHA256_SIZE]);
