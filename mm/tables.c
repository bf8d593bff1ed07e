/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The final tables: what is mapped where, and how it is protected.
 */
#include "mm/tables.h"

#include "abi/termination.h"
#include "abi/x86.h"
#include "early/fatal.h"
#include "early/launch_pages.h"
#include "early/memory_map.h"
#include "early/platform.h"
#include "early/stacks.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/panic.h"
#include "lib/spinlock.h"
#include "mm/image.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "mm/phys.h"
#include "paravirt/pv_ops.h"

/* More than this costs more than to fill the TLB anew. */
#define INVLPG_PAGES_MAX 32

static struct pgtable pt __ro_after_init;
static __aligned_page u64 pml5[PTE_COUNT] __ro_after_init;
static const struct supply *supply __ro_after_init;
static u64 ram_table_next; /* of supply->tables */
static const char device_user[] = "a device";

/* More than any one change takes: two splits, or the levels above one page. */
#define SPARE_TABLES 4

static struct spinlock lock;
static pa_t spare_tables[SPARE_TABLES];
static unsigned int spare_count;
static bool has_no_memory; /* who holds the lock: phys_alloc() could want it */

static int table_page_alloc(pa_t *page)
{
	if (!spare_count && has_no_memory)
		return -E_NOMEM;
	if (!spare_count)
		return phys_alloc(PHYS_ORDER_4K, page); /* boot: there is one processor */
	*page = spare_tables[--spare_count];
	return 0;
}

int tables_lock(void)
{
	for (;;) {
		pa_t page;
		int error;

		spin_lock(&lock);
		if (spare_count == SPARE_TABLES)
			return 0;
		spin_unlock(&lock);
		error = phys_alloc(PHYS_ORDER_4K, &page);
		if (error)
			return error;
		spin_lock(&lock);
		if (spare_count < SPARE_TABLES) {
			spare_tables[spare_count++] = page;
			page = pa(0);
		}
		spin_unlock(&lock);
		if (page.value)
			phys_free(page, PHYS_ORDER_4K);
	}
}

void tables_lock_to_undo(void)
{
	if (!tables_lock())
		return;
	spin_lock(&lock);
	has_no_memory = true;
}

void tables_unlock(void)
{
	has_no_memory = false;
	spin_unlock(&lock);
}

static int ram_table_alloc(pa_t *page)
{
	if (ram_table_next == supply->tables.end)
		return -E_NOMEM;
	*page = pa(ram_table_next);
	ram_table_next += PAGE_SIZE;
	return 0;
}

/* No entry is global, so that loading CR3 flushes all. */
void tables_flush(va_t address, u64 size)
{
	if (size > INVLPG_PAGES_MAX * PAGE_SIZE) {
		write_cr3(read_cr3());
		return;
	}
	for (u64 done = 0; done < size; done += PAGE_SIZE)
		invlpg(address.value + done);
}

static tables_shootdown_t shootdown_hook;

void tables_set_shootdown(tables_shootdown_t shootdown) { shootdown_hook = shootdown; }

/* The others last: no interrupt of theirs needs to wait for our own. */
static void flush(va_t address, u64 size)
{
	tables_flush(address, size);
	if (shootdown_hook)
		shootdown_hook(address, size);
}

static const struct pgtable_ops ops = { table_page_alloc, pa_ptr, flush };
static const struct pgtable_ops ram_ops = { ram_table_alloc, pa_ptr, flush };

static const struct pgtable_ops local_ops = { table_page_alloc, pa_ptr, tables_flush };

struct pgtable *mm_pgtable(void) { return &pt; }

struct pgtable tables_local(void)
{
	struct pgtable local = pt;

	local.ops = &local_ops;
	return local;
}

static void map(u64 start, u64 end, unsigned int flags)
{
	pgtable_must(pgtable_map(&pt, va(start), pa(start), end - start, flags));
}

void tables_map_ram(u64 start, u64 end)
{
	struct pgtable with_ram_tables = pt;

	with_ram_tables.ops = &ram_ops;
	spin_lock(&lock);
	pgtable_must(pgtable_map(&with_ram_tables, va(start), pa(start), end - start, PGTABLE_W));
	spin_unlock(&lock);
}

int tables_unmap_page(va_t page)
{
	int error = tables_lock();

	if (error)
		return error;
	pgtable_must(pgtable_unmap(&pt, page, PAGE_SIZE));
	tables_unlock();
	return 0;
}

static void protect(struct image_part part, unsigned int flags)
{
	pgtable_must(pgtable_change(&pt, va(part.start), part.end - part.start,
				    PGTABLE_W | PGTABLE_X, flags));
}

static bool is_shared(u64 page)
{
	struct memory_claim claim;

	return memory_map_claim_of(page, &claim) && claim.shared;
}

/* The root of the 4 levels that are in use. */
static pa_t root_in_use(void)
{
	u64 mask = PTE_ADDR_MASK & ~pt.private_mask;
	pa_t top = pa(read_cr3() & mask);

	return read_cr4() & CR4_LA57 ? pa(*(const u64 *)pa_ptr(top) & mask) : top;
}

/* The pages that were shared before, and no other: the memory map and the early tables agree. */
static void map_shared(void)
{
	struct pgtable early = pt;
	struct image_part part = image_shared();

	early.root = root_in_use();
	for (u64 page = part.start; page < part.end; page += PAGE_SIZE) {
		bool shared = is_shared(page);
		struct pgtable_leaf leaf;

		pgtable_must(pgtable_find(&early, va(page), &leaf));
		if (pt.private_mask | pt.shared_mask)
			CHECK(!(leaf.flags & PGTABLE_SHARED) == !shared);
		if (shared)
			pgtable_must(pgtable_change(&pt, va(page), PAGE_SIZE, PGTABLE_SHARED,
						    PGTABLE_SHARED));
	}
}

