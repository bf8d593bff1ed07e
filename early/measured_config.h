/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words that the image's measurement covers, held against those that came.
 */
#pragma once

#include "abi/measured_config.h"
#include "lib/compiler.h"
#include "lib/errno.h"

enum measured {
	MEASURED_NOT,   /* the image has no hash: the words are the host's */
	MEASURED_RIGHT, /* they are those of the hash */
	MEASURED_WRONG, /* other words than those: this guest must not go on with them */
};

/*
 * @words, terminated, of MEASURED_CONFIG_WORDS_MAX bytes, are the loader's; where it gave none
 * they become the image's, if it brings any. MEASURED_WRONG also for words without an end in it.
 */
enum measured must_check measured_config_apply(const struct measured_config *config, char *words);

/*
 * In a TD: RTMR 2, where Linux's loader has its command line, is extended by the words' SHA-384.
 * Where firmware keeps a log of that, boot_efi_measure() has it do so instead.
 */
void measured_config_extend(const char *words);

extern const struct measured_config measured_config;
