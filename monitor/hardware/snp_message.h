/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's keys, and its firmware's end of messages under them; the TSC that it was given.
 */
#pragma once

#include "abi/snp_message.h"
#include "lib/errno.h"
#include "monitor/svm/vcpu.h"

/* The keys of this launch: copied, since the guest can write its page. */
void snp_message_init(const u8 (*vmpck)[SNP_VMPCK_SIZE]);
/* SNP_GUEST_REQUEST: a PSP_ status. */
u32 must_check snp_message_request(const struct snp_message *request, struct snp_message *response);

/* With Secure TSC: the TSC of a processor begins as the firmware gave it to the guest. */
void snp_tsc_begin(struct vmcb *vmcb);
/* As the VMSA that it now runs from has it; vmsa_check() has seen to the scale. */
void snp_tsc_load(struct vmcb *vmcb);
