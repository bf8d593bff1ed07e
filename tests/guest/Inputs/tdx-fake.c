/* SPDX-License-Identifier: Apache-2.0 */
/*
 * early/trap.c with a #UD handler before it (tdx-fake.h).
 */
#define trap_dispatch trap_dispatch_of_guest
#define trap_init     trap_init_of_guest
#include "early/trap.c"
#undef trap_dispatch
#undef trap_init

#include "lib/string.h"
#include "tdx-fake.h"

void (*tdx_fake)(struct trap_frame *frame);

void trap_dispatch(struct trap_frame *frame);
void trap_init(void);

__attribute__((weak)) void tdx_fake_start(void) {}

void trap_dispatch(struct trap_frame *frame)
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
	trap_dispatch_of_guest(frame);
}

void trap_init(void)
{
	trap_init_of_guest();
	tdx_fake_start();
}
