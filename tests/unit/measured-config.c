/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words are those of the image's hash or they are not, to the last byte; an image that brings
 * them does so only where the loader gives none; in a TD they extend RTMR 2, and a module that
 * stays busy, or refuses, ends the guest.
 * RUN: %unit-cc %s %root/lib/sha256.c %root/lib/sha384.c -o %t
 */
#include "early/measured_config.c"

#undef NDEBUG
#include <assert.h>
#include <setjmp.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

struct entry_record entry_record;

static unsigned int busy, calls;
static u64 answer;
static u8 extended[48];
static jmp_buf ended;

u64 tdcall(u64 leaf, struct tdx_module_args *args)
{
	assert(leaf == TDG_MR_RTMR_EXTEND && args->rdx == 2 && args->rcx % 64 == 0);
	memcpy(extended, (const void *)args->rcx, sizeof(extended));
	return calls++ < busy ? TDX_OPERAND_BUSY | 8 : answer;
}

noreturn_t fatal(unsigned int reason, const char *fmt, ...)
{
	assert(reason == TERM_CONFIG && strstr(fmt, " cannot be extended: status "));
	longjmp(ended, 1);
}

/* sha256sum's of "-- hello" */
static const u8 hash_of_hello[] = {
	0xa4, 0x9b, 0xb5, 0xfe, 0x7c, 0x01, 0xbb, 0x85, 0x75, 0xe5, 0x92,
	0x00, 0xab, 0xef, 0x7b, 0x4c, 0x87, 0x32, 0x92, 0x15, 0x4b, 0x84,
	0x34, 0x61, 0x69, 0x42, 0x76, 0x4a, 0x0d, 0x76, 0x76, 0x3c,
};

static char words[MEASURED_CONFIG_WORDS_MAX];

static enum measured apply(u32 flags, const char *loader, const char *image)
{
	struct measured_config config = { .flags = flags };

	memcpy(config.sha256, hash_of_hello, sizeof(hash_of_hello));
	strcpy(config.words, image);
	memset(words, 0, sizeof(words));
	strcpy(words, loader);
	return measured_config_apply(&config, words);
}

static void test_words(void)
{
	const u32 hash = MEASURED_CONFIG_HAS_HASH, inside = MEASURED_CONFIG_HAS_WORDS;
	struct measured_config endless = { .flags = inside };

	assert(apply(0, "anything", "") == MEASURED_NOT && !strcmp(words, "anything"));
	assert(apply(hash, "-- hello", "") == MEASURED_RIGHT);
	assert(apply(hash, "-- hellO", "") == MEASURED_WRONG);
	assert(apply(hash, "-- hello ", "") == MEASURED_WRONG);
	assert(apply(hash, "", "-- hello") == MEASURED_WRONG);
	assert(apply(hash | inside, "", "-- hello") == MEASURED_RIGHT &&
	       !strcmp(words, "-- hello"));
	assert(apply(hash | inside, "-- share", "-- hello") == MEASURED_WRONG);
	assert(apply(inside, "", "-- x") == MEASURED_NOT && !strcmp(words, "-- x"));
	memset(endless.words, 'a', sizeof(endless.words));
	assert(measured_config_apply(&endless, words) == MEASURED_WRONG);
}

static bool extends(void)
{
	calls = 0;
	if (setjmp(ended))
		return false;
	measured_config_extend("-- hello");
	return true;
}

static void test_rtmr(void)
{
	u8 digest[48];

	assert(extends() && !calls);
	entry_record.tdx = 1;
	assert(extends() && calls == 1);
	sha384("-- hello", 8, digest);
	assert(!memcmp(digest, extended, sizeof(digest)));
	busy = 3;
	assert(extends() && calls == 4);
	busy = ~0U;
	assert(!extends() && calls == 1000);
	busy = 0;
	answer = TDX_OPERAND_INVALID;
	assert(!extends() && calls == 1);
}

int main(void)
{
	test_words();
	test_rtmr();
	return 0;
}
