/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See hmac.h.
 */
#include "model/hmac.h"

#include "lib/string.h"

#define IPAD 0x36
#define OPAD 0x5c

void hmac_init(struct hmac *hmac, const u8 *key, size_t size)
{
	u8 inner_key[SHA256_BLOCK_SIZE] = { 0 };

	memcpy(inner_key, key, size);
	for (size_t i = 0; i < SHA256_BLOCK_SIZE; i++) {
		hmac->outer_key[i] = inner_key[i] ^ OPAD;
		inner_key[i] ^= IPAD;
	}
	sha256_init(&hmac->inner);
	sha256_update(&hmac->inner, inner_key, sizeof(inner_key));
}

void hmac_update(struct hmac *hmac, const void *data, size_t size)
{
	sha256_update(&hmac->inner, data, size);
}

void hmac_final(struct hmac *hmac, u8 mac[SHA256_SIZE])
{
	struct sha256 outer;

	sha256_final(&hmac->inner, mac);
	sha256_init(&outer);
	sha256_update(&outer, hmac->outer_key, sizeof(hmac->outer_key));
	sha256_update(&outer, mac, SHA256_SIZE);
	sha256_final(&outer, mac);
}
