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
