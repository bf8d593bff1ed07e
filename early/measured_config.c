/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See measured_config.h. Spec: TDX-ABI 5.5 (TDG.MR.RTMR.EXTEND); which register: TDVF 8.1.
 */
#include "early/measured_config.h"

#include "abi/termination.h"
#include "early/entry.h"
#include "early/fatal.h"
#include "early/tdcall.h"
#include "lib/addr.h"
#include "lib/sha256.h"
#include "lib/sha384.h"
#include "lib/string.h"

#define RTMR_OF_WORDS 2
#define EXTEND_TRIES  1000 /* the module is busy for as long as another processor is in there */

static bool is_hash_of(const u8 *hash, const char *words)
{
	struct sha256 sha;
	u8 digest[SHA256_SIZE];

	sha256_init(&sha);
	sha256_update(&sha, words, strlen(words));
	sha256_final(&sha, digest);
	return !memcmp(digest, hash, sizeof(digest));
}

enum measured measured_config_apply(const struct measured_config *config, char *words)
{
	if (strnlen(config->words, sizeof(config->words)) == sizeof(config->words))
		return MEASURED_WRONG;
	if (config->flags & MEASURED_CONFIG_HAS_WORDS && !words[0])
		memcpy(words, config->words, strlen(config->words) + 1);
	if (!(config->flags & MEASURED_CONFIG_HAS_HASH))
		return MEASURED_NOT;
	return is_hash_of(config->sha256, words) ? MEASURED_RIGHT : MEASURED_WRONG;
}

void measured_config_extend(const char *words)
{
	static u8 digest[TDX_HASH_SIZE] __attribute__((aligned(TDX_RTMR_ALIGNMENT)));
	struct tdx_module_args args = { .rcx = pa_of(digest).value, .rdx = RTMR_OF_WORDS };
	u64 status = TDX_OPERAND_BUSY;

	if (!entry_record.tdx)
		return;
	sha384(words, strlen(words), digest);
	for (int i = 0; i < EXTEND_TRIES && tdx_status_code(status) == TDX_OPERAND_BUSY; i++)
		status = tdcall(TDG_MR_RTMR_EXTEND, &args);
	if (status)
		fatal(TERM_CONFIG, "RTMR %d cannot be extended: status %#lx", RTMR_OF_WORDS,
		      status);
}
