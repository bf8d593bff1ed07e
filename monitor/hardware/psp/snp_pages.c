/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages that change hands without a launch: reclaimed, joined, fixed, and looked at by a debugger.
 * SNP-FW 8.16 to 8.22.
 */
#include "lib/compiler.h"
#include "lib/string.h"
#include "monitor/hardware/psp/firmware.h"

#define PAGES_2M (PAGE_2M_SIZE / PAGE_SIZE)

static bool can_reclaim(enum psp_page_state state)
{
	return state == PSP_PAGE_FIRMWARE || state == PSP_PAGE_PRE_GUEST ||
	       state == PSP_PAGE_PRE_SWAP;
}

u32 psp_snp_page_reclaim(struct psp *psp, union psp_buffer *cmd)
{
	u64 pa = cmd->snp_page.paddr & ~(u64)SNP_RECLAIM_2M;
	bool large = cmd->snp_page.paddr & SNP_RECLAIM_2M;
	struct psp_page page;
	u32 status;

	if (pa & (PAGE_SIZE - 1))
		return PSP_INVALID_PARAM;
	if (psp->snp_state != SNP_STATE_INIT)
		return PSP_INVALID_PLATFORM_STATE;
	status = psp_page_get(psp, pa, &page);
	if (status)
		return status;
	if (!page.entry)
		return PSP_INVALID_PAGE_STATE;
	if ((page.size == PAGE_2M_SIZE) != large)
		return PSP_INVALID_PAGE_SIZE;
	if (!is_aligned(page.pa, page.size))
		return PSP_INVALID_ADDRESS;
	if (!(page.was.lo & RMP_RAW_IMMUTABLE))
		return PSP_SUCCESS;
	if (!can_reclaim(page.state))
		return PSP_INVALID_PAGE_STATE;
	psp_page_release(psp, &page, 0, page.was.hi);
	return PSP_SUCCESS;
}

/* Whether 512 entries from @first on are one guest's 2M, all in the firmware's hands. */
static bool can_join(const struct rmp_raw *first)
{
	const u64 same = ~(RMP_RAW_GPA | RMP_RAW_SUBPAGES);
	u64 lo = first->lo, gpa = lo & RMP_RAW_GPA;

	if (!(lo & RMP_RAW_ASSIGNED) || lo & RMP_RAW_LARGE || !(lo & RMP_RAW_IMMUTABLE) ||
	    lo & RMP_RAW_VMSA || !(lo & RMP_RAW_ASID) || !is_aligned(gpa, PAGE_2M_SIZE))
		return false;
	for (u64 i = 1; i < PAGES_2M; i++)
		if ((first[i].lo ^ lo) & same || first[i].hi != first->hi ||
		    (first[i].lo & RMP_RAW_GPA) != gpa + (i << PAGE_SHIFT))
			return false;
	return true;
}

u32 psp_snp_page_unsmash(struct psp *psp, union psp_buffer *cmd)
{
	const struct rmp_table *rmp = psp->machine->rmp;
	u64 pa = cmd->snp_page.paddr & ~psp->machine->cbit;
	struct rmp_raw *first;

	if (!is_aligned(pa, PAGE_2M_SIZE))
		return PSP_INVALID_PARAM;
	if (psp->snp_state != SNP_STATE_INIT)
		return PSP_INVALID_PLATFORM_STATE;
	if (rmp_table_covers_itself(rmp, pa, PAGE_2M_SIZE))
		return PSP_INVALID_ADDRESS;
	if (!rmp_table_entry(rmp, pa) || !rmp_table_entry(rmp, pa + PAGE_2M_SIZE - PAGE_SIZE))
		return PSP_INVALID_PAGE_STATE;
	first = &rmp->entries[pa >> PAGE_SHIFT];
	if (!can_join(first))
		return PSP_INVALID_PAGE_STATE;
	memset(first + 1, 0, (PAGES_2M - 1) * sizeof(*first));
	first->lo = (first->lo & ~RMP_RAW_SUBPAGES) | RMP_RAW_LARGE;
	psp->machine->rmp_changed(psp->machine->context, pa, PAGE_2M_SIZE);
	return PSP_SUCCESS;
}

