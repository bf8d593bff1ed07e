/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMRUN of a plain guest by a host that is this test: which exits it gets, and with what: next RIP,
 * decode assists, instruction bytes, nested page faults, accessed and dirty bits, flushes.
 * RUN: %guest-cc %s -o %t -I %S/Inputs
 * RUN: %S/Inputs/run %build %t | FileCheck %s
 * CHECK: SVM is off until EFER.SVME
 * CHECK-NEXT: what VMRUN refuses
 * CHECK-NEXT: next RIP behind any prefixes
 * CHECK-NEXT: registers of MOV to and from CR3
 * CHECK-NEXT: a TSC that counts from its host's
 * CHECK-NEXT: ... by its MSR too
 * CHECK-NEXT: nested page faults
 * CHECK-NEXT: accessed, dirty
 * CHECK-NEXT: a flush shows what has changed
 * CHECK-NEXT: an event that a fault broke off
 * CHECK-NEXT: an injected INT or INT3 returns to NextRIP, whatever broke it off
 * CHECK-NEXT: an MSR that the host leaves to it is the host's
 * CHECK-NEXT: branch records are one set for both, and two with LBR virtualisation
 * CHECK-NEXT: a port that the host leaves to it is the host's
 * CHECK-NEXT: where there is memory a BAR of the security processor is nowhere
 * CHECK-NEXT: no SMIs by the chipset, and no messages of the machine's devices
 * CHECK-NEXT: nobody gates address bit 20
 * CHECK-NEXT: a page beyond 512 GiB is no other: shutdown
 * CHECK: QEMU's status 33
 */
#include "abi/ghcb.h"
#include "lib/compiler.h"
#include "vm.h"

GUEST(code_calls, "vmmcall\n.byte 0x66, 0x2e, 0x0f, 0x01, 0xd9\n.byte 0x48\ncpuid\nvmmcall");
GUEST(code_cr3, "mov $7, %r9\nmov %cr3, %r11\nmov %r11, %cr3\nvmmcall");
GUEST(code_touch, "mov vm_area(%rip), %rbx\nadd $0x5000, %rbx\nmovl $5, 0x10(%rbx)\nvmmcall");
GUEST(code_read, "mov vm_area(%rip), %rbx\nmov 0x6000(%rbx), %rax\nvmmcall");
GUEST(code_write, "mov vm_area(%rip), %rbx\nmov %rax, 0x6000(%rbx)\nvmmcall");
GUEST(code_idle, "1: vmmcall\njmp 1b");

GUEST(code_tsc, "rdtsc\nshl $32, %rdx\nor %rdx, %rax\nvmmcall");

GUEST(code_tsc_msr, "mov $0x10, %ecx\nrdmsr\nshl $32, %rdx\nor %rdx, %rax\nvmmcall\n"
		    "mov $0x10, %ecx\nmov $0x100000, %edx\nxor %eax, %eax\nwrmsr\nvmmcall");

GUEST(code_port,
      "mov $0xcfc, %edx\nin %dx, %eax\nvmmcall\nmov $0xffff, %edx\nin %dx, %al\nvmmcall");
GUEST(code_far, "mov $0x8000000000, %rbx\nmov (%rbx), %rax\nvmmcall");

GUEST(code_msrs, "mov $0xc0010010, %ecx\nrdmsr\nvmmcall\nmov $0xc0010114, %ecx\nmov $2, %eax\n"
		 "xor %edx, %edx\nwrmsr\nvmmcall");

/* It finds DEBUGCTL and LastBranchToIP; then writes one, and the other, which cannot be. */
GUEST(code_branches, "mov $0x1dc, %ecx\nrdmsr\nmov %eax, %ebx\nmov $0x1d9, %ecx\nrdmsr\n"
		     "shl $8, %ebx\nor %rbx, %rax\nvmmcall\nmov $0x1d9, %ecx\nmov $2, %eax\n"
		     "xor %edx, %edx\nwrmsr\nmov $0x1dc, %ecx\nwrmsr");

GUEST(code_soft, "nop\nnop\nvmmcall");
GUEST(code_handler, "mov (%rsp), %rax\nvmmcall");
GUEST(code_again, "sub $0x2000, %rsp\nint $0x20");

static u64 gates[2 * 0x21];

static void at(void (*text)(void)) { vm_state(&vmcb->save, text); }
static void skip(void) { vmcb->save.rip = vmcb->control.next_rip; }

