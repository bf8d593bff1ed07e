/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last page of postern.fd, a firmware image for QEMU's -bios: reset vector, what QEMU must know
 * to launch it as a confidential guest, and a loader that copies the guest image, which is the rest
 * of the file, to its link address and enters it. Nothing here exits to the host but by the GHCB
 * MSR protocol: there is no handler for #VC or #VE yet. The rom_* symbols are tools/rom's.
 * Spec: APM2 14.1 (reset state), TDX-ABI (a TD starts in 32-bit protected mode), GHCB 4.3 (how
 * other processors of an SEV-ES guest start), abi/firmware.h.
 */
#include "abi/acpi.h"
#include "abi/firmware.h"
#include "abi/ghcb.h"
#include "abi/launch_note.h"
#include "abi/tdx.h"
#include "abi/x86.h"

#define ROM_PAGE_OFFSET 0xf000 /* in the reset segment, whose base is 0xffff0000 */
#define REAL(label)     (ROM_PAGE_OFFSET + (label) - rom_page)
/* How the table says where something is: backwards from the end. */
#define BEFORE_END(label) (PAGE_SIZE - ((label) - rom_page))

#define SEL_ROM_CODE32 0x08
#define SEL_ROM_DATA   0x10

/* The table's three entries with 32 bits of data, and the footer */
#define TABLE_SIZE (3 * FIRMWARE_ENTRY_SIZE(4) + FIRMWARE_ENTRY_SIZE(0))

.macro GUID first, second, third, last
	.long	\first
	.short	\second, \third
	.byte	(\last >> 56) & 0xff, (\last >> 48) & 0xff, (\last >> 40) & 0xff
	.byte	(\last >> 32) & 0xff, (\last >> 24) & 0xff, (\last >> 16) & 0xff
	.byte	(\last >> 8) & 0xff, \last & 0xff
.endm

	.section .rom, "ax"
rom_page:

/* Base, size, type: in launch order, which the digest depends on */
sev_metadata:
	.long	SEV_METADATA_SIGNATURE, sev_metadata_end - sev_metadata
	.long	SEV_METADATA_VERSION, (sev_metadata_end - sev_sections) / 12
sev_sections:
	.long	rom_image_start, rom_image_size_below_secrets, SEV_SECTION_SEC_MEM
	.long	rom_secrets_page, PAGE_SIZE, SEV_SECTION_SECRETS
	.long	rom_cpuid_page, PAGE_SIZE, SEV_SECTION_CPUID
	.long	rom_launch_end, rom_image_size_above_launch, SEV_SECTION_SEC_MEM
sev_metadata_end:

/* Offset in the file, size there, address, size, type, attributes */
	.balign	16
	GUID	GUID_TDVF_DESCRIPTOR
tdvf_descriptor:
	.long	TDVF_SIGNATURE, tdvf_end - tdvf_descriptor
	.long	TDVF_VERSION, (tdvf_end - tdvf_sections) / 32
tdvf_sections:
	.long	0, rom_size
	.quad	rom_start, rom_size
	.long	TDVF_SECTION_BFV, TDVF_ATTR_EXTENDMR
	.long	0, 0
	.quad	rom_image_start, rom_image_size_below_hob
	.long	TDVF_SECTION_TEMP_MEM, 0
	.long	0, 0
	.quad	rom_td_hob, rom_td_hob_size
	.long	TDVF_SECTION_TD_HOB, 0
	.long	0, 0
	.quad	rom_secrets_page, rom_image_size_above_hob
	.long	TDVF_SECTION_TEMP_MEM, 0
tdvf_end:

	.balign	8
gdt:
	.quad	0
	.quad	0x00cf9b000000ffff	/* SEL_ROM_CODE32 */
	.quad	0x00cf93000000ffff	/* SEL_ROM_DATA */
gdt_pointer:
	.short	. - gdt - 1
	.long	gdt

/*
 * Other processors of an SEV-ES guest start here at their first SIPI; of an SNP guest when the host
 * lets them run in their first state, for which nobody asks. Who finds no gate open waits to be
 * started again, where the host knows how, or is lost.
 */
	.code16
reset_ap16:
	cli
	lgdtl	%cs:REAL(gdt_pointer)
	movl	$(CR0_PE | CR0_ET | CR0_NE), %eax
	movl	%eax, %cr0
	ljmpl	$SEL_ROM_CODE32, $ap32
	.code32
