/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core of the alternatives passes. Does not: a processor that runs a site meanwhile, relocated
 * text.
 */
#include "alternatives/alt.h"

#include "lib/compiler.h"
#include "lib/string.h"

#define CALL_INDIRECT_0  0xff
#define CALL_INDIRECT_1  0x15
#define CALL_DIRECT      0xe8
#define CALL_DIRECT_SIZE 5

/* APM3, NOP: the recommended forms, by length */
static const u8 nops[ALT_SITE_SIZE + 1][ALT_SITE_SIZE] = {
	{ 0 },
	{ 0x90 },
	{ 0x66, 0x90 },
	{ 0x0f, 0x1f, 0x00 },
	{ 0x0f, 0x1f, 0x40, 0x00 },
	{ 0x0f, 0x1f, 0x44, 0x00, 0x00 },
	{ 0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00 },
};

static int refuse_site(struct alt_error *error, const char *what, u64 address, const u8 *bytes)
{
	error->what = what;
	error->address = address;
	memset(error->bytes, 0, sizeof(error->bytes));
	if (bytes)
		memcpy(error->bytes, bytes, sizeof(error->bytes));
	return -E_INVAL;
}

static bool in_text(const struct alt_pass *pass, u64 address, u64 size)
{
	return address >= pass->text_start && address < pass->text_end &&
	       pass->text_end - address >= size;
}

static bool in_table(const struct alt_pass *pass, u64 slot)
{
	return slot >= pass->table && slot - pass->table < pass->table_size &&
	       is_aligned(slot - pass->table, sizeof(u64));
}

static s32 load_s32(const u8 *bytes)
{
	s32 value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

static const struct alt_inline *find_inline(const struct alt_pass *pass, u64 target)
{
	for (size_t i = 0; i < pass->inline_count; i++) {
		if (pass->inlines[i].target == target)
			return &pass->inlines[i];
	}
	return NULL;
}

static void pad(u8 *bytes, size_t size)
{
	memcpy(bytes + size, nops[ALT_SITE_SIZE - size], ALT_SITE_SIZE - size);
}

static void encode_insn(u8 *bytes, u64 insn, u64 target, const struct alt_inline *body)
{
	s32 distance = (s32)(target - (insn + CALL_DIRECT_SIZE));

	if (body) {
		memcpy(bytes, body->bytes, body->size);
		pad(bytes, body->size);
		return;
	}
	bytes[0] = CALL_DIRECT;
	memcpy(bytes + 1, &distance, sizeof(distance));
	pad(bytes, CALL_DIRECT_SIZE);
}

static void count_site(struct alt_counts *counts, const struct alt_inline *body)
{
	counts->sites++;
	if (!body)
		counts->calls++;
	else if (body->nop)
		counts->nops++;
	else
		counts->inlined++;
}

static u64 address_of(const struct alt_site *site)
{
	return (u64)(uintptr_t)&site->insn + (u64)(s64)site->insn;
}

static int put_insn(u64 insn, const struct alt_pass *pass, const u8 *bytes, struct alt_error *error)
{
	const u8 *text = (const u8 *)(uintptr_t)insn;

	pass->write((void *)(uintptr_t)insn, bytes, ALT_WRITE_SIZE);
	if (memcmp(text, bytes, ALT_WRITE_SIZE))
		return refuse_site(error, "site did not take the new bytes", insn, text);
	return 0;
}

static int apply(u64 insn, const struct alt_pass *pass, struct alt_counts *counts,
		 struct alt_error *error)
{
	const u8 *text = (const u8 *)(uintptr_t)insn;
	u8 bytes[ALT_WRITE_SIZE];
	const struct alt_inline *body;
	u64 slot, target;
	int rc;

	if (!in_text(pass, insn, ALT_WRITE_SIZE))
		return refuse_site(error, "site is outside of the text", insn, NULL);
	memcpy(bytes, text, sizeof(bytes));
	if (bytes[0] != CALL_INDIRECT_0 || bytes[1] != CALL_INDIRECT_1)
		return refuse_site(error, "site is no call through memory", insn, text);
	slot = insn + ALT_SITE_SIZE + (u64)(s64)load_s32(bytes + 2);
	if (!in_table(pass, slot))
		return refuse_site(error, "site calls through no slot of the table", insn, text);
	target = *(const u64 *)(uintptr_t)slot;
	if (!in_text(pass, target, 1))
		return refuse_site(error, "slot holds no address of code", insn, text);

	body = find_inline(pass, target);
	encode_insn(bytes, insn, target, body);
	rc = put_insn(insn, pass, bytes, error);
	if (!rc)
		count_site(counts, body);
	return rc;
}

static int revert(u64 insn, const struct alt_pass *pass, u64 slot, u64 target,
		  struct alt_error *error)
{
	const u8 *text = (const u8 *)(uintptr_t)insn;
	s32 distance = (s32)(slot - (insn + ALT_SITE_SIZE));
	u8 bytes[ALT_WRITE_SIZE];

	if (!in_text(pass, insn, ALT_WRITE_SIZE))
		return refuse_site(error, "site is outside of the text", insn, NULL);
	memcpy(bytes, text, sizeof(bytes));
	encode_insn(bytes, insn, target, find_inline(pass, target));
	if (memcmp(text, bytes, sizeof(bytes)))
		return refuse_site(error, "site does not hold what it was given", insn, text);
	bytes[0] = CALL_INDIRECT_0;
	bytes[1] = CALL_INDIRECT_1;
	memcpy(bytes + 2, &distance, sizeof(distance));
	return put_insn(insn, pass, bytes, error);
}

int alt_apply(const struct alt_site *first, const struct alt_site *end, const struct alt_pass *pass,
	      struct alt_counts *counts, struct alt_error *error)
{
	for (const struct alt_site *site = first; site < end; site++) {
		int rc = apply(address_of(site), pass, counts, error);

		if (rc)
			return rc;
	}
	return 0;
}

int alt_revert(const struct alt_site *first, const struct alt_site *end,
	       const struct alt_pass *pass, u64 slot, u64 target, struct alt_error *error)
{
	for (const struct alt_site *site = first; site < end; site++) {
		int rc = revert(address_of(site), pass, slot, target, error);

		if (rc)
			return rc;
	}
	return 0;
}
