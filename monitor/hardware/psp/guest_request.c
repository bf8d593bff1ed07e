/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SNP_GUEST_REQUEST: a guest's message, which its host carries. SNP-FW 8.26.
 */
#include "lib/compiler.h"
#include "monitor/hardware/psp/firmware.h"

static u32 check(struct psp *psp, const struct snp_cmd_guest_request *c, struct psp_guest **guest)
{
	u32 status = psp_gctx_get(psp, c->gctx_paddr, guest, NULL);

	if (status)
		return status;
	if (!is_aligned(c->request_paddr, PAGE_SIZE) || !is_aligned(c->response_paddr, PAGE_SIZE))
		return PSP_INVALID_PARAM;
	if ((*guest)->state != SNP_GUEST_RUNNING)
		return PSP_INVALID_GUEST_STATE;
	return psp_writable(psp, c->response_paddr, PAGE_SIZE);
}

/* The answer's page stays the firmware's: its host may read it as it is. */
u32 psp_snp_guest_request(struct psp *psp, union psp_buffer *cmd)
{
	const struct snp_cmd_guest_request *c = &cmd->snp_guest_request;
	struct psp_guest *guest;
	u32 status = check(psp, c, &guest);

	if (!status)
		status = psp_read(psp, c->request_paddr, 0, psp->page.bytes, PAGE_SIZE);
	if (!status)
		status = guest_message(&guest->messages, &psp->platform, &psp->page.message,
				       &psp->page.message);
	return status ? status : psp_write(psp, c->response_paddr, 0, psp->page.bytes, PAGE_SIZE);
}
