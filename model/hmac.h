/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HMAC with SHA-256, for the measurement of an SEV launch.
 * Spec: FIPS 198-1.
 */
#pragma once

#include "lib/sha256.h"

struct hmac {
	struct sha256 inner;
	u8 outer_key[SHA256_BLOCK_SIZE];
};

/* @size: of the key, at most SHA256_BLOCK_SIZE. */
void hmac_init(struct hmac *hmac, const u8 *key, size_t size);
void hmac_update(struct hmac *hmac, const void *data, size_t size);
/* @hmac is used up. */
void hmac_final(struct hmac *hmac, u8 mac[SHA256_SIZE]);
