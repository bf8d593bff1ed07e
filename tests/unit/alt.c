/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A site becomes a direct call, an instruction or nothing, byte for byte as by hand; anything
 * unexpected is refused with its address and bytes.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "../../alternatives/alt.c"

/* One arena, so that every displacement fits: text, then the table. */
static struct {
	u8 text[256];
	u64 table[8];
	struct alt_site sites[4];
} arena;

static unsigned int writes;

static void poke(void *at, const void *bytes, size_t size)
{
	assert(size == ALT_WRITE_SIZE);
	memcpy(at, bytes, size);
	writes++;
}

static void poke_nothing(void *at, const void *bytes, size_t size)
{
	(void)at, (void)bytes, (void)size;
}

static struct alt_inline inlines[] = {
	{ .size = 3, .bytes = { 0x0f, 0x01, 0xd9 } },
	{ .nop = true },
	{ .nop = true, .size = 2, .bytes = { 0x31, 0xc0 } },
};

static struct alt_pass pass;

static u64 code(unsigned int offset) { return (u64)(uintptr_t)&arena.text[offset]; }

static void make_site(unsigned int index, unsigned int offset, unsigned int slot)
{
	u8 *at = &arena.text[offset];
	s32 disp = (s32)((u8 *)&arena.table[slot] - (at + ALT_SITE_SIZE));

	at[0] = 0xff;
	at[1] = 0x15;
	memcpy(at + 2, &disp, 4);
	arena.sites[index].insn = (s32)(at - (u8 *)&arena.sites[index].insn);
}

static void setup(void)
{
	memset(&arena, 0xcc, sizeof(arena));
	for (unsigned int i = 0; i < 8; i++)
		arena.table[i] = code(128 + 8 * i);
	for (unsigned int i = 0; i < 3; i++)
		inlines[i].target = code(128 + 8 * (i + 1));
	pass = (struct alt_pass){
		.table = (u64)(uintptr_t)arena.table,
		.table_size = sizeof(arena.table),
		.text_start = code(0),
		.text_end = code(256),
		.inlines = inlines,
		.inline_count = 3,
		.write = poke,
	};
	writes = 0;
}

static struct alt_error error;
static struct alt_counts counts;

static int run(unsigned int count)
{
	counts = (struct alt_counts){ 0 };
	error = (struct alt_error){ 0 };
	return alt_apply(arena.sites, arena.sites + count, &pass, &counts, &error);
}

static void expect_bytes(unsigned int offset, const char *bytes)
{
	assert(!memcmp(&arena.text[offset], bytes, ALT_SITE_SIZE));
	assert(arena.text[offset + 6] == 0xcc && arena.text[offset + 7] == 0xcc);
}

static void test_forms(void)
{
	setup();
	make_site(0, 0, 0);
	make_site(1, 16, 1);
	make_site(2, 32, 2);
	make_site(3, 48, 3);
	assert(run(4) == 0);
	expect_bytes(0, "\xe8\x7b\x00\x00\x00\x90"); /* 128 - 5 */
	expect_bytes(16, "\x0f\x01\xd9\x0f\x1f\x00");
	expect_bytes(32, "\x66\x0f\x1f\x44\x00\x00");
	expect_bytes(48, "\x31\xc0\x0f\x1f\x40\x00");
	assert(counts.sites == 4 && counts.calls == 1 && counts.inlined == 1 && counts.nops == 2);
	assert(writes == 4);
}

static void expect_refusal(const char *what, unsigned int offset)
{
	assert(run(1) == -E_INVAL);
	assert(strstr(error.what, what));
	assert(error.address == code(offset));
	assert(counts.sites == 0);
}

static void test_refusals(void)
{
	setup();
	make_site(0, 8, 0);
	assert(run(1) == 0);
	expect_refusal("no call through memory", 8); /* twice */
	assert(error.bytes[0] == 0xe8);

	setup();
	make_site(0, 8, 0);
	arena.text[8] = 0x90;
	expect_refusal("no call through memory", 8);

	setup();
	make_site(0, 8, 0);
	pass.table += 8;
	expect_refusal("no slot", 8);

	setup();
	make_site(0, 8, 7);
	pass.table_size -= 8;
	expect_refusal("no slot", 8);

	setup();
	make_site(0, 8, 0);
	arena.text[10] += 4; /* between two slots */
	expect_refusal("no slot", 8);

	setup();
	make_site(0, 8, 0);
	arena.table[0] = 0;
	expect_refusal("no address of code", 8);

	setup();
	make_site(0, 8, 0);
	pass.text_start = code(9);
	expect_refusal("outside of the text", 8);

	setup();
	make_site(0, 250, 0);
	pass.text_end = code(255);
	expect_refusal("outside of the text", 250);
	assert(writes == 0);

	setup();
	make_site(0, 8, 0);
	pass.write = poke_nothing;
	expect_refusal("did not take", 8);
}

static int take_back(unsigned int count, unsigned int slot, u64 target)
{
	return alt_revert(arena.sites, arena.sites + count, &pass,
			  (u64)(uintptr_t)&arena.table[slot], target, &error);
}

/* A pass, its sites given back, and a pass by another table. */
static void test_revert(void)
{
	u8 before[sizeof(arena.text)];

	setup();
	make_site(0, 0, 1);
	make_site(1, 16, 1);
	memcpy(before, arena.text, sizeof(before));
	assert(run(2) == 0);
	expect_bytes(0, "\x0f\x01\xd9\x0f\x1f\x00");
	assert(take_back(2, 1, arena.table[1]) == 0 && writes == 4);
	assert(!memcmp(before, arena.text, sizeof(before)));
	arena.table[1] = arena.table[0];
	assert(run(2) == 0);
	expect_bytes(0, "\xe8\x7b\x00\x00\x00\x90");
	assert(take_back(2, 1, arena.table[0]) == 0);
	assert(!memcmp(before, arena.text, sizeof(before)));

	/* Neither what was never rewritten, nor what was rewritten to something else. */
	assert(take_back(2, 1, arena.table[0]) == -E_INVAL);
	assert(strstr(error.what, "does not hold") && error.address == code(0));
	assert(run(2) == 0);
	assert(take_back(2, 1, arena.table[2]) == -E_INVAL);
	pass.text_start = code(1);
	assert(take_back(2, 1, arena.table[0]) == -E_INVAL);
	assert(strstr(error.what, "outside of the text"));
}

int main(void)
{
	test_forms();
	test_revert();
	test_refusals();
	puts("ok");
	return 0;
}
