/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The firmware's end of guest messages: keys, sequence numbers, header, and a table of what can be
 * asked. Pure: no instruction, and no page but those that it is given.
 * Spec: SNP-FW 7, 8.26.
 */
#pragma once

#include "abi/sev.h"
#include "abi/snp_message.h"
#include "lib/compiler.h"
#include "lib/errno.h"
#include "monitor/hardware/snp_evidence.h"

struct guest_messages {
	u8 vmpck[VMPL_COUNT][SNP_VMPCK_SIZE];
	u64 sequence[VMPL_COUNT]; /* of the last message under that key, ours or the guest's */
	bool has_secure_tsc;
	u64 tsc_scale, tsc_offset;
	struct snp_launch launch;
};

/*
 * The answer to the guest's page @request, into the page @response: PSP_SUCCESS, or another PSP_
 * status, and then nothing was written and no sequence number used. Each is read once, as a copy.
 */
u32 must_check guest_message(struct guest_messages *m, const struct snp_platform *platform,
			     const struct snp_message *request, struct snp_message *response);

/* For transcripts: NULL, or its name in the specification. */
const char *guest_message_name(u8 type);
