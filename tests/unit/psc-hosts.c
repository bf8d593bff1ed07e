/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page-state changes go in batches of 253 entries with 2M ones where they fit; a host that does a
 * part at a time is followed; one that refuses, goes back, grows the list, writes what it must not
 * or never comes further is left. PVALIDATE falls back from 2M to 4K, and "nothing changed" ends.
 * RUN: %unit-cc -include %S/Inputs/ghcb-host.h %s %S/Inputs/ghcb-host.c \
 * RUN:   %root/early/ghcb_msr.c %root/paravirt/ghcb.c %root/paravirt/psc.c -o %t
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "abi/sev.h"
#include "paravirt/ghcb.h"
#include "Inputs/no-end.h"

#define M2_PAGES 512

/* ---- what is put into a batch */

static void test_fill(void)
{
	struct psc_desc desc = { 0 };
	u64 gfn = 1;

	/* up to a 2M boundary by 4K, two of 2M, three of 4K */
	psc_fill(&desc, &gfn, 3 * M2_PAGES + 3, PSC_OP_SHARED);
	assert(gfn == 254 && desc.header.end_entry == 252 && !desc.header.cur_entry);
	assert(desc.entries[0] == psc_entry(1, PSC_OP_SHARED, PSC_PAGE_SIZE_4K));
	psc_fill(&desc, &gfn, 3 * M2_PAGES + 3, PSC_OP_SHARED);
	assert(gfn == 507);
	psc_fill(&desc, &gfn, 3 * M2_PAGES + 3, PSC_OP_SHARED);
	assert(gfn == 3 * M2_PAGES + 3 && desc.header.end_entry == 5 + 2 + 3 - 1);
	assert(desc.entries[5] == psc_entry(512, PSC_OP_SHARED, PSC_PAGE_SIZE_2M));
	assert(desc.entries[6] == psc_entry(1024, PSC_OP_SHARED, PSC_PAGE_SIZE_2M));
	assert(desc.entries[7] == psc_entry(1536, PSC_OP_SHARED, PSC_PAGE_SIZE_4K));
}

/* ---- hosts */

static struct psc_desc *desc_of(struct ghcb *g)
{
	assert(g->save.sw_exit_code == SVM_VMGEXIT_PSC);
	assert(g->save.sw_scratch == (u64)(uintptr_t)g->shared_buffer);
	return (struct psc_desc *)g->shared_buffer;
}

static u64 pages_done;
static unsigned int entries_an_exit = PSC_ENTRY_MAX;

static void host_works(struct ghcb *g)
{
	struct psc_desc *d = desc_of(g);
	unsigned int n = 0;

	for (; d->header.cur_entry <= d->header.end_entry && n < entries_an_exit; n++) {
		u64 entry = d->entries[d->header.cur_entry++];

		assert(!psc_entry_cur_page(entry) && !psc_entry_reserved(entry));
		pages_done += psc_entry_page_size(entry) ? M2_PAGES : 1;
	}
	host_answer(g, 0, 0);
}

/* Page by page inside a 2M entry. */
static void host_crawls(struct ghcb *g)
{
	struct psc_desc *d = desc_of(g);
	u64 *entry = &d->entries[d->header.cur_entry];

	pages_done++;
	if (psc_entry_page_size(*entry) && psc_entry_cur_page(*entry) + 1 < M2_PAGES)
		*entry += 1;
	else
		d->header.cur_entry++;
	host_answer(g, 0, 0);
}

static void host_refuses(struct ghcb *g) { host_answer(g, 0, PSC_ERROR_GENERIC); }

static void host_raises(struct ghcb *g)
{
	host_answer(g, 1, EVENT_VALID | EVENT_TYPE_EXCEPTION << EVENT_TYPE_SHIFT | VEC_GP);
}

static void host_sleeps(struct ghcb *g) { host_answer(g, 0, 0); }

static unsigned int step;

static void host_goes_back(struct ghcb *g)
{
	desc_of(g)->header.cur_entry = step++ ? 1 : 2;
	host_answer(g, 0, 0);
}

static void host_page_goes_back(struct ghcb *g)
{
	desc_of(g)->entries[0] += step++ ? -1 : 5;
	host_answer(g, 0, 0);
}

static void host_grows(struct ghcb *g)
{
	struct psc_desc *d = desc_of(g);

	d->header.cur_entry++;
	d->header.end_entry++;
	host_answer(g, 0, 0);
}

static void host_overshoots(struct ghcb *g)
{
	struct psc_desc *d = desc_of(g);

	d->header.cur_entry = d->header.end_entry + 2;
	host_answer(g, 0, 0);
}

static void host_writes_reserved(struct ghcb *g)
{
	struct psc_desc *d = desc_of(g);

	d->header.cur_entry = d->header.end_entry + 1;
	d->header.reserved = 1;
	host_answer(g, 0, 0);
}

/* Claims the first entry, and rewrites those behind it. */
static void host_forges(struct ghcb *g)
{
	struct psc_desc *d = desc_of(g);

	for (unsigned int i = d->header.cur_entry; i <= d->header.end_entry; i++)
		assert(psc_entry_op(d->entries[i]) == PSC_OP_SHARED &&
		       psc_entry_gfn(d->entries[i]) < 16);
	d->header.cur_entry++;
	for (unsigned int i = 0; i <= d->header.end_entry; i++)
		d->entries[i] = psc_entry(0xbad, PSC_OP_PRIVATE, 0);
	host_answer(g, 0, 0);
}

