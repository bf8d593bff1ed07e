/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See attest_tdx.h. The quote is the host's word, but for what the guest holds against its report:
 * each size in it is one to check.
 */
#include "kernel/workloads/attest_tdx.h"

#include <stdio.h>
#include <string.h>

#include "kernel/results.h"

/* What is left of a quote. */
struct rest {
	const u8 *bytes;
	size_t size;
};

static const u8 *take(struct rest *r, size_t size)
{
	const u8 *bytes = r->bytes;

	if (size > r->size)
		return NULL;
	r->bytes += size;
	r->size -= size;
	return bytes;
}

static u32 number(struct rest *r, size_t size)
{
	const u8 *bytes = take(r, size);
	u32 value = 0;

	if (bytes)
		memcpy(&value, bytes, size);
	return value;
}

/* DCAP A.3: the PCK's chain, behind all else. False: it is not where it should be. */
static bool find_chain(const struct tdx_quote *q, struct rest *chain)
{
	const size_t key_and_signature = 128,
		     enclave_and_signature = sizeof(struct sgx_report) + 64;
	struct rest r = { q->bytes, q->size };
	u32 version = number(&r, 2);

	take(&r, sizeof(struct tdx_quote_head) - 2);
	if (version == TDX_QUOTE_V5)
		take(&r, 2);
	take(&r, version == TDX_QUOTE_V5 ? number(&r, 4) : TDX_QUOTE_BODY_1_0_SIZE);
	take(&r, 4 + key_and_signature);
	if (number(&r, 2) != TDX_QUOTE_CERT_QE_REPORT)
		return false;
	take(&r, 4 + enclave_and_signature);
	take(&r, number(&r, 2));
	if (number(&r, 2) != TDX_QUOTE_CERT_PCK_CHAIN)
		return false;
	chain->size = number(&r, 4);
	chain->bytes = take(&r, chain->size);
	return chain->bytes;
}

/* What a host gives reaches a terminal as text alone. */
static void print_text(const u8 *text, size_t size)
{
	for (size_t i = 0; i < size && text[i]; i++)
		if (text[i] == '\n' || (text[i] >= ' ' && text[i] < 0x7f))
			putchar(text[i]);
}

void attest_print_quote(const struct tdx_quote *q)
{
	const struct tdx_report *r = &q->report;
	struct rest chain;

	printf("attest: TDX quote version %u, %u bytes\n", q->bytes[0], q->size);
	printf("attest: %-12s \"", "module");
	print_text(r->tcb.mr_seam, sizeof(r->tcb.mr_seam));
	printf("\"\nattest: %-12s %#llx, %s\n", "attributes", (unsigned long long)r->td.attributes,
	       r->td.attributes & TDX_ATTR_DEBUG ? "the host may debug it" : "no debugging");
	attest_field("TCB", r->tcb.tee_tcb_svn, sizeof(r->tcb.tee_tcb_svn));
	attest_field("measurement", r->td.mrtd, sizeof(r->td.mrtd));
	attest_field("config id", r->td.mrconfigid, sizeof(r->td.mrconfigid));
	for (unsigned int i = 0; i < TDX_RTMR_COUNT; i++) {
		char name[] = "RTMR 0";

		name[5] = (char)('0' + i);
		attest_field(name, r->td.rtmr[i], sizeof(r->td.rtmr[i]));
	}
	attest_field("report data", r->mac.report_data, sizeof(r->mac.report_data));
	attest_field("quote", q->bytes, q->size);
	if (find_chain(q, &chain))
		print_text(chain.bytes, chain.size);
	else
		printf("attest: the quote has no certificates where they should be\n");
	results_evidence("quote", q->bytes, q->size);
}
