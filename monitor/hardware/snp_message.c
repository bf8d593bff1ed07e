/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See snp_message.h. TCG's SVM has an offset of the TSC and no scale: the guest's is that of the
 * machine. Spec: APM2 15.36.18 (Secure TSC).
 */
#include "monitor/hardware/snp_message.h"

#include "lib/cpu.h"
#include "lib/string.h"
#include "monitor/hardware/guest_message.h"

static struct guest_messages messages = { .tsc_scale = TSC_SCALE_ONE };

static bool is_secure_tsc(void) { return guest.sev_features & SEV_FEATURES_SECURE_TSC; }

void snp_message_init(const u8 (*vmpck)[SNP_VMPCK_SIZE])
{
	memcpy(messages.vmpck, vmpck, sizeof(messages.vmpck));
}

u32 snp_message_request(const struct snp_message *request, struct snp_message *response)
{
	return guest_message(&messages, request, response);
}

/* The guest's TSC counts from its launch. */
void snp_tsc_begin(struct vmcb *vmcb)
{
	if (!is_secure_tsc())
		return;
	if (!messages.has_secure_tsc)
		messages.tsc_offset = -rdtsc();
	messages.has_secure_tsc = true;
	vmcb->control.tsc_offset = messages.tsc_offset;
}

void snp_tsc_load(struct vmcb *vmcb)
{
	if (is_secure_tsc())
		vmcb->control.tsc_offset = vmcb->save.guest_tsc_offset;
}
