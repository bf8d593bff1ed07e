/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See p384.h. Numbers in Montgomery's form (times 2^384), points in Jacobian coordinates: (X, Y, Z)
 * is (X / Z^2, Y / Z^3), and Z = 0 is the point at infinity.
 */
#include "model/p384.h"

#include "lib/string.h"

#define WORDS 6
#define BITS  (64 * WORDS)

typedef unsigned __int128 u128;

struct num {
	u64 w[WORDS]; /* lowest first */
};

/* A prime, and what Montgomery's multiplication by it needs. */
struct field {
	struct num m;
	u64 inverse;    /* -1 / m, modulo 2^64 */
	struct num one; /* 2^384 */
	struct num r2;  /* 2^768 */
};

struct point {
	struct num x, y, z;
};

static const struct num prime = { { 0x00000000ffffffff, 0xffffffff00000000, 0xfffffffffffffffe,
				    0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff } };
static const struct num order = { { 0xecec196accc52973, 0x581a0db248b0a77a, 0xc7634d81f4372ddf,
				    0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff } };
static const struct num curve_b = { { 0x2a85c8edd3ec2aef, 0xc656398d8a2ed19d, 0x0314088f5013875a,
				      0x181d9c6efe814112, 0x988e056be3f82d19,
				      0xb3312fa7e23ee7e4 } };
static const struct num base_x = { { 0x3a545e3872760ab7, 0x5502f25dbf55296c, 0x59f741e082542a38,
				     0x6e1d3b628ba79b98, 0x8eb1c71ef320ad74, 0xaa87ca22be8b0537 } };
static const struct num base_y = { { 0x7a431d7c90ea0e5f, 0x0a60b1ce1d7e819d, 0xe9da3113b5f0b8c0,
				     0xf8f41dbd289a147c, 0x5d9e98bf9292dc29, 0x3617de4a96262c6f } };

static bool is_zero(const struct num *a)
{
	u64 any = 0;

	for (unsigned int i = 0; i < WORDS; i++)
		any |= a->w[i];
	return !any;
}

static bool is_equal(const struct num *a, const struct num *b) { return !memcmp(a, b, sizeof(*a)); }

static bool is_less(const struct num *a, const struct num *b)
{
	for (unsigned int i = WORDS; i-- > 0;)
		if (a->w[i] != b->w[i])
			return a->w[i] < b->w[i];
	return false;
}

static u64 add_words(struct num *r, const struct num *a, const struct num *b)
{
	u128 carry = 0;

	for (unsigned int i = 0; i < WORDS; i++) {
		carry += (u128)a->w[i] + b->w[i];
		r->w[i] = (u64)carry;
		carry >>= 64;
	}
	return (u64)carry;
}

static u64 sub_words(struct num *r, const struct num *a, const struct num *b)
{
	u64 borrow = 0;

	for (unsigned int i = 0; i < WORDS; i++) {
		u128 d = (u128)a->w[i] - b->w[i] - borrow;

		r->w[i] = (u64)d;
		borrow = (u64)(d >> 64) & 1;
	}
	return borrow;
}

static struct num add(const struct field *f, struct num a, struct num b)
{
	struct num r;

	if (add_words(&r, &a, &b) || !is_less(&r, &f->m))
		sub_words(&r, &r, &f->m);
	return r;
}

static struct num sub(const struct field *f, struct num a, struct num b)
{
	struct num r;

	if (sub_words(&r, &a, &b))
		add_words(&r, &r, &f->m);
	return r;
}

/* a * b / 2^384: a word of @a at a time, and after each one the lowest word goes. */
static struct num mul(const struct field *f, struct num a, struct num b)
{
	u64 t[WORDS + 2] = { 0 };
	struct num r;

	for (unsigned int i = 0; i < WORDS; i++) {
		u128 carry = 0;
		u64 q;

		for (unsigned int j = 0; j < WORDS; j++) {
			carry += (u128)a.w[i] * b.w[j] + t[j];
			t[j] = (u64)carry;
			carry >>= 64;
		}
		carry += t[WORDS];
		t[WORDS] = (u64)carry;
		t[WORDS + 1] = (u64)(carry >> 64);
		q = t[0] * f->inverse;
		carry = (u128)q * f->m.w[0] + t[0];
		carry >>= 64;
		for (unsigned int j = 1; j < WORDS; j++) {
			carry += (u128)q * f->m.w[j] + t[j];
			t[j - 1] = (u64)carry;
			carry >>= 64;
		}
		carry += t[WORDS];
		t[WORDS - 1] = (u64)carry;
		t[WORDS] = t[WORDS + 1] + (u64)(carry >> 64);
	}
	memcpy(&r, t, sizeof(r));
	if (t[WORDS] || !is_less(&r, &f->m))
		sub_words(&r, &r, &f->m);
	return r;
}

static struct num sqr(const struct field *f, struct num a) { return mul(f, a, a); }

static void field_init(struct field *f, const struct num *modulus)
{
	struct num r = { { 1 } };

	f->m = *modulus;
	f->inverse = 1;
	for (unsigned int i = 0; i < 6; i++) /* each step doubles the bits that are right */
		f->inverse *= 2 - modulus->w[0] * f->inverse;
	f->inverse = -f->inverse;
	for (unsigned int i = 0; i < 2 * BITS; i++) {
		if (i == BITS)
			f->one = r;
		r = add(f, r, r);
	}
	f->r2 = r;
}

static struct num to_field(const struct field *f, struct num a) { return mul(f, a, f->r2); }

static struct num from_field(const struct field *f, struct num a)
{
	return mul(f, a, (struct num){ { 1 } });
}

static bool bit(const struct num *a, unsigned int i) { return a->w[i / 64] >> i % 64 & 1; }

