/* SPDX-License-Identifier: Apache-2.0 */
/*
 * early/trap.c with a #UD handler before it (tdx-fake.h).
 */
#define trap_set_handler trap_set_handler_of_guest
#define trap_is_early    trap_is_early_of_guest
#define trap_init        trap_init_of_guest
#include "early/trap.c"
#undef trap_set_handler
#undef trap_is_early
#undef trap_init

#include "lib/string.h"
#include "tdx-fake.h"

void (*tdx_fake)(struct trap_frame *frame);

static trap_handler_t handler_of_guest;

void trap_set_handler(trap_handler_t handler);
bool trap_is_early(void);
void trap_init(void);

__attribute__((weak)) void tdx_fake_start(void) {}

static void fake_handler(struct trap_frame *frame)
{
	static const u8 tdcall_bytes[] = { 0x66, 0x0f, 0x01, 0xcc };

	if (frame->vector == VEC_UD && tdx_fake &&
	    !memcmp((const void *)(uintptr_t)frame->rip, tdcall_bytes, sizeof(tdcall_bytes))) {
		tdx_fake(frame);
		if (frame->vector == VEC_UD) {
			frame->rip += sizeof(tdcall_bytes);
			return;
		}
	}
	handler_of_guest(frame);
}

void trap_set_handler(trap_handler_t handler) { handler_of_guest = handler; }

bool trap_is_early(void) { return handler_of_guest == early_trap; }

void trap_init(void)
{
	trap_init_of_guest();
	handler_of_guest = trap_handler;
	trap_handler = fake_handler;
	tdx_fake_start();
}
