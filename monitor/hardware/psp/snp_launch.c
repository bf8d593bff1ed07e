/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An SNP guest from its context to its first instruction. SNP-FW 8.3 to 8.20.
 */
#include "abi/vmcb.h"
#include "lib/compiler.h"
#include "lib/string.h"
#include "monitor/hardware/launch.h"
#include "monitor/hardware/psp/firmware.h"

/* PAGE_TYPE beside those that count for the digest in launch_digest.h */
#define PAGE_UNMEASURED 4

static void random_bytes(const struct psp *psp, void *buffer, u64 size)
{
	psp->machine->random(psp->machine->context, buffer, size);
}

u32 psp_snp_gctx_create(struct psp *psp, union psp_buffer *cmd)
{
	u64 pa = cmd->snp_page.paddr;
	struct psp_guest *guest;
	struct psp_page page;
	u32 status;

	if (pa & (PAGE_SIZE - 1))
		return PSP_INVALID_PARAM;
	if (psp->snp_state != SNP_STATE_INIT)
		return PSP_INVALID_PLATFORM_STATE;
	status = psp_page_get(psp, pa, &page);
	if (status)
		return status;
	if (page.state != PSP_PAGE_FIRMWARE)
		return PSP_INVALID_PAGE_STATE;
	if (page.size != PAGE_SIZE)
		return PSP_INVALID_PAGE_SIZE;
	guest = psp_guest_new(psp);
	if (!guest)
		return PSP_RESOURCE_LIMIT;
	*guest = (struct psp_guest){ .kind = PSP_GUEST_SNP, .gctx = page.pa };
	psp_page_put(psp, &page, page.was.lo | RMP_RAW_VMSA, page.was.hi);
	return PSP_SUCCESS;
}

u32 psp_snp_decommission(struct psp *psp, union psp_buffer *cmd)
{
	struct psp_guest *guest;
	struct psp_page page;
	u32 status = psp_gctx_get(psp, cmd->snp_page.paddr, &guest, &page);

	if (status)
		return status;
	psp_deactivate(psp, guest);
	memset(guest, 0, sizeof(*guest));
	psp_page_put(psp, &page, page.was.lo & ~RMP_RAW_VMSA, page.was.hi);
	return PSP_SUCCESS;
}

u32 psp_snp_activate(struct psp *psp, union psp_buffer *cmd)
{
	const struct snp_cmd_activate *c = &cmd->snp_activate;
	struct psp_guest *guest;
	u32 status = psp_gctx_get(psp, c->gctx_paddr, &guest, NULL);

	if (status)
		return status;
	if (guest->state == SNP_GUEST_INIT)
		return PSP_INVALID_GUEST_STATE;
	if (c->asid >= RMP_BOOKKEEPING_SIZE / sizeof(u64))
		return PSP_INVALID_ASID;
	if (psp->machine->rmp->asid_pages[c->asid])
		return PSP_INVALID_CONFIG;
	return psp_activate(psp, guest, c->asid);
}

u32 psp_snp_launch_start(struct psp *psp, union psp_buffer *cmd)
{
	const struct snp_cmd_launch_start *c = &cmd->snp_launch_start;
	struct psp_guest *guest;
	u32 status;

	if (c->flags & ~(u32)(SNP_LAUNCH_MA | SNP_LAUNCH_IMI) || c->ma_gctx_paddr & (PAGE_SIZE - 1))
		return PSP_INVALID_PARAM;
	status = psp_gctx_get(psp, c->gctx_paddr, &guest, NULL);
	if (status)
		return status;
	if (guest->state != SNP_GUEST_INIT)
		return PSP_INVALID_GUEST_STATE;
	if (c->flags) /* migration agents and images */
		return PSP_UNSUPPORTED;
	if (!snp_policy_is_valid(c->policy))
		return PSP_POLICY_FAILURE;
	guest->policy = c->policy;
	memcpy(guest->gosvw, c->gosvw, sizeof(guest->gosvw));
	guest->key = psp_key_new(psp);
	random_bytes(psp, guest->messages.vmpck, sizeof(guest->messages.vmpck));
	random_bytes(psp, guest->messages.launch.report_id,
		     sizeof(guest->messages.launch.report_id));
	random_bytes(psp, guest->messages.launch.vmrk, sizeof(guest->messages.launch.vmrk));
	guest->state = SNP_GUEST_LAUNCH;
	return PSP_SUCCESS;
}

struct update {
	struct psp_guest *guest;
	struct psp_page page;
	unsigned int type;
	bool large;
};

/* What is true of the page before anything is known of the guest. */
static u32 check_page(const struct update *u)
{
	if (u->page.state != PSP_PAGE_PRE_GUEST)
		return PSP_INVALID_PAGE_STATE;
	if ((u->page.size == PAGE_2M_SIZE) != u->large)
		return PSP_INVALID_PAGE_SIZE;
	switch (u->type) {
	case SNP_PAGE_NORMAL:
	case SNP_PAGE_ZERO:
	case PAGE_UNMEASURED: return PSP_SUCCESS;
	case SNP_PAGE_VMSA:
	case SNP_PAGE_SECRETS:
	case SNP_PAGE_CPUID: return u->large ? PSP_INVALID_PAGE_SIZE : PSP_SUCCESS;
	}
	return PSP_INVALID_PARAM;
}

static u32 check_guest(const struct update *u)
{
	if (u->guest->state != SNP_GUEST_LAUNCH)
		return PSP_INVALID_GUEST_STATE;
	if (!u->guest->asid)
		return PSP_INACTIVE;
	return bits_get(u->page.was.lo, 60, 51) == u->guest->asid ? PSP_SUCCESS
								  : PSP_INVALID_PAGE_OWNER;
}

