/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HPKE's keys and shared secret are those of RFC 9180, A.3.1; what was sealed with AES-256-GCM
 * under them is opened, and with no bit changed of ciphertext, encapsulated key, info or associated
 * data. A.3.1 has AES-128-GCM: the ciphertext is from a program that gives A.3.1's with that.
 * RUN: %unit-cc %s %root/lib/aes_gcm.c -isystem %build/bearssl/inc @%build/lists/bearssl_native -o %t
 */
#include "kernel/hpke.c"
#include "lib/hex.c"

#undef NDEBUG
#include <assert.h>

#define IKM_E  "4270e54ffd08d79d5928020af4686d8f6b7d35dbe470265f1f5aa22816ce860e"
#define SK_E   "4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb"
#define IKM_R  "668b37171f1072f3cf12ea8a236a45df23fc13b82af3609ad1e354f6ef817550"
#define SK_R   "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2"
#define SHARED "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8"
#define PK_R                                                                                       \
	"04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7" \
	"f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0"
#define ENC                                                                                        \
	"04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f" \
	"951c0900be863c403ce65c9bfcb9382657222d18c4"
#define CIPHERTEXT                                                                                 \
	"518c46e6810fbc55362f7d5995b0f54339d93664ca44e5c74d0f289c4f7983b4781b193de04ad3319f177244" \
	"de"
#define PLAIN "Beauty is truth, truth beauty"

static struct hpke_key key;
static u8 enc[HPKE_POINT_SIZE], text[sizeof(PLAIN) - 1 + HPKE_TAG_SIZE];
static u8 info[] = "Ode on a Grecian Urn", aad[] = "Count-0";
static struct hpke_sealed sealed = {
	.encapsulated = enc,
	.info = info,
	.info_size = sizeof(info) - 1,
	.aad = aad,
	.aad_size = sizeof(aad) - 1,
	.text = text,
	.size = sizeof(text),
};

static bool is(const void *bytes, size_t size, const char *hex)
{
	u8 expected[HPKE_POINT_SIZE];

	assert(strlen(hex) == 2 * size && hex_read(hex, expected, size));
	return !memcmp(bytes, expected, size);
}

static void test_keys(void)
{
	u8 seed[32], shared[HASH_SIZE];

	assert(hex_read(IKM_E, seed, sizeof(seed)));
	hpke_derive_key(seed, sizeof(seed), &key);
	assert(is(key.secret, 32, SK_E) && is(key.point, HPKE_POINT_SIZE, ENC));
	assert(hex_read(IKM_R, seed, sizeof(seed)));
	hpke_derive_key(seed, sizeof(seed), &key);
	assert(is(key.secret, 32, SK_R) && is(key.point, HPKE_POINT_SIZE, PK_R));
	assert(hex_read(ENC, enc, sizeof(enc)));
	assert(decap(&key, enc, shared) && is(shared, sizeof(shared), SHARED));
}

static void test_secrets(void)
{
	u8 secret[32] = { 0 };
	size_t size;

	assert(!is_secret(secret));
	secret[31] = 1;
	assert(is_secret(secret));
	memcpy(secret, br_ec_p256_m31.order(BR_EC_secp256r1, &size), sizeof(secret));
	assert(!is_secret(secret));
	secret[31]--;
	assert(is_secret(secret));
}

static void refuses_bits(u8 *bytes, size_t size)
{
	u8 before[sizeof(text)];

	for (size_t bit = 0; bit < 8 * size; bit++) {
		bytes[bit / 8] ^= (u8)(1 << bit % 8);
		memcpy(before, text, sizeof(text));
		assert(hpke_open(&key, &sealed) == -E_PERM);
		assert(!memcmp(before, text, sizeof(text)));
		bytes[bit / 8] ^= (u8)(1 << bit % 8);
	}
}

static void test_open(void)
{
	assert(hex_read(CIPHERTEXT, text, sizeof(text)));
	refuses_bits(text, sizeof(text));
	refuses_bits(enc, sizeof(enc));
	refuses_bits(info, sizeof(info) - 1);
	refuses_bits(aad, sizeof(aad) - 1);
	for (sealed.size = 0; sealed.size < sizeof(text); sealed.size++)
		assert(hpke_open(&key, &sealed) == -E_PERM);
	assert(!hpke_open(&key, &sealed) && !memcmp(text, PLAIN, sizeof(PLAIN) - 1));
}

int main(void)
{
	test_keys();
	test_secrets();
	test_open();
	return 0;
}
