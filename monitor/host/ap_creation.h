/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AP creation of an SNP guest: one of its processors makes the state from which another starts.
 */
#pragma once

#include "abi/ghcb.h"
#include "lib/errno.h"
#include "monitor/svm/vcpu.h"

/* @v's request in @ghcb: 0, or GHCB_ERR_*. What hardware would refuse is a violation. */
must_check u32 ap_creation(struct vcpu *v, const struct ghcb *ghcb);
