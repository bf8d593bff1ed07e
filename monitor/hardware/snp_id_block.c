/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The id block of a launch: what the guest's owner signed of it, checked against what was launched.
 * SNP-FW 8.18 (SNP_LAUNCH_FINISH), tables "ID block" and "ID authentication information".
 */
#include "lib/sha384.h"
#include "lib/string.h"
#include "monitor/crypto/crypto.h"
#include "monitor/hardware/snp_evidence.h"

static bool is_zero(const u8 *bytes, size_t size)
{
	u8 any = 0;

	for (size_t i = 0; i < size; i++)
		any |= bytes[i];
	return !any;
}

/* A number of 72 bytes that is one of 48, the other way round. */
static bool take(u8 to[P384_SIZE], const u8 from[SNP_NUMBER_SIZE])
{
	for (size_t i = 0; i < P384_SIZE; i++)
		to[i] = from[P384_SIZE - 1 - i];
	return is_zero(from + P384_SIZE, SNP_NUMBER_SIZE - P384_SIZE);
}

/* Whether @signature is @key's, of @data. */
static bool is_signed(const struct snp_public_key *key, const struct snp_signature *signature,
		      const void *data, size_t size)
{
	struct p384_signature s;
	struct p384_key k;
	u8 digest[SHA384_SIZE];

	if (key->curve != SNP_CURVE_P384 || !take(k.x, key->x) || !take(k.y, key->y) ||
	    !take(s.r, signature->r) || !take(s.s, signature->s))
		return false;
	sha384(data, size, digest);
	return p384_verify(&k, &s, digest);
}

static u32 check_keys(const struct snp_id_block *block, const struct snp_id_auth *auth, bool author)
{
	if (auth->id_key_algorithm != SNP_ECDSA_P384_SHA384 ||
	    (author && auth->author_key_algorithm != SNP_ECDSA_P384_SHA384))
		return PSP_INVALID_PARAM;
	if (!is_signed(&auth->id_key, &auth->block_signature, block, sizeof(*block)))
		return PSP_BAD_SIGNATURE;
	if (author && !is_signed(&auth->author_key, &auth->id_key_signature, &auth->id_key,
				 sizeof(auth->id_key)))
		return PSP_BAD_SIGNATURE;
	return PSP_SUCCESS;
}

u32 snp_id_block(struct snp_launch *launch, const struct snp_id_block *block,
		 const struct snp_id_auth *auth, bool author)
{
	u32 status;

	if (memcmp(block->launch_digest, launch->measurement, sizeof(block->launch_digest)))
		return PSP_BAD_MEASUREMENT;
	if (block->policy != launch->policy)
		return PSP_POLICY_FAILURE;
	status = check_keys(block, auth, author);
	if (status)
		return status;
	launch->id_block = *block;
	launch->has_id_block = true;
	sha384(&auth->id_key, sizeof(auth->id_key), launch->id_key_digest);
	launch->has_author_key = author;
	if (author)
		sha384(&auth->author_key, sizeof(auth->author_key), launch->author_key_digest);
	return PSP_SUCCESS;
}
