/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entry in 32-bit protected mode with paging off (PVH, multiboot2, our ROM), up to long mode.
 * Assumes nothing of memory but that the ELF image is loaded and its BSS zero: own GDT, own stack,
 * and, before the first CPUID, an IDT whose #VC answers CPUID by the GHCB MSR protocol. In a TD
 * nothing here raises #VE: CPUID 0x21 is the module's, and no other leaf is asked for.
 * Spec: PVH; MB2 3.3; GHCB 2.3.1; APM2 14.6 (long mode), 15.34 (SEV); TDX-BASE (initial state).
 */
#include "abi/exit_code.h"
#include "abi/ghcb.h"
#include "abi/sev.h"
#include "abi/tdx.h"
#include "abi/x86.h"
#include "early/entry.h"
#include "early/stacks.h"

#define IDT32_COUNT 32
#define GATE32 0x8e00 /* present, DPL 0, 32-bit interrupt gate */
#define CPUID_OPCODE 0xa20f
#define RDRAND_TRIES 10 /* SDM1 7.3.17.1 */
#define CBIT_TERMINATION \
	(TERM_CBIT << 16 | GHCB_TERM_SET_POSTERN << 12 | GHCB_MSR_TERMINATE_REQ)

	.section .text.entry32, "ax"
	.code32

	.globl	pvh_entry32
	.hidden	pvh_entry32
pvh_entry32:
	movl	$ENTRY_LOADER_PVH, %edx
	jmp	entry32

	.globl	rom_entry32
	.hidden	rom_entry32
rom_entry32:
	movl	$ENTRY_LOADER_ROM, %edx
	jmp	entry32

	.globl	multiboot2_entry32
	.hidden	multiboot2_entry32
multiboot2_entry32:
	movl	$ENTRY_LOADER_MULTIBOOT2, %edx

/* EDX = loader, EAX = multiboot2's magic, EBX = physical address of the loader's information */
entry32:
	cli
	cld
	movl	$1, %ecx
	lock xaddl %ecx, arrivals
	testl	%ecx, %ecx
	jnz	park32
	movl	%edx, entry_record + ENTRY_LOADER
	movl	%eax, entry_record + ENTRY_MAGIC
	movl	%ebx, entry_record + ENTRY_INFO
	movl	$STACK_BOOT_TOP, %esp
	lgdt	early_gdt_pointer
	ljmp	$SEL_CODE32, $1f
1:	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	call	load_idt32
	xorl	%ebp, %ebp		/* high half of the private mask */
	call	find_tdx
	cmpl	$0, entry_record + ENTRY_TDX
	jne	2f
	call	find_cbit
	call	check_long_mode
2:	call	build_tables
	call	plant_canary
	jmp	enter_long_mode

/* The processors of a TD start all at once: the first goes on, the others wait. */
park32:
	pause
	jmp	park32

load_idt32:
	movl	$idt32, %edi
	xorl	%ecx, %ecx
1:	movl	$fault32, %eax
	cmpl	$VEC_VC, %ecx
	jne	2f
	movl	$vc32, %eax
	jmp	3f
2:	cmpl	$VEC_GP, %ecx
	jne	3f
	movl	$gp32, %eax
3:	movw	%ax, (%edi)
	movw	$SEL_CODE32, 2(%edi)
	movw	$GATE32, 4(%edi)
	shrl	$16, %eax
	movw	%ax, 6(%edi)
	addl	$8, %edi
	incl	%ecx
	cmpl	$IDT32_COUNT, %ecx
	jb	1b
	lidt	idt32_pointer
	ret

/*
 * A TD's shared bit is for shared pages only: tables without any mask are private. Where #VC came
 * it was the host that answered, and there is no TD.
 */
find_tdx:
	movl	$TDX_CPUID, %eax
	xorl	%ecx, %ecx
	cpuid
	cmpl	$0, vc_count
	jne	1f
	cmpl	$TDX_SIGNATURE_EBX, %ebx
	jne	1f
	cmpl	$TDX_SIGNATURE_EDX, %edx
	jne	1f
	cmpl	$TDX_SIGNATURE_ECX, %ecx
	jne	1f
	movl	$1, entry_record + ENTRY_TDX
