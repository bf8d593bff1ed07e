/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where memory comes from: the first units for what mm itself needs, a heap, the rest to
 * phys_alloc(), a unit whenever it has nothing left.
 */
#include "mm/supply.h"

#include "early/early_pgtable.h"
#include "early/fatal.h"
#include "lib/panic.h"
#include "lib/spinlock.h"
#include "mm/accept.h"
#include "mm/heap.h"
#include "mm/mm.h"
#include "mm/page_states.h"
#include "mm/phys.h"
#include "mm/tables.h"

/* For the tables of the image and of devices, before there are other units. */
#define FIRST_PAGES 16

static struct supply supply;        /* as long as the guest runs: others refer to it */
static struct spinlock supply_lock; /* of where the handing out is */
static u64 unit_next, remnant_next; /* addresses: what is below is handed out */
static bool remnant_is_end;         /* of the piece at remnant_next only the end is left */

/* By their address: claims of it are found again. */
static const char pages_user[] = "pages";

/* Where RAM ends. */
static u64 ram_limit(void)
{
	u64 limit = 0;

	for (u32 i = 0; i < memory_map.count; i++)
		if (memory_map.ranges[i].type <= MEMORY_IMAGE)
			limit = memory_range_end(&memory_map.ranges[i]);
	return limit;
}

/* The next piece of RAM above low memory that nobody has. */
static bool next_free(u64 from, struct memory_piece *piece)
{
	return memory_map_next_free(from > LOW_MEMORY_END ? from : LOW_MEMORY_END, piece);
}

/* Of what memory_map_next_free() gave: there are more claims than a map has pieces. */
static void claim(u64 start, u64 end, const char *user)
{
	int error = memory_map_claim(start, end - start, MEMORY_IN_RAM, user);

	if (error)
		panic("supply: %#lx, for %s, cannot be claimed: error %d", start, user, -error);
}

/* Before anybody else has any. */
static void own(u64 start, u64 end)
{
	int error = page_states_move(start, end - start, PAGE_GIVEN, PAGE_USED);

	if (error)
		panic("supply: %#lx is %s", start,
		      page_states_what(start, end - start, PAGE_GIVEN));
}

/* The early tables map it private. */
static u64 first_find(u64 size)
{
	struct memory_piece piece;

	for (u64 from = 0; next_free(from, &piece); from = piece.end) {
		u64 start = align_up(piece.start, (u64)PAGE_2M_SIZE);

		if (start + size <= piece.end && start + size <= EARLY_PGTABLE_MMIO_START)
			return start;
	}
	exit_cannot_run("memory: no RAM below 3 GiB has %lu MiB in one piece, for page tables",
			size >> 20);
}

/*
 * What the first units hold:
 *   | pages for phys_alloc() | tables of RAM | the store of page states |
 * The pages come first, so that a search for one is as long whatever the size of the rest.
 */
const struct supply *supply_init(void)
{
	u64 limit = ram_limit(), states_size = page_states_size(limit);
	u64 tables_size = tables_ram_size(limit), start, states;
	u64 size = align_up(states_size + tables_size + FIRST_PAGES * PAGE_SIZE, (u64)PAGE_2M_SIZE);

	if (!mm_reaches(limit))
		exit_cannot_run("memory: RAM up to %#lx, and addresses of %u bits", limit,
				platform.address_width);
	start = first_find(size);
	states = start + size - states_size;
	supply.first = (struct memory_piece){ start, start + size };
	supply.tables = (struct memory_piece){ states - tables_size, states };
	claim(start, start + size, "mm");
	accept_first(pa(start), size);
	page_states_init(pa_ptr(pa(states)), limit);
	phys_init();
	phys_add(pa(start), supply.tables.start - start);
	own(supply.tables.start, start + size);
	return &supply;
}

static u64 units_start(struct memory_piece piece)
{
	return align_up(piece.start, (u64)PAGE_2M_SIZE);
}

