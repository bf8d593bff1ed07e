/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The passes: which sites, which table, what is short enough to be inlined.
 */
#include "lib/irq.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "paravirt/pv_ops.h"

/* kernel/postern.ld */
extern const char __text_start[], __text_end[];
extern const struct alt_site __alt_sites_start[], __alt_sites_end[];
extern const struct alt_site __pv_sites_start[], __pv_sites_end[];

struct alt_counts pv_patch_early_counts __ro_after_init;
struct alt_counts pv_patch_counts __ro_after_init;

/* What the hypercall sites are patched to; 0: they have their default bytes. */
static u64 patched_hypercall __ro_after_init;

#define BODY(function, is_nop, ...)                                                                \
	{                                                                                          \
		.target = (u64)(uintptr_t)(function), .nop = (is_nop),                             \
		.size = sizeof((u8[]){ __VA_ARGS__ }), .bytes = {                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

/* The text is patched where it runs: one 8-byte store, which an interrupt cannot split. */
static void store_word(void *at, const void *bytes, size_t size)
{
	CHECK(size == sizeof(u64));
	*(volatile u64 *)at = *(const u64 *)bytes;
}

static const struct alt_inline bodies[] = {
	BODY(hypercall_vmmcall, false, 0x0f, 0x01, 0xd9),
	BODY(hypercall_vmcall, false, 0x0f, 0x01, 0xc1),
	BODY(pv_return_zero, true, 0x31, 0xc0), /* xor %eax, %eax */
	{ .target = (u64)(uintptr_t)pv_nop, .nop = true },
};

static struct alt_pass pass_by(alt_write_t write)
{
	return (struct alt_pass){
		.table = (u64)(uintptr_t)&pv_ops,
		.table_size = sizeof(pv_ops),
		.text_start = (u64)(uintptr_t)__text_start,
		.text_end = (u64)(uintptr_t)__text_end,
		.inlines = bodies,
		.inline_count = array_count(bodies),
		.write = write,
	};
}

/* Ends a pass, which began with irq_save(). */
static void finish_pass(int rc, const struct alt_error *error, u64 flags)
{
	if (rc)
		panic("alternatives: %s: %#lx holds %02x %02x %02x %02x %02x %02x", error->what,
		      error->address, error->bytes[0], error->bytes[1], error->bytes[2],
		      error->bytes[3], error->bytes[4], error->bytes[5]);
	write_cr2(read_cr2()); /* serialises (APM2 7.6.4) without being an exit, as CPUID is */
	irq_restore(flags);
}

static void run_pass(const struct alt_site *first, const struct alt_site *end, alt_write_t write,
		     struct alt_counts *counts)
{
	const struct alt_pass pass = pass_by(write);
	struct alt_error error;
	u64 flags = irq_save();

	finish_pass(alt_apply(first, end, &pass, counts, &error), &error, flags);
}

static void revert_hypercalls(alt_write_t write)
{
	const struct alt_pass pass = pass_by(write);
	struct alt_error error;
	u64 flags = irq_save();

	finish_pass(alt_revert(__alt_sites_start, __alt_sites_end, &pass,
			       (u64)(uintptr_t)&pv_ops.hypercall, patched_hypercall, &error),
		    &error, flags);
}

void pv_patch_hypercalls(alt_write_t write)
{
	pv_patch_early_counts = (struct alt_counts){ 0 };
	run_pass(__alt_sites_start, __alt_sites_end, write, &pv_patch_early_counts);
	patched_hypercall = (u64)(uintptr_t)pv_ops.hypercall;
}

void pv_patch_early(void) { pv_patch_hypercalls(store_word); }

/* Where the table in force is no longer the one of the early pass. */
static void follow_table(alt_write_t write)
{
	if (!patched_hypercall || patched_hypercall == (u64)(uintptr_t)pv_ops.hypercall)
		return;
	revert_hypercalls(write);
	pv_patch_hypercalls(write);
	log_info("alternatives: %u hypercall sites now follow platform %s",
		 pv_patch_early_counts.sites, pv_ops.name);
}

void pv_patch(alt_write_t write)
{
	follow_table(write);
	run_pass(__pv_sites_start, __pv_sites_end, write, &pv_patch_counts);
	log_info("alternatives: %u hypercalls, %u calls direct, %u nops",
		 pv_patch_early_counts.sites, pv_patch_counts.calls, pv_patch_counts.nops);
}
