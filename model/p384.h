/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ECDSA on the curve P-384: whether a signature is a key's. For the id block of an SNP launch.
 * Spec: FIPS 186-5 6.4.2, SP 800-186 3.2.1.4. Not constant-time: all that goes in is public.
 */
#pragma once

#include "abi/bits.h"

#define P384_SIZE 48

/* Numbers are little-endian, as the security processor's keys and signatures have them. */
struct p384_key {
	u8 x[P384_SIZE];
	u8 y[P384_SIZE];
};

struct p384_signature {
	u8 r[P384_SIZE];
	u8 s[P384_SIZE];
};

/* @digest: SHA-384 of what is signed. False too where @key is no point of the curve. */
bool p384_verify(const struct p384_key *key, const struct p384_signature *signature,
		 const u8 digest[P384_SIZE]);