1:	ret

/*
 * EBP stays, or where SEV is active the C-bit as the high half of an entry. SEV_STATUS exists only
 * where CPUID says so, and not for every guest of such a host: with #GP there is no SEV. A host
 * that hides it from a guest that takes #VC is found out by that. Both sources
 * of the position are the host's word: they must at least agree.
 */
find_cbit:
	movl	$CPUID_EXT_MAX, %eax
	xorl	%ecx, %ecx
	cpuid
	cmpl	$CPUID_SEV, %eax
	jb	3f
	movl	$CPUID_SEV, %eax
	xorl	%ecx, %ecx
	cpuid
	testl	$CPUID_SEV_EAX_SEV, %eax
	jz	3f
	movl	%ebx, %edi
	andl	$CPUID_SEV_EBX_CBIT_MASK, %edi
	movl	$MSR_SEV_STATUS, %ecx
read_sev_status:
	rdmsr
	movl	%eax, entry_record + ENTRY_SEV_STATUS
	movl	%edx, entry_record + ENTRY_SEV_STATUS + 4
	testl	$SEV_STATUS_SEV, %eax
	jz	3f
	testl	$(SEV_STATUS_SEV_ES | SEV_STATUS_SEV_SNP), %eax
	jz	2f
	movl	$GHCB_MSR_SEV_INFO_REQ, %eax
	xorl	%edx, %edx
	call	ghcb_msr32
	movl	%eax, %ecx
	andl	$GHCB_MSR_INFO_MASK, %ecx
	cmpl	$GHCB_MSR_SEV_INFO_RESP, %ecx
	movl	$TERM_RESPONSE, %ecx
	jne	terminate32
	shrl	$24, %eax
	cmpl	%edi, %eax
	movl	$TERM_CBIT, %ecx
	jne	terminate32
2:	movl	$TERM_CBIT, %ecx
	cmpl	$CBIT_MAX, %edi
	ja	terminate32
	subl	$CBIT_MIN, %edi
	jb	terminate32
	btsl	%edi, %ebp
	movl	%ebp, entry_record + ENTRY_PRIVATE_MASK + 4
	ret
no_sev:
3:	cmpl	$0, vc_count
	movl	$TERM_CBIT, %ecx
	jne	terminate32
	ret

/* A processor without long mode could only fault in what follows; one with SEV has it. */
check_long_mode:
	testl	%ebp, %ebp
	jnz	1f
	movl	$CPUID_EXT_MAX, %eax
	cpuid
	cmpl	$CPUID_EXT_FEATURES, %eax
	jb	2f
	movl	$CPUID_EXT_FEATURES, %eax
	cpuid
	notl	%edx
	testl	$(CPUID_EXT_FEATURES_EDX_LM | CPUID_EXT_FEATURES_EDX_NX), %edx
	jnz	2f
1:	ret
2:	movl	$no_long_mode_text, %esi
	movl	$(no_long_mode_text_end - no_long_mode_text), %ecx
	movb	$EXIT_CODE_CANNOT_RUN, %bl
	jmp	stop32

/* Identity [0,1G) in 2M pages, private: enough until early_pgtable_init(). */
build_tables:
	movl	$(entry_pdpt + PTE_P + PTE_W), entry_pml4
	movl	%ebp, entry_pml4 + 4
	movl	$(entry_pd + PTE_P + PTE_W), entry_pdpt
	movl	%ebp, entry_pdpt + 4
	movl	$entry_pd, %edi
	movl	$(PTE_P + PTE_W + PTE_PS), %eax
1:	movl	%eax, (%edi)
	movl	%ebp, 4(%edi)
	addl	$8, %edi
	addl	$PAGE_2M_SIZE, %eax
	cmpl	$(entry_pd + PAGE_SIZE), %edi
	jb	1b
	ret

