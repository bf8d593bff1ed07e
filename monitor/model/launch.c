/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Start states and the secrets page: see launch.h.
 */
#include "monitor/model/launch.h"
#include "abi/linux_boot.h"
#include "abi/x86.h"
#include "lib/string.h"

/* Reset values: APM2 table 14-1 */
#define PAT_RESET     U64_C(0x0007040600070406)
#define DR6_RESET     0xffff0ff0
#define DR7_RESET     0x00000400
#define CR0_RESET     (CR0_CD | CR0_NW | CR0_ET)
#define XCR0_RESET    1
#define ATTRIB_CODE16 0x009b
#define ATTRIB_DATA16 0x0093
#define ATTRIB_TSS32  0x008b
#define LIMIT_16      0xffff
#define LIMIT_FLAT    0xffffffff

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
	vmsa->tr = (struct vmcb_seg){ .attrib = ATTRIB_TSS32, .limit = LIMIT_16 };
	vmsa->gdtr.limit = LIMIT_16;
	vmsa->idtr.limit = LIMIT_16;
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
	vmsa->tr.limit = 0x67;
	vmsa->gdtr.limit = 0;
	vmsa->idtr.limit = 0;
	vmsa->cr0 = CR0_PE | CR0_ET;
	vmsa->rip = entry;
	vmsa->rbx = start_info;
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

void launch_vmsa_sipi(struct vmsa *vmsa, u8 vector)
{
	set_reset(vmsa);
	vmsa->cs = (struct vmcb_seg){ .selector = (u16)(vector << 8),
				      .attrib = ATTRIB_CODE16,
				      .limit = LIMIT_16,
				      .base = (u64)vector << PAGE_SHIFT };
	set_data_segments(vmsa, (struct vmcb_seg){ .attrib = ATTRIB_DATA16, .limit = LIMIT_16 });
	vmsa->cr0 = CR0_RESET;
}

const char *launch_vmsa_refusal(const struct vmsa *vmsa, u64 sev_features)
{
	bool enters_long = vmsa->efer & EFER_LME && vmsa->cr0 & CR0_PG;

	if (!(vmsa->efer & EFER_SVME))
		return "EFER.SVME is clear";
	if (vmsa->sev_features != sev_features)
		return "SEV_FEATURES differ from the launched processor's";
	if (vmsa->vmpl)
		return "its VMPL is not 0";
	if (vmsa->cr0 & CR0_NW && !(vmsa->cr0 & CR0_CD))
		return "CR0.NW is set without CR0.CD";
	if (vmsa->cr0 >> 32 || vmsa->cr4 >> 32 || vmsa->dr6 >> 32 || vmsa->dr7 >> 32)
		return "a control or debug register has high bits set";
	if (enters_long && !(vmsa->cr4 & CR4_PAE))
		return "long mode without CR4.PAE";
	if (enters_long && !(vmsa->cr0 & CR0_PE))
		return "long mode without CR0.PE";
	if (enters_long && (vmsa->cs.attrib & SEG_ATTRIB_L) && (vmsa->cs.attrib & SEG_ATTRIB_D))
		return "CS has both L and D";
	return NULL;
}

void launch_secrets(struct snp_secrets_page *page, u32 fms, const u8 *keys)
{
	memset(page, 0, sizeof(*page));
	page->version = SECRETS_VERSION;
	page->fms = fms;
	memcpy(page->vmpck, keys, sizeof(page->vmpck));
}
