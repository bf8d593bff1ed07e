/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The platform with SNP: SNP_INIT, SNP_SHUTDOWN and what hosts ask of it and set. SNP-FW 8.
 */
#include "lib/compiler.h"
#include "lib/string.h"
#include "monitor/hardware/psp/firmware.h"

#define MIB U64_C(0x100000)

static bool is_zero(const u8 *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i])
			return false;
	return true;
}

static u32 check_processors(struct psp *psp, bool initialize)
{
	const struct rmp_table *rmp = psp->machine->rmp;
	struct psp_processors p = { 0 };

	psp->machine->processors(psp->machine->context, &p);
	if (!p.mem_encrypt || !p.snp || !p.mfdm || !p.smm_lock || !p.rmp_same || !rmp->page_count)
		return PSP_INVALID_CONFIG;
	if (!is_aligned(rmp->base, MIB) || !is_aligned(rmp->size, MIB))
		return PSP_INVALID_CONFIG;
	return initialize && !p.hsave_clear ? PSP_INVALID_CONFIG : PSP_SUCCESS;
}

/* A list of ranges, which lies in one page: from where @pa is to its end. */
static u32 read_list(struct psp *psp, u64 pa)
{
	u64 size = PAGE_SIZE - (pa & (PAGE_SIZE - 1));
	const struct snp_range_list *list = &psp->page.list;
	u32 status;

	memset(&psp->page, 0, sizeof(psp->page));
	status = psp_read(psp, pa, 0, psp->page.bytes, size);
	if (!status &&
	    (size < sizeof(u64) || list->count > (size - sizeof(u64)) / sizeof(list->ranges[0])))
		status = PSP_INVALID_PARAM;
	return status;
}

static u32 initialize_rmp(struct psp *psp, const u64 *list_paddr)
{
	const struct psp_machine *m = psp->machine;
	u32 status = list_paddr ? read_list(psp, *list_paddr) : PSP_SUCCESS;

	if (!status && psp_rmp_initialize(psp, list_paddr ? &psp->page.list : NULL))
		status = PSP_RMP_INIT_FAILED;
	if (status)
		return status;
	psp->iommu_count = m->iommu_ranges(m->context, psp->iommu);
	psp_rmp_iommu(psp, PSP_PAGE_FIRMWARE_IOMMU);
	psp->rmp_initialized = true;
	return PSP_SUCCESS;
}

static u32 init(struct psp *psp, bool initialize, const u64 *list_paddr)
{
	u32 status;

	if (psp->snp_state != SNP_STATE_UNINIT || psp->sev_state != SEV_STATE_UNINIT)
		return PSP_INVALID_PLATFORM_STATE;
	if (!initialize && !psp->rmp_initialized)
		return PSP_RMP_INIT_REQUIRED;
	if (list_paddr && !initialize)
		return PSP_INVALID_PARAM;
	status = check_processors(psp, initialize);
	if (!status && initialize)
		status = initialize_rmp(psp, list_paddr);
	if (status)
		return status;
	psp_asids_init(psp);
	psp->snp_state = SNP_STATE_INIT;
	return PSP_SUCCESS;
}

u32 psp_snp_init(struct psp *psp, union psp_buffer *cmd)
{
	(void)cmd;
	return init(psp, true, NULL);
}

u32 psp_snp_init_ex(struct psp *psp, union psp_buffer *cmd)
{
	const struct snp_cmd_init_ex *c = &cmd->snp_init_ex;

	if (c->flags & ~(u32)(SNP_INIT_RMP | SNP_INIT_LIST) || c->reserved_0x04 ||
	    !is_zero(c->reserved_0x10, sizeof(c->reserved_0x10)))
		return PSP_INVALID_PARAM;
	return init(psp, c->flags & SNP_INIT_RMP, c->flags & SNP_INIT_LIST ? &c->list_paddr : NULL);
}

static u32 shutdown(struct psp *psp, bool iommu)
{
	if (iommu) {
		psp_rmp_iommu(psp, PSP_PAGE_RECLAIM);
		psp->iommu_count = 0;
		psp->rmp_initialized = false;
	}
	psp_guests_clear(psp, PSP_GUEST_SNP);
	psp->platform.has_vlek = false;
	psp->snp_state = SNP_STATE_UNINIT;
	return PSP_SUCCESS;
}

/* What both forms check first; true: there is nothing to be done. */
static bool cannot_shut_down(const struct psp *psp, u32 *status)
{
	*status = PSP_SUCCESS;
	if (psp->sev_state != SEV_STATE_UNINIT)
		*status = PSP_INVALID_PLATFORM_STATE;
	else if (psp->snp_state != SNP_STATE_UNINIT && !psp_asids_clean(psp))
		*status = PSP_DF_FLUSH_REQUIRED;
	return *status || psp->snp_state == SNP_STATE_UNINIT;
}

u32 psp_snp_shutdown(struct psp *psp, union psp_buffer *cmd)
{
	u32 status;

	(void)cmd;
	return cannot_shut_down(psp, &status) ? status : shutdown(psp, false);
}

u32 psp_snp_shutdown_ex(struct psp *psp, union psp_buffer *cmd)
{
	const struct snp_cmd_shutdown_ex *c = &cmd->snp_shutdown_ex;
	u32 status;

	if (cannot_shut_down(psp, &status))
		return status;
	if (c->length != sizeof(*c) || c->flags & ~(u32)SNP_SHUTDOWN_IOMMU)
		return PSP_INVALID_PARAM;
	return shutdown(psp, c->flags & SNP_SHUTDOWN_IOMMU);
}

