/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The platform without SNP: INIT, SHUTDOWN and what hosts ask of it. SEV-API 5.
 */
#include "lib/compiler.h"
#include "lib/string.h"
#include "monitor/hardware/psp/firmware.h"

#define TMR_SIZE     U64_C(0x100000) /* what the firmware wants for itself */
#define TMR_SIZE_SNP U64_C(0x200000) /* while there is an RMP */

static void processors(const struct psp *psp, struct psp_processors *p)
{
	*p = (struct psp_processors){ 0 };
	psp->machine->processors(psp->machine->context, p);
}

/* The region that a host gives for SEV-ES. */
static u32 check_tmr(struct psp *psp, u64 pa, u32 size)
{
	u64 wanted = psp->rmp_initialized ? TMR_SIZE_SNP : TMR_SIZE;
	u8 byte;

	if (!is_aligned(pa & ~psp->machine->cbit, wanted))
		return PSP_INVALID_ADDRESS;
	if (size != wanted)
		return PSP_INVALID_LENGTH;
	if (psp_read(psp, pa, 0, &byte, 1) || psp_read(psp, pa + wanted - 1, 0, &byte, 1))
		return PSP_INVALID_ADDRESS;
	return psp_writable(psp, pa, wanted);
}

static u32 init(struct psp *psp, u16 flags, u64 tmr, u32 tmr_size)
{
	u32 status = PSP_SUCCESS;

	if (flags & SEV_INIT_ES)
		status = check_tmr(psp, tmr, tmr_size);
	if (status)
		return status;
	if (psp->snp_state == SNP_STATE_UNINIT)
		psp_asids_init(psp);
	psp->sev_config = flags;
	psp->sev_state = SEV_STATE_INIT;
	return PSP_SUCCESS;
}

static u32 check_init(struct psp *psp, bool is_valid)
{
	struct psp_processors p;

	if (psp->sev_state != SEV_STATE_UNINIT)
		return PSP_INVALID_PLATFORM_STATE;
	processors(psp, &p);
	if (!p.mem_encrypt)
		return PSP_HWERROR_PLATFORM;
	if (!is_valid)
		return PSP_INVALID_CONFIG;
	return p.snp && !psp->rmp_initialized ? PSP_INVALID_PLATFORM_STATE : PSP_SUCCESS;
}

u32 psp_sev_init(struct psp *psp, union psp_buffer *cmd)
{
	const struct sev_cmd_init *c = &cmd->sev_init;
	u32 status = check_init(psp, !(c->flags & ~SEV_INIT_ES) && !c->reserved_0x02 &&
					     !c->reserved_0x04);

	return status ? status : init(psp, c->flags, c->tmr_paddr, c->tmr_length);
}

/* Where the host keeps what is persistent. There are no certificates, so nothing is kept there. */
static u32 check_nv(struct psp *psp, const struct sev_cmd_init_ex *c)
{
	u8 byte;

	if (!c->nv_paddr)
		return PSP_SUCCESS;
	if (!is_aligned(c->nv_paddr, PAGE_SIZE) || psp_read(psp, c->nv_paddr, 0, &byte, 1))
		return PSP_INVALID_ADDRESS;
	if (c->nv_length != SEV_INIT_EX_NV_LENGTH)
		return PSP_INVALID_LENGTH;
	if (c->flags & SEV_INIT_ES && c->tmr_paddr < c->nv_paddr + c->nv_length &&
	    c->nv_paddr < c->tmr_paddr + c->tmr_length)
		return PSP_INVALID_ADDRESS;
	return psp_writable(psp, c->nv_paddr, c->nv_length);
}

u32 psp_sev_init_ex(struct psp *psp, union psp_buffer *cmd)
{
	const struct sev_cmd_init_ex *c = &cmd->sev_init_ex;
	u32 status = check_init(psp, !(c->flags & ~SEV_INIT_ES) && !c->reserved_0x06 &&
					     !c->reserved_0x14);

	if (!status && c->length != SEV_INIT_EX_LENGTH)
		status = PSP_INVALID_LENGTH;
	if (!status)
		status = check_nv(psp, c);
	return status ? status : init(psp, c->flags, c->tmr_paddr, c->tmr_length);
}

u32 psp_sev_shutdown(struct psp *psp, union psp_buffer *cmd)
{
	(void)cmd;
	psp_guests_clear(psp, PSP_GUEST_SEV);
	psp->sev_state = SEV_STATE_UNINIT;
	psp->sev_config = 0;
	return PSP_SUCCESS;
}

u32 psp_sev_factory_reset(struct psp *psp, union psp_buffer *cmd)
{
	(void)cmd;
	return psp->sev_state == SEV_STATE_UNINIT ? PSP_SUCCESS : PSP_INVALID_PLATFORM_STATE;
}

u32 psp_sev_platform_status(struct psp *psp, union psp_buffer *cmd)
{
	cmd->sev_platform_status = (struct sev_cmd_platform_status){
		.api_major = PSP_API_MAJOR,
		.api_minor = PSP_API_MINOR,
		.state = psp->sev_state,
		.config = psp->sev_config,
		.build = PSP_BUILD,
		.guest_count = psp_guest_count(psp, PSP_GUEST_SEV),
	};
	return PSP_SUCCESS;
}

/* One socket's id: that no key server knows it can be read from it. */
u32 psp_sev_get_id(struct psp *psp, union psp_buffer *cmd)
{
	static const char id[SEV_ID_LENGTH] = "emulated: no key server has certificates for it";
	struct sev_cmd_buffer *c = &cmd->sev_buffer;
	u32 status;

	if (c->length < SEV_ID_LENGTH) {
		c->length = SEV_ID_LENGTH;
		return PSP_INVALID_LENGTH;
	}
	status = psp_writable(psp, c->paddr, c->length);
	if (!status)
		status = psp_write(psp, c->paddr, 0, id, SEV_ID_LENGTH);
	if (!status)
		c->length = SEV_ID_LENGTH;
	return status;
}
