/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See attest.h.
 */
#include "kernel/attest.h"

#include "abi/certificates.h"
#include "kernel/message.h"
#include "lib/string.h"

/* Where the last of what the table names ends. The table is the host's: 0 if any of it is wrong. */
static size_t table_end(const struct snp_certificates *c)
{
	static const struct guid_entry last;
	struct guid_entry entry;
	size_t end = 0;

	for (size_t at = 0; at + sizeof(entry) <= sizeof(c->table); at += sizeof(entry)) {
		memcpy(&entry, c->table + at, sizeof(entry));
		if (!memcmp(&entry, &last, sizeof(entry)))
			return end;
		if (entry.offset > sizeof(c->table) ||
		    entry.length > sizeof(c->table) - entry.offset)
			return 0;
		if (entry.offset + entry.length > end)
			end = entry.offset + entry.length;
	}
	return 0;
}

static int ask(struct snp_message_text *t, u64 *status)
{
	*status = 0;
	return snp_message_is_possible() ? message_ask(t, status) : -E_NOSYS;
}

int attest_report(const u8 data[SNP_REPORT_DATA_SIZE], struct attest_evidence *evidence,
		  u64 *status)
{
	union {
		struct snp_report_request request;
		struct snp_report_response response;
	} text = { 0 };
	struct snp_message_text t = { SNP_MSG_REPORT_REQ, &text, sizeof(text.request),
				      sizeof(text.response), &evidence->certificates };
	int err;

	evidence->is_quote = tdx_quote_is_possible();
	if (evidence->is_quote)
		return quote_ask(data, &evidence->quote, status);
	memcpy(text.request.data, data, sizeof(text.request.data));
	err = ask(&t, status);
	if (err)
		return err;
	*status = text.response.status;
	if (*status || text.response.size != sizeof(evidence->report))
		return -E_INVAL;
	evidence->report = text.response.report;
	evidence->certificates_size = table_end(&evidence->certificates);
	return memcmp(evidence->report.data, data, sizeof(evidence->report.data)) ? -E_PERM : 0;
}

/* What not every firmware takes is not asked for; to leave it out would give another key. */
static bool has_more(const struct snp_key_request *request)
{
	const u8 *bytes = (const u8 *)request;
	u8 more = 0;

	for (size_t i = SNP_KEY_REQUEST_SIZE; i < sizeof(*request); i++)
		more |= bytes[i];
	return more || request->field_select & SNP_KEY_FIELD_LAUNCH_MIT_VECTOR;
}

int attest_key(const struct snp_key_request *request, u8 key[SNP_DERIVED_KEY_SIZE], u64 *status)
{
	union {
		struct snp_key_request request;
		struct snp_key_response response;
	} text = { .request = *request };
	struct snp_message_text t = { SNP_MSG_KEY_REQ, &text, SNP_KEY_REQUEST_SIZE,
				      sizeof(text.response), NULL };
	int err;

	*status = SNP_MSG_INVALID_PARAM;
	if (has_more(request))
		return -E_INVAL;
	err = ask(&t, status);
	if (err)
		return err;
	*status = text.response.status;
	if (*status)
		return -E_INVAL;
	memcpy(key, text.response.key, sizeof(text.response.key));
	return 0;
}
