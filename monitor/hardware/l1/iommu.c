/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See iommu.h.
 */
#include "monitor/hardware/l1/iommu.h"

#include "lib/string.h"
#include "monitor/hardware/l1/frame.h"
#include "monitor/hardware/l1/l1.h"
#include "monitor/hardware/l1/pci.h"
#include "monitor/hardware/l1/psp.h"
#include "monitor/hardware/l1/rmp.h"
#include "monitor/machine/memory.h"
#include "monitor/svm/smp.h"
#include "monitor/svm/stop.h"

#define BASE       U64_C(0xfed80000) /* where AMD's firmware has it */
#define TABLE      IOMMU_REGISTERS_SIZE
#define VENDOR     0x1022
#define DEVICE     0x164f
#define CLASS      0x080600
#define CAPABILITY 0x40
#define MSI        0x64

static struct pci_function function;
static struct iommu iommu;
static u16 id;

static bool read_memory(void *context, u64 pa, void *buffer, u64 size)
{
	const void *from = l1_host_memory(pa, size);

	(void)context;
	if (!from)
		return false;
	memcpy(buffer, from, size);
	return true;
}

static bool write_memory(void *context, u64 pa, const void *buffer, u64 size)
{
	void *to = l1_host_memory(pa, size);

	(void)context;
	if (!to || !l1_rmp_lets_iommu_write(pa))
		return false;
	memcpy(to, buffer, size);
	return true;
}

static void interrupt(void *context) { l1_pci_interrupt(context); }

static bool is_locked(void *context)
{
	(void)context;
	return l1_psp_guards_iommu();
}

/* Its registers do not move, whatever is written to its function. */
static void written(void) {}

static void make_function(void)
{
	pci_function_init(&function, VENDOR, DEVICE, CLASS);
	pci_function_add(&function, IOMMU_CAPABILITY_ID, CAPABILITY);
	pci_function_put(
		&function, CAPABILITY + 2, 2,
		(u32)((IOMMU_CAPABILITY_TYPE | IOMMU_CAPABILITY_REV | IOMMU_CAPABILITY_EFR) >> 16));
	pci_function_put(&function, CAPABILITY + 4, 4, (u32)(BASE | IOMMU_CAPABILITY_ENABLED));
	pci_function_add_msi(&function, MSI);
	id = l1_pci_add(&function, written);
}

static void init(void)
{
	l1_iommu.memory = memory_alloc(l1_iommu.size);
	iommu = (struct iommu){
		.registers = l1_iommu.memory,
		.context = &function,
		.read = read_memory,
		.write = write_memory,
		.interrupt = interrupt,
		.is_locked = is_locked,
	};
	iommu_init(&iommu);
	make_function();
}

static void write(u64 offset, unsigned int size, u64 value)
{
	iommu_write(&iommu, offset, size, value);
}

struct l1_device l1_iommu = {
	.gpa = BASE,
	.size = IOMMU_REGISTERS_SIZE + PAGE_SIZE,
	.write = write,
	.init = init,
};

bool l1_iommu_own_memory(unsigned int i, u64 *base, u64 *size)
{
	return iommu_own_memory(&iommu, i, base, size);
}

/* In the place of a table that tells Linux nothing: there is no room for one more. */
void l1_iommu_announce(u16 device)
{
	iommu_ivrs((u8 *)l1_iommu.memory + TABLE, id, CAPABILITY, BASE, device);
	if (acpi_replace(&guest.acpi, "WAET", BASE + TABLE))
		stop_crashed(smp_here(), "the machine's ACPI has no place for an IVRS");
}
