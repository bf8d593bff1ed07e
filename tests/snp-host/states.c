/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an SNP guest's host cannot do to it, which this test is: each check of an access by the RMP
 * is provoked, with what the host or the guest is told of it.
 * RUN: %guest-cc %s -o %t -I %S/Inputs
 * RUN: %S/Inputs/run %build %t %t.trace | FileCheck %s
 * RUN: FileCheck %s --check-prefix=NAMED < %t.trace
 * NAMED: violation name=host-write-guest pa=0x
 * NAMED: psp command=SNP_SHUTDOWN {{.*}} status=0x0
 * NAMED-NEXT: violation name=rmp-left-assigned entries=0x
 * CHECK: a page that is nobody's: nested fault
 * CHECK-NEXT: ... and not validated: #VC, PVALIDATE
 * CHECK-NEXT: another ASID's: nested fault
 * CHECK-NEXT: one page at two addresses: nested fault
 * CHECK-NEXT: another page in its place: #VC
 * CHECK-NEXT: 2M of which the guest validates 4K: nested fault, smashed
 * CHECK-NEXT: 2M that is not one: SIZEMISMATCH
 * CHECK-NEXT: validated twice, by 32 bits of RAX: carry
 * CHECK-NEXT: what VMPL 0 has used is not VMPL 1's
 * CHECK-NEXT: VMPL 1 has what VMPL 0 gave, and cannot give more
 * CHECK-NEXT: a VMSA is the host's no more, nor another ASID's
 * CHECK-NEXT: ... nor is a page of the guest's one of SEV-ES
 * CHECK-NEXT: a port and CPUID are #VC, whatever the host leaves to it
 * CHECK-NEXT: an RMP that is left assigned is named
 * CHECK: QEMU's status 33
 */
#include "kernel/traps.h"
#include "snp.h"

#define ASID            5
#define FAIL_PERMISSION 2 /* of RMPADJUST */
#define VMSA_GPA        U64_C(0xfffffffff000)
#define RMP_FAULT       (NPF_P | NPF_RMP | NPF_ENC)

#define VMGEXIT "rep vmmcall\n"
/* Tells the host RAX by the GHCB MSR. */
#define REPORT "mov %rax, %rdx\nshr $32, %rdx\nmov $0xc0010130, %ecx\nwrmsr\n" VMGEXIT
/* Of the page at RSI, of size ECX. Then RAX is the status, and the carry flag in bit 32. */
#define PVALIDATE                                                                                  \
	"mov %rsi, %rax\nmov $1, %edx\n.byte 0xf2, 0x0f, 0x01, 0xff\nsetc %dl\nmovzbl %dl, %edx\n" \
	"shl $32, %rdx\nor %rdx, %rax\n"
/* By an address of 32 bits: what RAX has above is not looked at. */
#define PVALIDATE_32                                                                               \
	"mov %rsi, %rax\nbts $40, %rax\nmov $1, %edx\n.byte 0x67, 0xf2, 0x0f, 0x01, 0xff\n"        \
	"setc %dl\nmovzbl %dl, %edx\nshl $32, %rdx\nor %rdx, %rax\n"
#define RMPADJUST "mov %rsi, %rax\n.byte 0xf3, 0x0f, 0x01, 0xfe\n"
#define TOUCH(n)  "mov vm_area(%rip), %rsi\nadd $" #n " * 0x1000, %rsi\nmovl $5, (%rsi)\n"
#define DONE      "mov $0x99, %eax\n" REPORT

GUEST(code, TOUCH(0) DONE                         /* nobody's, then not validated */
		    TOUCH(1) DONE                 /* another ASID's */
			    TOUCH(2) DONE         /* page 0 again */
				    TOUCH(0) DONE /* page 0 replaced */
      "mov vm_area(%rip), %rsi\nadd $0x200000, %rsi\nxor %ecx, %ecx\n" PVALIDATE REPORT
      "mov vm_area(%rip), %rsi\nmov $1, %ecx\n" PVALIDATE REPORT
      "mov vm_area(%rip), %rsi\nxor %ecx, %ecx\n" PVALIDATE_32 REPORT
      "xor %ecx, %ecx\nmov $0x101, %edx\n" RMPADJUST /* VMPL 1 may read page 0 */
      "mov 0x1000(%rsi), %ebx\n" DONE
      "add $0x1000, %rsi\nxor %ecx, %ecx\nmov $0x101, %edx\n" RMPADJUST DONE /* ... and 1 */
	      DONE);
GUEST(code_vmpl, "mov vm_area(%rip), %rsi\nmov 0x1000(%rsi), %eax\nmov (%rsi), %eax\n" DONE
		 "xor %ecx, %ecx\nmov $0xf01, %edx\n" RMPADJUST REPORT TOUCH(0));
