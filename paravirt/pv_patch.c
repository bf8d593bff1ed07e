/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two passes: which sites, which table, what is short enough to be inlined.
 */
#include "paravirt/pv_patch.h"

#include "lib/log.h"
#include "lib/panic.h"
#include "paravirt/hypercall.h"
#include "paravirt/pv_ops.h"

/* kernel/postern.ld */
extern const char __text_start[], __text_end[];
extern const struct alt_site __alt_sites_start[], __alt_sites_end[];
extern const struct alt_site __pv_sites_start[], __pv_sites_end[];

struct alt_counts pv_patch_early_counts __ro_after_init;
struct alt_counts pv_patch_counts __ro_after_init;

#define BODY(function, is_nop, ...)                                                                \
	{                                                                                          \
		.target = (u64)(uintptr_t)(function), .nop = (is_nop),                             \
		.size = sizeof((u8[]){ __VA_ARGS__ }), .bytes = {                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

/* The text is patched where it runs: one 8-byte store, which an interrupt cannot split. */
static void store(void *at, const void *bytes, size_t size)
{
	CHECK(size == sizeof(u64));
	*(volatile u64 *)at = *(const u64 *)bytes;
}

static void run(const struct alt_site *first, const struct alt_site *end, alt_write_t write,
		struct alt_counts *counts)
{
	const struct alt_inline bodies[] = {
		BODY(hypercall_vmmcall, false, 0x0f, 0x01, 0xd9),
		BODY(hypercall_vmcall, false, 0x0f, 0x01, 0xc1),
		BODY(pv_return_zero, true, 0x31, 0xc0), /* xor %eax, %eax */
		{ .target = (u64)(uintptr_t)pv_nop, .nop = true },
	};
	const struct alt_pass pass = {
		.table = (u64)(uintptr_t)&pv_ops,
		.table_size = sizeof(pv_ops),
		.text_start = (u64)(uintptr_t)__text_start,
		.text_end = (u64)(uintptr_t)__text_end,
		.inlines = bodies,
		.inline_count = array_count(bodies),
		.write = write,
	};
	struct alt_error error;
	u64 flags = irq_save();

	if (alt_apply(first, end, &pass, counts, &error))
		panic("alternatives: %s: %#lx holds %02x %02x %02x %02x %02x %02x", error.what,
		      error.address, error.bytes[0], error.bytes[1], error.bytes[2], error.bytes[3],
		      error.bytes[4], error.bytes[5]);
	write_cr2(read_cr2()); /* serialises (APM2 7.6.4) without being an exit, as CPUID is */
	irq_restore(flags);
}

void pv_patch_early(void)
{
	run(__alt_sites_start, __alt_sites_end, store, &pv_patch_early_counts);
	log_info("alternatives: early pass: %u sites", pv_patch_early_counts.sites);
}

void pv_patch(alt_write_t write)
{
	run(__pv_sites_start, __pv_sites_end, write, &pv_patch_counts);
	log_info("alternatives: full pass: %u calls direct, %u nops", pv_patch_counts.calls,
		 pv_patch_counts.nops);
}
