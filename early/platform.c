/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Platform detection, by CPUID and by what the entry found: SEV_STATUS, or a TD.
 * Spec: APM3 E.4.17, KVM-CPUID, KVM-MSR.
 */
#include "early/platform.h"
#include "abi/emulation.h"
#include "abi/kvm_para.h"
#include "abi/sev.h"
#include "early/entry.h"
#include "early/tdx.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/string.h"

struct platform platform __ro_after_init;

static const struct {
	const char *name;
	bool attrs[CC_ATTR_COUNT];
} kinds[PLATFORM_COUNT] = {
	[PLATFORM_PLAIN] = { "plain", { 0 } },
	[PLATFORM_KVM] = { "kvm", { 0 } },
	[PLATFORM_KVM_PROTECTED] = { "kvm-protected", { [CC_PRIVATE_MEMORY] = true } },
	[PLATFORM_SEV] = { "sev", { [CC_PRIVATE_MEMORY] = true, [CC_MEM_ENCRYPT] = true } },
	[PLATFORM_SEV_ES] = { "sev-es",
			      { [CC_PRIVATE_MEMORY] = true,
				[CC_MEM_ENCRYPT] = true,
				[CC_STATE_ENCRYPTED] = true,
				[CC_GHCB] = true } },
	[PLATFORM_SEV_SNP] = { "snp",
			       { [CC_PRIVATE_MEMORY] = true,
				 [CC_MEM_ENCRYPT] = true,
				 [CC_STATE_ENCRYPTED] = true,
				 [CC_PAGE_STATES] = true,
				 [CC_GHCB] = true } },
	[PLATFORM_TDX] = { "tdx",
			   { [CC_PRIVATE_MEMORY] = true,
			     [CC_MEM_ENCRYPT] = true,
			     [CC_STATE_ENCRYPTED] = true,
			     [CC_PAGE_STATES] = true } },
};

static void spell(char text[13], u32 a, u32 b, u32 c)
{
	memcpy(text, &a, sizeof(a));
	memcpy(text + 4, &b, sizeof(b));
	memcpy(text + 8, &c, sizeof(c));
	text[12] = '\0';
}

/* A KVM that plays another hypervisor too has that one's leaves first, and its own behind. */
static u32 find_kvm_features(struct cpuid_regs leaf)
{
	for (u32 at = 0; KVM_CPUID_SIGNATURE + at < KVM_CPUID_END; at += KVM_CPUID_STEP) {
		if (at) /* the first is known */
			leaf = cpuid_raw(KVM_CPUID_SIGNATURE + at, 0);
		if (leaf.ebx == KVM_SIGNATURE_EBX && leaf.ecx == KVM_SIGNATURE_ECX &&
		    leaf.edx == KVM_SIGNATURE_EDX)
			return cpuid_raw(KVM_CPUID_FEATURES + at, 0).eax;
	}
	return 0;
}

static void find_hypervisor(void)
{
	struct cpuid_regs leaf;

	if (!(cpuid_raw(CPUID_FEATURES, 0).ecx & CPUID_FEATURES_ECX_HYPERVISOR))
		return;
	leaf = cpuid_raw(KVM_CPUID_SIGNATURE, 0);
	spell(platform.hypervisor, leaf.ebx, leaf.ecx, leaf.edx);
	platform.kvm_features = find_kvm_features(leaf);
	leaf = cpuid_raw(EMULATION_CPUID_SIGNATURE, 0);
	platform.emulated = leaf.ebx == EMULATION_SIGNATURE_EBX &&
			    leaf.ecx == EMULATION_SIGNATURE_ECX &&
			    leaf.edx == EMULATION_SIGNATURE_EDX;
}

/*
 * KVM-MSR: MIGRATION_CONTROL is 0 at first where memory is private. That is the host's word, as all
 * is that such a guest knows: nothing but the host keeps its memory private.
 */
static bool kvm_memory_is_private(void)
{
	const u32 both = BIT(KVM_FEATURE_HC_MAP_GPA_RANGE) | BIT(KVM_FEATURE_MIGRATION_CONTROL);
	u64 control;

	return (platform.kvm_features & both) == both &&
	       !rdmsr_safe(MSR_KVM_MIGRATION_CONTROL, &control) && !(control & KVM_MIGRATION_READY);
}

static enum platform_kind find_kind(u64 sev_status)
{
	if (entry_record.tdx)
		return PLATFORM_TDX;
	if (sev_status & SEV_STATUS_SEV_SNP)
		return PLATFORM_SEV_SNP;
	if (sev_status & SEV_STATUS_SEV_ES)
		return PLATFORM_SEV_ES;
	if (sev_status & SEV_STATUS_SEV)
		return PLATFORM_SEV;
	if (!platform.kvm_features)
		return PLATFORM_PLAIN;
	return kvm_memory_is_private() ? PLATFORM_KVM_PROTECTED : PLATFORM_KVM;
}

/* A C-bit or shared bit may lie inside the width that CPUID reports. */
static unsigned int find_address_width(void)
{
	u64 mask = platform.private_mask | platform.shared_mask;
	unsigned int width = 36, bit = mask ? (unsigned int)__builtin_ctzll(mask) : 64;

	if (cpuid_raw(CPUID_EXT_MAX, 0).eax >= CPUID_ADDRESS_SIZES)
		width = cpuid_raw(CPUID_ADDRESS_SIZES, 0).eax & 0xff;
	return bit < width ? bit : width;
}

void platform_detect(void)
{
	struct cpuid_regs vendor = cpuid_raw(CPUID_VENDOR, 0);

	spell(platform.vendor, vendor.ebx, vendor.edx, vendor.ecx);
	find_hypervisor();
	platform.kind = find_kind(entry_record.sev_status);
	platform.name = kinds[platform.kind].name;
	platform.private_mask = entry_record.private_mask;
	platform.shared_mask = tdx_info.shared_mask;
	platform.address_width = find_address_width();
}

void platform_become_plain(void)
{
	platform.kind = PLATFORM_PLAIN;
	platform.name = kinds[platform.kind].name;
	platform.kvm_features = 0;
}

bool cc_has(enum cc_attr attr) { return kinds[platform.kind].attrs[attr]; }