GUEST(code_port, "out %al, $0x80\n" DONE);
GUEST(code_cpuid, "cpuid\n" DONE);
/* The error code to the host, the page validated, and again. */
GUEST(handler,
      "pop %rax\n" REPORT "mov %cr2, %rsi\nand $-0x1000, %rsi\nxor %ecx, %ecx\n" PVALIDATE "iretq");

static u64 gates[64];
static u8 vmpl_stack[PAGE];
static struct vmsa *vmsas[5]; /* the third is none */
static volatile u64 fault_address, fault_code;

static u64 run(void)
{
	hsave->save.xcr0 = xgetbv(0);
	return vm_run();
}

/* The nested fault at @gpa has the bits of @info, and no other of the RMP's. */
static bool faults(u64 gpa, u64 info)
{
	const struct vmcb_control_area *c = &vmcb->control;
	u64 all = RMP_FAULT | NPF_SIZEM | NPF_VMPL;

	return run() == SVM_EXIT_NPF && c->exit_info_2 == gpa && (c->exit_info_1 & all) == info;
}

static bool tells(u64 value)
{
	return run() == SVM_EXIT_VMGEXIT && vmcb->control.ghcb_gpa == value;
}

static void give(u64 pa, u64 gpa, u32 asid)
{
	(void)rmpupdate(pa, (struct rmp_state){ .gpa = gpa, .assigned = 1, .asid = asid });
}

static void map(u64 gpa, u64 pa)
{
	npt_small[(gpa - vm_area) / PAGE] = pa | TABLE;
	vmcb->control.tlb_ctl = VMCB_TLB_FLUSH_ALL;
}

static int pages(void)
{
	u64 other = (u64)page_new();

	MUST(other);
	MUST(faults(vm_area, RMP_FAULT));
	printf("a page that is nobody's: nested fault\n");
	give(vm_area, vm_area, ASID);
	MUST(tells(SVM_EXIT_PAGE_NOT_VALIDATED) && tells(0x99));
	printf("... and not validated: #VC, PVALIDATE\n");
	give(vm_area + PAGE, vm_area + PAGE, ASID + 1);
	MUST(faults(vm_area + PAGE, RMP_FAULT));
	give(vm_area + PAGE, vm_area + PAGE, ASID);
	MUST(tells(SVM_EXIT_PAGE_NOT_VALIDATED) && tells(0x99));
	printf("another ASID's: nested fault\n");
	map(vm_area + 2 * PAGE, vm_area);
	MUST(faults(vm_area + 2 * PAGE, RMP_FAULT));
	map(vm_area + 2 * PAGE, vm_area + 2 * PAGE);
	give(vm_area + 2 * PAGE, vm_area + 2 * PAGE, ASID);
	MUST(tells(SVM_EXIT_PAGE_NOT_VALIDATED) && tells(0x99));
	printf("one page at two addresses: nested fault\n");
	give(other, vm_area, ASID);
	map(vm_area, other);
	MUST(tells(SVM_EXIT_PAGE_NOT_VALIDATED) && tells(0x99));
	printf("another page in its place: #VC\n");
	return 0;
}

static int sizes(void)
{
	u64 gpa = vm_area + HUGE;
	pa_t huge;

	MUST(!phys_alloc(9, &huge));
	npt[gpa / HUGE] = huge.value | TABLE | PTE_PS;
	MUST(!rmpupdate(huge.value, (struct rmp_state){ gpa, 1, 1, 0, 0, ASID }));
	MUST(faults(gpa, RMP_FAULT | NPF_SIZEM));
	MUST(!psmash(huge.value));
	MUST(tells(0));
	printf("2M of which the guest validates 4K: nested fault, smashed\n");
	MUST(tells(6));
	printf("2M that is not one: SIZEMISMATCH\n");
	MUST(tells(BIT(32)));
	printf("validated twice, by 32 bits of RAX: carry\n");
	return 0;
}

static int vmpls(void)
{
	MUST(tells(0x99));
	vmcb->control.vmsa_pa = (u64)vmsas[1];
	vmcb->control.tlb_ctl = 0;
	MUST(faults(vm_area + PAGE, RMP_FAULT | NPF_VMPL));
	printf("what VMPL 0 has used is not VMPL 1's\n");
	vmcb->control.vmsa_pa = (u64)vmsas[0];
	MUST(tells(0x99));
	vmcb->control.vmsa_pa = (u64)vmsas[1];
	MUST(tells(0x99));
	MUST(tells(FAIL_PERMISSION));
	MUST(faults(vm_area, RMP_FAULT | NPF_VMPL));
	printf("VMPL 1 has what VMPL 0 gave, and cannot give more\n");
	return 0;
}

