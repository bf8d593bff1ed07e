/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSG_KEY_REQ: the same key for the same root, fields and values, and for no others. The function
 * is ours, the first bytes of HMAC-SHA-384 of what was selected: AMD has not published its own.
 * SNP-FW 7.2.
 */
#include "lib/string.h"
#include "monitor/crypto/crypto.h"
#include "monitor/hardware/snp_evidence.h"

#define SELECT_KNOWN (SNP_KEY_ROOT_VMRK | SNP_KEY_SEL_VCEK << 1 | SNP_KEY_SEL_VLEK << 1)

/* Each part of @tcb is at most that of @limit. */
static bool is_below(u64 tcb, u64 limit)
{
	for (unsigned int at = 0; at < 64; at += 8)
		if (bits_get(tcb, at + 7, at) > bits_get(limit, at + 7, at))
			return false;
	return true;
}

/* What a guest says of itself it may say too low, and never too high. */
static u32 check(const struct snp_payload *p, const struct snp_key_request *r)
{
	const struct snp_launch *l = p->launch;
	u32 svn = l->has_id_block ? l->id_block.guest_svn : 0;
	u8 reserved = 0;

	for (size_t i = 0; i < sizeof(r->reserved_0x28); i++)
		reserved |= r->reserved_0x28[i];
	if (r->key_select & ~(u32)SELECT_KNOWN || r->reserved_0x4 || reserved ||
	    r->field_select & ~(u64)SNP_KEY_FIELDS)
		return SNP_MSG_INVALID_PARAM;
	if (r->vmpl < p->vmpl || r->vmpl >= VMPL_COUNT || r->guest_svn > svn ||
	    !is_below(r->tcb_version, p->platform->root.committed_tcb) || r->launch_mit_vector)
		return SNP_MSG_INVALID_PARAM;
	return SNP_MSG_SUCCESS;
}

/* All that a key may depend on; what was not selected is 0. */
struct mixed {
	char domain[16];
	u32 root, vmpl;
	u64 fields, policy, tcb_version;
	u32 guest_svn, reserved;
	u8 image_id[16], family_id[16], measurement[48];
};

static void mix(struct mixed *m, const struct snp_key_request *r, const struct snp_launch *l)
{
	u64 fields = r->field_select;

	*m = (struct mixed){
		.domain = "EMULATED key", .root = r->key_select, .vmpl = r->vmpl, .fields = fields
	};
	if (fields & SNP_KEY_FIELD_POLICY)
		m->policy = l->policy;
	if (fields & SNP_KEY_FIELD_IMAGE_ID)
		memcpy(m->image_id, l->id_block.image_id, sizeof(m->image_id));
	if (fields & SNP_KEY_FIELD_FAMILY_ID)
		memcpy(m->family_id, l->id_block.family_id, sizeof(m->family_id));
	if (fields & SNP_KEY_FIELD_MEASUREMENT)
		memcpy(m->measurement, l->measurement, sizeof(m->measurement));
	if (fields & SNP_KEY_FIELD_GUEST_SVN)
		m->guest_svn = r->guest_svn;
	if (fields & SNP_KEY_FIELD_TCB_VERSION)
		m->tcb_version = r->tcb_version;
}

/* @root and its size; which chip key it was does not matter beside the key itself. */
static u32 find_root(const struct snp_payload *p, struct snp_key_request *r, u8 *root, size_t *size)
{
	u32 signer, status;

	if (r->key_select & SNP_KEY_ROOT_VMRK) {
		*size = sizeof(p->launch->vmrk);
		memcpy(root, p->launch->vmrk, *size);
		return SNP_MSG_SUCCESS;
	}
	*size = TEST_ROOT_P384_SIZE;
	status = snp_key_find(p, r->key_select >> 1, &signer, root);
	if (status)
		return status;
	r->key_select = signer << 1;
	return snp_key_is_masked(p->platform, signer) ? SNP_MSG_INVALID_KEY : SNP_MSG_SUCCESS;
}

u32 snp_answer_key(const struct snp_payload *p)
{
	struct snp_key_response *response = (void *)p->bytes;
	struct snp_key_request request = { 0 };
	u8 root[TEST_ROOT_P384_SIZE], mac[HMAC_SHA384_SIZE];
	struct mixed mixed;
	size_t root_size;

	memcpy(&request, p->bytes, p->size);
	memset(response, 0, sizeof(*response));
	response->status = check(p, &request);
	if (!response->status)
		response->status = find_root(p, &request, root, &root_size);
	if (response->status)
		return PSP_SUCCESS;
	mix(&mixed, &request, p->launch);
	hmac_sha384(root, root_size, &mixed, sizeof(mixed), mac);
	memcpy(response->key, mac, sizeof(response->key));
	return PSP_SUCCESS;
}
