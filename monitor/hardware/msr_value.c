/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See msr_value.h.
 */
#include "monitor/hardware/msr_value.h"

#include "abi/x86.h"

#define MTRR_VARIABLE       0x200 /* base and mask in turn */
#define MTRR_VARIABLE_END   0x210
#define MTRR_FIXED          0x250
#define MTRR_FIXED_END      0x270
#define MTRR_TYPES          0x73 /* a bit each: UC, WC, WT, WP, WB */
#define MTRR_DEF_TYPE_KNOWN 0xcff
#define MTRR_BASE_RESERVED  0xf00
#define MTRR_MASK_RESERVED  0x7ff

/* Switches of caches and TLBs, which are ignored; and those that may be set. */
#define HWCR_IGNORED (BIT(3) | BIT(6) | BIT(8))
#define HWCR_KNOWN   (BIT(18) | BIT(24))

#define DE_CFG_LFENCE_SERIALIZES BIT(1)

#define LINEAR_BITS 48
#define PAT_TYPES   0xf3 /* a bit each: UC, WC, WT, WP, WB, UC- */

#define XCR0_X87    BIT(0)
#define XCR0_SSE    BIT(1)
#define XCR0_AVX    BIT(2)
#define XCR0_MPX    (BIT(3) | BIT(4))
#define XCR0_AVX512 (BIT(5) | BIT(6) | BIT(7))
#define XCR0_TILE   (BIT(17) | BIT(18))

static bool is_type(u64 value) { return value < 8 && MTRR_TYPES & BIT(value); }

static bool are_types(u64 value)
{
	for (unsigned int i = 0; i < 64; i += 8)
		if (!is_type(value >> i & 0xff))
			return false;
	return true;
}

static bool is_variable(u32 msr, unsigned int address_bits, u64 value)
{
	u64 reserved = ~bits_mask(address_bits);

	if (msr & 1)
		return !(value & (reserved | MTRR_MASK_RESERVED));
	return is_type(value & 0xff) && !(value & (reserved | MTRR_BASE_RESERVED));
}

bool msr_value_take(u32 msr, unsigned int address_bits, u64 *value)
{
	if (msr >= MTRR_VARIABLE && msr < MTRR_VARIABLE_END)
		return is_variable(msr, address_bits, *value);
	if (msr >= MTRR_FIXED && msr < MTRR_FIXED_END)
		return are_types(*value);
	switch (msr) {
	case MSR_MTRR_DEF_TYPE:
		return is_type(*value & 0xff) && !(*value & ~(u64)MTRR_DEF_TYPE_KNOWN);
	case MSR_TSC_AUX: *value = (u32)*value; return true;
	case MSR_HWCR: *value &= ~HWCR_IGNORED; return !(*value & ~HWCR_KNOWN);
	case MSR_DE_CFG: return !(*value & ~DE_CFG_LFENCE_SERIALIZES);
	case MSR_MISC_FEATURES:
	case MSR_MMIO_CONF_BASE: return !*value;
	default: return true;
	}
}

/* As KVM: a kernel may leave out bit 0 or 10 of a bank's control, for an erratum of the K8's. */
#define MC_CTL_FREE (BIT(0) | BIT(10))

bool msr_value_machine_check(u32 msr, bool open, u64 value)
{
	if (msr == MSR_MCG_CTL)
		return !value || !~value;
	if (msr < MSR_MC0_CTL || msr >= MSR_MC_END)
		return true;
	switch (msr % MSR_MC_EACH) {
	case MSR_MC0_CTL % MSR_MC_EACH: return !value || !~(value | MC_CTL_FREE);
	case MSR_MC0_STATUS % MSR_MC_EACH: return !value || open;
	default: return true;
	}
}

static bool is_canonical(u64 address)
{
	s64 high = (s64)address >> (LINEAR_BITS - 1);

	return high == 0 || high == -1;
}

static bool are_pat_types(u64 value)
{
	for (unsigned int i = 0; i < 64; i += 8)
		if ((value >> i & 0xff) > 7 || !(PAT_TYPES & BIT(value >> i & 7)))
			return false;
	return true;
}

bool msr_value_keep(u32 msr, bool is_intel, u64 *value)
{
	switch (msr) {
	case MSR_PAT: return are_pat_types(*value);
	case MSR_SYSENTER_ESP:
	case MSR_SYSENTER_EIP: /* AMD's SYSENTER is one of 32-bit code */
		return !is_intel || is_canonical(*value);
	case MSR_LSTAR:
	case MSR_CSTAR:
	case MSR_FS_BASE:
	case MSR_GS_BASE:
	case MSR_KERNEL_GS_BASE: return is_canonical(*value);
	case MSR_SFMASK:
		if (is_intel)
			return !(*value >> 32);
		*value = (u32)*value;
		return true;
	default: return true;
	}
}

static bool is_all_or_none(u64 xcr0, u64 bits) { return !(xcr0 & bits) || (xcr0 & bits) == bits; }

bool xcr0_is_legal(u64 xcr0, u64 supported)
{
	if (!(xcr0 & XCR0_X87) || xcr0 & ~supported)
		return false;
	if ((xcr0 & XCR0_AVX && !(xcr0 & XCR0_SSE)) || (xcr0 & XCR0_AVX512 && !(xcr0 & XCR0_AVX)))
		return false;
	return is_all_or_none(xcr0, XCR0_MPX) && is_all_or_none(xcr0, XCR0_AVX512) &&
	       is_all_or_none(xcr0, XCR0_TILE);
}
