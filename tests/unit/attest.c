/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest takes for evidence: its own question's report; of the host's table of certificates
 * only what is one, whole; and a firmware's refusal is no evidence, nor is what was for another.
 * RUN: %unit-cc %s -o %t
 */
#include "kernel/attest.c"

#undef NDEBUG
#include <assert.h>
#include <stdlib.h>

static struct snp_report_response report;
static struct snp_key_response key;
static struct snp_certificates given;
static int failure;
static bool possible = true;
static u8 data[SNP_REPORT_DATA_SIZE];
static struct attest_evidence evidence;
static u64 status;

bool snp_message_is_possible(void) { return possible; }

static bool is_td;

bool tdx_quote_is_possible(void) { return is_td; }

int quote_ask(const u8 d[TDX_REPORT_DATA_SIZE], struct tdx_quote *quote, u64 *s)
{
	assert(is_td && d == data);
	*s = 0x55;
	quote->size = 77;
	return failure;
}

int message_ask(const struct snp_message_text *t, u64 *s)
{
	*s = failure ? 0x77 : 0;
	if (failure)
		return failure;
	if (t->type == SNP_MSG_KEY_REQ) {
		assert(t->size == 32 && t->answer_size == 64 && !t->certificates);
		memcpy(t->text, &key, sizeof(key));
		return 0;
	}
	assert(t->type == SNP_MSG_REPORT_REQ && t->size == 96);
	assert(!memcmp(t->text, data, sizeof(data)) && t->answer_size == sizeof(report));
	memcpy(t->text, &report, sizeof(report));
	*t->certificates = given;
	return 0;
}

static int report_it(void)
{
	memset(&evidence, 0x5a, sizeof(evidence));
	return attest_report(data, &evidence, &status);
}

static void put(unsigned int i, u32 offset, u32 length)
{
	struct guid_entry entry = { { 1 }, offset, length };

	memcpy(given.table + i * sizeof(entry), &entry, sizeof(entry));
}

static void test_table(void)
{
	memset(&given, 0, sizeof(given));
	assert(!report_it() && !evidence.certificates_size);
	put(0, 72, 100);
	put(1, 172, 5);
	assert(!report_it() && evidence.certificates_size == 177);
	put(1, 100, 5);
	assert(!report_it() && evidence.certificates_size == 172);
	put(1, SNP_CERTIFICATES_SIZE - 5, 5);
	assert(!report_it() && evidence.certificates_size == SNP_CERTIFICATES_SIZE);
	put(1, SNP_CERTIFICATES_SIZE - 5, 6);
	assert(!report_it() && !evidence.certificates_size);
	put(1, ~0U, 6);
	assert(!report_it() && !evidence.certificates_size);
	put(1, 6, ~0U);
	assert(!report_it() && !evidence.certificates_size);
	for (unsigned int i = 0; i < SNP_CERTIFICATES_SIZE / sizeof(struct guid_entry); i++)
		put(i, 72, 1);
	assert(!report_it() && !evidence.certificates_size); /* without an end */
}

static void test_td(void)
{
	is_td = true;
	failure = 0;
	assert(!report_it() && evidence.is_quote && evidence.quote.size == 77 && status == 0x55);
	failure = -E_AGAIN;
	assert(report_it() == -E_AGAIN);
	failure = 0;
	is_td = false;
}

int main(void)
{
	test_td();
	struct snp_key_request request = { .field_select = 1 };
	u8 bytes[32];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (u8)rand();
	report.size = sizeof(report.report);
	memcpy(report.report.data, data, sizeof(data));
	assert(!report_it() && !status &&
	       !memcmp(&evidence.report, &report.report, sizeof(report.report)));
	test_table();
	report.report.data[63] ^= 1;
	assert(report_it() == -E_PERM);
	report.report.data[63] ^= 1;
	report.size--;
	assert(report_it() == -E_INVAL);
	report.size++;
	report.status = SNP_MSG_INVALID_KEY;
	assert(report_it() == -E_INVAL && status == SNP_MSG_INVALID_KEY);
	failure = -E_IO;
	assert(report_it() == -E_IO && status == 0x77);
	failure = 0;
	key.key[31] = 7;
	assert(!attest_key(&request, bytes, &status) && bytes[31] == 7);
	status = 0;
	request.launch_mit_vector = 1;
	assert(attest_key(&request, bytes, &status) == -E_INVAL && status == 0x16);
	request.launch_mit_vector = 0;
	request.field_select = SNP_KEY_FIELD_LAUNCH_MIT_VECTOR;
	assert(attest_key(&request, bytes, &status) == -E_INVAL && status == 0x16);
	request.field_select = 1;
	key.status = SNP_MSG_INVALID_PARAM;
	bytes[31] = 8;
	assert(attest_key(&request, bytes, &status) == -E_INVAL && status == 0x16 &&
	       bytes[31] == 8);
	possible = false;
	assert(report_it() == -E_NOSYS && attest_key(&request, bytes, &status) == -E_NOSYS);
	return 0;
}