static u32 check_list(struct psp *psp, const struct snp_range_list *list)
{
	struct psp_page page;
	u32 status;

	if (list->reserved_0x04 || list->count > sizeof(list->ranges) / sizeof(list->ranges[0]))
		return PSP_INVALID_PARAM;
	for (u32 i = 0; i < list->count; i++) {
		const struct snp_range *r = &list->ranges[i];

		if (r->reserved_0x0c || !is_aligned(r->base, PAGE_2M_SIZE))
			return PSP_INVALID_PARAM;
		for (u64 n = 0; n < r->page_count; n++) {
			status = psp_page_get(psp, r->base + (n << PAGE_SHIFT), &page);
			if (status)
				return PSP_INVALID_ADDRESS;
			if (page.state == PSP_PAGE_DEFAULT)
				break;
			if (page.state != PSP_PAGE_FIRMWARE)
				return PSP_INVALID_PAGE_STATE;
		}
	}
	return PSP_SUCCESS;
}

u32 psp_snp_page_set_state(struct psp *psp, union psp_buffer *cmd)
{
	struct snp_range_list *list = &psp->page.list;
	const struct snp_cmd_list *c = &cmd->snp_list;
	struct psp_page page;
	u32 status;

	if (c->length != sizeof(*c))
		return PSP_INVALID_LENGTH;
	if (c->reserved_0x04 || c->list_paddr & (PAGE_SIZE - 1))
		return PSP_INVALID_PARAM;
	if (psp->snp_state != SNP_STATE_INIT)
		return PSP_INVALID_PLATFORM_STATE;
	status = psp_read(psp, c->list_paddr, 0, psp->page.bytes, PAGE_SIZE);
	if (!status)
		status = check_list(psp, list);
	for (u32 i = 0; !status && i < list->count; i++)
		for (u64 n = 0; n < list->ranges[i].page_count; n++)
			if (psp_page_get(psp, list->ranges[i].base + (n << PAGE_SHIFT), &page) ||
			    page.state != PSP_PAGE_FIRMWARE)
				break;
			else
				psp_page_put(psp, &page, RMP_RAW_IMMUTABLE, 0);
	return status;
}

/*
 * A debugger's access to @guest_pa, whose page must be in one of the states of @allowed: all are of
 * pages with an ASID, so that a guest without one owns none.
 */
static u32 check_debug(struct psp *psp, const struct snp_cmd_debug *c, u64 guest_pa, u32 allowed,
		       struct psp_guest **guest)
{
	struct psp_page page;
	u32 status;

	if ((c->source_paddr | c->target_paddr) & (PAGE_SIZE - 1))
		return PSP_INVALID_PARAM;
	status = psp_gctx_get(psp, c->gctx_paddr, guest, NULL);
	if (!status)
		status = psp_page_get(psp, guest_pa, &page);
	if (status)
		return status;
	if (!(BIT(page.state) & allowed))
		return PSP_INVALID_PAGE_STATE;
	if (bits_get(page.was.lo, 60, 51) != (*guest)->asid)
		return PSP_INVALID_PAGE_OWNER;
	return (*guest)->policy & SNP_POLICY_DEBUG ? PSP_SUCCESS : PSP_POLICY_FAILURE;
}

u32 psp_snp_dbg_decrypt(struct psp *psp, union psp_buffer *cmd)
{
	const struct snp_cmd_debug *c = &cmd->snp_debug;
	const u32 allowed = BIT(PSP_PAGE_PRE_GUEST) | BIT(PSP_PAGE_PRE_SWAP) |
			    BIT(PSP_PAGE_GUEST_INVALID) | BIT(PSP_PAGE_GUEST_VALID);
	struct psp_guest *guest;
	struct psp_page target;
	u32 status = check_debug(psp, c, c->source_paddr, allowed, &guest);

	if (!status)
		status = psp_page_get(psp, c->target_paddr, &target);
	if (!status && target.state != PSP_PAGE_FIRMWARE)
		status = PSP_INVALID_PAGE_STATE;
	if (!status)
		status = psp_read(psp, c->source_paddr, guest->asid, psp->page.bytes, PAGE_SIZE);
	return status ? status : psp_write(psp, c->target_paddr, 0, psp->page.bytes, PAGE_SIZE);
}

u32 psp_snp_dbg_encrypt(struct psp *psp, union psp_buffer *cmd)
{
	const struct snp_cmd_debug *c = &cmd->snp_debug;
	struct psp_guest *guest;
	u32 status = check_debug(psp, c, c->target_paddr,
				 BIT(PSP_PAGE_PRE_GUEST) | BIT(PSP_PAGE_PRE_SWAP), &guest);

	if (!status)
		status = psp_read(psp, c->source_paddr, 0, psp->page.bytes, PAGE_SIZE);
	return status ? status
		      : psp_write(psp, c->target_paddr, guest->asid, psp->page.bytes, PAGE_SIZE);
}
