/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES-256-GCM gives the published texts and tags (test cases 13 to 16 of the GCM specification that
 * NIST took over), gives the text back, and for any bit that is another one nothing at all.
 * RUN: %unit-cc %s -o %t
 */
#include "lib/aes_gcm.c"

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define KEY "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
#define IV  "cafebabefacedbaddecaf888"
#define PLAIN                                                                                      \
	"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"                         \
	"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
#define CIPHER                                                                                     \
	"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"                         \
	"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
#define ZEROES_16 "00000000000000000000000000000000"

static const struct {
	const char *key, *iv, *plain, *aad, *cipher, *tag;
} cases[] = {
	{ ZEROES_16 ZEROES_16, "000000000000000000000000", "", "", "",
	  "530f8afbc74536b9a963b4f1c4cb738b" },
	{ ZEROES_16 ZEROES_16, "000000000000000000000000", ZEROES_16, "",
	  "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919" },
	{ KEY, IV, PLAIN "1aafd255", "", CIPHER "898015ad", "b094dac5d93471bdec1a502270e3cc6c" },
	{ KEY, IV, PLAIN, "feedfacedeadbeeffeedfacedeadbeefabaddad2", CIPHER,
	  "76fc6ece0f4e1768cddf8853bb2d551b" },
};

static size_t unhex(const char *text, u8 *bytes)
{
	size_t count = strlen(text) / 2;
	unsigned int byte;

	for (size_t i = 0; i < count; i++) {
		assert(sscanf(text + 2 * i, "%2x", &byte) == 1);
		bytes[i] = (u8)byte;
	}
	return count;
}

static u8 key[32], iv[12], aad[64], text[128], plain[128], cipher[128], tag[16], found[16];

static struct aes_gcm_text take(size_t i)
{
	struct aes_gcm_text t = { .key = key, .iv = iv, .aad = aad, .text = text };

	assert(unhex(cases[i].key, key) == sizeof(key) && unhex(cases[i].iv, iv) == sizeof(iv));
	t.aad_size = unhex(cases[i].aad, aad);
	t.size = unhex(cases[i].plain, plain);
	assert(unhex(cases[i].cipher, cipher) == t.size && unhex(cases[i].tag, tag) == sizeof(tag));
	return t;
}

/* One bit of @bytes is another one: refused, with the text as it was. */
static void is_refused(const struct aes_gcm_text *t, u8 *bytes, size_t size)
{
	u8 before[128];

	for (size_t bit = 0; bit < 8 * size; bit++) {
		bytes[bit / 8] ^= 1 << bit % 8;
		memcpy(before, text, t->size);
		assert(aes_256_gcm_decrypt(t, tag) == -E_PERM && !memcmp(text, before, t->size));
		bytes[bit / 8] ^= 1 << bit % 8;
	}
}

int main(void)
{
	for (size_t i = 0; i < array_count(cases); i++) {
		struct aes_gcm_text t = take(i);

		memcpy(text, plain, t.size);
		aes_256_gcm_encrypt(&t, found);
		assert(!memcmp(text, cipher, t.size) && !memcmp(found, tag, sizeof(tag)));
		is_refused(&t, tag, sizeof(tag));
		is_refused(&t, text, t.size);
		is_refused(&t, aad, t.aad_size);
		is_refused(&t, iv, sizeof(iv));
		is_refused(&t, key, sizeof(key));
		assert(!aes_256_gcm_decrypt(&t, tag) && !memcmp(text, plain, t.size));
	}
	return 0;
}
