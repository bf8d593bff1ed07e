/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hostile host's campaign (docs/hostile-host.md): our host's answers pass the points of point.h,
 * and what a guest gives away is looked at (leak.h). Nothing of it without the option `lie=`,
 * `points` or `secrets`.
 *
 * In the transcript, a line `lie` for each lie that was told, and with `points` a line `point` for
 * each class of requests, at the end, with how many there were, and for each run of shared pages.
 */
#pragma once

#include "monitor/host/ghcb_exit.h"
#include "monitor/host/point.h"
#include "monitor/host/tdx_vmcall.h"
#include "monitor/machine/options.h"
#include "monitor/svm/vcpu.h"

/* Whether there is one; then the functions below are called. */
extern bool campaigning;

/* -E_INVAL after a line that names the word. */
must_check int campaign_init(const struct options *options);

/* Before the first instruction. */
void campaign_start(struct vcpu *v);
/* @v, not the first, is about to start; false: it does not. May wait without the lock. */
bool campaign_starts_processor(struct vcpu *v);
/* host_ops.h */
void campaign_stepped(struct vcpu *v);

/* After the honest answer to @code by page; by MSR, of which this is the new one; of a TD. */
void campaign_page(struct vcpu *v, const struct ghcb_request *r, u64 code, u64 info_1);
u64 campaign_msr(struct vcpu *v, u64 request, u64 response);
void campaign_tdvmcall(struct vcpu *v, const struct tdx_vmcall *r, u64 *gpr);
/* What a port or a device register reads as, and a string from a port. */
u32 campaign_port(u16 port, u32 value);
u64 campaign_mmio(u64 gpa, u64 value);
void campaign_bytes(u16 port, u8 *data, u64 count);
