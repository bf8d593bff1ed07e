/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 gives the published digests, and coreutils' for lengths around every edge of a block,
 * in whatever pieces the data comes.
 * RUN: mkdir -p %t.dir && cd %t.dir && %unit-cc %s -o %t
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "../../lib/sha256.c"

static void hex(const u8 *digest, char *text)
{
	for (unsigned int i = 0; i < SHA256_SIZE; i++)
		sprintf(text + 2 * i, "%02x", digest[i]);
}

/* FIPS 180-4's examples */
static const struct {
	const char *text, *digest;
} known[] = {
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void test_known(void)
{
	char text[2 * SHA256_SIZE + 1];
	u8 digest[SHA256_SIZE];

	for (unsigned int i = 0; i < array_count(known); i++) {
		struct sha256 sha;

		sha256_init(&sha);
		sha256_update(&sha, known[i].text, strlen(known[i].text));
		sha256_final(&sha, digest);
		hex(digest, text);
		assert(!strcmp(text, known[i].digest));
	}
}

static void theirs(const u8 *data, size_t size, char *text)
{
	FILE *file = fopen("data", "w");

	assert(file && fwrite(data, 1, size, file) == size);
	fclose(file);
	file = popen("sha256sum data", "r");
	assert(file && fread(text, 1, 2 * SHA256_SIZE, file) == 2 * SHA256_SIZE);
	text[2 * SHA256_SIZE] = 0;
	pclose(file);
}

static void test_length(size_t size)
{
	static u8 data[5000];
	char ours[2 * SHA256_SIZE + 1], expected[2 * SHA256_SIZE + 1];
	u8 digest[SHA256_SIZE];

	for (size_t i = 0; i < size; i++)
		data[i] = (u8)(i * 131 + size);
	theirs(data, size, expected);
	for (size_t piece = 1; piece < 300; piece += 53) {
		struct sha256 sha;

		sha256_init(&sha);
		for (size_t at = 0; at < size; at += piece)
			sha256_update(&sha, data + at, size - at < piece ? size - at : piece);
		sha256_final(&sha, digest);
		hex(digest, ours);
		assert(!strcmp(ours, expected));
	}
}

int main(void)
{
	static const u16 lengths[] = { 0,  1,   31,  32,  54,  55,  56,  57,  63,  64,
				       65, 118, 119, 120, 121, 127, 128, 129, 4096 };

	test_known();
	for (unsigned int i = 0; i < array_count(lengths); i++)
		test_length(lengths[i]);
	return 0;
}
