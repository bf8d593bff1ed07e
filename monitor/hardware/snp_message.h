/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's keys, and its firmware's end of messages under them; the TSC that it was given.
 */
#pragma once

#include "abi/snp_message.h"
#include "lib/errno.h"
#include "lib/sha384.h"
#include "monitor/svm/vcpu.h"

void snp_message_init(void);

/* The keys of this launch, of which the guest gets a copy; policy and host data. */
void snp_launch_secrets(struct snp_secrets_page *page);
/*
 * What a launch by a firmware image measured, and with which id block it is to be: a PSP_ status.
 * Without an image nothing is measured, and reports say zero.
 */
u32 must_check snp_launch_finish(const u8 digest[SHA384_SIZE]);

/* SNP_GUEST_REQUEST: a PSP_ status. */
u32 must_check snp_message_request(const struct snp_message *request, struct snp_message *response);

/* With Secure TSC: the TSC of a processor begins as the firmware gave it to the guest. */
void snp_tsc_begin(struct vmcb *vmcb);
/* As the VMSA that it now runs from has it; vmsa_check() has seen to the scale. */
void snp_tsc_load(struct vmcb *vmcb);
