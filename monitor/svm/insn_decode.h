/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of insn.h share: the bytes, one after the other, and the prefixes among them.
 */
#pragma once

#include "monitor/svm/insn.h"

#define REX_B 0x1
#define REX_R 0x4
#define REX_W 0x8

struct cursor {
	const u8 *bytes;
	size_t count;
	size_t at;
	bool short_of; /* asked for a byte that is not there */
};

struct prefixes {
	bool operand; /* 66 */
	bool address; /* 67 */
	bool lock;    /* F0 */
	u8 repeat;    /* F2, F3: the last one counts */
	u8 rex;
	bool has_segment;
	enum insn_segment segment;
};

static inline u8 next(struct cursor *c)
{
	if (c->at >= c->count) {
		c->short_of = true;
		return 0;
	}
	return c->bytes[c->at++];
}

/* Takes all prefixes and returns the first byte of the opcode. REX counts only right before it. */
u8 insn_take_prefixes(struct cursor *c, enum insn_mode mode, struct prefixes *p);

static inline unsigned int address_size(enum insn_mode mode, const struct prefixes *p)
{
	if (mode == INSN_MODE_64)
		return p->address ? 4 : 8;
	return (mode == INSN_MODE_16) != p->address ? 2 : 4;
}

/* Skips SIB and displacement of the memory operand that @modrm begins. */
static inline void skip_memory_operand(struct cursor *c, u8 modrm, unsigned int size)
{
	unsigned int mod = modrm >> 6, rm = modrm & 7, displacement = 0;

	if (size == 2) {
		displacement = mod == 0 && rm == 6 ? 2 : mod;
	} else {
		unsigned int base = rm;

		if (rm == 4)
			base = next(c) & 7;
		if (mod == 1)
			displacement = 1;
		else if (mod == 2 || base == 5)
			displacement = 4;
	}
	while (displacement--)
		next(c);
}

/* 0F 01 has been taken. */
enum insn_kind insn_group_7(struct cursor *c, enum insn_mode mode, const struct prefixes *p,
			    struct insn *insn);
