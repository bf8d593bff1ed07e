/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMRUN of a guest with encrypted state by a host that is this test: its registers come from the
 * VMSA and go there, the host gets its own from the save area; VMGEXIT and HLT exit behind
 * themselves, a control register's write is told afterwards, and what the host intercepts is #VC.
 * RUN: %guest-cc %s -o %t -I %S/Inputs
 * RUN: %S/Inputs/run %build %t | FileCheck %s
 * CHECK: what VMRUN refuses of a VMSA
 * CHECK-NEXT: VMGEXIT, registers in the VMSA alone
 * CHECK-NEXT: SSE registers stay with the guest
 * CHECK-NEXT: x87 registers as hardware's VMSA has them
 * CHECK-NEXT: the GHCB MSR and SEV_STATUS
 * CHECK-NEXT: branch records stay with the guest
 * CHECK-NEXT: HLT behind itself, with the guest's IF
 * CHECK-NEXT: CR4 and EFER are told when they are written
 * CHECK-NEXT: CPUID, an MSR, a port, VMMCALL, a device: #VC
 * CHECK-NEXT: CR4.PKE, and PKRU stays with the guest
 * CHECK-NEXT: debug registers are the guest's own with debug swap, and one set without
 * CHECK-NEXT: an XCR0 that is none is not loaded
 * CHECK: QEMU's status 33
 */
#include "sev.h"

#define VMGEXIT "rep vmmcall\n"

GUEST(code_registers,
      "mov $0x1111, %rbx\nmov $0x2222, %r15\nmov $0x3333, %eax\n" VMGEXIT "inc %rbx\n" VMGEXIT);
GUEST(code_sse, "mov $0x77, %eax\nmovq %rax, %xmm3\n" VMGEXIT "movq %xmm3, %rcx\n" VMGEXIT);
GUEST(code_x87, "fldpi\nfld1\n" VMGEXIT "push %rbx\nfstpl (%rsp)\npop %rbx\n" VMGEXIT);
GUEST(code_msrs, "mov $0xc0010131, %ecx\nrdmsr\nmov %eax, %ebx\nmov $0xc0010130, %ecx\n"
		 "mov $0x12345678, %eax\nxor %edx, %edx\nwrmsr\n" VMGEXIT);
GUEST(code_branches, "mov $0x1d9, %ecx\nrdmsr\nmov %eax, %ebx\nmov $3, %eax\nwrmsr\n" VMGEXIT);
GUEST(code_hlt, "cli\nhlt\nsti\nnop\nhlt\nnop");
GUEST(code_traps, "mov %cr4, %rax\nxor $0x4, %rax\nmov %rax, %cr4\nmov $0xc0000080, %ecx\nrdmsr\n"
		  "xor $1, %eax\nwrmsr\n" VMGEXIT);
GUEST(code_vc, "cpuid\nmov $0x10, %ecx\nwrmsr\nout %al, $0x80\nvmmcall\n"
	       "mov vm_area(%rip), %rbx\nmov %eax, (%rbx)\n" VMGEXIT);
GUEST(code_pkru, "mov %cr4, %rax\nor $0x400000, %rax\nmov %rax, %cr4\nxor %ecx, %ecx\n"
		 "xor %edx, %edx\nmov $0x55555554, %eax\nwrpkru\n" VMGEXIT
		 "xor %ecx, %ecx\nrdpkru\nmov %rax, %rbx\n" VMGEXIT);
GUEST(code_debug,
      "mov $0xc0010131, %ecx\nrdmsr\nmov %eax, %r8d\nmov %dr1, %rbx\nmov $0x2000, %eax\n"
      "mov %rax, %dr1\n" VMGEXIT "mov %dr1, %rcx\n" VMGEXIT);
/* The error code to the host, then past the instruction, whose length R12 has. */
GUEST(handler, "pop %r13\n" VMGEXIT "add %r12, (%rsp)\niretq");

static struct vmsa *vmsa; /* as the guest has it; VMRUN's is enciphered */
static void *vmsa_page;
static u32 handle;
static u64 gates[64];

