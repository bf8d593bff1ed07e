/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Physical and virtual addresses as types that cannot be mixed. Both programs run identity
 * mapped, so a conversion changes no number, but it is always a named one.
 */
#pragma once

#include "abi/bits.h"

typedef struct {
	u64 value;
} pa_t;

typedef struct {
	u64 value;
} va_t;

static inline pa_t pa(u64 value) { return (pa_t){ value }; }
static inline va_t va(u64 value) { return (va_t){ value }; }
static inline va_t va_of(const volatile void *p) { return (va_t){ (u64)(uintptr_t)p }; }
static inline void *va_ptr(va_t v) { return (void *)(uintptr_t)v.value; }

/* The identity map of physical memory, which early tables and final tables both have. */
static inline va_t pa_to_va(pa_t p) { return (va_t){ p.value }; }
static inline pa_t va_to_pa(va_t v) { return (pa_t){ v.value }; }
static inline void *pa_ptr(pa_t p) { return (void *)(uintptr_t)p.value; }
static inline pa_t pa_of(const volatile void *p) { return (pa_t){ (u64)(uintptr_t)p }; }
