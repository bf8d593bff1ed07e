/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cryptography of the hardware that we play: AES-256-GCM for guest messages, ECDSA for what it
 * says of a guest, HMAC for keys and measurements. All of it is BearSSL's: no operating system, no
 * allocator, and a source that each Debian has. Digests are lib/'s, which the guest needs too.
 * Not against who measures time: keys of a test root are public.
 * Spec: SP 800-38D (96-bit IV, 128-bit tag), FIPS 186-5 6.4, RFC 6979, FIPS 198-1.
 */
#pragma once

#include "abi/bits.h"
#include "lib/errno.h"

#define GCM_KEY_SIZE 32
#define GCM_IV_SIZE  12
#define GCM_TAG_SIZE 16

struct gcm_text {
	const u8 *key; /* GCM_KEY_SIZE bytes */
	const u8 *iv;  /* GCM_IV_SIZE bytes */
	const void *aad;
	size_t aad_size;
	void *text; /* in place */
	size_t size;
};

void gcm_encrypt(const struct gcm_text *t, u8 tag[GCM_TAG_SIZE]);
/* -E_PERM, and the text as it was, where the tag is not that of these bytes under this key. */
int must_check gcm_decrypt(const struct gcm_text *t, const u8 tag[GCM_TAG_SIZE]);

/* With the digest that its strength asks for: SHA-384. */
#define P384_SIZE 48

/* Numbers are big-endian; a private key is one of P384_SIZE bytes too. */
struct p384_key {
	u8 x[P384_SIZE];
	u8 y[P384_SIZE];
};

struct p384_signature {
	u8 r[P384_SIZE];
	u8 s[P384_SIZE];
};

/* False too where @key is no point of the curve. */
bool p384_verify(const struct p384_key *key, const struct p384_signature *signature,
		 const u8 digest[P384_SIZE]);
/* The same for the same @digest. -E_INVAL: @secret is no key: 0, or not below the order. */
int must_check p384_sign(const u8 secret[P384_SIZE], const u8 digest[P384_SIZE],
			 struct p384_signature *signature);

/* The same of P-256, with SHA-256. */
#define P256_SIZE 32

struct p256_key {
	u8 x[P256_SIZE];
	u8 y[P256_SIZE];
};

struct p256_signature {
	u8 r[P256_SIZE];
	u8 s[P256_SIZE];
};

bool p256_verify(const struct p256_key *key, const struct p256_signature *signature,
		 const u8 digest[P256_SIZE]);
int must_check p256_sign(const u8 secret[P256_SIZE], const u8 digest[P256_SIZE],
			 struct p256_signature *signature);
/* The public key of @secret; -E_INVAL as above. */
int must_check p256_public(const u8 secret[P256_SIZE], struct p256_key *key);

#define HMAC_SHA256_SIZE 32
#define HMAC_SHA384_SIZE 48

void hmac_sha256(const void *key, size_t key_size, const void *data, size_t size,
		 u8 mac[HMAC_SHA256_SIZE]);
void hmac_sha384(const void *key, size_t key_size, const void *data, size_t size,
		 u8 mac[HMAC_SHA384_SIZE]);
