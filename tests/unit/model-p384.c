/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ECDSA on P-384: signatures that OpenSSL made are good, and no others: not with a bit changed
 * anywhere, not of a key that is no point, not with numbers out of range.
 * RUN: %unit-cc %s -o %t
 */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "../../lib/string.h"
#include "../../model/p384.c"
#include "../../lib/sha384.c"
#include "Inputs/id_block.h"

static struct p384_key key;
static struct p384_signature signature;
static u8 digest[P384_SIZE];

static void good(void)
{
	memcpy(key.x, id_key_x, sizeof(key.x));
	memcpy(key.y, id_key_y, sizeof(key.y));
	memcpy(signature.r, block_r, sizeof(signature.r));
	memcpy(signature.s, block_s, sizeof(signature.s));
	sha384(&signed_block, sizeof(signed_block), digest);
}

static bool verifies(void) { return p384_verify(&key, &signature, digest); }

static void test_each_bit(u8 *bytes)
{
	for (unsigned int i = 0; i < 8 * P384_SIZE; i += 29) {
		good();
		bytes[i / 8] ^= (u8)(1u << i % 8);
		assert(!verifies());
	}
}

static void put(u8 *bytes, const struct num *n)
{
	for (unsigned int i = 0; i < P384_SIZE; i++)
		bytes[i] = (u8)(n->w[i / 8] >> 8 * (i % 8));
}

static void test_range(void)
{
	struct num n = order;

	good();
	memset(signature.r, 0, sizeof(signature.r));
	assert(!verifies());
	good();
	memset(signature.s, 0, sizeof(signature.s));
	assert(!verifies());
	good();
	put(signature.r, &n);
	assert(!verifies());
	good();
	put(signature.s, &n);
	assert(!verifies());
	/* (0, 0) is no point, and neither is a coordinate that was reduced */
	good();
	memset(&key, 0, sizeof(key));
	assert(!verifies());
	good();
	n = prime;
	put(key.x, &n);
	assert(!verifies());
}

/* The negative of a signature's s is one too: s and -s give the same x. */
static void test_negative(void)
{
	struct num n = order, s;

	good();
	s = little(signature.s);
	sub_words(&n, &n, &s);
	put(signature.s, &n);
	assert(verifies());
}

/* n G is the point at infinity, and (n - 1) G + G too; 2 G is G + G. */
static void test_points(void)
{
	const struct num one = { { 1 } }, none = { { 0 } };
	struct num less = order, two = { { 2 } };
	struct field f;
	struct point g, a, b;

	field_init(&f, &prime);
	g = (struct point){ to_field(&f, base_x), to_field(&f, base_y), f.one };
	assert(on_curve(&f, &g));
	a = combine(&f, &order, &none, &g);
	assert(is_zero(&a.z));
	less.w[0]--;
	a = combine(&f, &less, &one, &g);
	assert(is_zero(&a.z));
	a = combine(&f, &two, &none, &g);
	b = sum(&f, &g, &g);
	a.x = mul(&f, a.x, sqr(&f, invert(&f, a.z)));
	b.x = mul(&f, b.x, sqr(&f, invert(&f, b.z)));
	assert(is_equal(&a.x, &b.x));
}

int main(void)
{
	good();
	assert(verifies());
	test_each_bit(key.x);
	test_each_bit(key.y);
	test_each_bit(signature.r);
	test_each_bit(signature.s);
	test_each_bit(digest);
	test_range();
	test_negative();
	test_points();
	return 0;
}