/* a^-1 = a^(m - 2): m is a prime. */
static struct num invert(const struct field *f, struct num a)
{
	struct num e = f->m, r = f->one;

	e.w[0] -= 2; /* both moduli are odd, and their lowest words larger */
	for (unsigned int i = BITS; i-- > 0;) {
		r = sqr(f, r);
		if (bit(&e, i))
			r = mul(f, r, a);
	}
	return r;
}

/* SP 800-186's curves have a = -3: 3 X^2 + a Z^4 = 3 (X - Z^2) (X + Z^2). */
static struct point twice(const struct field *f, const struct point *p)
{
	struct num delta = sqr(f, p->z), gamma = sqr(f, p->y), beta = mul(f, p->x, gamma);
	struct num alpha = mul(f, sub(f, p->x, delta), add(f, p->x, delta));
	struct num beta4, gamma2 = sqr(f, gamma);
	struct point r;

	alpha = add(f, add(f, alpha, alpha), alpha);
	beta4 = add(f, beta, beta);
	beta4 = add(f, beta4, beta4);
	r.x = sub(f, sqr(f, alpha), add(f, beta4, beta4));
	r.z = sub(f, sub(f, sqr(f, add(f, p->y, p->z)), gamma), delta);
	gamma2 = add(f, gamma2, gamma2);
	gamma2 = add(f, gamma2, gamma2);
	gamma2 = add(f, gamma2, gamma2);
	r.y = sub(f, mul(f, alpha, sub(f, beta4, r.x)), gamma2);
	return r;
}

static struct point sum(const struct field *f, const struct point *p, const struct point *q)
{
	struct num z1 = sqr(f, p->z), z2 = sqr(f, q->z);
	struct num u1 = mul(f, p->x, z2), u2 = mul(f, q->x, z1);
	struct num s1 = mul(f, p->y, mul(f, q->z, z2)), s2 = mul(f, q->y, mul(f, p->z, z1));
	struct num h = sub(f, u2, u1), d = sub(f, s2, s1), h2, h3, v;
	struct point r;

	if (is_zero(&p->z))
		return *q;
	if (is_zero(&q->z))
		return *p;
	if (is_zero(&h) && is_zero(&d))
		return twice(f, p);
	h2 = sqr(f, h);
	h3 = mul(f, h, h2);
	v = mul(f, u1, h2);
	r.x = sub(f, sub(f, sqr(f, d), h3), add(f, v, v));
	r.y = sub(f, mul(f, d, sub(f, v, r.x)), mul(f, s1, h3));
	r.z = mul(f, h, mul(f, p->z, q->z)); /* 0 where one is the other's negative */
	return r;
}

/* a G + b Q, both at a time. */
static struct point combine(const struct field *f, const struct num *a, const struct num *b,
			    const struct point *q)
{
	struct point g = { to_field(f, base_x), to_field(f, base_y), f->one };
	struct point both = sum(f, &g, q), r = { f->one, f->one, { { 0 } } };

	for (unsigned int i = BITS; i-- > 0;) {
		r = twice(f, &r);
		if (bit(a, i) && bit(b, i))
			r = sum(f, &r, &both);
		else if (bit(a, i))
			r = sum(f, &r, &g);
		else if (bit(b, i))
			r = sum(f, &r, q);
	}
	return r;
}

static struct num little(const u8 bytes[P384_SIZE])
{
	struct num r = { { 0 } };

	for (unsigned int i = 0; i < P384_SIZE; i++)
		r.w[i / 8] |= (u64)bytes[i] << 8 * (i % 8);
	return r;
}

static struct num big(const u8 bytes[P384_SIZE])
{
	u8 turned[P384_SIZE];

	for (unsigned int i = 0; i < P384_SIZE; i++)
		turned[i] = bytes[P384_SIZE - 1 - i];
	return little(turned);
}

/* y^2 = x^3 - 3 x + b */
static bool on_curve(const struct field *f, const struct point *p)
{
	struct num x3 = add(f, p->x, add(f, p->x, p->x));
	struct num right = sub(f, mul(f, p->x, sqr(f, p->x)), x3), left = sqr(f, p->y);

	right = add(f, right, to_field(f, curve_b));
	return is_equal(&left, &right);
}

static bool key_point(const struct field *f, const struct p384_key *key, struct point *p)
{
	struct num x = little(key->x), y = little(key->y);

	if (!is_less(&x, &f->m) || !is_less(&y, &f->m))
		return false;
	*p = (struct point){ to_field(f, x), to_field(f, y), f->one };
	return on_curve(f, p);
}

static bool in_range(const struct field *f, const struct num *a)
{
	return !is_zero(a) && is_less(a, &f->m);
}

bool p384_verify(const struct p384_key *key, const struct p384_signature *signature,
		 const u8 digest[P384_SIZE])
{
	struct num r = little(signature->r), s = little(signature->s), e = big(digest), w, u1, u2,
		   x;
	struct field p, n;
	struct point q, sum_point;

	field_init(&p, &prime);
	field_init(&n, &order);
	if (!in_range(&n, &r) || !in_range(&n, &s) || !key_point(&p, key, &q))
		return false;
	w = invert(&n, to_field(&n, s));
	/* @e may be more than the order: to_field() takes any number */
	u1 = from_field(&n, mul(&n, to_field(&n, e), w));
	u2 = from_field(&n, mul(&n, to_field(&n, r), w));
	sum_point = combine(&p, &u1, &u2, &q);
	if (is_zero(&sum_point.z))
		return false;
	w = invert(&p, sum_point.z);
	x = from_field(&p, mul(&p, sum_point.x, sqr(&p, w)));
	if (!is_less(&x, &order))
		sub_words(&x, &x, &order);
	return is_equal(&x, &r);
}
