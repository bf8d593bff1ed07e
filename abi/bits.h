/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Masks and the two helpers for fields of hardware layouts. Usable from assembly where it says so.
 */
#pragma once

#ifdef __ASSEMBLER__
#define U64_C(x) x
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#define U64_C(x) x##ULL

#define ABI_SIZE(type, size) _Static_assert(sizeof(type) == (size), #type " has a wrong size")
#define ABI_OFFSET(type, field, offset)                                                            \
	_Static_assert(offsetof(type, field) == (offset), #type "." #field " is misplaced")

/* @count low bits set; 0 <= count <= 64. */
static inline u64 bits_mask(unsigned int count)
{
	return count >= 64 ? ~U64_C(0) : (U64_C(1) << count) - 1;
}

/* The field value[high:low], shifted down. */
static inline u64 bits_get(u64 value, unsigned int high, unsigned int low)
{
	return (value >> low) & bits_mask(high - low + 1);
}

/* @field shifted to [high:low]; bits of @field that do not fit are dropped. */
static inline u64 bits_put(u64 field, unsigned int high, unsigned int low)
{
	return (field & bits_mask(high - low + 1)) << low;
}
#endif

#define BIT(n) (U64_C(1) << (n))

#define PAGE_SHIFT    12
#define PAGE_SIZE     0x1000
#define PAGE_2M_SHIFT 21
#define PAGE_2M_SIZE  0x200000
