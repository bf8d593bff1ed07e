/* SPDX-License-Identifier: Apache-2.0 */
/*
 * String moves into a device's registers, as Linux's memcpy_toio() makes them.
 */
#pragma once

#include "monitor/hardware/l1/device.h"

/*
 * The instruction that wrote to @device at @gpa, if it is MOVS: one element of it is done, and the
 * next faults again. False: it is none.
 */
bool l1_device_string(struct vcpu *v, const struct l1_device *device, u64 gpa);
