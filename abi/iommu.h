/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AMD's I/O MMU as software meets it: registers, commands, events, and the ACPI table that tells of
 * it. Spec: AMD I/O Virtualization Technology (IOMMU) Specification, 48882 rev. 3.07.
 */
#pragma once

#include "abi/acpi.h"

/* Registers: 48882 3.4. All are 8 bytes. */
#define IOMMU_REGISTERS_SIZE  0x4000
#define IOMMU_DEVICE_TABLE    0x0000
#define IOMMU_COMMAND_BASE    0x0008
#define IOMMU_EVENT_BASE      0x0010
#define IOMMU_CONTROL         0x0018
#define IOMMU_EXCLUSION_BASE  0x0020 /* with SNP: where COMPLETION_WAIT may store */
#define IOMMU_EXCLUSION_LIMIT 0x0028
#define IOMMU_FEATURES        0x0030
#define IOMMU_COMMAND_HEAD    0x2000
#define IOMMU_COMMAND_TAIL    0x2008
#define IOMMU_EVENT_HEAD      0x2010
#define IOMMU_EVENT_TAIL      0x2018
#define IOMMU_STATUS          0x2020
#define IOMMU_ADDRESS         U64_C(0x000ffffffffff000)
#define IOMMU_LENGTH_SHIFT    56 /* of a buffer: [59:56], 2^n entries, n of 8 to 15 */
#define IOMMU_ENTRY_SIZE      16
#define IOMMU_POINTER         U64_C(0x7fff0) /* of head and tail */

#define IOMMU_CONTROL_ENABLE     BIT(0)
#define IOMMU_CONTROL_EVENT_LOG  BIT(2)
#define IOMMU_CONTROL_EVENT_INTR BIT(3)
#define IOMMU_CONTROL_WAIT_INTR  BIT(4)
#define IOMMU_CONTROL_COMMAND    BIT(12)

#define IOMMU_STATUS_EVENT_OVERFLOW BIT(0) /* write 1 to clear, as the next two */
#define IOMMU_STATUS_EVENT_INTR     BIT(1)
#define IOMMU_STATUS_WAIT_INTR      BIT(2)
#define IOMMU_STATUS_EVENT_RUN      BIT(3)
#define IOMMU_STATUS_COMMAND_RUN    BIT(4)

/* Extended features: 48882 3.4.4 */
#define IOMMU_FEATURE_INVALIDATE_ALL BIT(6)
#define IOMMU_FEATURE_GA             BIT(7)
#define IOMMU_FEATURE_SNP            BIT(63)

/* Commands: 48882 2.4. The code is in [63:60] of the first quadword. */
#define IOMMU_COMPLETION_WAIT 1
#define IOMMU_INVALIDATE_ALL  8
#define IOMMU_WAIT_STORE      BIT(0)
#define IOMMU_WAIT_INTR       BIT(1)
#define IOMMU_WAIT_ADDRESS    U64_C(0x000ffffffffffff8)

/* Events: 48882 2.5. The code is in [63:60] of the first quadword. */
#define IOMMU_EVENT_ILLEGAL_COMMAND  5
#define IOMMU_EVENT_COMMAND_HW_ERROR 6

/* The PCI capability: 48882 3.2 */
#define IOMMU_CAPABILITY_ID      0x0f
#define IOMMU_CAPABILITY_TYPE    (U64_C(3) << 16)
#define IOMMU_CAPABILITY_REV     (U64_C(1) << 19)
#define IOMMU_CAPABILITY_EFR     BIT(27)
#define IOMMU_CAPABILITY_ENABLED BIT(0) /* of the low base address */

/* IVRS, and its block for an IOMMU: 48882 5.2 */
#define IVRS_SIGNATURE      "IVRS"
#define IVRS_INFO_EFR       BIT(0)
#define IVRS_INFO_PASIZE(n) ((n) << 8)
#define IVRS_INFO_VASIZE(n) ((n) << 15)
#define IVHD_TYPE_11H       0x11
#define IVHD_DEVICE_SELECT  2

struct __attribute__((packed)) ivrs {
	struct acpi_header header;
	u32 info;
	u64 reserved_0x28;
};
ABI_SIZE(struct ivrs, 48);

struct __attribute__((packed)) ivhd {
	u8 type;
	u8 flags;
	u16 length;
	u16 device;
	u16 capability;
	u64 base;
	u16 segment;
	u16 info;
	u32 attributes;
	u64 features;
	u64 features_2;
};
ABI_SIZE(struct ivhd, 40);

struct __attribute__((packed)) ivhd_device {
	u8 type;
	u16 device;
	u8 flags;
};
ABI_SIZE(struct ivhd_device, 4);
