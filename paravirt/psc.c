/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page-state changes and validation. What the host writes into the descriptor is read once,
 * compared with our private copy, and every further exit gets its entries from that copy again.
 */
#include "paravirt/ghcb.h"

#include "abi/sev.h"
#include "early/ghcb_msr.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "lib/string.h"
#include "paravirt/visibility.h"

#define PAGES_PER_2M (PAGE_2M_SIZE / PAGE_SIZE)
/* Exits that a host may use up without coming further: a 2M entry may take one for each page. */
#define STALL_MAX PAGES_PER_2M

static bool eviction_needed __ro_after_init = true;

void psc_fill(struct psc_desc *desc, u64 *gfn, u64 end, unsigned int op)
{
	unsigned int count = 0;

	while (*gfn < end && count < PSC_ENTRY_MAX) {
		bool large = is_aligned(*gfn, PAGES_PER_2M) && end - *gfn >= PAGES_PER_2M;

		desc->entries[count++] =
			psc_entry(*gfn, op, large ? PSC_PAGE_SIZE_2M : PSC_PAGE_SIZE_4K);
		*gfn += large ? PAGES_PER_2M : 1;
	}
	desc->header = (struct psc_header){ .cur_entry = 0, .end_entry = (u16)(count - 1) };
}

/* Where the host says it stopped: entry, and page inside that entry. */
struct position {
	u16 entry;
	u16 page;
};

/*
 * Reads and checks the descriptor after an exit: the position never goes back, the end and the
 * reserved field are as before. @shared may change while we look at it.
 */
static struct position read_position(const struct psc_desc *shared, u16 end, struct position before)
{
	struct psc_header header;
	struct position now;

	memcpy(&header, &shared->header, sizeof(header));
	if (header.end_entry != end || header.reserved || header.cur_entry < before.entry ||
	    header.cur_entry > end + 1)
		ghcb_terminate(TERM_RESPONSE);
	now = (struct position){ .entry = header.cur_entry };
	if (now.entry <= end)
		now.page = (u16)psc_entry_cur_page(READ_ONCE(shared->entries[now.entry]));
	if (now.page > PAGES_PER_2M || (now.entry == before.entry && now.page < before.page))
		ghcb_terminate(TERM_RESPONSE);
	return now;
}

static void write_desc(struct psc_desc *shared, const struct psc_desc *desc, struct position at)
{
	memcpy(shared, desc, sizeof(*shared));
	shared->header.cur_entry = at.entry;
	shared->entries[at.entry] |= bits_put(at.page, 11, 0);
}

/* One exit from position *at on; 0 or the host's error. */
static u64 request_once(const struct psc_desc *desc, struct position *at)
{
	struct ghcb_request r = ghcb_begin();
	struct psc_desc *shared = (struct psc_desc *)r.ghcb->shared_buffer;
	struct host_exception exception;
	u64 error;

	write_desc(shared, desc, *at);
	ghcb_set(r.ghcb, sw_scratch, pa_of(shared).value);
	if (ghcb_exit(r.ghcb, SVM_VMGEXIT_PSC, 0, 0, &exception))
		ghcb_terminate(TERM_PSC);
	error = ghcb_get(r.ghcb, sw_exit_info_2);
	if (!error)
		*at = read_position(shared, desc->header.end_entry, *at);
	ghcb_end(&r);
	return error;
}

u64 psc_request(const struct psc_desc *desc)
{
	struct position at = { .entry = desc->header.cur_entry };
	unsigned int stalls = 0;

	while (at.entry <= desc->header.end_entry) {
		u16 before = at.entry;
		u64 error = request_once(desc, &at);

		if (error)
			return error;
		stalls = at.entry == before ? stalls + 1 : 0;
		if (stalls > STALL_MAX)
			ghcb_terminate(TERM_PSC);
	}
	return 0;
}

static void change_by_ghcb(u64 gfn, u64 end, unsigned int op)
{
	struct psc_desc desc = { 0 };

	while (gfn < end) {
		u64 first = gfn, error;

		psc_fill(&desc, &gfn, end, op);
		error = psc_request(&desc);
		if (error) {
			log_error("the host refused page state %u from gfn %#lx on: %#lx", op,
				  first, error);
			ghcb_terminate(TERM_PSC);
		}
	}
}

void psc_change(pa_t start, u64 page_count, unsigned int op)
{
	u64 gfn = start.value >> PAGE_SHIFT, end = gfn + page_count;

	if (ghcb_is_ready()) {
		change_by_ghcb(gfn, end, op);
		return;
	}
	for (; gfn < end; gfn++) {
		if (ghcb_msr_psc(gfn, op))
			ghcb_terminate(TERM_PSC);
	}
}

void psc_set_eviction(bool needed) { eviction_needed = needed; }

/* A read of the first and of the last cache line with our key flushes all lines of a 4K page. */
static void evict(u64 address, u64 end)
{
	for (; address < end; address += PAGE_SIZE) {
		(void)*(const volatile u8 *)(uintptr_t)address;
		(void)*(const volatile u8 *)(uintptr_t)(address + PAGE_SIZE - 1);
	}
}

/* CF tells that the page was in this state already: somebody played with it, or we did twice. */
static bool validate_unit(u64 address, bool is_large, bool validate)
{
	bool unchanged;
	u32 status = pvalidate(address, is_large ? RMP_PG_SIZE_2M : RMP_PG_SIZE_4K, validate,
			       &unchanged);

	if (status == PVALIDATE_FAIL_SIZEMISMATCH && is_large)
		return false;
	if (status || unchanged) {
		log_error("pvalidate of %#lx to %u: status %u, %s", address, validate, status,
			  unchanged ? "nothing changed" : "changed");
		ghcb_terminate(TERM_PVALIDATE);
	}
	return true;
}

void psc_validate(va_t start, u64 page_count, bool validate)
{
	static struct unit_patience patience[2]; /* a page that is given up has the size it has */

	page_units_each(start.value, page_count, validate, validate_unit, &patience[validate]);
	if (validate && eviction_needed)
		evict(start.value, start.value + page_count * PAGE_SIZE);
}
