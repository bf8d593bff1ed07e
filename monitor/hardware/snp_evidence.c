/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The platform, and its keys: see snp_evidence.h.
 */
#include "monitor/hardware/snp_evidence.h"

#include "lib/string.h"
#include "model/guid_table.h"
#include "monitor/crypto/crypto.h"

static int take(const void *table, size_t size, const char *guid, void *to, size_t wanted)
{
	struct guid_data data;

	if (guid_table_find(table, size, guid, &data) || data.size != wanted)
		return -E_INVAL;
	memcpy(to, data.bytes, wanted);
	return 0;
}

int snp_platform_init(struct snp_platform *p, const void *firmware, size_t size)
{
	memset(p, 0, sizeof(*p));
	if (take(firmware, size, GUID_TEST_VCEK, p->vcek, sizeof(p->vcek)) ||
	    take(firmware, size, GUID_TEST_VLEK, p->vlek, sizeof(p->vlek)) ||
	    take(firmware, size, GUID_TEST_SNP, &p->root, sizeof(p->root)))
		return -E_INVAL;
	p->reported_tcb = p->root.reported_tcb;
	p->fms = p->root.fms;
	p->version = 3;
	return 0;
}

/* Another TCB has another VCEK, for which the root has no certificate: SNP-FW 3.3 */
static void find_vcek(const struct snp_platform *p, u8 key[TEST_ROOT_P384_SIZE])
{
	if (p->reported_tcb == p->root.reported_tcb)
		memcpy(key, p->vcek, TEST_ROOT_P384_SIZE);
	else
		hmac_sha384(p->vcek, sizeof(p->vcek), &p->reported_tcb, sizeof(p->reported_tcb),
			    key);
}

u32 snp_key_find(const struct snp_payload *payload, u32 selection, u32 *signer,
		 u8 key[TEST_ROOT_P384_SIZE])
{
	const struct snp_platform *p = payload->platform;

	if (selection > SNP_KEY_SEL_VLEK)
		return SNP_MSG_INVALID_PARAM;
	if (selection == SNP_KEY_SEL_ANY)
		selection = p->has_vlek ? SNP_KEY_SEL_VLEK : SNP_KEY_SEL_VCEK;
	if (selection == SNP_KEY_SEL_VLEK ? !p->has_vlek : payload->launch->vcek_disabled)
		return SNP_MSG_INVALID_KEY;
	if (selection == SNP_KEY_SEL_VLEK) {
		*signer = SNP_SIGNED_BY_VLEK;
		memcpy(key, p->vlek, sizeof(p->vlek));
	} else {
		*signer = SNP_SIGNED_BY_VCEK;
		find_vcek(p, key);
	}
	return SNP_MSG_SUCCESS;
}

bool snp_key_is_masked(const struct snp_platform *p, u32 signer)
{
	return p->config & SNP_STATUS_MASK_CHIP_KEY && signer == SNP_SIGNED_BY_VCEK;
}

bool snp_policy_is_valid(u64 policy)
{
	u64 minor = bits_get(policy, 7, 0), major = bits_get(policy, 15, 8);

	return policy & SNP_POLICY_MBO && !(policy & ~(u64)SNP_POLICY_KNOWN) &&
	       (major < PSP_API_MAJOR || (major == PSP_API_MAJOR && minor <= PSP_API_MINOR));
}