/*
 * What memory holds while all of it is private, and ESI and EDI too. Random, so that a host cannot
 * have it ready where a false C-bit leads, or none; every processor with SEV can make it. A guest
 * that takes itself for a plain one may be one that the host has talked into it: it keeps CPUID
 * from being #VC, and injects #GP where SEV_STATUS is read.
 */
plant_canary:
	testl	%ebp, %ebp
	jnz	1f
	cmpl	$0, entry_record + ENTRY_TDX
	jne	2f
	movl	$CPUID_FEATURES, %eax
	xorl	%ecx, %ecx
	cpuid
	cmpl	$0, vc_count	/* no plain guest has one: the host hid SEV, and now RDRAND */
	jne	3f
	testl	$CPUID_FEATURES_ECX_RDRAND, %ecx
	jz	2f
	movl	$RDRAND_TRIES, %ecx
4:	rdrandl	%esi
	jnc	5f
	rdrandl	%edi
	jc	2f
5:	loop	4b
	jmp	2f			/* one that never has a number is as good as none */
1:	rdrandl	%esi
	jnc	1b
	rdrandl	%edi
	jnc	1b
2:	movl	%esi, cbit_canary
	movl	%edi, cbit_canary + 4
	ret
3:	movl	$TERM_CBIT, %ecx
	jmp	terminate32

/*
 * CR4.MCE stays, CR0.NE is set, EFER is written only to change it: the rules of TDX. The first
 * data that are read through the tables are the canary, before even the GDT is: with a C-bit that
 * is none they would be the host's.
 */
enter_long_mode:
	movl	%cr4, %eax
	andl	$CR4_MCE, %eax
	orl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$entry_pml4, %eax	/* without C-bit: a walk is always private */
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	movl	%eax, %ebx
	orl	$(EFER_LME | EFER_NXE), %eax
	cmpl	%eax, %ebx
	je	1f
	wrmsr
1:	movl	$(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG), %eax
	movl	%eax, %cr0
	cmpl	%esi, cbit_canary
	jne	2f
	cmpl	%edi, cbit_canary + 4
	jne	2f
	ljmp	$SEL_CODE64, $entry64
2:	movl	$CBIT_TERMINATION, %eax
	xorl	%edx, %edx
	movl	$MSR_GHCB, %ecx
	wrmsr
	rep; vmmcall			/* VMGEXIT, without a stack */
	hlt
	jmp	2b

/* EDX:EAX = request -> EDX:EAX = response; changes ECX */
ghcb_msr32:
	movl	$MSR_GHCB, %ecx
	wrmsr
	rep; vmmcall			/* VMGEXIT */
	rdmsr
	ret

/* ECX = GHCB_TERM_* of our set */
terminate32:
	shll	$16, %ecx
	movl	%ecx, %esi
	orl	$(GHCB_TERM_SET_POSTERN << 12 | GHCB_MSR_TERMINATE_REQ), %esi
1:	movl	%esi, %eax
	xorl	%edx, %edx
	call	ghcb_msr32
	hlt
	jmp	1b

/*
 * #VC with the error code on the stack: CPUID, sub-leaf 0, register by register; anything else
 * ends the guest, since nothing else can be answered here. A host can raise it anywhere: what is
 * not CPUID by its bytes must not get registers of the host's choice.
 */
vc32:
	cmpl	$SVM_EXIT_CPUID, (%esp)
	jne	3f
	pushl	%esi
	pushl	%edi
	movl	12(%esp), %esi		/* EIP */
	cmpw	$CPUID_OPCODE, (%esi)
	jne	5f
	testl	%ecx, %ecx
	jnz	4f
	incl	vc_count
	subl	$16, %esp		/* the four results, EAX lowest */
	movl	%eax, %esi
	xorl	%edi, %edi
