/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the assembly entries leave behind. C and assembly.
 */
#pragma once

#include "abi/bits.h"

#define HOST_CS         0x08
#define HOST_DS         0x10
#define HOST_CS32       0x18
#define HOST_STACK_SIZE 0x4000
/*
 * The first 512 GiB of memory once more, in the last entry of each upper level, so that the address
 * is the same with four levels and five: for page 0, whose own address is NULL.
 */
#define HOST_ALIAS       0xffffff8000000000
#define HOST_ALIAS_ENTRY 511

#ifndef __ASSEMBLER__
/* Levels of the monitor's own page tables, and therefore of nested ones: 4 or 5. */
extern u32 host_levels;
/* The tables; the root is one of the first two. */
extern u64 host_pml5[], host_pml4[];
extern u32 host_root;

extern const u64 host_gdt[];

/* Memory at physical address @at, which may be 0. */
static inline void *host_pointer(u64 at) { return (void *)(at < PAGE_SIZE ? HOST_ALIAS + at : at); }

/* The image, where it is. */
extern u8 monitor_start[], monitor_end[];

/* Where the loader put the image. @magic tells which loader @info is from. */
void monitor_first(u32 magic, u64 info);
/* On to the moved image, which is @distance away: monitor_main(). */
void entry_leave(u64 distance) __attribute__((noreturn));
void monitor_main(void);
#endif