static int refusals(void)
{
	struct vmcb good = *vmcb;

	vmcb->control.asid = 0;
	MUST(vm_run() == ~U64_C(0));
	*vmcb = good;
	vmcb->control.msrpm_base_pa = BIT(46);
	MUST(vm_run() == ~U64_C(0));
	*vmcb = good;
	vmcb->save.efer &= ~(u64)EFER_SVME;
	MUST(vm_run() == ~U64_C(0));
	*vmcb = good;
	vmcb->control.intercepts[4] &= ~1u;
	MUST(vm_run() == ~U64_C(0));
	*vmcb = good;
	vmcb->save.cr0 |= CR0_NW;
	MUST(vm_run() == ~U64_C(0));
	*vmcb = good;
	printf("what VMRUN refuses\n");
	return 0;
}

static int next_rip(void)
{
	u64 rip = vmcb->save.rip;

	intercept(VMCB_INTERCEPT_CPUID);
	MUST(vm_run() == SVM_EXIT_VMMCALL && vmcb->control.next_rip == rip + 3);
	skip();
	MUST(vm_run() == SVM_EXIT_VMMCALL && vmcb->control.next_rip == rip + 8);
	skip();
	MUST(vm_run() == SVM_EXIT_CPUID && vmcb->control.next_rip == rip + 11);
	printf("next RIP behind any prefixes\n");
	return 0;
}

static int control_registers(void)
{
	at(code_cr3);
	intercept(3);
	intercept(VMCB_INTERCEPT_CR_WRITE(3));
	vmcb->control.intercepts[0] &= ~BIT(3); /* QEMU from 10 on has no such exit */
	MUST(vm_run() == SVM_EXIT_CR_WRITE(3) && vmcb->control.exit_info_1 == (BIT(63) | 11));
	vmcb->control.intercepts[0] &= ~BIT(16 + 3);
	MUST(vm_run() == SVM_EXIT_VMMCALL);
	printf("registers of MOV to and from CR3\n");
	return 0;
}

#define FORWARD BIT(52)

static u64 guest_tsc(void)
{
	at(code_tsc);
	if (vm_run() != SVM_EXIT_VMMCALL)
		return 0;
	return vmcb->save.rax;
}

/* What the host wrote to its TSC moves its guest's, to which the offset is added. */
static int time_stamps(void)
{
	u64 before = rdtsc(), own;

	MUST(guest_tsc() >= before && guest_tsc() < FORWARD);
	MUST(!wrmsr_safe(MSR_TSC, before + FORWARD));
	own = rdmsr(MSR_TSC);
	MUST(own >= before + FORWARD && rdtsc() >= own);
	MUST(guest_tsc() >= own && guest_tsc() <= rdtsc());
	vmcb->control.tsc_offset = -FORWARD;
	MUST(guest_tsc() < FORWARD && guest_tsc() >= before);
	vmcb->control.tsc_offset = 0;
	MUST(!wrmsr_safe(MSR_TSC, rdtsc() - FORWARD));
	printf("a TSC that counts from its host's\n");
	return 0;
}

/* FORWARD is what the guest writes, too: the processor's is the host's, without the offset. */
static int time_stamp_msr(void)
{
	u8 *map = (u8 *)vmcb->control.msrpm_base_pa;
	u64 before = rdtsc();

	map[0x10 / 4] &= (u8)~3;
	MUST(!wrmsr_safe(MSR_TSC, before + 4 * FORWARD));
	vmcb->control.tsc_offset = -FORWARD;
	at(code_tsc_msr);
	MUST(vm_run() == SVM_EXIT_VMMCALL && vmcb->save.rax >= before + 3 * FORWARD);
	MUST(vmcb->save.rax < before + 4 * FORWARD);
	skip();
	MUST(vm_run() == SVM_EXIT_VMMCALL && rdtsc() >= 2 * FORWARD && rdtsc() < 3 * FORWARD);
	vmcb->control.tsc_offset = 0;
	map[0x10 / 4] |= 3;
	MUST(!wrmsr_safe(MSR_TSC, before));
	printf("... by its MSR too\n");
	return 0;
}