static u64 change_start, change_count;

static void change(void) { psc_change(pa(change_start), change_count, PSC_OP_SHARED); }

static int with(void (*host)(struct ghcb *g))
{
	host_page = host;
	host_page_exits = 0;
	pages_done = 0;
	step = 0;
	return host_terminates(change);
}

/* A run that terminates keeps the page in use, as no guest lives to see. */
static void recover(void)
{
	static struct ghcb scrap;
	struct ghcb_request r = { .ghcb = &scrap, .flags = RFLAGS_IF };

	ghcb_end(&r);
}

static void test_good_hosts(void)
{
	change_start = 0x200000;
	change_count = 2 * M2_PAGES;
	assert(with(host_works) == -1 && pages_done == 1024 && host_page_exits == 1);
	change_start = 0x1000;
	change_count = 1000; /* 4K up to the first 2M boundary and behind it: issue 2's figure */
	assert(with(host_works) == -1 && pages_done == 1000 && host_page_exits == 4);
	entries_an_exit = 1;
	assert(with(host_works) == -1 && pages_done == 1000 && host_page_exits == 1000);
	entries_an_exit = PSC_ENTRY_MAX;
	change_start = 0x200000;
	change_count = 513;
	assert(with(host_crawls) == -1 && pages_done == 513 && host_page_exits == 513);
	change_start = 0;
	change_count = 16;
	assert(with(host_forges) == -1 && host_page_exits == 16);
}

static void test_bad_hosts(void)
{
	void (*const liars[])(struct ghcb *) = { host_goes_back, host_grows, host_overshoots,
						 host_writes_reserved };

	change_start = 0x1000;
	change_count = 16;
	for (size_t i = 0; i < sizeof(liars) / sizeof(liars[0]); i++) {
		assert(with(liars[i]) == TERM_RESPONSE);
		recover();
	}
	assert(with(host_refuses) == TERM_PSC);
	assert(with(host_raises) == TERM_PSC);
	recover();
	assert(with(host_sleeps) == TERM_PSC && host_page_exits < 1000);
	change_start = 0x200000;
	change_count = 512;
	assert(with(host_page_goes_back) == TERM_RESPONSE);
	recover();
}

/* ---- before there is a GHCB */

static unsigned int msr_fails_at = ~0U;

static u64 host_msr_psc(u64 request)
{
	assert(ghcb_msr_info(request) == GHCB_MSR_PSC_REQ);
	assert(request == ghcb_msr_psc_req(0x10 + host_msr_exits - 1, PSC_OP_SHARED));
	return ghcb_msr_psc_resp(host_msr_exits == msr_fails_at ? 1 : 0);
}

static void test_msr(void)
{
	host_msr = host_msr_psc;
	host_msr_exits = 0;
	change_start = 0x10000;
	change_count = 5;
	assert(host_terminates(change) == -1 && host_msr_exits == 5);
	host_msr_exits = 0;
	msr_fails_at = 3;
	assert(host_terminates(change) == TERM_PSC && host_msr_exits == 3);
	host_msr = host_msr_default;
}

/* ---- PVALIDATE */

static u64 large_until, validated, calls, unchanged_at = 1, fails_at = 1;

static u32 host_validates(u64 address, u32 size, u32 validate, bool *unchanged)
{
	u64 bytes = size == RMP_PG_SIZE_2M ? PAGE_2M_SIZE : PAGE_SIZE;

	assert(validate <= 1 && address % bytes == 0);
	calls++;
	*unchanged = address == unchanged_at;
	if (size == RMP_PG_SIZE_2M && address >= large_until)
		return PVALIDATE_FAIL_SIZEMISMATCH;
	if (address == fails_at)
		return PVALIDATE_FAIL_INPUT;
	validated += bytes;
	return 0;
}

static void validate(void)
{
	calls = 0;
	validated = 0;
	psc_validate(va(0x1ff000), 1 + 2 * M2_PAGES + 1, true);
}

static void test_validate(void)
{
	host_pvalidate = host_validates;
	psc_set_eviction(false); /* there is no memory here to read */
	large_until = ~U64_C(0);
	assert(host_terminates(validate) == -1);
	assert(calls == 1 + 2 + 1 && validated == (2 * M2_PAGES + 2) * PAGE_SIZE);
	large_until = 0x400000; /* the second 2M is 4K pages */
	assert(host_terminates(validate) == -1);
	assert(calls == 1 + 1 + 1 + 512 + 1 && validated == (2 * M2_PAGES + 2) * PAGE_SIZE);
	unchanged_at = 0x400000 + 7 * PAGE_SIZE;
	assert(host_terminates(validate) == TERM_PVALIDATE);
	unchanged_at = 1;
	fails_at = 0x1ff000;
	assert(host_terminates(validate) == TERM_PVALIDATE);
}

int main(void)
{
	test_fill();
	test_msr();
	host_setup();
	test_good_hosts();
	test_bad_hosts();
	test_validate();
	puts("ok");
	return 0;
}
