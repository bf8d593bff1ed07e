/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSG_REPORT_REQ. SNP-FW 7.3.
 */
#include "lib/sha384.h"
#include "lib/string.h"
#include "monitor/crypto/crypto.h"
#include "monitor/hardware/snp_evidence.h"

#define SIGNED_SIZE offsetof(struct snp_report, signature)

static void put_guest(struct snp_report *r, const struct snp_launch *l)
{
	r->policy = l->policy;
	memcpy(r->measurement, l->measurement, sizeof(r->measurement));
	memcpy(r->host_data, l->host_data, sizeof(r->host_data));
	memcpy(r->report_id, l->report_id, sizeof(r->report_id));
	memset(r->report_id_ma, SNP_NO_REPORT_ID, sizeof(r->report_id_ma));
	if (!l->has_id_block)
		return;
	r->guest_svn = l->id_block.guest_svn;
	memcpy(r->family_id, l->id_block.family_id, sizeof(r->family_id));
	memcpy(r->image_id, l->id_block.image_id, sizeof(r->image_id));
	memcpy(r->id_key_digest, l->id_key_digest, sizeof(r->id_key_digest));
	if (!l->has_author_key)
		return;
	r->flags |= (u32)SNP_REPORT_AUTHOR_KEY;
	memcpy(r->author_key_digest, l->author_key_digest, sizeof(r->author_key_digest));
}

/* Of CPUID 1 EAX: family and model with their extensions. APM3 E.3.2 */
static void put_processor(struct snp_report *r, u32 fms)
{
	r->family = (u8)(bits_get(fms, 27, 20) + bits_get(fms, 11, 8));
	r->model = (u8)(bits_get(fms, 19, 16) << 4 | bits_get(fms, 7, 4));
	r->stepping = (u8)bits_get(fms, 3, 0);
}

static void put_platform(struct snp_report *r, const struct snp_platform *p)
{
	r->version = p->version;
	r->platform_info = SNP_PLATFORM_ALIAS_CHECK_COMPLETE; /* SNP_PLATFORM_STATUS says so too */
	r->current_tcb = p->root.current_tcb;
	r->reported_tcb = p->reported_tcb;
	r->committed_tcb = p->root.committed_tcb;
	r->launch_tcb = p->root.launch_tcb;
	r->current_build = r->committed_build = PSP_BUILD;
	r->current_minor = r->committed_minor = PSP_API_MINOR;
	r->current_major = r->committed_major = PSP_API_MAJOR;
	if (p->version >= 3)
		put_processor(r, p->fms);
	if (!(p->config & SNP_STATUS_MASK_CHIP_ID))
		memcpy(r->chip_id, p->root.chip_id, sizeof(r->chip_id));
}

static void put_number(u8 to[SNP_NUMBER_SIZE], const u8 from[P384_SIZE])
{
	for (size_t i = 0; i < P384_SIZE; i++)
		to[i] = from[P384_SIZE - 1 - i];
}

static u32 sign(struct snp_report *r, const u8 key[P384_SIZE])
{
	struct p384_signature signature;
	u8 digest[SHA384_SIZE];

	sha384(r, SIGNED_SIZE, digest);
	if (p384_sign(key, digest, &signature))
		return PSP_HWERROR_PLATFORM;
	put_number(r->signature.r, signature.r);
	put_number(r->signature.s, signature.s);
	return PSP_SUCCESS;
}

static u32 check(const struct snp_payload *p, const struct snp_report_request *request)
{
	for (size_t i = 0; i < sizeof(request->reserved_0x48); i++)
		if (request->reserved_0x48[i])
			return SNP_MSG_INVALID_PARAM;
	return request->vmpl < p->vmpl || request->vmpl >= VMPL_COUNT ? SNP_MSG_INVALID_PARAM
								      : SNP_MSG_SUCCESS;
}

u32 snp_answer_report(const struct snp_payload *p)
{
	struct snp_report_response *response = (void *)p->bytes;
	struct snp_report *r = &response->report;
	struct snp_report_request request;
	u8 key[P384_SIZE];
	u32 signer, status;

	memcpy(&request, p->bytes, sizeof(request));
	memset(response, 0, sizeof(*response));
	status = check(p, &request);
	if (!status)
		status = snp_key_find(p, request.key_select, &signer, key);
	response->status = status;
	if (status)
		return PSP_SUCCESS;
	response->size = sizeof(*r);
	put_guest(r, p->launch);
	put_platform(r, p->platform);
	r->vmpl = request.vmpl;
	memcpy(r->data, request.data, sizeof(r->data));
	r->signature_algorithm = SNP_ECDSA_P384_SHA384;
	if (p->platform->config & SNP_STATUS_MASK_CHIP_KEY)
		r->flags |= (u32)SNP_REPORT_MASK_KEY;
	if (snp_key_is_masked(p->platform, signer)) {
		r->flags |= SNP_SIGNED_BY_NOBODY << 2;
		return PSP_SUCCESS;
	}
	r->flags |= signer << 2;
	return sign(r, key);
}
