/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names for the compiler's attributes, spelt as newlib spells them, and the sections that mm gives
 * special treatment.
 */
#pragma once

#define noreturn_t             __attribute__((noreturn)) void
#define printf_like(fmt, args) __attribute__((format(printf, fmt, args)))
#define __aligned_page         __attribute__((aligned(4096)))
#define __packed               __attribute__((__packed__))
#define __used                 __attribute__((__used__))
#define __unused               __attribute__((__unused__))
#define __cold                 __attribute__((cold, noinline))

/* Fixed at boot, then sealed read-only by mm. */
#define __ro_after_init __attribute__((section(".data.ro_after_init")))
/* Alone between two pages that are not mapped. */
#define __guarded __attribute__((section(".guarded"), aligned(4096)))
/* Pages that the host must see: page-sized and page-aligned objects only, nothing else in them. */
#define __shared_page __attribute__((section(".shared"), aligned(4096)))

#define array_count(a) (sizeof(a) / sizeof((a)[0]))
/* clang-format off */
#define align_down(x, a) ((x) & ~((typeof(x))(a) - 1))
#define align_up(x, a)   align_down((x) + ((a) - 1), (a))
#define is_aligned(x, a) (((x) & ((typeof(x))(a) - 1)) == 0)
/* clang-format on */

#define READ_ONCE(x)     (*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile typeof(x) *)&(x) = (v))
#define barrier()        __asm__ volatile("" ::: "memory")
/* A constant that stays in its register, where the compiler would load it anew at each use. */
#define hide_value(variable) __asm__("" : "+r"(variable))
