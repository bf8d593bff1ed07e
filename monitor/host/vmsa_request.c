/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See vmsa_request.h.
 */
#include "monitor/host/vmsa_request.h"

#include "abi/x86.h"
#include "lib/compiler.h"

u32 vmsa_request(const struct ghcb *ghcb, unsigned int cpu_count, u64 features,
		 struct vmsa_request *request)
{
	u64 info = ghcb->save.sw_exit_info_1;

	*request = (struct vmsa_request){ .type = (u32)bits_get(info, 15, 0),
					  .apic_id = (u32)bits_get(info, 63, 32),
					  .gpa = ghcb->save.sw_exit_info_2 };
	if (request->type > SVM_VMGEXIT_AP_DESTROY || request->apic_id >= cpu_count ||
	    bits_get(info, 31, 16))
		return GHCB_ERR_INVALID_INPUT;
	if (request->type == SVM_VMGEXIT_AP_DESTROY)
		return 0;
	if (ghcb->save.rax != features || !is_aligned(request->gpa, PAGE_SIZE) ||
	    is_aligned(request->gpa, PAGE_2M_SIZE))
		return GHCB_ERR_INVALID_INPUT;
	return 0;
}
