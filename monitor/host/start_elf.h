/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts an ELF guest, by PVH or by multiboot: of an encrypted one its own image, its initrd and
 * its start info are there at launch.
 */
#pragma once

#include "monitor/host/start.h"

must_check int start_elf(struct vcpu *v, const struct payload *payload);
