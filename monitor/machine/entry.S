/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor's entries. PVH and multiboot2 both arrive in 32-bit protected mode without paging,
 * at entry32: EAX = multiboot2's magic or anything, EBX = the loader's structure. Goes on to
 * monitor_main(magic, info) in long mode, identity mapped by 1G pages, with five levels where the
 * processor has them. Application processors come from ap_trampoline.S to load_long_mode.
 * Spec: PVH, MB2 3.1 and 3.3.
 */
#include "abi/pvh.h"
#include "abi/x86.h"
#include "monitor/machine/entry.h"

#define MB2_MAGIC 0xe85250d6
#define MB2_LENGTH (mb2_header_end - mb2_header)
#define CPUID_EXT_EDX_PAGE1GB_BIT 26
#define CPUID_7_ECX_LA57_BIT 16

	.section .multiboot2, "a"
	.balign 8
mb2_header:
	.long MB2_MAGIC
	.long 0				/* i386 */
	.long MB2_LENGTH
	.long -(MB2_MAGIC + MB2_LENGTH)
	.word 6, 0			/* modules are page aligned */
	.long 8
	.word 0, 0
	.long 8
mb2_header_end:

	.section .note.pvh, "a"
	.balign 4
	.long 4, 4, PVH_NOTE_TYPE
	.asciz "Xen"
	.long entry32

	.section .text.entry, "ax"
	.code32
	.globl entry32
entry32:
	cli
	cld
	mov %eax, %ebp
	mov %ebx, %esi
	mov $bss_start, %edi
	mov $bss_end, %ecx
	sub %edi, %ecx
	shr $2, %ecx
	xor %eax, %eax
	rep stosl
	mov $boot_stack_end, %esp
	mov $entry64, %edi

/* To long mode: EDI = where to go on; EBP and ESI survive. */
	mov $0x80000001, %eax
	cpuid
	bt $CPUID_EXT_EDX_PAGE1GB_BIT, %edx
	jnc no_page1gb

	/* pdpt: 512 GB of 1G pages; each level above has one entry. */
	mov $host_pdpt, %eax
	xor %ecx, %ecx
	mov $(PTE_P | PTE_W | PTE_PS), %edx
	xor %ebx, %ebx
1:	mov %edx, (%eax, %ecx, 8)
	mov %ebx, 4(%eax, %ecx, 8)
	add $0x40000000, %edx
	adc $0, %ebx
	inc %ecx
	cmp $PTE_COUNT, %ecx
	jb 1b
	movl $(host_pdpt + PTE_P + PTE_W), host_pml4
	movl $(host_pml4 + PTE_P + PTE_W), host_pml5

	mov $host_pml4, %ebx
	mov %ebx, host_root
	mov $CR4_PAE, %ebx
	mov %ebx, host_cr4
	movl $4, host_levels
	/* Five levels only where addresses of 52 bits can use them. */
	mov $7, %eax
	xor %ecx, %ecx
	cpuid
	bt $CPUID_7_ECX_LA57_BIT, %ecx
	jnc load_long_mode
	mov $0x80000008, %eax
	cpuid
	cmp $52, %al
	jb load_long_mode
	movl $5, host_levels
	movl $host_pml5, host_root
	orl $CR4_LA57, host_cr4

/* The same on any processor, once the tables are there. EDI = where to go on. */
	.globl load_long_mode
load_long_mode:
	mov host_root, %eax
	mov %eax, %cr3
	mov %cr4, %eax
	or host_cr4, %eax
	mov %eax, %cr4
	mov $MSR_EFER, %ecx
	rdmsr
	or $(EFER_LME | EFER_NXE), %eax
	wrmsr
	mov %cr0, %eax
	and $~(CR0_CD | CR0_NW | CR0_EM | CR0_TS), %eax
	or $(CR0_PG | CR0_WP | CR0_NE | CR0_MP | CR0_PE), %eax
	mov %eax, %cr0
	lgdt host_gdt_register
	push $HOST_CS
	push %edi
	lret

/* Nothing works without 1G pages; say so on COM1 and end with "cannot run". */
no_page1gb:
	mov $no_page1gb_text, %esi
	mov $PORT_COM1, %edx
1:	lodsb
	test %al, %al
	jz 2f
	out %al, %dx
	jmp 1b
2:	mov $0x12, %al
	out %al, $0xf4
3:	cli
	hlt
	jmp 3b

	.code64
entry64:
	mov $HOST_DS, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	xor %eax, %eax
	mov %eax, %fs
	mov %eax, %gs
	mov $boot_stack_end, %rsp
	mov %ebp, %edi
	mov %esi, %esi
	xor %ebp, %ebp
	call monitor_main
1:	cli
	hlt
	jmp 1b

	.section .rodata
no_page1gb_text:
	.asciz "monitor: cannot run: this processor has no 1G pages\r\n"

	.data
	.balign 8
	.globl host_gdt_register
host_gdt_register:
	.word host_gdt_end - host_gdt - 1
	.quad host_gdt
	.balign 8
	.globl host_gdt
host_gdt:
	.quad 0
	.quad 0x00af9b000000ffff	/* HOST_CS: 64-bit code */
	.quad 0x00cf93000000ffff	/* HOST_DS */
	.quad 0x00cf9b000000ffff	/* HOST_CS32 */
host_gdt_end:

	.bss
	.balign 4096
host_pml5:
	.skip 4096
host_pml4:
	.skip 4096
host_pdpt:
	.skip 4096
boot_stack:
	.skip HOST_STACK_SIZE
boot_stack_end:
	.globl host_levels
host_levels:
	.skip 4
host_root:
	.skip 4
host_cr4:
	.skip 4
