/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page that is a guest's is written for its host by nobody else either: not by VMSAVE or an exit,
 * not by the walk of nested tables, not by the I/O MMU. One that is the host's again is as the
 * host has it for devices, too.
 * RUN: %guest-cc %s -o %t -I %S/Inputs
 * RUN: %S/Inputs/run %build %t | FileCheck %s
 * CHECK: the I/O MMU stores anywhere before SNP_INIT
 * CHECK-NEXT: ... and only to what is its own behind it
 * CHECK-NEXT: a VMCB there is #GP
 * CHECK-NEXT: nor is there VM_HSAVE_PA, and without one is no VMRUN
 * CHECK-NEXT: a nested table gets no accessed bit: the guest exits
 * CHECK-NEXT: a page given back is what a device writes
 * CHECK: QEMU's status 33
 */
#include "abi/iommu.h"
#include "dma.h"
#include "lib/extable.h"
#include "snp.h"

#define ASID       5
#define IOMMU      0xfed80000
#define IOMMU_SIZE 0x4000

GUEST(code_read, "mov vm_area(%rip), %rbx\nmov 0x6000(%rbx), %rax\nvmmcall");

/* The vector of the fault that @insn on the VMCB @page is; 0: none. */
#define FAULT_OF(insn, page)                                                                       \
	({                                                                                         \
		u64 rax = (u64)(page);                                                             \
		__asm__ volatile("1: " insn "\n\t"                                                 \
				 "xor %%eax, %%eax\n\t"                                            \
				 "2:\n\t" EXTABLE("1b", "2b")                                      \
				 : "+a"(rax)::"memory");                                           \
		(u8) rax;                                                                          \
	})

static int give(void *page, bool assigned)
{
	struct rmp_state state = { .gpa = (u64)page, .assigned = 1, .asid = ASID };

	MUST(!rmpupdate((u64)page, assigned ? state : (struct rmp_state){ 0 }));
	return 0;
}

static int instructions(void)
{
	u64 *page = page_new();

	MUST(page && !give(page, true));
	MUST(FAULT_OF("vmsave", page) == VEC_GP && FAULT_OF("vmrun", page) == VEC_GP);
	MUST(!give(page, false));
	for (unsigned int i = 0; i < PAGE / sizeof(*page); i++)
		MUST(!page[i]);
	printf("a VMCB there is #GP\n");
	return 0;
}

static int save_area(void)
{
	u64 *page = page_new();

	MUST(page && !give(page, true));
	MUST(wrmsr_safe(MSR_VM_HSAVE_PA, (u64)page) && rdmsr(MSR_VM_HSAVE_PA) == (u64)hsave);
	MUST(!give(page, false) && !wrmsr_safe(MSR_VM_HSAVE_PA, 0));
	MUST(FAULT_OF("vmrun", vmcb) == VEC_GP);
	MUST(!wrmsr_safe(MSR_VM_HSAVE_PA, (u64)hsave));
	printf("nor is there VM_HSAVE_PA, and without one is no VMRUN\n");
	return 0;
}

/* One in 2M of its own: the guest's other pages are mapped by 2M, of which none may be assigned. */
static int tables(void)
{
	u64 entry = (vm_area + 6 * PAGE) | TABLE, *table;
	pa_t block;

	MUST(!phys_alloc(9, &block));
	table = memset(pa_ptr(block), 0, PAGE);
	table[6] = entry;
	npt[vm_area / HUGE] = block.value | TABLE;
	vm_state(&vmcb->save, code_read);
	MUST(!give(table, true));
	MUST(vm_run() == SVM_EXIT_NPF && vmcb->control.exit_info_1 & NPF_RMP);
	MUST(vmcb->control.exit_info_2 == vm_area + 6 * PAGE);
	MUST(!give(table, false) && table[6] == entry);
	vm_state(&vmcb->save, code_read);
	vmcb->control.tlb_ctl = VMCB_TLB_FLUSH_ALL;
	table[6] = entry + PAGE;
	MUST(vm_run() == SVM_EXIT_VMMCALL && table[6] == (entry + PAGE) + PTE_A);
	printf("a nested table gets no accessed bit: the guest exits\n");
	return 0;
}

static u64 *commands, *completions, *other;

static volatile u64 *reg(u64 offset) { return (volatile u64 *)(IOMMU + offset); }

/* COMPLETION_WAIT with a store of 77 to @page, behind which the I/O MMU still runs. */
static bool stores(u64 *page)
{
	*reg(IOMMU_CONTROL) = 0;
	*reg(IOMMU_COMMAND_HEAD) = *reg(IOMMU_COMMAND_TAIL) = 0;
	commands[0] = (u64)IOMMU_COMPLETION_WAIT << 60 | (u64)page | IOMMU_WAIT_STORE;
	commands[1] = 77;
	*reg(IOMMU_CONTROL) = IOMMU_CONTROL_ENABLE | IOMMU_CONTROL_COMMAND;
	*reg(IOMMU_COMMAND_TAIL) = IOMMU_ENTRY_SIZE;
	return *reg(IOMMU_STATUS) & IOMMU_STATUS_COMMAND_RUN;
}

/* Linux 6.12 sets SNP_EN, waits for completions, and sets their range, in this order. */
static int io_mmu_before(void)
{
	pa_t block; /* apart from what a guest has by 2M, of which none may be the firmware's */

	MUST(!phys_alloc(9, &block));
	commands = memset(pa_ptr(block), 0, 3 * PAGE);
	completions = commands + 512, other = commands + 1024;
	MUST(!pgtable_map(mm_pgtable(), va(IOMMU), pa(IOMMU), IOMMU_SIZE, PGTABLE_W));
	*reg(IOMMU_COMMAND_BASE) = (u64)commands | U64_C(8) << IOMMU_LENGTH_SHIFT;
	MUST(!wrmsr_safe(MSR_SYSCFG, SYSCFG_SNP_ALL) && stores(other) && *other == 77);
	*other = 0;
	*reg(IOMMU_EXCLUSION_BASE) = *reg(IOMMU_EXCLUSION_LIMIT) = (u64)completions;
	printf("the I/O MMU stores anywhere before SNP_INIT\n");
	return 0;
}

static int io_mmu(void)
{
	MUST(!stores(other) && !*other);
	*reg(IOMMU_EXCLUSION_BASE) = *reg(IOMMU_EXCLUSION_LIMIT) = (u64)other;
	MUST(*reg(IOMMU_EXCLUSION_LIMIT) == (u64)completions);
	MUST(!stores(other) && !*other);
	MUST(stores(completions) && *completions == 77);
	printf("... and only to what is its own behind it\n");
	return 0;
}

static int devices(void)
{
	volatile u32 *page = page_new();

	MUST(page && !snp_guest(ASID) && !snp_add((u64)page, (u64)page, ASID, PAGE_NORMAL, false));
	MUST(!give((void *)page, false));
	MUST(dma_write_word((u64)page) && *page == DMA_WORD);
	printf("a page given back is what a device writes\n");
	return 0;
}

static int workload(int argc, char **argv)
{
	(void)argc, (void)argv;
	if (io_mmu_before() || snp_start() || vm_new())
		return 1;
	return io_mmu() || instructions() || save_area() || tables() || devices();
}

DEFINE_WORKLOAD("test", "has pages that are a guest's", workload);
