/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See snp_message.h. TCG's SVM has an offset of the TSC and no scale: the guest's is that of the
 * machine. Spec: APM2 15.36.18 (Secure TSC).
 */
#include "monitor/hardware/snp_message.h"

#include "lib/cpu.h"
#include "lib/string.h"
#include "monitor/hardware/guest_message.h"
#include "monitor/hardware/launch.h"
#include "monitor/hardware/snp_root.h"
#include "monitor/hardware/state.h"

static struct guest_messages messages = { .tsc_scale = TSC_SCALE_ONE };
static struct snp_platform platform;

static bool is_secure_tsc(void) { return guest.sev_features & SEV_FEATURES_SECURE_TSC; }

void snp_message_init(void) { snp_root_platform(&platform); }

static void fill_random(u8 *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (u8)(rdtsc() >> 3) ^ (u8)(i * 37);
}

void snp_launch_secrets(struct snp_secrets_page *page)
{
	const struct snp_launch_words *words = hardware.snp_launch;
	struct snp_launch *l = &messages.launch;

	fill_random(messages.vmpck[0], sizeof(messages.vmpck));
	fill_random(l->report_id, sizeof(l->report_id));
	fill_random(l->vmrk, sizeof(l->vmrk));
	l->policy = words ? words->policy : SNP_POLICY_MBO | SNP_POLICY_SMT;
	l->vcek_disabled = words && words->flags & SNP_FINISH_VCEK_DIS;
	if (words)
		memcpy(l->host_data, words->host_data, sizeof(l->host_data));
	launch_secrets(page, platform.fms, messages.vmpck[0]);
}

u32 snp_launch_finish(const u8 digest[SHA384_SIZE])
{
	const struct snp_launch_words *words = hardware.snp_launch;

	memcpy(messages.launch.measurement, digest, sizeof(messages.launch.measurement));
	if (!words)
		return PSP_SUCCESS;
	if (!snp_policy_is_valid(words->policy))
		return PSP_POLICY_FAILURE;
	if (!(words->flags & SNP_FINISH_ID_BLOCK))
		return PSP_SUCCESS;
	return snp_id_block(&messages.launch, &words->id_block, &words->id_auth,
			    words->flags & SNP_FINISH_AUTHOR_KEY);
}

u32 snp_message_request(const struct snp_message *request, struct snp_message *response)
{
	return guest_message(&messages, &platform, request, response);
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
