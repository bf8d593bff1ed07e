/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See crypto.h.
 */
#include "monitor/crypto/crypto.h"

#include "lib/string.h"

#include <bearssl.h>

/* ---- AES-GCM */

struct gcm {
	br_aes_ct64_ctr_keys key;
	br_gcm_context context;
};

static void gcm_begin(struct gcm *g, const struct gcm_text *t)
{
	br_aes_ct64_ctr_init(&g->key, t->key, GCM_KEY_SIZE);
	br_gcm_init(&g->context, &g->key.vtable, br_ghash_ctmul64);
	br_gcm_reset(&g->context, t->iv, GCM_IV_SIZE);
	br_gcm_aad_inject(&g->context, t->aad, t->aad_size);
	br_gcm_flip(&g->context);
}

void gcm_encrypt(const struct gcm_text *t, u8 tag[GCM_TAG_SIZE])
{
	struct gcm g;

	gcm_begin(&g, t);
	br_gcm_run(&g.context, 1, t->text, t->size);
	br_gcm_get_tag(&g.context, tag);
}

int gcm_decrypt(const struct gcm_text *t, const u8 tag[GCM_TAG_SIZE])
{
	struct gcm g;

	gcm_begin(&g, t);
	br_gcm_run(&g.context, 0, t->text, t->size);
	if (br_gcm_check_tag(&g.context, tag))
		return 0;
	gcm_begin(&g, t);
	br_gcm_run(&g.context, 1, t->text, t->size);
	return -E_PERM;
}

/* ---- ECDSA */

#define POINT_UNCOMPRESSED 4 /* SEC 1, 2.3.3 */

/* As BearSSL has a point. */
struct point {
	u8 form;
	struct p384_key key;
};
_Static_assert(sizeof(struct point) == 1 + 2 * P384_SIZE, "a point has no gaps");
_Static_assert(sizeof(struct p384_signature) == 2 * P384_SIZE, "nor has a signature");

bool p384_verify(const struct p384_key *key, const struct p384_signature *signature,
		 const u8 digest[P384_SIZE])
{
	struct point point = { POINT_UNCOMPRESSED, *key };
	br_ec_public_key k = { BR_EC_secp384r1, (u8 *)&point, sizeof(point) };

	return br_ecdsa_i31_vrfy_raw(&br_ec_prime_i31, digest, P384_SIZE, &k, signature,
				     sizeof(*signature));
}

int p384_sign(const u8 secret[P384_SIZE], const u8 digest[P384_SIZE],
	      struct p384_signature *signature)
{
	br_ec_private_key k = { BR_EC_secp384r1, (u8 *)secret, P384_SIZE };

	return br_ecdsa_i31_sign_raw(&br_ec_prime_i31, &br_sha384_vtable, digest, &k, signature)
		       ? 0
		       : -E_INVAL;
}

struct point_256 {
	u8 form;
	struct p256_key key;
};
_Static_assert(sizeof(struct point_256) == 1 + 2 * P256_SIZE, "a point has no gaps");
_Static_assert(sizeof(struct p256_signature) == 2 * P256_SIZE, "nor has a signature");

bool p256_verify(const struct p256_key *key, const struct p256_signature *signature,
		 const u8 digest[P256_SIZE])
{
	struct point_256 point = { POINT_UNCOMPRESSED, *key };
	br_ec_public_key k = { BR_EC_secp256r1, (u8 *)&point, sizeof(point) };

	return br_ecdsa_i31_vrfy_raw(&br_ec_p256_m31, digest, P256_SIZE, &k, signature,
				     sizeof(*signature));
}

int p256_sign(const u8 secret[P256_SIZE], const u8 digest[P256_SIZE],
	      struct p256_signature *signature)
{
	br_ec_private_key k = { BR_EC_secp256r1, (u8 *)secret, P256_SIZE };

	return br_ecdsa_i31_sign_raw(&br_ec_p256_m31, &br_sha256_vtable, digest, &k, signature)
		       ? 0
		       : -E_INVAL;
}

/* What is no key cannot sign either; the product is of what can. */
int p256_public(const u8 secret[P256_SIZE], struct p256_key *key)
{
	static const u8 digest[P256_SIZE];
	struct p256_signature signature;
	struct point_256 point;

	if (p256_sign(secret, digest, &signature) ||
	    br_ec_p256_m31.mulgen((u8 *)&point, secret, P256_SIZE, BR_EC_secp256r1) !=
		    sizeof(point))
		return -E_INVAL;
	*key = point.key;
	return 0;
}

/* ---- HMAC */

static void hmac(const br_hash_class *hash, const void *key, size_t key_size, const void *data,
		 size_t size, u8 *mac)
{
	br_hmac_key_context k;
	br_hmac_context context;

	br_hmac_key_init(&k, hash, key, key_size);
	br_hmac_init(&context, &k, 0);
	br_hmac_update(&context, data, size);
	br_hmac_out(&context, mac);
}

void hmac_sha256(const void *key, size_t key_size, const void *data, size_t size,
		 u8 mac[HMAC_SHA256_SIZE])
{
	hmac(&br_sha256_vtable, key, key_size, data, size, mac);
}

void hmac_sha384(const void *key, size_t key_size, const void *data, size_t size,
		 u8 mac[HMAC_SHA384_SIZE])
{
	hmac(&br_sha384_vtable, key, key_size, data, size, mac);
}
