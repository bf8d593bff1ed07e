/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of an SNP guest to its firmware once mm and other processors are there: attestation's.
 */
#pragma once

#include "paravirt/snp_message.h"

/* As snp_message_ask(), from any processor, one at a time. */
int must_check message_ask(const struct snp_message_text *t, u64 *status);
