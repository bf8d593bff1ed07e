/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A loader that lies: takes the PVH entry's place, copies the information of the case that the
 * command line `case=<letter>` names to low memory, and goes on at the true entry with it.
 */
#define pvh_entry32 bad_loader_entry
#include "early/headers.S"
#undef pvh_entry32

#define AT       0x9000 /* where the information goes */
#define SIZE     0x1000
#define PVH      0
#define MB2      1
#define CASE_OF  5  /* of the letter in the command line */
#define CMDLINE  24 /* of cmdline_paddr in struct hvm_start_info */

	.section .text.bad_loader, "ax"
	.code32
bad_loader_entry:
	cld
	movl	$0x8000, %esp
	movl	CMDLINE(%ebx), %eax
	movzbl	CASE_OF(%eax), %eax
	subl	$'a', %eax
	imull	$12, %eax
	movl	cases + 4(%eax), %esi
	movl	cases + 8(%eax), %ebx
	movl	$AT, %edi
	movl	$SIZE, %ecx
	rep; movsb
	cmpl	$MB2, cases(%eax)
	movl	$MULTIBOOT2_BOOTLOADER_MAGIC, %eax
	je	multiboot2_entry32
	jmp	pvh_entry32
	.code64

/* a: */
.macro CASE loader, ebx=AT
	.pushsection .rodata.bad_loader.cases, "a"
	.long	\loader, 1f, \ebx
	.popsection
	.balign	8
1:
.endm

/* magic, version, flags, modules, module list, command line, rsdp, map, entries */
.macro START magic=HVM_START_MAGIC, version=1, cmdline=0, map=AT+56, entries=1
	.long	\magic, \version, 0, 0
	.quad	0, \cmdline, 0, \map
	.long	\entries, 0
.endm
.macro ENTRY start, size, type=HVM_MEMMAP_RAM
	.quad	\start, \size
	.long	\type, 0
.endm

.macro INFO size
	.long	\size, 0
.endm
.macro MMAP size, entry_size=24
	.long	MULTIBOOT_TAG_TYPE_MMAP, 16 + \size, \entry_size, 0
.endm
.macro END
	.long	MULTIBOOT_TAG_TYPE_END, 8
.endm

	.section .rodata.bad_loader.cases, "a"
cases:
	.section .rodata.bad_loader, "a"
	CASE	PVH /* a: as it should be */
	START
	ENTRY	0x100000, 0x3f00000
	CASE	PVH /* b */
	START	magic=0x12345678
	CASE	PVH, 0xffffff00 /* c: not in memory */
	CASE	PVH, __image_start /* d: in our own image */
	CASE	PVH /* e */
	START	entries=1000
	CASE	PVH /* f */
	START	entries=2
	ENTRY	0x100000, 0x3f00000
	ENTRY	0x200000, 0x1000, HVM_MEMMAP_RESERVED
	CASE	PVH /* g */
	START
	ENTRY	0x100000, -0x1000
	CASE	PVH /* h: the image's end is missing */
	START
	ENTRY	0x100000, 0x110000
	CASE	PVH /* i */
	START	cmdline=0xfffffffffff
	ENTRY	0x100000, 0x3f00000
	CASE	MB2 /* j: as it should be */
	INFO	56
	MMAP	24
	ENTRY	0x100000, 0x3f00000
	END
	CASE	MB2 /* k */
	INFO	0x20000
	CASE	MB2 /* l */
	INFO	55
	MMAP	23, 23
	ENTRY	0x100000, 0x3f00000
	CASE	MB2 /* m: no end tag */
	INFO	48
	MMAP	24
	ENTRY	0x100000, 0x3f00000
	CASE	MB2 /* n */
	INFO	16
	END
	CASE	MB2, AT + 4 /* o */
	INFO	16
	.skip	SIZE /* a copy reads behind the last one */