static int faults(void)
{
	static const u8 bytes[] = { 0xc7, 0x43, 0x10, 5, 0, 0, 0 };
	struct vmcb_control_area *c = &vmcb->control;

	at(code_touch);
	npt_small[5] = 0;
	MUST(vm_run() == SVM_EXIT_NPF && c->exit_info_2 == vm_area + 0x5010);
	MUST(c->exit_info_1 == (NPF_FINAL | NPF_U | NPF_W));
	MUST(c->insn_len >= sizeof(bytes) && !memcmp(c->insn_bytes, bytes, sizeof(bytes)));
	at(code_touch); /* a guest's registers are the host's to keep: this one does not */
	npt_small[5] = (vm_area + 0x5000) | PTE_P | PTE_U;
	MUST(vm_run() == SVM_EXIT_NPF && c->exit_info_1 == (NPF_FINAL | NPF_U | NPF_W | NPF_P));
	at(code_touch);
	npt_small[5] = (vm_area + 0x5000) | TABLE | BIT(50);
	MUST(vm_run() == SVM_EXIT_NPF && c->exit_info_1 & NPF_RSV);
	at(code_touch);
	npt_small[5] = (vm_area + 0x5000) | TABLE;
	MUST(vm_run() == SVM_EXIT_VMMCALL);
	printf("nested page faults\n");
	return 0;
}

static int accessed_dirty(void)
{
	at(code_read);
	npt_small[6] = (vm_area + 0x6000) | TABLE;
	MUST(vm_run() == SVM_EXIT_VMMCALL && (npt_small[6] & (PTE_A | PTE_D)) == PTE_A);
	at(code_write);
	MUST(vm_run() == SVM_EXIT_VMMCALL && npt_small[6] & PTE_D);
	printf("accessed, dirty\n");
	return 0;
}

static int flushes(void)
{
	u64 *other = page_new();

	MUST(other);
	*other = 4711;
	at(code_read);
	npt_small[6] = (u64)other | TABLE;
	vmcb->control.tlb_ctl = 3;
	MUST(vm_run() == SVM_EXIT_VMMCALL && vmcb->save.rax == 4711);
	vmcb->control.tlb_ctl = 0;
	printf("a flush shows what has changed\n");
	return 0;
}

/* The guest's stack is away when the exception is pushed. */
static int broken_event(void)
{
	struct vmcb_control_area *c = &vmcb->control;

	at(code_idle);
	vmcb->save.rsp = vm_area + 0x8000;
	npt_small[7] = 0;
	c->tlb_ctl = 3;
	c->event_inj =
		EVENT_VALID | 3 << EVENT_TYPE_SHIFT | EVENT_ERROR_CODE_VALID | 13 | U64_C(24) << 32;
	intercept(VMCB_INTERCEPT_EXCEPTION(14));
	MUST(vm_run() == SVM_EXIT_NPF && c->exit_info_2 == vm_area + 0x7ff8);
	MUST((u32)c->exit_int_info ==
	     (EVENT_VALID | 3 << EVENT_TYPE_SHIFT | EVENT_ERROR_CODE_VALID | 13));
	MUST(c->exit_int_info >> 32 == 24 && !(c->event_inj & EVENT_VALID));
	printf("an event that a fault broke off\n");
	return 0;
}

static bool returns_behind(u64 event)
{
	struct vmcb_control_area *c = &vmcb->control;
	at(code_soft);
	vmcb->save.rsp = vm_area + 0x8000;
	vmcb->save.idtr = (struct vmcb_seg){ 0, 0, sizeof(gates) - 1, (u64)gates };
	npt_small[7] = 0;
	c->tlb_ctl = 3;
	c->event_inj = event;
	c->next_rip = (u64)code_soft + 2;
	if (vm_run() != SVM_EXIT_NPF || (u32)c->exit_int_info != event ||
	    vmcb->save.rip != (u64)code_soft)
		return false;
	npt_small[7] = (vm_area + 0x7000) | TABLE; /* whose first touch exits to nobody */
	c->event_inj = event;
	c->next_rip = (u64)code_soft + 2;
	return vm_run() == SVM_EXIT_VMMCALL && vmcb->save.rax == (u64)code_soft + 2;
}

static void lead_to(void (*handler)(void))
{
	u64 to = (u64)handler;

	for (unsigned int i = 0; i < array_count(gates); i += 2) {
		gates[i] =
			(to & 0xffff) | 0x8 << 16 | U64_C(0x8e00) << 32 | (to >> 16 & 0xffff) << 48;
		gates[i + 1] = to >> 32;
	}
}

/* One that is delivered, and whose handler executes the same INT, which is broken off. */
static bool is_its_own(void)
{
	struct vmcb_control_area *c = &vmcb->control;

	lead_to(code_again);
	at(code_soft);
	vmcb->save.rsp = vm_area + 0x8000;
	vmcb->save.idtr = (struct vmcb_seg){ 0, 0, sizeof(gates) - 1, (u64)gates };
	npt_small[5] = 0;
	c->tlb_ctl = 3;
	c->event_inj = EVENT_VALID | 4 << EVENT_TYPE_SHIFT | 0x20;
	c->next_rip = (u64)code_soft + 2;
	if (vm_run() != SVM_EXIT_NPF)
		return false;
	npt_small[5] = (vm_area + 0x5000) | TABLE;
	return *(const u16 *)vmcb->save.rip == 0x20cd;
}

