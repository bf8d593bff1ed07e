/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secure TSC: see snp.h.
 */
#include "paravirt/snp.h"

#include "abi/sev.h"
#include "abi/termination.h"
#include "early/entry.h"
#include "early/fatal.h"
#include "early/launch_pages.h"
#include "early/platform.h"
#include "lib/cpu.h"
#include "paravirt/snp_message.h"

#define SECRETS_WITH_FACTOR 4 /* their version */

static u64 scale __ro_after_init, offset __ro_after_init;

bool secure_tsc_is_on(void) { return entry_record.sev_status & SEV_STATUS_SECURE_TSC; }

const char *secure_tsc_whose(void)
{
	if (!cc_has(CC_STATE_ENCRYPTED))
		return "";
	if (secure_tsc_is_on())
		return ", time is the firmware's word";
	return entry_record.tdx ? ", the TSC is the module's word" : ", time is the host's word";
}

void secure_tsc_init(void)
{
	union {
		struct snp_tsc_info_request request;
		struct snp_tsc_info_response response;
	} text = { 0 };
	struct snp_message_text message = { SNP_MSG_TSC_INFO_REQ, &text, sizeof(text.request),
					    sizeof(text.response), NULL };
	u64 status;
	int err;

	if (!secure_tsc_is_on())
		return;
	err = snp_message_ask(&message, &snp_message_early, &status);
	if (err || text.response.status)
		fatal(TERM_CLOCK, "Secure TSC: the firmware does not tell it: %d, %#lx, %u", err,
		      status, err ? 0 : text.response.status);
	scale = text.response.scale;
	offset = text.response.offset;
	if (!scale)
		fatal(TERM_CLOCK, "Secure TSC: the firmware's scale is 0");
}

u64 secure_tsc_khz(void)
{
	u64 khz, factor = 0;

	if (!secure_tsc_is_on())
		return 0;
	khz = (rdmsr(MSR_GUEST_TSC_FREQ) & GUEST_TSC_FREQ_MHZ) * 1000;
	if (launch_secrets_page.version >= SECRETS_WITH_FACTOR)
		factor = launch_secrets_page.tsc_factor;
	if (factor >= TSC_FACTOR_UNIT)
		fatal(TERM_CLOCK, "Secure TSC: a factor of %lu", factor);
	khz -= khz * factor / TSC_FACTOR_UNIT;
	if (!khz) /* what is asked next would be the host's word */
		fatal(TERM_CLOCK, "Secure TSC: it does not run");
	return khz;
}

void secure_tsc_fill(struct vmsa *vmsa)
{
	vmsa->guest_tsc_scale = scale;
	vmsa->guest_tsc_offset = offset;
}
