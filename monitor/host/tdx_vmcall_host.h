/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of tdx_vmcall.h share: one call, and its answers.
 */
#pragma once

#include "monitor/host/tdx_vmcall.h"

/* One call as the host sees it: registers that are not exposed are zero. */
struct host_call {
	struct tdx_call *call;
	const struct tdx_host *host;
	u64 gpr[TDX_GPR_COUNT];
	struct tdx_vmcall *r;
};

static inline void set_status(struct host_call *h, u64 status) { h->gpr[TDX_R10] = status; }

static inline void refuse(struct host_call *h) { set_status(h, TDVMCALL_STATUS_INVALID_OPERAND); }

/* The value of IO, MMIO and RDMSR */
static inline void set_value(struct host_call *h, u64 value) { h->gpr[TDX_R11] = value; }

static inline bool is_private(const struct host_call *h, u64 gpa)
{
	return !(gpa & tdx_shared_mask(h->call->td));
}

static inline u64 without_shared(const struct host_call *h, u64 gpa)
{
	return gpa & ~tdx_shared_mask(h->call->td);
}

/* tdx_vmcall_memory.c */
void do_map_gpa(struct host_call *h);
void do_get_quote(struct host_call *h);
void do_fatal(struct host_call *h);
