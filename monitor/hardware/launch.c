/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Start states and the secrets page: see launch.h.
 */
#include "monitor/hardware/launch.h"
#include "abi/linux_boot.h"
#include "abi/x86.h"
#include "lib/string.h"

/* Reset values: APM2 table 14-1 */
#define PAT_RESET    U64_C(0x0007040600070406)
#define DR6_RESET    0xffff0ff0
#define DR7_RESET    0x00000400
#define XCR0_RESET   1
#define MXCSR_RESET  0x1f80
#define FCW_INIT     0x037f
#define RESET_CS     0xf000
#define ATTRIB_TSS32 0x008b
#define LIMIT_16     0xffff
#define LIMIT_TSS    0x67 /* the least that a TSS has: PVH */
#define LIMIT_FLAT   0xffffffff

#define SECRETS_VERSION 3

static void set_data_segments(struct vmsa *vmsa, struct vmcb_seg segment)
{
	vmsa->es = segment;
	vmsa->ss = segment;
	vmsa->ds = segment;
	vmsa->fs = segment;
	vmsa->gs = segment;
}

static void set_reset(struct vmsa *vmsa)
{
	memset(vmsa, 0, sizeof(*vmsa));
	vmsa->rflags = RFLAGS_FIXED;
	vmsa->dr6 = DR6_RESET;
	vmsa->dr7 = DR7_RESET;
	vmsa->g_pat = PAT_RESET;
	vmsa->xcr0 = XCR0_RESET;
	vmsa->ldtr = (struct vmcb_seg){ .attrib = SEG_ATTRIB_LDT, .limit = LIMIT_16 };
	vmsa->tr = (struct vmcb_seg){ .attrib = ATTRIB_TSS32, .limit = LIMIT_TSS };
}

void launch_vmsa_pvh(struct vmsa *vmsa, u64 entry, u64 start_info)
{
	set_reset(vmsa);
	vmsa->cs = (struct vmcb_seg){ .selector = LINUX_BOOT_CS,
				      .attrib = SEG_ATTRIB_CODE32,
				      .limit = LIMIT_FLAT };
	set_data_segments(vmsa, (struct vmcb_seg){ .selector = LINUX_BOOT_DS,
						   .attrib = SEG_ATTRIB_DATA,
						   .limit = LIMIT_FLAT });
	vmsa->cr0 = CR0_PE | CR0_ET;
	vmsa->rip = entry;
	vmsa->rbx = start_info;
}

void launch_vmsa_reset(struct vmsa *vmsa, u32 start, u32 signature)
{
	const struct vmcb_seg table = { .limit = LIMIT_16 };

	set_reset(vmsa);
	vmsa->cs = (struct vmcb_seg){ .selector = RESET_CS,
				      .attrib = SEG_ATTRIB_CODE16,
				      .limit = LIMIT_16,
				      .base = start & 0xffff0000 };
	set_data_segments(vmsa,
			  (struct vmcb_seg){ .attrib = SEG_ATTRIB_DATA16, .limit = LIMIT_16 });
	vmsa->gdtr = vmsa->idtr = table;
	vmsa->tr.limit = LIMIT_16;
	vmsa->cr0 = CR0_ET;
	vmsa->cr4 = CR4_MCE;
	vmsa->efer = EFER_SVME;
	vmsa->rip = start & 0xffff;
	vmsa->rdx = signature;
	vmsa->mxcsr = MXCSR_RESET;
	vmsa->x87_fcw = FCW_INIT;
}

void launch_vmsa_sipi(struct vmsa *vmsa, u8 vector, u32 signature)
{
	launch_vmsa_reset(vmsa, 0, signature);
	vmsa->cs.selector = (u16)(vector << 8);
	vmsa->cs.base = (u64)vector << PAGE_SHIFT;
	vmsa->cr0 = CR0_ET | CR0_CD | CR0_NW;
	vmsa->cr4 = 0;
}

void launch_vmsa_linux(struct vmsa *vmsa, u64 entry, u64 boot_params, u64 cr3, u64 gdt)
{
	launch_vmsa_pvh(vmsa, entry, 0);
	vmsa->cs.attrib = SEG_ATTRIB_CODE64;
	vmsa->gdtr.base = gdt;
	vmsa->gdtr.limit = LINUX_BOOT_DS + 8 - 1;
	vmsa->cr0 = CR0_PE | CR0_ET | CR0_NE | CR0_WP | CR0_PG;
	vmsa->cr4 = CR4_PAE;
	vmsa->cr3 = cr3;
	vmsa->efer = EFER_LME | EFER_LMA;
	vmsa->rsi = boot_params;
}

void launch_secrets(struct snp_secrets_page *page, u32 fms, const u8 *keys)
{
	memset(page, 0, sizeof(*page));
	page->version = SECRETS_VERSION;
	page->fms = fms;
	memcpy(page->vmpck, keys, sizeof(page->vmpck));
}
