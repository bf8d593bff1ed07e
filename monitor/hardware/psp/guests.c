/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guest contexts, and who owns which ASID.
 *
 *   dirty --WBINVD everywhere, DF_FLUSH--> clean --ACTIVATE--> allocated --launch ends--> in use
 *     ^                                      ^------ DEACTIVATE ----'                        |
 *     '------------------------------------------- DEACTIVATE -------------------------------'
 */
#include "lib/string.h"
#include "monitor/hardware/psp/firmware.h"

void psp_asids_init(struct psp *psp)
{
	memset(psp->asids, PSP_ASID_DIRTY, sizeof(psp->asids));
	psp->wbinvd_done = 0;
}

bool psp_asids_clean(const struct psp *psp)
{
	for (u32 asid = 1; asid <= psp->machine->asid_count; asid++)
		if (psp->asids[asid] != PSP_ASID_CLEAN)
			return false;
	return true;
}

void psp_wbinvd(struct psp *psp, unsigned int cpu) { psp->wbinvd_done |= BIT(cpu); }

u32 psp_df_flush(struct psp *psp, union psp_buffer *cmd)
{
	u64 all = bits_mask(psp->machine->cpu_count);

	(void)cmd;
	if ((psp->wbinvd_done & all) != all)
		return PSP_WBINVD_REQUIRED;
	for (u32 asid = 1; asid <= psp->machine->asid_count; asid++)
		if (psp->asids[asid] == PSP_ASID_DIRTY)
			psp->asids[asid] = PSP_ASID_CLEAN;
	return PSP_SUCCESS;
}

static bool is_es(const struct psp_guest *guest)
{
	return guest->kind == PSP_GUEST_SNP || guest->policy & SEV_POLICY_ES;
}

static bool is_running(const struct psp_guest *guest)
{
	return guest->state ==
	       (guest->kind == PSP_GUEST_SNP ? (int)SNP_GUEST_RUNNING : (int)SEV_GUEST_RUNNING);
}

u32 psp_activate(struct psp *psp, struct psp_guest *guest, u32 asid)
{
	if (!asid || asid > psp->machine->asid_count)
		return PSP_INVALID_ASID;
	if (psp->asids[asid] == PSP_ASID_IN_USE || psp->asids[asid] == PSP_ASID_ALLOCATED)
		return PSP_ASID_OWNED;
	if (guest->asid)
		return PSP_ACTIVE;
	if (psp->asids[asid] == PSP_ASID_DIRTY)
		return PSP_DF_FLUSH_REQUIRED;
	if (is_es(guest) != (asid < psp->machine->sev_asid_first))
		return PSP_INVALID_ASID;
	guest->asid = asid;
	psp->asids[asid] = PSP_ASID_ALLOCATED;
	psp->machine->key(psp->machine->context, asid, guest->key);
	if (is_running(guest))
		psp_run(psp, guest);
	return PSP_SUCCESS;
}

void psp_run(struct psp *psp, struct psp_guest *guest)
{
	if (guest->asid)
		psp->asids[guest->asid] = PSP_ASID_IN_USE;
}

void psp_deactivate(struct psp *psp, struct psp_guest *guest)
{
	if (!guest->asid)
		return;
	if (psp->asids[guest->asid] == PSP_ASID_IN_USE) {
		psp->asids[guest->asid] = PSP_ASID_DIRTY;
		psp->wbinvd_done = 0;
	} else {
		psp->asids[guest->asid] = PSP_ASID_CLEAN;
	}
	psp->machine->key(psp->machine->context, guest->asid, 0);
	guest->asid = 0;
}

u32 psp_key_new(struct psp *psp) { return ++psp->key_count; }

struct psp_guest *psp_guest_new(struct psp *psp)
{
	for (unsigned int i = 0; i < PSP_GUEST_COUNT; i++)
		if (psp->guests[i].kind == PSP_GUEST_NONE)
			return &psp->guests[i];
	return NULL;
}

struct psp_guest *psp_guest_by_handle(struct psp *psp, u32 handle)
{
	if (!handle || handle > PSP_GUEST_COUNT || psp->guests[handle - 1].kind != PSP_GUEST_SEV)
		return NULL;
	return &psp->guests[handle - 1];
}

static struct psp_guest *by_gctx(struct psp *psp, u64 gctx)
{
	for (unsigned int i = 0; i < PSP_GUEST_COUNT; i++)
		if (psp->guests[i].kind == PSP_GUEST_SNP && psp->guests[i].gctx == gctx)
			return &psp->guests[i];
	return NULL;
}

const struct psp_guest *psp_guest_of(const struct psp *psp, u32 asid)
{
	for (unsigned int i = 0; asid && i < PSP_GUEST_COUNT; i++)
		if (psp->guests[i].kind != PSP_GUEST_NONE && psp->guests[i].asid == asid)
			return &psp->guests[i];
	return NULL;
}

unsigned int psp_guest_count(const struct psp *psp, enum psp_guest_kind kind)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < PSP_GUEST_COUNT; i++)
		count += psp->guests[i].kind == kind &&
			 (kind != PSP_GUEST_SNP || psp->guests[i].state != SNP_GUEST_INIT);
	return count;
}

void psp_guests_clear(struct psp *psp, enum psp_guest_kind kind)
{
	for (unsigned int i = 0; i < PSP_GUEST_COUNT; i++) {
		if (psp->guests[i].kind != kind)
			continue;
		psp_deactivate(psp, &psp->guests[i]);
		memset(&psp->guests[i], 0, sizeof(psp->guests[i]));
	}
}

u32 psp_gctx_get(struct psp *psp, u64 gctx, struct psp_guest **guest, struct psp_page *page)
{
	struct psp_page local;
	u32 status;

	if (gctx & (PAGE_SIZE - 1))
		return PSP_INVALID_PARAM;
	if (psp->snp_state != SNP_STATE_INIT)
		return PSP_INVALID_PLATFORM_STATE;
	page = page ? page : &local;
	status = psp_page_get(psp, gctx, page);
	if (status)
		return status;
	*guest = by_gctx(psp, page->pa);
	return page->state == PSP_PAGE_CONTEXT && *guest ? PSP_SUCCESS : PSP_INVALID_GUEST;
}
