/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The linker script's symbols: page-aligned starts, ends of any alignment.
 */
#pragma once

#include "abi/bits.h"
#include "lib/addr.h"
#include "lib/compiler.h"

struct image_part {
	u64 start;
	u64 end; /* of its last page */
};

#define IMAGE_PART(name)                                                                           \
	extern const char __##name##_start[], __##name##_end[];                                    \
	static inline struct image_part image_##name(void)                                         \
	{                                                                                          \
		return (struct image_part){                                                        \
			va_of(__##name##_start).value,                                             \
			align_up(va_of(__##name##_end).value, (u64)PAGE_SIZE),                     \
		};                                                                                 \
	}

IMAGE_PART(image)
IMAGE_PART(text)
IMAGE_PART(rodata)
IMAGE_PART(ro_after_init)
/* An unmapped page lies before and behind each of these. */
IMAGE_PART(shared)
IMAGE_PART(guarded)
