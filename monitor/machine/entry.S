/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor's entries. PVH and multiboot2 both arrive in 32-bit protected mode without paging,
 * at entry32: EAX = multiboot2's magic or anything, EBX = the loader's structure. Goes on to
 * monitor_first(magic, info) in long mode, identity mapped by 1G pages, with five levels where the
 * processor has them; that one moves the image, and comes back in it to entry_moved. Application
 * processors come from ap_trampoline.S to load_long_mode.
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
	.long entry32_loaded

/* An address in 32-bit code, which may be anywhere: EBX = that of entry32. */
#define AT(symbol) ((symbol) - entry32)(%ebx)

	.section .text.entry, "ax"
	.code32
	.globl entry32
entry32:
	cli
	cld
	mov %eax, %ebp
	mov %ebx, %esi
	mov $entry32_loaded, %ebx
	lea AT(bss_start), %edi
	lea AT(bss_end), %ecx
	sub %edi, %ecx
	shr $2, %ecx
	xor %eax, %eax
	rep stosl
	lea AT(boot_stack_end), %esp
	lea AT(entry64), %edi

/* To long mode: EDI = where to go on; EBP and ESI survive. */
	mov $0x80000001, %eax
	cpuid
	mov $entry32_loaded, %ebx
	bt $CPUID_EXT_EDX_PAGE1GB_BIT, %edx
	jnc no_page1gb

	/* pdpt: 512 GB of 1G pages; each level above has its first entry, and its last. */
	push %edi
	lea AT(host_pdpt), %eax
	xor %ecx, %ecx
	mov $(PTE_P | PTE_W | PTE_PS), %edx
	xor %edi, %edi
1:	mov %edx, (%eax, %ecx, 8)
	mov %edi, 4(%eax, %ecx, 8)
	add $0x40000000, %edx
	adc $0, %edi
	inc %ecx
	cmp $PTE_COUNT, %ecx
	jb 1b
	pop %edi
	lea AT(host_pdpt + PTE_P + PTE_W), %eax
	mov %eax, AT(host_pml4)
	mov %eax, AT(host_pml4 + 8 * HOST_ALIAS_ENTRY)
	lea AT(host_pml4 + PTE_P + PTE_W), %eax
	mov %eax, AT(host_pml5)
	mov %eax, AT(host_pml5 + 8 * HOST_ALIAS_ENTRY)

	lea AT(host_pml4), %eax
	mov %eax, AT(host_root)
	movl $CR4_PAE, AT(host_cr4)
	movl $4, AT(host_levels)
	/* Five levels only where addresses of 52 bits can use them. */
	mov $7, %eax
	xor %ecx, %ecx
	cpuid
	mov $entry32_loaded, %ebx
	bt $CPUID_7_ECX_LA57_BIT, %ecx
	jnc load_long_mode
	mov $0x80000008, %eax
	cpuid
	mov $entry32_loaded, %ebx
	cmp $52, %al
	jb load_long_mode
	movl $5, AT(host_levels)
	lea AT(host_pml5), %eax
	mov %eax, AT(host_root)
	orl $CR4_LA57, AT(host_cr4)

/* The same on any processor, once the tables are there. EDI = where to go on, EBX as AT() wants. */
	.globl load_long_mode
load_long_mode:
	mov AT(host_root), %eax
	mov %eax, %cr3
	mov %cr4, %eax
	or AT(host_cr4), %eax
	mov %eax, %cr4
	mov $MSR_EFER, %ecx
	rdmsr
	or $(EFER_LME | EFER_NXE), %eax
	wrmsr
	mov %cr0, %eax
	and $~(CR0_CD | CR0_NW | CR0_EM | CR0_TS), %eax
	or $(CR0_PG | CR0_WP | CR0_NE | CR0_MP | CR0_PE), %eax
	mov %eax, %cr0
	lgdt AT(host_gdt_register)
	push $HOST_CS
	push %edi
	lret

/* Nothing works without 1G pages; say so on COM1 and end with "cannot run". */
no_page1gb:
	lea AT(no_page1gb_text), %esi
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
	lea boot_stack_end(%rip), %rsp
	mov %ebp, %edi
	mov %esi, %esi
	xor %ebp, %ebp
	call monitor_first

/* entry_leave(distance): where a debugger learns how far away all of the moved image is. */
	.globl entry_leave
entry_leave:
	lea entry_moved(%rip), %rax
	add %rdi, %rax
	jmp *%rax

/* Of the moved image: all is as in the other one, but at other addresses. */
	.globl entry_moved
entry_moved:
	mov host_root(%rip), %eax
	mov %rax, %cr3
	lgdt host_gdt_register(%rip)
	lea boot_stack_end(%rip), %rsp
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
boot_stack:
	.skip HOST_STACK_SIZE
boot_stack_end:

/* Goes with the image when it moves: see move.c. */
	.section .bss.kept, "aw", @nobits
	.balign 4096
	.globl host_pml5, host_pml4, host_root, host_levels
host_pml5:
	.skip 4096
host_pml4:
	.skip 4096
host_pdpt:
	.skip 4096
host_levels:
	.skip 4
host_root:
	.skip 4
host_cr4:
	.skip 4