ap32:
	movl	$SEL_ROM_DATA, %eax
	movl	%eax, %ds
	cmpl	$ROM_GATE_OPEN_LOW, rom_ap_gate
	jne	1f
	cmpl	$ROM_GATE_OPEN_HIGH, rom_ap_gate + 4
	jne	1f
	movl	$rom_ap_entry32, %eax
	jmp	*%eax
1:	movl	$MSR_GHCB, %ecx
	movl	$GHCB_MSR_SEV_INFO_REQ, %eax
	xorl	%edx, %edx
	wrmsr
	rep; vmmcall			/* VMGEXIT */
	rdmsr
	shrl	$16, %edx
	cmpl	$2, %edx		/* in version 1 a hold needs a page: GHCB 2.3.1 */
	jb	2f
	movl	$GHCB_MSR_AP_RESET_HOLD_REQ, %eax
	xorl	%edx, %edx
	wrmsr
	rep; vmmcall
	jmp	ap32
2:	hlt				/* for good */
	jmp	2b

/* Everyone but a TD. Caching is off after a reset. */
	.code16
reset16:
	cli
	lgdtl	%cs:REAL(gdt_pointer)
	movl	$(CR0_PE | CR0_ET | CR0_NE), %eax
	movl	%eax, %cr0
	xorl	%ebx, %ebx
	xorl	%esi, %esi
	xorl	%ebp, %ebp		/* no TD */
	ljmpl	$SEL_ROM_CODE32, $start32

/* A TD comes directly, all its processors at once: ESI = number, EBX = address width. */
	.code32
reset32:
	cli
	movl	$1, %ebp
	lgdt	gdt_pointer
	ljmp	$SEL_ROM_CODE32, $start32
start32:
	movl	$SEL_ROM_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	cld
	testl	%esi, %esi
	jnz	wait
	movl	$rom_start, %esi
	movl	$rom_image_start, %edi
	movl	$(rom_file_size_words), %ecx
	rep; movsl
	xorl	%eax, %eax		/* no host's promise of zeroes counts */
	movl	$rom_bss_size_words_below_launch, %ecx
	rep; stosl
	movl	$rom_launch_end, %edi
	movl	$rom_bss_size_words_above_launch, %ecx
	rep; stosl
	testl	%ebp, %ebp		/* elsewhere a write may be a flash command */
	jz	enter
	movl	$1, td_ready
enter:
	movl	$rom_entry32, %eax
	jmp	*%eax			/* EBX as it was */

/*
 * A TD's other processors wait until the image is there, then at its mailbox, which is ACPI's but
 * for two things: their number is what it calls the APIC id, and they come as they are, without
 * paging.
 */
wait:
	pause
	cmpl	$0, td_ready
	je	wait
	cmpw	$MAILBOX_COMMAND_WAKEUP, rom_ap_mailbox + MAILBOX_COMMAND
	jne	wait
	cmpl	%esi, rom_ap_mailbox + MAILBOX_APIC_ID
	jne	wait
	movl	rom_ap_mailbox + MAILBOX_VECTOR, %eax
	movw	$MAILBOX_COMMAND_NOOP, rom_ap_mailbox + MAILBOX_COMMAND
	jmp	*%eax

	.balign	4
td_ready:
	.long	0			/* measured */

/* Entries are found from the end backwards. */
	.org	PAGE_SIZE - FIRMWARE_TABLE_END - TABLE_SIZE
table:
	.long	BEFORE_END(tdvf_descriptor)
	.short	FIRMWARE_ENTRY_SIZE(4)
	GUID	GUID_TDX_METADATA
	.long	BEFORE_END(sev_metadata)
	.short	FIRMWARE_ENTRY_SIZE(4)
	GUID	GUID_SEV_METADATA
	.long	reset_ap16
	.short	FIRMWARE_ENTRY_SIZE(4)
	GUID	GUID_SEV_ES_RESET
	.short	TABLE_SIZE
	GUID	GUID_TABLE_FOOTER
	.org	PAGE_SIZE - FIRMWARE_TABLE_END

/* The first two instructions are the same in 16-bit and 32-bit mode; neither exits. */
	.org	PAGE_SIZE - 16
	.code16
	movl	%cr0, %eax
	testb	$CR0_PE, %al
	jz	1f
	.code32
	jmp	reset32
	.code16
1:	jmp	reset16
	.org	PAGE_SIZE
