/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See hpke.h. Names are RFC 9180's.
 */
#include "kernel/hpke.h"

#include "lib/aes_gcm.h"
#include "lib/compiler.h"
#include "lib/string.h"

#include <bearssl.h>

#define HASH_SIZE 32
#define MODE_BASE 0

struct bytes {
	const void *at;
	size_t size;
};

#define TEXT(text)   ((struct bytes){ text, sizeof(text) - 1 })
#define HASH(bytes_) ((struct bytes){ bytes_, HASH_SIZE })

/* 4.1 and 5.1: suite_id, of 7.1 to 7.3's numbers. */
static const struct bytes kem = { "KEM\x00\x10", 5 };
static const struct bytes suite = { "HPKE\x00\x10\x00\x01\x00\x02", 10 };

/* RFC 5869: a key that is not there is zeroes, which is what HMAC makes of an empty one. */
static void hmac(struct bytes key, const struct bytes *parts, size_t count, u8 mac[HASH_SIZE])
{
	br_hmac_key_context inner;
	br_hmac_context h;

	br_hmac_key_init(&inner, &br_sha256_vtable, key.at, key.size);
	br_hmac_init(&h, &inner, HASH_SIZE);
	for (size_t i = 0; i < count; i++)
		br_hmac_update(&h, parts[i].at, parts[i].size);
	br_hmac_out(&h, mac);
}

static void labeled_extract(struct bytes id, struct bytes salt, struct bytes label,
			    struct bytes ikm, u8 prk[HASH_SIZE])
{
	const struct bytes parts[] = { TEXT("HPKE-v1"), id, label, ikm };

	hmac(salt, parts, array_count(parts), prk);
}

/* One block of HKDF-Expand, which is as much as any of them takes. */
static void labeled_expand(struct bytes id, const u8 prk[HASH_SIZE], struct bytes label,
			   struct bytes info, u8 *okm, size_t size)
{
	const u8 length[] = { 0, (u8)size };
	const struct bytes parts[] = {
		{ length, sizeof(length) }, TEXT("HPKE-v1"), id, label, info, TEXT("\x01")
	};
	u8 block[HASH_SIZE];

	hmac(HASH(prk), parts, array_count(parts), block);
	memcpy(okm, block, size);
}

static bool is_secret(const u8 secret[HPKE_SECRET_SIZE])
{
	static const u8 zero[HPKE_SECRET_SIZE];
	size_t size;
	const u8 *order = br_ec_p256_m31.order(BR_EC_secp256r1, &size);

	return memcmp(secret, zero, sizeof(zero)) && memcmp(secret, order, size) < 0;
}

/* 7.1.3. That it takes a second round has a chance of 2^-32. */
void hpke_derive_key(const void *seed, size_t size, struct hpke_key *key)
{
	const struct bytes none = { "", 0 };
	u8 prk[HASH_SIZE];

	labeled_extract(kem, none, TEXT("dkp_prk"), (struct bytes){ seed, size }, prk);
	for (u8 counter = 0; counter == 0 || !is_secret(key->secret); counter++)
		labeled_expand(kem, prk, TEXT("candidate"), (struct bytes){ &counter, 1 },
			       key->secret, sizeof(key->secret));
	br_ec_p256_m31.mulgen(key->point, key->secret, sizeof(key->secret), BR_EC_secp256r1);
}

/* 4.1, Decap(). False: @encapsulated is no point of the curve. */
static bool decap(const struct hpke_key *key, const u8 encapsulated[HPKE_POINT_SIZE],
		  u8 shared[HASH_SIZE])
{
	const struct bytes none = { "", 0 };
	u8 dh[HPKE_POINT_SIZE], prk[HASH_SIZE], context[2 * HPKE_POINT_SIZE];

	memcpy(dh, encapsulated, sizeof(dh));
	if (!br_ec_p256_m31.mul(dh, sizeof(dh), key->secret, sizeof(key->secret), BR_EC_secp256r1))
		return false;
	memcpy(context, encapsulated, HPKE_POINT_SIZE);
	memcpy(context + HPKE_POINT_SIZE, key->point, HPKE_POINT_SIZE);
	labeled_extract(kem, none, TEXT("eae_prk"), HASH(dh + 1), prk); /* its x alone */
	labeled_expand(kem, prk, TEXT("shared_secret"), (struct bytes){ context, sizeof(context) },
		       shared, HASH_SIZE);
	return true;
}

struct schedule {
	u8 key[AES_256_KEY_SIZE], nonce[AES_GCM_IV_SIZE];
};

/* 5.1, KeySchedule(). The first message's nonce is the base nonce itself. */
static struct schedule key_schedule(const u8 shared[HASH_SIZE], struct bytes info)
{
	const struct bytes none = { "", 0 };
	u8 context[1 + 2 * HASH_SIZE] = { MODE_BASE }, secret[HASH_SIZE];
	const struct bytes whole = { context, sizeof(context) };
	struct schedule s;

	labeled_extract(suite, none, TEXT("psk_id_hash"), none, context + 1);
	labeled_extract(suite, none, TEXT("info_hash"), info, context + 1 + HASH_SIZE);
	labeled_extract(suite, HASH(shared), TEXT("secret"), none, secret);
	labeled_expand(suite, secret, TEXT("key"), whole, s.key, sizeof(s.key));
	labeled_expand(suite, secret, TEXT("base_nonce"), whole, s.nonce, sizeof(s.nonce));
	return s;
}

int hpke_open(const struct hpke_key *key, const struct hpke_sealed *sealed)
{
	u8 shared[HASH_SIZE];
	struct schedule s;

	if (sealed->size < HPKE_TAG_SIZE || !decap(key, sealed->encapsulated, shared))
		return -E_PERM;
	s = key_schedule(shared, (struct bytes){ sealed->info, sealed->info_size });
	return aes_256_gcm_decrypt(&(struct aes_gcm_text){ s.key, s.nonce, sealed->aad,
							   sealed->aad_size, sealed->text,
							   sealed->size - HPKE_TAG_SIZE },
				   (u8 *)sealed->text + sealed->size - HPKE_TAG_SIZE);
}
