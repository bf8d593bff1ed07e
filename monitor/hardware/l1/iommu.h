/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The I/O MMU of L1's machine: its registers, its PCI function and its ACPI table, which lies in a
 * page behind the registers.
 */
#pragma once

#include "monitor/hardware/iommu/iommu.h"
#include "monitor/hardware/l1/device.h"

extern struct l1_device l1_iommu;

/* What it writes to on its own: see iommu_own_memory(). */
bool l1_iommu_own_memory(unsigned int i, u64 *base, u64 *size);

/* Before L1 runs: puts the table, which says that the IOMMU covers @device, among ACPI's. */
void l1_iommu_announce(u16 device);
