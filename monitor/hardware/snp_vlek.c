/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SNP_VLEK_LOAD: a key that a provider's machines share, wrapped for one of them. A wrapped one of
 * AMD's has chains of hashes, of which each lower TCB's key can be made; ours has the key of one
 * TCB, so that another TCB needs another hashstick. What wraps it is the VCEK's, as both are the
 * chip's secret. Spec: SNP-FW 8.30.
 */
#include "lib/string.h"
#include "monitor/crypto/crypto.h"
#include "monitor/hardware/snp_evidence.h"

static const char label[] = "VLEK wrapping key";

#define AAD_SIZE (sizeof(u64) + sizeof(u64)) /* from tcb_version on */

u32 snp_vlek_load(struct snp_platform *p, struct snp_vlek_hashstick *stick)
{
	u8 key[HMAC_SHA384_SIZE];
	struct gcm_text text = { .key = key,
				 .iv = stick->iv,
				 .aad = &stick->tcb_version,
				 .aad_size = AAD_SIZE,
				 .text = stick->wrapped,
				 .size = sizeof(stick->wrapped) };

	hmac_sha384(p->vcek, sizeof(p->vcek), label, sizeof(label) - 1, key);
	if (gcm_decrypt(&text, stick->auth_tag))
		return PSP_BAD_MEASUREMENT;
	if (stick->tcb_version != p->reported_tcb)
		return PSP_INVALID_PARAM;
	memcpy(p->vlek, stick->wrapped, sizeof(p->vlek));
	p->has_vlek = true;
	return PSP_SUCCESS;
}
