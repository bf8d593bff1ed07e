/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-384 gives the published digests, and coreutils' for lengths around every edge of a block,
 * in whatever pieces the data comes.
 * RUN: mkdir -p %t.dir && cd %t.dir && %unit-cc %s -o %t
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "../../lib/sha384.c"

static void hex(const u8 *digest, char *text)
{
	for (unsigned int i = 0; i < SHA384_SIZE; i++)
		sprintf(text + 2 * i, "%02x", digest[i]);
}

/* FIPS 180-4's examples */
static const struct {
	const char *text, *digest;
} known[] = {
	{ "abc", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
		 "8086072ba1e7cc2358baeca134c825a7" },
	{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
	  "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
	  "09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712"
	  "fcc7c71a557e2db966c3e9fa91746039" },
};

static void test_known(void)
{
	char text[2 * SHA384_SIZE + 1];
	u8 digest[SHA384_SIZE];

	for (unsigned int i = 0; i < array_count(known); i++) {
		sha384(known[i].text, strlen(known[i].text), digest);
		hex(digest, text);
		assert(!strcmp(text, known[i].digest));
	}
}

static void theirs(const u8 *data, size_t size, char *text)
{
	FILE *file = fopen("data", "w");

	assert(file && fwrite(data, 1, size, file) == size);
	fclose(file);
	file = popen("sha384sum data", "r");
	assert(file && fread(text, 1, 2 * SHA384_SIZE, file) == 2 * SHA384_SIZE);
	text[2 * SHA384_SIZE] = 0;
	pclose(file);
}

static void test_length(size_t size)
{
	static u8 data[5000];
	char ours[2 * SHA384_SIZE + 1], expected[2 * SHA384_SIZE + 1];
	u8 digest[SHA384_SIZE];

	for (size_t i = 0; i < size; i++)
		data[i] = (u8)(i * 131 + size);
	theirs(data, size, expected);
	for (size_t piece = 1; piece < 300; piece += 53) {
		struct sha384 sha;

		sha384_init(&sha);
		for (size_t at = 0; at < size; at += piece)
			sha384_update(&sha, data + at, size - at < piece ? size - at : piece);
		sha384_final(&sha, digest);
		hex(digest, ours);
		assert(!strcmp(ours, expected));
	}
}

int main(void)
{
	static const u16 lengths[] = { 0,   1,   47,  48,  96,  110, 111, 112, 113, 119, 120,
				       127, 128, 129, 238, 239, 240, 241, 255, 256, 257, 4096 };

	test_known();
	for (unsigned int i = 0; i < array_count(lengths); i++)
		test_length(lengths[i]);
	return 0;
}
