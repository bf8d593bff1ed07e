/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence of this guest's launch, and keys that only such a launch has. From any processor. The
 * host carries what is asked and can refuse, or give other certificates; it can neither read a key
 * nor make an answer.
 * Spec: SNP-FW 7.2, 7.3; DCAP A.3. Does not: keys of a TD, for which TDX has none.
 */
#pragma once

#include "abi/snp_message.h"
#include "kernel/quote.h"
#include "paravirt/snp_message.h"

struct attest_evidence {
	bool is_quote; /* of a TD; else the rest */
	struct tdx_quote quote;
	struct snp_report report;
	struct snp_certificates certificates;
	size_t certificates_size; /* of the table; 0: the host has none, or they are no table */
};

/*
 * A report or quote with @data in it. -E_NOSYS: no firmware here gives one; -E_INVAL: the firmware
 * has none for this guest, by *status, SNP_MSG_*; -E_IO: the host or the firmware refuses, with
 * *status what they say; -E_PERM: it is not the firmware that answered, or an earlier question went
 * wrong. After the last two nothing can be asked any more. -E_NOMEM: no page table could be had to
 * share what the host carries. Of a TD: as tdx_quote_ask().
 */
int must_check attest_report(const u8 data[SNP_REPORT_DATA_SIZE], struct attest_evidence *evidence,
			     u64 *status);

/*
 * The same for a key. Does not: select LAUNCH_MIT_VECTOR, which older firmware knows nothing of;
 * that is -E_INVAL, and SNP_MSG_INVALID_PARAM.
 */
int must_check attest_key(const struct snp_key_request *request, u8 key[SNP_DERIVED_KEY_SIZE],
			  u64 *status);
