/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's messages to its firmware, which the host carries; in the extended form it adds the
 * certificates that it has.
 * Spec: GHCB 4.1.7, 4.1.8.
 */
#include "lib/compiler.h"
#include "lib/string.h"
#include "monitor/hardware/guest_message.h"
#include "monitor/hardware/snp_message.h"
#include "monitor/host/ghcb_answers.h"
#include "monitor/host/liar.h"
#include "monitor/machine/end.h"
#include "monitor/machine/test_root.h"
#include "monitor/svm/pages.h"

struct pages {
	const struct snp_message *request;
	struct snp_message *response;
};

/* Both pages are the host's to read and write, or there is no request. */
static bool find_pages(struct ghcb *g, struct pages *p)
{
	u64 from = g->save.sw_exit_info_1, to = g->save.sw_exit_info_2;

	p->request = page_of_host(from, PAGE_SIZE);
	p->response = page_of_host(to, PAGE_SIZE);
	if (is_aligned(from, (u64)PAGE_SIZE) && is_aligned(to, (u64)PAGE_SIZE) && from != to &&
	    p->request && p->response)
		return true;
	ghcb_reply_error(g, GHCB_ERR_INVALID_INPUT);
	return false;
}

/* The type is no secret: what is looked at is what the host sees. */
static u64 carry(struct vcpu *v, const struct pages *p)
{
	u8 type = READ_ONCE(p->request->header.type);
	const char *name = guest_message_name(type);
	u64 status = liar_carries_nothing() ? GHCB_GUEST_REQUEST_BUSY
					    : snp_message_request(p->request, p->response);

	if (name)
		TRACE(v->id, VMGEXIT, "message=%s", name);
	else
		TRACE(v->id, VMGEXIT, "message=%#x", type);
	return status;
}

void answer_guest_request(struct vcpu *v, const struct ghcb_request *r)
{
	struct ghcb *g = r->ghcb;
	struct pages p;

	if (!find_pages(g, &p))
		return;
	ghcb_reply(g);
	GHCB_SET(g, sw_exit_info_2, carry(v, &p));
}

/* Pages in the guest's order, each of which it must have shared. */
static bool put_certificates(u64 gpa, bool write)
{
	const struct guid_data *c = &test_root.certificates;

	for (u64 at = 0; at < c->size; at += PAGE_SIZE) {
		u64 size = c->size - at < PAGE_SIZE ? c->size - at : PAGE_SIZE;
		void *page = page_of_host(gpa + at, PAGE_SIZE);

		if (!page)
			return false;
		if (write)
			memcpy(page, c->bytes + at, size);
	}
	return true;
}

/* Without room for the certificates nothing is carried, and the guest is told how much it takes. */
void answer_ext_guest_request(struct vcpu *v, const struct ghcb_request *r)
{
	struct ghcb *g = r->ghcb;
	u64 gpa = g->save.rax, page_count = g->save.rbx, status;
	u64 wanted = align_up(test_root.certificates.size, (u64)PAGE_SIZE) >> PAGE_SHIFT;
	struct pages p;

	if (!find_pages(g, &p))
		return;
	if (page_count < wanted) {
		ghcb_reply(g);
		GHCB_SET(g, rbx, wanted);
		GHCB_SET(g, sw_exit_info_2, GHCB_GUEST_REQUEST_INVALID_LENGTH);
		return;
	}
	if (!is_aligned(gpa, (u64)PAGE_SIZE) || !put_certificates(gpa, false)) {
		ghcb_reply_error(g, GHCB_ERR_INVALID_INPUT);
		return;
	}
	status = carry(v, &p);
	if (!status)
		(void)put_certificates(gpa, true);
	ghcb_reply(g);
	GHCB_SET(g, sw_exit_info_2, status);
}
