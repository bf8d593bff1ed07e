/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See guest_message.h. A message that is refused has not been: its number is still the next.
 */
#include "monitor/hardware/guest_message.h"

#include "abi/psp.h"
#include "lib/string.h"
#include "monitor/crypto/crypto.h"

#define AAD_START offsetof(struct snp_message_header, algorithm)
#define AAD_SIZE  (sizeof(struct snp_message_header) - AAD_START)

struct message_kind {
	const char *name;
	u8 type, version;                /* of the request; the response's type is the next */
	u16 request_size, request_limit; /* the least and most that its size may be */
	u16 response_size;
	u32 (*answer)(const struct guest_messages *m, const struct snp_payload *p);
};

static u32 answer_tsc_info(const struct guest_messages *m, const struct snp_payload *p)
{
	struct snp_tsc_info_response r = { .scale = m->tsc_scale, .offset = m->tsc_offset };

	if (!m->has_secure_tsc)
		return PSP_INVALID_PARAM;
	memcpy(p->bytes, &r, sizeof(r));
	return PSP_SUCCESS;
}

static u32 answer_report(const struct guest_messages *m, const struct snp_payload *p)
{
	(void)m;
	return snp_answer_report(p);
}

static u32 answer_key(const struct guest_messages *m, const struct snp_payload *p)
{
	(void)m;
	return snp_answer_key(p);
}

/* CPUID values, which the launch's page has; migration, whose agents no launch here can have. */
static u32 refuse(const struct guest_messages *m, const struct snp_payload *p)
{
	(void)m;
	(void)p;
	return PSP_UNSUPPORTED;
}

/* What follows the name and the type of a message that is not carried. */
#define REFUSED 1, 0, SNP_MESSAGE_PAYLOAD_MAX, 0, refuse

static const struct message_kind kinds[] = {
	{ "MSG_KEY_REQ", SNP_MSG_KEY_REQ, 1, SNP_KEY_REQUEST_SIZE, sizeof(struct snp_key_request),
	  sizeof(struct snp_key_response), answer_key },
	{ "MSG_REPORT_REQ", SNP_MSG_REPORT_REQ, 1, sizeof(struct snp_report_request),
	  sizeof(struct snp_report_request), sizeof(struct snp_report_response), answer_report },
	{ "MSG_TSC_INFO_REQ", SNP_MSG_TSC_INFO_REQ, 1, sizeof(struct snp_tsc_info_request),
	  sizeof(struct snp_tsc_info_request), sizeof(struct snp_tsc_info_response),
	  answer_tsc_info },
	{ "MSG_CPUID_REQ", SNP_MSG_CPUID_REQ, REFUSED },
	{ "MSG_EXPORT_REQ", SNP_MSG_EXPORT_REQ, REFUSED },
	{ "MSG_IMPORT_REQ", SNP_MSG_IMPORT_REQ, REFUSED },
	{ "MSG_ABSORB_REQ", SNP_MSG_ABSORB_REQ, REFUSED },
	{ "MSG_VMRK_REQ", SNP_MSG_VMRK_REQ, REFUSED },
	{ "MSG_ABSORB_NOMA_REQ", SNP_MSG_ABSORB_NOMA_REQ, REFUSED },
};

static const struct message_kind *find_type(u8 type)
{
	for (size_t i = 0; i < array_count(kinds); i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return NULL;
}

static const struct message_kind *find_kind(const struct snp_message_header *h)
{
	const struct message_kind *kind = find_type(h->type);

	return kind && kind->version == h->version && h->size >= kind->request_size &&
			       h->size <= kind->request_limit
		       ? kind
		       : NULL;
}

const char *guest_message_name(u8 type)
{
	const struct message_kind *kind = find_type(type);

	return kind ? kind->name : NULL;
}

static u32 check_header(const struct guest_messages *m, const struct snp_message_header *h)
{
	if (h->algorithm != SNP_MESSAGE_ALGO_AES_256_GCM ||
	    h->header_version != SNP_MESSAGE_HEADER_VERSION || h->header_size != sizeof(*h) ||
	    h->vmpck >= VMPL_COUNT)
		return PSP_INVALID_PARAM;
	if (m->sequence[h->vmpck] >= ~U64_C(0) - 1)
		return PSP_AEAD_OFLOW;
	return h->sequence == m->sequence[h->vmpck] + 1 ? PSP_SUCCESS : PSP_INVALID_PARAM;
}

/* 7.1: the sequence number, little endian, and zeroes */
static void make_iv(u8 iv[GCM_IV_SIZE], u64 sequence)
{
	memset(iv, 0, GCM_IV_SIZE);
	memcpy(iv, &sequence, sizeof(sequence));
}

static struct gcm_text text_of(const struct guest_messages *m, struct snp_message *message,
			       const u8 *iv)
{
	return (struct gcm_text){ .key = m->vmpck[message->header.vmpck],
				  .iv = iv,
				  .aad = (const u8 *)&message->header + AAD_START,
				  .aad_size = AAD_SIZE,
				  .text = message->payload,
				  .size = message->header.size };
}

static u32 decrypt(const struct guest_messages *m, struct snp_message *message)
{
	u8 iv[GCM_IV_SIZE];
	struct gcm_text text = text_of(m, message, iv);

	make_iv(iv, message->header.sequence);
	return gcm_decrypt(&text, message->header.auth_tag) ? PSP_BAD_MEASUREMENT : PSP_SUCCESS;
}

static void encrypt(const struct guest_messages *m, struct snp_message *message)
{
	u8 iv[GCM_IV_SIZE];
	struct gcm_text text = text_of(m, message, iv);

	make_iv(iv, message->header.sequence);
	gcm_encrypt(&text, message->header.auth_tag);
}

static void make_header(struct snp_message_header *h, const struct message_kind *kind)
{
	memset(h->auth_tag, 0, sizeof(h->auth_tag));
	h->sequence++;
	h->type = kind->type + 1;
	h->size = kind->response_size;
}

/* In place: there is room for a whole answer. */
static u32 answer(struct guest_messages *m, const struct snp_platform *platform,
		  const struct message_kind *kind, struct snp_message *message)
{
	const struct snp_payload payload = { platform, &m->launch, message->header.vmpck,
					     message->header.size, message->payload };

	return kind->answer(m, &payload);
}

u32 guest_message(struct guest_messages *m, const struct snp_platform *platform,
		  const struct snp_message *request, struct snp_message *response)
{
	static struct snp_message copy; /* a page is too much for a stack */
	const struct message_kind *kind;
	u32 status;

	memcpy(&copy, request, sizeof(copy));
	status = check_header(m, &copy.header);
	if (status)
		return status;
	kind = find_kind(&copy.header);
	if (!kind)
		return PSP_INVALID_PARAM;
	status = decrypt(m, &copy);
	if (!status)
		status = answer(m, platform, kind, &copy);
	if (status)
		return status;
	make_header(&copy.header, kind);
	encrypt(m, &copy);
	m->sequence[copy.header.vmpck] = copy.header.sequence;
	memset(copy.payload + kind->response_size, 0, sizeof(copy.payload) - kind->response_size);
	memcpy(response, &copy, sizeof(copy));
	return PSP_SUCCESS;
}
