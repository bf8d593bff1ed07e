/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state in which a processor of the guest starts, and the secrets page.
 * Spec: APM2 14.1 (reset), PVH and LINUX-BOOT (entry states), SNP-FW (secrets page).
 */
#pragma once

#include "abi/sev.h"
#include "abi/vmcb.h"

/* 32-bit protected mode, flat, paging off, at @entry with EBX = @start_info. */
void launch_vmsa_pvh(struct vmsa *vmsa, u64 entry, u64 start_info);

/*
 * The processor's reset state as KVM sets it for an SEV-ES or SNP guest, at @start: 0xfffffff0 for
 * the first processor. @signature: CPUID 1 EAX, in RDX.
 */
void launch_vmsa_reset(struct vmsa *vmsa, u32 start, u32 signature);

/* Real mode at @vector << 12, as after INIT and SIPI. */
void launch_vmsa_sipi(struct vmsa *vmsa, u8 vector, u32 signature);

/*
 * 64-bit mode at @entry with RSI = @boot_params, CR3 = @cr3 (with C-bit as the caller has it), and
 * a GDT at @gdt with code at 0x10 and data at 0x18. NX is off, as a loader leaves it.
 */
void launch_vmsa_linux(struct vmsa *vmsa, u64 entry, u64 boot_params, u64 cr3, u64 gdt);

/* @keys: VMPL_COUNT * SNP_VMPCK_SIZE bytes; VMPL 0 is the guest's. @fms: CPUID 1 EAX. */
void launch_secrets(struct snp_secrets_page *page, u32 fms, const u8 *keys);
