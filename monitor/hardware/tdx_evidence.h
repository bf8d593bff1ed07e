/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The platform below a TD, as a test root has it: what of it is in a TDREPORT, and the keys by
 * which the processor knows its own reports again, and a quoting enclave signs. Pure.
 * Spec: TDX-ABI 3.7 (TDREPORT_STRUCT); SDM3 (EVERIFYREPORT2: which reports are this processor's).
 */
#pragma once

#include "abi/tdx.h"
#include "lib/errno.h"
#include "model/guid_table.h"
#include "model/test_root.h"

#define TDX_REPORT_KEY_SIZE 32

struct tdx_platform {
	struct test_root_tdx root;
	u8 pck[TEST_ROOT_P256_SIZE];        /* private */
	u8 report_key[TDX_REPORT_KEY_SIZE]; /* of MACs */
	u8 attestation_key[TEST_ROOT_P256_SIZE];
	struct guid_data pck_chain; /* PEM */
	u32 quote_version;          /* TDX_QUOTE_V4 or _V5 */
	bool has_service;           /* somebody answers GetQuote */
};

/* -E_INVAL: @firmware, a test root's firmware.bin, lacks something. It must live on. */
int must_check tdx_platform_init(struct tdx_platform *p, const void *firmware, size_t size);

/* Completes @report, whose TD's part and report data are there. */
void tdx_report_complete(const struct tdx_platform *p, struct tdx_report *report);

/* What SEAMVERIFYREPORT and EVERIFYREPORT2 say: TDX_SUCCESS, or TDX_INVALID_*. */
u64 must_check tdx_report_verify(const struct tdx_platform *p, const struct tdx_report_mac *report);
