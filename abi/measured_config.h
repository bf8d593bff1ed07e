/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the image, and so its launch measurement, says of the words that it is started with. It
 * lies in the image's read-only data; tools/seal.py finds it by its magic and fills it in.
 * Spec: none, it is Postern's.
 */
#pragma once

#include "abi/bits.h"

#define MEASURED_CONFIG_MAGIC      "POSTERN-CONFIG-1" /* 16 bytes, no terminator */
#define MEASURED_CONFIG_MAGIC_SIZE 16
#define MEASURED_CONFIG_WORDS_MAX  1024
#define MEASURED_CONFIG_HASH_SIZE  32

/* flags */
#define MEASURED_CONFIG_HAS_HASH  BIT(0) /* other words end the guest: TERM_CONFIG */
#define MEASURED_CONFIG_HAS_WORDS BIT(1) /* the image brings them, where its loader gives none */

struct measured_config {
	u8 magic[MEASURED_CONFIG_MAGIC_SIZE];
	u32 flags;
	u32 reserved;
	u8 sha256[MEASURED_CONFIG_HASH_SIZE];  /* of the words, without a terminator */
	char words[MEASURED_CONFIG_WORDS_MAX]; /* terminated */
};
ABI_OFFSET(struct measured_config, flags, 0x10);
ABI_OFFSET(struct measured_config, sha256, 0x18);
ABI_OFFSET(struct measured_config, words, 0x38);
ABI_SIZE(struct measured_config, 0x438);
