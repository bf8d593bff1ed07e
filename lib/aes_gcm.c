/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See aes_gcm.h. AES works on eight bytes of a word at once: its S-box is the inverse in GF(2^8),
 * computed, and what a byte decides is a mask. The compiler makes no branch of a mask.
 */
#include "lib/aes_gcm.h"
#include "lib/string.h"

#define ROUNDS     14
#define KEY_WORDS  (AES_256_KEY_SIZE / 4)
#define WORD_COUNT (4 * (ROUNDS + 1))

#define EACH(byte) (U64_C(0x0101010101010101) * (byte)) /* of a u64 */

/* ---- bytes of GF(2^8), modulo x^8 + x^4 + x^3 + x + 1: FIPS 197, 4.2 */

/* 0xff where bit 0 of the byte is set, else 0. */
static u64 mask_of(u64 bits) { return (bits & EACH(0x01)) * 0xff; }

static u64 xtime(u64 a) { return (a & EACH(0x7f)) << 1 ^ (mask_of(a >> 7) & EACH(0x1b)); }

static u64 multiply(u64 a, u64 b)
{
	u64 product = 0;

	for (unsigned int i = 0; i < 8; i++) {
		product ^= a & mask_of(b >> i);
		a = xtime(a);
	}
	return product;
}

/* a^254, which is 1/a, and 0 for 0 */
static u64 invert(u64 a)
{
	u64 power = a, result = EACH(1);

	for (unsigned int i = 1; i < 8; i++) {
		power = multiply(power, power);
		result = multiply(result, power);
	}
	return result;
}

static u64 rotate_bytes(u64 a, unsigned int n)
{
	u64 high = EACH(0xff >> (8 - n)); /* what comes round */

	return (a << n & ~high) | (a >> (8 - n) & high);
}

/* FIPS 197, 5.1.1 */
static u64 sub_bytes(u64 a)
{
	u64 b = invert(a);

	return b ^ rotate_bytes(b, 1) ^ rotate_bytes(b, 2) ^ rotate_bytes(b, 3) ^
	       rotate_bytes(b, 4) ^ EACH(0x63);
}

/* ---- AES-256 */

struct aes_key {
	u8 words[WORD_COUNT][4];
};

static void sub_word(u8 word[4])
{
	u64 bytes = 0;

	memcpy(&bytes, word, 4);
	bytes = sub_bytes(bytes);
	memcpy(word, &bytes, 4);
}

/* FIPS 197, 5.2 */
static void expand_key(struct aes_key *k, const u8 *key)
{
	u8 constant = 1;

	memcpy(k->words, key, AES_256_KEY_SIZE);
	for (unsigned int i = KEY_WORDS; i < WORD_COUNT; i++) {
		u8 *word = k->words[i], *before = k->words[i - 1];

		memcpy(word, before, 4);
		if (i % KEY_WORDS == 0) {
			u8 rotated[4] = { before[1], before[2], before[3], before[0] };

			sub_word(rotated);
			rotated[0] ^= constant;
			constant = (u8)(constant << 1);
			memcpy(word, rotated, 4);
		} else if (i % KEY_WORDS == 4) {
			sub_word(word);
		}
		for (unsigned int j = 0; j < 4; j++)
			word[j] ^= k->words[i - KEY_WORDS][j];
	}
}

static void add_key(u64 state[2], const struct aes_key *k, unsigned int round)
{
	u64 words[2];

	memcpy(words, k->words[4 * round], sizeof(words));
	state[0] ^= words[0];
	state[1] ^= words[1];
}

/* Byte r of column c comes from column c + r: FIPS 197, 5.1.2. */
static void shift_rows(u64 state[2])
{
	u8 from[AES_BLOCK_SIZE], to[AES_BLOCK_SIZE];

	memcpy(from, state, sizeof(from));
	for (unsigned int i = 0; i < sizeof(to); i++)
		to[i] = from[(i + 4 * (i % 4)) % sizeof(to)];
	memcpy(state, to, sizeof(to));
}

/* Within each column of 32 bits, byte i takes the place of byte i - n. */
static u64 rotate_columns(u64 a, unsigned int n)
{
	const u64 column = U64_C(0x0000000100000001);
	u64 low = column * ((U64_C(1) << (32 - 8 * n)) - 1);

	return (a >> 8 * n & low) | (a << (32 - 8 * n) & ~low);
}

/* FIPS 197, 5.1.3: 2 a0 + 3 a1 + a2 + a3 */
static u64 mix_columns(u64 a)
{
	u64 next = rotate_columns(a, 1);

	return xtime(a ^ next) ^ next ^ rotate_columns(a, 2) ^ rotate_columns(a, 3);
}

static void encrypt_block(const struct aes_key *k, const u8 *in, u8 *out)
{
	u64 state[2];

	memcpy(state, in, sizeof(state));
	add_key(state, k, 0);
	for (unsigned int round = 1; round <= ROUNDS; round++) {
		state[0] = sub_bytes(state[0]);
		state[1] = sub_bytes(state[1]);
		shift_rows(state);
		if (round < ROUNDS) {
			state[0] = mix_columns(state[0]);
			state[1] = mix_columns(state[1]);
		}
		add_key(state, k, round);
	}
	memcpy(out, state, sizeof(state));
}