/* Output of @size at @pa: in one page, which the firmware may write. */
static u32 check_output(struct psp *psp, u64 pa, u64 size, u32 crosses)
{
	if ((pa & (PAGE_SIZE - 1)) + size > PAGE_SIZE)
		return crosses;
	return psp_writable(psp, pa, size);
}

u32 psp_snp_platform_status(struct psp *psp, union psp_buffer *cmd)
{
	struct snp_platform_status s = {
		.api_major = PSP_API_MAJOR,
		.api_minor = PSP_API_MINOR,
		.state = psp->snp_state,
		.memory = SNP_STATUS_MEMORY_NO_ALIASES |
			  (psp->rmp_initialized ? SNP_STATUS_MEMORY_RMP_INITIALIZED : 0),
		.build = PSP_BUILD,
		.features = psp->platform.config | (u32)SNP_STATUS_FEATURE_INFO |
			    (psp->platform.has_vlek ? (u32)SNP_STATUS_VLEK_EN : 0),
		.guest_count = psp_guest_count(psp, PSP_GUEST_SNP),
		.current_tcb = psp->platform.root.current_tcb,
		.reported_tcb = psp->platform.reported_tcb,
	};
	u32 status = check_output(psp, cmd->snp_page.paddr, sizeof(s), PSP_INVALID_PARAM);

	return status ? status : psp_write(psp, cmd->snp_page.paddr, 0, &s, sizeof(s));
}

u32 psp_snp_guest_status(struct psp *psp, union psp_buffer *cmd)
{
	const struct snp_cmd_guest_status *c = &cmd->snp_guest_status;
	struct snp_guest_status s = { 0 };
	struct psp_guest *guest;
	u32 status = psp_gctx_get(psp, c->gctx_paddr, &guest, NULL);

	if (!status)
		status = check_output(psp, c->status_paddr, sizeof(s), PSP_INVALID_PARAM);
	if (status)
		return status;
	s.policy = guest->policy;
	s.asid = guest->asid;
	s.state = guest->state;
	s.flags = guest->messages.launch.vcek_disabled;
	return psp_write(psp, c->status_paddr, 0, &s, sizeof(s));
}

/* Whether each part of @tcb is at most that of what is installed. */
static bool tcb_is_installed(const struct psp *psp, u64 tcb)
{
	u64 installed = psp->platform.root.current_tcb;

	for (unsigned int at = 0; at < 64; at += 8)
		if (bits_get(tcb, at + 7, at) > bits_get(installed, at + 7, at))
			return false;
	return true;
}

/* A VLEK is one TCB's. */
static void report_tcb(struct snp_platform *p, u64 tcb)
{
	p->has_vlek &= p->reported_tcb == tcb;
	p->reported_tcb = tcb;
}

u32 psp_snp_config(struct psp *psp, union psp_buffer *cmd)
{
	const struct snp_cmd_config *c = &cmd->snp_config;

	if (c->flags & ~(u32)(SNP_STATUS_MASK_CHIP_ID | SNP_STATUS_MASK_CHIP_KEY) ||
	    !is_zero(c->reserved_0x0c, sizeof(c->reserved_0x0c)) ||
	    !tcb_is_installed(psp, c->reported_tcb))
		return PSP_INVALID_PARAM;
	report_tcb(&psp->platform,
		   c->reported_tcb ? c->reported_tcb : psp->platform.root.reported_tcb);
	psp->platform.config = c->flags;
	return PSP_SUCCESS;
}

/* What is installed cannot be taken back any more, and is what reports say from now on. */
u32 psp_snp_commit(struct psp *psp, union psp_buffer *cmd)
{
	if (cmd->snp_length.length != sizeof(cmd->snp_length))
		return PSP_INVALID_PARAM;
	psp->platform.root.committed_tcb = psp->platform.root.current_tcb;
	report_tcb(&psp->platform, psp->platform.root.current_tcb);
	return PSP_SUCCESS;
}

u32 psp_snp_vlek_load(struct psp *psp, union psp_buffer *cmd)
{
	const struct snp_cmd_vlek_load *c = &cmd->snp_vlek_load;
	u32 status;

	if (psp->snp_state != SNP_STATE_INIT)
		return PSP_INVALID_PLATFORM_STATE;
	if (c->length != sizeof(*c) || c->version ||
	    !is_zero(c->reserved_0x05, sizeof(c->reserved_0x05)))
		return PSP_INVALID_PARAM;
	status = psp_read(psp, c->paddr, 0, &psp->page.hashstick, sizeof(psp->page.hashstick));
	return status ? status : snp_vlek_load(&psp->platform, &psp->page.hashstick);
}

u32 psp_snp_feature_info(struct psp *psp, union psp_buffer *cmd)
{
	const struct snp_cmd_feature_info *c = &cmd->snp_feature_info;
	struct snp_feature_info info = { 0 };
	u32 status;

	if (c->length != sizeof(*c))
		return PSP_INVALID_PARAM;
	if (c->paddr & 3)
		return PSP_INVALID_ADDRESS;
	status = check_output(psp, c->paddr, sizeof(info), PSP_INVALID_ADDRESS);
	if (status)
		return status;
	if (c->ecx_in > 1)
		return PSP_INVALID_PARAM;
	if (c->ecx_in == 0)
		info = (struct snp_feature_info){ .eax = 1, .ebx = 1 };
	return psp_write(psp, c->paddr, 0, &info, sizeof(info));
}