static u32 check_update(struct psp *psp, const struct snp_cmd_launch_update *c, struct update *u)
{
	u32 status;

	if (c->page_paddr & (PAGE_SIZE - 1) || c->flags >> 5 || c->reserved_0x0c ||
	    c->reserved_0x18 || c->reserved_0x1c)
		return PSP_INVALID_PARAM;
	status = psp_gctx_get(psp, c->gctx_paddr, &u->guest, NULL);
	if (!status)
		status = psp_page_get(psp, c->page_paddr, &u->page);
	if (status)
		return status;
	u->large = c->flags & 1;
	u->type = bits_get(c->flags, 3, 1);
	status = check_page(u);
	if (!status && u->large && !is_aligned(u->page.pa, PAGE_2M_SIZE))
		status = PSP_INVALID_ADDRESS;
	return status ? status : check_guest(u);
}

/* A page that promises what the processor has not goes back to the host as it may be. */
static u32 check_cpuid(struct psp *psp, u64 pa)
{
	u32 status = psp_cpuid_check(psp->machine, &psp->page.cpuid);

	if (status)
		(void)psp_write(psp, pa, 0, psp->page.bytes, PAGE_SIZE);
	return status;
}

/* Makes psp->page.bytes what the guest will find. @contents: what of it counts for the digest. */
static u32 prepare(struct psp *psp, const struct update *u, u64 pa, const void **contents)
{
	*contents = NULL;
	switch (u->type) {
	case SNP_PAGE_NORMAL:
	case SNP_PAGE_VMSA: *contents = psp->page.bytes; break;
	case SNP_PAGE_ZERO: memset(psp->page.bytes, 0, PAGE_SIZE); break;
	case SNP_PAGE_SECRETS:
		launch_secrets(&psp->page.secrets, psp->platform.fms, u->guest->messages.vmpck[0]);
		memcpy(psp->page.secrets.gosvw, u->guest->gosvw, sizeof(u->guest->gosvw));
		break;
	case SNP_PAGE_CPUID: return check_cpuid(psp, pa);
	}
	return PSP_SUCCESS;
}

static u32 update_4k(struct psp *psp, const struct update *u, u64 offset, const u8 *permissions)
{
	u64 pa = u->page.pa + offset, gpa = (u->page.was.lo & RMP_RAW_GPA) + offset;
	const void *contents;
	u32 status = psp_read(psp, pa, 0, psp->page.bytes, PAGE_SIZE);

	if (!status)
		status = prepare(psp, u, pa, &contents);
	if (status)
		return status;
	snp_digest_page(&u->guest->digest.snp, u->type, gpa, permissions, contents);
	return psp_write(psp, pa, u->guest->asid, psp->page.bytes, PAGE_SIZE);
}

u32 psp_snp_launch_update(struct psp *psp, union psp_buffer *cmd)
{
	const struct snp_cmd_launch_update *c = &cmd->snp_launch_update;
	const u8 *p = c->vmpl_permissions;
	struct update u;
	u32 status = check_update(psp, c, &u);

	if (!status && bits_get(c->flags, 4, 4))
		status = PSP_UNSUPPORTED; /* an image of a migration agent */
	for (u64 at = 0; !status && at < u.page.size; at += PAGE_SIZE)
		status = update_4k(psp, &u, at, p);
	if (status)
		return status;
	psp_page_release(
		psp, &u.page, RMP_RAW_VALIDATED | (u.type == SNP_PAGE_VMSA ? RMP_RAW_VMSA : 0),
		bits_get(u.page.was.hi, 7, 0) | (u64)p[0] << 8 | (u64)p[1] << 16 | (u64)p[2] << 24);
	return PSP_SUCCESS;
}

static u32 read_id_block(struct psp *psp, const struct snp_cmd_launch_finish *c,
			 struct snp_launch *launch)
{
	struct snp_id_block block;
	u32 status = psp_read(psp, c->id_block_paddr, 0, &block, sizeof(block));

	if (!status)
		status = psp_read(psp, c->id_auth_paddr, 0, psp->page.bytes,
				  sizeof(psp->page.id_auth));
	return status ? status
		      : snp_id_block(launch, &block, &psp->page.id_auth,
				     c->flags & SNP_FINISH_AUTHOR_KEY);
}

u32 psp_snp_launch_finish(struct psp *psp, union psp_buffer *cmd)
{
	const struct snp_cmd_launch_finish *c = &cmd->snp_launch_finish;
	struct snp_launch *launch;
	struct psp_guest *guest;
	u32 status;

	if (c->flags & ~(u64)(SNP_FINISH_ID_BLOCK | SNP_FINISH_AUTHOR_KEY | SNP_FINISH_VCEK_DIS))
		return PSP_INVALID_PARAM;
	status = psp_gctx_get(psp, c->gctx_paddr, &guest, NULL);
	if (status)
		return status;
	if (guest->state != SNP_GUEST_LAUNCH)
		return PSP_INVALID_GUEST_STATE;
	if (!guest->asid)
		return PSP_INACTIVE;
	launch = &guest->messages.launch;
	launch->policy = guest->policy;
	memcpy(launch->measurement, guest->digest.snp.bytes, sizeof(launch->measurement));
	if (c->flags & SNP_FINISH_ID_BLOCK)
		status = read_id_block(psp, c, launch);
	if (status)
		return status;
	memcpy(launch->host_data, c->host_data, sizeof(launch->host_data));
	launch->vcek_disabled = c->flags & SNP_FINISH_VCEK_DIS;
	guest->state = SNP_GUEST_RUNNING;
	psp_run(psp, guest);
	return PSP_SUCCESS;
}
