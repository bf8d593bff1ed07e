/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secret that somebody sealed to a key of this guest's: HPKE in base mode, by DHKEM(P-256,
 * HKDF-SHA256), HKDF-SHA256 and AES-256-GCM. BearSSL's curve and HMAC: constant time.
 * Spec: RFC 9180. Does not: seal, the other modes, more than one message of a sender's.
 */
#pragma once

#include "abi/bits.h"
#include "lib/errno.h"

#define HPKE_SECRET_SIZE 32
#define HPKE_POINT_SIZE  65 /* SEC 1 2.3.3, uncompressed */
#define HPKE_TAG_SIZE    16
#define HPKE_SEED_SIZE   32 /* at least: RFC 9180 7.1.3 */

struct hpke_key {
	u8 secret[HPKE_SECRET_SIZE];
	u8 point[HPKE_POINT_SIZE]; /* the public part */
};

/* The same key for the same @seed. */
void hpke_derive_key(const void *seed, size_t size, struct hpke_key *key);

struct hpke_sealed {
	const u8 *encapsulated; /* HPKE_POINT_SIZE bytes */
	const void *info, *aad;
	size_t info_size, aad_size;
	void *text;  /* in place */
	size_t size; /* with the tag, which is the last of it */
};

/* -E_PERM, and the text as it was: it was not sealed to @key, or not with that info and aad. */
int must_check hpke_open(const struct hpke_key *key, const struct hpke_sealed *sealed);
