/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PCI function's configuration space. Spec: PCI 3.0, 6.1 (header), 6.7, 6.8.1 (MSI).
 */
#pragma once

#include "abi/bits.h"

#define PCI_CONFIG_SIZE     256
#define PCI_VENDOR_ID       0x00
#define PCI_DEVICE_ID       0x02
#define PCI_COMMAND         0x04
#define PCI_STATUS          0x06
#define PCI_REVISION        0x08
#define PCI_CLASS           0x09 /* interface, sub-class, class */
#define PCI_BAR(n)          (0x10 + 4 * (n))
#define PCI_SUBSYSTEM       0x2c
#define PCI_CAPABILITIES    0x34
#define PCI_CONFIG_HEADER   0x40 /* capabilities are behind it */
#define PCI_COMMAND_MEMORY  BIT(1)
#define PCI_COMMAND_MASTER  BIT(2)
#define PCI_COMMAND_NO_INTX BIT(10)
#define PCI_STATUS_LIST     BIT(4)
#define PCI_CAPABILITY_MSI  0x05

/* From the capability on; the form with addresses of 64 bits */
#define PCI_MSI_CONTROL      2
#define PCI_MSI_ADDRESS      4
#define PCI_MSI_ADDRESS_HIGH 8
#define PCI_MSI_DATA         12
#define PCI_MSI_ENABLE       BIT(0)
#define PCI_MSI_64BIT        BIT(7)
