/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every opcode of all maps, with every ModRM byte or some, under the prefixes that change
 * something, and all of VEX; the rest is noise, the same every time.
 */
#pragma once

#include <string.h>

#include "abi/bits.h"
#include "lib/compiler.h"

/* Of the test: one byte string, longer than any instruction. */
static void check(const u8 *bytes, size_t size);

static const struct prefix {
	u8 size;
	u8 bytes[3];
} prefixes[] = {
	{ 0, { 0 } },
	{ 1, { 0x66 } },
	{ 1, { 0x67 } },
	{ 1, { 0xf2 } },
	{ 1, { 0xf3 } },
	{ 1, { 0xf0 } },
	{ 1, { 0x2e } },
	{ 1, { 0x64 } },
	{ 1, { 0x65 } },
	{ 1, { 0x40 } },
	{ 1, { 0x41 } },
	{ 1, { 0x42 } },
	{ 1, { 0x44 } },
	{ 1, { 0x47 } },
	{ 1, { 0x48 } },
	{ 1, { 0x4f } },
	{ 2, { 0x66, 0x48 } },
	{ 2, { 0x66, 0x45 } },
	{ 2, { 0x48, 0x66 } }, /* a REX that does not count */
	{ 2, { 0x67, 0x66 } },
	{ 2, { 0xf3, 0x48 } },
	{ 2, { 0xf3, 0x66 } },
	{ 2, { 0xf2, 0xf3 } },
	{ 2, { 0x64, 0x65 } },
	{ 3, { 0x67, 0xf3, 0x4f } },
	{ 3, { 0x65, 0x67, 0x49 } },
};

static const struct prefix maps[] = {
	{ 0, { 0 } },          { 1, { 0x0f } },       { 2, { 0x0f, 0x01 } },
	{ 2, { 0x0f, 0x38 } }, { 2, { 0x0f, 0x3a } },
};

static u32 seed = 1;

static u8 noise(void)
{
	seed = seed * 1664525 + 1013904223;
	return (u8)(seed >> 24);
}

static void check_modrm(const struct prefix *prefix, const struct prefix *map, u8 opcode, u8 modrm)
{
	u8 bytes[20];
	size_t at = 0;

	memcpy(bytes, prefix->bytes, prefix->size);
	at += prefix->size;
	memcpy(bytes + at, map->bytes, map->size);
	at += map->size;
	bytes[at++] = opcode;
	bytes[at++] = modrm;
	while (at < sizeof(bytes))
		bytes[at++] = noise();
	check(bytes, sizeof(bytes));
}

/* With one ModRM byte in @step, from anywhere on. */
static void check_opcode(const struct prefix *prefix, const struct prefix *map, u8 opcode,
			 unsigned int step)
{
	for (unsigned int modrm = noise() % step; modrm < 256; modrm += step)
		check_modrm(prefix, map, opcode, (u8)modrm);
}

/* All of VEX: the bits of its two bytes, each opcode, some ModRM bytes */
static void check_vex(const struct prefix *prefix, u8 map)
{
	for (unsigned int n = 0; n < 256 * 256; n++) {
		struct prefix three = { 3, { 0xc4, (u8)(noise() & 0xe0) | map, (u8)n } };
		struct prefix two = { 2, { 0xc5, (u8)n } };
		u8 opcode = (u8)(n >> 8);

		check_opcode(prefix, &three, opcode, 85);
		if (map == 1)
			check_opcode(prefix, &two, opcode, 85);
	}
}

static void check_maps(void)
{
	for (size_t p = 0; p < array_count(prefixes); p++) {
		for (size_t m = 0; m < array_count(maps); m++) {
			unsigned int step = maps[m].size > 1 ? 37 : p ? 3 : 1;

			for (unsigned int opcode = 0; opcode < 256; opcode++)
				check_opcode(&prefixes[p], &maps[m], (u8)opcode, step);
		}
	}
	for (u8 map = 0; map < 8; map++)
		check_vex(&prefixes[0], map);
	check_vex(&prefixes[1], 1); /* 66, which is not for VEX, and FS, which is */
	check_vex(&prefixes[7], 1);
}
