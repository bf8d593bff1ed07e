/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Launching a firmware image as hardware does: its pages end at 4G, backed by the monitor's memory,
 * since what the machine has there is QEMU's own ROM; then what its tables ask for.
 */
#pragma once

#include "lib/errno.h"
#include "monitor/host/firmware.h"
#include "monitor/svm/vcpu.h"

/* Maps @image, in memory of the monitor that is for nothing else. -E_INVAL: no whole units. */
must_check int rom_init(const void *image, u64 size);

/* Launches @firmware, mapped already, as its tables ask for; -E_INVAL after a line. */
must_check int rom_launch(struct vcpu *v, const struct firmware *firmware);

/* The state in which each of its processors starts. */
void rom_vmsa_tdx(const struct vcpu *v, struct vmsa *vmsa);