/* The instruction is where RIP is: APM2 15.20 */
static int soft_events(void)
{
	lead_to(code_handler);
	MUST(returns_behind(EVENT_VALID | 4 << EVENT_TYPE_SHIFT | 0x20));
	MUST(returns_behind(EVENT_VALID | 3 << EVENT_TYPE_SHIFT | VEC_BP));
	MUST(is_its_own());
	printf("an injected INT or INT3 returns to NextRIP, whatever broke it off\n");
	return 0;
}

static int left_msrs(void)
{
	u8 *map = (u8 *)vmcb->control.msrpm_base_pa;

	map[0x1000 + 0x10 / 4] &= (u8)~3;  /* SYSCFG, RDMSR and WRMSR */
	map[0x1000 + 0x114 / 4] &= (u8)~3; /* VM_CR */
	at(code_msrs);
	MUST(vm_run() == SVM_EXIT_VMMCALL && vmcb->save.rax == (u32)rdmsr(MSR_SYSCFG));
	MUST(vmcb->save.rax & SYSCFG_MEM_ENCRYPT);
	skip();
	MUST(vm_run() == SVM_EXIT_VMMCALL && rdmsr(MSR_VM_CR) == 2);
	MUST(!wrmsr_safe(MSR_VM_CR, 0));
	printf("an MSR that the host leaves to it is the host's\n");
	return 0;
}

/* To the end: L1's DEBUGCTL and the VMCB's are given, and what the guest is to find. */
static bool branches(u64 own, u64 guests, u64 found)
{
	struct vmsa *s = &vmcb->save;

	at(code_branches);
	s->dbgctl = guests;
	s->br_to = 0x77;
	if (wrmsr_safe(MSR_DEBUGCTL, own) || vm_run() != SVM_EXIT_VMMCALL || s->rax != found)
		return false;
	skip();
	intercept(VMCB_INTERCEPT_EXCEPTION(VEC_GP)); /* the monitor's, not QEMU's */
	return vm_run() == SVM_EXIT_EXCP_BASE + VEC_GP && !vmcb->control.exit_info_1 &&
	       s->br_to == 0x77;
}

static int branch_records(void)
{
	u8 *map = (u8 *)vmcb->control.msrpm_base_pa;
	u64 value;

	MUST(rdmsr(MSR_DEBUGCTL) == 0 && wrmsr_safe(MSR_DEBUGCTL, 0x40));
	map[MSR_DEBUGCTL / 4] = map[MSR_BR_TO / 4] = 0;
	MUST(branches(1, 0x3c, 1));
	MUST(rdmsr(MSR_DEBUGCTL) == 2 && vmcb->save.dbgctl == 0x3c);
	vmcb->control.virt_ext = VMCB_LBR_VIRT;
	MUST(branches(1, 0x7c, 0x773c));
	MUST(rdmsr(MSR_DEBUGCTL) == 1 && vmcb->save.dbgctl == 2);
	MUST(!rdmsr_safe(MSR_BR_TO, &value) && value == 0 && wrmsr_safe(MSR_BR_TO, 0));
	MUST(!wrmsr_safe(MSR_DEBUGCTL, 0));
	vmcb->control.virt_ext = 0;
	map[MSR_DEBUGCTL / 4] = map[MSR_BR_TO / 4] = 0xff;
	printf("branch records are one set for both, and two with LBR virtualisation\n");
	return 0;
}

#define PCI_ADDRESS 0xcf8
#define PCI_DATA    0xcfc
#define PSP_ID      0x14ca1022

/* The security processor is in no slot of QEMU's. */
static u32 psp_slot(void)
{
	u32 slot = 0;

	do
		outl(PCI_ADDRESS, (u32)BIT(31) | slot << 11);
	while (inl(PCI_DATA) != PSP_ID && ++slot < 32);
	return slot;
}

static void psp_config(u32 at, u32 value)
{
	outl(PCI_ADDRESS, (u32)BIT(31) | psp_slot() << 11 | at);
	outl(PCI_DATA, value);
}

static int bar_over_memory(void)
{
	volatile u64 *memory = (volatile u64 *)vm_area;

	*memory = 41;
	psp_config(0x18, (u32)vm_area);
	psp_config(4, 2);
	__asm__ volatile("incq %0" : "+m"(*memory));
	MUST(*memory == 42);
	psp_config(4, 0);
	printf("where there is memory a BAR of the security processor is nowhere\n");
	return 0;
}

