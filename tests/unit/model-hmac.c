/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HMAC-SHA-256 of RFC 4231's test cases, by pieces too.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "../../lib/string.h"
#include "../../model/hmac.c"
#include "../../lib/sha256.c"

static void expect(const u8 *key, size_t key_size, const char *data, size_t size, const char *hex)
{
	for (size_t first = 0; first <= size; first++) {
		struct hmac hmac;
		u8 mac[SHA256_SIZE];

		hmac_init(&hmac, key, key_size);
		hmac_update(&hmac, data, first);
		hmac_update(&hmac, data + first, size - first);
		hmac_final(&hmac, mac);
		for (size_t i = 0; i < sizeof(mac); i++) {
			static const char digits[] = "0123456789abcdef";

			assert(hex[2 * i] == digits[mac[i] >> 4]);
			assert(hex[2 * i + 1] == digits[mac[i] & 15]);
		}
	}
}

int main(void)
{
	u8 key[20];

	memset(key, 0x0b, sizeof(key));
	expect(key, sizeof(key), "Hi There", 8,
	       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	expect((const u8 *)"Jefe", 4, "what do ya want for nothing?", 28,
	       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	return 0;
}