static void at(void (*text)(void))
{
	sev_state(vmsa, text);
	vmsa->xcr0 = 1;
	vmsa->mxcsr = 0x1f80;
	vmsa->x87_fcw = 0x37f;
	vmsa->idtr = (struct vmcb_seg){ 0, 0, sizeof(gates) - 1, (u64)gates };
}

static u64 run(void)
{
	struct vmsa *kept = &hsave->save;

	kept->xcr0 = xgetbv(0);
	if (psp_debug(0x61, handle, vmsa, vmsa_page))
		return 0;
	vm_run();
	return psp_debug(0x60, handle, vmsa_page, vmsa) ? 0 : vmcb->control.exit_code;
}

static int refusals(void)
{
	at(code_registers);
	vmsa->efer &= ~(u64)EFER_SVME;
	MUST(run() == ~U64_C(0));
	at(code_registers);
	vmsa->sev_features = SEV_FEATURES_SNP_ACTIVE; /* and SNP is not enabled */
	MUST(run() == ~U64_C(0));
	at(code_registers);
	vmsa->xcr0 = 0;
	MUST(run() == ~U64_C(0));
	vmsa->xcr0 = BIT(40) | 1;
	MUST(run() == ~U64_C(0));
	at(code_registers);
	vmcb->control.asid = 600; /* no guest of SEV */
	MUST(run() == ~U64_C(0));
	vmcb->control.asid = 5;
	printf("what VMRUN refuses of a VMSA\n");
	return 0;
}

static int registers(void)
{
	struct vmsa *kept = &hsave->save;
	u64 rbx, r15;

	at(code_registers);
	kept->rbx = 0xaaaa;
	kept->r15 = 0xbbbb;
	vmsave((u64)hsave);
	kept->xcr0 = xgetbv(0);
	MUST(!psp_debug(0x61, handle, vmsa, vmsa_page));
	__asm__ volatile("push %%rbp\n\tpush %%rbx\n\tclgi\n\tvmrun\n\tmov %%rbx, %%rcx\n\t"
			 "stgi\n\tpop %%rbx\n\tpop %%rbp\n\tmov %%r15, %%rdx"
			 : "=c"(rbx), "=d"(r15)
			 : "a"(vmcb)
			 : "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
			   "memory", "cc");
	MUST(!psp_debug(0x60, handle, vmsa_page, vmsa));
	MUST(vmcb->control.exit_code == SVM_EXIT_VMGEXIT && rbx == 0xaaaa && r15 == 0xbbbb);
	MUST(vmsa->rbx == 0x1111 && vmsa->r15 == 0x2222 && vmsa->rax == 0x3333);
	MUST(vmsa->rip == (u64)code_registers + 7 + 7 + 5 + 4);
	MUST(run() == SVM_EXIT_VMGEXIT && vmsa->rbx == 0x1112);
	printf("VMGEXIT, registers in the VMSA alone\n");
	return 0;
}

static int sse(void)
{
	u64 here;

	at(code_sse);
	vmsa->xcr0 = 3;
	__asm__ volatile("movq %0, %%xmm3" ::"r"(U64_C(0x55)) : "xmm3");
	MUST(run() == SVM_EXIT_VMGEXIT);
	__asm__ volatile("movq %%xmm3, %0" : "=r"(here));
	MUST(here == 0 && vmsa->xmm[3][0] == 0x77);
	__asm__ volatile("movq %0, %%xmm3" ::"r"(U64_C(0x55)) : "xmm3");
	MUST(run() == SVM_EXIT_VMGEXIT && vmsa->rcx == 0x77);
	printf("SSE registers stay with the guest\n");
	return 0;
}

/* Of ST1 its last two bytes lie apart; a bit a register says that it is in use. */
static int x87(void)
{
	static const u8 pi[8] = { 0x35, 0xc2, 0x68, 0x21, 0xa2, 0xda, 0x0f, 0xc9 };

	at(code_x87);
	MUST(run() == SVM_EXIT_VMGEXIT && vmsa->x87_ftw == 0xc0);
	MUST(!memcmp(vmsa->x87_low[1], pi, sizeof(pi)));
	MUST(vmsa->x87_high[0][0] == 0xff && vmsa->x87_high[0][1] == 0x3f);
	MUST(vmsa->x87_high[1][0] == 0x00 && vmsa->x87_high[1][1] == 0x40);
	memcpy(vmsa->x87_low[0], pi, sizeof(pi));
	memcpy(vmsa->x87_high[0], vmsa->x87_high[1], 2);
	MUST(run() == SVM_EXIT_VMGEXIT && vmsa->rbx == U64_C(0x400921fb54442d18));
	printf("x87 registers as hardware's VMSA has them\n");
	return 0;
}