#define PIIX4_PM 0x80000b00
#define DEVACTB  0x58 /* APMC_EN in its bit 25 */
#define EDU_ID   0x11e81234
#define I440FX   0x80000000
#define SMRAM    0x70 /* D_OPEN in bit 22 */

static u32 config(u32 address)
{
	outl(PCI_ADDRESS, address);
	return inl(PCI_DATA);
}

static void set_config(u32 address, u32 value)
{
	outl(PCI_ADDRESS, address);
	outl(PCI_DATA, value);
}

/* The capabilities of the device at @address, by their ids' bits. */
static u32 capabilities(u32 address)
{
	u32 ids = 0, next = config(address | 0x34) & 0xfc;

	for (; next; next = config(address | next) >> 8 & 0xfc)
		ids |= 1u << (config(address | next) & 0x1f);
	return ids;
}

static int machine_doors(void)
{
	u32 edu = I440FX;

	set_config(PIIX4_PM | DEVACTB, 0xffffffff);
	MUST(!(config(PIIX4_PM | DEVACTB) & BIT(25)));
	set_config(I440FX | SMRAM, 0xffffffff);
	MUST(!(config(I440FX | SMRAM) & BIT(22)));
	while (config(edu) != EDU_ID && edu < I440FX + (32 << 11))
		edu += 1 << 11;
	MUST(config(edu) == EDU_ID && !(capabilities(edu) & BIT(5)));
	printf("no SMIs by the chipset, and no messages of the machine's devices\n");
	return 0;
}

/* What gates address bit 20 by the system's port, and by the keyboard controller's two ways. */
static int address_bit_20(void)
{
	outb(0x92, 0);
	MUST(inb(0x92) & BIT(1));
	outb(0x64, 0xd1);
	outb(0x60, 0xdd);
	outb(0x64, 0xdd);
	vmcb->save.rip = (u64)code_soft;
	MUST(vm_run() == SVM_EXIT_VMMCALL);
	printf("nobody gates address bit 20\n");
	return 0;
}

static int left_ports(void)
{
	u8 *map = (u8 *)vmcb->control.iopm_base_pa;

	psp_slot();
	map[PCI_DATA / 8] = 0xf;
	at(code_port);
	MUST(vm_run() == SVM_EXIT_VMMCALL && vmcb->save.rax == PSP_ID);
	skip();
	MUST(vm_run() == SVM_EXIT_IOIO && vmcb->control.exit_info_1 >> 16 == 0xffff);
	map[PCI_DATA / 8] = 0xff;
	at(code_port);
	MUST(vm_run() == SVM_EXIT_IOIO);
	printf("a port that the host leaves to it is the host's\n");
	return 0;
}

/* L1 has memory there for its guest, by other tables than those of the first 512 GiB. */
static int far(void)
{
	u64 *top = (u64 *)vmcb->control.nested_cr3, *tables = page_new(), *middle = page_new();

	MUST(tables && middle);
	tables[0] = (u64)middle | PTE_P | PTE_W;
	middle[0] = PTE_P | PTE_W | PTE_PS;
	tables[1] = (u64)page_new() | PTE_P | PTE_W;
	((u64 *)(tables[1] & PTE_ADDR_MASK))[0] = U64_C(0x8000000000) | PTE_P | PTE_W | PTE_PS;
	top[1] = top[0];
	at(code_far);
	vmcb->save.cr3 = (u64)tables;
	MUST(vm_run() == SVM_EXIT_SHUTDOWN);
	top[1] = 0;
	at(code_far);
	vmcb->save.cr3 = (u64)tables;
	MUST(vm_run() == SVM_EXIT_NPF && vmcb->control.exit_info_2 == U64_C(0x8000000000));
	printf("a page beyond 512 GiB is no other: shutdown\n");
	return 0;
}

static int workload(int argc, char **argv)
{
	(void)argc, (void)argv;
	MUST(!(rdmsr(MSR_EFER) & EFER_SVME));
	printf("SVM is off until EFER.SVME\n");
	if (vm_new())
		return 1;
	at(code_calls);
	return refusals() || next_rip() || control_registers() || time_stamps() ||
	       time_stamp_msr() || faults() || accessed_dirty() || flushes() || broken_event() ||
	       soft_events() || left_msrs() || branch_records() || left_ports() ||
	       bar_over_memory() || machine_doors() || address_bit_20() || far();
}

DEFINE_WORKLOAD("test", "runs a plain guest", workload);