/* ---- GCM: SP 800-38D */

/* A block as its polynomial: bit 63 of high is the first bit, the coefficient of x^0. */
struct gcm_block {
	u64 high, low;
};

static struct gcm_block load_block(const u8 *bytes, size_t size)
{
	u8 whole[AES_BLOCK_SIZE] = { 0 };
	u64 halves[2];

	memcpy(whole, bytes, size);
	memcpy(halves, whole, sizeof(halves));
	return (struct gcm_block){ __builtin_bswap64(halves[0]), __builtin_bswap64(halves[1]) };
}

static void store_block(u8 *bytes, struct gcm_block b)
{
	u64 halves[2] = { __builtin_bswap64(b.high), __builtin_bswap64(b.low) };

	memcpy(bytes, halves, sizeof(halves));
}

/* 6.3 */
static struct gcm_block multiply_blocks(struct gcm_block x, struct gcm_block y)
{
	struct gcm_block z = { 0, 0 };

	for (unsigned int i = 0; i < 128; i++) {
		u64 bit = (i < 64 ? x.high >> (63 - i) : x.low >> (127 - i)) & 1;
		u64 carry = y.low & 1;

		z.high ^= y.high & -bit;
		z.low ^= y.low & -bit;
		y.low = y.low >> 1 | y.high << 63;
		y.high = y.high >> 1 ^ (-carry & U64_C(0xe100000000000000));
	}
	return z;
}

/* 6.4, over data that is padded with zeroes to whole blocks */
static struct gcm_block ghash(struct gcm_block y, struct gcm_block h, const void *data, size_t size)
{
	const u8 *bytes = data;

	while (size) {
		size_t count = size < AES_BLOCK_SIZE ? size : AES_BLOCK_SIZE;
		struct gcm_block block = load_block(bytes, count);

		y.high ^= block.high;
		y.low ^= block.low;
		y = multiply_blocks(y, h);
		bytes += count;
		size -= count;
	}
	return y;
}

struct gcm {
	struct aes_key key;
	u8 counter[AES_BLOCK_SIZE]; /* the IV, and a counter of 32 bits */
};

/* No compiler leaves it out, though nobody reads it again. */
static void forget(struct gcm *g)
{
	volatile u8 *bytes = (volatile u8 *)g;

	for (size_t i = 0; i < sizeof(*g); i++)
		bytes[i] = 0;
}

static void set_counter(struct gcm *g, u32 value)
{
	value = __builtin_bswap32(value);
	memcpy(g->counter + AES_GCM_IV_SIZE, &value, sizeof(value));
}

static void begin(struct gcm *g, const struct aes_gcm_text *t)
{
	expand_key(&g->key, t->key);
	memcpy(g->counter, t->iv, AES_GCM_IV_SIZE);
}

/* 6.5; the counter of 1 is the tag's */
static void apply_key_stream(struct gcm *g, u8 *bytes, size_t size)
{
	u8 stream[AES_BLOCK_SIZE];

	for (size_t i = 0; i < size; i++) {
		if (i % AES_BLOCK_SIZE == 0) {
			set_counter(g, (u32)(2 + i / AES_BLOCK_SIZE));
			encrypt_block(&g->key, g->counter, stream);
		}
		bytes[i] ^= stream[i % AES_BLOCK_SIZE];
	}
}

/* Of the text in its encrypted form. */
static void make_tag(struct gcm *g, const struct aes_gcm_text *t, u8 *tag)
{
	static const u8 zero[AES_BLOCK_SIZE];
	u8 bytes[AES_BLOCK_SIZE];
	struct gcm_block h, y = { 0, 0 };

	encrypt_block(&g->key, zero, bytes);
	h = load_block(bytes, sizeof(bytes));
	y = ghash(y, h, t->aad, t->aad_size);
	y = ghash(y, h, t->text, t->size);
	y.high ^= 8 * (u64)t->aad_size;
	y.low ^= 8 * (u64)t->size;
	y = multiply_blocks(y, h);
	store_block(tag, y);
	set_counter(g, 1);
	encrypt_block(&g->key, g->counter, bytes);
	for (unsigned int i = 0; i < AES_GCM_TAG_SIZE; i++)
		tag[i] ^= bytes[i];
}

void aes_256_gcm_encrypt(const struct aes_gcm_text *t, u8 tag[AES_GCM_TAG_SIZE])
{
	struct gcm g;

	begin(&g, t);
	apply_key_stream(&g, t->text, t->size);
	make_tag(&g, t, tag);
	forget(&g);
}

int aes_256_gcm_decrypt(const struct aes_gcm_text *t, const u8 tag[AES_GCM_TAG_SIZE])
{
	u8 own[AES_GCM_TAG_SIZE], difference = 0;
	struct gcm g;

	begin(&g, t);
	make_tag(&g, t, own);
	for (unsigned int i = 0; i < sizeof(own); i++)
		difference |= own[i] ^ tag[i];
	if (!difference)
		apply_key_stream(&g, t->text, t->size);
	forget(&g);
	return difference ? -E_PERM : 0;
}