static int msrs(void)
{
	u8 *map = (u8 *)vmcb->control.msrpm_base_pa + 0x1000 + 0x130 / 4;

	at(code_msrs);
	*map &= ~3; /* the GHCB's; SEV_STATUS cannot be intercepted */
	MUST(run() == SVM_EXIT_VMGEXIT && vmcb->control.ghcb_gpa == 0x12345678);
	MUST(vmsa->rbx == (SEV_STATUS_SEV | SEV_STATUS_SEV_ES));
	printf("the GHCB MSR and SEV_STATUS\n");
	return 0;
}

static int branches(void)
{
	u8 *map = (u8 *)vmcb->control.msrpm_base_pa + MSR_DEBUGCTL / 4;

	at(code_branches);
	*map = 0;
	vmsa->dbgctl = 1;
	vmsa->last_excp_to = 0x88;
	MUST(!wrmsr_safe(MSR_DEBUGCTL, 2));
	MUST(run() == SVM_EXIT_VMGEXIT && vmsa->rbx == 1 && vmsa->dbgctl == 3);
	MUST(vmsa->last_excp_to == 0x88 && rdmsr(MSR_DEBUGCTL) == 2);
	MUST(!wrmsr_safe(MSR_DEBUGCTL, 0));
	printf("branch records stay with the guest\n");
	return 0;
}

static int halts(void)
{
	intercept(VMCB_INTERCEPT_HLT);
	at(code_hlt);
	MUST(run() == SVM_EXIT_HLT && vmsa->rip == (u64)code_hlt + 2);
	MUST(!(vmcb->control.int_state & VMCB_INT_GUEST_IF));
	MUST(run() == SVM_EXIT_HLT && vmcb->control.int_state & VMCB_INT_GUEST_IF);
	printf("HLT behind itself, with the guest's IF\n");
	return 0;
}

static int traps(void)
{
	u8 *map = (u8 *)vmcb->control.msrpm_base_pa + 0x800 + 0x80 / 4;

	*map &= ~3;
	intercept(SVM_EXIT_CR_WRITE_TRAP(4));
	intercept(SVM_EXIT_EFER_WRITE_TRAP);
	at(code_traps);
	MUST(run() == SVM_EXIT_CR_WRITE_TRAP(4) && vmcb->control.exit_info_1 == (read_cr4() ^ 4));
	MUST(vmsa->cr4 == (read_cr4() ^ 4));
	MUST(run() == SVM_EXIT_EFER_WRITE_TRAP);
	MUST((vmcb->control.exit_info_1 ^ rdmsr(MSR_EFER)) % 0x1000 == 1);
	MUST(run() == SVM_EXIT_VMGEXIT);
	printf("CR4 and EFER are told when they are written\n");
	return 0;
}

static bool is_vc(u64 code, u64 length)
{
	bool good = run() == SVM_EXIT_VMGEXIT && vmsa->r13 == code;

	vmsa->r12 = length;
	return good;
}

static int exceptions(void)
{
	intercept(VMCB_INTERCEPT_CPUID);
	at(code_vc);
	npt_small[0] = vm_area | TABLE | BIT(50);
	MUST(is_vc(SVM_EXIT_CPUID, 2) && is_vc(SVM_EXIT_MSR, 2) && is_vc(SVM_EXIT_IOIO, 2));
	MUST(is_vc(SVM_EXIT_VMMCALL, 3) && is_vc(SVM_EXIT_NPF, 2));
	MUST(run() == SVM_EXIT_VMGEXIT &&
	     vmsa->rip == (u64)code_vc + 2 + 5 + 2 + 2 + 3 + 7 + 2 + 4);
	printf("CPUID, an MSR, a port, VMMCALL, a device: #VC\n");
	return 0;
}

