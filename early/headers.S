/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What loaders look for in the image: the multiboot2 header, the PVH note, the launch note, and
 * the pages that the launch note names.
 * Spec: MB2 3.1, PVH, abi/launch_note.h.
 */
#define ASM_FILE
#include <multiboot2.h>

#include "abi/launch_note.h"
#include "abi/pvh.h"
#include "early/launch_pages.h"

	.section .boot.header, "a"
	.balign MULTIBOOT_HEADER_ALIGN
multiboot2_header:
	.long	MULTIBOOT2_HEADER_MAGIC
	.long	MULTIBOOT2_ARCHITECTURE_I386
	.long	multiboot2_header_end - multiboot2_header
	.long	-(MULTIBOOT2_HEADER_MAGIC + MULTIBOOT2_ARCHITECTURE_I386 + \
		  (multiboot2_header_end - multiboot2_header))

	.balign MULTIBOOT_TAG_ALIGN
	.short	MULTIBOOT_HEADER_TAG_ENTRY_ADDRESS, 0
	.long	12
	.long	multiboot2_entry32

	.balign MULTIBOOT_TAG_ALIGN
	.short	MULTIBOOT_HEADER_TAG_ENTRY_ADDRESS_EFI64, 0
	.long	12
	.long	multiboot2_entry_efi64

	/* Boot services stay, so that the hand-over is in long mode and the exit is our own. */
	.balign MULTIBOOT_TAG_ALIGN
	.short	MULTIBOOT_HEADER_TAG_EFI_BS, 0
	.long	8

	.balign MULTIBOOT_TAG_ALIGN
	.short	MULTIBOOT_HEADER_TAG_MODULE_ALIGN, 0
	.long	8

	.balign MULTIBOOT_TAG_ALIGN
	.short	MULTIBOOT_HEADER_TAG_END, 0
	.long	8
multiboot2_header_end:

/* name, type; the descriptor follows, and then NOTE_END */
.macro NOTE name, type
	.balign	4
	.long	2f - 1f
	.long	4f - 3f
	.long	\type
1:	.asciz	"\name"
2:	.balign	4
3:
.endm
.macro NOTE_END
4:	.balign	4
.endm

	.section .note.pvh, "a", @note
	NOTE	PVH_NOTE_NAME, PVH_NOTE_TYPE
	.quad	pvh_entry32
	NOTE_END

	.section .note.launch, "a", @note
	NOTE	LAUNCH_NOTE_NAME, LAUNCH_NOTE_TYPE_SEV
	.long	launch_secrets_page, PAGE_SIZE, SEV_SECTION_SECRETS
	.long	launch_cpuid_page, PAGE_SIZE, SEV_SECTION_CPUID
	NOTE_END
	NOTE	LAUNCH_NOTE_NAME, LAUNCH_NOTE_TYPE_AP
	.long	es_ap_entry32
	NOTE_END

	/* Pages whose contents the launch makes; the ROM leaves them alone. */
	.section .launch, "aw", @nobits
	.balign	PAGE_SIZE
	.globl	launch_td_hob
	.hidden	launch_td_hob
launch_td_hob:				/* QEMU's list of a TD's memory: abi/hob.h */
	.skip	TD_HOB_SIZE
	.globl	launch_secrets_page
	.hidden	launch_secrets_page
launch_secrets_page:
	.skip	PAGE_SIZE
	.globl	launch_cpuid_page
	.hidden	launch_cpuid_page
launch_cpuid_page:
	.skip	PAGE_SIZE
