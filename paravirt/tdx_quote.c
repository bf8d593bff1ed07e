/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See tdx_quote.h. The buffer is the host's while it is shared: its status and size are read once,
 * and the quote is judged where it was copied to.
 */
#include "paravirt/tdx_quote.h"

#include "early/tdx.h"
#include "lib/compiler.h"
#include "lib/deadline.h"
#include "lib/panic.h"
#include "lib/string.h"

/* In ticks of the TSC: 20 seconds and more */
#define PATIENCE (U64_C(1) << 36)
/* A host that is busy is asked again after as many looks. */
#define LOOKS_BUSY (1U << 16)
/* Another processor may be extending an RTMR. */
#define REPORT_TRIES 16

static struct {
	struct tdx_quote_header header;
	u8 data[TDX_QUOTE_SIZE_MAX - sizeof(struct tdx_quote_header)];
} buffer __shared_page;
_Static_assert(sizeof(buffer) == TDX_QUOTE_SIZE_MAX, "whole pages");

static struct {
	struct tdx_report report;
	u8 data[TDX_REPORT_DATA_SIZE];
} module __attribute__((aligned(TDX_REPORT_SIZE)));

bool tdx_quote_is_possible(void) { return tdx_info.shared_mask; }

/* What our bug could not cause is an error. */
static int ask_module(const u8 *data, struct tdx_report *report, u64 *status)
{
	int tries = 0;

	memcpy(module.data, data, sizeof(module.data));
	do {
		struct tdx_module_args args = { .rcx = pa_of(&module.report).value,
						.rdx = pa_of(module.data).value };

		*status = tdcall(TDG_MR_REPORT, &args);
	} while (tdx_status_code(*status) == TDX_OPERAND_BUSY && ++tries < REPORT_TRIES);
	if (*status)
		return -E_IO;
	memcpy(report, &module.report, sizeof(*report));
	return 0;
}

static u64 ask_host(void)
{
	struct tdx_module_args args = { .r11 = TDVMCALL_GET_QUOTE,
					.r12 = pa_of(&buffer).value | tdx_info.shared_mask,
					.r13 = sizeof(buffer) };

	return tdvmcall(&args);
}

static int ask_patiently(struct deadline *deadline, u64 *status)
{
	while ((*status = ask_host()) == TDVMCALL_STATUS_RETRY)
		for (unsigned int i = 0; i < LOOKS_BUSY; i++) {
			if (deadline_is_over(deadline))
				return -E_AGAIN;
			cpu_relax();
		}
	return *status ? -E_IO : 0;
}

static int wait(struct deadline *deadline, u64 *status)
{
	while ((*status = READ_ONCE(buffer.header.status)) == TDX_QUOTE_IN_FLIGHT) {
		if (deadline_is_over(deadline))
			return -E_AGAIN;
		cpu_relax();
	}
	return *status == TDX_QUOTE_SUCCESS ? 0 : -E_IO;
}

/* The buffer is ours again at the end, whatever the host still wants to write there. */
static int carry(const struct tdx_quote_way *way, struct tdx_quote *quote, u64 *status)
{
	struct deadline deadline = deadline_in(PATIENCE);
	const u64 page_count = sizeof(buffer) / PAGE_SIZE;
	int unshared, err = visibility_share(va_of(&buffer), page_count, "quote", way->share);

	if (err)
		return err;
	memset(&buffer, 0, sizeof(buffer));
	buffer.header.version = TDX_QUOTE_VERSION;
	buffer.header.in_size = sizeof(quote->report);
	memcpy(buffer.data, &quote->report, sizeof(quote->report));
	err = ask_patiently(&deadline, status);
	if (!err)
		err = wait(&deadline, status);
	if (!err) {
		quote->size = READ_ONCE(buffer.header.out_size);
		if (quote->size > sizeof(quote->bytes))
			err = -E_PERM;
		else
			memcpy(quote->bytes, buffer.data, quote->size);
	}
	unshared = visibility_unshare(va_of(&buffer), page_count, way->unshare);
	CHECK(!unshared);
	return err;
}

/* Where a body of TDX 1.0, as all begin, has what the module said. */
static bool is_of_report(const struct tdx_quote_body *body, const struct tdx_report *r)
{
	return body->td_attributes == r->td.attributes && body->xfam == r->td.xfam &&
	       !memcmp(body->tee_tcb_svn, r->tcb.tee_tcb_svn, sizeof(body->tee_tcb_svn)) &&
	       !memcmp(body->mr_seam, r->tcb.mr_seam, sizeof(body->mr_seam)) &&
	       !memcmp(body->mrtd, r->td.mrtd, sizeof(body->mrtd)) &&
	       !memcmp(body->mrconfigid, r->td.mrconfigid, sizeof(body->mrconfigid)) &&
	       !memcmp(body->mrowner, r->td.mrowner, sizeof(body->mrowner)) &&
	       !memcmp(body->mrownerconfig, r->td.mrownerconfig, sizeof(body->mrownerconfig)) &&
	       !memcmp(body->rtmr, r->td.rtmr, sizeof(body->rtmr)) &&
	       !memcmp(body->report_data, r->mac.report_data, sizeof(body->report_data));
}

static bool is_quote(const struct tdx_quote *q)
{
	size_t at = sizeof(struct tdx_quote_head);
	struct tdx_quote_head head;
	struct tdx_quote_body body;
	u16 type;

	if (q->size < at + TDX_QUOTE_BODY_HEAD_SIZE + sizeof(body))
		return false;
	memcpy(&head, q->bytes, sizeof(head));
	if (head.tee_type != TDX_QUOTE_TEE || head.version < TDX_QUOTE_V4 ||
	    head.version > TDX_QUOTE_V5)
		return false;
	if (head.version == TDX_QUOTE_V5) {
		memcpy(&type, q->bytes + at, sizeof(type));
		if (type != TDX_QUOTE_BODY_TDX_1_0 && type != TDX_QUOTE_BODY_TDX_1_5)
			return false;
		at += TDX_QUOTE_BODY_HEAD_SIZE;
	}
	memcpy(&body, q->bytes + at, sizeof(body));
	return is_of_report(&body, &q->report);
}

int tdx_quote_ask(const u8 data[TDX_REPORT_DATA_SIZE], const struct tdx_quote_way *way,
		  struct tdx_quote *quote, u64 *status)
{
	int err;

	memset(quote, 0, sizeof(*quote));
	err = ask_module(data, &quote->report, status);
	if (!err)
		err = carry(way, quote, status);
	if (err)
		return err;
	return is_quote(quote) ? 0 : -E_PERM;
}
