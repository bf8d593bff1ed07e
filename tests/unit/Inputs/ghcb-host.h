/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's way to its hypervisor, natively: included before the guest's own sources, it turns
 * the privileged instructions into calls of ghcb-host.c, where a test plays the hypervisor.
 */
#pragma once

#include "abi/ghcb.h"
#include "lib/cpu.h"
#include "lib/irq.h"

u64 fake_rdmsr(u32 msr);
void fake_wrmsr(u32 msr, u64 value);
void fake_vmgexit(void);
u32 fake_pvalidate(u64 address, u32 size, u32 validate, bool *unchanged);
u64 fake_irq_save(void);
void fake_irq_restore(u64 flags);
void fake_nothing(void);
u64 fake_read_cr4(void);

#define rdmsr             fake_rdmsr
#define read_gs32(offset) 0U /* the boot processor */
#define wrmsr             fake_wrmsr
#define vmgexit           fake_vmgexit
#define pvalidate         fake_pvalidate
#define irq_save          fake_irq_save
#define irq_restore       fake_irq_restore
#define cli               fake_nothing
#define hlt               fake_nothing
#define read_cr4          fake_read_cr4

/* What the test is: a request by MSR (returns the response), by page, and PVALIDATE. */
extern u64 (*host_msr)(u64 request);
extern void (*host_page)(struct ghcb *ghcb);
extern u32 (*host_pvalidate)(u64 address, u32 size, u32 validate, bool *unchanged);

extern unsigned int host_page_exits, host_msr_exits;
extern bool host_irqs_on;

/* Answers that every hypervisor has: registers any GHCB. */
u64 host_msr_default(u64 request);
/* Sets a field of the answer, valid. */
#define host_set(g, field, value)                                                                  \
	do {                                                                                       \
		(g)->save.field = (value);                                                         \
		(g)->save.valid_bitmap[GHCB_VALID_BIT(field) / 8] |=                               \
			(u8)(1 << GHCB_VALID_BIT(field) % 8);                                      \
	} while (0)
bool host_is_valid(const struct ghcb *g, unsigned int bit);
/* Nothing valid but the two words of the answer. */
void host_answer(struct ghcb *g, u64 info1, u64 info2);

/* Runs @body: -1, or the reason code by which the guest terminated itself. */
int host_terminates(void (*body)(void));
/* No page can be shared any more. */
extern bool host_shares_nothing;

/* What fatal() said last. */
extern char host_sentence[96];

/* A GHCB like after boot. */
void host_setup(void);
