/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages as the firmware sees them: by their RMP entry in one of the states of SNP-FW, and what
 * SNP_INIT makes of the whole table.
 */
#include "lib/compiler.h"
#include "lib/string.h"
#include "monitor/hardware/psp/firmware.h"

#define FIRMWARE (RMP_RAW_ASSIGNED | RMP_RAW_IMMUTABLE | RMP_RAW_LOCK)

static enum psp_page_state unowned(u64 lo)
{
	u64 gpa = lo & RMP_RAW_GPA;

	if (!(lo & RMP_RAW_ASSIGNED))
		return lo & RMP_RAW_IMMUTABLE ? PSP_PAGE_HV_FIXED : PSP_PAGE_HYPERVISOR;
	if (!(lo & RMP_RAW_IMMUTABLE))
		return lo & RMP_RAW_LOCK ? PSP_PAGE_INVALID : PSP_PAGE_RECLAIM;
	if (gpa == RMP_IOMMU_GPA && !(lo & RMP_RAW_VMSA))
		return PSP_PAGE_FIRMWARE_IOMMU;
	if (gpa)
		return PSP_PAGE_INVALID;
	return lo & RMP_RAW_VMSA ? PSP_PAGE_CONTEXT : PSP_PAGE_FIRMWARE;
}

static enum psp_page_state state_of(u64 lo)
{
	bool validated = lo & RMP_RAW_VALIDATED;

	if (!(lo & RMP_RAW_ASID))
		return validated ? PSP_PAGE_INVALID : unowned(lo);
	if (!(lo & RMP_RAW_ASSIGNED))
		return PSP_PAGE_INVALID;
	if (lo & RMP_RAW_IMMUTABLE)
		return validated ? PSP_PAGE_PRE_SWAP : PSP_PAGE_PRE_GUEST;
	return validated ? PSP_PAGE_GUEST_VALID : PSP_PAGE_GUEST_INVALID;
}

u32 psp_page_get(struct psp *psp, u64 pa, struct psp_page *page)
{
	const struct rmp_table *rmp = psp->machine->rmp;

	*page = (struct psp_page){
		.pa = align_down(pa & ~psp->machine->cbit, PAGE_SIZE),
		.state = PSP_PAGE_DEFAULT,
		.size = PAGE_SIZE,
	};
	if (rmp_table_covers_itself(rmp, page->pa, PAGE_SIZE))
		return PSP_INVALID_PARAM;
	page->entry = rmp_table_entry(rmp, page->pa);
	if (!page->entry)
		return PSP_SUCCESS;
	page->was = *page->entry;
	page->state = state_of(page->was.lo);
	if ((page->was.lo & (RMP_RAW_ASSIGNED | RMP_RAW_LARGE)) ==
	    (RMP_RAW_ASSIGNED | RMP_RAW_LARGE))
		page->size = PAGE_2M_SIZE;
	return PSP_SUCCESS;
}

static void changed(struct psp *psp, u64 pa, u64 size)
{
	psp->machine->rmp_changed(psp->machine->context, pa, size);
}

void psp_page_put(struct psp *psp, const struct psp_page *page, u64 lo, u64 hi)
{
	rmp_table_write(psp->machine->rmp, page->entry, lo, hi);
	changed(psp, align_down(page->pa, page->size), page->size);
}

void psp_page_release(struct psp *psp, const struct psp_page *page, u64 set, u64 hi)
{
	psp_page_put(psp, page, (page->was.lo & ~(RMP_RAW_IMMUTABLE | RMP_RAW_LOCK)) | set, hi);
}

u32 psp_writable(struct psp *psp, u64 pa, u64 size)
{
	u64 at = pa & ~psp->machine->cbit, end = at + size;
	struct psp_page page;
	u32 status;

	if (psp->snp_state != SNP_STATE_INIT)
		return PSP_SUCCESS;
	if (!size || end < at)
		return PSP_INVALID_ADDRESS;
	for (; at < end; at = align_down(at, page.size) + page.size) {
		status = psp_page_get(psp, at, &page);
		if (status)
			return status;
		if (page.state != PSP_PAGE_FIRMWARE && page.state != PSP_PAGE_DEFAULT)
			return PSP_INVALID_PAGE_STATE;
	}
	return PSP_SUCCESS;
}

static bool meets(u64 pa, u64 base, u64 size) { return pa >= base && pa - base < size; }

static bool is_ram(const struct psp_machine *m, u64 pa)
{
	for (unsigned int i = 0; i < m->ram_count; i++)
		if (meets(pa, m->ram[i].base, m->ram[i].size))
			return true;
	return false;
}

/* Nobody may give [base, base + size) to a guest; entries that are written anew have no counts. */
static void fix_range(struct psp *psp, u64 base, u64 size)
{
	struct rmp_table *rmp = psp->machine->rmp;

	for (u64 i = base >> PAGE_SHIFT, n = size >> PAGE_SHIFT; n && i < rmp->page_count; i++, n--)
		if (!rmp_table_covers_itself(rmp, i << PAGE_SHIFT, PAGE_SIZE))
			rmp->entries[i] = (struct rmp_raw){ .lo = RMP_RAW_IMMUTABLE };
}

static u32 fix_list(struct psp *psp, const struct snp_range_list *list)
{
	if (list->reserved_0x04 || list->count > sizeof(list->ranges) / sizeof(list->ranges[0]))
		return PSP_INVALID_PARAM;
	for (u32 i = 0; i < list->count; i++)
		if (list->ranges[i].reserved_0x0c || !is_aligned(list->ranges[i].base, PAGE_SIZE))
			return PSP_INVALID_PARAM;
	for (u32 i = 0; i < list->count; i++)
		fix_range(psp, list->ranges[i].base & ~psp->machine->cbit,
			  (u64)list->ranges[i].page_count << PAGE_SHIFT);
	return PSP_SUCCESS;
}

/* The table is the firmware's own: nobody else writes it again. */
static void take_table(struct psp *psp)
{
	struct rmp_table *rmp = psp->machine->rmp;

	for (u64 at = 0; at < rmp->size; at += PAGE_SIZE) {
		u64 i = (rmp->base + at) >> PAGE_SHIFT;

		if (i < rmp->page_count)
			rmp_table_write(rmp, &rmp->entries[i], FIRMWARE, 0);
	}
}

u32 psp_rmp_initialize(struct psp *psp, const struct snp_range_list *list)
{
	struct rmp_table *rmp = psp->machine->rmp;
	u32 status = PSP_SUCCESS;

	memset(rmp->asid_pages, 0, RMP_BOOKKEEPING_SIZE);
	for (u64 i = 0; i < rmp->page_count; i++)
		rmp->entries[i].hi = 0,
		rmp->entries[i].lo = is_ram(psp->machine, i << PAGE_SHIFT) ? 0 : RMP_RAW_IMMUTABLE;
	if (list)
		status = fix_list(psp, list);
	if (!status)
		take_table(psp);
	changed(psp, 0, rmp->page_count << PAGE_SHIFT);
	return status;
}

void psp_rmp_iommu(struct psp *psp, enum psp_page_state state)
{
	u64 lo = state == PSP_PAGE_RECLAIM ? RMP_RAW_ASSIGNED : FIRMWARE | RMP_IOMMU_GPA;
	struct psp_page page;

	for (unsigned int i = 0; i < psp->iommu_count; i++)
		for (u64 at = 0; at < psp->iommu[i].size; at += PAGE_SIZE)
			if (!psp_page_get(psp, psp->iommu[i].base + at, &page) && page.entry)
				psp_page_put(psp, &page, lo, 0);
}
