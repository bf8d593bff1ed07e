/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cryptography that the hardware has: a text is what the guest's own AES-GCM makes of it, with
 * that tag, and no other bit is taken; signatures that OpenSSL made are good, and RFC 6979's is
 * made; none with a bit changed anywhere, of a key that is no point, with numbers out of range.
 * RUN: %monitor-cc %s -o %t
 */
#include "monitor/crypto/crypto.h"

#include "lib/aes_gcm.h"
#include "lib/format.c"
#include "lib/sha384.h"

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "Inputs/id_block.h"

static void unhex(const char *text, u8 *bytes)
{
	unsigned int byte;

	for (size_t i = 0; text[2 * i]; i++) {
		assert(sscanf(text + 2 * i, "%2x", &byte) == 1);
		bytes[i] = (u8)byte;
	}
}

/* ---- AES-GCM */

static u8 key[32], iv[12], aad[48], text[1300], ours[1300], tag[16], our_tag[16];

static void fill(u8 *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (u8)rand();
}

static void test_gcm(size_t size, size_t aad_size)
{
	struct gcm_text t = { key, iv, aad, aad_size, text, size };
	struct aes_gcm_text o = { key, iv, aad, aad_size, ours, size };
	u8 plain[sizeof(text)];

	fill(key, sizeof(key));
	fill(iv, sizeof(iv));
	fill(aad, sizeof(aad));
	fill(text, sizeof(text));
	memcpy(plain, text, sizeof(text));
	memcpy(ours, text, sizeof(text));
	gcm_encrypt(&t, tag);
	aes_256_gcm_encrypt(&o, our_tag);
	assert(!memcmp(text, ours, sizeof(text)) && !memcmp(tag, our_tag, sizeof(tag)));
	for (unsigned int bit = 0; bit < 8 * sizeof(tag); bit++) {
		tag[bit / 8] ^= (u8)(1u << bit % 8);
		assert(gcm_decrypt(&t, tag) == -E_PERM && !memcmp(text, ours, sizeof(text)));
		tag[bit / 8] ^= (u8)(1u << bit % 8);
	}
	if (size) {
		text[size / 2] ^= 0x10;
		assert(gcm_decrypt(&t, tag) == -E_PERM);
		text[size / 2] ^= 0x10;
	}
	assert(!gcm_decrypt(&t, tag) && !memcmp(text, plain, sizeof(text)));
}

/* ---- ECDSA */

static struct p384_key public;
static struct p384_signature signature;
static u8 digest[P384_SIZE];

static void turn(u8 to[P384_SIZE], const u8 from[P384_SIZE])
{
	for (unsigned int i = 0; i < P384_SIZE; i++)
		to[i] = from[P384_SIZE - 1 - i];
}

static void good(void)
{
	turn(public.x, id_key_x);
	turn(public.y, id_key_y);
	turn(signature.r, block_r);
	turn(signature.s, block_s);
	sha384(&signed_block, sizeof(signed_block), digest);
}

static bool verifies(void) { return p384_verify(&public, &signature, digest); }

static void test_each_bit(u8 *bytes)
{
	for (unsigned int i = 0; i < 8 * P384_SIZE; i += 29) {
		good();
		bytes[i / 8] ^= (u8)(1u << i % 8);
		assert(!verifies());
	}
}

#define ORDER                                                                                      \
	"ffffffffffffffffffffffffffffffffffffffffffffffff"                                         \
	"c7634d81f4372ddf581a0db248b0a77aecec196accc52973"
#define PRIME                                                                                      \
	"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe"                         \
	"ffffffff0000000000000000ffffffff"

static void test_range(void)
{
	good();
	memset(signature.r, 0, sizeof(signature.r));
	assert(!verifies());
	good();
	memset(signature.s, 0, sizeof(signature.s));
	assert(!verifies());
	good();
	unhex(ORDER, signature.r);
	assert(!verifies());
	good();
	unhex(ORDER, signature.s);
	assert(!verifies());
	/* (0, 0) is no point, and neither is a coordinate that was not reduced */
	good();
	memset(&public, 0, sizeof(public));
	assert(!verifies());
	good();
	unhex(PRIME, public.x);
	assert(!verifies());
}

