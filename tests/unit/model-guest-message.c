/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The firmware's end of guest messages: TSC_INFO is answered under the key and the number that it
 * was asked with, and by the next number; every header that is not as it must be, every bit that is
 * another one, every number that is not the next is refused, and changes nothing.
 * RUN: %monitor-cc %s -o %t
 */
#include "monitor/hardware/guest_message.h"

#include "abi/psp.h"
#include "lib/aes_gcm.h"
#include "lib/format.c"

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

static struct guest_messages firmware;
static const struct snp_platform platform;
static struct snp_message request, response;

static struct aes_gcm_text text_of(struct snp_message *m, u8 iv[12])
{
	memset(iv, 0, 12);
	memcpy(iv, &m->header.sequence, 8);
	return (struct aes_gcm_text){ firmware.vmpck[m->header.vmpck % VMPL_COUNT],
				      iv,
				      (u8 *)m + 0x30,
				      0x30,
				      m->payload,
				      m->header.size };
}

static void put_kind(u64 sequence, u8 vmpck, u8 type, u16 size)
{
	u8 iv[12];
	struct aes_gcm_text text;

	memset(&request, 0, sizeof(request));
	request.header = (struct snp_message_header){ .sequence = sequence,
						      .algorithm = 1,
						      .header_version = 1,
						      .header_size = 0x60,
						      .type = type,
						      .version = 1,
						      .size = size,
						      .vmpck = vmpck };
	text = text_of(&request, iv);
	aes_256_gcm_encrypt(&text, request.header.auth_tag);
}

static void put(u64 sequence, u8 vmpck) { put_kind(sequence, vmpck, SNP_MSG_TSC_INFO_REQ, 128); }

static void begin(void)
{
	firmware = (struct guest_messages){ .has_secure_tsc = true,
					    .tsc_scale = 1,
					    .tsc_offset = 0x123456789abcdef0 };
	for (unsigned int i = 0; i < sizeof(firmware.vmpck); i++)
		firmware.vmpck[i / 32][i % 32] = (u8)(7 * i + 1);
	put(1, 0);
}

static void is_refused(u32 status)
{
	struct guest_messages before = firmware;

	memset(&response, 0x5a, sizeof(response));
	assert(guest_message(&firmware, &platform, &request, &response) == status);
	assert(!memcmp(&before, &firmware, sizeof(before)));
	for (unsigned int i = 0; i < sizeof(response); i++)
		assert(((u8 *)&response)[i] == 0x5a);
}

static void is_answered(u64 sequence, u8 vmpck)
{
	struct snp_tsc_info_response info;
	u8 iv[12];
	struct aes_gcm_text text;

	assert(guest_message(&firmware, &platform, &request, &response) == PSP_SUCCESS);
	assert(response.header.sequence == sequence + 1 && response.header.type == 18);
	assert(response.header.size == 128 && response.header.vmpck == vmpck);
	assert(firmware.sequence[vmpck] == sequence + 1);
	text = text_of(&response, iv);
	assert(!aes_256_gcm_decrypt(&text, response.header.auth_tag));
	memcpy(&info, response.payload, sizeof(info));
	assert(!info.status && info.scale == 1 && info.offset == 0x123456789abcdef0);
}

#define REFUSED(change, status)                                                                    \
	do {                                                                                       \
		begin();                                                                           \
		change;                                                                            \
		is_refused(status);                                                                \
	} while (0)

int main(void)
{
	begin();
	is_answered(1, 0);
	is_refused(PSP_INVALID_PARAM); /* replayed */
	put(2, 0);
	is_refused(PSP_INVALID_PARAM); /* the answer's own number */
	put(3, 0);
	is_answered(3, 0);
	put(1, 3); /* each key counts for itself */
	is_answered(1, 3);
	for (unsigned int i = 128; i < sizeof(response.payload); i++)
		assert(!response.payload[i]);

	REFUSED(request.header.algorithm = 2, PSP_INVALID_PARAM);
	REFUSED(request.header.header_version = 2, PSP_INVALID_PARAM);
	REFUSED(request.header.header_size++, PSP_INVALID_PARAM);
	REFUSED(request.header.type = 18, PSP_INVALID_PARAM);
	REFUSED(request.header.version = 2, PSP_INVALID_PARAM);
	REFUSED(request.header.size--, PSP_INVALID_PARAM);
	REFUSED(request.header.size = 0xffff, PSP_INVALID_PARAM);
	REFUSED(request.header.vmpck = VMPL_COUNT, PSP_INVALID_PARAM);
	REFUSED(request.header.vmpck = 1, PSP_BAD_MEASUREMENT);
	REFUSED(put(0, 0), PSP_INVALID_PARAM);
	REFUSED(firmware.sequence[0] = ~0ull - 1, PSP_AEAD_OFLOW);
	REFUSED(firmware.has_secure_tsc = false, PSP_INVALID_PARAM);
	/* by name: what there is no agent or no need for */
	for (u8 type = 0; type < 20; type++) {
		const char *name = guest_message_name(type);

		assert(!name == !(type % 2 && type < 18));
		if (!name || type == SNP_MSG_KEY_REQ || type == SNP_MSG_REPORT_REQ ||
		    type == SNP_MSG_TSC_INFO_REQ)
			continue;
		REFUSED(put_kind(1, 0, type, 0), PSP_UNSUPPORTED);
		REFUSED(put_kind(1, 0, type, 4000), PSP_UNSUPPORTED);
		REFUSED(put_kind(1, 0, type, 4000); request.payload[3999]++, PSP_BAD_MEASUREMENT);
		REFUSED(put_kind(1, 0, type, 100); request.header.size = 4001, PSP_INVALID_PARAM);
	}
	assert(!strcmp(guest_message_name(7), "MSG_EXPORT_REQ"));
	REFUSED(put_kind(1, 0, SNP_MSG_REPORT_REQ, 95), PSP_INVALID_PARAM);
	REFUSED(put_kind(1, 0, SNP_MSG_REPORT_REQ, 97), PSP_INVALID_PARAM);
	REFUSED(put_kind(1, 0, SNP_MSG_KEY_REQ, 31), PSP_INVALID_PARAM);
	REFUSED(put_kind(1, 0, SNP_MSG_KEY_REQ, 513), PSP_INVALID_PARAM);
	for (unsigned int bit = 0; bit < 8 * (0x60 + 128); bit++) {
		if (bit / 8 >= 16 && bit / 8 < 0x30)
			continue; /* the rest of the tag, and what only the number covers */
		begin();
		((u8 *)&request)[bit / 8] ^= 1 << bit % 8;
		assert(guest_message(&firmware, &platform, &request, &response) != PSP_SUCCESS);
		assert(!firmware.sequence[0]);
	}
	return 0;
}