/* The end of the last whole 2M unit; units_start() when there is none. */
static u64 units_end(struct memory_piece piece)
{
	u64 start = units_start(piece), end = align_down(piece.end, (u64)PAGE_2M_SIZE);

	return end > start ? end : start;
}

/* The upper half of the largest piece. */
static void heap_set_aside(void)
{
	struct memory_piece piece, largest = { 0 };
	u64 start, end;

	for (u64 from = 0; next_free(from, &piece); from = piece.end)
		if (piece.end - piece.start > largest.end - largest.start)
			largest = piece;
	end = units_end(largest);
	start = align_up(units_start(largest) + (end - units_start(largest)) / 2,
			 (u64)PAGE_2M_SIZE);
	if (start >= end)
		exit_cannot_run("memory: no RAM is left for a heap");
	heap_init(pa(start), end - start);
	claim(start, end, "heap");
}

static void pages_set_aside(void)
{
	struct memory_piece piece;

	for (u64 from = 0; next_free(from, &piece); from = piece.end)
		claim(piece.start, piece.end, pages_user);
}

/* The first of the pieces for phys_alloc() that ends behind @from. */
static bool next_pages(u64 from, struct memory_piece *piece)
{
	struct memory_claim claim;

	for (; memory_map_next_claim(from, &claim); from = claim.end) {
		*piece = (struct memory_piece){ claim.start, claim.end };
		if (claim.user == pages_user)
			return true;
	}
	return false;
}

static void hand_remnant(u64 start, u64 end)
{
	accept_pages(pa(start), end - start);
	phys_add(pa(start), end - start);
}

/*
 * What does not fill a 2M unit takes an exit for each 4K page: it is accepted when all else is
 * gone. The beginning of each piece, then its end.
 */
static int supply_remnant(void)
{
	struct memory_piece piece;

	while (next_pages(remnant_next, &piece)) {
		u64 first = units_start(piece) < piece.end ? units_start(piece) : piece.end;
		u64 last = units_end(piece) > first ? units_end(piece) : first;
		bool is_end = remnant_is_end;

		remnant_is_end = !is_end;
		remnant_next = is_end ? piece.end : remnant_next;
		if (!is_end && piece.start < first) {
			hand_remnant(piece.start, first);
			return 0;
		}
		if (is_end && last < piece.end) {
			hand_remnant(last, piece.end);
			return 0;
		}
	}
	return -E_NOMEM;
}

/* The next whole 2M unit. */
static int supply_unit(void)
{
	struct memory_piece piece;

	while (next_pages(unit_next, &piece)) {
		u64 at = unit_next > units_start(piece) ? unit_next : units_start(piece);

		unit_next = at < units_end(piece) ? at + PAGE_2M_SIZE : piece.end;
		if (at >= units_end(piece))
			continue;
		accept_range(pa(at), PAGE_2M_SIZE);
		phys_add(pa(at), PAGE_2M_SIZE);
		return 0;
	}
	return supply_remnant();
}

static int supply_more(void)
{
	int error;

	spin_lock(&supply_lock);
	error = supply_unit();
	spin_unlock(&supply_lock);
	return error;
}

void supply_hand_out(void)
{
	heap_set_aside();
	pages_set_aside();
	unit_next = remnant_next = 0;
	remnant_is_end = false;
	phys_set_refill(supply_more);
}

/* Claims of mm that touch are one run of memory: few calls of the hook. */
void supply_accept_all(void)
{
	struct memory_claim claim;
	struct memory_piece run = { 0 };

	for (u64 from = LOW_MEMORY_END; memory_map_next_claim(from, &claim); from = run.end) {
		run = (struct memory_piece){ claim.start, claim.end };
		while (memory_map_claim_of(run.end, &claim))
			run.end = claim.end;
		if (memory_map_is(run.start, run.end - run.start, MEMORY_RAM))
			accept_range(pa(units_start(run)), units_end(run) - units_start(run));
	}
}