1:	movl	%edi, %eax
	shll	$30, %eax
	orl	$GHCB_MSR_CPUID_REQ, %eax
	movl	%esi, %edx
	call	ghcb_msr32
	movl	%edx, (%esp, %edi, 4)
	movl	%edi, %ecx		/* the answer must name the register asked for */
	shll	$30, %ecx
	orl	$GHCB_MSR_CPUID_RESP, %ecx
	cmpl	%eax, %ecx
	movl	$TERM_RESPONSE, %ecx
	jne	terminate32
	incl	%edi
	cmpl	$4, %edi
	jb	1b
	popl	%eax
	popl	%ebx
	popl	%ecx
	popl	%edx
	popl	%edi
	popl	%esi
	addl	$4, %esp
	addl	$2, (%esp)		/* behind CPUID */
	iret
3:	movl	$TERM_UNSUPPORTED_VC, %ecx
	jmp	terminate32
4:	movl	$TERM_CPUID, %ecx
	jmp	terminate32
5:	movl	$TERM_DECODE, %ecx
	jmp	terminate32

/* #GP, with the error code on the stack: an answer where SEV_STATUS is read. */
gp32:
	cmpl	$read_sev_status, 4(%esp)
	jne	fault32
	addl	$4, %esp
	movl	$no_sev, (%esp)
	iret

/*
 * A fault this early is our bug. In a TD a port is a #VE, and TDCALL is #UD here: all that can be
 * said is a triple fault.
 */
fault32:
	cmpl	$0, entry_record + ENTRY_TDX
	jne	2f
	movl	$fault32_text, %esi
	movl	$(fault32_text_end - fault32_text), %ecx
	movb	$EXIT_CODE_PANIC, %bl

/*
 * One sentence, ESI with ECX bytes, to a serial port that firmware set up; BL = the exit code. Not
 * by OUTS: an SEV guest's host cannot read its memory.
 */
stop32:
	movl	$PORT_COM1, %edx
1:	lodsb
	outb	%al, %dx
	loop	1b
	movb	%bl, %al
	outb	%al, $EXIT_PORT
1:	cli
	hlt
	jmp	1b
2:	lidt	no_idt32_pointer
	ud2

	.code64
/*
 * void early_load_tables(u64 cr3, u64 *canary, u64 value): the check of enter_long_mode again, for
 * other tables, before anything is read through them.
 */
	.globl	early_load_tables
	.hidden	early_load_tables
early_load_tables:
	movq	%rdx, (%rsi)
	movq	%rdi, %cr3
	cmpq	%rdx, (%rsi)
	jne	1f
	ret
1:	movl	$CBIT_TERMINATION, %eax
	xorl	%edx, %edx
	movl	$MSR_GHCB, %ecx
	wrmsr
	rep; vmmcall
	hlt
	jmp	1b

entry64:
	movq	$STACK_BOOT_TOP, %rsp
	xorl	%ebp, %ebp
	pushq	%rbp			/* a backtrace ends here */
	jmp	early_start

	.section .rodata.entry32, "a"
fault32_text:
	.ascii	"postern: panic: fault in the 32-bit entry\n"
fault32_text_end:
no_long_mode_text:
	.ascii	"postern: boot: the processor has no long mode with NX\n"
no_long_mode_text_end:

	.balign	8
	.globl	early_gdt_pointer
	.hidden	early_gdt_pointer
	.globl	early_gdt
	.hidden	early_gdt
early_gdt:
	.quad	0
	.quad	0x00af9b000000ffff	/* SEL_CODE64 */
	.quad	0x00cf93000000ffff	/* SEL_DATA */
	.quad	0x00cf9b000000ffff	/* SEL_CODE32 */
early_gdt_pointer:
	.short	. - early_gdt - 1
	.quad	early_gdt

	.balign	8
idt32_pointer:
	.short	IDT32_COUNT * 8 - 1
	.long	idt32

no_idt32_pointer:
	.short	0
	.long	0

	.section .data.entry32, "aw"
	.balign	4
arrivals:
	.long	0
vc_count:
	.long	0

	.section .bss.entry32, "aw", @nobits
	.balign	PAGE_SIZE
entry_pml4:
	.skip	PAGE_SIZE
entry_pdpt:
	.skip	PAGE_SIZE
entry_pd:
	.skip	PAGE_SIZE
cbit_canary:
	.skip	8
idt32:
	.skip	IDT32_COUNT * 8