static __attribute__((target("general-regs-only"))) void page_fault(struct trap_frame *frame)
{
	fault_address = read_cr2();
	fault_code = (u32)frame->error_code;
	frame->rip += 3; /* mov %rax, (%rcx) */
}

static int vmsa_page(void)
{
	irq_register(VEC_PF, page_fault);
	__asm__ volatile("mov %%rax, (%%rcx)" ::"a"(1), "c"(vmsas[0]) : "memory");
	MUST(fault_address == (u64)vmsas[0] && fault_code == 0x80000003);
	vmcb->control.vmsa_pa = (u64)vmsas[0];
	vmcb->control.asid = ASID + 1;
	MUST(run() == ~U64_C(0));
	vmcb->control.asid = ASID;
	vmcb->control.vmsa_pa = vm_area; /* a page of its own, but no VMSA */
	MUST(run() == ~U64_C(0));
	vmcb->control.vmsa_pa = (u64)vmsas[0];
	MUST(tells(0x99));
	printf("a VMSA is the host's no more, nor another ASID's\n");
	vmcb->control.vmsa_pa = (u64)vmsas[2];
	MUST(run() == ~U64_C(0));
	vmcb->control.vmsa_pa = (u64)vmsas[0];
	printf("... nor is a page of the guest's one of SEV-ES\n");
	return 0;
}

/* APM2 15.36.12, intercept behavior */
static int always_intercepted(void)
{
	memset((u8 *)vmcb->control.iopm_base_pa, 0, 3 * PAGE);
	vmcb->control.intercepts[VMCB_INTERCEPT_CPUID / 32] &= ~(1u << VMCB_INTERCEPT_CPUID % 32);
	vmcb->control.vmsa_pa = (u64)vmsas[3];
	MUST(tells(SVM_EXIT_IOIO));
	vmcb->control.vmsa_pa = (u64)vmsas[4];
	MUST(tells(SVM_EXIT_CPUID));
	vmcb->control.vmsa_pa = (u64)vmsas[0];
	printf("a port and CPUID are #VC, whatever the host leaves to it\n");
	return 0;
}

static int leave(void)
{
	MUST(!ISSUE(0x90, page, { (u64)gctx }));
	wbinvd();
	MUST(!psp_command(0x84) && !psp_command(0x82));
	printf("an RMP that is left assigned is named\n");
	return 0;
}

static int add_vmsa(unsigned int i, void (*text)(void), u32 type)
{
	struct vmsa *s = vmsas[i] = page_new();

	MUST(s);
	sev_state(s, text);
	s->rsp = i == 1 ? (u64)vmpl_stack + PAGE - 8 : s->rsp;
	s->vmpl = i == 1;
	s->sev_features = type == PAGE_VMSA ? SEV_FEATURES_SNP_ACTIVE : 0;
	s->xcr0 = 1;
	s->mxcsr = 0x1f80;
	s->x87_fcw = 0x37f;
	s->idtr = (struct vmcb_seg){ 0, 0, sizeof(gates) - 1, (u64)gates };
	MUST(!snp_add((u64)s, type == PAGE_VMSA ? VMSA_GPA : (u64)s, ASID, type, false));
	return 0;
}

static int launch(void)
{
	u8 *map = (u8 *)vmcb->control.msrpm_base_pa + 0x1000 + 0x130 / 4;
	u64 to = (u64)handler;

	*map &= ~3; /* the GHCB's MSR is the guest's */
	gates[58] = (to & 0xffff) | 0x8 << 16 | U64_C(0x8e00) << 32 | (to >> 16 & 0xffff) << 48;
	gates[59] = to >> 32;
	MUST(!snp_guest(ASID) && !snp_image(ASID) && !add_vmsa(0, code, PAGE_VMSA) &&
	     !add_vmsa(1, code_vmpl, PAGE_VMSA) && !add_vmsa(2, code, PAGE_NORMAL) &&
	     !add_vmsa(3, code_port, PAGE_VMSA) && !add_vmsa(4, code_cpuid, PAGE_VMSA));
	MUST(!ISSUE(0xa2, finish, { .gctx_paddr = (u64)gctx }));
	vmcb->control.nested_ctl = VMCB_NESTED_PAGING | VMCB_SEV | VMCB_SEV_ES;
	vmcb->control.asid = ASID;
	vmcb->control.vmsa_pa = (u64)vmsas[0];
	return 0;
}

static int workload(int argc, char **argv)
{
	(void)argc, (void)argv;
	if (snp_start() || vm_new())
		return 1;
	write_cr4(read_cr4() | CR4_OSXSAVE);
	return launch() || pages() || sizes() || vmpls() || vmsa_page() || always_intercepted() ||
	       leave();
}

DEFINE_WORKLOAD("test", "is a host that an SNP guest need not trust", workload);
