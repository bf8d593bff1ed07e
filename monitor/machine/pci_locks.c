/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See pci_locks.h.
 */
#include "monitor/machine/pci_locks.h"

#include "lib/cpu.h"
#include "monitor/machine/chipset.h"

#define REG_STATUS   0x04 /* the upper half of the dword */
#define REG_CAP      0x34
#define REG_HEADER   0x40 /* what is below is no capability's */
#define STATUS_CAP   BIT(20)
#define CAP_MSI      0x05
#define CAP_MSIX     0x11
#define CAP_COUNT    48 /* no list is longer */
#define MESSAGES_MAX 4
#define CONTROL_LOW  2 /* Message Control, whose enable bit is the first or the last */
#define CONTROL_HIGH 3

static u32 device(u32 address) { return address & 0xffff00; }

static u32 reg(u32 address) { return address & 0xfc; }

/* Where the capabilities for messages of the device that is selected begin; 0: no more. */
static void find_messages(u32 address, u8 at[MESSAGES_MAX])
{
	unsigned int found = 0;
	u32 next = 0;

	for (unsigned int i = 0; i < MESSAGES_MAX; i++)
		at[i] = 0;
	if (chipset_pci_read(device(address), REG_STATUS) & STATUS_CAP)
		next = chipset_pci_read(device(address), REG_CAP) & 0xfc;
	for (unsigned int i = 0; i < CAP_COUNT && next >= REG_HEADER; i++) {
		u32 header = chipset_pci_read(device(address), next);
		u8 id = (u8)header;

		if ((id == CAP_MSI || id == CAP_MSIX) && found < MESSAGES_MAX)
			at[found++] = (u8)next;
		next = header >> 8 & 0xfc;
	}
	outl(PORT_PCI_ADDRESS, address);
}

/* The bits of a dword that belong to bytes @first to @last of such a capability. */
static u32 message_bits(u32 address, unsigned int first, unsigned int last)
{
	u8 at[MESSAGES_MAX];
	u32 bits = 0;

	if (reg(address) < REG_HEADER)
		return 0;
	find_messages(address, at);
	for (unsigned int i = 0; i < MESSAGES_MAX && at[i]; i++)
		if (reg(address) == at[i])
			bits |= (u32)(bits_mask(8 * (last + 1)) & ~bits_mask(8 * first));
	return bits;
}

/* A capability without an id is none, and the list goes on behind it. */
u32 pci_hidden_bits(u32 address) { return message_bits(address, 0, 0); }

u32 pci_locked_bits(u32 address)
{
	u32 bits = message_bits(address, CONTROL_LOW, CONTROL_HIGH);

	for (unsigned int i = 0; i < sizeof(u32); i++)
		if (chipset_is_locked(device(address), reg(address) + i))
			bits |= 0xffu << 8 * i;
	return bits;
}
