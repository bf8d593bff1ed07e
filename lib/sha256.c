/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256: see sha256.h. The constants are the first 32 bits of the fractional parts of square
 * roots (of the first 8 primes) and of cube roots (of the first 64).
 */
#include "lib/sha256.h"
#include "lib/compiler.h"
#include "lib/string.h"

#define ROUNDS 64

static const u32 initial_state[] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static const u32 round_constants[] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static u32 rotate_right(u32 x, unsigned int n) { return x >> n | x << (32 - n); }

static u32 load_be(const u8 *bytes)
{
	u32 value;

	memcpy(&value, bytes, sizeof(value));
	return __builtin_bswap32(value);
}

static void store_be(u8 *bytes, u32 value)
{
	value = __builtin_bswap32(value);
	memcpy(bytes, &value, sizeof(value));
}

/* FIPS 180-4, 6.2.2 step 1 */
static void expand(u32 *w, const u8 *block)
{
	for (unsigned int i = 0; i < 16; i++)
		w[i] = load_be(block + 4 * i);
	for (unsigned int i = 16; i < ROUNDS; i++) {
		u32 a = w[i - 15], b = w[i - 2];

		w[i] = w[i - 16] + (rotate_right(a, 7) ^ rotate_right(a, 18) ^ a >> 3) + w[i - 7] +
		       (rotate_right(b, 17) ^ rotate_right(b, 19) ^ b >> 10);
	}
}

/* Steps 2 to 4; v is a to h */
static void compress(u32 *state, const u8 *block)
{
	u32 w[ROUNDS], v[8];

	expand(w, block);
	memcpy(v, state, sizeof(v));
	for (unsigned int i = 0; i < ROUNDS; i++) {
		u32 a = v[0], e = v[4];
		u32 t1 = v[7] + (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)) +
			 ((e & v[5]) ^ (~e & v[6])) + round_constants[i] + w[i];
		u32 t2 = (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) +
			 ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, 7 * sizeof(u32));
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (unsigned int i = 0; i < 8; i++)
		state[i] += v[i];
}

void sha256_init(struct sha256 *sha)
{
	memcpy(sha->state, initial_state, sizeof(sha->state));
	sha->length = 0;
}

void sha256_update(struct sha256 *sha, const void *data, size_t size)
{
	const u8 *bytes = data;

	while (size) {
		size_t used = sha->length % SHA256_BLOCK_SIZE, count = SHA256_BLOCK_SIZE - used;

		if (count > size)
			count = size;
		memcpy(sha->block + used, bytes, count);
		sha->length += count;
		bytes += count;
		size -= count;
		if (used + count == SHA256_BLOCK_SIZE)
			compress(sha->state, sha->block);
	}
}

/* Padding, 5.1.1: a one, zeros, and the length in bits as 64 bits. */
void sha256_final(struct sha256 *sha, u8 digest[SHA256_SIZE])
{
	static const u8 padding[SHA256_BLOCK_SIZE] = { 0x80 };
	u64 length = sha->length;
	size_t used = length % SHA256_BLOCK_SIZE;
	u8 bits[8];

	sha256_update(sha, padding, (used < 56 ? 56 : 120) - used);
	store_be(bits, (u32)(length >> 29));
	store_be(bits + 4, (u32)(length << 3));
	sha256_update(sha, bits, sizeof(bits));
	for (unsigned int i = 0; i < SHA256_SIZE / 4; i++)
		store_be(digest + 4 * i, sha->state[i]);
}
