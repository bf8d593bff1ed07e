/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See mailbox.h.
 */
#include "monitor/host/mailbox.h"

#include "abi/acpi.h"
#include "lib/compiler.h"
#include "lib/string.h"
#include "monitor/hardware/launch.h"
#include "monitor/host/state.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/smp.h"

#define PLACE_LOW  0x80000
#define PLACE_HIGH 0xa0000

#define TABLE_FLAGS (PTE_P | PTE_W | PTE_A)
#define LEAF_FLAGS  (TABLE_FLAGS | PTE_D | PTE_PS)
#define GIB_COUNT   4

/* All of it is the firmware's for as long as anybody waits. */
struct __aligned_page place {
	struct acpi_mailbox mailbox;
	u8 stub[PAGE_SIZE];
	u8 madt[PAGE_SIZE];
	u64 top[PTE_COUNT];
	u64 gibs[PTE_COUNT];
	u64 leaves[GIB_COUNT * PTE_COUNT]; /* 2M each, private: the SHARED bit is clear */
};

extern const u8 mailbox_stub[], mailbox_stub_end[];

static struct place *place_of_guest(void) { return (struct place *)host.mailbox; }

static void build_tables(struct place *p)
{
	p->top[0] = (u64)p->gibs | TABLE_FLAGS;
	for (u64 i = 0; i < GIB_COUNT; i++)
		p->gibs[i] = (u64)&p->leaves[i * PTE_COUNT] | TABLE_FLAGS;
	for (u64 i = 0; i < array_count(p->leaves); i++)
		p->leaves[i] = i * PAGE_2M_SIZE | LEAF_FLAGS;
}

int mailbox_place(void)
{
	struct place *p;

	if (memmap_find_low(&guest.map, sizeof(*p), PAGE_SIZE, PLACE_LOW, PLACE_HIGH,
			    &host.mailbox))
		return -E_NOMEM;
	guest.lone_gpa = host.mailbox;
	p = place_of_guest();
	memset(p, 0, sizeof(*p));
	memcpy(p->stub, mailbox_stub, (size_t)(mailbox_stub_end - mailbox_stub));
	build_tables(p);
	if (acpi_add_wakeup(&guest.acpi, p->madt, sizeof(p->madt), (u64)&p->mailbox))
		return -E_NOSPC;
	/* Linux maps memory of this type as private. */
	return memmap_set(&guest.map, host.mailbox, sizeof(*p), HVM_MEMMAP_NVS);
}

void mailbox_touched(struct vcpu *v, u64 gpa)
{
	if (host.mailbox && align_down(gpa, (u64)PAGE_SIZE) == host.mailbox)
		smp_release(v);
}

void mailbox_vmsa(const struct vcpu *v, struct vmsa *vmsa)
{
	struct place *p = place_of_guest();

	launch_vmsa_linux(vmsa, (u64)p->stub, v->apic_id, (u64)p->top, 0);
	vmsa->rdi = (u64)&p->mailbox;
}