/* RFC 6979 A.2.6, "sample" */
static void test_sign(void)
{
	struct p384_signature expected;
	u8 secret[P384_SIZE];

	unhex("6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba"
	      "9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
	      secret);
	unhex("ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e"
	      "06aae5286b300c64def8f0ea9055866064a254515480bc13",
	      public.x);
	unhex("8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9"
	      "f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720",
	      public.y);
	unhex("94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa7"
	      "3d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46",
	      expected.r);
	unhex("99ef4aeb15f178cea1fe40db2603138f130e740a19624526"
	      "203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8",
	      expected.s);
	sha384("sample", 6, digest);
	assert(!p384_sign(secret, digest, &signature));
	assert(!memcmp(&signature, &expected, sizeof(expected)) && verifies());
	memset(secret, 0, sizeof(secret));
	assert(p384_sign(secret, digest, &signature) == -E_INVAL);
	unhex(ORDER, secret);
	assert(p384_sign(secret, digest, &signature) == -E_INVAL);
}

/* RFC 6979 A.2.5, "sample" */
static void test_p256(void)
{
	struct p256_signature expected, made;
	struct p256_key ours_256, wanted;
	u8 secret[P256_SIZE], hash[P256_SIZE];

	unhex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721", secret);
	unhex("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6", wanted.x);
	unhex("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299", wanted.y);
	unhex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716", expected.r);
	unhex("f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8", expected.s);
	unhex("af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf", hash);
	assert(!p256_public(secret, &ours_256) && !memcmp(&ours_256, &wanted, sizeof(wanted)));
	assert(!p256_sign(secret, hash, &made) && !memcmp(&made, &expected, sizeof(made)));
	assert(p256_verify(&ours_256, &made, hash));
	for (unsigned int bit = 0; bit < 8 * sizeof(made); bit += 7) {
		((u8 *)&made)[bit / 8] ^= 1 << bit % 8;
		assert(!p256_verify(&ours_256, &made, hash));
		((u8 *)&made)[bit / 8] ^= 1 << bit % 8;
	}
	hash[31] ^= 1;
	assert(!p256_verify(&ours_256, &made, hash));
	memset(secret, 0, sizeof(secret));
	assert(p256_sign(secret, hash, &made) == -E_INVAL);
	assert(p256_public(secret, &ours_256) == -E_INVAL);
	unhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", secret);
	assert(p256_public(secret, &ours_256) == -E_INVAL); /* the order */
}

/* ---- HMAC: RFC 4231, test cases 1 and 2 */

static void test_hmac(const void *k, size_t size, const char *data, const char *mac256,
		      const char *mac384)
{
	u8 mac[HMAC_SHA384_SIZE], expected[HMAC_SHA384_SIZE];

	hmac_sha256(k, size, data, strlen(data), mac);
	unhex(mac256, expected);
	assert(!memcmp(mac, expected, HMAC_SHA256_SIZE));
	hmac_sha384(k, size, data, strlen(data), mac);
	unhex(mac384, expected);
	assert(!memcmp(mac, expected, HMAC_SHA384_SIZE));
}

int main(void)
{
	static const u8 same[20] = { [0 ... 19] = 0x0b };

	for (size_t size = 0; size <= 40; size++)
		test_gcm(size, size);
	test_gcm(sizeof(text), sizeof(aad));
	good();
	assert(verifies());
	test_each_bit(public.x);
	test_each_bit(public.y);
	test_each_bit(signature.r);
	test_each_bit(signature.s);
	test_each_bit(digest);
	test_range();
	test_sign();
	test_p256();
	test_hmac(same, sizeof(same), "Hi There",
		  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
		  "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
		  "faea9ea9076ede7f4af152e8b2fa9cb6");
	test_hmac("Jefe", 4, "what do ya want for nothing?",
		  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
		  "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
		  "8e2240ca5e69e2c78b3239ecfab21649");
	return 0;
}
