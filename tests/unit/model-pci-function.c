/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PCI function's configuration space: sizing of BARs, the list of capabilities, messages only
 * where they are enabled, and nothing else that a write changes.
 * RUN: %unit-cc %s -o %t
 */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "../../lib/string.h"
#include "../../monitor/hardware/pci_function.c"

static struct pci_function f;

static void setup(void)
{
	pci_function_init(&f, 0x1022, 0x14ca, 0x108000);
	pci_function_add_bar(&f, 2, 0x20000);
	pci_function_add(&f, 0x0f, 0x40);
	pci_function_add_msi(&f, 0x64);
}

static u32 read4(u8 at) { return pci_function_read(&f, at, 4); }

static void test_header(void)
{
	setup();
	assert(read4(0) == 0x14ca1022 && read4(8) == 0x10800000);
	assert(pci_function_read(&f, PCI_STATUS, 2) & PCI_STATUS_LIST);
	assert(pci_function_read(&f, PCI_CAPABILITIES, 1) == 0x40);
	assert((read4(0x40) & 0xffff) == 0x640f && (read4(0x64) & 0xffff) == 0x0005);
	for (unsigned int at = 0; at < PCI_CONFIG_SIZE; at++)
		pci_function_write(&f, (u8)at, 1, 0xff);
	assert(read4(0) == 0x14ca1022 && read4(8) == 0x10800000);
	assert((read4(0x40) & 0xffff) == 0x640f && !read4(PCI_BAR(0)) && !read4(0xfc));
	assert(pci_function_read(&f, PCI_COMMAND, 2) == 0x406);
}

static void test_bar(void)
{
	setup();
	pci_function_write(&f, PCI_BAR(2), 4, ~0u);
	assert(read4(PCI_BAR(2)) == 0xfffe0000 && !pci_function_bar(&f, 2));
	pci_function_write(&f, PCI_BAR(2), 4, 0xfea40000);
	pci_function_write(&f, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	assert(pci_function_bar(&f, 2) == 0xfea40000 && !pci_function_bar(&f, 1));
	pci_function_write(&f, PCI_COMMAND, 1, 0);
	assert(!pci_function_bar(&f, 2));
}

static void test_message(void)
{
	u64 address;
	u32 data;

	setup();
	pci_function_write(&f, 0x64 + PCI_MSI_ADDRESS, 4, 0xfee01003);
	pci_function_write(&f, 0x64 + PCI_MSI_DATA, 2, 0x4023);
	pci_function_write(&f, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	assert(!pci_function_message(&f, &address, &data));
	pci_function_write(&f, 0x64 + PCI_MSI_CONTROL, 2, 0xffff);
	assert(pci_function_read(&f, 0x64 + PCI_MSI_CONTROL, 2) ==
	       (PCI_MSI_64BIT | PCI_MSI_ENABLE));
	assert(pci_function_message(&f, &address, &data) && address == 0xfee01000 &&
	       data == 0x4023);
	pci_function_write(&f, PCI_COMMAND, 2, 0);
	assert(!pci_function_message(&f, &address, &data));
}

int main(void)
{
	test_header();
	test_bar();
	test_message();
	return 0;
}
