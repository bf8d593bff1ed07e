/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exits of the GHCB page, each answered in the monitor's copy of it. Spec: GHCB 4.1, table 7.
 */
#pragma once

#include "monitor/host/ghcb_page.h"
#include "monitor/svm/vcpu.h"

struct ghcb_request {
	struct ghcb *ghcb; /* the copy; its shared buffer is not in it */
	struct ghcb *page; /* the guest's, for the shared buffer */
	u64 gpa;           /* of the page */
};

/* Performs a request that ghcb_check() found well-formed, and composes the answer. */
void ghcb_exit(struct vcpu *v, const struct ghcb_request *request);