static int protection_keys(void)
{
	struct vmsa *kept = &hsave->save;

	MUST(cpuid_raw(CPUID_STRUCTURED, 0).ecx & CPUID_STRUCTURED_ECX_PKU);
	write_cr4(read_cr4() | CR4_PKE);
	at(code_pkru);
	vmsa->cr4 &= ~(u64)CR4_PKE;
	kept->pkru = 8;
	wrpkru(8);
	MUST(run() == SVM_EXIT_CR_WRITE_TRAP(4)); /* still wanted */
	MUST(run() == SVM_EXIT_VMGEXIT && vmsa->pkru == 0x55555554 && rdpkru() == 8);
	kept->pkru = 0x10;
	wrpkru(0x10);
	MUST(run() == SVM_EXIT_VMGEXIT && vmsa->rbx == 0x55555554 && rdpkru() == 0x10);
	printf("CR4.PKE, and PKRU stays with the guest\n");
	return 0;
}

static void host_debug(u64 address)
{
	write_dr1(address);
	hsave->save.dr[1] = address;
}

static int debug_swap(void)
{
	const u64 status = SEV_STATUS_SEV | SEV_STATUS_SEV_ES;

	MUST(cpuid_raw(CPUID_SEV, 0).eax & CPUID_SEV_EAX_DEBUG_SWAP);
	at(code_debug);
	vmsa->sev_features = SEV_FEATURES_DEBUG_SWAP;
	vmsa->dr[1] = 0x1000;
	host_debug(0x3000);
	MUST(run() == SVM_EXIT_VMGEXIT && vmsa->rbx == 0x1000 && read_dr1() == 0x3000);
	MUST(vmsa->dr[1] == 0x2000 && vmsa->r8 == (status | SEV_STATUS_DEBUG_SWAP));
	host_debug(0x4000);
	MUST(run() == SVM_EXIT_VMGEXIT && vmsa->rcx == 0x2000 && read_dr1() == 0x4000);
	at(code_debug);
	vmsa->dr[1] = 0x1000;
	MUST(run() == SVM_EXIT_VMGEXIT && vmsa->rbx == 0x4000 && read_dr1() == 0x2000);
	MUST(vmsa->dr[1] == 0x1000 && vmsa->r8 == status);
	write_dr1(0);
	printf("debug registers are the guest's own with debug swap, and one set without\n");
	return 0;
}

/* AVX without SSE, of the guest's VMSA and of the host's own save area. */
static int bad_xcr0(void)
{
	u64 own = xgetbv(0);

	at(code_sse);
	vmsa->xcr0 = 5;
	MUST(run() == ~U64_C(0));
	at(code_sse);
	vmsa->xcr0 = 3;
	hsave->save.xcr0 = 5;
	MUST(!psp_debug(0x61, handle, vmsa, vmsa_page) && vm_run() == SVM_EXIT_VMGEXIT);
	MUST(xgetbv(0) == 3);
	xsetbv(0, own);
	printf("an XCR0 that is none is not loaded\n");
	return 0;
}

static int workload(int argc, char **argv)
{
	u64 to = (u64)handler;

	(void)argc, (void)argv;
	if (vm_new() || psp_start())
		return 1;
	write_cr4(read_cr4() | CR4_OSXSAVE);
	vmsa = page_new();
	vmsa_page = page_new();
	handle = psp_guest(SEV_POLICY_ES, 5);
	MUST(vmsa && vmsa_page && handle);
	gates[58] = (to & 0xffff) | 0x8 << 16 | U64_C(0x8e00) << 32 | (to >> 16 & 0xffff) << 48;
	gates[59] = to >> 32;
	vmcb->control.nested_ctl = VMCB_NESTED_PAGING | VMCB_SEV | VMCB_SEV_ES;
	vmcb->control.asid = 5;
	vmcb->control.vmsa_pa = (u64)vmsa_page;
	MUST(sev_image(handle));
	return refusals() || registers() || sse() || x87() || msrs() || branches() || halts() ||
	       traps() || exceptions() || protection_keys() || debug_swap() || bad_xcr0();
}

DEFINE_WORKLOAD("test", "runs a guest with encrypted state", workload);
