/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES-256-GCM for messages between a guest and its firmware, on both sides. Time and memory
 * accesses do not depend on key or data: there is no table.
 * Spec: FIPS 197, NIST SP 800-38D (96-bit IV, 128-bit tag).
 */
#pragma once

#include "abi/bits.h"
#include "lib/compiler.h"
#include "lib/errno.h"

#define AES_BLOCK_SIZE   16
#define AES_256_KEY_SIZE 32
#define AES_GCM_IV_SIZE  12
#define AES_GCM_TAG_SIZE 16

struct aes_gcm_text {
	const u8 *key; /* AES_256_KEY_SIZE bytes */
	const u8 *iv;  /* AES_GCM_IV_SIZE bytes; with one key never twice */
	const void *aad;
	size_t aad_size;
	void *text; /* in place */
	size_t size;
};

void aes_256_gcm_encrypt(const struct aes_gcm_text *t, u8 tag[AES_GCM_TAG_SIZE]);
/* -E_PERM, and the text as it was, where the tag is not that of these bytes under this key. */
int must_check aes_256_gcm_decrypt(const struct aes_gcm_text *t, const u8 tag[AES_GCM_TAG_SIZE]);
