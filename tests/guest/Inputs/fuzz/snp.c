/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases of fuzz.h with page states: PVALIDATE, RMPADJUST and page-state changes of the arena's
 * pages, legal as a rule, in batches of every size and form, with entries that are refused.
 */
#include "fuzz.h"

#include "abi/sev.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/string.h"
#include "paravirt/ghcb.h"

#define PAGES_2M (PAGE_2M_SIZE / PAGE_SIZE)

static bool uniform(const struct fuzz *f, u64 page, u64 count, enum fuzz_page state)
{
	for (u64 i = page; i < page + count; i++)
		if (f->pages[i] != state)
			return false;
	return true;
}

static void mark(struct fuzz *f, u64 page, u64 count, enum fuzz_page state)
{
	memset(f->pages + page, state, count);
}

/* Private pages there and back; of 2M where all are alike, which the RMP may refuse. */
static void validate(struct fuzz *f)
{
	u64 page = fuzz_page(f), count = 1;
	bool large = fuzz_one_in(f, 8), unchanged;
	enum fuzz_page from, to;

	if (large) {
		page = align_down(page, PAGES_2M);
		count = PAGES_2M;
	}
	from = f->pages[page];
	to = from == FUZZ_PRIVATE ? FUZZ_UNUSABLE : FUZZ_PRIVATE;
	if (from == FUZZ_SHARED || !uniform(f, page, count, from))
		return;
	if (!pvalidate(fuzz_gpa(f, page), large, to == FUZZ_PRIVATE, &unchanged))
		mark(f, page, count, to);
	f->exits++;
}

/* Rights of the other levels, which nobody runs at. */
static void adjust(struct fuzz *f)
{
	u64 page = fuzz_page_in(f, FUZZ_PRIVATE);
	u64 attributes = fuzz_below(f, 5) | (fuzz_random(f) & 0xff00);

	if (page == FUZZ_PAGES)
		return;
	if (fuzz_one_in(f, 4))
		attributes = fuzz_bend(f, attributes) & ~(u64)RMPADJUST_VMSA;
	(void)!rmpadjust(fuzz_gpa(f, page), fuzz_bend(f, fuzz_below(f, 2)), attributes);
	f->exits++;
}

/* What is left of an entry that is done. */
static void done(struct fuzz *f, u64 entry)
{
	u64 page = psc_entry_gfn(entry) - (fuzz_gpa(f, 0) >> PAGE_SHIFT), first = page;
	u64 count = psc_entry_page_size(entry) == PSC_PAGE_SIZE_2M ? PAGES_2M : 1;
	unsigned int op = psc_entry_op(entry);

	if (page >= FUZZ_PAGES)
		return;
	for (page += psc_entry_cur_page(entry); page < first + count; page++)
		if (op == PSC_OP_SHARED)
			f->pages[page] = FUZZ_SHARED;
		else if (op == PSC_OP_PRIVATE && f->pages[page] == FUZZ_SHARED)
			f->pages[page] = FUZZ_UNUSABLE;
}

static bool holds(const struct fuzz *f, u64 page, u64 count, enum fuzz_page state)
{
	for (u64 i = page; i < page + count; i++)
		if (f->pages[i] == state)
			return true;
	return false;
}

/* Legal for its pages as they will be then; or a hint, for any. 0: none comes to mind. */
static u64 draw(struct fuzz *f)
{
	bool large = fuzz_one_in(f, 8);
	u64 page = fuzz_page(f), count = large ? PAGES_2M : 1;
	unsigned int op = PSC_OP_PRIVATE + (unsigned int)fuzz_below(f, 2);

	if (large)
		page = align_down(page, PAGES_2M);
	if (fuzz_one_in(f, 8))
		op += 2;
	if (op == PSC_OP_SHARED && holds(f, page, count, FUZZ_PRIVATE) && !fuzz_rare(f))
		return 0;
	return psc_entry(fuzz_gpa(f, page) >> PAGE_SHIFT, op,
			 large ? PSC_PAGE_SIZE_2M : PSC_PAGE_SIZE_4K);
}

