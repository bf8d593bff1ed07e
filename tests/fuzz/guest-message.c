/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever a guest and its host make of messages to the firmware, sealed or not, of whatever kind
 * and size: a refused one changes nothing, an answered one has the next numbers, the answer's kind
 * and a tag of the same key, and behind its size there are zeroes. A report that is given is never
 * of a lower VMPL than the key's.
 * The suite's run is short and begins the same way. A long one: the lines below with
 * `-max_total_time=3600 CORPUS` in place of -runs and -seed.
 *
 * RUN: clang @%build/lists/flags-native -fsanitize=fuzzer %s %root/monitor/hardware/guest_message.c \
 * RUN:   %root/monitor/hardware/snp_evidence.c %root/monitor/hardware/snp_key.c \
 * RUN:   %root/monitor/hardware/snp_report.c %root/model/guid_table.c %root/lib/sha384.c \
 * RUN:   -isystem %build/bearssl/inc %root/monitor/crypto/crypto.c @%build/lists/bearssl_native -o %t
 * RUN: %t -seed=1 -runs=500 -max_len=400 -len_control=0 -artifact_prefix=%t- 2>&1
 */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "monitor/crypto/crypto.h"
#include "monitor/hardware/guest_message.h"

#include "Inputs/input.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static struct guest_messages m;
static struct snp_platform platform;
static struct snp_message request, response;

static void begin(void)
{
	memset(&m, 0, sizeof(m));
	for (unsigned int i = 0; i < sizeof(m.vmpck); i++)
		m.vmpck[i / 32][i % 32] = (u8)(i * 11 + 5);
	m.has_secure_tsc = byte() & 1;
	m.launch.vcek_disabled = byte() & 1;
	m.launch.has_id_block = byte() & 1;
	m.launch.id_block.guest_svn = byte();
	memset(&platform, 0, sizeof(platform));
	memset(platform.vcek, 0x21, sizeof(platform.vcek));
	memset(platform.vlek, 0x22, sizeof(platform.vlek));
	platform.has_vlek = byte() & 1;
	platform.config = byte() & 3;
	platform.version = 2 + byte() % 4;
	platform.root.committed_tcb = number(2);
}

static struct gcm_text text_of(struct snp_message *message, u8 iv[12])
{
	memset(iv, 0, 12);
	memcpy(iv, &message->header.sequence, 8);
	return (struct gcm_text){ m.vmpck[message->header.vmpck % VMPL_COUNT],
				  iv,
				  (u8 *)message + 0x30,
				  0x30,
				  message->payload,
				  message->header.size };
}

/* Mostly right: what is wrong in each field is found at once. */
static void put_report(void)
{
	struct snp_report_request r = { .vmpl = byte() % 5, .key_select = byte() % 4 };

	r.data[0] = byte();
	memcpy(request.payload, &r, sizeof(r));
	request.header.size = sizeof(r);
}

static void put_key(void)
{
	struct snp_key_request r = { .key_select = byte() % 9,
				     .field_select = byte(),
				     .vmpl = byte() % 5,
				     .guest_svn = byte(),
				     .tcb_version = number(2) };

	memcpy(request.payload, &r, sizeof(r));
	request.header.size = byte() & 1 ? SNP_KEY_REQUEST_SIZE : sizeof(r);
}

static void put(void)
{
	static const u16 sizes[] = { 0, 0x20, 0x60, 0x80, 0x200, 4000 };
	struct snp_message_header *h = &request.header;
	u8 iv[12], wrong = byte();
	struct gcm_text text;

	memset(&request, 0, sizeof(request));
	h->vmpck = byte() % VMPL_COUNT;
	h->sequence = m.sequence[h->vmpck] + 1;
	h->algorithm = 1;
	h->header_version = 1;
	h->header_size = 0x60;
	h->type = (u8)(1 + byte() % 20);
	h->version = 1;
	h->size = sizes[byte() % 6];
	if (h->type == SNP_MSG_REPORT_REQ)
		put_report();
	if (h->type == SNP_MSG_KEY_REQ)
		put_key();
	if (wrong == 1)
		((u8 *)h)[0x20 + byte() % 0x40] ^= byte();
	if (wrong == 2)
		request.payload[number(2) % 0x200] ^= byte();
	text = text_of(&request, iv);
	if (text.size <= sizeof(request.payload))
		gcm_encrypt(&text, h->auth_tag);
	if (wrong == 3)
		((u8 *)&request)[number(2) % sizeof(request)] ^= byte();
}

static void check_refused(const struct guest_messages *before)
{
	assert(!memcmp(before, &m, sizeof(m)));
	for (size_t i = 0; i < sizeof(response); i++)
		assert(((u8 *)&response)[i] == 0x5a);
}

static void check_answer(const struct guest_messages *before)
{
	const struct snp_message_header *q = &request.header, *a = &response.header;
	u64 expected = before->sequence[q->vmpck] + 2;
	struct snp_report_response report;
	u8 iv[12];
	struct gcm_text text = text_of(&response, iv);

	assert(q->vmpck < VMPL_COUNT && a->vmpck == q->vmpck && a->type == q->type + 1);
	assert(a->sequence == expected && m.sequence[q->vmpck] == expected);
	for (u32 i = 0; i < VMPL_COUNT; i++)
		assert(i == q->vmpck || m.sequence[i] == before->sequence[i]);
	for (size_t i = a->size; i < sizeof(response.payload); i++)
		assert(!response.payload[i]);
	assert(!gcm_decrypt(&text, a->auth_tag));
	if (q->type != SNP_MSG_REPORT_REQ)
		return;
	memcpy(&report, response.payload, sizeof(report));
	assert(report.status ? !report.size : report.size == sizeof(report.report));
	assert(report.status ||
	       (report.report.vmpl >= q->vmpck && report.report.vmpl < VMPL_COUNT));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct guest_messages before;

	input = data;
	left = size;
	begin();
	do {
		put();
		before = m;
		memset(&response, 0x5a, sizeof(response));
		if (guest_message(&m, &platform, &request, &response))
			check_refused(&before);
		else
			check_answer(&before);
	} while (left);
	return 0;
}
