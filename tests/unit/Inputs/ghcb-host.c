/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See ghcb-host.h.
 */
#include "ghcb-host.h"

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "early/fatal.h"
#include "early/ghcb_msr.h"
#include "early/memory_map.h"
#include "early/platform.h"
#include "lib/addr.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "paravirt/ghcb.h"
#include "paravirt/visibility.h"

u64 (*host_msr)(u64 request) = host_msr_default;
void (*host_page)(struct ghcb *ghcb);
u32 (*host_pvalidate)(u64 address, u32 size, u32 validate, bool *unchanged);
unsigned int host_page_exits, host_msr_exits;
bool host_irqs_on = true, host_shares_nothing;
char host_sentence[96];

struct platform platform;

static u64 ghcb_msr;
static jmp_buf terminated;
static bool may_terminate;

u64 fake_rdmsr(u32 msr)
{
	assert(msr == MSR_GHCB);
	return ghcb_msr;
}

void fake_wrmsr(u32 msr, u64 value)
{
	assert(msr == MSR_GHCB);
	ghcb_msr = value;
}

void fake_vmgexit(void)
{
	if (ghcb_msr_info(ghcb_msr) == GHCB_MSR_TERMINATE_REQ) {
		assert(may_terminate);
		longjmp(terminated, (int)bits_get(ghcb_msr, 23, 16) + 1);
	}
	assert(!host_irqs_on);
	if (ghcb_msr_info(ghcb_msr)) {
		host_msr_exits++;
		ghcb_msr = host_msr(ghcb_msr);
		return;
	}
	host_page_exits++;
	host_page((struct ghcb *)(uintptr_t)ghcb_msr);
}

u32 fake_pvalidate(u64 address, u32 size, u32 validate, bool *unchanged)
{
	return host_pvalidate(address, size, validate, unchanged);
}

u64 fake_irq_save(void)
{
	u64 flags = host_irqs_on ? RFLAGS_IF : 0;

	host_irqs_on = false;
	return flags;
}

void fake_irq_restore(u64 flags) { host_irqs_on = flags & RFLAGS_IF; }

void fake_nothing(void) {}

u64 fake_read_cr4(void) { return 0; }

int early_set_memory_decrypted(va_t start, u64 page_count)
{
	/* Newly shared memory holds anything. */
	memset(va_ptr(start), 0xa5, page_count * PAGE_SIZE);
	return 0;
}

noreturn_t fatal(unsigned int reason, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(host_sentence, sizeof(host_sentence), fmt, args);
	va_end(args);
	ghcb_msr_terminate(GHCB_TERM_SET_POSTERN, reason);
}

/* The real one is tests/guest's; here one range at a time is claimed. */
static u64 claimed;

int visibility_share(va_t start, u64 page_count, const char *user, visibility_setter_t share)
{
	int error = host_shares_nothing ? -E_IO : share(start, page_count);

	(void)user;
	if (error)
		return error;
	memset(va_ptr(start), 0, page_count * PAGE_SIZE);
	claimed = start.value;
	return 0;
}

int visibility_unshare(va_t start, u64 page_count, visibility_setter_t unshare)
{
	int error = claimed == start.value ? unshare(start, page_count) : 0;

	claimed = error ? claimed : 0;
	return error;
}

/* No RAM, unless a test has the real map. */
__attribute__((weak)) bool memory_map_is_ours(u64 address) { return (void)address, false; }

void log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

noreturn_t panic(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	abort();
}

u64 host_msr_default(u64 request)
{
	assert(ghcb_msr_info(request) == GHCB_MSR_REGISTER_GPA_REQ);
	return (request & GHCB_MSR_GPA_MASK) | GHCB_MSR_REGISTER_GPA_RESP;
}

bool host_is_valid(const struct ghcb *g, unsigned int bit)
{
	return g->save.valid_bitmap[bit / 8] & 1 << bit % 8;
}

void host_answer(struct ghcb *g, u64 info1, u64 info2)
{
	memset(g->save.valid_bitmap, 0, sizeof(g->save.valid_bitmap));
	host_set(g, sw_exit_info_1, info1);
	host_set(g, sw_exit_info_2, info2);
}

int host_terminates(void (*body)(void))
{
	u64 before = ghcb_msr;
	int code = setjmp(terminated);

	may_terminate = true;
	if (!code)
		body();
	may_terminate = false;
	ghcb_msr = before;
	host_irqs_on = true;
	return code - 1;
}

void host_setup(void)
{
	ghcb_setup();
	assert(ghcb_is_ready() && !ghcb_msr_info(ghcb_msr));
}
