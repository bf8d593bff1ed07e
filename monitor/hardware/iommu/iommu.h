/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AMD's I/O MMU, as far as an SNP host must have one: registers, command buffer, event log, and the
 * ACPI table. It translates for nobody: the table names the security processor only, whose own
 * accesses need no translation, so that the machine's devices stay as they are.
 * Spec: 48882. Pure. A read of a register is one of the memory where they are kept.
 */
#pragma once

#include "abi/iommu.h"

#define IOMMU_FEATURES_PLAYED (IOMMU_FEATURE_SNP | IOMMU_FEATURE_GA | IOMMU_FEATURE_INVALIDATE_ALL)

struct iommu {
	u64 *registers; /* IOMMU_REGISTERS_SIZE bytes */
	void *context;
	/* The machine's memory; false: there is none. */
	bool (*read)(void *context, u64 pa, void *buffer, u64 size);
	bool (*write)(void *context, u64 pa, const void *buffer, u64 size);
	void (*interrupt)(void *context);
	bool (*is_locked)(void *context); /* SNP_INIT has put it below the firmware's guard */
};

/* As after a reset. The other fields are set. */
void iommu_init(struct iommu *iommu);

/* A write of @size bytes, 1 to 8, aligned, at @offset. */
void iommu_write(struct iommu *iommu, u64 offset, unsigned int size, u64 value);

/* A buffer that it writes on its own; @i from 0 on. False: no more. */
bool iommu_own_memory(const struct iommu *iommu, unsigned int i, u64 *base, u64 *size);

/*
 * Writes an IVRS to @table: an IOMMU that is PCI device @device (bus and function as in a requester
 * id) with its capability at @capability and its registers at @base, and covers device @covers.
 * Returns its length, at most IOMMU_IVRS_SIZE.
 */
#define IOMMU_IVRS_SIZE (sizeof(struct ivrs) + sizeof(struct ivhd) + sizeof(struct ivhd_device))
u32 iommu_ivrs(void *table, u16 device, u16 capability, u64 base, u16 covers);