/* Refused, or begun; the address stays in the arena, or is nobody's. */
static u64 spoil(struct fuzz *f, u64 entry)
{
	switch (fuzz_below(f, 4)) {
	case 0: return entry | BIT(57 + fuzz_below(f, 7));
	case 1: return entry | fuzz_below(f, fuzz_one_in(f, 2) ? 0x201 : 0x1000);
	case 2: return (entry & ~(U64_C(15) << 52)) | (5 + fuzz_below(f, 12)) % 16 << 52;
	default: return entry | BIT(40 + fuzz_below(f, 12));
	}
}

/* A list of entries, as they are to be asked for; the states are as if all were done. */
static u64 draw_list(struct fuzz *f, u64 *entries, u64 most)
{
	u64 wanted = 1 + fuzz_below(f, fuzz_one_in(f, 2) ? 4 : most), count = 0;

	for (u64 i = 0; i < wanted; i++) {
		u64 entry = draw(f);

		if (!entry)
			continue;
		if (fuzz_one_in(f, 128))
			entry = spoil(f, entry);
		done(f, entry);
		entries[count++] = entry;
	}
	return count;
}

static struct psc_header draw_header(struct fuzz *f, u64 count)
{
	struct psc_header header = { .end_entry = (u16)(count - 1) };

	if (fuzz_one_in(f, 32))
		header.end_entry = (u16)(count + fuzz_below(f, 300));
	if (!count || fuzz_one_in(f, 32))
		header.cur_entry = header.end_entry + 1;
	if (fuzz_rare(f))
		header.reserved = (u32)fuzz_number(f);
	return header;
}

/* The answer says how far it came. */
static void batch(struct fuzz *f)
{
	static u64 lists[8][PSC_ENTRY_MAX];
	static u8 states[8][FUZZ_PAGES];
	u64 *list = lists[f->cpu], at = fuzz_one_in(f, 4) ? fuzz_below(f, 32) : 0, count;
	struct ghcb_request r = ghcb_begin();
	u64 *buffer = (u64 *)r.ghcb->shared_buffer + at;
	struct psc_header header;

	memcpy(states[f->cpu], f->pages, FUZZ_PAGES);
	count = draw_list(f, list, PSC_ENTRY_MAX - at);
	memcpy(f->pages, states[f->cpu], FUZZ_PAGES);
	header = draw_header(f, count);
	for (u64 i = 0; i < PSC_ENTRY_MAX - at; i++) /* those behind the list are refused */
		buffer[1 + i] = i < count ? list[i] : ~U64_C(0);
	memcpy(buffer, &header, sizeof(header));
	ghcb_set(r.ghcb, sw_scratch, (u64)(uintptr_t)buffer);
	ghcb_set(r.ghcb, sw_exit_code, SVM_VMGEXIT_PSC);
	ghcb_set(r.ghcb, sw_exit_info_1, 0);
	ghcb_set(r.ghcb, sw_exit_info_2, 0);
	vmgexit();
	fuzz_look_at(r.ghcb, sizeof(*r.ghcb));
	for (u64 i = header.cur_entry; i < ((struct psc_header *)buffer)->cur_entry && i < count;
	     i++)
		done(f, list[i]);
	ghcb_end(&r);
	f->exits++;
}

/* One by the MSR. */
static void change(struct fuzz *f)
{
	u64 old = rdmsr(MSR_GHCB), entry = draw(f);

	if (!entry || psc_entry_page_size(entry) != PSC_PAGE_SIZE_4K)
		return;
	if (fuzz_one_in(f, 32))
		entry = spoil(f, entry) & ~bits_mask(12);
	wrmsr(MSR_GHCB, entry | GHCB_MSR_PSC_REQ);
	vmgexit();
	if (!(rdmsr(MSR_GHCB) >> 32) && psc_entry_op(entry) <= PSC_OP_SHARED)
		done(f, entry);
	wrmsr(MSR_GHCB, old);
	f->exits++;
}

void fuzz_page_state(struct fuzz *f)
{
	switch (fuzz_below(f, 8)) {
	case 0: adjust(f); break;
	case 1:
	case 2: batch(f); break;
	case 3:
	case 4: change(f); break;
	default: validate(f);
	}
}
