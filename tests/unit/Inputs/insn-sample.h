/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random instructions whose operands are where they shall be: in a device's page, which lies
 * between pages of ours, below 2 GiB so that every form of address reaches it.
 */
#pragma once

#include "insn-machine.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "paravirt/emulate/insn.h"

#define PAGES       5
#define DEVICE_PAGE 2
#define GS_BASE     0x12345000

static u8 *arena;

static u64 state = 1;

static u64 noise(void) /* splitmix64 */
{
	u64 z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static bool one_in(unsigned int n) { return noise() % n == 0; }

/* Often a number at which something changes. */
static u64 value(void)
{
	static const u64 edges[] = { 0,          1,          0x7f,       0x80,
				     0xff,       0x7fff,     0x8000,     0xffff,
				     0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffffffff,
				     ~U64_C(0) };

	if (one_in(4))
		return edges[noise() % array_count(edges)] + noise() % 3 - 1;
	return one_in(4) ? noise() >> noise() % 64 : noise();
}

struct sample {
	u8 bytes[32];
	unsigned int modrm_at; /* or the address, of MOFFS */
	struct insn insn;
	u64 target; /* of the memory operand */
};

static void put(struct sample *s, unsigned int *at, u8 byte) { s->bytes[(*at)++] = byte; }

static unsigned int make_prefixes(struct sample *s)
{
	static const u8 redundant[] = { 0x26, 0x2e, 0x36, 0x3e, 0xf2, 0xf3 };
	unsigned int at = 0;

	if (one_in(4))
		put(s, &at, redundant[noise() % array_count(redundant)]);
	if (one_in(4))
		put(s, &at, 0x66);
	if (one_in(8))
		put(s, &at, 0x67);
	if (one_in(8))
		put(s, &at, 0x65);
	if (one_in(4))
		put(s, &at, one_in(2) ? 0xf2 : 0xf3);
	if (one_in(6))
		put(s, &at, 0xf0);
	if (one_in(2))
		put(s, &at, 0x40 | noise() % 16);
	return at;
}

static unsigned int make_map(struct sample *s, unsigned int at)
{
	switch (noise() % 8) {
	case 0:
	case 1:
	case 2: break;
	case 3:
	case 4: put(s, &at, 0x0f); break;
	case 5:
		put(s, &at, 0x0f);
		put(s, &at, one_in(8) ? 0x3a : 0x38);
		break;
	case 6:
		at = 0;
		put(s, &at, 0xc5);
		put(s, &at, (u8)noise());
		break;
	default:
		at = 0;
		put(s, &at, 0xc4);
		put(s, &at, (noise() & 0xe0) | (1 + noise() % 3));
		put(s, &at, one_in(2) ? (u8)noise() : 0x78 | (noise() & 0x87));
		break;
	}
	return at;
}

/* MOVNTSS and MOVNTSD are some processors', TZCNT and LZCNT elsewhere other instructions. */
static bool is_ours_to_run(const struct insn *insn)
{
	if (insn->kind == INSN_TZCNT && !__builtin_cpu_supports("bmi"))
		return false;
	if (insn->kind == INSN_LZCNT && !(cpuid_raw(0x80000001, 0).ecx & BIT(5)))
		return false;
	if (insn->kind == INSN_SHLD || insn->kind == INSN_SHRD)
		return insn->reg_size != 2; /* undefined for counts above 16: see test_defined() */
	return insn->kind >= INSN_MEMORY_FIRST && insn->segment != INSN_SEGMENT_FS;
}

/* In the one-byte map: not an opcode, so that ModRM would be elsewhere. */
static bool is_escape(u8 byte)
{
	static const u8 others[] = { 0x0f, 0x26, 0x2e, 0x36, 0x3e, 0xc4, 0xc5, 0xf0, 0xf2, 0xf3 };

	return (byte & 0xf0) == 0x40 || (byte & 0xfc) == 0x64 ||
	       memchr(others, byte, sizeof(others));
}

static bool make(struct sample *s)
{
	unsigned int prefixes = make_prefixes(s), at = make_map(s, prefixes);

	put(s, &at, one_in(4) ? 0xf0 | noise() % 16 : (u8)noise()); /* the rarer maps are there */
	if (at == prefixes + 1 && is_escape(s->bytes[prefixes]))
		return false;
	s->modrm_at = at;
	put(s, &at, noise() % 0xc0);
	while (at < sizeof(s->bytes))
		put(s, &at, (u8)noise());
	return !insn_decode(&s->insn, s->bytes, INSN_SIZE_MAX) && is_ours_to_run(&s->insn);
}

static u64 offset_in_page(unsigned int size) { return noise() % (PAGE_SIZE - size + 1); }

static u64 index_part(const struct insn *insn, const u64 *r)
{
	return insn->index < 16 ? r[insn->index] * insn->scale : 0;
}

static bool is_bit_string(const struct insn *insn)
{
	return insn->kind >= INSN_BT && insn->kind <= INSN_BTC && insn->other == INSN_OPERAND_REG;
}

/* What insn_address() adds for the bit's unit, by its own words. */
static u64 bit_part(const struct insn *insn, u64 *r)
{
	s64 bits = 8 * insn->reg_size, offset;

	if (!is_bit_string(insn))
		return 0;
	r[insn->reg] = (r[insn->reg] & ~bits_mask((unsigned int)bits)) |
		       ((noise() % 4096 - 2048) & bits_mask((unsigned int)bits));
	offset = (s64)(r[insn->reg] << (64 - bits)) >> (64 - bits);
	return (u64)((offset >= 0 ? offset / bits : -((bits - 1 - offset) / bits)) * (bits / 8));
}

static void patch(struct sample *s, unsigned int at, u64 bytes, unsigned int size)
{
	memcpy(s->bytes + at, &bytes, size);
}

static bool fits_32(u64 displacement) { return (u64)(s64)(s32)displacement == displacement; }

/* Base, displacement or address are changed so that the operand is where it shall be. */
static bool aim(struct sample *s, u64 *r)
{
	const struct insn *insn = &s->insn;
	u64 bit = bit_part(insn, r), to = s->target - (insn->segment ? GS_BASE : 0) - bit;
	u64 rest = to - index_part(insn, r);
	u8 mod = s->bytes[s->modrm_at] >> 6, rm = s->bytes[s->modrm_at] & 7;
	bool stack = insn->kind == INSN_PUSH || insn->kind == INSN_POP;
	unsigned int displacement_at = s->modrm_at + 1 + (rm == 4);

	if (insn->index == INSN_BASE_AL) {
		r[INSN_REG_RBX] = to - (u8)r[INSN_REG_RAX];
		return true;
	}
	if (insn->base < 16 && !(stack && insn->base == INSN_REG_RSP)) {
		if (insn->base == insn->index || (is_bit_string(insn) && insn->base == insn->reg))
			return false;
		r[insn->base] = rest - (u64)insn->displacement;
		if (insn->address_size == 4)
			r[insn->base] = (u32)r[insn->base] | noise() << 32;
		return true;
	}
	if (insn->base < 16) { /* RSP is the stack's */
		if (mod != 2)
			return false;
		rest -= r[INSN_REG_RSP] + (insn->kind == INSN_POP ? insn->memory_size : 0);
	}
	if (insn->base == INSN_BASE_RIP)
		rest -= (u64)(uintptr_t)machine_code + insn->length;
	if (insn->kind == INSN_MOV && (s->bytes[s->modrm_at - 1] & 0xfc) == 0xa0) { /* MOFFS */
		patch(s, s->modrm_at, rest, insn->address_size);
		return true;
	}
	if (insn->address_size == 8 && !fits_32(rest))
		return false;
	patch(s, displacement_at, rest, 4);
	return true;
}

static bool is_string(const struct insn *insn)
{
	return insn->kind >= INSN_MOVS && insn->kind <= INSN_SCAS;
}

static u64 somewhere(unsigned int page, u64 low, u64 size)
{
	return (u64)(uintptr_t)arena + page * PAGE_SIZE + low + noise() % size;
}

/* Elements of the device lie in its page; those of ours anywhere, over a page's end too. */
static u64 string_place(bool ours)
{
	if (!ours)
		return somewhere(DEVICE_PAGE, 512, PAGE_SIZE - 1024);
	return one_in(2) ? somewhere(0, PAGE_SIZE - 16, 16) : somewhere(0, 512, PAGE_SIZE);
}

static void aim_string(const struct insn *insn, u64 *r)
{
	bool two = insn->kind == INSN_MOVS || insn->kind == INSN_CMPS, ours = two && one_in(2);

	r[7] = string_place(ours);
	r[6] = string_place(two && !ours) - (insn->segment ? GS_BASE : 0);
	if (insn->rep) /* with ECX = 0 there is no access, and no rule for what is above it */
		r[1] = noise() % 6 + (insn->address_size == 4);
	if (insn->address_size == 8)
		return;
	r[7] = (u32)r[7] | noise() << 32;
	r[6] = (u32)r[6] | noise() << 32;
	if (insn->rep)
		r[1] |= noise() << 32;
}

static void set_registers_of(struct machine *m)
{
	for (unsigned int i = 0; i < 16; i++)
		m->registers[i] = value();
	m->registers[INSN_REG_RSP] = somewhere(0, 1024, PAGE_SIZE);
	m->rflags = 0x202 | (noise() & (RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF |
					RFLAGS_DF | RFLAGS_OF));
	for (size_t i = 0; i < sizeof(m->vectors); i++)
		((u8 *)m->vectors)[i] = (u8)noise();
}

/* Vectors are aligned: some of the instructions insist on it. */
static u64 choose_target(const struct insn *insn)
{
	u64 offset = offset_in_page(insn->memory_size);

	if (insn->memory_size > 8)
		offset = align_down(offset, 32);
	if (insn->kind >= INSN_BT && insn->kind <= INSN_BTC)
		offset = 1024 + offset % 2048;
	return (u64)(uintptr_t)arena + DEVICE_PAGE * PAGE_SIZE + offset;
}

static bool place(struct sample *s, struct machine *m)
{
	set_registers_of(m);
	if (is_string(&s->insn)) {
		aim_string(&s->insn, m->registers);
		return true;
	}
	s->target = choose_target(&s->insn);
	return aim(s, m->registers) && !insn_decode(&s->insn, s->bytes, INSN_SIZE_MAX);
}