/* Of what an overrun of its neighbour would give away, or hand to whoever overruns it. */
static void unmap_guards(void)
{
	const struct image_part parts[] = { image_shared(), image_guarded() };

	for (size_t i = 0; i < array_count(parts); i++) {
		pgtable_must(pgtable_unmap(&pt, va(parts[i].start - PAGE_SIZE), PAGE_SIZE));
		pgtable_must(pgtable_unmap(&pt, va(parts[i].end), PAGE_SIZE));
	}
}

static void map_image(void)
{
	struct image_part image = image_image();
	u64 cpuid_page = va_of(&launch_cpuid_page).value;
	u64 secrets_page = va_of(&launch_secrets_page).value;

	map(image.start, image.end, PGTABLE_W);
	protect(image_text(), PGTABLE_X);
	protect(image_rodata(), 0);
	protect((struct image_part){ cpuid_page, cpuid_page + PAGE_SIZE }, 0);
	protect((struct image_part){ secrets_page, secrets_page + PAGE_SIZE }, 0);
	unmap_guards();
	for (u32 i = 0; i < STACK_COUNT; i++)
		pgtable_must(pgtable_unmap(&pt, va_of(stacks[i].guard), sizeof(stacks[i].guard)));
	map_shared();
}

void tables_build(const struct supply *from)
{
	supply = from;
	ram_table_next = supply->tables.start;
	pt = (struct pgtable){ .levels = pgtable_x86_64,
			       .ops = &ops,
			       .private_mask = platform.private_mask,
			       .shared_mask = platform.shared_mask };
	pgtable_must(pgtable_init(&pt));
	tables_map_ram(supply->first.start, supply->first.end);
	map_image();
}

/* What the processor can refuse to code that was led astray; there are no pages of a user's. */
static u64 protections(void)
{
	struct cpuid_regs leaf;

	if (pv_cpuid(CPUID_VENDOR, 0).eax < CPUID_STRUCTURED)
		return 0;
	leaf = pv_cpuid(CPUID_STRUCTURED, 0);
	return (leaf.ebx & CPUID_STRUCTURED_EBX_SMEP ? CR4_SMEP : 0) |
	       (leaf.ebx & CPUID_STRUCTURED_EBX_SMAP ? CR4_SMAP : 0) |
	       (leaf.ecx & CPUID_STRUCTURED_ECX_UMIP ? CR4_UMIP : 0);
}

/* LA57 cannot change in long mode: where firmware left it on, one more table leads to ours. */
static u64 root(u64 cr4)
{
	if (!(cr4 & CR4_LA57))
		return pgtable_root_value(&pt);
	pml5[0] = pgtable_root_value(&pt) | PTE_P | PTE_W;
	return pa_of(pml5).value | platform.private_mask;
}

/* EFER.NXE is on already: the early tables have NX too. */
void tables_switch(void)
{
	u64 cr0 = read_cr0(), cr4 = read_cr4(), wanted = (cr4 & ~(u64)CR4_PGE) | protections();

	if (!(cr0 & CR0_WP))
		write_cr0(cr0 | CR0_WP);
	/* Not less than CPUID promises: a host that may raise the fault could take them away. */
	if (cr4 != wanted && write_cr4_safe(wanted))
		fatal(TERM_RESPONSE, "CPUID promises what CR4 refuses: %#lx", wanted);
	write_cr3(root(cr4));
}

/* Firmware's page, or one of ours in low memory. */
static bool may_be_mapped(u64 page)
{
	struct memory_claim claim;

	return memory_map_claim_of(page, &claim) && !memory_map_meets_image(page, PAGE_SIZE) &&
	       (page < LOW_MEMORY_END || !memory_map_touches(page, PAGE_SIZE, MEMORY_RAM));
}

int tables_map_page(pa_t page, bool is_mapped)
{
	struct pgtable_leaf leaf;
	int error = 0;

	if (!may_be_mapped(page.value))
		return -E_INVAL;
	if (is_mapped)
		error = tables_lock();
	else
		tables_lock_to_undo();
	if (error)
		return error;
	if (!is_mapped)
		error = pgtable_unmap(&pt, pa_to_va(page), PAGE_SIZE);
	else if (pgtable_find(&pt, pa_to_va(page), &leaf))
		map(page.value, page.value + PAGE_SIZE, PGTABLE_W);
	else
		error = -E_BUSY;
	tables_unlock();
	return error;
}

static bool is_device(u64 page)
{
	struct memory_claim claim;

	return memory_map_claim_of(page, &claim) && claim.user == device_user;
}

/* The claim under the lock of the tables: another processor that sees it finds the page mapped. */
static int map_device(u64 page)
{
	int error = tables_lock();

	if (error)
		return error;
	if (!is_device(page)) {
		error = memory_map_claim(page, PAGE_SIZE, MEMORY_OF_DEVICE, device_user);
		if (!error)
			map(page, page + PAGE_SIZE, PGTABLE_W | PGTABLE_SHARED | PGTABLE_UNCACHED);
	}
	tables_unlock();
	return error;
}

volatile void *mmio_map(pa_t start, u64 size)
{
	u64 end = align_up(start.value + size, (u64)PAGE_SIZE);

	if (end <= start.value || !mm_reaches(end))
		return NULL;
	for (u64 page = align_down(start.value, (u64)PAGE_SIZE); page < end; page += PAGE_SIZE)
		if (map_device(page))
			return NULL;
	return pa_ptr(start);
}
